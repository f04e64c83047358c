"""Cysts in the sac: ovals of fluid in a thin wall, about which roots have to bend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.phantom.tube import Tube
from SpineRootLib.phantom.variant_settings import Cyst

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PlacedCyst:
    """A cyst in the body's frame, mm.

    Parameters
    ----------
    x, y, depth : of its middle.
    radius, half_length : across and along the body.
    """

    x: float
    y: float
    depth: float
    radius: float
    half_length: float

    def distance(self, x: Array, y: Array, depth: Array) -> Array:
        """About the signed distance across the body of places from its wall, negative inside; far beyond its ends."""
        along = np.clip((np.asarray(depth) - self.depth) / self.half_length, -1.0, 1.0)
        radius = self.radius * np.sqrt(1.0 - along**2)
        return np.asarray(np.where(radius > 0, np.hypot(x - self.x, y - self.y) - radius, np.inf))


def place_cyst(cyst: Cyst, sac: Tube, length: float) -> PlacedCyst:
    """The cyst of a subject; `length` is the spine's length against an adult's."""
    depth = cyst.depth_mm * length
    x, y = sac.centre(np.array([depth]))[0]
    return PlacedCyst(x + cyst.beside_mm, y - cyst.behind_mm, depth, cyst.radius_mm, cyst.half_length_mm * length)
