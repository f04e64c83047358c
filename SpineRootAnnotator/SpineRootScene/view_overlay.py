"""What is written into one slice view, at the size of the view whatever its zoom: names, and letters at its edges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import slicer

from SpineRootScene.line_drawing import LineDrawing
from SpineRootScene.line_model import LineModel
from SpineRootScene.palette import Palette
from SpineRootScene.scene_folder import SceneFolder
from SpineRootScene.view_plane import ViewPlane

Draw = Callable[[ViewPlane, LineDrawing], None]


class ViewOverlay:
    """Draws anew whenever its view is moved, zoomed or turned.

    Parameters
    ----------
    node : the slice node.
    draw : called with the view's plane and the drawing to fill; nothing is drawn while it is None.
    """

    def __init__(self, folder: SceneFolder, palette: Palette, node: Any):
        self._node = node
        self.draw: Draw | None = None
        name = node.GetLayoutName()
        self.model = LineModel(folder, palette, f"names-{name}", f"Names, {name} view", on_slices=True)
        self.model.limit_to(node.GetID())
        self._seen: tuple[float, ...] = ()
        self._tag = node.AddObserver("ModifiedEvent", self._moved)

    def close(self) -> None:
        """Stop listening."""
        self._node.RemoveObserver(self._tag)

    def restore(self) -> None:
        """Make the node again that the user deleted."""
        self.model.restore()
        self.model.limit_to(self._node.GetID())

    def refresh(self) -> None:
        """Draw anew: what is to be seen has changed."""
        self._seen = self._state()
        drawing = LineDrawing()
        if self.draw is not None:
            plane = ViewPlane(self._node)
            if np.all(plane.size > 0.0):
                self.draw(plane, drawing)
        self.model.show(drawing)

    def _moved(self, *_: Any) -> None:
        if self.draw is not None and self._state() != self._seen:
            self.refresh()

    def _state(self) -> tuple[float, ...]:
        """Where the view is and how large: what the drawing depends on."""
        matrix = slicer.util.arrayFromVTKMatrix(self._node.GetXYToRAS())
        return (*self._node.GetDimensions(), *matrix.ravel())
