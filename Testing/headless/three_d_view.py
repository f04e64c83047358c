"""A 3D view as qMRMLThreeDView assembles it, off screen."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk
from numpy.typing import ArrayLike

from headless.view import View

_MANAGERS = (
    "vtkMRMLCameraDisplayableManager",
    "vtkMRMLViewDisplayableManager",
    "vtkMRMLModelDisplayableManager",
    "vtkMRMLCrosshairDisplayableManager3D",
    "vtkMRMLOrientationMarkerDisplayableManager",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager3D",
)


class ThreeDView(View):
    """The 3D view of a layout name (``1``)."""

    def __init__(self, name: str = "1", size: tuple[int, int] = (500, 400)):
        super().__init__(size)
        factory = slicer.vtkMRMLThreeDViewDisplayableManagerFactory.GetInstance()
        self.add_displayable_managers(factory, _MANAGERS, slicer.vtkMRMLThreeDViewInteractorStyle())
        self.style.SetInteractor(self.interactor)
        self.interactor.SetInteractorStyle(vtk.vtkInteractorStyle3D())
        application = slicer.app.applicationLogic()
        self.logic = slicer.vtkMRMLViewLogic()
        self.logic.SetMRMLApplicationLogic(application)
        application.GetViewLogics().AddItem(self.logic)
        self.logic.SetMRMLScene(slicer.mrmlScene)
        self.node = self.logic.AddViewNode(name)
        self.managers.SetMRMLDisplayableNode(self.node)
        self.reset()

    def reset(self) -> None:
        """Without box and axis labels."""
        self.node.SetMappedInLayout(1)
        self.node.SetBoxVisible(0)
        self.node.SetAxisLabelsVisible(0)

    @property
    def camera(self) -> Any:
        """The view's camera node."""
        return self.manager("vtkMRMLCameraDisplayableManager").GetCameraNode()

    def look_from(self, direction: ArrayLike, fill: float = 0.9) -> None:
        """Look at everything from a direction, (3,) RAS, the head up, in parallel projection.

        Parameters
        ----------
        fill : share of the view's height that the scene takes.
        """
        self.node.SetRenderMode(self.node.Orthographic)  # sets a scale of its own, so first
        self.render()
        low_high = np.reshape(self.renderer.ComputeVisiblePropBounds(), (3, 2))
        middle, extent = low_high.mean(axis=1), np.ptp(low_high, axis=1)
        away = np.asarray(direction, dtype=np.float64)
        away = away / np.linalg.norm(away)
        camera = self.camera.GetCamera()
        camera.ParallelProjectionOn()
        camera.SetFocalPoint(*middle)
        camera.SetPosition(*(middle + 2 * np.linalg.norm(extent) * away))
        camera.SetViewUp(0.0, 0.0, 1.0)
        camera.SetParallelScale(extent[2] / 2 / fill)
        self.renderer.ResetCameraClippingRange()

    def fit(self) -> None:
        """Show everything."""
        self.render()
        self.renderer.ResetCamera()
        self.renderer.ResetCameraClippingRange()
