"""Each annotator's marks in a colour of their own, in slice views and in 3D."""

from __future__ import annotations

from typing import Any

import numpy as np

from SpineRootAnnotatorLib.appearance import Appearance
from SpineRootAnnotatorLib.drawing import LineDrawing
from SpineRootAnnotatorLib.light_models import LightModel
from SpineRootAnnotatorLib.overview import SliceIndex, draw_in_space
from SpineRootAnnotatorLib.proposals import ProposalBook
from SpineRootAnnotatorLib.slice_drawing import SliceDrawer
from SpineRootLib.anatomy import Root
from SpineRootLib.annotation import Annotation
from SpineRootModelerLib.folder import ModelerFolder
from SpineRootModelerLib.rater_palette import RaterPalette


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
        self._in_space: dict[str, LightModel] = {}
        self._on_slice: dict[str, LightModel] = {}
        self._drawers: dict[str, SliceDrawer] = {}
        self.number = 1

    @property
    def shown(self) -> tuple[str, ...]:
        """Whose marks are on the scene, hidden ones too."""
        return tuple(self._drawers)

    def put(self, label: str, annotation: Annotation) -> None:
        """Show an annotation, in place of what the annotator showed before."""
        palette = RaterPalette(self._labels, label)
        index = SliceIndex(annotation)
        self._drawers[label] = SliceDrawer(index, ProposalBook(lambda: None), palette, self._look)  # type: ignore[arg-type]
        if label not in self._in_space:
            for models, what, on_slices in ((self._in_space, "3D", False), (self._on_slice, "slice", True)):
                role = f"rater-{label}-{what}"
                models[label] = LightModel(self._folder, palette, role, f"{label}, {what}", on_slices)  # type: ignore[arg-type]
            self._on_slice[label].limit_to(*self._views)
        self._in_space[label].show(draw_in_space(index, palette, self._look))  # type: ignore[arg-type]
        self.draw_slice(self.number)

    def draw_slice(self, number: int) -> None:
        """Draw what lies on a slice."""
        self.number = number
        for label, drawer in self._drawers.items():
            if drawer.index.annotation.planes is not None:
                self._on_slice[label].show(drawer.draw(number, None, ghosts=False))

    def draw_ganglion(self, root: Root) -> None:
        """Draw a ganglion, in place of what lies on a slice."""
        for label, drawer in self._drawers.items():
            drawing = LineDrawing()
            ganglion = drawer.index.annotation.ganglia.get(root)
            if ganglion is not None:
                for arm in np.eye(3) * self._look.ganglion_mm:
                    drawing.line(np.stack([ganglion - arm, ganglion + arm]), drawer.palette.of(root))
            self._on_slice[label].show(drawing)

    def set_visible(self, label: str, visible: bool) -> None:
        """Show an annotator's marks or hide them."""
        for models in (self._in_space, self._on_slice):
            models[label].visible = visible

    def is_visible(self, label: str) -> bool:
        """Whether an annotator's marks are shown."""
        return label in self._in_space and self._in_space[label].visible

    def set_space_visible(self, visible: bool) -> None:
        """Show all marks in 3D, or leave the view to the surfaces."""
        for model in self._in_space.values():
            model.visible = visible

    def node(self, label: str, on_slice: bool) -> Any:
        """The model node of an annotator's marks."""
        return (self._on_slice if on_slice else self._in_space)[label].node

    def restore(self) -> None:
        """Make nodes again that the user deleted."""
        for models in (self._in_space, self._on_slice):
            for model in models.values():
                model.restore()
