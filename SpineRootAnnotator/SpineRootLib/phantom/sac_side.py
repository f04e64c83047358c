"""One side of the dural sac as a space in which roots run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.phantom.settings import AnatomySettings
from SpineRootLib.phantom.tube import BodyFrame, Tube

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SacSide:
    """One side of the sac, in which roots run.

    Parameters
    ----------
    shift : degrees by which all roots of the side lie further to the side than usual.
    """

    frame: BodyFrame
    sac: Tube
    cord: Tube
    side: str
    shift: float
    settings: AnatomySettings

    def place(self, degrees: Array, depth: Array, inset: Array) -> Array:
        """x and y, (n, 2), of places `inset` mm inside the wall; angles from the back towards the side."""
        return self.sac.point(self.angle(degrees), depth, inset)

    def angle(self, degrees: Array) -> Array:
        """Radians from the right towards the front of an angle from the back towards this side, degrees."""
        turn = np.radians(degrees)
        return np.asarray(-np.pi / 2 + turn if self.side == "R" else -np.pi / 2 - turn)

    def gap(self, degrees: Array, depth: Array) -> Array:
        """mm from the cord to the wall along a ray from the sac's middle; the whole ray where the cord is off it."""
        angle = self.angle(degrees)
        wall = self.sac.radius(angle, depth)
        reach = np.linspace(0.0, 1.0, 41)[:, None] * wall
        middle = self.sac.centre(depth)
        x, y = middle[:, 0] + reach * np.cos(angle), middle[:, 1] + reach * np.sin(angle)
        distance = self.cord.distance(x, y, np.broadcast_to(depth, x.shape))
        inside = distance < 0
        last = np.minimum(len(reach) - 1 - inside[::-1].argmax(axis=0), len(reach) - 2)[None]
        low, high = np.take_along_axis(distance, last, axis=0), np.take_along_axis(distance, last + 1, axis=0)
        share = (last + low / np.minimum(low - high, -1e-9)) / (len(reach) - 1)
        return np.asarray(wall * np.where(inside.any(axis=0), 1.0 - share[0], 1.0))
