"""Distances between curves, and the overlap of what two closed ones enclose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from SpineRootLib.curves import arc_length, evenly_spaced, nearest_on_segments
from SpineRootLib.frames import Points

# Curves are compared at points this far apart along them, mm: a third of a CISS voxel.
SAMPLING_MM = 0.1
# Areas are added up over lines this far apart, mm; the overlap of two circles of 6 mm is then right to 1e-4.
_SCANLINE_MM = 0.02
# numbers in a table of distances: few enough for the cache, and for BLAS not to spread them over threads
_TABLE = 1 << 16


@dataclass(frozen=True)
class CurveDistance:
    """How far two curves lie apart.

    Parameters
    ----------
    mean : mean symmetric distance, mm: the average of the mean distances from one curve to the other and back.
    hausdorff : largest distance of a point of either curve from the other, mm.
    """

    mean: float
    hausdorff: float


def evenly(curve: ArrayLike, closed: bool, step: float = SAMPLING_MM) -> Points:
    """A polyline, (n, d), with points at most `step` mm apart along it, its own points not necessarily among them."""
    count = max(int(np.ceil(arc_length(curve, closed)[-1] / step)), 1)
    return evenly_spaced(curve, count if closed else count + 1, closed)


def distance_to_curve(curve: ArrayLike, points: ArrayLike, closed: bool) -> NDArray[np.float64]:
    """Distance of points, (m, d), to a polyline sampled finely, (n, d), mm; (m,).

    The edges at the nearest vertex are measured, which is the nearest edge where the curve bends by little between
    its points.
    """
    line, asked = np.asarray(curve, dtype=np.float64), np.asarray(points, dtype=np.float64)
    index = _nearest(line, asked)
    nearest, count = np.linalg.norm(asked - line[index], axis=1), len(line)
    for neighbour in (index - 1, index + 1):
        other = line[neighbour % count if closed else np.clip(neighbour, 0, count - 1)]
        nearest = np.minimum(nearest, _to_segment(asked, line[index], other))
    return nearest


def curve_distance(first: ArrayLike, second: ArrayLike, closed: bool) -> CurveDistance:
    """Distance between two curves given by points along them, (n, d) and (m, d)."""
    one, two = evenly(first, closed), evenly(second, closed)
    there, back = distance_to_curve(two, one, closed), distance_to_curve(one, two, closed)
    return CurveDistance(float((there.mean() + back.mean()) / 2), float(max(there.max(), back.max())))


def dice(first: ArrayLike, second: ArrayLike) -> float:
    """Overlap of the areas in two closed polygons, (n, 2) and (m, 2): twice the shared over the sum, 0..1."""
    polygons = [np.asarray(polygon, dtype=np.float64) for polygon in (first, second)]
    low = min(polygon[:, 1].min() for polygon in polygons) + _SCANLINE_MM / 2
    crossings = [_crossings(polygon, low) for polygon in polygons]
    line, x = (np.concatenate([each[axis] for each in crossings]) for axis in (0, 1))
    whose = np.repeat([0, 1], [len(each[0]) for each in crossings])
    order = np.lexsort((x, line))
    line, x, whose = line[order], x[order], whose[order]
    # every polygon crosses every line an even number of times, so that the count so far tells what lies inside
    inside = [np.cumsum(whose == each)[:-1] % 2 == 1 for each in (0, 1)]
    width = np.where(np.diff(line) == 0, np.diff(x), 0.0)
    areas = [float(width[each].sum()) for each in inside]
    shared = float(width[inside[0] & inside[1]].sum())
    return min(2 * shared / sum(areas), 1.0) if sum(areas) > 0 else float("nan")


def _nearest(line: Points, points: Points) -> NDArray[np.int64]:
    """The nearest vertex of a line, (n, d), to each of the points, (m, d); (m,).

    For the few hundred vertices of a contour a product of matrices is faster than a search tree.
    """
    middle = line.mean(axis=0)
    vertices = line - middle
    # the squared distance to each vertex, without what all vertices share
    factors = np.vstack([-2.0 * vertices.T, np.einsum("nd,nd->n", vertices, vertices)])
    asked = np.column_stack([points - middle, np.ones(len(points))])
    rows = max(_TABLE // len(line), 1)
    parts = [np.argmin(asked[start : start + rows] @ factors, axis=1) for start in range(0, len(asked), rows)]
    return np.concatenate(parts)


def _crossings(polygon: NDArray[np.float64], low: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Where the edges cross the lines y = low + i * _SCANLINE_MM: the line's number i and x of each crossing."""
    start, end = polygon, np.roll(polygon, -1, axis=0)
    first, last = (np.ceil((each[:, 1] - low) / _SCANLINE_MM).astype(np.int64) for each in (start, end))
    count = np.abs(last - first)
    edge = np.repeat(np.arange(len(polygon)), count)
    within = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    line = np.minimum(first, last)[edge] + within
    slope = (end - start)[edge, 0] / (end - start)[edge, 1]
    return line, start[edge, 0] + slope * (low + line * _SCANLINE_MM - start[edge, 1])


def _to_segment(points: Points, start: Points, end: Points) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(nearest_on_segments(points, start, end)[1], axis=1))
