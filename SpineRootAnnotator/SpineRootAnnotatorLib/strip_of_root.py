"""The strip of the root that is worked on, in a view of its own: seen, clicked and dragged on."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from SpineRootAnnotatorLib.keys import REVIEW_MODE, ROOTS_MODE
from SpineRootAnnotatorLib.layouts import STRIP
from SpineRootAnnotatorLib.modes.subject import Subject
from SpineRootAnnotatorLib.saying import Kind
from SpineRootLib.anatomy import ROOTS, Root
from SpineRootLib.frames import Points
from SpineRootLib.place import Place
from SpineRootLib.strips.subject_strips import MarkedStrip, root_strip
from SpineRootLib.translation import _
from SpineRootScene.strip_view import StripHands, StripView
from SpineRootScene.volumes import image_of

# so near to a mark a drag takes hold of it; half the distance of two slices, by eye
_GRASP_MM = 1.0
_MODES = (ROOTS_MODE, REVIEW_MODE)


class Mover(Protocol):
    """Takes a root's point, (3,) RAS mm, on a slice, as if it were marked in the slice view."""

    def __call__(self, number: int, point: NDArray[np.float64]) -> None: ...


class StripOfRoot:
    """Shows the strip of the active root while it is wanted, and takes what is done on it.

    The course along which it is cut stays while the root is worked on, so that the image does not move under the
    hand; it is cut anew for another root, and when more of the root is known.

    Parameters
    ----------
    move : sets the active root's point.
    """

    def __init__(self, subject: Subject, move: Mover):
        self._subject, self._move = subject, move
        display = subject.display
        self.view = StripView(display.scene, display.folder, display.palette, display.look, STRIP)
        self.hands = StripHands(self.view.place_at, self._dragged, self._wheeled)
        self.wanted = False
        self._cut: tuple[Root, int, int] | None = None
        self.marked: MarkedStrip | None = None

    @property
    def shown(self) -> bool:
        """Whether it is to be seen in the mode."""
        return self.wanted and self._subject.mode_name in _MODES and "CISS" in self._subject.volumes

    def refresh(self) -> None:
        """Show what is marked and proposed now."""
        if not self.shown:
            return
        subject, root = self._subject, self._subject.root
        proposals = self._proposals(root)
        known = sorted({*subject.confirmed.root_by_slice(root), *proposals})
        if not known:
            self.forget()
            self.view.clear()
            return
        before = self.marked if self._cut == (root, known[0], known[-1]) else None
        self._cut = (root, known[0], known[-1])
        strip, edges = (None, None) if before is None else (before.strip, before.edges)
        self.marked = root_strip(subject.confirmed, root, proposals=proposals, strip=strip, edges=edges)
        if before is None:
            self.view.show_image(self.marked.strip, image_of(subject.volumes["CISS"]))
        self.view.draw(self.marked, subject.number)

    def forget(self) -> None:
        """The next strip is cut anew: contours may have changed."""
        self._cut = self.marked = None

    def stepped(self) -> None:
        """Another slice is shown."""
        if self.shown and self.marked is not None:
            self.view.draw(self.marked, self._subject.number)

    def frame(self) -> None:
        """The views were arranged anew."""
        if self.shown:
            self.view.fit()

    def restore(self) -> None:
        """Make nodes again that the user deleted."""
        if self.shown:
            self.forget()
            self.view.restore()
            self.refresh()

    def _proposals(self, root: Root) -> dict[int, Points]:
        book = self._subject.proposals
        found = ((n, book.get(Place(ROOTS, root, n))) for n in range(1, self._subject.planes.count + 1))
        return {number: proposal.points[0] for number, proposal in found if proposal is not None}

    def _wheeled(self, by: int) -> None:
        self._subject.go_to(self._subject.number + by)

    def _dragged(self, start: NDArray[np.float64], end: NDArray[np.float64], is_click: bool) -> None:
        """A click goes to its slice, and in Roots marks the root there; a drag from a mark moves it on its slice."""
        if self.marked is None:
            return
        strip, is_editing = self.marked.strip, self._subject.mode_name == ROOTS_MODE
        number, _point = strip.on_slice(start)
        if is_click or not is_editing:
            self._subject.go_to(number)
        known = {**self.marked.proposed, **self.marked.marks}
        if not is_click:
            near = {each: place for each, place in known.items() if self._distance(place, start) <= _GRASP_MM}
            if not is_editing:
                return
            if not near:
                self._subject.say(_("A drag marks nothing: drag a mark, or click where the root is."), Kind.REFUSED)
                return
            number = min(near, key=lambda each: self._distance(near[each], start))
            self._subject.go_to(number)
        if is_editing:
            depth = self.marked.in_front_mm.get(number, 0.0)
            self._move(number, strip.to_ras([[end[0], number]], depth)[0])

    def _distance(self, place: NDArray[np.float64], other: NDArray[np.float64]) -> float:
        assert self.marked is not None
        spacing = self.marked.strip.planes.spacing
        return float(np.hypot(place[0] - other[0], (place[1] - other[1]) * spacing))
