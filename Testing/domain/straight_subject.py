"""A subject drawn with ruler and compass: a complete annotation without a fault, on tilted slices."""

from __future__ import annotations

import numpy as np

from SpineRootLib.anatomy import CORD, DURA, all_roots
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.planes import SlicePlanes

SLICES = 40
CORD_SLICES = 20
# five degrees about the left-right axis: S is not the slice axis
PLANES = SlicePlanes.from_normal([4.0, -30.0, -200.0], [0.0, np.sin(np.radians(5)), np.cos(np.radians(5))], 2.0, SLICES)


def ellipse(half_width: float, half_depth: float, count: int = 16) -> np.ndarray:
    """Control points, (count, 2), around the origin, counter-clockwise from the subject's right."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.column_stack([half_width * np.cos(angle), half_depth * np.sin(angle)])


def contour(half_width: float, half_depth: float, number: int, source: str = "") -> Contour:
    """An ellipse on a slice."""
    return Contour(PLANES.lift(ellipse(half_width, half_depth), number), source)


def straight_subject() -> Annotation:
    """Dura 18 x 14 mm, cord 6 mm down to slice 20, fourteen straight roots 0.76 mm apart, ganglia below the slices."""
    annotation = Annotation("01", planes=PLANES)
    annotation.contours[DURA] = [contour(9.0, 7.0, k, f"sub-01_dura_{k}.json") for k in range(1, SLICES + 1)]
    annotation.contours[CORD] = [contour(3.0, 3.0, k, f"sub-01_cord_{k}.json") for k in range(1, CORD_SLICES + 1)]
    for rank, root in enumerate(all_roots()):
        level, sign = rank // 2, -1.0 if root.side == "L" else 1.0
        numbers = np.arange(5 + level, SLICES + 1)
        place = [sign * (5.5 - 0.7 * level), -3.0 - 0.3 * level]
        annotation.roots[root] = PLANES.lift(np.tile(place, (len(numbers), 1)), numbers)
        annotation.ganglia[root] = PLANES.lift([[sign * 15.0, 0.0]], SLICES + 5 + 8 * level)[0]
    return annotation
