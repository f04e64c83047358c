"""Contours on slices between two that are drawn."""

from __future__ import annotations

from collections.abc import Mapping

from SpineRootLib.frames import Points
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.surfaces.rings import canonical_contour, ring_of

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
        flat = (canonical_contour(planes.flatten(contours[number])) for number in (upper, lower))
        above, below = (ring_of(each, _CONTROL_POINTS) for each in flat)
        for number in range(upper + 1, lower):
            t = (number - upper) / (lower - upper)
            between[number] = planes.lift((1 - t) * above + t * below, number)
    return between
