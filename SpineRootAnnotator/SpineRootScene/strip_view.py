"""A slice view that shows a strip: the image straightened along a root, and what is marked on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import slicer
import vtk
from numpy.typing import ArrayLike, NDArray

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, Root
from SpineRootLib.frames import Points
from SpineRootLib.images import Image
from SpineRootLib.strips.strip import Strip
from SpineRootLib.strips.subject_strips import MarkedStrip
from SpineRootScene.appearance import Appearance
from SpineRootScene.line_drawing import LineDrawing
from SpineRootScene.line_model import LineModel
from SpineRootScene.palette import Palette
from SpineRootScene.scene_folder import SceneFolder
from SpineRootScene.slice_drawing import mark_strokes

# The strip lies in the scene far from the patient, so that no view shows the one beside the other.
_APART_MM = 5000.0
# The strip is one voxel thick, and so thick that a view that is scrolled a little still cuts it.
_THICK_MM = 100.0
_CIRCLE = np.column_stack([f(np.linspace(0.0, 2.0 * np.pi, 25)) for f in (np.cos, np.sin)])


@dataclass(frozen=True)
class StripLook:
    """How a strip is drawn; millimetres, by eye.

    Parameters
    ----------
    pixel_mm : of the image.
    ring_mm : radius of what is proposed.
    gap_mm : to either side of the middle, where the line of the slice that is shown leaves the root free.
    tick_every, tick_mm : slices from tick to tick at the strip's edge, and their length.
    darkest, brightest : percentiles of the grey values that become black and white.
    """

    pixel_mm: float = 0.3
    ring_mm: float = 0.45
    gap_mm: float = 1.5
    tick_every: int = 5
    tick_mm: float = 0.8
    darkest: float = 1.0
    brightest: float = 99.5


class StripView:
    """Shows one strip in the slice view of a layout name, and tells where it is clicked.

    Parameters
    ----------
    scene : the MRML scene.
    name : the view's layout name.
    """

    def __init__(self, scene: Any, folder: SceneFolder, palette: Palette, look: Appearance, name: str):
        self._scene, self._folder, self._palette, self._appearance = scene, folder, palette, look
        self.name, self.look = name, StripLook()
        self._model: LineModel | None = None
        self._strip: Strip | None = None

    @property
    def node(self) -> Any | None:
        """The slice node; None where there is no such view."""
        return self._scene.GetSingletonNode(self.name, "vtkMRMLSliceNode")

    @property
    def volume(self) -> Any:
        """The node that holds the straightened image."""
        return self._folder.node("strip", "vtkMRMLScalarVolumeNode", "Strip")

    def show_image(self, strip: Strip, image: Image) -> None:
        """Straighten an image along a strip and show it, whole."""
        self._strip = strip
        picture = strip.picture(image, self.look.pixel_mm)
        seen = picture[np.isfinite(picture)]
        low, high = np.percentile(seen, [self.look.darkest, self.look.brightest]) if len(seen) else (0.0, 1.0)
        volume = self.volume
        slicer.util.updateVolumeFromArray(volume, np.where(np.isfinite(picture), picture, low)[None])
        volume.SetIJKToRASMatrix(self._matrix(strip, picture.shape))
        display = volume.GetDisplayNode()
        display.AutoWindowLevelOff()
        display.SetWindowLevelMinMax(float(low), float(max(high, low + 1e-3)))
        self.fit()

    def fit(self) -> None:
        """Show the strip whole, nothing over it."""
        if self.node is None or self._strip is None:
            return
        logic = slicer.app.applicationLogic().GetSliceLogicByLayoutName(self.name)
        composite = logic.GetSliceCompositeNode()
        composite.SetLinkedControl(False)
        composite.SetBackgroundVolumeID(self.volume.GetID())
        composite.SetForegroundVolumeID(None)
        composite.SetLabelVolumeID(None)
        self.node.SetOrientation("Axial")
        logic.FitSliceToBackground()
        self.node.SetSliceOffset(0.0)

    def clear(self) -> None:
        """Show nothing."""
        self._strip = None
        if self._model is not None:
            self._model.show(LineDrawing())
        if self.node is not None:
            logic = slicer.app.applicationLogic().GetSliceLogicByLayoutName(self.name)
            logic.GetSliceCompositeNode().SetBackgroundVolumeID(None)

    def draw(self, marked: MarkedStrip, number: int) -> None:
        """Draw what is marked, and the slice that is shown elsewhere."""
        if self.node is None:
            return
        if self._model is None:
            self._model = LineModel(self._folder, self._palette, "strip-marks", f"Marks, {self.name}", on_slices=True)
        self._model.limit_to(self.node.GetID())
        drawing = LineDrawing()
        self._draw_lines(drawing, marked, number)
        assert marked.root is not None
        own = self._palette.of(marked.root)
        strokes = mark_strokes(marked.root.side)
        for place in marked.marks.values():
            for stroke in strokes:
                drawing.line(self._around(marked.strip, place, self._appearance.tick_mm * stroke), own)
        for place in marked.proposed.values():
            drawing.line(self._around(marked.strip, place, self.look.ring_mm * _CIRCLE), own)
        self._model.show(drawing)

    def restore(self) -> None:
        """Make nodes again that the user deleted."""
        if self._model is not None:
            self._model.restore()

    def place_at(self, interactor: Any) -> NDArray[np.float64] | None:
        """The place of the strip, (2,), at an interactor's pointer; None while nothing is shown."""
        if self.node is None or self._strip is None:
            return None
        matrix = slicer.util.arrayFromVTKMatrix(self.node.GetXYToRAS())
        ras = (matrix @ [*interactor.GetEventPosition(), 0.0, 1.0])[:2]
        down = _APART_MM - ras[1]
        return np.array([_APART_MM - ras[0], self._strip.first + down / self._strip.planes.spacing])

    def ras_of(self, strip: Strip, places: ArrayLike) -> Points:
        """Where places of a strip, (n, 2), lie in the scene while it is shown, (n, 3)."""
        across, number = np.asarray(places, dtype=np.float64).reshape(-1, 2).T
        down = (number - strip.first) * strip.planes.spacing
        return np.column_stack([_APART_MM - across, _APART_MM - down, np.zeros(len(across))])

    def _matrix(self, strip: Strip, shape: tuple[int, ...]) -> vtk.vtkMatrix4x4:
        """Columns of the picture to the left, rows downwards, as an axial view shows them."""
        rows, columns = shape
        step = len(strip.course) * strip.planes.spacing / rows
        matrix = np.diag([-self.look.pixel_mm, -step, _THICK_MM, 1.0])
        first = strip.places(self.look.pixel_mm)[0, 0]
        matrix[:3, 3] = self.ras_of(strip, first)[0]
        return slicer.util.vtkMatrixFromArray(matrix)

    def _around(self, strip: Strip, place: ArrayLike, stroke: NDArray[np.float64]) -> Points:
        return np.asarray(self.ras_of(strip, place) + np.column_stack([stroke, np.zeros(len(stroke))]))

    def _draw_lines(self, drawing: LineDrawing, marked: MarkedStrip, number: int) -> None:
        strip, half = marked.strip, marked.strip.half_width_mm
        for other, places in marked.others.items():
            for run in np.split(places, np.flatnonzero(np.diff(places[:, 1]) > 1.5) + 1):
                drawing.line(self.ras_of(strip, run), self._of(other))
        for structure in CONTOUR_STRUCTURES:
            for across, at in marked.edges.get(structure, ()):
                ends = [[across, at - 0.3], [across, at + 0.3]]
                drawing.line(self.ras_of(strip, ends), self._palette.of(structure))
        ends = [[[-half, number], [-self.look.gap_mm, number]], [[self.look.gap_mm, number], [half, number]]]
        for each in range(strip.first, strip.last + 1):
            if each % self.look.tick_every == 0:
                ends.append([[-half, each], [self.look.tick_mm - half, each]])
        if marked.exit_slice is not None:
            ends.append([[-half, marked.exit_slice + 0.5], [half, marked.exit_slice + 0.5]])
        for pair in ends:
            drawing.line(self.ras_of(strip, pair), self._palette.active)

    def _of(self, root: Root) -> int:
        return self._palette.of(root, ghost=True)


class StripHands:
    """A user's hand on a view that shows a strip: clicks, drags from a place to another, and the wheel.

    Parameters
    ----------
    place_at : the place of the strip at an interactor's pointer.
    on_drag : called with the places at which the button went down and came up, each (2,), and whether it was a click.
    on_wheel : called with 1 for a turn towards the user, -1 for one away.
    """

    # a hand that clicks moves the mouse by some pixels
    _STILL_A_CLICK_PX = 5.0
    # before Slicer's own reaction
    _PRIORITY = 2.0

    def __init__(
        self,
        place_at: Callable[[Any], NDArray[np.float64] | None],
        on_drag: Callable[[NDArray[np.float64], NDArray[np.float64], bool], None],
        on_wheel: Callable[[int], None],
    ):
        self._place_at, self._on_drag, self._on_wheel = place_at, on_drag, on_wheel
        self._tags: dict[Any, list[int]] = {}
        self._pressed: tuple[NDArray[np.float64], tuple[int, int]] | None = None

    def watch(self, interactor: Any) -> None:
        """Listen to a view, once, however often it is asked for."""
        if interactor in self._tags:
            return
        reactions: dict[str, Callable[[Any], None]] = {
            "LeftButtonPressEvent": self._press,
            "LeftButtonReleaseEvent": self._release,
            "MouseWheelForwardEvent": lambda _interactor: self._on_wheel(-1),
            "MouseWheelBackwardEvent": lambda _interactor: self._on_wheel(1),
        }
        self._tags[interactor] = []
        for event, react in reactions.items():
            self._tags[interactor].append(self._hear(interactor, event, react))

    def release(self) -> None:
        """Listen no more."""
        for interactor, tags in self._tags.items():
            for tag in tags:
                interactor.RemoveObserver(tag)
        self._tags.clear()
        self._pressed = None

    def _hear(self, interactor: Any, event: str, react: Callable[[Any], None]) -> int:
        """React to an event, and keep it from Slicer: it would scroll the strip away, or change its greys."""

        def heard(*_: Any) -> None:
            if self._place_at(interactor) is not None:
                interactor.GetCommand(tag).AbortFlagOn()
                react(interactor)

        tag = int(interactor.AddObserver(event, heard, self._PRIORITY))
        return tag

    def _press(self, interactor: Any) -> None:
        place = self._place_at(interactor)
        self._pressed = None if place is None else (place, interactor.GetEventPosition())

    def _release(self, interactor: Any) -> None:
        pressed, self._pressed = self._pressed, None
        place = self._place_at(interactor)
        if pressed is None or place is None:
            return
        moved = np.hypot(*np.subtract(interactor.GetEventPosition(), pressed[1]))
        self._on_drag(pressed[0], place, bool(moved <= self._STILL_A_CLICK_PX))
