"""Closed curves through control points, lengths along lines, and plane geometry of polygons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from SpineRootLib.errors import GeometryError
from SpineRootLib.translation import _

if TYPE_CHECKING:
    # imported where it is used: it takes longer than comparing two annotators
    from scipy.interpolate import CubicSpline

# Slicer draws this many curve points between two control points.
POINTS_PER_SEGMENT = 10
# A segment shorter than the root of this is a point.
_NO_LENGTH_MM2 = 1e-30


def closed_spline(control_points: ArrayLike) -> CubicSpline:
    """The curve that Slicer draws through the control points of a closed curve.

    A periodic cubic spline over the control-point index, as `vtkCardinalSpline` with `ClosedOn` computes it; the
    parameter runs from 0 to n.

    Parameters
    ----------
    control_points : (n, d) with n >= 3, in order.
    """
    from scipy.interpolate import CubicSpline

    points = _enough(control_points)
    return CubicSpline(np.arange(len(points) + 1), np.vstack([points, points[:1]]), bc_type="periodic")


def closed_curve(control_points: ArrayLike, per_segment: int = POINTS_PER_SEGMENT) -> NDArray[np.float64]:
    """Points on the closed curve, (n * per_segment, d), control points included, the first not repeated at the end.

    The curve of `closed_spline`. Its second derivatives solve a circulant system, which a Fourier transform does in
    a fraction of the time. Source: de Boor, A Practical Guide to Splines, 1978, chapter IV, with even knots.
    """
    points = _enough(control_points)
    count, bend = len(points), _second_derivatives(points)
    ahead = np.roll(points, -1, axis=0)
    share = (np.arange(per_segment) / per_segment)[:, None]
    rest = 1.0 - share
    between = rest * points[:, None] + share * ahead[:, None]
    bent = (rest**3 - rest) * bend[:, None] + (share**3 - share) * np.roll(bend, -1, axis=0)[:, None]
    return np.asarray((between + bent / 6.0).reshape(count * per_segment, -1))


class ClosedCurve:
    """The curve of `closed_spline`, anywhere on it; made as fast as `closed_curve`.

    Attributes
    ----------
    points : (n, d) its control points.
    """

    def __init__(self, control_points: ArrayLike) -> None:
        self.points = _enough(control_points)
        self._bend = _second_derivatives(self.points)

    def __call__(self, parameter: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points, (k, d), at parameters from 0 to n, (k,)."""
        whole = parameter.astype(np.int64)
        share = (parameter - whole)[:, None]
        here, rest = whole % len(self.points), 1.0 - share
        ahead = (here + 1) % len(self.points)
        bent = (rest**3 - rest) * self._bend[here] + (share**3 - share) * self._bend[ahead]
        return np.asarray(rest * self.points[here] + share * self.points[ahead] + bent / 6.0)


def _second_derivatives(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the periodic cubic spline at its control points, (n, d)."""
    count = len(points)
    wave = np.cos(2.0 * np.pi * np.arange(count) / count)[:, None]
    return np.asarray(np.fft.ifft(np.fft.fft(points, axis=0) * 6.0 * (wave - 1.0) / (wave + 2.0), axis=0).real)


def signed_area(polygon: ArrayLike) -> float:
    """Area of a closed polygon (n, 2), positive when counter-clockwise, mm2."""
    x, y = np.asarray(polygon, dtype=np.float64).T
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def centroid(polygon: ArrayLike) -> NDArray[np.float64]:
    """Centre of area of a closed polygon (n, 2); the mean of the points where it has no area."""
    points = np.asarray(polygon, dtype=np.float64)
    shift = points.mean(axis=0)
    here = points - shift
    ahead = np.roll(here, -1, axis=0)
    cross = here[:, 0] * ahead[:, 1] - ahead[:, 0] * here[:, 1]
    area = cross.sum() / 2
    if abs(area) < 1e-12:
        return shift
    return np.asarray(shift + cross @ (here + ahead) / (6 * area))


def arc_length(line: ArrayLike, closed: bool = False) -> NDArray[np.float64]:
    """Length along a polyline, (n, d), from its first point to each; (n,) mm, 0 at the first.

    Parameters
    ----------
    closed : go on to the first point again, whose length is the last of (n + 1,).
    """
    points = np.asarray(line, dtype=np.float64)
    if closed:
        points = np.vstack([points, points[:1]])
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])


def evenly_spaced(line: ArrayLike, count: int, closed: bool) -> NDArray[np.float64]:
    """Points at equal steps of the length along a polyline, (n, d): (count, d), from its first point on.

    Parameters
    ----------
    closed : whether it goes on to the first point again, which is not repeated; else its last point is the last.
    """
    points = np.asarray(line, dtype=np.float64)
    length = arc_length(points, closed)
    if closed:
        points = np.vstack([points, points[:1]])
    wanted = np.linspace(0.0, length[-1], count, endpoint=not closed)
    return np.column_stack([np.interp(wanted, length, axis) for axis in points.T])


def perimeter(polygon: ArrayLike) -> float:
    """Length of a closed polygon (n, d), mm."""
    return float(arc_length(polygon, closed=True)[-1])


def inside(polygon: ArrayLike, points: ArrayLike) -> NDArray[np.bool_]:
    """Which points, (m, 2), lie inside a closed polygon, (n, 2), by the even-odd rule; (m,)."""
    corners = np.asarray(polygon, dtype=np.float64)
    asked = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    near = np.all((asked >= corners.min(axis=0)) & (asked <= corners.max(axis=0)), axis=1)
    x, y = asked[near].T
    following = np.roll(corners, -1, axis=0)
    point, edge = np.nonzero((corners[:, 1] > y[:, None]) != (following[:, 1] > y[:, None]))
    run, rise = (following - corners)[edge].T
    left = x[point] < corners[edge, 0] + run / rise * (y[point] - corners[edge, 1])
    found = np.zeros(len(asked), dtype=bool)
    found[near] = np.bincount(point[left], minlength=len(x)) % 2 == 1
    return found


def nearest_on_segments(
    points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fraction along each segment nearest to its point, (...), and the vector from there to the point, (..., d)."""
    step = end - start
    relative = points - start
    square = np.maximum(np.einsum("...d,...d->...", step, step), _NO_LENGTH_MM2)
    along = np.clip(np.einsum("...d,...d->...", relative, step) / square, 0.0, 1.0)
    return along, relative - along[..., None] * step


def distance_to_line(points: NDArray[np.float64], line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of points, (n, d), to a polyline, (m, d), mm; (n,)."""
    _, away = nearest_on_segments(points[:, None], line[:-1], line[1:])
    return np.asarray(np.linalg.norm(away, axis=2).min(axis=1))


def distance_to_polygon(polygon: ArrayLike, points: ArrayLike) -> NDArray[np.float64]:
    """Unsigned distance of points, (m, d), to the edges of a closed polygon, (n, d), mm; (m,)."""
    corners = np.asarray(polygon, dtype=np.float64)
    asked = np.asarray(points, dtype=np.float64).reshape(-1, corners.shape[1])
    _, away = nearest_on_segments(asked[:, None], corners, np.roll(corners, -1, axis=0))
    return np.asarray(np.sqrt(np.einsum("mnd,mnd->mn", away, away).min(axis=1)))


def signed_distance(polygon: ArrayLike, points: ArrayLike) -> NDArray[np.float64]:
    """Distance of points, (m, 2), to a closed polygon, (n, 2), mm; negative inside."""
    return np.where(inside(polygon, points), -1.0, 1.0) * distance_to_polygon(polygon, points)


def self_crossings(polygon: ArrayLike) -> NDArray[np.int64]:
    """Pairs of edges of a closed polygon, (n, 2), that cross; (k, 2), edge i runs from point i to i + 1."""
    from scipy.spatial import cKDTree

    start = np.asarray(polygon, dtype=np.float64)
    end = np.roll(start, -1, axis=0)
    count = len(start)
    middle = (start + end) / 2
    reach = float(np.linalg.norm(end - start, axis=1).max())
    pairs = cKDTree(middle).query_pairs(reach * 1.001, output_type="ndarray")
    gap = pairs[:, 1] - pairs[:, 0]
    first, second = pairs[(gap > 1) & (gap < count - 1)].T
    side = _turn(start[first], end[first], start[second]) * _turn(start[first], end[first], end[second])
    back = _turn(start[second], end[second], start[first]) * _turn(start[second], end[second], end[first])
    crossing = (side < 0) & (back < 0)
    return np.column_stack([first[crossing], second[crossing]]).astype(np.int64)


def _enough(control_points: ArrayLike) -> NDArray[np.float64]:
    points = np.asarray(control_points, dtype=np.float64)
    if len(points) < 3:
        raise GeometryError(_("a closed curve needs at least three points, not {count}").format(count=len(points)))
    return points


def _turn(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.float64]:
    """Twice the signed area of triangles, (n,)."""
    return np.asarray((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]))
