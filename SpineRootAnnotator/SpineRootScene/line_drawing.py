"""Line drawings as poly data: what is shown of an annotation without a markups node."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import vtk
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray

from SpineRootLib.frames import Points

COLOR_INDEX = "Color"


class LineDrawing:
    """Collects coloured lines and makes one poly data of them."""

    def __init__(self) -> None:
        self._points: list[Points] = []
        self._lines: list[NDArray[np.int64]] = []
        self._colors: list[int] = []
        self._lengths: list[int] = []
        self._count = 0

    def line(self, points: Points, color: int, closed: bool = False) -> None:
        """Add a line through points, (n, 3), in a colour of the palette."""
        if len(points) < 2:
            return
        index = np.arange(self._count, self._count + len(points))
        self._points.append(points)
        self._lines.append(np.append(index, self._count) if closed else index)
        self._colors.append(color)
        self._lengths.append(len(points))
        self._count += len(points)

    def lines(self, points: Points, colors: Sequence[int], closed: bool = False) -> None:
        """Add lines of equally many points, (m, n, 3), each in its colour of the palette."""
        count, length = points.shape[:2]
        if not count:
            return
        index = self._count + np.arange(count * length).reshape(count, length)
        self._points.append(points.reshape(-1, 3))
        self._lines.extend(np.hstack([index, index[:, :1]]) if closed else index)
        self._colors.extend(colors)
        self._lengths.extend([length] * count)
        self._count += count * length

    def poly_data(self) -> vtk.vtkPolyData:
        """The drawing; the index of each line's colour is the point data `Color`."""
        drawn = vtk.vtkPolyData()
        if not self._lines:
            return drawn
        points = vtk.vtkPoints()
        points.SetData(numpy_to_vtk(np.concatenate(self._points), deep=True))
        drawn.SetPoints(points)
        offsets = np.concatenate([[0], np.cumsum([len(line) for line in self._lines])])
        cells = vtk.vtkCellArray()
        cells.SetData(
            numpy_to_vtkIdTypeArray(offsets.astype(np.int64), deep=True),
            numpy_to_vtkIdTypeArray(np.concatenate(self._lines).astype(np.int64), deep=True),
        )
        drawn.SetLines(cells)
        colors = numpy_to_vtk(np.repeat(self._colors, self._lengths).astype(np.uint8), deep=True)
        colors.SetName(COLOR_INDEX)
        drawn.GetPointData().SetScalars(colors)
        return drawn
