"""Roots on CISS, slice by slice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from SpineRootAnnotatorLib.keys import ROOTS_MODE
from SpineRootAnnotatorLib.modes.mode import NOTHING_HERE, Mode
from SpineRootAnnotatorLib.settings import AfterClick
from SpineRootAnnotatorLib.work.marks import Mark
from SpineRootLib.anatomy import ROOTS, color
from SpineRootLib.place import Place
from SpineRootLib.provenance import ACCEPTED
from SpineRootLib.translation import _


class RootsMode(Mode):
    """A click sets or replaces the active root's point on the slice, and steps on."""

    name = ROOTS_MODE

    def enter(self) -> None:
        """Clicks place."""
        self.subject.point.limit_to(*self.subject.ciss_view_ids)
        self.subject.point.arm()
        self.show()
        self.settle()

    def leave(self) -> None:
        """Clicks place no more."""
        self.subject.point.disarm()
        self.subject.point.show("", (1.0, 1.0, 1.0), None)

    @property
    def place(self) -> Place:
        """The active root on the slice that is shown."""
        return Place(ROOTS, self.subject.root, self.subject.number)

    def show(self) -> None:
        """Put the active root's point into its node."""
        root = self.subject.root
        point = self.subject.index.root_point(root, self.subject.number)
        self.subject.point.show(str(root), color(ROOTS, root), point)

    def settle(self) -> None:
        """Propose the active root's point on this slice."""
        place, subject = self.place, self.subject
        if subject.mark(place) is not None or subject.proposals.has(place) or subject.proposals.tracer is None:
            return
        proposed = subject.proposals.tracer.propose_root_next(subject.annotation, subject.root, subject.number)
        if proposed.position is not None:
            subject.proposals.put_traced(place, proposed)
            subject.draw_slice()

    def go_to(self, place: Place) -> None:
        """Work on a root on a slice."""
        if place.root is not None:
            self.subject.root = place.root
        if place.slice is not None:
            self.subject.go_to(place.slice)
        self.show()

    def placed(self, position: NDArray[np.float64]) -> None:
        """Set or replace the active root's point and step on."""
        place = self._place_of(position)
        self.subject.put(place, self._marked_by_hand(place, self.subject.on_slice(position, place.slice)))
        self.subject.then(self._step_on)

    def moved(self, position: NDArray[np.float64]) -> None:
        """Move the active root's point."""
        place = self._place_of(position)
        self.subject.put(place, self._marked_by_hand(place, self.subject.on_slice(position, place.slice)))

    def next_structure(self) -> None:
        """The next root: L1_L, L1_R, L2_L ..."""
        self._turn(1)

    def previous_structure(self) -> None:
        """The previous root."""
        self._turn(-1)

    def other_side(self) -> None:
        """The same segment on the other side."""
        self.subject.root = self.subject.root.opposite
        self.show()
        self.settle()

    @property
    def actions(self) -> dict[str, Callable[[], None]]:
        """Those of every mode, and what is done to a root's point."""
        mine = {
            "other_side": self.other_side,
            "propose": self.propose,
            "accept": self.accept,
            "accept_run": self.accept_run,
            "snap": self.snap,
        }
        return {**super().actions, **mine}

    def accept(self) -> None:
        """Take the proposal of the active root on this slice and step on."""
        proposal = self.subject.proposals.get(self.place)
        if proposal is None:
            self.subject.say(_("Nothing is proposed here."))
            return
        self.subject.put(self.place, Mark.of(proposal.points, ACCEPTED))
        self._step_on()

    def accept_run(self) -> None:
        """Take the active root's proposals from this slice on, down to a gap or a doubtful one."""
        self._take_run(self.place)

    def propose(self) -> None:
        """Follow the active root through the slices and propose its points."""
        numbers, reason = self.subject.proposals.propose_course(self.subject.annotation, self.subject.root)
        self.subject.draw_slice()
        if numbers:
            self.subject.say(
                _("{root} is proposed on {count} slices.").format(root=self.subject.root, count=len(numbers))
            )
        else:
            self.subject.say(reason)

    def snap(self) -> None:
        """Move the point to the middle of the dark spot that it lies on."""
        mark, tracer = self.subject.mark(self.place), self.subject.proposals.tracer
        if mark is None or not len(mark.points) or tracer is None:
            self.subject.say(NOTHING_HERE)
            return
        spot = tracer.snap(mark.points[0])
        if spot.position is None:
            self.subject.say(spot.reason)
        else:
            self.subject.put(self.place, mark.moved(spot.position, mark.origin or ACCEPTED))

    def _place_of(self, position: NDArray[np.float64]) -> Place:
        """The place of a click: on the slice that is shown, on the nearest one where the view does not show one."""
        subject = self.subject
        if subject.view is not None and subject.view.is_aligned:
            return self.place
        number = int(np.clip(subject.planes.number(position)[0], 1, subject.planes.count))
        return Place(ROOTS, subject.root, number)

    def _step_on(self) -> None:
        after = self.subject.settings.after_click
        if after == AfterClick.ROUND:
            self._round()
        elif after != AfterClick.STAY:
            self.subject.go_to(self.subject.number + (1 if after == AfterClick.DOWN else -1))

    def _round(self) -> None:
        """To the next root that has no point on this slice; to the next slice when all have one."""
        subject, roots = self.subject, self.subject.annotation.expected_roots()
        start = roots.index(subject.root)
        number = subject.number
        for root in (*roots[start + 1 :], *roots[: start + 1]):
            if subject.index.root_point(root, number) is None:
                subject.root = root
                self.show()
                return
        subject.root = roots[0]
        subject.go_to(number + 1)
        self.show()

    def _turn(self, by: int) -> None:
        roots = self.subject.annotation.expected_roots()
        self.subject.root = roots[(roots.index(self.subject.root) + by) % len(roots)]
        self.show()
        self.settle()
