"""Contours on slices between two that are drawn."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.curves import centroid, closed_curve, signed_area
from SpineRootLib.frames import Points
from SpineRootLib.planes import SlicePlanes

# As many control points as annotators draw around the dura (18-32, published subject 03).
_CONTROL_POINTS = 24


def copied(planes: SlicePlanes, points: Points, number: int) -> Points:
    """A contour's control points, (n, 3), moved along the normal onto another slice."""
    return planes.lift(planes.flatten(points), number)


def filled(planes: SlicePlanes, contours: Mapping[int, Points]) -> dict[int, Points]:
    """Contours for all slices without one between the first and the last that have one.

    Parameters
    ----------
    contours : by slice number, control points (n, 3).

    Returns
    -------
    dict
        by slice number, (24, 3), linear between the neighbours, point by point at equal steps along the curve.
    """
    between: dict[int, Points] = {}
    numbers = sorted(contours)
    for upper, lower in zip(numbers, numbers[1:], strict=False):
        if lower - upper < 2:
            continue
        above, below = (_evenly(planes.flatten(contours[number])) for number in (upper, lower))
        for number in range(upper + 1, lower):
            t = (number - upper) / (lower - upper)
            between[number] = planes.lift((1 - t) * above + t * below, number)
    return between


def _evenly(flat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points of a closed curve, (24, 2), at equal steps of the arc length, the first one in front."""
    curve = closed_curve(flat)
    middle = centroid(curve)
    if signed_area(curve) < 0:
        curve = curve[::-1]
    start = int(np.argmax(curve[:, 1] - np.abs(curve[:, 0] - middle[0])))
    curve = np.roll(curve, -start, axis=0)
    closed = np.vstack([curve, curve[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    at = np.arange(_CONTROL_POINTS) / _CONTROL_POINTS * along[-1]
    return np.column_stack([np.interp(at, along, closed[:, axis]) for axis in (0, 1)])
