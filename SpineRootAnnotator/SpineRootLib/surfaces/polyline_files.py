"""A file of lines for Slicer and VTK."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
from vtkmodules.vtkCommonCore import vtkAbstractArray, vtkPoints, vtkStringArray
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

from SpineRootLib.frames import Points, flip_ras_lps
from SpineRootLib.surfaces.files import write_with_vtk

# An array of a line or of its points: numbers, or a word each.
Values = NDArray[np.generic] | Sequence[str]


def write_polylines(
    path: Path, lines: Sequence[Points], of_points: Mapping[str, Values], of_lines: Mapping[str, Values]
) -> Path:
    """Write lines as VTP in LPS millimetres, which its field ``SPACE`` says; the path.

    Parameters
    ----------
    lines : at least one, each (n, 3) RAS mm.
    of_points : by name the values at all lines' points, one line after the other.
    of_lines : by name a value a line.

    Raises
    ------
    DatasetError
        if the file cannot be written.
    """
    from vtkmodules.vtkIOXML import vtkXMLPolyDataWriter

    data, points, cells = vtkPolyData(), vtkPoints(), vtkCellArray()
    points.SetDataTypeToDouble()
    points.SetData(numpy_to_vtk(flip_ras_lps(np.concatenate(lines)), deep=True))
    ends = np.cumsum([0, *map(len, lines)])
    cells.SetData(numpy_to_vtkIdTypeArray(ends, deep=True), numpy_to_vtkIdTypeArray(np.arange(ends[-1]), deep=True))
    data.SetPoints(points)
    data.SetLines(cells)
    for attributes, arrays in ((data.GetPointData(), of_points), (data.GetCellData(), of_lines)):
        for name, values in arrays.items():
            attributes.AddArray(_array(name, values))
    data.GetFieldData().AddArray(_array("SPACE", ["LPS"]))
    writer = vtkXMLPolyDataWriter()
    writer.SetInputData(data)
    writer.SetCompressionLevel(1)
    write_with_vtk(writer, path, durable=True)
    return path


def _array(name: str, values: Values) -> vtkAbstractArray:
    if isinstance(values, np.ndarray):
        array = numpy_to_vtk(np.ascontiguousarray(values), deep=True)
    else:
        array = vtkStringArray()
        for value in values:
            array.InsertNextValue(value)
    array.SetName(name)
    return array
