"""A slice seen in polar coordinates, and the cheapest closed path through it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.tracing.fluid import FluidView
from SpineRootLib.tracing.slices import Flat, Pixels

Radii = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Rays:
    """Rays from a place on a slice, at equal angles from the subject's right towards the front.

    Parameters
    ----------
    centre : (2,) in-plane mm.
    directions : (a, 2) unit vectors.
    radii : (r,) mm of the samples along each.
    """

    centre: Flat
    directions: Flat
    radii: Radii

    @classmethod
    def around(cls, centre: Flat, count: int, step_mm: float, largest_mm: float) -> Rays:
        """`count` rays with samples each `step_mm` up to `largest_mm`."""
        turn = 2 * np.pi * np.arange(count) / count
        directions = np.column_stack([np.cos(turn), np.sin(turn)])
        return cls(np.asarray(centre, np.float64), directions, np.arange(step_mm, largest_mm, step_mm))

    @property
    def angles(self) -> Radii:
        """Radians, (a,)."""
        return 2 * np.pi * np.arange(len(self.directions)) / len(self.directions)

    def sample(self, view: FluidView) -> Pixels:
        """The slice in units of its fluid along the rays, (a, r)."""
        places = self.centre + self.directions[:, None, :] * self.radii[None, :, None]
        return view.patch.sample(view.relative, places)

    def points(self, distances: Radii) -> Flat:
        """In-plane positions, (a, 2), at a distance, (a,) mm, on each ray."""
        return np.asarray(self.centre + self.directions * distances[:, None])

    def distances(self, curve: Flat) -> Radii:
        """Where a closed curve, (n, 2), dense and around the centre, meets each ray, (a,) mm."""
        away = curve - self.centre
        angle = np.arctan2(away[:, 1], away[:, 0]) % (2 * np.pi)
        order = np.argsort(angle, kind="stable")
        length = np.linalg.norm(away, axis=1)[order]
        return np.asarray(np.interp(self.angles, angle[order], length, period=2 * np.pi))


def closed_path(
    cost: NDArray[np.float64], bend: NDArray[np.float64], through: tuple[int, int] | None = None
) -> Indices:
    """The closed path with the least sum of costs, one radius an angle.

    Dynamic programming over two turns finds where the path comes to rest; a last turn starts and ends there.

    Parameters
    ----------
    cost : (a, r).
    bend : (2 k + 1,) price of a step of -k..k radii from one angle to the next.
    through : index of an angle and of the radius that the path has there, where that is known; one turn is enough then.

    Returns
    -------
    (a,) index of the radius at each angle.
    """
    angle, start = through or (len(cost) // 2, -1)
    if through is None:
        start = int(_path(np.concatenate([cost, cost]), bend, None)[angle])
    rolled = np.roll(cost, -angle, axis=0)
    path = _path(np.concatenate([rolled, rolled[:1]]), bend, start)
    return np.roll(path[:-1], angle)


def _path(cost: NDArray[np.float64], bend: NDArray[np.float64], fixed: int | None) -> Indices:
    count, radii = cost.shape
    reach = len(bend) // 2
    came = np.empty((count, radii), dtype=np.intp)
    total = cost[0].copy()
    if fixed is not None:
        total[:] = np.inf
        total[fixed] = cost[0, fixed]
    padded = np.full(radii + 2 * reach, np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    here = np.arange(radii)
    for step in range(1, count):
        padded[reach : reach + radii] = total
        options = windows + bend
        chosen = options.argmin(axis=1)
        came[step] = here + chosen - reach
        total = options[here, chosen] + cost[step]
    path = np.empty(count, dtype=np.intp)
    path[-1] = int(total.argmin()) if fixed is None else fixed
    for step in range(count - 1, 0, -1):
        path[step - 1] = came[step, path[step]]
    return path
