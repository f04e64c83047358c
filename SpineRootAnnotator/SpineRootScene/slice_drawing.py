"""What is drawn on one slice: contours, roots, ghosts of the neighbouring slices, proposals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, ROOTS, Root
from SpineRootLib.curves import closed_curve, evenly_spaced, perimeter
from SpineRootLib.frames import Points
from SpineRootLib.place import Place
from SpineRootLib.slice_index import SliceIndex
from SpineRootScene.appearance import Appearance
from SpineRootScene.line_drawing import LineDrawing
from SpineRootScene.palette import Palette

_TURNS = np.arange(12) * (2 * np.pi / 12)
_CIRCLE = np.column_stack([np.cos(_TURNS), np.sin(_TURNS)])
_DASHES = _CIRCLE.reshape(6, 2, 2)  # of a broken ring: every other side
_CROSS = (np.array([[-1.0, -1.0], [1.0, 1.0]]), np.array([[-1.0, 1.0], [1.0, -1.0]]))


class Proposed(Protocol):
    """Something proposed: its points, (n, 3) RAS mm, and whether it is seen in the image at that place."""

    @property
    def points(self) -> Points: ...

    @property
    def by_image(self) -> bool: ...


class Proposals(Protocol):
    """What is proposed and not yet accepted, such as a session's `ProposalBook`."""

    def on_slice(self, number: int) -> Iterable[tuple[Place, Proposed]]: ...


@dataclass(frozen=True)
class SliceDrawer:
    """Draws slices of one annotation.

    A point that is placed is an x in a ring, a proposal a hollow ring, a ghost a small dim ring. The ring or contour of
    a proposal is broken where it is not seen in the image and follows from the marks about it alone.
    """

    index: SliceIndex
    proposals: Proposals | None
    palette: Palette
    look: Appearance

    def draw(self, number: int, edited: Place | None, ghosts: bool) -> LineDrawing:
        """The drawing of a slice without what is edited there by a markups node.

        Parameters
        ----------
        ghosts : whether roots of the neighbouring slices are shown.
        """
        drawing = LineDrawing()
        if ghosts:
            self._ghosts(drawing, number)
        for structure in CONTOUR_STRUCTURES:
            if self.index.contour(structure, number) is not None and Place(structure, slice=number) != edited:
                drawing.line(self.index.curve(structure, number), self.palette.of(structure), closed=True)
        self._placed(drawing, number, edited)
        self._proposed(drawing, number, edited)
        return drawing

    def _ghosts(self, drawing: LineDrawing, number: int) -> None:
        points = [(root, self._point(root, beside)) for beside in (number - 1, number + 1) for root in self.index.roots]
        ghosts = [(root, point) for root, point in points if point is not None]
        colors = [self.palette.of(root, ghost=True) for root, _ in ghosts]
        drawing.lines(self._around([point for _, point in ghosts], number, _CIRCLE * self.look.ghost_mm), colors, True)

    def _placed(self, drawing: LineDrawing, number: int, edited: Place | None) -> None:
        roots = [
            root
            for root in self.index.roots
            if self._point(root, number) is not None and Place(ROOTS, root, number) != edited
        ]
        points = [self.index.roots[root][number] for root in roots]
        colors = [self.palette.of(root) for root in roots]
        drawing.lines(self._around(points, number, _CIRCLE * self.look.point_mm), colors, True)
        for stroke in _CROSS:
            drawing.lines(self._around(points, number, stroke * self.look.point_mm / 2), colors)

    def _proposed(self, drawing: LineDrawing, number: int, edited: Place | None) -> None:
        for place, proposal in self.proposals.on_slice(number) if self.proposals else ():
            if place.root is not None:
                self._proposed_point(drawing, number, proposal, self.palette.of(place.root))
            elif place != edited:
                self._proposed_contour(drawing, proposal, self.palette.of(place.structure, ghost=True))

    def _proposed_point(self, drawing: LineDrawing, number: int, proposal: Proposed, color: int) -> None:
        for stroke in [_CIRCLE] if proposal.by_image else _DASHES:
            ring = self._around([proposal.points[0]], number, stroke * self.look.point_mm)
            drawing.lines(ring, [color], closed=proposal.by_image)

    def _proposed_contour(self, drawing: LineDrawing, proposal: Proposed, color: int) -> None:
        curve = closed_curve(proposal.points)
        if proposal.by_image:
            drawing.line(curve, color, closed=True)
            return
        count = math.ceil(perimeter(curve) / (2 * self.look.dash_mm))
        dashes = evenly_spaced(curve, 2 * count, closed=True).reshape(count, 2, 3)
        drawing.lines(dashes, [color] * count)

    def _point(self, root: Root, number: int) -> Points | None:
        return self.index.root_point(root, number)

    def _around(self, points: Sequence[Points], number: int, shape: NDArray[np.float64]) -> Points:
        """A flat shape, (n, 2) mm, around each of m points on a slice; (m, n, 3)."""
        planes = self.index.annotation.require_planes()
        middles = planes.flatten(np.reshape(points, (-1, 3)))
        flat = (middles[:, None, :] + shape).reshape(-1, 2)
        return planes.lift(flat, number).reshape(len(points), len(shape), 3)
