"""The dural sac and the cord: outlines about a centre that runs down the body."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline

from SpineRootLib.frames import Points
from SpineRootLib.phantom.outline_shape import OutlineShape
from SpineRootLib.planes import SlicePlanes

Array = NDArray[np.float64]
# Depth on an oblique plane is found by iteration; each step gains about a digit at 15 degrees.
_ITERATIONS = 25
_CONVERGED_MM = 1e-12
_TABLE_STEP_MM = 0.25


@dataclass(frozen=True)
class BodyFrame:
    """The frame in which the anatomy is built: x to the right and y to the front of an axis, depth towards the feet.

    Parameters
    ----------
    origin : (3,) RAS mm of x = y = depth = 0.
    """

    origin: tuple[float, float, float]

    def to_ras(self, x: ArrayLike, y: ArrayLike, depth: ArrayLike) -> Points:
        """RAS points (n, 3) from coordinates (n,)."""
        x, y, depth = np.broadcast_arrays(x, y, depth)
        return np.column_stack([np.ravel(x), np.ravel(y), -np.ravel(depth)]) + self.origin

    def from_ras(self, points: ArrayLike) -> tuple[Array, Array, Array]:
        """x, y and depth, each (n,), of RAS points (n, 3)."""
        relative = np.asarray(points, np.float64).reshape(-1, 3) - self.origin
        return relative[:, 0], relative[:, 1], -relative[:, 2]

    def depth_on(self, planes: SlicePlanes, number: ArrayLike, x: ArrayLike, y: ArrayLike) -> Array:
        """Depth of the points of a slice at x and y."""
        offset = (np.asarray(number) - 1.0) * planes.spacing
        level = offset + planes.origin @ planes.down - np.asarray(self.origin) @ planes.down
        across = np.asarray(x) * planes.down[0] + np.asarray(y) * planes.down[1]
        return np.asarray((level - across) / -planes.down[2])


@dataclass(frozen=True, eq=False)
class Tube:
    """An organ whose outline at each depth is an ellipse with some departures, about a centre.

    Parameters
    ----------
    frame : of its coordinates.
    profile : depth in mm to centre x, centre y, half width, half depth (front to back), mm.
    shape : the departures.
    bottom : depth at which it ends.
    """

    frame: BodyFrame
    profile: CubicSpline
    shape: OutlineShape
    bottom: float

    def centre(self, depth: ArrayLike) -> Array:
        """Centre x and y, (n, 2)."""
        return np.asarray(self.profile(np.asarray(depth, np.float64))[..., :2])

    def radius(self, angle: ArrayLike, depth: ArrayLike) -> Array:
        """Distance of the outline from the centre; the angle is from the right towards the front, radians."""
        angle, depth = np.asarray(angle, np.float64), np.asarray(depth, np.float64)
        return self.ellipse(angle, depth) * self.shape.factor(angle, depth)

    def ellipse(self, angle: ArrayLike, depth: ArrayLike) -> Array:
        """Distance of the ellipse from the centre, without the departures."""
        axes = self.profile(np.asarray(depth, np.float64))
        return np.asarray(1.0 / np.hypot(np.cos(angle) / axes[..., 2], np.sin(angle) / axes[..., 3]))

    def point(self, angle: ArrayLike, depth: ArrayLike, inset: ArrayLike = 0.0) -> Array:
        """x and y, (n, 2), of places `inset` mm inside the outline along the radius."""
        radius = self.radius(angle, depth) - np.asarray(inset)
        direction = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        return self.centre(depth) + radius[..., None] * direction

    def outline(self, planes: SlicePlanes, number: float, angles: ArrayLike) -> Points | None:
        """Where a slice cuts the organ, RAS (n, 3) at the angles; None where it does not cut it whole."""
        angle = np.asarray(angles, np.float64)
        depth = self.frame.depth_on(planes, number, 0.0, 0.0) + np.zeros_like(angle)
        for _ in range(_ITERATIONS):
            x, y = self.point(angle, np.minimum(depth, self.bottom)).T
            before, depth = depth, self.frame.depth_on(planes, number, x, y)
            if np.abs(depth - before).max(initial=0.0) < _CONVERGED_MM:
                break
        if depth.max() > self.bottom:
            return None
        return self.frame.to_ras(x, y, depth)

    def distance(self, x: ArrayLike, y: ArrayLike, depth: ArrayLike) -> Array:
        """Signed distance, mm, of places from the outline at their depth, negative inside; to first order."""
        depth = _once(np.asarray(depth, np.float64))
        centre_x, centre_y, half_width, half_depth = self.profile_at(depth)
        right, front = np.asarray(x) - centre_x, np.asarray(y) - centre_y
        rho = np.maximum(np.hypot(right, front), 1e-9)
        cosine, sine = right / rho, front / rho
        ellipse = 1.0 / np.sqrt((cosine / half_width) ** 2 + (sine / half_depth) ** 2)
        departure, bend = self.shape.factor_and_bend(np.arctan2(front, right), depth)
        turn = ellipse**2 * cosine * sine * (half_width**-2 - half_depth**-2) + bend / departure
        distance = (rho - ellipse * departure) / np.hypot(1.0, turn)
        return np.where(depth > self.bottom, np.maximum(distance, depth - self.bottom), distance)

    def profile_at(self, depth: Array) -> Array:
        """Centre x and y, half width and half depth, (4, ...), from a dense table: fast, and good to 1e-4 mm.

        Beyond its ends those of the end.
        """
        low, high = float(depth.min()), float(depth.max())
        at = np.linspace(low, high, int((high - low) / _TABLE_STEP_MM) + 2)
        known = np.clip(at, self.profile.x[0], self.profile.x[-1])
        return np.array([np.interp(depth, at, column) for column in self.profile(known).T])


def _once(depth: Array) -> Array:
    """The depths of an image's places, (i, j), as one row (1, j) where all rows are alike; others as they are."""
    return depth[:1] if depth.ndim == 2 and bool(np.all(depth == depth[:1])) else depth
