"""Rows as a Slicer table node: numbers stay numbers, so that they can be plotted, unless some are missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import vtk
from vtkmodules.util.numpy_support import numpy_to_vtk

# what a reader needs; the files hold lengths to 1e-10 mm
_DECIMALS = 3


def fill_table(node: Any, columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Replace what a table node holds.

    Parameters
    ----------
    columns : by name, the title that the user reads.
    rows : None is an empty cell, and makes its column one of text: numbers would show it as ``nan``.
    """
    listed = list(rows)
    table = vtk.vtkTable()
    for name in columns:
        table.AddColumn(_column(name, [row.get(name) for row in listed]))
    was_modifying = node.StartModify()
    node.SetUseColumnTitleAsColumnHeader(True)
    node.SetAndObserveTable(table)
    for name, title in columns.items():
        node.SetColumnTitle(name, title)
    node.SetLocked(True)
    node.EndModify(was_modifying)


def _column(name: str, values: Sequence[Any]) -> Any:
    if values and all(isinstance(value, (int, np.integer)) for value in values):
        column = numpy_to_vtk(np.array(values, dtype=np.int64), deep=True, array_type=vtk.VTK_LONG_LONG)
    elif values and all(isinstance(value, (int, float, np.number)) for value in values):
        column = numpy_to_vtk(np.round(np.array(values, dtype=np.float64), _DECIMALS), deep=True)
    else:
        column = vtk.vtkStringArray()
        for value in values:
            column.InsertNextValue(_text(value))
    column.SetName(name)
    return column


def _text(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return f"{round(float(value), _DECIMALS):g}"
    return "" if value is None else str(value)
