"""What is written into slice views: names of roots and ganglia, and the letters of the sides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from SpineRootAnnotatorLib.work.proposals import ProposalBook
from SpineRootLib.anatomy import DURA, GANGLIA, ROOTS, Root
from SpineRootLib.frames import Points
from SpineRootLib.place import Place
from SpineRootLib.slice_index import SliceIndex
from SpineRootScene.appearance import Appearance
from SpineRootScene.line_drawing import LineDrawing
from SpineRootScene.named_marks import NamedMark, NamingLook, name_at_edges, name_beside, write_edges
from SpineRootScene.palette import Palette
from SpineRootScene.scene_folder import SceneFolder
from SpineRootScene.slice_drawing import mark_strokes, proposal_strokes
from SpineRootScene.view_overlay import Draw, ViewOverlay
from SpineRootScene.view_plane import ViewPlane

_LOOK = NamingLook()
# radius of a ganglion's mark, in heights of its name
_MARK = 0.6


class ViewNames:
    """Writes into the views of a subject.

    Parameters
    ----------
    proposals : what is proposed is named, too.
    """

    def __init__(
        self, folder: SceneFolder, index: SliceIndex, proposals: ProposalBook, palette: Palette, look: Appearance
    ):
        self._folder, self._index, self._proposals = folder, index, proposals
        self._palette, self._look = palette, look
        self._overlays: dict[str, ViewOverlay] = {}
        self._in_overviews: list[ViewOverlay] = []
        self._number, self._named = 1, False
        self._active: Root | None = None
        self._visible = True

    def close(self) -> None:
        """Stop listening."""
        for overlay in self._overlays.values():
            overlay.close()

    def restore(self) -> None:
        """Make nodes again that the user deleted."""
        for overlay in self._overlays.values():
            overlay.restore()

    @property
    def visible(self) -> bool:
        """Whether it is shown."""
        return self._visible

    @visible.setter
    def visible(self, shown: bool) -> None:
        self._visible = shown
        for overlay in self._overlays.values():
            overlay.model.visible = shown

    def show_roots(self, node: Any, number: int, named: bool) -> None:
        """Write what lies on a slice into its view; the sides alone where roots are not to be named."""
        self._number, self._named = number, named
        self._show(node, self._draw_roots)

    def show_ganglia(self, nodes: Iterable[Any], active: Root | None) -> None:
        """Mark and name in these views the ganglia near their planes, and in no others any more.

        Parameters
        ----------
        active : the root whose ganglion is in its own node: it is named, not marked.
        """
        self._active = active
        shown = [self._show(node, self._draw_ganglia) for node in nodes]
        for overlay in self._in_overviews:
            if overlay not in shown:
                overlay.draw = None
                overlay.refresh()
        self._in_overviews = shown

    def _show(self, node: Any, draw: Draw) -> ViewOverlay:
        name = node.GetLayoutName()
        if name not in self._overlays:
            self._overlays[name] = ViewOverlay(self._folder, self._palette, node)
            self._overlays[name].model.visible = self._visible
        overlay = self._overlays[name]
        overlay.draw = draw
        overlay.refresh()
        return overlay

    def _draw_roots(self, plane: ViewPlane, drawing: LineDrawing) -> None:
        write_edges(drawing, plane, self._palette.active, _LOOK)
        if not self._named:
            return
        number = self._number
        points = {root: self._index.root_point(root, number) for root in self._index.roots}
        marks = [self._named_mark(plane, str(root), root, point) for root, point in points.items() if point is not None]
        for place, proposal in self._proposals.on_slice(number):
            if place.root is not None and place.structure == ROOTS:
                marks.append(self._named_mark(plane, f"{place.root}?", place.root, proposal.points[0]))
        name_at_edges(drawing, plane, marks, _LOOK, self._sac(plane))

    def _sac(self, plane: ViewPlane) -> Points | None:
        """The outline of the dura in the plane, (k, 2) mm, as the nearest slice has it that has one."""
        known = self._index.contours.get(DURA, {})
        nearest = min(known, key=lambda number: abs(number - self._number), default=None)
        return None if nearest is None else plane.flatten(self._index.curve(DURA, nearest))

    def _draw_ganglia(self, plane: ViewPlane, drawing: LineDrawing) -> None:
        write_edges(drawing, plane, self._palette.active, _LOOK)
        radius = _MARK * _LOOK.text * plane.side
        for root, point in self._index.annotation.ganglia.items():
            strokes = () if root == self._active else mark_strokes(root.side)
            self._draw_ganglion(plane, drawing, str(root), root, point, [radius * each for each in strokes])
        for root in self._index.annotation.expected_roots():
            proposal = self._proposals.get(Place(GANGLIA, root=root))
            if proposal is not None:
                strokes = [self._look.ganglion_mm * each for each in proposal_strokes(proposal, self._look)]
                self._draw_ganglion(plane, drawing, f"{root}?", root, proposal.points[0], strokes)

    def _draw_ganglion(
        self, plane: ViewPlane, drawing: LineDrawing, name: str, root: Root, point: Points, strokes: Sequence[Points]
    ) -> None:
        away = abs(float(plane.depth(point)[0]))
        if away > self._look.hinted_mm:
            return
        mark = self._named_mark(plane, name, root, point, ghost=away > self._look.named_mm)
        for stroke in strokes:
            drawing.line(plane.lift(stroke + mark.flat), mark.color)
        reach = max((float(np.abs(stroke).max()) for stroke in strokes), default=0.0)
        name_beside(drawing, plane, mark, reach, _LOOK)

    def _named_mark(self, plane: ViewPlane, name: str, root: Root, point: Points, ghost: bool = False) -> NamedMark:
        dim = self._palette.of(root, ghost=True)
        flat, color = np.asarray(plane.flatten(point)[0]), dim if ghost else self._palette.of(root)
        return NamedMark(name.replace("_", " "), flat, color, dim, name.replace(f"_{root.side}", ""))
