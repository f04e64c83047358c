"""A place inside a region, as far from its surface as a few tries find: where a mesher begins to fill it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.surfaces.mesh import Surface, Triangles

# triangles, the largest, from which a straight line inwards is tried; by eye
_TRIES = 24
_PARALLEL = 1e-12
# a ray does not meet the triangle that it begins at
_OWN_MM = 1e-6


@dataclass(frozen=True, eq=False)
class Seed:
    """A region's number and a place, (3,) RAS mm, inside it."""

    region: int
    place: NDArray[np.float64]


def place_inside(surface: Surface, piece: Triangles) -> NDArray[np.float64]:
    """The middle of the longest straight way inwards from one of a piece's large triangles, (3,).

    Such a way begins at a triangle's middle, runs along its normal and ends at the first triangle of the surface that
    it meets, so that its middle is inside whatever the shape.

    Parameters
    ----------
    surface : closed, with hollows if there are any.
    piece : those of its triangles, (k, 3), from which to begin.
    """
    begin = Surface(surface.vertices, piece)
    middles, normals = begin.corners.mean(axis=1), begin.normals()
    size = np.linalg.norm(normals, axis=1)
    best, place = -1.0, middles[0]
    for number in np.argsort(-size)[:_TRIES].tolist():
        inwards = -normals[number] / size[number]
        way = _first_hit(surface.corners, middles[number], inwards)
        if best < way < np.inf:
            best, place = way, middles[number] + way / 2 * inwards
    return np.asarray(place)


def _first_hit(corners: NDArray[np.float64], start: NDArray[np.float64], direction: NDArray[np.float64]) -> float:
    """How far a ray goes to the next triangle (Moeller and Trumbore, 1997); infinite if it meets none."""
    a, b, c = corners.transpose(1, 0, 2)
    one, other = b - a, c - a
    across = np.cross(direction, other)
    scale = np.einsum("ij,ij->i", one, across)
    safe = np.where(np.abs(scale) < _PARALLEL, np.inf, scale)
    from_a = start - a
    u = np.einsum("ij,ij->i", from_a, across) / safe
    turned = np.cross(from_a, one)
    v = turned @ direction / safe
    away = np.einsum("ij,ij->i", other, turned) / safe
    hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (away > _OWN_MM) & np.isfinite(safe)
    return float(away[hit].min(initial=np.inf))
