"""Tetrahedra that fill regions, and what can be said of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.frames import Points

if TYPE_CHECKING:
    from SpineRootLib.volume.labelled_surface import LabelledSurface

Tetrahedra = NDArray[np.int64]
# the faces of a tetrahedron, each opposite to the corner of its place, counter-clockwise seen from outside
FACES = ((1, 2, 3), (0, 3, 2), (0, 1, 3), (0, 2, 1))


@dataclass(frozen=True, eq=False)
class TetrahedralMesh:
    """Regions filled with tetrahedra that meet face to face.

    Parameters
    ----------
    points : (n, 3) RAS mm; the first are the vertices of `surface`.
    tetrahedra : (m, 4) indices of points, of positive volume: the fourth lies where the first three turn left.
    region : (m,) numbers of the regions.
    surface : what was filled.
    """

    points: Points
    tetrahedra: Tetrahedra
    region: NDArray[np.int64]
    surface: LabelledSurface

    def volumes(self) -> NDArray[np.float64]:
        """The volume of each tetrahedron, (m,) mm3."""
        return signed_volumes(self.points[self.tetrahedra])

    def quality(self) -> dict[str, float | int]:
        """Sizes and shapes, as the report has them; a tetrahedron under one degree is nearly flat."""
        corners = self.points[self.tetrahedra]
        least = smallest_angles(corners)
        return {
            "points": len(self.points),
            "tetrahedra": len(self.tetrahedra),
            "inverted": int((signed_volumes(corners) <= 0).sum()),
            "min_dihedral_deg": round(float(least.min()), 4),
            "below_1_deg": int((least < 1).sum()),
            "below_5_deg": int((least < 5).sum()),
        }


def signed_volumes(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """The volumes of tetrahedra, (..., 4, 3) to (...); negative for one that is turned inside out."""
    a, b, c, d = (corners[..., corner, :] for corner in range(4))
    return np.asarray(np.einsum("...i,...i->...", np.cross(b - a, c - a), d - a) / 6)


def smallest_angles(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """The smallest of the six angles between the faces of tetrahedra, (..., 4, 3) to (...), degrees.

    Of a tetrahedron that is turned inside out it is below zero.
    """
    normals = []
    for a, b, c in FACES:
        first = corners[..., a, :]
        normal = np.cross(corners[..., b, :] - first, corners[..., c, :] - first)
        normals.append(normal / np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-300))
    cosines = [-np.einsum("...i,...i->...", one, other) for one, other in combinations(normals, 2)]
    angle = np.degrees(np.arccos(np.clip(np.max(cosines, axis=0), -1.0, 1.0)))
    return np.where(signed_volumes(corners) > 0, angle, -angle)
