"""Two boxes side by side, as regions that share a wall, and tetrahedra in them that are counted by hand."""

from __future__ import annotations

import numpy as np

from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.volume.labelled_surface import welded
from SpineRootLib.volume.tetrahedra import TetrahedralMesh

CORD, CSF = "cord", "csf"
# corners of a unit cube, and its twelve triangles, counter-clockwise seen from outside
_CORNERS = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], dtype=float)
_TRIANGLES = np.array(
    [[0, 2, 1], [1, 2, 3], [4, 5, 6], [5, 7, 6], [0, 1, 4], [1, 5, 4], [2, 6, 3], [3, 6, 7]]
    + [[0, 4, 2], [2, 4, 6], [1, 3, 5], [3, 7, 5]]
)


def box(start: float, turned: bool = False) -> Surface:
    """The unit cube from `start` on along x; `turned`, with the other diagonal in the wall towards lower x."""
    triangles = _TRIANGLES.copy()
    if turned:
        triangles[8:10] = [[0, 4, 6], [0, 6, 2]]
    return Surface(_CORNERS + [start, 0, 0], triangles)


def two_boxes(shared: bool = True) -> dict[str, Surface]:
    """Cord and fluid, side by side; not `shared`, each with a diagonal of its own in the wall between them."""
    return {CORD: box(0.0), CSF: box(1.0, turned=not shared)}


def filled_boxes() -> TetrahedralMesh:
    """Twelve tetrahedra in each of the two, from its middle to its triangles."""
    surface = welded(two_boxes())
    points, tetrahedra, region = [surface.vertices], [], []
    for number in sorted(surface.names):
        own = surface.region(number).triangles
        middle = len(surface.vertices) + len(points) - 1
        points.append(surface.vertices[np.unique(own)].mean(axis=0)[None])
        # the middle lies behind triangles that are counter-clockwise seen from outside
        tetrahedra.append(np.column_stack([own[:, ::-1], np.full(len(own), middle)]))
        region += [number] * len(own)
    return TetrahedralMesh(np.concatenate(points), np.concatenate(tetrahedra), np.array(region), surface)
