"""Roots on CISS, slice by slice."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from SpineRootAnnotatorLib.keys import ROOTS_MODE
from SpineRootAnnotatorLib.modes.mode import NOTHING_HERE, Mode
from SpineRootAnnotatorLib.modes.subject import Subject
from SpineRootAnnotatorLib.saying import Kind
from SpineRootAnnotatorLib.settings import AfterClick
from SpineRootAnnotatorLib.work.marks import Mark
from SpineRootAnnotatorLib.work.proposals import Proposal
from SpineRootLib.anatomy import ROOTS, color
from SpineRootLib.place import Place
from SpineRootLib.provenance import ACCEPTED
from SpineRootLib.sentences import sentence
from SpineRootLib.translation import _


class RootsMode(Mode):
    """A click sets the active root's point on the slice and steps on, or moves the point."""

    name = ROOTS_MODE

    def __init__(self, subject: Subject):
        super().__init__(subject)
        self._unproposed: tuple[Place | None, str] = (None, "")  # why nothing is proposed there

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

    @property
    def edited(self) -> Place | None:
        """The active root's point, which is in its own node."""
        return self.place

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
        proposed = subject.proposals.tracer.propose_root_next(subject.confirmed, subject.root, subject.number)
        refused = subject.proposals.put_traced(place, proposed)
        self._unproposed = (place, refused or ("" if proposed else proposed.reason))
        if subject.proposals.has(place):
            subject.draw_slice()
        subject.hint_changed()

    def hint(self, keys: Mapping[str, str]) -> str:
        """What to do with the root on this slice; where nothing is proposed, why."""
        root, mark = self.subject.root, self.subject.mark(self.place)
        if self.place == self.subject.repeats.asked:
            asked = _("{root} is asked for a second time, your first mark hidden: click where it is; {skip} leaves it.")
            return asked.format(root=root, **keys)
        marked, proposal = self.subject.index.roots.get(root, {}), self.subject.proposals.get(self.place)
        if mark is not None:
            text = _("{root} is marked here: a click replaces it; {next_slice} goes down.") if len(mark.points) else ""
            text = text or _("{root} is skipped here: a click marks it all the same.")
            if count := len(self.subject.repeats.due()):
                again = _("Marks that are asked for a second time: {count}. {next_gap} leads to the next.")
                text = f"{text} {again.format(count=count, **keys)}"
        elif proposal is not None:
            text = self._hint_of(proposal)
        elif not marked:
            text = _("Nothing of {root} is marked yet: click into the middle of its dot where it leaves the cord.")
        else:
            why = self._unproposed[1] if self._unproposed[0] == self.place else ""
            text = f"{sentence(why)} " + _("Click where {root} is; {skip} says that it cannot be seen.")
        return text.format(root=root, file=proposal.source if proposal else "", **keys).strip()

    def _hint_of(self, proposal: Proposal) -> str:
        if not proposal.by_image:
            return _("{root} is a guess from the marks about it (broken ring): click where it is; {accept} accepts it.")
        if proposal.confidence < self.trust.run_confidence:
            return _("{root} is proposed, but is not sure (broken ring): {accept} accepts it, a click corrects it.")
        if proposal.source:
            return _("{root} is proposed by {file} (ring): {accept} accepts it and goes on, a click corrects it.")
        return _("{root} is proposed (ring): {accept} accepts it and goes on, a click corrects it.")

    def go_to(self, place: Place) -> None:
        """Work on a root on a slice."""
        if place.root is not None:
            self.subject.root = place.root
        if place.slice is not None:
            self.subject.go_to(place.slice)
        self.show()

    def placed(self, position: NDArray[np.float64]) -> None:
        """Set the active root's point and step on; one that is moved, by a click or a drag, is to be looked at."""
        place = self._place_of(position)
        if place == self.subject.repeats.asked:
            self._answer(place, position)
            return
        before = self.subject.mark(place)
        is_marked = before is not None and bool(len(before.points))
        if not is_marked and self.subject.was_dragged():
            nothing = _("A drag marks nothing: click where {root} is, or drag its mark.").format(root=self.subject.root)
            self.subject.say(nothing, Kind.REFUSED)
            self.show()
            return
        self.subject.put(place, self._marked_by_hand(place, self.subject.on_slice(position, place.slice)))
        if not is_marked:
            self.subject.then(self._step_on)

    def moved(self, position: NDArray[np.float64]) -> None:
        """Move the active root's point."""
        place = self._place_of(position)
        if place == self.subject.repeats.asked:
            self._answer(place, position)
            return
        self.subject.put(place, self._marked_by_hand(place, self.subject.on_slice(position, place.slice)))

    def _answer(self, place: Place, position: NDArray[np.float64]) -> None:
        """Take a second mark; the first is shown again."""
        subject = self.subject
        if subject.was_dragged():
            subject.say(_("A drag marks nothing: click where {root} is.").format(root=subject.root), Kind.REFUSED)
            self.show()
            return
        subject.answer(subject.on_slice(position, place.slice))
        subject.say(_("Your second mark is kept beside the first, which is shown again."))

    def skip(self) -> None:
        """State that nothing can be seen in the place; one that is asked for again is left as it was marked."""
        if self.place != self.subject.repeats.asked:
            super().skip()
            return
        self.subject.repeats.leave_out(self.place)
        self.subject.ask(None)

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
            self.subject.say(_("Nothing is proposed here: click where the root is."), Kind.REFUSED)
            return
        self.subject.put(self.place, Mark.of(proposal.points, ACCEPTED))
        self._step_on()

    def accept_run(self) -> None:
        """Take the active root's proposals from this slice on, down to a gap or a doubtful one."""
        self._take_run(self.place)

    def propose(self) -> None:
        """Follow the active root through the slices and propose its points."""
        subject, root = self.subject, self.subject.root
        annotation, proposals = subject.confirmed, subject.proposals
        found = subject.in_pieces(
            _("Following {root} through the slices").format(root=root),
            lambda progress: proposals.propose_course(annotation, root, progress),
        )
        if found is None:
            return
        numbers, reason = found
        subject.draw_slice()
        if numbers:
            text = _("Slices on which {root} is proposed: {count}.").format(root=root, count=len(numbers))
            subject.say(f"{text} {sentence(reason)}".strip())
        else:
            subject.say(sentence(reason or _("it is marked on all slices already")), Kind.REFUSED)

    def snap(self) -> None:
        """Move the point to the middle of the dark spot that it lies on."""
        mark, tracer = self.subject.mark(self.place), self.subject.proposals.tracer
        if mark is None or not len(mark.points) or tracer is None:
            self.subject.say(NOTHING_HERE, Kind.REFUSED)
            return
        if self.subject.proposals.is_unaided(self.place):
            self.subject.say(self.subject.proposals.unaided_reason, Kind.REFUSED)
            return
        spot = tracer.snap(mark.points[0])
        if spot.position is None:
            self.subject.say(sentence(spot.reason), Kind.REFUSED)
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
