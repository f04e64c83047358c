"""What slice and 3D views share: an off-screen window, the pointer, the keys, and a picture of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy

Pixel = tuple[float, float]


class View:
    """A view as wide and high as `size`; pixels count from the top left corner, as a user sees them."""

    def __init__(self, size: tuple[int, int]):
        self.size = size
        self.window = vtk.vtkRenderWindow()
        self.window.SetOffScreenRendering(1)
        self.window.SetMultiSamples(8)
        self.window.SetSize(*size)
        self.renderer = vtk.vtkRenderer()
        self.window.AddRenderer(self.renderer)
        self.interactor = vtk.vtkGenericRenderWindowInteractor()
        self.interactor.SetRenderWindow(self.window)

    def add_displayable_managers(self, factory: Any, names: Iterable[str], style: Any) -> None:
        """Connect the displayable managers of these class names as qMRML's views do."""
        for name in names:
            if not factory.IsDisplayableManagerRegistered(name):
                factory.RegisterDisplayableManager(name)
        self.managers = slicer.vtkMRMLDisplayableManagerGroup()
        self.managers.Initialize(factory, self.renderer)
        self.style = style
        self.style.SetDisplayableManagers(self.managers)

    def close(self) -> None:
        """Let go of the window."""
        self.managers.SetMRMLDisplayableNode(None)
        self.window.Finalize()

    def manager(self, class_name: str) -> Any:
        """A displayable manager of this view."""
        return self.managers.GetDisplayableManagerByClassName(class_name)

    def move(self, pixel: Pixel, **modifiers: int) -> None:
        """Move the pointer."""
        self._at(pixel, **modifiers)
        self.interactor.InvokeEvent("MouseMoveEvent")

    def press(self, pixel: Pixel, button: str = "Left", **modifiers: int) -> None:
        """Press a mouse button."""
        self._at(pixel, **modifiers)
        self.interactor.InvokeEvent(f"{button}ButtonPressEvent")

    def release(self, pixel: Pixel, button: str = "Left", **modifiers: int) -> None:
        """Release a mouse button."""
        self._at(pixel, **modifiers)
        self.interactor.InvokeEvent(f"{button}ButtonReleaseEvent")

    def click(self, pixel: Pixel, button: str = "Left", **modifiers: int) -> None:
        """Move there, press and release."""
        self.move(pixel, **modifiers)
        self.press(pixel, button, **modifiers)
        self.release(pixel, button, **modifiers)

    def drag(self, start: Pixel, end: Pixel, button: str = "Left", steps: int = 8, **modifiers: int) -> None:
        """Press at `start`, move in steps, release at `end`."""
        self.move(start, **modifiers)
        self.press(start, button, **modifiers)
        for t in np.linspace(0.0, 1.0, steps):
            self.move((start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t), **modifiers)
        self.release(end, button, **modifiers)

    def key(self, symbol: str, character: str = "\0", pixel: Pixel | None = None, **modifiers: int) -> None:
        """Press and release a key over a pixel, by default the middle."""
        self._at(pixel or self.middle, symbol=symbol, character=character, **modifiers)
        for event in ("KeyPressEvent", "CharEvent", "KeyReleaseEvent"):
            self.interactor.InvokeEvent(event)

    def wheel(self, steps: int, pixel: Pixel | None = None, **modifiers: int) -> None:
        """Turn the wheel forward, or backward for negative steps."""
        self._at(pixel or self.middle, **modifiers)
        for _ in range(abs(steps)):
            self.interactor.InvokeEvent(f"MouseWheel{'Forward' if steps > 0 else 'Backward'}Event")

    @property
    def middle(self) -> Pixel:
        """The pixel in the middle."""
        return self.size[0] / 2, self.size[1] / 2

    def render(self) -> None:
        """Draw."""
        self.window.Render()

    def picture(self) -> NDArray[np.uint8]:
        """What is drawn, (height, width, 3)."""
        self.render()
        grab = vtk.vtkWindowToImageFilter()
        grab.SetInput(self.window)
        grab.ReadFrontBufferOff()
        grab.Update()
        image = grab.GetOutput()
        width, height, _ = image.GetDimensions()
        pixels = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(height, width, -1)
        return np.ascontiguousarray(pixels[::-1, :, :3])

    def _at(
        self, pixel: Pixel, ctrl: int = 0, shift: int = 0, symbol: str = "", character: str = "\0", repeat: int = 0
    ) -> None:
        x, y = int(pixel[0]), self.size[1] - 1 - int(pixel[1])
        self.interactor.SetEventInformation(x, y, ctrl, shift, character, repeat, symbol)


def save_picture(path: Path, pixels: NDArray[np.uint8]) -> Path:
    """Write (height, width, 3) pixels as PNG."""
    height, width, channels = pixels.shape
    image = vtk.vtkImageData()
    image.SetDimensions(width, height, 1)
    flat = np.ascontiguousarray(pixels[::-1]).reshape(-1, channels)
    image.GetPointData().SetScalars(numpy_to_vtk(flat, deep=True))
    writer = vtk.vtkPNGWriter()
    writer.SetInputData(image)
    writer.SetFileName(str(path))
    writer.Write()
    return path
