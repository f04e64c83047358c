"""The slice view in which CISS is annotated: on which slice it is, and how it is brought there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import slicer
from numpy.typing import ArrayLike, NDArray

from SpineRootLib.planes import SlicePlanes

# A view whose normal is farther than this from the slices' no longer shows one slice.
_ALIGNED_COSINE = np.cos(np.radians(0.5))


class CissView:
    """A slice view that steps through the planes of the CISS image.

    Parameters
    ----------
    scene : the MRML scene.
    name : the view's layout name, such as ``Red``.
    planes : the slices.
    on_step : called with the slice number whenever it changes, whoever changed it.
    """

    def __init__(self, scene: Any, name: str, planes: SlicePlanes, on_step: Callable[[int], None]):
        self.name, self.planes = name, planes
        self.node = scene.GetSingletonNode(name, "vtkMRMLSliceNode")
        self._on_step = on_step
        self._known = 0
        self._tag = None if self.node is None else self.node.AddObserver("ModifiedEvent", self._moved)

    def close(self) -> None:
        """Stop listening."""
        if self._tag is not None:
            self.node.RemoveObserver(self._tag)
            self._tag = None

    @property
    def number(self) -> int:
        """The slice nearest to the view's plane, 1 to the number of slices."""
        origin = slicer.util.arrayFromVTKMatrix(self.node.GetSliceToRAS())[:3, 3]
        return int(np.clip(self.planes.number(origin)[0], 1, self.planes.count))

    @property
    def is_aligned(self) -> bool:
        """Whether the view is parallel to the slices."""
        normal = slicer.util.arrayFromVTKMatrix(self.node.GetSliceToRAS())[:3, 2]
        return bool(abs(normal @ self.planes.down) / np.linalg.norm(normal) >= _ALIGNED_COSINE)

    def shows(self, volume: Any | None) -> bool:
        """Whether a volume is the view's background."""
        return volume is None or self._composite().GetBackgroundVolumeID() == volume.GetID()

    def show_volume(self, volume: Any | None) -> None:
        """Make a volume the view's background, nothing over it."""
        if volume is not None:
            composite = self._composite()
            composite.SetBackgroundVolumeID(volume.GetID())
            composite.SetForegroundVolumeID(None)
            composite.SetLabelVolumeID(None)

    def align(self) -> None:
        """Turn the view parallel to the slices, as Slicer's axial view: the subject's left on its right."""
        matrix = slicer.util.arrayFromVTKMatrix(self.node.GetSliceToRAS())
        centre = matrix[:3, 3].copy()
        matrix[:3, :3] = np.column_stack([-self.planes.right, self.planes.anterior, -self.planes.down])
        matrix[:3, 3] = self._on_plane(centre, self.number)
        self._set_matrix(matrix)

    def go_to(self, number: int, shift: ArrayLike = (0.0, 0.0)) -> None:
        """Show a slice; numbers beyond the stack are its ends.

        Parameters
        ----------
        shift : (2,) in-plane mm by which the middle of the view moves with the step.
        """
        number = int(np.clip(number, 1, self.planes.count))
        matrix = slicer.util.arrayFromVTKMatrix(self.node.GetSliceToRAS())
        target = self.planes.lift(self.planes.flatten(matrix[:3, 3]) + np.asarray(shift), number)[0]
        if not np.allclose(target, matrix[:3, 3], rtol=0.0, atol=1e-6):
            matrix[:3, 3] = target
            self._set_matrix(matrix)

    def centre_on(self, point: ArrayLike) -> None:
        """Put a RAS point, (3,), into the middle of the view, on the slice that is shown."""
        matrix = slicer.util.arrayFromVTKMatrix(self.node.GetSliceToRAS())
        matrix[:3, 3] = self._on_plane(np.asarray(point, dtype=np.float64), self.number)
        self.node.SetXYZOrigin(0.0, 0.0, 0.0)
        self._set_matrix(matrix)

    @property
    def width(self) -> float:
        """How much of the slice is seen across, mm."""
        return float(self.node.GetFieldOfView()[0])

    @property
    def framing(self) -> dict[str, Any]:
        """What is seen of the slice: ``Width`` in mm and ``Centre``, (2,) mm in the plane."""
        centre = self.planes.flatten(slicer.util.arrayFromVTKMatrix(self.node.GetSliceToRAS())[:3, 3])[0]
        return {"Width": round(self.width, 2), "Centre": [round(float(value), 2) for value in centre]}

    def frame(self, framing: Any) -> bool:
        """Show what a `framing` says; False for what says nothing of the kind."""
        try:
            width = float(framing["Width"])
            centre = np.array([float(value) for value in framing["Centre"]])
        except (TypeError, KeyError, ValueError):
            return False
        if centre.shape != (2,) or not np.isfinite([width, *centre]).all() or width <= 0.0:
            return False
        self.centre_on(self.planes.lift(centre, self.number)[0])
        self.zoom_to(width)
        return True

    def zoom_to(self, width_mm: float) -> None:
        """Zoom so that so much is seen across."""
        across, high, deep = self.node.GetFieldOfView()
        self.node.SetFieldOfView(width_mm, width_mm * high / max(across, 1e-6), deep)

    def on_slice(self, point: ArrayLike, number: int) -> NDArray[np.float64]:
        """A RAS point, (3,), moved along the normal onto a slice."""
        return self._on_plane(np.asarray(point, dtype=np.float64), number)

    def _on_plane(self, point: NDArray[np.float64], number: int) -> NDArray[np.float64]:
        return self.planes.lift(self.planes.flatten(point), number)[0]

    def _set_matrix(self, matrix: NDArray[np.float64]) -> None:
        slicer.util.updateVTKMatrixFromArray(self.node.GetSliceToRAS(), matrix)
        self.node.UpdateMatrices()

    def _composite(self) -> Any:
        return slicer.app.applicationLogic().GetSliceLogicByLayoutName(self.name).GetSliceCompositeNode()

    def _moved(self, *_: Any) -> None:
        number = self.number
        if number != self._known:
            self._known = number
            self._on_step(number)
