"""Slicer's crosshair, shown while a place is looked for in several views at once."""

from __future__ import annotations

from typing import Any


class Crosshair:
    """Shows the crosshair, and gives it back to the user as it was."""

    def __init__(self, scene: Any):
        self._node = scene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
        self._before: int | None = None

    def show(self) -> None:
        """Show it in all slice views."""
        if self._node is not None and self._before is None:
            self._before = self._node.GetCrosshairMode()
            self._node.SetCrosshairMode(self._node.ShowBasic)

    def give_back(self) -> None:
        """As the user had it."""
        if self._node is not None and self._before is not None:
            self._node.SetCrosshairMode(self._before)
            self._before = None

    def view_under_pointer(self) -> str | None:
        """The layout name of the slice view that the pointer is over; None if it is over none."""
        view = None if self._node is None else self._node.GetCursorPositionXYZ([0.0, 0.0, 0.0])
        return None if view is None else str(view.GetLayoutName())

    def point_at(self, x: float, y: float, z: float) -> None:
        """Move it to a RAS point."""
        if self._node is not None and self._before is not None:
            self._node.SetCrosshairRAS(x, y, z)
