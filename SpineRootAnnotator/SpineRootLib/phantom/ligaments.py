"""The denticulate ligaments: thin sheets from the sides of the cord, with teeth to the dura between the roots."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.phantom.spine import Spine

Array = NDArray[np.float64]

# Degrees from the right to the front at which a ligament leaves the cord; mm of its thickness: a thin grey
# line in sub-03, not counted to what is dark.
_AT_DEGREES = -8.0
_THICK_MM = 0.12
# Share of the way to the dura that the sheet has between two teeth, and half the height of a tooth, mm.
_NARROW = 0.2
_TOOTH_MM = 4.0
# The lowest tooth lies above the exit of this root.
_LOWEST = "L1"


def ligament_distance(spine: Spine, x: Array, y: Array, depth: Array) -> Array:
    """Signed distance, mm, of a slice's places from the ligaments' surfaces; far where there is none."""
    middle = np.array([float(np.median(depth))])
    if middle[0] > spine.levels[_LOWEST].leaves:
        return np.full(np.shape(x), np.inf)
    share = _NARROW + (1.0 - _NARROW) * np.exp(-((_to_tooth(spine, middle[0]) / _TOOTH_MM) ** 2))
    nearest = np.full(np.shape(x), np.inf)
    for angle in (np.radians(_AT_DEGREES), np.pi - np.radians(_AT_DEGREES)):
        start, wall = spine.cord.point(np.array([angle]), middle)[0], spine.sac.point(np.array([angle]), middle)[0]
        along = share * (wall - start)
        length = float(along @ along)
        part = np.clip(((x - start[0]) * along[0] + (y - start[1]) * along[1]) / length, 0.0, 1.0)
        off = np.hypot(x - start[0] - part * along[0], y - start[1] - part * along[1])
        nearest = np.minimum(nearest, off - _THICK_MM / 2)
    return nearest


def _to_tooth(spine: Spine, depth: float) -> float:
    """mm along the body to the nearest tooth: halfway between the exits of two roots."""
    exits = [level.leaves for level in spine.levels.values()]
    first = exits[0] - (exits[1] - exits[0])
    teeth = (np.array([first, *exits[:-1]]) + np.array(exits)) / 2
    return float(np.abs(teeth - depth).min())
