"""What is marked, proposed and missing in a subject, and which rules it breaks: kept in step with every edit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from SpineRootAnnotatorLib.work.coverage import Coverage
from SpineRootAnnotatorLib.work.history import Edit, Step
from SpineRootAnnotatorLib.work.live_checks import LiveChecks
from SpineRootAnnotatorLib.work.marks import Mark, proposed_marks, read_mark
from SpineRootAnnotatorLib.work.proposal_limits import ProposalLimits
from SpineRootAnnotatorLib.work.proposals import ProposalBook, Tracing
from SpineRootAnnotatorLib.work.repeat_book import RepeatBook
from SpineRootAnnotatorLib.work.subject_work import SubjectWork
from SpineRootLib.anatomy import DURA, GANGLIA, ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.confirmed_part import confirmed_part
from SpineRootLib.dataset_settings import repeat_of
from SpineRootLib.hidden_repeats import REPEAT, HiddenRepeats, repeat_record, repeats_of
from SpineRootLib.place import Place
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.provenance import ACCEPTED, PROPOSAL, UNAIDED
from SpineRootLib.slice_index import SliceIndex
from SpineRootLib.unaided_controls import UnaidedControls, controls_of

Drawn = TypeVar("Drawn")


class MarkedSubject:
    """Makes edits, undoes them, and keeps index, proposals and coverage current.

    Parameters
    ----------
    work : the annotation with its history and files.
    make_tracer : makes the tracer when it is first needed; None where there is no image to trace on.
    on_edited : called after every edit, undone or done again.
    on_proposed : called after a proposal was made or dropped.
    """

    def __init__(
        self,
        work: SubjectWork,
        make_tracer: Callable[[], Tracing | None],
        on_edited: Callable[[], None],
        on_proposed: Callable[[], None],
    ):
        self.work = work
        self._on_edited, self._on_proposed = on_edited, on_proposed
        self.index = SliceIndex(work.annotation, confirmed_only=True)
        self._limits = limits = ProposalLimits(self.index)
        self.controls = self._drawn(controls_of, UnaidedControls())
        self.repeats = RepeatBook(self._drawn(repeats_of, HiddenRepeats()), self.index)
        self._link()
        told = limits.fault, limits.doubt, self._is_unaided
        self.proposals = ProposalBook(make_tracer, self._proposed, *told)
        self.coverage = Coverage(self.index, self.proposals.has)
        self.checks = LiveChecks(work.annotation)
        self._confirmed: Annotation | None = None
        for place, proposed in proposed_marks(work.annotation):
            self._propose(place, proposed)

    @property
    def annotation(self) -> Annotation:
        """What is annotated."""
        return self.work.annotation

    @property
    def confirmed(self) -> Annotation:
        """What is annotated without what its files only propose, and what is hidden: what a tracer may rest on."""
        asked, proposed = self.repeats.asked, self.annotation.provenance.proposed
        if asked is None and not proposed:
            return self.annotation
        if self._confirmed is None:
            whole = self.annotation
            self._confirmed = confirmed_part(whole) if proposed else replace(whole, roots=dict(whole.roots))
            if asked is not None and asked.root is not None and asked.slice is not None:
                self._confirmed.set_root_point(asked.root, asked.slice, None)
        return self._confirmed

    @property
    def planes(self) -> SlicePlanes:
        """The slices of CISS."""
        return self.annotation.require_planes()

    def on_slice(self, point: ArrayLike, number: int | None) -> NDArray[np.float64]:
        """A RAS point, (3,), moved along the normal onto a slice."""
        assert number is not None
        return self.planes.lift(self.planes.flatten(point), number)[0]

    def mark(self, place: Place) -> Mark | None:
        """What is marked in a place; what its file only proposes is among the proposals."""
        mark = read_mark(self.annotation, place)
        return None if mark is None or mark.is_proposed else mark

    def edit(self, place: Place, after: Mark | None) -> Edit:
        """The edit that marks something in a place, None to clear it; undone, what was proposed there is so again."""
        before = read_mark(self.annotation, place)
        return Edit(place, before, None if after is None else self._with_proposal(place, before, after))

    def put(self, place: Place, after: Mark | None) -> None:
        """Mark something in a place, None to clear it; it can be undone."""
        self.do(Step((self.edit(place, after),)))

    def do(self, step: Step) -> None:
        """Make an edit."""
        self.work.do(step)
        if step.marks:
            self.repeats.marked()
        self._edited(step)

    def ask(self, place: Place | None) -> None:
        """Ask for a root's place a second time: its mark is hidden until it is answered; None to hide nothing."""
        before, self.repeats.asked = self.repeats.asked, place
        self.index.hidden, self._confirmed = place, None
        for each in (before, place):
            if each is not None and each.root is not None:
                self.index.refresh_root(each.root)
                self.coverage.outdate(each.without_slice)

    def answer(self, points: ArrayLike) -> None:
        """Put the second mark, (1, 3) RAS mm, beside the first of the place that is asked for; it can be undone."""
        place = self.repeats.asked
        mark = None if place is None else self.mark(place)
        if place is not None and mark is not None:
            record = {**mark.record, REPEAT: repeat_record(mark.points, points)}
            self.put(place, replace(mark, record=record))

    def undo(self) -> Step | None:
        """Undo the last edit; the answer is what was undone, None if there is nothing more."""
        return self._edited(self.work.undo())

    def redo(self) -> Step | None:
        """Do the last undone edit again; the answer is what was done, None if there is nothing more."""
        return self._edited(self.work.redo())

    def _edited(self, step: Step | None) -> Step | None:
        if step is None:
            return None
        self._confirmed = None
        if self.repeats.asked in step.places:
            self.ask(None)
        for whole in {place.without_slice for place in step.places}:
            if whole.root is None:
                self.index.refresh_contours(whole.structure)
            elif whole.structure == ROOTS:
                self.index.refresh_root(whole.root)
        for place in step.places:
            self.proposals.drop(place)
            mark = read_mark(self.annotation, place)
            if mark is not None and mark.is_proposed:
                self._propose(place, mark)
            self._drop_contradicted(place)
        self._outdate(step.places)
        self._on_edited()
        return step

    def _drop_contradicted(self, edited: Place) -> None:
        """What was traced for other roots of an edited slice goes where it lies on a mark or outside the dura now."""
        if edited.structure not in (ROOTS, DURA) or edited.slice is None:
            return
        for place, proposal in list(self.proposals.on_slice(edited.slice)):
            is_of_file = self.annotation.provenance.is_proposed(place)
            if not is_of_file and self._limits.contradicts(place, proposal.points):
                self.proposals.drop(place)

    def _propose(self, place: Place, mark: Mark) -> None:
        """Propose what a file proposes."""
        confidence, deviation = _number(mark, "Confidence", 1.0), _number(mark, "Deviation", float("nan"))
        source = "" if "Confidence" in mark.record else str(mark.record.get("LabelMap", ""))
        self.proposals.put(place, mark.points, confidence, deviation=deviation, source=source)

    def _drawn(self, draw: Callable[[dict[str, Any], Path, str, Sequence[Root], int], Drawn], nothing: Drawn) -> Drawn:
        """Places of the subject that the dataset asks for; none where no slices are known."""
        annotation = self.annotation
        if annotation.planes is None:
            return nothing
        sidecar, derivatives = annotation.provenance.document, self.work.dataset.derivatives
        return draw(sidecar, derivatives, annotation.subject, annotation.expected_roots(), annotation.planes.count)

    def _link(self) -> None:
        """Have the sidecar say whose annotation this one repeats, if the dataset says so."""
        document, annotator = self.annotation.provenance.document, self.annotation.annotator
        first = None if annotator is None else repeat_of(self.work.dataset.derivatives, annotator)
        if first is not None:
            document.setdefault("RepeatOf", first)

    def _is_unaided(self, place: Place) -> bool:
        """Whether a place is to be marked without a proposal."""
        return place in self.controls or place == self.repeats.asked

    def _with_proposal(self, place: Place, before: Mark | None, after: Mark) -> Mark:
        """A new mark, which remembers what was proposed in its place, and whether that was not shown."""
        after = after.instead_of(before)
        if not len(after.points):
            return after
        record = dict(after.record)
        unaided = place in self.controls
        if unaided:
            record[UNAIDED] = True
        proposal = self.proposals.withheld(place) if unaided else self.proposals.get(place)
        known = None if before is None else before.record.get(PROPOSAL)
        if known is not None:
            record[PROPOSAL] = known
        elif proposal is not None and not place.is_contour and after.origin != ACCEPTED:
            record[PROPOSAL] = proposal.points.round(4).tolist()
        return replace(after, record=record)

    def _proposed(self, places: tuple[Place, ...]) -> None:
        self._outdate(places)
        self._on_proposed()

    def _outdate(self, places: tuple[Place, ...]) -> None:
        for whole in {place.without_slice for place in places if place.structure != GANGLIA}:
            self.coverage.outdate(whole)


def _number(mark: Mark, key: str, default: float) -> float:
    value = mark.record.get(key)
    return float(value) if isinstance(value, int | float) else default
