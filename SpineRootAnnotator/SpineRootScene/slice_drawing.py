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
_RING = np.vstack([_CIRCLE, _CIRCLE[:1]])
_DASHES = _CIRCLE.reshape(6, 2, 2)  # of a broken ring: every other side
_CROSS = (np.array([[-1.0, -1.0], [1.0, 1.0]]), np.array([[-1.0, 1.0], [1.0, -1.0]]))

Shape = tuple[NDArray[np.float64], ...]


@dataclass(frozen=True)
class MarkShapes:
    """How a point that is placed is drawn: strokes, each (n, 2), for the left and for the right side.

    Parameters
    ----------
    size_mm : what 1 is in them.
    """

    left: Shape
    right: Shape
    size_mm: float


def ringed(look: Appearance) -> MarkShapes:
    """An x in a ring, whatever the side: seen from afar."""
    shape = (_RING, *(stroke / 2 for stroke in _CROSS))
    return MarkShapes(shape, shape, look.point_mm)


def small(look: Appearance) -> MarkShapes:
    """A ring on the left, an x on the right, both so small that the dot under them is seen."""
    return MarkShapes(mark_strokes("L"), mark_strokes("R"), look.tick_mm)


def mark_strokes(side: str) -> Shape:
    """The small mark of a side, in its own size."""
    return (_RING,) if side == "L" else _CROSS


class Proposed(Protocol):
    """Something proposed: its points, (n, 3) RAS mm, whether it is seen in the image there, and how sure it is."""

    @property
    def points(self) -> Points: ...

    @property
    def by_image(self) -> bool: ...

    @property
    def confidence(self) -> float: ...


def is_whole(proposal: Proposed, look: Appearance) -> bool:
    """Whether a proposal is sure and seen in the image, and so drawn as a whole ring or line."""
    return proposal.by_image and proposal.confidence >= look.whole_from


def proposal_strokes(proposal: Proposed, look: Appearance) -> Shape:
    """The ring of a proposal, whole or broken, of radius 1."""
    return (_RING,) if is_whole(proposal, look) else tuple(_DASHES)


class Proposals(Protocol):
    """What is proposed and not yet accepted, such as a session's `ProposalBook`."""

    def on_slice(self, number: int) -> Iterable[tuple[Place, Proposed]]: ...


@dataclass(frozen=True)
class SliceDrawer:
    """Draws slices of one annotation.

    The ring or contour of a proposal is whole where it is sure and seen in the image, else broken, and faint where it
    is most likely wrong. A ghost is where a root is on the slice above, or else below: a small dim mark.

    Parameters
    ----------
    shapes : of points that are placed; by default rings with an x.
    """

    index: SliceIndex
    proposals: Proposals | None
    palette: Palette
    look: Appearance
    shapes: MarkShapes | None = None

    def draw(self, number: int, edited: Place | None, ghosts: bool, active: Root | None = None) -> LineDrawing:
        """The drawing of a slice without what is edited there by a markups node.

        Parameters
        ----------
        ghosts : whether roots of the neighbouring slices are shown.
        active : the root that is worked on; the proposals of others are drawn small then. None for no such root.
        """
        drawing = LineDrawing()
        if ghosts:
            self._ghosts(drawing, number)
        for structure in CONTOUR_STRUCTURES:
            if self.index.contour(structure, number) is not None and Place(structure, slice=number) != edited:
                drawing.line(self.index.curve(structure, number), self.palette.of(structure), closed=True)
        self._placed(drawing, number, edited)
        self._proposed(drawing, number, edited, active)
        return drawing

    def _ghosts(self, drawing: LineDrawing, number: int) -> None:
        for root in self.index.roots:
            beside = (self._point(root, each) for each in (number - 1, number + 1))
            point = next((each for each in beside if each is not None), None)
            if point is not None:
                self._mark(drawing, number, root, point, self.palette.of(root, ghost=True), self.look.ghost_share)

    def _placed(self, drawing: LineDrawing, number: int, edited: Place | None) -> None:
        for root in self.index.roots:
            point = self._point(root, number)
            if point is not None and Place(ROOTS, root, number) != edited:
                self._mark(drawing, number, root, point, self.palette.of(root))

    def _mark(
        self, drawing: LineDrawing, number: int, root: Root, point: Points, color: int, share: float = 1.0
    ) -> None:
        shapes = self.shapes or ringed(self.look)
        for stroke in shapes.left if root.side == "L" else shapes.right:
            drawing.lines(self._around([point], number, share * shapes.size_mm * stroke), [color])

    def _proposed(self, drawing: LineDrawing, number: int, edited: Place | None, active: Root | None) -> None:
        for place, proposal in self.proposals.on_slice(number) if self.proposals else ():
            faint = proposal.confidence < self.look.faint_below
            if place.root is not None:
                radius = self.look.point_mm if active in (None, place.root) else self.look.other_mm
                self._proposed_point(drawing, number, proposal, self.palette.of(place.root, ghost=faint), radius)
            elif place != edited:
                self._proposed_contour(drawing, proposal, self.palette.of(place.structure, ghost=True))

    def _proposed_point(self, drawing: LineDrawing, number: int, proposal: Proposed, color: int, radius: float) -> None:
        for stroke in proposal_strokes(proposal, self.look):
            drawing.lines(self._around([proposal.points[0]], number, stroke * radius), [color])

    def _proposed_contour(self, drawing: LineDrawing, proposal: Proposed, color: int) -> None:
        curve = closed_curve(proposal.points)
        if is_whole(proposal, self.look):
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
