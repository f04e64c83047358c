"""Rows as a Slicer table node: numbers stay numbers, so that they can be sorted and plotted."""

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
    rows : None is an empty cell, in a column of numbers NaN.
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
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, (int, np.integer)) for value in values):
        column = numpy_to_vtk(np.array(values, dtype=np.int64), deep=True, array_type=vtk.VTK_LONG_LONG)
    elif any(isinstance(value, (float, np.floating)) for value in known):
        numbers = np.array([np.nan if value is None else float(value) for value in values])
        column = numpy_to_vtk(np.round(numbers, _DECIMALS), deep=True)
    else:
        column = vtk.vtkStringArray()
        for value in values:
            column.InsertNextValue("" if value is None else str(value))
    column.SetName(name)
    return column
