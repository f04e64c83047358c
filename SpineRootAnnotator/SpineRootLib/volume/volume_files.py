"""Files of a labelled surface and of the tetrahedra that fill it: LPS millimetres, said where the format can."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
from vtkmodules.vtkCommonCore import vtkPoints, vtkStringArray
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkDataSet, vtkUnstructuredGrid

from SpineRootLib.atomic import replacing
from SpineRootLib.errors import DatasetError, MissingExtraError
from SpineRootLib.frames import flip_ras_lps
from SpineRootLib.surfaces.files import poly_data, write_with_vtk
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.tables import Meaning, write_described
from SpineRootLib.volume.gmsh_files import gmsh_22, gmsh_41
from SpineRootLib.volume.labelled_surface import LabelledSurface
from SpineRootLib.volume.tetrahedra import TetrahedralMesh

_SPACE = "LPS"
# beside itself, by format
_MESHIO_NEEDS = {"med": ("h5py",)}
_TETRAHEDRON = 10  # VTK's number of the kind of cell
_SEED_COLUMNS: dict[str, Meaning] = {
    "index": ("Number of the region in which the seed lies", None),
    "name": ("Name of that region's file", None),
    **{axis: (f"Where the seed lies, {axis} of LPS", "mm") for axis in "xyz"},
}


def write_labelled_surface(surface: LabelledSurface, folder: Path, subject: str) -> list[Path]:
    """Write ``sub-XX_interfaces.vtp``, and ``sub-XX_seeds.tsv`` with what its columns mean; the paths.

    Cells have the arrays ``front`` and ``back``, numbers of the regions on both sides, 0 for none, and ``contact``.

    Raises
    ------
    DatasetError
        if the folder cannot be written.
    """
    from vtkmodules.vtkIOXML import vtkXMLPolyDataWriter

    path = folder / f"sub-{subject}_interfaces.vtp"
    data = poly_data(Surface(surface.vertices, surface.triangles))
    for name, values in (("front", surface.front), ("back", surface.back)):
        _add_cell_array(data, name, values)
    _say_space(data)
    writer = vtkXMLPolyDataWriter()
    writer.SetInputData(data)
    write_with_vtk(writer, path, durable=True)
    rows = [
        {"index": seed.region, "name": surface.names[seed.region], **dict(zip("xyz", _lps(seed.place), strict=True))}
        for seed in surface.seeds
    ]
    return [path, *write_described(folder / f"sub-{subject}_seeds.tsv", list(_SEED_COLUMNS), rows, _SEED_COLUMNS)]


def write_tetrahedra(mesh: TetrahedralMesh, folder: Path, subject: str, formats: Iterable[str]) -> list[Path]:
    """Write a mesh as ``sub-XX_mesh...``, atomically, in each of some formats; the paths.

    Raises
    ------
    DatasetError
        if the folder cannot be written.
    """
    paths = []
    for name in formats:
        ending, write = MESH_FORMATS[name]
        path = folder / f"sub-{subject}_mesh{ending}"
        write(path, mesh)
        paths.append(path)
    return paths


def check_writers(formats: Iterable[str]) -> None:
    """See that formats can be written.

    Raises
    ------
    MissingExtraError
        for one that meshio writes, if that is not installed.
    """
    for name in formats:
        if MESH_FORMATS[name][1] is _write_by_meshio:
            _import_meshio(name)


def _lps(place: Any) -> list[float]:
    return [float(value) for value in flip_ras_lps(place)]


def _add_cell_array(data: vtkDataSet, name: str, values: Any) -> None:
    array = numpy_to_vtk(np.asarray(values, dtype=np.int32), deep=True)
    array.SetName(name)
    data.GetCellData().AddArray(array)


def _say_space(data: vtkDataSet) -> None:
    space = vtkStringArray()
    space.SetName("SPACE")
    space.InsertNextValue(_SPACE)
    data.GetFieldData().AddArray(space)


def _write_vtu(path: Path, mesh: TetrahedralMesh) -> None:
    from vtkmodules.vtkIOXML import vtkXMLUnstructuredGridWriter

    points = vtkPoints()
    points.SetDataTypeToDouble()
    points.SetData(numpy_to_vtk(flip_ras_lps(mesh.points), deep=True))
    cells = vtkCellArray()
    offsets = np.arange(0, 4 * len(mesh.tetrahedra) + 1, 4)
    cells.SetData(
        numpy_to_vtkIdTypeArray(offsets, deep=True), numpy_to_vtkIdTypeArray(mesh.tetrahedra.ravel(), deep=True)
    )
    grid = vtkUnstructuredGrid()
    grid.SetPoints(points)
    grid.SetCells(_TETRAHEDRON, cells)
    # no word of LPS, which Slicer takes for granted: meshio reads no file that holds a string
    _add_cell_array(grid, "region", mesh.region)
    writer = vtkXMLUnstructuredGridWriter()
    writer.SetInputData(grid)
    write_with_vtk(writer, path, durable=True)


def _write_gmsh(build: Callable[[TetrahedralMesh], Iterable[bytes]]) -> Callable[[Path, TetrahedralMesh], None]:
    def write(path: Path, mesh: TetrahedralMesh) -> None:
        with replacing(path) as temporary, temporary.open("wb") as stream:
            for block in build(mesh):
                stream.write(block)

    return write


def _import_meshio(name: str) -> Any:
    for library in ("meshio", *_MESHIO_NEEDS.get(name, ())):
        if find_spec(library) is None:
            raise MissingExtraError(library, "mesh", f"a mesh as .{name}")
    import meshio

    return meshio


def _write_by_meshio(path: Path, mesh: TetrahedralMesh) -> None:
    """All that meshio writes, by the path's ending."""
    document = (_families if path.suffix == ".med" else _sets)(mesh, _import_meshio(path.suffix[1:]))
    with replacing(path) as temporary:
        try:
            document.write(temporary, **({"data_format": "XML"} if path.suffix == ".xdmf" else {}))
        except OSError:
            raise
        except Exception as error:  # whatever meshio does not like
            raise DatasetError(f"cannot be written by meshio ({error})", path) from error


def _sets(mesh: TetrahedralMesh, meshio: Any) -> Any:
    """Regions and interfaces as named sets of cells, and as numbers of cells, for formats that have no sets."""
    cells = [("tetra", mesh.tetrahedra), ("triangle", mesh.surface.triangles)]
    interfaces = mesh.surface.interfaces()
    none = np.zeros(0, dtype=np.int64)
    sets = {name: [np.flatnonzero(mesh.region == number), none] for number, name in sorted(mesh.surface.names.items())}
    sets |= {name: [none, which] for name, which in interfaces.items()}
    numbers = {"region": [mesh.region, np.zeros(len(mesh.surface.triangles))]}
    numbers["interface"] = [np.zeros(len(mesh.tetrahedra)), _numbered(interfaces, len(mesh.surface.triangles))]
    cell_data = {name: [each.astype(np.int32) for each in blocks] for name, blocks in numbers.items()}
    return meshio.Mesh(flip_ras_lps(mesh.points), cells, cell_data=cell_data, cell_sets=sets)


def _families(mesh: TetrahedralMesh, meshio: Any) -> Any:
    """Regions and interfaces as families of cells: MED numbers these below zero."""
    interfaces = mesh.surface.interfaces()
    cells = [("tetra", mesh.tetrahedra), ("triangle", mesh.surface.triangles)]
    first = max(mesh.surface.names)
    tags = [-mesh.region, -first - _numbered(interfaces, len(mesh.surface.triangles))]
    document = meshio.Mesh(flip_ras_lps(mesh.points), cells, cell_data={"cell_tags": tags})
    document.cell_tags = {-number: [name] for number, name in mesh.surface.names.items()}
    document.cell_tags |= {-first - rank: [name] for rank, name in enumerate(interfaces, start=1)}
    return document


def _numbered(interfaces: Mapping[str, NDArray[np.int64]], count: int) -> NDArray[np.int64]:
    """The rank of each triangle's interface, from 1."""
    found = np.zeros(count, dtype=np.int64)
    for rank, which in enumerate(interfaces.values(), start=1):
        found[which] = rank
    return found


# by name: the ending, and what writes it
MESH_FORMATS: dict[str, tuple[str, Callable[[Path, TetrahedralMesh], None]]] = {
    "vtu": (".vtu", _write_vtu),
    "msh22": ("22.msh", _write_gmsh(gmsh_22)),
    "msh41": ("41.msh", _write_gmsh(gmsh_41)),
    "inp": (".inp", _write_by_meshio),
    "xdmf": (".xdmf", _write_by_meshio),
    "med": (".med", _write_by_meshio),
}
