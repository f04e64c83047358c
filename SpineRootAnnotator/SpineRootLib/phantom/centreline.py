"""Roots, rootlets and vessels: round centrelines that run down the body."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline

from SpineRootLib.frames import Points
from SpineRootLib.phantom.tube import BodyFrame
from SpineRootLib.planes import SlicePlanes

Array = NDArray[np.float64]
_ITERATIONS = 25
_CONVERGED_MM = 1e-12
_TABLE_STEP_MM = 0.25


@dataclass(frozen=True, eq=False)
class Centreline:
    """A centreline with one place at each depth.

    Parameters
    ----------
    frame : of its coordinates.
    course : depth in mm to x, y and radius, mm.
    tissue : what it is made of: ``root``, ``ganglion`` or ``vessel``.
    shade : how bright it is against others of its tissue.
    """

    frame: BodyFrame
    course: CubicSpline
    tissue: str = "root"
    shade: float = 1.0

    @classmethod
    def through(
        cls, frame: BodyFrame, depth: ArrayLike, values: ArrayLike, tissue: str = "root", shade: float = 1.0
    ) -> Centreline:
        """The centreline through x, y and radius, (n, 3), at depths (n,)."""
        return cls(frame, CubicSpline(depth, values, bc_type="natural"), tissue, shade)

    @property
    def top(self) -> float:
        """Depth at which it begins."""
        return float(self.course.x[0])

    @property
    def bottom(self) -> float:
        """Depth at which it ends."""
        return float(self.course.x[-1])

    def at(self, depth: ArrayLike) -> Array:
        """x, y and radius, (n, 3), beyond its ends those of the end."""
        return np.asarray(self.course(np.clip(depth, self.top, self.bottom)))

    def ras(self, depth: ArrayLike) -> Points:
        """Points, (n, 3) RAS mm, at depths (n,)."""
        depth = np.atleast_1d(depth)
        x, y, _ = self.at(depth).T
        return self.frame.to_ras(x, y, depth)

    def at_many(self, depth: Array) -> Array:
        """x, y and radius, (3, n), read from a dense table; for drawing."""
        known, columns = self._table
        return np.array([np.interp(depth, known, column) for column in columns])

    @cached_property
    def _table(self) -> tuple[Array, Array]:
        """Depths, (n,), and x, y and radius there, (3, n)."""
        depth = np.linspace(self.top, self.bottom, int((self.bottom - self.top) / _TABLE_STEP_MM) + 2)
        return depth, np.ascontiguousarray(self.course(depth).T)

    def depth_on(self, planes: SlicePlanes, numbers: ArrayLike) -> Array:
        """The depths, (n,), at which it crosses slices, by their numbers (n,); NaN where it does not."""
        wanted = np.asarray(numbers, np.float64)
        depth = self.frame.depth_on(planes, wanted, 0.0, 0.0)
        for _ in range(_ITERATIONS):
            x, y, _radius = self.at(depth).T
            before, depth = depth, self.frame.depth_on(planes, wanted, x, y)
            if np.abs(depth - before).max(initial=0.0) < _CONVERGED_MM:
                break
        return np.where((self.top <= depth) & (depth <= self.bottom), depth, np.nan)
