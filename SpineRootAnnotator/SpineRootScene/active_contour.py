"""The one contour that can be edited now, as an ordinary closed curve with Slicer's own editing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import slicer

from SpineRootLib.frames import Points
from SpineRootLib.translation import _
from SpineRootScene.appearance import ContourLook
from SpineRootScene.markups_node import MarkupsNode
from SpineRootScene.scene_folder import SceneFolder

_NONE = np.empty((0, 3))
_LOOK = ContourLook()


class ActiveContour(MarkupsNode):
    """Shows a contour and reports what the annotator does with it.

    Parameters
    ----------
    on_changed : called with the control points, (n, 3) RAS, after one was placed, dragged or deleted.
    on_refused : called with a sentence when a whole contour was moved or cleared, which is taken back.
    """

    role, class_name, name = "active-contour", "vtkMRMLMarkupsClosedCurveNode", "Active contour"

    def __init__(self, folder: SceneFolder, on_changed: Callable[[Points], None], on_refused: Callable[[str], None]):
        self._on_changed, self._on_refused = on_changed, on_refused
        self._shown: Points = _NONE
        super().__init__(folder)

    def show(self, color: tuple[float, float, float], points: Points | None, faint: bool = False) -> None:
        """Show a contour, control points (n, 3), or none; faint where a broken line is drawn over it."""
        self._shown = _NONE if points is None else points
        display = self.display
        was_modifying = display.StartModify()
        display.SetSelectedColor(*color)
        display.SetColor(*color)
        display.SetActiveColor(*color)
        display.SetOpacity(_LOOK.faint if faint else 1.0)
        display.SetVisibility(True)
        display.EndModify(was_modifying)
        self._fill()

    def hide(self) -> None:
        """Take it out of the views, cheaply, until it is shown again."""
        self.display.SetVisibility(False)

    @property
    def is_shown(self) -> bool:
        """Whether it is in the views."""
        return bool(self.display.GetVisibility())

    def _style(self, display: Any) -> None:
        display.SetGlyphTypeFromString("Circle2D")
        display.SetUseGlyphScale(True)
        display.SetGlyphScale(_LOOK.glyph_percent)
        display.SetPointLabelsVisibility(False)
        display.SetPropertiesLabelVisibility(False)
        display.SetCurveLineSizeMode(display.UseLineThickness)
        display.SetLineThickness(_LOOK.line_mm)

    def _fill(self) -> None:
        with self.refilling():
            if len(self._shown):
                slicer.util.updateMarkupsControlPointsFromArray(self.node, self._shown)
            else:
                self.node.RemoveAllControlPoints()

    def _on_defined(self) -> None:
        self._take(self.defined_points())

    def _on_end_interaction(self) -> None:
        points = self.defined_points()
        if len(points) == len(self._shown) > 1:
            moved = np.linalg.norm(points - self._shown, axis=1) > 1e-6
            if moved.sum() > 1:
                self._refuse(_("Only single points of a contour are moved; the contour is where it was."))
                return
        self._take(points)

    def _on_points_removed(self) -> None:
        points = self.defined_points()
        if len(self._shown) - len(points) > 1:
            self._refuse(_("A contour is deleted by its own key, so that it is not lost by accident."))
        elif len(points) < len(self._shown):
            self._take(points)

    def _take(self, points: Points) -> None:
        if points.shape != self._shown.shape or not np.allclose(points, self._shown, rtol=0.0, atol=1e-9):
            self._shown = points
            self._on_changed(points)

    def _refuse(self, why: str) -> None:
        self._fill()
        self._on_refused(why)
