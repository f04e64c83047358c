"""Contours of dura and cord on CISS."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from SpineRootAnnotatorLib.keys import CONTOURS_MODE
from SpineRootAnnotatorLib.modes.mode import Mode
from SpineRootAnnotatorLib.modes.subject import Subject
from SpineRootAnnotatorLib.saying import Kind
from SpineRootAnnotatorLib.work.contour_interpolation import copied, filled
from SpineRootAnnotatorLib.work.marks import FEWEST_OF_CONTOUR, Mark
from SpineRootAnnotatorLib.work.proposals import NO_CISS
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, DURA, color, contour_title
from SpineRootLib.frames import Points
from SpineRootLib.place import Place
from SpineRootLib.progress import Progress
from SpineRootLib.provenance import ACCEPTED
from SpineRootLib.sentences import sentence
from SpineRootLib.tracing.proposals import ContourProposal
from SpineRootLib.translation import _
from SpineRootScene.slice_drawing import is_whole


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
        self.subject.contour.show(color(self.subject.structure), points, faint=self._is_unsure())
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
        """The place whose contour is in the curve node now; of one that is not sure the picture is drawn as well."""
        return self.place if self.subject.contour.is_shown and not self._is_unsure() else None

    def _is_unsure(self) -> bool:
        """Whether what is shown is a proposal that is drawn as a broken line."""
        proposal = None if self._contour() is not None else self.subject.proposals.get(self.place)
        return proposal is not None and not is_whole(proposal, self.subject.settings.look)

    def go_to(self, place: Place) -> None:
        """Work on a contour."""
        self.subject.structure = place.structure
        if place.slice is not None:
            self.subject.go_to(place.slice)
        self.show()

    def hint(self, keys: Mapping[str, str]) -> str:
        """What to do with the contour of this slice, and where others are missing."""
        name, proposal = contour_title(self.subject.structure), self.subject.proposals.get(self.place)
        if self._asked_for_click:
            return _("Click inside of the {structure}.").format(structure=name)
        if self._contour() is not None:
            text = _("The {structure} of this slice is marked: drag a point to correct it; {next_slice} goes down.")
        elif proposal is not None:
            text = _("The {structure} is proposed: {accept} accepts it and goes down; drag a point to correct it.")
            if proposal.source:
                text = _(
                    "The {structure} is proposed by {file}: {accept} accepts it and goes down; drag to correct it."
                )
            if proposal.doubt:
                text = _(
                    "The {structure} is proposed, but is not sure: drag its points to correct it; {accept} accepts it."
                )
                text = f"{text} {sentence(proposal.doubt)}"
        else:
            text = _("{propose} proposes the {structure} of this slice; or draw it, click by click.")
        source = "" if proposal is None else proposal.source
        return f"{text.format(structure=name, file=source, **keys)} {self._open_above(keys)}".strip()

    def _open_above(self, keys: Mapping[str, str]) -> str:
        """That slices above the uppermost contour are open: work that goes down does not come to them by itself."""
        first = min(self.subject.index.contours[self.subject.structure], default=1)
        if first == 1:
            return ""
        above = _("Above slice {first} it is still open: {previous_slice} goes up.")
        return above.format(first=first, previous_slice=keys["previous_slice"])

    def contour_changed(self, points: Points) -> None:
        """Take an edit; fewer than three points are a contour in the making, kept and undone like any other."""
        place = self.place
        if self._asked_for_click and len(points):
            self._asked_for_click = False
            self.show()  # the click is no point of a contour
            self._propose_from(points[-1])
            return
        if len(points) < FEWEST_OF_CONTOUR and self._contour() is not None:
            too_few = _("A contour has at least three points. The whole of it is deleted by a key: ? shows the keys.")
            self.subject.say(too_few, Kind.REFUSED)
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
                nothing = _(
                    "Nothing is proposed here to accept: draw it click by click, three points at least, or have it"
                    " proposed."
                )
                self.subject.say(nothing, Kind.REFUSED)
                return
            self.subject.put(place, Mark.of(proposal.points, ACCEPTED))
        self._drawn = None
        self.subject.go_to(number + 1)
        if len(self.subject.index.contours[DURA]) == 1:  # now it is known where the sac is
            self.subject.display.come_close()

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
            neither = _("Neither neighbouring slice has a contour of the {structure} to copy.")
            self.subject.say(neither.format(structure=contour_title(self.subject.structure)), Kind.REFUSED)
            return
        self.subject.proposals.put(self.place, copied(self.subject.planes, source, number), by_image=False)
        self.show()

    def fill_between(self) -> None:
        """Propose contours on all slices between drawn ones: where the image has their edge, if there is one."""
        subject = self.subject
        title = _("Proposing the {structure} between drawn contours").format(structure=contour_title(subject.structure))
        between = subject.in_pieces(title, self._between)
        if between is None:
            return
        if not between:
            few = _("There is nothing between: draw or accept two contours some slices apart first.")
            subject.say(few, Kind.REFUSED)
            return
        for each in between:
            subject.proposals.put_traced(Place(subject.structure, slice=each.slice), each)
        said = _("Contours proposed between drawn ones: {count}.").format(count=len(between))
        if unseen := sum(not each.by_image for each in between):
            said += " " + _("Of these follow from the drawn ones, not from the image: {count}.").format(count=unseen)
        subject.say(said)
        self.show()

    def _between(self, progress: Progress) -> list[ContourProposal]:
        """Contours on the slices between drawn ones."""
        subject, tracer = self.subject, self.subject.proposals.tracer
        contours = subject.index.contours[subject.structure]
        if tracer is None or len(contours) < 2:
            return [
                ContourProposal(points, 1.0, structure=subject.structure, slice=number, by_image=False)
                for number, points in filled(subject.planes, contours).items()
            ]
        ends = {"first": min(contours), "last": max(contours)}
        traced = tracer.propose_contours(subject.structure, subject.confirmed, **ends, progress=progress)
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
        self.subject.say(_("A contour is marked here: edit it, or delete it first."), Kind.REFUSED)
        return True

    def _propose_from(self, click: Points | None) -> None:
        subject, tracer = self.subject, self.subject.proposals.tracer
        if tracer is None:
            subject.say(NO_CISS, Kind.REFUSED)
            return
        if click is None and not subject.index.contours[subject.structure]:
            self._ask_for_click("")
            return
        structure, number = subject.structure, subject.number
        proposed = subject.in_pieces(
            _("Proposing the {structure} of slice {number}").format(structure=contour_title(structure), number=number),
            lambda progress: tracer.propose_contour(structure, number, subject.confirmed, click, progress),
        )
        if proposed is None:
            return
        if proposed.points is None and click is None:
            self._ask_for_click(proposed.reason)
            return
        subject.proposals.put_traced(self.place, proposed)
        self.show()
        if proposed.points is None:
            what_next = _("Draw it click by click, or propose a copy of a neighbour's by a key: ? shows the keys.")
            subject.say(f"{sentence(proposed.reason)} {what_next}", Kind.REFUSED)

    def _ask_for_click(self, reason: str) -> None:
        """The next click does not draw: it says where the structure is, and a contour is proposed from it."""
        self._asked_for_click = True
        self.subject.contour.arm()
        why = sentence(reason.partition(":")[0])  # what the tracer advises after it is said in our words
        asked = _("Click inside of the {structure}.").format(structure=contour_title(self.subject.structure))
        self.subject.say(f"{why} {asked}".strip(), Kind.HINT)
