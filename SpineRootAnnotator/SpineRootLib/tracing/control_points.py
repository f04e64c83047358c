"""As few control points as keep the closed curve that Slicer draws on the outline that was found."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.curves import closed_curve, closed_spline, distance_to_polygon
from SpineRootLib.tracing.contour_settings import ContourSettings
from SpineRootLib.tracing.slices import Flat


def reduce_points(outline: Flat, settings: ContourSettings) -> tuple[Flat, float]:
    """Control points of a closed curve along an outline.

    Parameters
    ----------
    outline : (m, 2) dense closed polygon, mm.

    Returns
    -------
    points : (n, 2), from `fewest_points` to `most_points`.
    distance : largest distance of the outline from the curve through them, mm.
    """
    for count in range(settings.fewest_points, settings.most_points + 1, 2):
        points = _fit(outline, count)
        distance = float(distance_to_polygon(closed_curve(points), outline).max())
        if distance <= settings.tolerance_mm:
            break
    return points, distance


def _fit(outline: Flat, count: int) -> Flat:
    """Least squares in the control points; the place of each outline point on the curve goes with its arc length,
    weighted by curvature so that bends get more control points."""
    progress = _progress(outline) * count
    nodes = np.linalg.lstsq(_basis_at(progress, count), outline, rcond=None)[0]
    return np.asarray(nodes)


def _progress(outline: Flat) -> NDArray[np.float64]:
    """Where along the closed outline each point lies, 0..1, with bends stretched."""
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


@lru_cache(maxsize=32)
def _basis(count: int, finer: int = 64) -> NDArray[np.float64]:
    return np.asarray(closed_spline(np.eye(count))(np.arange(count * finer + 1) / finer))
