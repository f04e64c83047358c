"""Contours as rings of points that correspond from slice to slice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from SpineRootLib.curves import ClosedCurve, arc_length, signed_area

# Points a ring carries while it is smoothed: 0.1 mm apart on a dural sac, far below any drawn detail.
RING_POINTS = 512
_FINE = 16
_SAME_POINT_MM = 1e-6


@dataclass(frozen=True, eq=False)
class RingStack:
    """Rings on successive slices.

    Parameters
    ----------
    numbers : (s,) slice numbers, ascending; fractions lie between slices.
    rings : (s, m, 2) in-plane mm, counter-clockwise; point k of all rings correspond.
    """

    numbers: NDArray[np.float64]
    rings: NDArray[np.float64]

    def perimeters(self) -> NDArray[np.float64]:
        """Length of each ring, (s,) mm."""
        return np.asarray(np.linalg.norm(np.roll(self.rings, -1, axis=1) - self.rings, axis=2).sum(axis=1))

    def ring_at(self, number: float) -> NDArray[np.float64]:
        """The ring, (m, 2), at a (fractional) slice number, straight between its neighbours as the wall is."""
        place = float(np.clip(np.interp(number, self.numbers, np.arange(len(self.numbers))), 0, len(self.numbers) - 1))
        lower = min(int(place), len(self.numbers) - 1)
        upper = min(lower + 1, len(self.numbers) - 1)
        return np.asarray((1 - place + lower) * self.rings[lower] + (place - lower) * self.rings[upper])


def canonical_contour(flat: ArrayLike) -> NDArray[np.float64]:
    """Control points, (n, 2), counter-clockwise from the lowest leftmost one, repeated points dropped.

    The curve through them is the same; the order in which they were drawn no longer matters, to the last bit.
    """
    points = np.asarray(flat, dtype=np.float64)
    apart = np.linalg.norm(points - np.roll(points, 1, axis=0), axis=1) > _SAME_POINT_MM
    points = points[apart]
    if signed_area(points) < 0:
        points = points[::-1]
    start = int(np.lexsort((points[:, 1], points[:, 0]))[0])
    return np.roll(points, -start, axis=0)


def ring_of(control_points: ArrayLike, count: int = RING_POINTS) -> NDArray[np.float64]:
    """Points on the closed curve, (count, 2), at equal arc length, starting where its first harmonic has no phase.

    The phase of the first elliptic Fourier coefficient (Kuhl and Giardina, 1982) turns with the contour and not with
    its start point, so that rings of neighbouring slices correspond without matching one to the other.
    """
    curve = ClosedCurve(control_points)
    parameter = np.arange(len(curve.points) * _FINE + 1) / _FINE
    length = arc_length(curve(parameter))
    even = curve(np.interp(np.arange(count) / count * length[-1], length, parameter))
    wave = np.exp(-2j * np.pi * np.arange(count) / count)
    phase = np.angle(np.sum((even[:, 0] + 1j * even[:, 1]) * wave))
    shifted = (np.arange(count) / count - phase / (2 * np.pi)) % 1.0
    return curve(np.interp(shifted * length[-1], length, parameter))


def ring_areas(rings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Areas of rings, (s, m, 2), mm2."""
    return np.asarray(0.5 * _moments(rings - rings.mean(axis=1, keepdims=True))[0].sum(axis=1))


def ring_centroids(rings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centres of area of rings, (s, m, 2); (s, 2)."""
    middle = rings.mean(axis=1, keepdims=True)
    cross, x, y = _moments(rings - middle)
    moment = np.stack([(x * cross).sum(axis=1), (y * cross).sum(axis=1)], axis=-1)
    return np.asarray(middle[:, 0] + moment / (3 * cross.sum(axis=1, keepdims=True)))


def _moments(rings: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Of each edge, (s, m) each: the cross product of its ends, and the sums of their coordinates."""
    x, y = (np.concatenate([each, each[:, :1]], axis=1) for each in (rings[..., 0], rings[..., 1]))
    return x[:, :-1] * y[:, 1:] - x[:, 1:] * y[:, :-1], x[:, :-1] + x[:, 1:], y[:, :-1] + y[:, 1:]
