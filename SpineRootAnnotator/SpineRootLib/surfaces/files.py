"""Surface files as Slicer reads them in place: LPS, and saying so where the format can."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
from vtkmodules.vtkCommonCore import vtkObject, vtkPoints, vtkStringArray
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

from SpineRootLib.atomic import replacing, write_text
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.frames import flip_ras_lps
from SpineRootLib.native_path import native_name
from SpineRootLib.regions import COLUMNS, rows
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.surfaces.model import Model
from SpineRootLib.surfaces.modelled import beyond_traced, modelled_percent
from SpineRootLib.tables import write_described

# What vtkMRMLModelStorageNode looks for in a header or a comment, and in the field data of a .vtp as the array SPACE.
_SPACE = "LPS"
_HEADER = f"SpineRoot. SPACE={_SPACE}"
# the array at a surface's points, 1 where it was modelled and not traced; in OBJ a group; STL has no place for it
MODELLED = "modelled"
Modelled = NDArray[np.uint8] | None


def write_model(model: Model, folder: Path, formats: Iterable[str] = ("vtp",), durable: bool = True) -> list[Path]:
    """Write each surface as ``sub-XX_<part>.<format>``, atomically; the paths are returned.

    The regions of a conforming set are written as ``sub-XX_region-<name>.<format>``, and listed in
    ``sub-XX_regions.tsv``. What is modelled and not traced is 1 in the array ``modelled`` at the points of VTP, VTK
    and PLY, and a group of faces in OBJ; STL has no place for it.

    Raises
    ------
    SpineRootError
        if a format is unknown.
    DatasetError
        if the folder cannot be written.
    """
    wanted = list(formats)
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown:
        raise SpineRootError(f"'{unknown[0]}' is no surface format ({', '.join(FORMATS)})")
    paths = []
    beyond = {
        name: (beyond_traced(model, part, surface.vertices) > 0).astype(np.uint8)
        for name, part, surface in (
            *((name, name, surface) for name, surface in model.parts.items()),
            *((f"region-{name}", name, surface) for name, surface in model.regions.items()),
        )
    }
    named = {**model.parts, **{f"region-{name}": surface for name, surface in model.regions.items()}}
    for name, surface in named.items():
        for ending in wanted:
            path = folder / f"sub-{model.subject}_{name}.{ending}"
            FORMATS[ending](path, surface, durable, beyond[name])
            paths.append(path)
    if model.regions:
        paths += write_regions_table(model, folder)
    return paths


def write_regions_table(model: Model, folder: Path) -> list[Path]:
    """Write ``sub-XX_regions.tsv``, the number, tissue and conductivity of each region and what of it was modelled, and
    what its columns mean; the two files."""
    path = folder / f"sub-{model.subject}_regions.tsv"
    modelled = {part: modelled_percent(model, part) for part in model.regions}
    return write_described(path, list(COLUMNS), rows(modelled), COLUMNS)


def poly_data(surface: Surface, modelled: NDArray[np.uint8] | None = None) -> vtkPolyData:
    """The surface in LPS as VTK's own object; with `modelled`, (n,), the array of that name at its points."""
    points = vtkPoints()
    points.SetDataTypeToDouble()
    points.SetData(numpy_to_vtk(flip_ras_lps(surface.vertices), deep=True))
    offsets = np.arange(0, 3 * len(surface.triangles) + 1, 3)
    cells = vtkCellArray()
    cells.SetData(
        numpy_to_vtkIdTypeArray(offsets, deep=True), numpy_to_vtkIdTypeArray(surface.triangles.ravel(), deep=True)
    )
    data = vtkPolyData()
    data.SetPoints(points)
    data.SetPolys(cells)
    if modelled is not None:
        array = numpy_to_vtk(modelled, deep=True)
        array.SetName(MODELLED)
        data.GetPointData().AddArray(array)
    return data


def write_with_vtk(writer: Any, path: Path, durable: bool) -> None:
    """Write a file with one of VTK's writers."""
    native_name(path)
    with replacing(path, durable) as temporary:
        writer.SetFileName(str(temporary))
        # what VTK reports on the way goes to the terminal: the sentence is enough
        shown = vtkObject.GetGlobalWarningDisplay()
        vtkObject.SetGlobalWarningDisplay(0)
        try:
            written = writer.Write() and writer.GetErrorCode() == 0
        finally:
            vtkObject.SetGlobalWarningDisplay(shown)
        if not written:
            raise DatasetError("cannot be written: the disk may be full", path)


def _write_vtp(path: Path, surface: Surface, durable: bool, modelled: Modelled = None) -> None:
    from vtkmodules.vtkIOXML import vtkXMLPolyDataWriter

    space = vtkStringArray()
    space.SetName("SPACE")
    space.InsertNextValue(_SPACE)
    data = poly_data(surface, modelled)
    data.GetFieldData().AddArray(space)
    writer = vtkXMLPolyDataWriter()
    writer.SetInputData(data)
    writer.SetCompressionLevel(1)
    write_with_vtk(writer, path, durable)


def _write_vtk(path: Path, surface: Surface, durable: bool, modelled: Modelled = None) -> None:
    from vtkmodules.vtkIOLegacy import vtkPolyDataWriter

    writer = vtkPolyDataWriter()
    # the version that other programs read, as Slicer writes it
    writer.SetFileVersion(42)
    writer.SetFileTypeToBinary()
    writer.SetHeader(_HEADER)
    writer.SetInputData(poly_data(surface, modelled))
    write_with_vtk(writer, path, durable)


def _write_stl(path: Path, surface: Surface, durable: bool, _modelled: Modelled = None) -> None:
    from vtkmodules.vtkIOGeometry import vtkSTLWriter

    writer = vtkSTLWriter()
    writer.SetFileTypeToBinary()
    writer.SetHeader(_HEADER)
    writer.SetInputData(poly_data(surface))
    write_with_vtk(writer, path, durable)


def _write_ply(path: Path, surface: Surface, durable: bool, modelled: Modelled = None) -> None:
    """Binary, with the property ``modelled`` at each vertex where it is given."""
    columns: list[tuple[str, str, tuple[int, ...]]] = [("place", "<f4", (3,))]
    columns += [(MODELLED, "u1", ())] if modelled is not None else []
    vertices = np.zeros(len(surface.vertices), dtype=columns)
    vertices["place"] = flip_ras_lps(surface.vertices)
    if modelled is not None:
        vertices[MODELLED] = modelled
    faces = np.zeros(len(surface.triangles), dtype=[("count", "u1"), ("corners", "<i4", (3,))])
    faces["count"], faces["corners"] = 3, surface.triangles
    header = ["ply", "format binary_little_endian 1.0", f"comment SPACE={_SPACE}", f"element vertex {len(vertices)}"]
    header += [f"property float {axis}" for axis in "xyz"] + [f"property uchar {MODELLED}"] * (modelled is not None)
    header += [f"element face {len(faces)}", "property list uchar int vertex_indices", "end_header", ""]
    with replacing(path, durable) as temporary:
        temporary.write_bytes("\n".join(header).encode("ascii") + vertices.tobytes() + faces.tobytes())


def _write_obj(path: Path, surface: Surface, durable: bool, modelled: Modelled = None) -> None:
    """As text; what is modelled is a group of faces of its own."""
    corners = [f"v {x:.9g} {y:.9g} {z:.9g}" for x, y, z in flip_ras_lps(surface.vertices).tolist()]
    beyond = np.zeros(len(surface.triangles), dtype=bool)
    if modelled is not None:
        beyond = np.asarray(modelled[surface.triangles].all(axis=1))
    faces = []
    for group, which in (("traced", ~beyond), (MODELLED, beyond)):
        own = (surface.triangles[which] + 1).tolist()
        faces += [f"g {group}"] * bool(beyond.any() and own) + [f"f {a} {b} {c}" for a, b, c in own]
    write_text(path, "\n".join([f"# {_HEADER}", *corners, *faces]) + "\n", durable)


FORMATS: dict[str, Callable[[Path, Surface, bool, Modelled], None]] = {
    "vtp": _write_vtp,
    "vtk": _write_vtk,
    "stl": _write_stl,
    "ply": _write_ply,
    "obj": _write_obj,
}
