"""Triangle surfaces and what can be said of one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.frames import Points

Triangles = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Surface:
    """A triangle mesh.

    Parameters
    ----------
    vertices : (n, 3) RAS mm.
    triangles : (m, 3) indices of vertices, counter-clockwise seen from outside.
    """

    vertices: Points
    triangles: Triangles

    @property
    def corners(self) -> NDArray[np.float64]:
        """The corners of the triangles, (m, 3, 3)."""
        return self.vertices[self.triangles]

    def volume(self) -> float:
        """Enclosed volume, mm3 (divergence theorem); meaningful for a closed surface only."""
        a, b, c = (self.corners - self.vertices.mean(axis=0)).transpose(1, 0, 2)
        return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)

    def area(self) -> float:
        """Area, mm2."""
        return float(np.linalg.norm(self.normals(), axis=1).sum() / 2)

    def normals(self) -> NDArray[np.float64]:
        """Outward normals of the triangles, (m, 3), twice the triangle's area long."""
        a, b, c = self.corners.transpose(1, 0, 2)
        return np.cross(b - a, c - a)

    def is_watertight(self) -> bool:
        """Whether each edge is shared by exactly two triangles that run along it in opposite directions."""
        start = self.triangles.ravel()
        end = np.roll(self.triangles, -1, axis=1).ravel()
        count = len(self.vertices)
        forth, back = np.sort(start * count + end), np.sort(end * count + start)
        return bool(len(forth) and np.all(np.diff(forth) > 0) and np.array_equal(forth, back))

    def components(self) -> int:
        """Number of pieces that share no vertex."""
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import connected_components

        used = np.unique(self.triangles)
        rank = np.searchsorted(used, self.triangles)
        ones = np.ones(2 * len(rank), dtype=np.int8)
        rows, columns = np.concatenate([rank[:, :2], rank[:, 1:]]).T
        graph = coo_matrix((ones, (rows, columns)), shape=(len(used), len(used)))
        return int(connected_components(graph, directed=False, return_labels=False))


def joined(surfaces: list[Surface]) -> Surface:
    """Several surfaces in one, vertices not merged."""
    offsets = np.cumsum([0, *(len(surface.vertices) for surface in surfaces)])
    triangles = [surface.triangles + offset for surface, offset in zip(surfaces, offsets, strict=False)]
    return Surface(np.concatenate([surface.vertices for surface in surfaces]), np.concatenate(triangles))
