"""Each annotator's marks in a colour of their own, in slice views and in 3D."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.corresponding_places import Marks
from SpineRootLib.agreement.raters import CONSENSUS
from SpineRootLib.anatomy import GANGLIA, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.frames import Points
from SpineRootLib.place import Place
from SpineRootLib.slice_index import SliceIndex
from SpineRootLib.translation import _
from SpineRootModelerLib.compare.mark_picker import MarkPicker, PickedMark
from SpineRootModelerLib.compare.rater_palette import RaterPalette
from SpineRootModelerLib.scene.folder import ModelerFolder
from SpineRootScene.appearance import Appearance
from SpineRootScene.line_drawing import LineDrawing
from SpineRootScene.line_model import LineModel
from SpineRootScene.slice_drawing import SliceDrawer
from SpineRootScene.space_drawing import draw_in_space

# a dash and the gap after it; by eye
_DASH_MM = 0.6


class RatersDisplay:
    """Shows annotations beside each other.

    Parameters
    ----------
    labels : the annotators, in the order of their colours; whoever else is shown is white.
    view_id : the slice view that shows CISS; None for all views.
    """

    def __init__(self, folder: ModelerFolder, labels: tuple[str, ...], look: Appearance, view_id: str | None):
        self._folder, self._labels, self._look = folder, labels, look
        self._views = () if view_id is None else (view_id,)
        self._in_space: dict[str, LineModel] = {}
        self._on_slice: dict[str, LineModel] = {}
        self._drawers: dict[str, SliceDrawer] = {}
        self._marks: dict[str, Marks] = {}
        self.number = 1
        # whether marks are shown in 3D, too
        self.in_space = True
        # drawn in place of what lies on a slice
        self._ganglion: Root | None = None
        self._discussed: Place | None = None
        palette = RaterPalette(labels, CONSENSUS)
        self._between = LineModel(folder, palette, "between", _("From mark to mark"), on_slices=True)
        self._between.limit_to(*self._views)

    @property
    def shown(self) -> tuple[str, ...]:
        """Whose marks are on the scene, hidden ones too."""
        return tuple(self._drawers)

    def put(self, label: str, annotation: Annotation, marks: Marks) -> None:
        """Show an annotation and its marks, in place of what the annotator showed before."""
        palette = RaterPalette(self._labels, label)
        palette.looked_at = None if self._discussed is None else self._discussed.root
        self._marks[label] = marks
        index = SliceIndex(annotation)
        self._drawers[label] = SliceDrawer(index, None, palette, self._look)
        if label not in self._in_space:
            for models, what, on_slices in ((self._in_space, "3D", False), (self._on_slice, "slice", True)):
                role = f"rater-{label}-{what}"
                models[label] = LineModel(self._folder, palette, role, f"{label}, {what}", on_slices)
            self._on_slice[label].limit_to(*self._views)
        self._in_space[label].visible = self.is_visible(label) and self.in_space
        self._in_space[label].show(draw_in_space(index, palette, self._look))
        self.draw_slice(self.number)

    def draw_slice(self, number: int) -> None:
        """Draw what lies on a slice."""
        self.number, self._ganglion = number, None
        for label, drawer in self._drawers.items():
            if drawer.index.annotation.planes is not None:
                self._on_slice[label].show(drawer.draw(number, None, ghosts=False))
        self._draw_between()

    def draw_ganglion(self, root: Root) -> None:
        """Draw a ganglion, in place of what lies on a slice."""
        self._ganglion = root
        for label, drawer in self._drawers.items():
            self._on_slice[label].show(self._cross(drawer, root))
        self._draw_between()

    def discuss(self, place: Place | None) -> None:
        """Draw a dashed line from mark to mark of a place where it is seen, other roots dimmed; None for none."""
        self._discussed = place
        root = None if place is None else place.root
        for label, drawer in self._drawers.items():
            palette = drawer.palette
            if isinstance(palette, RaterPalette) and palette.looked_at != root:
                palette.looked_at = root
                self._in_space[label].show(draw_in_space(drawer.index, palette, self._look))
                if self._ganglion is None and drawer.index.annotation.planes is not None:
                    self._on_slice[label].show(drawer.draw(self.number, None, ghosts=False))
                elif self._ganglion is not None:
                    self._on_slice[label].show(self._cross(drawer, self._ganglion))
        self._draw_between()

    def _cross(self, drawer: SliceDrawer, root: Root) -> LineDrawing:
        drawing, ganglion = LineDrawing(), drawer.index.annotation.ganglia.get(root)
        if ganglion is not None:
            for arm in np.eye(3) * self._look.ganglion_mm:
                drawing.line(np.stack([ganglion - arm, ganglion + arm]), drawer.palette.of(root))
        return drawing

    def _draw_between(self) -> None:
        place, drawing = self._discussed, LineDrawing()
        if place is not None and not place.is_contour and self._shows(place):
            marks = [each[place][0] for label, each in self._marks.items() if label in self._labels and place in each]
            for one, other in itertools.combinations(marks, 2):
                dashes = _dashes(one, other)
                drawing.lines(dashes, [len(self._labels)] * len(dashes))
        self._between.show(drawing)

    def _shows(self, place: Place) -> bool:
        """Whether the slice view shows what was marked at a place."""
        return place.slice == self.number if self._ganglion is None else place == Place(GANGLIA, self._ganglion)

    def mark_at(self, view_node: Any, interactor: Any, pixel: tuple[int, int]) -> PickedMark | None:
        """The mark at a pixel of a view, from its lower left corner; None for none."""
        if view_node.IsA("vtkMRMLSliceNode"):
            return self.picker_on_slice(view_node.GetID()).in_slice(view_node, pixel)
        renderer = interactor.GetRenderWindow().GetRenderers().GetFirstRenderer()
        return self.picker_in_space().in_space(renderer, pixel)

    def picker_on_slice(self, view_id: str) -> MarkPicker:
        """The marks that a slice view shows: of the slice that it is on, or of one ganglion."""
        if self._views and view_id not in self._views:
            return MarkPicker(())
        return MarkPicker((place, points) for place, points in self._seen() if self._shows(place))

    def picker_in_space(self) -> MarkPicker:
        """The marks that 3D views show."""
        return MarkPicker(self._seen() if self.in_space else ())

    def _seen(self) -> Iterator[tuple[Place, Points]]:
        for label, marks in self._marks.items():
            if self.is_visible(label):
                yield from marks.items()

    def set_visible(self, label: str, visible: bool) -> None:
        """Show an annotator's marks or hide them."""
        self._on_slice[label].visible = visible
        self._in_space[label].visible = visible and self.in_space

    def is_visible(self, label: str) -> bool:
        """Whether an annotator's marks are shown."""
        return label in self._on_slice and self._on_slice[label].visible

    def show_in_space(self, shown: bool) -> None:
        """Show marks in 3D as well as in slices, or leave 3D to the surfaces, on whose walls they lie."""
        self.in_space = shown
        for label in self.shown:
            self.set_visible(label, self.is_visible(label))

    def node(self, label: str, on_slice: bool) -> Any:
        """The model node of an annotator's marks."""
        return (self._on_slice if on_slice else self._in_space)[label].node

    def restore(self) -> None:
        """Make nodes again that the user deleted."""
        for models in (self._in_space, self._on_slice):
            for model in models.values():
                model.restore()
        self._between.restore()


def _dashes(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """A dashed line between two points, (3,): the ends of its dashes, (n, 2, 3)."""
    count = max(1, round(float(np.linalg.norm(other - one)) / _DASH_MM))
    at = np.linspace(0.0, 1.0, 2 * count)
    return np.asarray((one + at[:, None] * (other - one)).reshape(count, 2, 3))
