"""Errors that VTK and MRML report and nobody raises."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import vtk

# Slicer says so itself of every view that was saved turned by however little.
_SLICERS_OWN = ("invalid orientation preset name: Reformat",)


@contextlib.contextmanager
def vtk_errors() -> Iterator[list[str]]:
    """The texts of the errors that are reported within the block."""
    texts: list[str] = []

    @vtk.calldata_type(vtk.VTK_STRING)
    def remember(_caller: Any, _event: str, text: str) -> None:
        if not any(each in text for each in _SLICERS_OWN):
            texts.append(text)

    window = vtk.vtkOutputWindow.GetInstance()
    tag = window.AddObserver(vtk.vtkCommand.ErrorEvent, remember)
    try:
        yield texts
    finally:
        window.RemoveObserver(tag)
