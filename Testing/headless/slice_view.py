"""A slice view as qMRMLSliceView assembles it, off screen."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk
from numpy.typing import ArrayLike, NDArray

from headless.view import Pixel, View

_MANAGERS = (
    "vtkMRMLModelSliceDisplayableManager",
    "vtkMRMLCrosshairDisplayableManager",
    "vtkMRMLRulerDisplayableManager",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager2D",
)


class SliceView(View):
    """The slice view of a layout name (``Red``), with its slice and composite nodes."""

    def __init__(self, name: str = "Red", orientation: str = "Axial", size: tuple[int, int] = (500, 400)):
        super().__init__(size)
        self.name, self.orientation = name, orientation
        self.renderer.GetActiveCamera().ParallelProjectionOn()
        self._add_image_actor()
        factory = slicer.vtkMRMLSliceViewDisplayableManagerFactory.GetInstance()
        self.add_displayable_managers(factory, _MANAGERS, slicer.vtkMRMLSliceViewInteractorStyle())
        application = slicer.app.applicationLogic()
        self.logic = slicer.vtkMRMLSliceLogic()
        self.logic.SetMRMLApplicationLogic(application)
        application.GetSliceLogics().AddItem(self.logic)
        self._tag = self.logic.AddObserver("ModifiedEvent", self._connect_image)
        self.logic.SetMRMLScene(slicer.mrmlScene)
        self.node = self.logic.AddSliceNode(name)
        self.style.SetSliceLogic(self.logic)
        self.interactor.SetInteractorStyle(vtk.vtkInteractorStyleUser())
        self.style.SetInteractor(self.interactor)
        self.managers.SetMRMLDisplayableNode(self.node)
        self.reset()

    def close(self) -> None:
        """Stop listening; the view is of no use afterwards."""
        self.logic.RemoveObserver(self._tag)
        super().close()

    def reset(self) -> None:
        """As a new view of Slicer: its orientation, no volume."""
        self.node.SetOrientation(self.orientation)
        self.node.SetMappedInLayout(1)
        self.show_volume(None)
        self.logic.ResizeSliceNode(*self.size)

    @property
    def composite(self) -> Any:
        """The composite node."""
        return self.logic.GetSliceCompositeNode()

    def show_volume(self, volume: Any) -> None:
        """Put a volume, or nothing, into the background and fit the view to it."""
        self.composite.SetBackgroundVolumeID(volume.GetID() if volume else None)
        self.logic.ResizeSliceNode(*self.size)
        if volume is not None:
            self.logic.FitSliceToBackground()
            self.logic.SnapSliceOffsetToIJK()

    def ras(self, pixel: Pixel) -> NDArray[np.float64]:
        """RAS, (3,), of a pixel, from the slice node's own matrix."""
        matrix = slicer.util.arrayFromVTKMatrix(self.node.GetXYToRAS())
        return np.asarray((matrix @ [pixel[0], self.size[1] - 1 - pixel[1], 0.0, 1.0])[:3])

    def pixel(self, ras: ArrayLike) -> Pixel:
        """The pixel of a RAS point, (3,)."""
        matrix = np.linalg.inv(slicer.util.arrayFromVTKMatrix(self.node.GetXYToRAS()))
        x, y, *_ = matrix @ [*np.asarray(ras, dtype=np.float64), 1.0]
        return float(x), self.size[1] - 1 - float(y)

    def _add_image_actor(self) -> None:
        """The image behind everything, as ctkVTKSliceView's light box draws it."""
        self._mapper = vtk.vtkImageMapper()
        self._mapper.SetColorWindow(255)
        self._mapper.SetColorLevel(127.5)
        self._actor = vtk.vtkActor2D()
        self._actor.SetMapper(self._mapper)
        self._actor.GetProperty().SetDisplayLocationToBackground()
        self.renderer.AddViewProp(self._actor)
        self._actor.VisibilityOff()

    def _connect_image(self, *_: Any) -> None:
        connection = self.logic.GetImageDataConnection()
        if connection is not None:
            self._mapper.SetInputConnection(connection)
        self._actor.SetVisibility(connection is not None)
