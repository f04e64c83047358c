"""What a slice and a step from slice to slice say of a root's place."""

from __future__ import annotations

import numpy as np
import pytest

from SpineRootLib.tracing.course_settings import DotSettings, MotionSettings
from SpineRootLib.tracing.dots import find_dots
from SpineRootLib.tracing.fluid import FluidView
from SpineRootLib.tracing.motion import step_evidence
from SpineRootLib.tracing.slices import Patch

STEP_MM, RADIUS_MM = 0.3, 0.5


def view(places: np.ndarray, noise: float = 0.0) -> FluidView:
    """Black discs with soft edges, (k, 2) mm, in fluid."""
    axis = STEP_MM * np.arange(-15, 16)
    at = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
    pixels = np.ones(at.shape[:2])
    for place in places:
        pixels = np.minimum(pixels, 1 / (1 + np.exp((RADIUS_MM - np.linalg.norm(at - place, axis=-1)) / 0.15)))
    pixels = (0.3 + 0.7 * pixels).astype(np.float32)
    patch = Patch(pixels, STEP_MM * np.eye(2), np.full(2, axis[0]))
    return FluidView(patch, pixels, np.ones_like(pixels), noise, 0.7)


def told(places: np.ndarray, at: list[float], noise: float = 0.0) -> float:
    """What speaks for a root's middle at a place, (2,) mm."""
    settings = DotSettings()
    return float(find_dots(view(places, noise), settings).evidence(np.array([at]), settings)[0])


@pytest.mark.parametrize("apart_mm", [0.55, 0.6])
def test_in_a_mass_the_middles_of_discs_are_likelier_than_what_lies_between(apart_mm: float) -> None:
    front = apart_mm / 2
    places = np.array([[beside, side * front] for beside in (-apart_mm, 0.0, apart_mm) for side in (-1, 1)])
    middle, between, beside = [0.0, front], [0.0, 0.0], [front, front]
    # so near that none of the two in the middle is a dot of its own
    assert np.linalg.norm(find_dots(view(places), DotSettings()).flat - middle, axis=1).min() > 0.3
    assert told(places, middle) > told(places, between) + 1.2
    assert told(places, middle) > told(places, beside) + 1.2


def test_in_noise_a_pit_tells_less() -> None:
    alone = np.zeros((1, 2))
    clear, loud = (told(alone, [0.0, 0.0], noise) - told(alone, [0.3, 0.0], noise) for noise in (0.0, 0.2))
    assert clear > loud + 0.5


def test_a_step_against_all_that_moves_costs_no_more_than_one_gone_astray() -> None:
    settings, correlation = MotionSettings(), np.full((1, 25), 0.1)
    correlation[0, 3] = 1.0
    found = step_evidence(correlation, settings)[0]
    assert found[3] == pytest.approx(0.0, abs=0.2)
    assert found[12] == pytest.approx(np.log(settings.astray / 25), abs=0.01)
    # which of two neighbouring places it is is still told as the correlation tells it
    correlation[0, 4] = 0.95
    found = step_evidence(correlation, settings)[0]
    assert found[3] - found[4] == pytest.approx(0.05 * settings.gain, abs=0.05)
