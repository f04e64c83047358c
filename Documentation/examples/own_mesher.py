"""Fills what ``spineroot mesh --mesher none`` wrote with tetrahedra, by a mesher of your own.

    python own_mesher.py MESH/sub-03_interfaces.vtp MESH/sub-03_seeds.tsv tetgen out.vtu

Meshers: tetgen (pip install tetgen; AGPL), gmsh-delaunay and gmsh-hxt (pip install gmsh; GPL), tetwild (pip install
pytetwild; MPL). None of them is part of SpineRoot: each is yours to install under its own licence.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray, vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkUnstructuredGrid
from vtkmodules.vtkIOXML import vtkXMLPolyDataReader, vtkXMLUnstructuredGridWriter

LONGEST_MM = 4.0


def read_interfaces(path):
    """Vertices (n, 3), triangles (m, 3), and the regions in front of and behind each triangle, 0 for none."""
    reader = vtkXMLPolyDataReader()
    reader.SetFileName(str(path))
    reader.Update()
    data = reader.GetOutput()
    triangles = vtk_to_numpy(data.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    sides = (vtk_to_numpy(data.GetCellData().GetArray(name)) for name in ("front", "back"))
    return (vtk_to_numpy(data.GetPoints().GetData()), triangles, *sides)


def read_seeds(path):
    """The number of a region and a place in it, for each piece of each region."""
    with Path(path).open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    return [(int(row["index"]), [float(row[axis]) for axis in "xyz"]) for row in rows]


def by_tetgen(vertices, triangles, _front, _back, seeds):
    """Points, tetrahedra and the region of each. Y keeps the surface as it is, A takes the regions from the seeds."""
    import tetgen

    mesher = tetgen.TetGen(vertices, triangles.astype(np.int32))
    for region, place in seeds:
        mesher.add_region(region, tuple(place), LONGEST_MM**3 / 6)
    # q1.4/10: radius over edge, degrees; O9/7: all that it knows to better shapes
    points, tetrahedra, region, _ = mesher.tetrahedralize(switches="pzYAaq1.4/10O9/7Q")
    return points, tetrahedra, region.ravel().astype(int)


def by_gmsh(algorithm):
    """As `by_tetgen`, by Gmsh's algorithm of that number."""

    def fill(vertices, triangles, front, back, _seeds):
        import gmsh

        gmsh.initialize(interruptible=False)
        for name, value in (
            ("General.Terminal", 0),
            ("Mesh.Algorithm3D", algorithm),
            ("Mesh.MeshSizeMax", LONGEST_MM),
            ("Mesh.MeshSizeExtendFromBoundary", 1),
            ("Mesh.OptimizeThreshold", 0.1),
        ):
            gmsh.option.setNumber(name, value)
        pairs, interface = np.unique(np.column_stack([front, back]), axis=0, return_inverse=True)
        there = np.zeros(len(vertices), dtype=bool)
        for number in range(len(pairs)):
            own = triangles[interface.ravel() == number]
            gmsh.model.addDiscreteEntity(2, number + 1)
            new = np.setdiff1d(own, np.flatnonzero(there))
            there[new] = True
            gmsh.model.mesh.addNodes(2, number + 1, new + 1, vertices[new].ravel())
        for number in range(len(pairs)):
            own = triangles[interface.ravel() == number]
            gmsh.model.mesh.addElementsByType(number + 1, 2, [], (own + 1).ravel())
        for region in np.setdiff1d(pairs, [0]).tolist():
            loop = gmsh.model.geo.addSurfaceLoop([number + 1 for number, pair in enumerate(pairs) if region in pair])
            gmsh.model.geo.addVolume([loop], region)
        gmsh.model.geo.synchronize()
        gmsh.model.mesh.generate(3)
        gmsh.model.mesh.optimize("Netgen")
        tags, places, _ = gmsh.model.mesh.getNodes()
        rank = np.zeros(int(tags.max()) + 1, dtype=int)
        rank[tags.astype(int)] = np.arange(len(tags))
        found, regions = [], []
        for _, region in gmsh.model.getEntities(3):
            own = gmsh.model.mesh.getElementsByType(4, region)[1].reshape(-1, 4)
            found.append(rank[own.astype(int)])
            regions.append(np.full(len(own), region))
        gmsh.finalize()
        return places.reshape(-1, 3), np.concatenate(found), np.concatenate(regions)

    return fill


def by_tetwild(vertices, triangles, front, back, _seeds):
    """As `by_tetgen`. It keeps within 0.01 mm of the surfaces and not to them; regions by where middles lie."""
    import pytetwild
    from vtkmodules.vtkCommonDataModel import vtkPolyData
    from vtkmodules.vtkFiltersModeling import vtkSelectEnclosedPoints

    size = np.linalg.norm(np.ptp(vertices, axis=0))
    points, tetrahedra = pytetwild.tetrahedralize(
        vertices, triangles.astype(np.int32), edge_length_abs=LONGEST_MM, epsilon=0.01 / size, num_threads=2
    )
    middles = points[tetrahedra].mean(axis=1)
    region = np.zeros(len(tetrahedra), dtype=int)
    for number in np.setdiff1d(np.concatenate([front, back]), [0]).tolist():
        closed = np.concatenate([triangles[back == number], triangles[front == number][:, ::-1]])
        look = vtkSelectEnclosedPoints()
        surface, places = vtkPolyData(), vtkPolyData()
        surface.SetPoints(_points(vertices))
        surface.SetPolys(_cells(closed))
        places.SetPoints(_points(middles))
        look.SetSurfaceData(surface)
        look.SetInputData(places)
        look.SetTolerance(1e-9)
        look.Update()
        region[vtk_to_numpy(look.GetOutput().GetPointData().GetArray("SelectedPoints")) > 0] = number
    return points, tetrahedra[region > 0], region[region > 0]


MESHERS = {"tetgen": by_tetgen, "gmsh-delaunay": by_gmsh(1), "gmsh-hxt": by_gmsh(10), "tetwild": by_tetwild}


def write(path, points, tetrahedra, region):
    """A .vtu with the array ``region``."""
    grid = vtkUnstructuredGrid()
    grid.SetPoints(_points(points))
    grid.SetCells(10, _cells(tetrahedra))
    array = numpy_to_vtk(np.ascontiguousarray(region, dtype=np.int32), deep=True)
    array.SetName("region")
    grid.GetCellData().AddArray(array)
    writer = vtkXMLUnstructuredGridWriter()
    writer.SetFileName(str(path))
    writer.SetInputData(grid)
    writer.Write()


def _points(places):
    points = vtkPoints()
    points.SetData(numpy_to_vtk(np.ascontiguousarray(places, dtype=float), deep=True))
    return points


def _cells(corners):
    cells = vtkCellArray()
    offsets = np.arange(0, corners.size + 1, corners.shape[1])
    cells.SetData(
        numpy_to_vtkIdTypeArray(offsets, deep=True),
        numpy_to_vtkIdTypeArray(np.ascontiguousarray(corners.ravel(), dtype=np.int64), deep=True),
    )
    return cells


def main():
    """Reads, fills, writes, and says how many tetrahedra there are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("interfaces", type=Path)
    parser.add_argument("seeds", type=Path)
    parser.add_argument("mesher", choices=tuple(MESHERS))
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    points, tetrahedra, region = MESHERS[options.mesher](
        *read_interfaces(options.interfaces), read_seeds(options.seeds)
    )
    write(options.out, points, tetrahedra, region)
    print(f"{len(tetrahedra)} tetrahedra in {len(np.unique(region))} regions, written to {options.out}")


if __name__ == "__main__":
    main()
