"""Fills one region with tetrahedra by Netgen: what a process of its own does, hence with few imports."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from SpineRootLib.frames import Points
from SpineRootLib.surfaces.mesh import Triangles
from SpineRootLib.volume.settings import MeshingSettings, RepairSettings
from SpineRootLib.volume.sliver_repair import repaired
from SpineRootLib.volume.tetrahedra import Tetrahedra, signed_volumes


@dataclass(frozen=True, eq=False)
class Filled:
    """A region's own table of points, the surface's first, and the tetrahedra on it."""

    points: Points
    tetrahedra: Tetrahedra


def fill_region(
    vertices: Points, triangles: Triangles, settings: MeshingSettings, repair: RepairSettings
) -> Filled | None:
    """Tetrahedra within a closed surface, (n, 3) RAS mm and (m, 3); None where Netgen cannot fill it."""
    from netgen import meshing

    meshing.SetMessageImportance(0)
    mesh = meshing.Mesh(dim=3)
    mesh.AddPoints(np.ascontiguousarray(vertices))
    face = mesh.Add(meshing.FaceDescriptor(surfnr=1, domin=1, domout=0, bc=1))
    mesh.AddElements(dim=2, index=face, data=np.ascontiguousarray(triangles, dtype=np.int32), base=0)
    # Netgen's own threads wait for each other by spinning: a small region took two hundred times as long by them
    wanted = meshing.MeshingParameters(
        maxh=settings.longest_mm,
        grading=settings.grading,
        optsteps3d=settings.optimisation_steps,
        parallel_meshing=False,
    )
    try:
        mesh.GenerateVolumeMesh(mp=wanted)
    except Exception:  # its own kind, of which nothing is known
        return None
    points = np.array(mesh.Coordinates())
    tetrahedra = np.array(mesh.Elements3D().NumPy()["nodes"][:, :4]).astype(np.int64) - 1
    if not _is_filled(points, tetrahedra, vertices, triangles):
        return None
    # Netgen has the corners of a tetrahedron the other way round
    return Filled(*repaired(points, tetrahedra[:, [0, 2, 1, 3]], len(vertices), repair))


def _is_filled(points: Points, tetrahedra: Tetrahedra, vertices: Points, triangles: Triangles) -> bool:
    """Whether tetrahedra keep the surface and have its volume."""
    if not len(tetrahedra) or not np.array_equal(points[: len(vertices)], vertices):
        return False
    a, b, c = vertices[triangles].transpose(1, 0, 2)
    wanted = np.einsum("ij,ij->", a - vertices[0], np.cross(b - vertices[0], c - vertices[0])) / 6
    return bool(np.isclose(-signed_volumes(points[tetrahedra]).sum(), wanted, rtol=1e-6))
