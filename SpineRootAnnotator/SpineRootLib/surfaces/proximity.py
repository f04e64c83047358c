"""Distances to a surface."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from SpineRootLib.frames import Points
from SpineRootLib.surfaces.mesh import Surface

_NEAREST = 2
_BLOCK = 4096
# triangles whose nearest places lie no farther apart meet there
_TIED_MM = 1e-9
# How far from where a root emerges or leaves it is nearer to the wall than elsewhere.
_MEETING_MM = 4.0


class Proximity:
    """Answers how far points are from a surface, and on which side.

    The triangles around the nearest vertices are measured exactly: right for surfaces whose triangles are small
    against their distance to other sheets, as walls and tubes are.
    """

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self._tree = cKDTree(surface.vertices)
        corners = surface.triangles.ravel()
        # the triangles at each vertex, one vertex after the other
        self._around = np.argsort(corners, kind="stable") // 3
        self._count = np.bincount(corners, minlength=len(surface.vertices))
        self._start = np.cumsum(self._count) - self._count
        edges = np.diff(surface.corners[:, [0, 1, 2, 0]], axis=1)
        self.longest_edge = float(np.sqrt(np.einsum("mkd,mkd->mk", edges, edges).max(initial=0.0)))
        facing = surface.normals()
        self._facing = facing / np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-30)
        weighted = np.repeat(facing, 3, axis=0)
        normals = np.zeros_like(surface.vertices)
        for axis in range(3):
            normals[:, axis] = np.bincount(surface.triangles.ravel(), weighted[:, axis], len(normals))
        self._normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)

    def nearest(self, points: Points) -> tuple[NDArray[np.float64], Points, NDArray[np.float64]]:
        """Signed distance (n,), negative inside; the nearest point on the surface and its outward normal, (n, 3)."""
        blocks = [self._block(points[start : start + _BLOCK]) for start in range(0, len(points), _BLOCK)]
        if not blocks:
            return np.empty(0), np.empty((0, 3)), np.empty((0, 3))
        distance, place, normal = (np.concatenate(columns) for columns in zip(*blocks, strict=True))
        return distance, place, normal

    def vertex_distance(self, points: Points) -> NDArray[np.float64]:
        """Distance to the nearest vertex, (n,): an upper bound."""
        return np.asarray(self._tree.query(points)[0])

    def roughly(self, points: Points) -> NDArray[np.float64]:
        """Signed distance to the nearest vertex, (n,), negative inside: right in sign but for places on the surface."""
        distance, vertex = self._tree.query(points)
        outwards = np.einsum("nd,nd->n", points - self.surface.vertices[vertex], self._normals[vertex])
        return np.where(outwards < 0, -distance, distance)

    def _block(self, points: Points) -> tuple[NDArray[np.float64], Points, NDArray[np.float64]]:
        _, near = self._tree.query(points, k=_NEAREST)
        row, candidate = self._candidates(near)
        corners = self.surface.vertices[self.surface.triangles[candidate]]
        weights = barycentric_nearest(points[row], corners)
        places = np.einsum("kc,kcd->kd", weights, corners)
        away = np.linalg.norm(places - points[row], axis=1)
        first = np.flatnonzero(np.diff(row, prepend=-1))
        closest = np.minimum.reduceat(away, first)[row]
        nearest = np.flatnonzero(away == closest)
        best = nearest[np.diff(row[nearest], prepend=-1) > 0]
        triangle = self.surface.triangles[candidate[best]]
        normal = np.einsum("nc,ncd->nd", weights[best], self._normals[triangle])
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-30)
        place = places[best]
        # at an edge or a corner all triangles there say on which side, or a sharp one would say it wrongly
        tied = np.flatnonzero(away <= closest + _TIED_MM)
        height = np.einsum("kd,kd->k", points[row[tied]] - places[tied], self._facing[candidate[tied]])
        side = np.where(np.bincount(row[tied], height, len(points)) < 0, -1.0, 1.0)
        return side * away[best], place, normal

    def _candidates(self, near: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The triangles at vertices, (n, k) of n points: for each the point, ascending, and the triangle."""
        count = self._count[near]
        row = np.repeat(np.arange(len(near)), count.sum(axis=1))
        ends = np.cumsum(count.ravel())
        place = np.arange(len(row)) + np.repeat(self._start[near].ravel() - (ends - count.ravel()), count.ravel())
        return row, self._around[place]


def gap(one: Proximity, other: Proximity, without: Points | None = None, radius: float = _MEETING_MM) -> float:
    """Smallest distance between two surfaces, from the vertices of each to the other, mm; 0 where they meet.

    Parameters
    ----------
    without : (k, 3) places within `radius` of which they may meet.
    """
    return min(_one_way(one, other, without, radius), _one_way(other, one, without, radius))


def _one_way(from_surface: Proximity, to_surface: Proximity, without: Points | None, radius: float) -> float:
    points = from_surface.surface.vertices
    if without is not None:
        points = points[cKDTree(without).query(points)[0] > radius]
    if not len(points):
        return float("inf")
    bound = to_surface.vertex_distance(points)
    signed = to_surface.nearest(points[bound <= bound.min() + to_surface.longest_edge])[0]
    meet = signed.min() < 0 < signed.max() and without is None
    return 0.0 if meet else float(np.abs(signed).min())


def barycentric_nearest(points: NDArray[np.float64], corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Barycentric weights, (..., 3), of the point of each triangle, (..., 3, 3), that is nearest to a point, (..., 3).

    The regions of a triangle are told apart as by Ericson, Real-Time Collision Detection (2005), 5.1.5.
    """
    a, b, c = (corners[..., index, :] for index in range(3))
    ab, ac = b - a, c - a
    d1, d2 = _dot(ab, points - a), _dot(ac, points - a)
    d3, d4 = _dot(ab, points - b), _dot(ac, points - b)
    d5, d6 = _dot(ab, points - c), _dot(ac, points - c)
    va, vb, vc = d3 * d6 - d5 * d4, d5 * d2 - d1 * d6, d1 * d4 - d3 * d2
    with np.errstate(divide="ignore", invalid="ignore"):
        on_ab, on_ac = d1 / (d1 - d3), d2 / (d2 - d6)
        on_bc = (d4 - d3) / ((d4 - d3) + (d5 - d6))
        total = va + vb + vc
        inner = np.stack([va / total, vb / total, vc / total], axis=-1)
    zero, one = np.zeros_like(d1), np.ones_like(d1)
    cases = [
        ((d1 <= 0) & (d2 <= 0), (one, zero, zero)),
        ((d3 >= 0) & (d4 <= d3), (zero, one, zero)),
        ((d6 >= 0) & (d5 <= d6), (zero, zero, one)),
        ((vc <= 0) & (d1 >= 0) & (d3 <= 0), (1 - on_ab, on_ab, zero)),
        ((vb <= 0) & (d2 >= 0) & (d6 <= 0), (1 - on_ac, zero, on_ac)),
        ((va <= 0) & (d4 >= d3) & (d5 >= d6), (zero, 1 - on_bc, on_bc)),
    ]
    weights = inner
    for condition, values in reversed(cases):
        weights[condition] = np.stack([value[condition] for value in values], axis=-1)
    return weights


def _dot(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.einsum("...d,...d->...", *np.broadcast_arrays(one, other))
