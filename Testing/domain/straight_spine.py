"""A spine of circles and straight lines, small enough to check by hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CORD, DURA, Root
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.planes import SlicePlanes

DURA_RADIUS = 8.0
CORD_RADIUS = 4.0


def tilted_planes(count: int, spacing: float = 2.0, degrees: float = 0.0) -> SlicePlanes:
    """Slices whose normal is tilted towards the front."""
    angle = np.radians(degrees)
    return SlicePlanes.from_normal([3.0, -40.0, -350.0], [0.0, np.sin(angle), -np.cos(angle)], spacing, count)


def circle(radius: float, count: int = 24) -> NDArray[np.float64]:
    """Points of a circle, (count, 2)."""
    angle = 2 * np.pi * np.arange(count) / count
    return radius * np.column_stack([np.cos(angle), np.sin(angle)])


def straight_spine(
    count: int = 20, cord_slices: int = 10, spacing: float = 2.0, degrees: float = 0.0, roots: bool = True
) -> Annotation:
    """A cylindrical dura, a cylindrical cord in its upper part, and a straight root L1 on each side."""
    planes = tilted_planes(count, spacing, degrees)
    annotation = Annotation("01", planes=planes)
    for structure, radius, last in ((DURA, DURA_RADIUS, count), (CORD, CORD_RADIUS, cord_slices)):
        rings = [planes.lift(circle(radius), number) for number in range(1, last + 1)]
        annotation.contours[structure] = [Contour(ring, f"{structure}_{n}") for n, ring in enumerate(rings, start=1)]
    for side, sign in (("L", -1.0), ("R", 1.0)) if roots else ():
        numbers = np.arange(4, count + 1)
        flat = np.column_stack([sign * np.linspace(4.0, 7.0, len(numbers)), np.full(len(numbers), -2.0)])
        annotation.roots[Root("L1", side)] = planes.lift(flat, numbers)
        annotation.ganglia[Root("L1", side)] = planes.lift([[sign * 14.0, 0.0]], count + 10)[0]
    return annotation
