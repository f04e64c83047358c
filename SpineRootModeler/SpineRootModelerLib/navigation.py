"""The way to a place: the slice, the middle of the views, the crosshair."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
from numpy.typing import ArrayLike

from SpineRootAnnotatorLib.ciss_view import CissView

# seen across of the slice at a place: several roots to either side
_PLACE_WIDTH_MM = 24.0


class Navigation:
    """Brings the views of a scene to places.

    Parameters
    ----------
    view : the view of the CISS slices; None where there is none.
    """

    def __init__(self, scene: Any, view: CissView | None):
        self._scene, self.view = scene, view

    def go_to(self, position: ArrayLike, zoom: bool = True) -> None:
        """Bring the slice of a RAS point, (3,), into the CISS view, centred; the other views show it as well."""
        point = np.asarray(position, dtype=np.float64).reshape(3)
        kept = None
        if self.view is not None:
            kept = self.view.node
            if not self.view.is_aligned:
                self.view.align()
            self.view.go_to(int(self.view.planes.number(point)[0]))
            self.view.centre_on(point)
            if zoom:
                self.view.zoom_to(_PLACE_WIDTH_MM)
        centred = slicer.vtkMRMLSliceNode.CenteredJumpSlice
        slicer.vtkMRMLSliceNode.JumpAllSlices(self._scene, *point, centred, -1, kept)
        crosshair = self._scene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
        if crosshair is not None:
            crosshair.SetCrosshairRAS(*point)
