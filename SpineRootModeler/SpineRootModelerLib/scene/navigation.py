"""The way to a place: the slice, the middle of the views, the crosshair."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import slicer
from numpy.typing import ArrayLike

from SpineRootScene.ciss_view import CissView

# seen across: several roots to either side; a ganglion with the vertebra beside it; by eye
_WIDTH_MM = {"CISS": 24.0, "DESS": 60.0}


class Navigation:
    """Brings the views of a scene to places.

    Parameters
    ----------
    view : the view of the CISS slices; None where there is none.
    volumes : the images by name; ganglia are looked at in DESS.
    """

    def __init__(self, scene: Any, view: CissView | None, volumes: Mapping[str, Any]):
        self._scene, self.view, self._volumes = scene, view, volumes

    def go_to(self, position: ArrayLike, image: str = "CISS") -> None:
        """Bring the slice of a RAS point, (3,), into the middle of all slice views.

        Parameters
        ----------
        image : ``CISS``, whose slices the view keeps to; or ``DESS``, sagittal, exactly through the point.
        """
        point = np.asarray(position, dtype=np.float64).reshape(3)
        kept = None
        if self.view is not None:
            self.view.show_volume(self._volumes.get(image) or self._volumes.get("CISS"))
            if image == "DESS":
                # as it is acquired, and as ganglia are looked for: in the foramina one above the other
                self.view.node.SetOrientation("Sagittal")
            elif not self.view.is_aligned:
                self.view.align()
            if image == "CISS":
                kept = self.view.node
                self.view.go_to(int(self.view.planes.number(point)[0]))
                self.view.centre_on(point)
            self.view.zoom_to(_WIDTH_MM[image])
        centred = slicer.vtkMRMLSliceNode.CenteredJumpSlice
        slicer.vtkMRMLSliceNode.JumpAllSlices(self._scene, *point, centred, -1, kept)
        crosshair = self._scene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
        if crosshair is not None:
            crosshair.SetCrosshairRAS(*point)
