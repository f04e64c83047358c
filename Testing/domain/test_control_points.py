"""Few control points that keep a closed curve."""

from __future__ import annotations

import numpy as np
import pytest

from SpineRootLib.control_points import reduce_points
from SpineRootLib.curves import closed_curve, distance_to_polygon


def drawn(seed: int, count: int = 24) -> np.ndarray:
    """A sac as a person draws it, dense, (480, 2): control points that are off by 0.1 mm."""
    angle = 2 * np.pi * np.arange(count) / count
    radius = 8.0 + np.cos(2 * angle)
    smooth = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return closed_curve(smooth + np.random.default_rng(seed).normal(0.0, 0.1, smooth.shape), 20)


def away(points: np.ndarray, outline: np.ndarray) -> float:
    curve = closed_curve(points, 20)
    return float(max(distance_to_polygon(curve, outline).max(), distance_to_polygon(outline, curve).max()))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("tolerance_mm", [0.015, 0.05, 0.2])
def test_the_curve_is_kept_with_hardly_more_points_than_a_person_needed(seed: int, tolerance_mm: float) -> None:
    outline = drawn(seed)
    points = reduce_points(outline, tolerance_mm, 8, 128)
    assert away(points, outline) < 1.1 * tolerance_mm
    assert len(points) <= (48 if tolerance_mm < 0.05 else 32)


def test_a_coarser_tolerance_takes_fewer_points() -> None:
    counts = [len(reduce_points(drawn(1), tolerance, 8, 128)) for tolerance in (0.005, 0.02, 0.08, 0.3)]
    assert counts == sorted(counts, reverse=True) and len(set(counts)) == 4


def test_the_height_of_the_slice_is_kept() -> None:
    outline = drawn(2)
    points = reduce_points(np.column_stack([outline, np.full(len(outline), 3.0)]), 0.02, 8, 128)
    np.testing.assert_allclose(points[:, :2], reduce_points(outline, 0.02, 8, 128), atol=1e-9)
    np.testing.assert_allclose(points[:, 2], 3.0, atol=1e-9)


def test_corners_are_followed_as_far_as_the_points_allow() -> None:
    side = np.linspace(0.0, 10.0, 60, endpoint=False)
    zeros, tens = np.zeros_like(side), np.full_like(side, 10.0)
    square = np.concatenate([np.column_stack(each) for each in ((side, zeros), (tens, side))])
    square = np.concatenate([square, 10.0 - square])
    points = reduce_points(square, 0.001, 12, 24)
    assert len(points) == 24
    assert away(points, square) < 0.5
