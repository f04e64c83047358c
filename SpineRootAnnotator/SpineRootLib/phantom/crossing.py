"""Where centrelines cross the planes of an image, and how that looks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.phantom.centreline import Centreline
from SpineRootLib.phantom.grid import over, share_inside
from SpineRootLib.planes import SlicePlanes

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Crossing:
    """A centreline on a plane: an ellipse, elongated the way the centreline leans.

    Parameters
    ----------
    x, y, radius : in the body's frame, mm.
    lean_x, lean_y : change of x and y per mm of depth.
    centreline : which crosses.
    """

    x: float
    y: float
    radius: float
    lean_x: float
    lean_y: float
    centreline: Centreline

    def draw(self, signal: Array, x: Array, y: Array, level: float, voxel: float) -> None:
        """Paint it over a plane, in place.

        Parameters
        ----------
        signal, x, y : intensity and coordinates of the voxels, (i, j).
        level : its intensity.
        voxel : width of a voxel, mm.
        """
        tilt = float(np.hypot(self.lean_x, self.lean_y))
        steep = float(np.hypot(1.0, tilt))
        reach = self.radius * steep + voxel
        i, j = np.flatnonzero(np.abs(x[:, 0] - self.x) < reach), np.flatnonzero(np.abs(y[0] - self.y) < reach)
        if not (len(i) and len(j)):
            return
        window = np.s_[i[0] : i[-1] + 1, j[0] : j[-1] + 1]
        right, front = x[window] - self.x, y[window] - self.y
        along = (right * self.lean_x + front * self.lean_y) / max(tilt, 1e-9)
        distance = np.sqrt(np.maximum(right**2 + front**2 - along**2 * (1.0 - steep**-2), 0.0)) - self.radius
        signal[window] = over(signal[window], level, share_inside(distance, voxel))


def crossings(centrelines: Iterable[Centreline], planes: SlicePlanes, numbers: Array) -> list[list[Crossing]]:
    """What crosses each plane, in the order of the centrelines.

    Parameters
    ----------
    numbers : (n,) slice numbers of the planes, not necessarily whole.
    """
    on_plane: list[list[Crossing]] = [[] for _ in numbers]
    for centreline in centrelines:
        depth = centreline.depth_on(planes, numbers)
        met = np.flatnonzero(np.isfinite(depth))
        places = np.column_stack([centreline.at(depth[met]), centreline.course(depth[met], 1)[:, :2]])
        for plane, (x, y, radius, lean_x, lean_y) in zip(met.tolist(), places.tolist(), strict=True):
            on_plane[plane].append(Crossing(x, y, radius, lean_x, lean_y, centreline))
    return on_plane
