"""Models that show what is annotated and not edited now: a markups node for each would cost milliseconds a slice."""

from __future__ import annotations

from typing import Any

from SpineRootScene.line_drawing import COLOR_INDEX, LineDrawing
from SpineRootScene.palette import Palette
from SpineRootScene.scene_folder import SceneFolder


class LineModel:
    """A model node that shows a line drawing, either in slice views or in 3D.

    Parameters
    ----------
    role, name : of the model node.
    on_slices : projected onto every slice view that shows it, not cut: it holds only what belongs to the slice.
    """

    def __init__(self, folder: SceneFolder, palette: Palette, role: str, name: str, on_slices: bool):
        self._folder, self._palette = folder, palette
        self._role, self._name = role, name
        self._on_slices = on_slices
        self._drawing = LineDrawing()
        self._visible = True
        self._display: Any = None
        self._views: tuple[str, ...] = ()
        self.restore()

    def restore(self) -> None:
        """Make the node, again if the user deleted it, and show what was shown; what was hidden stays so."""
        self.node = self._folder.node(self._role, "vtkMRMLModelNode", self._name)
        before, display = self._display, self.node.GetDisplayNode()
        self._display = display
        colors = self._folder.node("colors", "vtkMRMLColorTableNode", "SpineRoot colors")
        self._palette.fill(colors)
        colors.HideFromEditorsOn()
        was_modifying = display.StartModify()
        display.SetAndObserveColorNodeID(colors.GetID())
        display.SetActiveScalarName(COLOR_INDEX)
        display.SetScalarRangeFlag(display.UseManualScalarRange)
        display.SetScalarRange(0, len(self._palette.colors) - 1)
        display.SetScalarVisibility(True)
        if before is not None:  # it may have been hidden in the Data module as well as by us
            display.SetVisibility(before.GetVisibility())
        display.SetVisibility2D(self._on_slices)
        display.SetVisibility3D(not self._on_slices)
        display.SetSliceDisplayModeToProjection()
        display.SetSliceIntersectionThickness(2)
        display.SetLineWidth(2)
        display.SetLighting(False)
        display.EndModify(was_modifying)
        self.limit_to(*self._views)
        self.show(self._drawing)

    def show(self, drawing: LineDrawing) -> None:
        """Replace what is shown."""
        self._drawing = drawing
        self.node.SetAndObserveMesh(drawing.poly_data())

    def limit_to(self, *view_ids: str) -> None:
        """Show it in these views only; in all for none."""
        self._views = view_ids
        display = self.display
        display.RemoveAllViewNodeIDs()
        for view_id in view_ids:
            display.AddViewNodeID(view_id)

    @property
    def visible(self) -> bool:
        """Whether it is shown."""
        return self._visible

    @visible.setter
    def visible(self, shown: bool) -> None:
        self._visible = shown
        self.display.SetVisibility(shown)

    @property
    def display(self) -> Any:
        """Its display node; made again, with the node, where the user has just deleted it."""
        if self.node.GetDisplayNode() is None:
            self.restore()
        return self.node.GetDisplayNode()
