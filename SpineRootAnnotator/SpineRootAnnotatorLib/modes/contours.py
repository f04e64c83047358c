"""Contours of dura and cord on CISS."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from SpineRootAnnotatorLib.keys import CONTOURS_MODE
from SpineRootAnnotatorLib.modes.mode import Mode
from SpineRootAnnotatorLib.modes.subject import Subject
from SpineRootAnnotatorLib.work.contour_interpolation import copied, filled
from SpineRootAnnotatorLib.work.marks import FEWEST_OF_CONTOUR, Mark
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, color
from SpineRootLib.frames import Points
from SpineRootLib.place import Place
from SpineRootLib.provenance import ACCEPTED
from SpineRootLib.tracing.proposals import ContourProposal
from SpineRootLib.translation import _


class ContoursMode(Mode):
    """The contour of the slice, drawn or proposed, is an ordinary closed curve."""

    name = CONTOURS_MODE

    def __init__(self, subject: Subject):
        super().__init__(subject)
        self._drawn: Place | None = None  # clicks go on drawing it
        self._asked_for_click = False

    def enter(self) -> None:
        """Show the contour."""
        self.subject.contour.limit_to(*self.subject.ciss_view_ids)
        self.show()
        self.settle()

    def leave(self) -> None:
        """Put the curve away."""
        self.subject.contour.disarm()
        self.subject.contour.show((1.0, 1.0, 1.0), None)
        self._drawn = None

    @property
    def place(self) -> Place:
        """The contour on the slice that is shown."""
        return Place(self.subject.structure, slice=self.subject.number)

    def stepped(self) -> None:
        """Put the curve away; its picture is on the slice until stepping pauses."""
        self._drawn, self._asked_for_click = None, False
        if self.subject.contour.is_shown:
            self.subject.contour.hide()

    def settle(self) -> None:
        """Put the curve of this slice into its node; without one, clicks draw it."""
        points = self._points()
        self.subject.contour.show(color(self.subject.structure), points)
        if points is None or len(points) < FEWEST_OF_CONTOUR or self._drawn == self.place:
            self.subject.contour.arm()
        else:
            self.subject.contour.disarm()
        self.subject.draw_slice()

    def show(self) -> None:
        """Show the contour now."""
        self.settle()

    @property
    def edited(self) -> Place | None:
        """The place whose contour is in the curve node now, so that its picture is not drawn as well."""
        return self.place if self.subject.contour.is_shown else None

    def go_to(self, place: Place) -> None:
        """Work on a contour."""
        self.subject.structure = place.structure
        if place.slice is not None:
            self.subject.go_to(place.slice)
        self.show()

    def contour_changed(self, points: Points) -> None:
        """Take an edit; fewer than three points are a contour in the making, kept and undone like any other."""
        place = self.place
        if self._asked_for_click and len(points):
            self._asked_for_click = False
            self._propose_from(points[-1])
            return
        if len(points) < FEWEST_OF_CONTOUR and self._contour() is not None:
            self.subject.say(_("A contour has at least three points; delete it as a whole by its key."))
            self.show()
            return
        self._drawn = place if self.subject.contour.armed else None
        flat = np.array([self.subject.on_slice(point, place.slice) for point in points])
        self.subject.put(place, self._marked_by_hand(place, flat) if len(points) else None)

    def removed(self) -> None:
        """Points of a contour are deleted in its node."""

    def next_structure(self) -> None:
        """From dura to cord and back."""
        index = CONTOUR_STRUCTURES.index(self.subject.structure)
        self.subject.structure = CONTOUR_STRUCTURES[(index + 1) % len(CONTOUR_STRUCTURES)]
        self._drawn = None
        self.show()

    previous_structure = next_structure

    @property
    def actions(self) -> dict[str, Callable[[], None]]:
        """Those of every mode, and what is done to a contour."""
        mine = {
            "propose": self.propose,
            "accept": self.accept,
            "accept_run": self.accept_run,
            "copy_neighbour": self.copy_neighbour,
            "fill_between": self.fill_between,
        }
        return {**super().actions, **mine}

    def propose(self) -> None:
        """Propose the contour of this slice, from the nearest confirmed one or from a click inside of it."""
        if not self._is_marked():
            self._propose_from(None)

    def accept(self) -> None:
        """Take the proposed contour and go to the next slice; a drawn one is done."""
        proposal, place, number = self.subject.proposals.get(self.place), self.place, self.subject.number
        if self._contour() is None:
            if proposal is None:
                self.subject.say(_("Nothing is proposed here, and no contour has fewer than three points."))
                return
            self.subject.put(place, Mark.of(proposal.points, ACCEPTED))
        self._drawn = None
        self.subject.go_to(number + 1)

    def accept_run(self) -> None:
        """Take the proposed contours from this slice on, down to a gap or a doubtful one."""
        self._take_run(self.place)

    def copy_neighbour(self) -> None:
        """Propose the contour of the slice above, or else of the one below."""
        if self._is_marked():
            return
        contours = self.subject.index.contours[self.subject.structure]
        number = self.subject.number
        source = contours.get(number - 1, contours.get(number + 1))
        if source is None:
            self.subject.say(
                _("Neither neighbouring slice has a contour of the {structure}.").format(
                    structure=self.subject.structure
                )
            )
            return
        self.subject.proposals.put(self.place, copied(self.subject.planes, source, number), by_image=False)
        self.show()

    def fill_between(self) -> None:
        """Propose contours on all slices between drawn ones: where the image has their edge, if there is one."""
        subject = self.subject
        between = self._between()
        for each in between:
            subject.proposals.put_traced(Place(subject.structure, slice=each.slice), each)
        said = _("{count} contours are proposed between drawn ones.").format(count=len(between))
        if unseen := sum(not each.by_image for each in between):
            said += " " + _("{count} of them follow from the others, not from the image.").format(count=unseen)
        subject.say(said)
        self.show()

    def _between(self) -> list[ContourProposal]:
        """Contours on the slices between drawn ones."""
        subject, tracer = self.subject, self.subject.proposals.tracer
        contours = subject.index.contours[subject.structure]
        if tracer is None or len(contours) < 2:
            return [
                ContourProposal(points, 1.0, structure=subject.structure, slice=number, by_image=False)
                for number, points in filled(subject.planes, contours).items()
            ]
        ends = {"first": min(contours), "last": max(contours)}
        traced = tracer.propose_contours(subject.structure, subject.annotation, **ends)
        return [each for each in traced if each.points is not None and each.slice is not None]

    def _points(self) -> Points | None:
        proposal, draft = self.subject.proposals.get(self.place), self.subject.mark(self.place)
        if (contour := self._contour()) is not None:
            return contour
        if proposal is not None:
            return proposal.points
        return draft.points if draft is not None and len(draft.points) else None

    def _contour(self) -> Points | None:
        """The whole contour that is marked on the slice."""
        return self.subject.index.contour(self.subject.structure, self.subject.number)

    def _is_marked(self) -> bool:
        if self._contour() is None:
            return False
        self.subject.say(_("A contour is marked here: edit it, or delete it first."))
        return True

    def _propose_from(self, click: Points | None) -> None:
        subject = self.subject
        if subject.proposals.tracer is None:
            subject.say(_("There is no CISS image to trace on."))
            return
        if click is None and not subject.index.contours[self.subject.structure]:
            self._asked_for_click = True
            subject.contour.arm()
            subject.say(_("Click inside of the {structure}.").format(structure=subject.structure))
            return
        proposed = subject.proposals.tracer.propose_contour(
            self.subject.structure, subject.number, subject.annotation, click
        )
        if proposed.reason:
            subject.say(proposed.reason)
        subject.proposals.put_traced(self.place, proposed)
        self.show()
