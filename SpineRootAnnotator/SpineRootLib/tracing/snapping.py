"""The dark spot under a click, and the spot of a root on the next slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from SpineRootLib.tracing.confidence import logistic
from SpineRootLib.tracing.fluid import FluidView
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.tracing.spots import Spots

# Where the surround of a root is looked at: a ring of so many places beyond its edge, mm.
_RING_MM = 1.1
_RING = np.column_stack([np.cos(np.arange(16) * np.pi / 8), np.sin(np.arange(16) * np.pi / 8)]) * _RING_MM


@dataclass(frozen=True, eq=False)
class Expectation:
    """Where a root is expected on a slice: (2,) in-plane mm, and the standard deviation in mm."""

    flat: Flat
    deviation: float


def fluid_fault(view: FluidView, place: Flat, settings: TracingSettings) -> str:
    """Why a root cannot lie at a place, (2,), or an empty text."""
    if view.fault:
        return view.fault
    around = view.patch.sample(view.relative, place + np.concatenate([_RING, 1.8 * _RING]))
    if float(np.mean(around > settings.contours.fluid_from)) < settings.spots.least_fluid:
        return "there is no fluid around this place: it lies outside of the dura"
    return ""


def nearest_spot(
    view: FluidView, spots: Spots, place: Flat, radius_mm: float, settings: TracingSettings
) -> tuple[Flat | None, float, str]:
    """The dark spot nearest to a place, (2,): its centre, confidence and the reason for none."""
    fault = fluid_fault(view, place, settings)
    if fault:
        return None, 0.0, fault
    away = np.linalg.norm(spots.flat - place, axis=1)
    near = (away <= radius_mm) & (spots.contrast >= settings.spots.least_contrast)
    if not near.any():
        return None, 0.0, _no_spot(view, place, radius_mm)
    index = int(np.argmin(np.where(near, away - 0.5 * radius_mm * np.minimum(spots.contrast, 0.6), np.inf)))
    clear = (spots.contrast[index] - settings.spots.least_contrast) / max(view.noise, 0.03)
    rivals = int(np.count_nonzero(near)) - 1
    return spots.flat[index], logistic(0.5 * clear + 1.0 - 1.5 * rivals), ""


def expected_spot(
    view: FluidView, spots: Spots, cost: Flat, expected: Expectation, taken: Sequence[Flat], settings: TracingSettings
) -> tuple[Flat | None, float, str]:
    """The dark spot that fits best to where a root is expected.

    Parameters
    ----------
    cost : (n,) what each spot costs any root.
    taken : places of other roots on this slice.
    """
    path = settings.path
    fault = fluid_fault(view, expected.flat, settings)
    if fault:
        return None, 0.0, fault
    away = np.linalg.norm(spots.flat - expected.flat, axis=1)
    total = cost + 0.5 * (away / expected.deviation) ** 2
    for place in taken:
        total = total + path.taken_cost * (np.linalg.norm(spots.flat - place, axis=1) < path.own_mm)
    if not len(total) or total.min() >= path.hidden_cost:
        return None, 0.0, "no dark spot lies where the root is expected"
    best = int(total.argmin())
    other = np.linalg.norm(spots.flat - spots.flat[best], axis=1) > path.own_mm
    margin = min(path.hidden_cost, total[other].min() if other.any() else np.inf) - total[best]
    reason = "" if margin >= 2 else "another dark spot fits nearly as well"
    return spots.flat[best], logistic(path.next_gain * margin + path.next_offset), reason


def _no_spot(view: FluidView, place: Flat, radius_mm: float) -> str:
    here = float(view.patch.sample(view.relative, place[None])[0])
    around = float(np.median(view.patch.sample(view.relative, place + _RING)))
    if here > around + 0.3:
        return "this place is brighter than its surround: for bright roots on dark fluid set the contrast to inverted"
    return f"there is no dark spot within {radius_mm:.1f} mm"
