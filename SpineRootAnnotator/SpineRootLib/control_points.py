"""As few control points as keep the closed curve that Slicer draws on a dense outline: who corrects it moves few."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.curves import closed_spline
from SpineRootLib.second_differences import squared_periodic

# The error of a cubic spline falls with the fourth power of the distance of its points; a guess overshoots less with
# a little more than its inverse.
_POWER = 0.3
# What bending of the control polygon costs beside a distance of the outline: decides only where no point of it lies.
_STIFFNESS = 1e-6


def reduce_points(outline: NDArray[np.float64], tolerance_mm: float, fewest: int, most: int) -> NDArray[np.float64]:
    """Control points, (n, d), of a closed curve along an outline: the fewest that keep to it, `most` if none do.

    Parameters
    ----------
    outline : (m, d) dense closed polygon, mm; the first two axes lie in its plane.
    tolerance_mm : largest distance of the outline from the curve.
    fewest, most : from so many points on up to so many.
    """
    progress, tangent = _progress(outline), _tangent(outline)
    fits: dict[int, tuple[NDArray[np.float64], float]] = {}
    low, high, count = fewest, most, (fewest + most) // 2
    while low < high:
        count = min(max(count, low), high - 1)
        fits[count] = _fit(outline, progress, tangent, count)
        away = fits[count][1]
        if away <= tolerance_mm:
            high = count
        else:
            low = count + 1
        count = int(np.ceil(count * (away / tolerance_mm) ** _POWER))
    return fits[high][0] if high in fits else _fit(outline, progress, tangent, high)[0]


def _fit(
    outline: NDArray[np.float64], progress: NDArray[np.float64], tangent: NDArray[np.float64], count: int
) -> tuple[NDArray[np.float64], float]:
    """Least squares in the control points, and the largest distance of the outline from the curve through them."""
    basis = _basis_at(progress * count, count)
    points = np.linalg.solve(basis.T @ basis + _STIFFNESS * squared_periodic(count), basis.T @ outline)
    away = basis @ points - outline
    # along the outline it is no distance: the place on the curve may lie a little ahead
    across = away - np.sum(away * tangent, axis=1, keepdims=True) * tangent
    return np.asarray(points), float(np.linalg.norm(across, axis=1).max())


def _tangent(outline: NDArray[np.float64]) -> NDArray[np.float64]:
    ahead = np.roll(outline, -1, axis=0) - np.roll(outline, 1, axis=0)
    return np.asarray(ahead / np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-12))


def _progress(outline: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where along the closed outline each point lies, 0..1: by arc length, with bends stretched so that they get more
    control points."""
    ahead = np.roll(outline, -1, axis=0) - outline
    length = np.linalg.norm(ahead, axis=1)
    heading = np.unwrap(np.arctan2(ahead[:, 1], ahead[:, 0]))
    turn = np.abs(np.diff(np.concatenate([heading, heading[:1] + 2 * np.pi * np.sign(heading[-1] - heading[0])])))
    smooth = np.mean([np.roll(turn, shift) for shift in range(-4, 5)], axis=0)
    weight = length / length.sum() + 0.7 * smooth / max(float(smooth.sum()), 1e-9)
    along = np.concatenate([[0.0], np.cumsum(weight)])
    return np.asarray(along[:-1] / along[-1])


def _basis_at(places: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """What each control point weighs at places, (m,), along the closed curve, (m, count)."""
    table = _basis(count)
    finer = (len(table) - 1) // count
    exact = places * finer
    low = np.minimum(exact.astype(int), len(table) - 2)
    part = (exact - low)[:, None]
    return np.asarray(table[low] * (1 - part) + table[low + 1] * part)


@lru_cache(maxsize=16)
def _basis(count: int, finer: int = 64) -> NDArray[np.float64]:
    return np.asarray(closed_spline(np.eye(count))(np.arange(count * finer + 1) / finer))
