"""What all modes share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from SpineRootAnnotatorLib.modes.subject import Subject
from SpineRootAnnotatorLib.saying import Kind
from SpineRootAnnotatorLib.settings import Trust
from SpineRootAnnotatorLib.work.history import Edit, Step
from SpineRootAnnotatorLib.work.marks import SKIPPED, UNCERTAIN, Mark
from SpineRootLib.anatomy import color
from SpineRootLib.frames import Points
from SpineRootLib.place import Place
from SpineRootLib.provenance import ACCEPTED, CORRECTED, PLACED
from SpineRootLib.translation import _

NOTHING_HERE = _("Nothing is marked here: mark it first.")


class Mode:
    """One way of working: what clicks, keys and pauses do.

    Parameters
    ----------
    subject : the open subject that it works on.
    """

    name: ClassVar[str]
    trust = Trust()

    def __init__(self, subject: Subject):
        self.subject = subject

    @property
    def actions(self) -> dict[str, Callable[[], None]]:
        """What this mode does for an action, by the name that `keys.ACTIONS` gives it."""
        return {
            "next_structure": self.next_structure,
            "previous_structure": self.previous_structure,
            "delete": self.delete,
            "uncertain": self.uncertain,
            "skip": self.skip,
        }

    def enter(self) -> None:
        """The annotator changed to this mode."""
        self.show()

    def leave(self) -> None:
        """The annotator changes to another."""

    @property
    def place(self) -> Place | None:
        """The place that is worked on now."""
        return None

    @property
    def edited(self) -> Place | None:
        """The place that is in a markups node now, so that its picture is not drawn as well."""
        return None

    @property
    def color(self) -> tuple[float, float, float] | None:
        """The colour of what is worked on."""
        return None if self.place is None else color(self.place.structure, self.place.root)

    @property
    def title(self) -> str:
        """What is worked on now, for the annotator."""
        return "" if self.place is None else self.place.title

    def hint(self, keys: Mapping[str, str]) -> str:  # noqa: ARG002
        """What to do next, a sentence; `keys` are those of the actions, by name."""
        return ""

    def show(self) -> None:
        """Put what is worked on into the markups nodes."""

    def stepped(self) -> None:
        """Another slice is shown: only what is quick."""
        self.show()

    def settle(self) -> None:
        """Stepping has paused: what takes a moment."""

    def go_to(self, place: Place) -> None:
        """Work on a place of this mode."""

    def placed(self, position: NDArray[np.float64]) -> None:
        """The annotator clicked at a RAS position, (3,)."""

    def moved(self, position: NDArray[np.float64]) -> None:
        """The annotator dragged the point to a RAS position, (3,)."""

    def removed(self) -> None:
        """The annotator deleted the point in a view."""
        self.delete()

    def contour_changed(self, points: Points) -> None:
        """The annotator edited the contour; its control points are (n, 3) RAS now."""

    # -- actions that mean the same in every mode

    def delete(self) -> None:
        """Clear the place, also of what its file proposes; undo brings it back."""
        if self.place is not None and self.subject.edit(self.place, None).before is not None:
            self.subject.put(self.place, None)

    def uncertain(self) -> None:
        """Set or take away the mark's flag that the annotator is not sure."""
        mark = None if self.place is None else self.subject.mark(self.place)
        if self.place is None or mark is None:
            self.subject.say(NOTHING_HERE, Kind.REFUSED)
            return
        flagged = mark.flagged(UNCERTAIN, UNCERTAIN not in mark.flags, self.subject.remark)
        self.subject.put(self.place, flagged)

    def skip(self) -> None:
        """State that nothing can be seen in the place, with the remark as the reason."""
        if self.place is None:
            return
        mark = self.subject.mark(self.place)
        if mark is not None and len(mark.points):
            self.subject.say(_("Something is marked here: delete it first."), Kind.REFUSED)
        elif mark is not None and SKIPPED in mark.flags:
            self.subject.put(self.place, None)
        else:
            self.subject.put(self.place, Mark.skipped(self.subject.remark or _("not visible")))
            self.next_structure()

    def next_structure(self) -> None:
        """Work on the next root or contour."""

    def previous_structure(self) -> None:
        """Work on the previous root or contour."""

    def _take_run(self, place: Place) -> None:
        """Take the proposals from a place on downwards, as far as a gap or a doubtful one, as one step.

        What is marked already is passed over.
        """
        subject, number = self.subject, place.slice
        assert number is not None
        edits: list[Edit] = []
        while number <= subject.planes.count:
            proposal, mark = subject.proposals.get(place), subject.mark(place)
            if proposal is not None and proposal.confidence >= self.trust.run_confidence:
                edits.append(subject.edit(place, Mark.of(proposal.points, ACCEPTED)))
            elif proposal is not None or mark is None:
                break
            number += 1
            place = replace(place, slice=number)
        is_doubtful = subject.proposals.has(place)
        why = _("The proposal is not sure enough") if is_doubtful else _("Nothing is proposed")
        if not edits:
            nothing = _("{why} on this slice: look at it, and accept or mark it by itself.")
            subject.say(nothing.format(why=why), Kind.REFUSED)
            return
        subject.do(Step(tuple(edits)))
        subject.go_to(number)
        taken = _("Slices accepted: {count}.").format(count=len(edits))
        if number <= subject.planes.count:
            taken += " " + _("{why} on slice {number}.").format(why=why, number=number)
        subject.say(taken)

    def _marked_by_hand(self, place: Place, points: ArrayLike) -> Mark:
        """A mark placed or dragged by the annotator: a correction where something was proposed before."""
        before = self.subject.mark(place)
        if before is not None and len(before.points):
            origin = CORRECTED if before.origin in (ACCEPTED, CORRECTED) else PLACED
            return before.moved(points, origin)
        return Mark.of(points, CORRECTED if self.subject.proposals.has(place) else PLACED)
