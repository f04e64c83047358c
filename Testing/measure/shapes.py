"""Curves, surfaces and distances for measuring, from VTK, trimesh and manifold3d: nothing of the modeller's own."""

from __future__ import annotations

from pathlib import Path

import manifold3d
import numpy as np
import trimesh
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonComputationalGeometry import vtkCardinalSpline
from vtkmodules.vtkCommonCore import reference
from vtkmodules.vtkCommonDataModel import vtkStaticCellLocator
from vtkmodules.vtkIOXML import vtkXMLPolyDataReader

LPS = np.array([-1.0, -1.0, 1.0])
# What is smaller is rounding.
_SPECK_MM3 = 1e-9


def share_of_partners(regions: dict[str, trimesh.Trimesh]) -> tuple[float, float]:
    """Volume enclosed by the triangles that belong to one region alone, and the share of others with one partner."""
    corners = np.concatenate([mesh.triangles for mesh in regions.values()])
    _, rank = np.unique(np.rint(corners.reshape(-1, 3) * 1e6), axis=0, return_inverse=True)
    _, group, count = np.unique(np.sort(rank.reshape(-1, 3), axis=1), axis=0, return_inverse=True, return_counts=True)
    alone = corners[count[group.ravel()] == 1] - corners[0, 0]
    a, b, c = alone.transpose(1, 0, 2)
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6), float((count[count > 1] == 2).mean())


def read_vtp(path: Path):
    """The polygons of a file as they stand, in LPS."""
    reader = vtkXMLPolyDataReader()
    reader.SetFileName(str(path))
    reader.Update()
    return reader.GetOutput()


def as_trimesh(poly) -> trimesh.Trimesh:
    """In RAS."""
    vertices = vtk_to_numpy(poly.GetPoints().GetData()) * LPS
    faces = vtk_to_numpy(poly.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    return trimesh.Trimesh(vertices, faces, process=False)


def as_manifold(mesh: trimesh.Trimesh) -> manifold3d.Manifold:
    """The solid of a closed mesh."""
    return manifold3d.Manifold(
        manifold3d.Mesh64(np.ascontiguousarray(mesh.vertices), np.ascontiguousarray(mesh.faces, dtype=np.uint64))
    )


def is_closed_piece(mesh: trimesh.Trimesh) -> bool:
    """Watertight, wound outwards, in one piece."""
    return mesh.is_watertight and mesh.is_winding_consistent and mesh.volume > 0 and mesh.body_count == 1


def pieces(solid: manifold3d.Manifold) -> int:
    """Of how many separate pieces a solid is."""
    return sum(piece.volume() > _SPECK_MM3 for piece in solid.decompose())


def distances(poly, points: np.ndarray) -> np.ndarray:
    """Distance of RAS points to a surface, mm."""
    locator = vtkStaticCellLocator()
    locator.SetDataSet(poly)
    locator.BuildLocator()
    place, cell, sub, squared = [0.0] * 3, reference(0), reference(0), reference(0.0)
    found = np.empty(len(points))
    for index, point in enumerate(points * LPS):
        locator.FindClosestPoint(point, place, cell, sub, squared)
        found[index] = float(squared)
    return np.sqrt(found)


def drawn_volume(contours: list[np.ndarray]) -> float:
    """Trapezoid over the areas inside VTK's closed cardinal splines, one contour a slice."""
    normal = slice_normal(contours)
    areas = sorted((float(contour.mean(axis=0) @ normal), curve_area(contour, normal)) for contour in contours)
    depth, area = np.array(areas).T
    return float(np.sum(np.diff(depth) * (area[1:] + area[:-1]) / 2))


def slice_normal(contours: list[np.ndarray]) -> np.ndarray:
    """The unit normal of the slices, towards the head."""
    pooled = np.concatenate([contour - contour.mean(axis=0) for contour in contours])
    normal = np.linalg.svd(pooled, full_matrices=False)[2][2]
    return normal * np.sign(normal[2])


def curve_area(contour: np.ndarray, normal: np.ndarray) -> float:
    """Area inside the closed cardinal spline through control points."""
    curve = np.empty((20 * len(contour), 3))
    for axis in range(3):
        spline = vtkCardinalSpline()
        spline.ClosedOn()
        for index, value in enumerate(contour[:, axis]):
            spline.AddPoint(index, value)
        spline.SetParametricRange(0, len(contour))
        curve[:, axis] = [spline.Evaluate(k / 20) for k in range(len(curve))]
    curve -= curve.mean(axis=0)
    return abs(float(np.cross(curve, np.roll(curve, -1, axis=0)).sum(axis=0) @ normal)) / 2


def to_polyline(points: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Distance of points to a polyline."""
    step = np.diff(line, axis=0)
    relative = points[:, None] - line[:-1]
    along = np.clip(np.einsum("nkd,kd->nk", relative, step) / np.einsum("kd,kd->k", step, step), 0, 1)
    return np.linalg.norm(relative - along[..., None] * step, axis=2).min(axis=1)


def triangle_quality(mesh: trimesh.Trimesh) -> np.ndarray:
    """Twice the inscribed over the circumscribed radius: 1 for an equilateral triangle."""
    edges = np.linalg.norm(np.roll(mesh.triangles, -1, axis=1) - mesh.triangles, axis=2)
    return 16 * mesh.area_faces**2 / np.maximum(edges.prod(axis=1) * edges.sum(axis=1), 1e-30)


def triple(values: np.ndarray) -> str:
    """Mean, 95th percentile, maximum."""
    return f"{values.mean():.3f} / {np.percentile(values, 95):.3f} / {values.max():.3f}"
