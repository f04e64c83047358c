"""The one point that can be placed and dragged now, as an ordinary markups point list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootScene.appearance import PointLook
from SpineRootScene.markups_node import MarkupsNode
from SpineRootScene.scene_folder import SceneFolder

Position = NDArray[np.float64]
_LOOK = PointLook()


class ActivePoint(MarkupsNode):
    """Shows at most one point and reports what the annotator does with it.

    Parameters
    ----------
    on_placed : called with the RAS position, (3,), of a click.
    on_moved : called with the RAS position, (3,), after the point was dragged.
    on_removed : called when the point was deleted in a view.
    """

    role, class_name, name = "active-point", "vtkMRMLMarkupsFiducialNode", "Active point"

    def __init__(
        self,
        folder: SceneFolder,
        on_placed: Callable[[Position], None],
        on_moved: Callable[[Position], None],
        on_removed: Callable[[], None],
    ):
        self._on_placed, self._on_moved, self._on_removed = on_placed, on_moved, on_removed
        self._shown: Position | None = None
        self._label = ""
        self._color = (1.0, 1.0, 1.0)
        super().__init__(folder)

    def show(self, label: str, color: tuple[float, float, float], point: Position | None) -> None:
        """Show a point, (3,), or none, under a name and in a colour."""
        self._label, self._color, self._shown = label, color, point
        display = self.display
        was_modifying = display.StartModify()
        display.SetSelectedColor(*color)
        display.SetColor(*color)
        display.SetActiveColor(*color)
        display.EndModify(was_modifying)
        self._fill()

    def _style(self, display: Any) -> None:
        display.SetGlyphTypeFromString("CrossDot2D")
        display.SetUseGlyphScale(True)
        display.SetGlyphScale(_LOOK.glyph_percent)
        display.SetPointLabelsVisibility(False)
        display.SetSnapMode(display.SnapModeUnconstrained)

    def _fill(self) -> None:
        with self.refilling():
            self.node.RemoveAllControlPoints()
            if self._shown is not None:
                self.node.AddControlPoint(*self._shown, self._label)
            self.node.SetControlPointLabelFormat(self._label)

    def _on_defined(self) -> None:
        placed = self.defined_points()
        if len(placed) > (self._shown is not None):
            self._on_placed(placed[-1])

    def _on_end_interaction(self) -> None:
        points = self.defined_points()
        if len(points) == 1 and self._shown is not None and not np.allclose(points[0], self._shown, atol=1e-9):
            self._on_moved(points[0])

    def _on_points_removed(self) -> None:
        if self._shown is not None and not len(self.defined_points()):
            self._on_removed()
