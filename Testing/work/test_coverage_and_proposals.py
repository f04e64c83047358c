"""What is placed, proposed and missing, and how the three keep in step."""

from __future__ import annotations

import numpy as np
import pytest

from SpineRootAnnotatorLib.work.coverage import Cell, Coverage, incomplete
from SpineRootAnnotatorLib.work.marked_subject import MarkedSubject
from SpineRootAnnotatorLib.work.marks import Mark
from SpineRootAnnotatorLib.work.proposals import NO_CISS, ProposalBook
from SpineRootAnnotatorLib.work.root_order import root_order
from SpineRootAnnotatorLib.work.subject_work import SubjectWork
from SpineRootLib.anatomy import DURA, GANGLIA, ROOTS, Root
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.dataset import Dataset
from SpineRootLib.place import Place
from SpineRootLib.slice_index import SliceIndex
from SpineRootLib.tracing.proposals import PointProposal

L3 = Root("L3", "L")
HERE = np.array([[1.0, 2.0, 3.0]])


def cells(coverage, whole):
    """The row of a structure, slices 1 to 12."""
    return coverage.cells[coverage.rows.index(whole)].tolist()


def test_a_structure_is_missing_between_its_first_and_its_last_slice_alone(annotation):
    coverage = Coverage(SliceIndex(annotation))
    placed, missing = Cell.PLACED, Cell.MISSING
    assert cells(coverage, Place(DURA)) == [0, placed, placed, placed, missing, missing, placed, 0, 0, 0, 0, 0]
    assert [str(gap) for gap in coverage.gaps()] == ["dura:5", "dura:6"]


def test_a_proposal_fills_no_gap(annotation):
    coverage = Coverage(SliceIndex(annotation), {Place(DURA, slice=5), Place(DURA, slice=9)}.__contains__)
    row = cells(coverage, Place(DURA))
    assert (row[4], row[5], row[8]) == (Cell.PROPOSED, Cell.MISSING, Cell.PROPOSED)
    assert [str(gap) for gap in coverage.gaps()] == ["dura:5", "dura:6"]


@pytest.mark.parametrize("place", [Place(ROOTS, L3, 4), Place(DURA, slice=4)], ids=str)
def test_a_flag_shows_in_the_cell(annotation, place):
    annotation.provenance.set_at(place, {"Flags": ["uncertain"]})
    assert cells(Coverage(SliceIndex(annotation)), place.without_slice)[3] == Cell.UNCERTAIN


def test_a_skipped_slice_is_no_gap(annotation):
    annotation.provenance.set_at(Place(DURA, slice=5), {"Flags": ["skipped"], "Remark": "not visible"})
    assert [str(gap) for gap in Coverage(SliceIndex(annotation)).gaps()] == ["dura:6"]


def test_what_is_incomplete_is_listed_in_sentences(annotation):
    annotation.provenance.set_at(Place(GANGLIA, L3.opposite), {"Flags": ["skipped"], "Remark": "metal"})
    sentences = incomplete(annotation, Coverage(SliceIndex(annotation)))
    assert "Dura is not marked on slices 5-6." in sentences
    assert "The ganglion of L3_R was skipped: metal." in sentences


def test_proposals_are_kept_by_place_and_changes_of_them_told():
    told = []
    book = ProposalBook(lambda: None, told.append)
    place, other = Place(ROOTS, L3, 5), Place(ROOTS, L3, 6)
    book.put(place, HERE, 0.7)
    book.put(other, HERE)
    assert [(found, proposal.confidence) for found, proposal in book.on_slice(5)] == [(place, 0.7)]
    book.drop(place)
    book.drop(place)  # nothing is there any more
    assert (book.has(place), book.has(other)) == (False, True)
    assert told == [(place,), (other,), (place,)]


def traced(number, deviation=0.2, by_image=True, reason=""):
    """A tracer's answer for a point of L3_L; with a reason there is none."""
    return PointProposal(None if reason else HERE[0], 0.9, reason, L3, number, by_image, deviation)


class Tracer:
    """Follows a root as it is told."""

    def __init__(self, *course):
        self.course = course

    def propose_roots(self, _annotation, roots, onward, progress=None):  # noqa: ARG002
        assert onward
        return {root: list(self.course) for root in roots}


def test_a_root_that_is_followed_is_proposed_slice_by_slice_with_the_reason_why_it_ends(annotation):
    book = ProposalBook(lambda: Tracer(traced(5), traced(6), traced(7, reason="The root is lost.")))
    assert book.propose_course(annotation, L3) == ([5, 6], "The root is lost.")
    assert book.has(Place(ROOTS, L3, 6))


def test_what_a_proposal_rests_on_and_how_far_off_it_may_be_is_kept(annotation):
    book = ProposalBook(lambda: Tracer(traced(5, 0.6, by_image=False), traced(6, 0.1)))
    book.propose_course(annotation, L3)
    kept = [book.get(Place(ROOTS, L3, number)) for number in (5, 6)]
    assert [(each.by_image, each.deviation) for each in kept] == [(False, 0.6), (True, 0.1)]


def test_a_root_that_is_followed_again_is_no_longer_proposed_where_it_does_not_go(annotation):
    tracer = Tracer(traced(5), traced(6))
    book = ProposalBook(lambda: tracer)
    book.put(Place(GANGLIA, L3), HERE)
    book.propose_course(annotation, L3)
    tracer.course = (traced(6), traced(7))
    book.propose_course(annotation, L3)
    assert [number for number in range(1, 12) if book.has(Place(ROOTS, L3, number))] == [6, 7]
    assert book.has(Place(GANGLIA, L3))


def test_a_mark_helps_most_where_the_proposal_may_be_off_the_most(annotation):
    course = [traced(number, deviation) for number, deviation in {4: 0.2, 5: 0.5, 6: 0.4, 11: 0.3}.items()]
    book = ProposalBook(lambda: Tracer(*course))
    assert book.least_sure(annotation, L3) == [], "the root was not followed yet"
    book.propose_course(annotation, L3)
    places = [(place.slice, place.deviation) for place in book.least_sure(annotation, L3)]
    assert places == [(5, 0.5), (11, 0.3)], "beside slice 5 a mark tells nothing new"


def test_marks_that_came_since_tell_how_sure_the_others_are(annotation):
    tracer = Tracer(traced(5, 0.5), traced(6, 0.4), traced(11, 0.3))
    book = ProposalBook(lambda: tracer)
    book.propose_course(annotation, L3)
    tracer.course = (traced(6, 0.1), traced(11, 0.3))
    assert [place.slice for place in book.least_sure(annotation, L3)] == [11, 6]


def test_without_an_image_there_is_nothing_to_trace_on(annotation):
    assert ProposalBook(lambda: None).propose_course(annotation, L3) == (
        [],
        NO_CISS,
    )


@pytest.fixture
def subject(annotation, markers):
    """A subject whose edits and proposals are counted."""
    write_annotation(markers, annotation, durable=False)
    work = SubjectWork(Dataset.open(markers.parents[1]), annotation, markers, {})
    told = []
    marked = MarkedSubject(work, lambda: None, lambda: told.append("edit"), lambda: told.append("proposal"))
    marked.told = told
    yield marked
    work.close()


def test_a_proposal_goes_where_another_root_is_marked_now_and_stays_beside_it(subject):
    l4, l5 = (Place(ROOTS, Root(segment, "L"), 9) for segment in ("L4", "L5"))
    there = subject.planes.lift([[0.0, 0.0]], 9)
    for place, away in ((l4, 0.1), (l5, 3.0)):
        subject.proposals.put(place, there + [away, 0.0, 0.0])
    subject.put(Place(ROOTS, L3, 9), Mark.of(there))
    assert not subject.proposals.has(l4), "it is on the mark of L3"
    assert subject.proposals.has(l5)


def test_a_proposal_goes_where_the_dura_that_is_drawn_now_leaves_it_outside(subject):
    inside, outside = (Place(ROOTS, Root(segment, "L"), 9) for segment in ("L4", "L5"))
    middle = subject.planes.lift([[0.0, 0.0]], 9)[0]
    subject.proposals.put(inside, [middle])
    subject.proposals.put(outside, [middle + [9.0, 0.0, 0.0]])
    ring = [[5.0, 0.0], [0.0, 5.0], [-5.0, 0.0], [0.0, -5.0]]
    subject.put(Place(DURA, slice=9), Mark.of(subject.planes.lift(ring, 9)))
    assert subject.proposals.has(inside)
    assert not subject.proposals.has(outside)


def test_a_proposal_shows_in_the_matrix_before_anything_is_edited(subject):
    assert cells(subject.coverage, Place(DURA))[4] == Cell.MISSING
    subject.proposals.put(Place(DURA, slice=5), np.zeros((3, 3)))
    assert cells(subject.coverage, Place(DURA))[4] == Cell.PROPOSED
    assert subject.told == ["proposal"]


def test_a_mark_takes_the_place_of_what_was_proposed_there(subject):
    place = Place(ROOTS, L3, 8)
    subject.proposals.put(place, HERE)
    subject.put(place, Mark.of(subject.on_slice(subject.planes.lift([[-5.0, -3.0]], 8)[0], 8)))
    assert not subject.proposals.has(place)
    assert cells(subject.coverage, place.without_slice)[6:8] == [Cell.MISSING, Cell.PLACED]
    assert subject.index.root_point(L3, 8) is not None
    subject.undo()
    assert cells(subject.coverage, place.without_slice)[6:8] == [Cell.OUTSIDE, Cell.OUTSIDE]
    assert subject.index.root_point(L3, 8) is None
    assert subject.told == ["proposal", "proposal", "edit", "edit"]


def test_where_nothing_can_be_undone_nothing_is_told(subject):
    assert subject.undo() is None
    assert subject.told == []


def test_the_lateral_offset_of_a_root_is_its_distance_to_the_left_of_the_middle_of_the_dura(annotation):
    (offset,) = root_order(SliceIndex(annotation))
    assert offset.numbers == (2, 3, 4, 5, 6)
    assert offset.offsets_mm == pytest.approx([5.0] * 5)


# -- what files propose


@pytest.fixture
def proposed(annotation, markers):
    """A subject in which a label map proposes a contour, a point and a ganglion, whose files are there."""
    for place in PROPOSED_PLACES:
        annotation.provenance.set_at(place, {"Flags": ["proposed"], "LabelMap": "cord.nii.gz"})
    write_annotation(markers, annotation, durable=False)
    work = SubjectWork(Dataset.open(markers.parents[1]), annotation, markers, {})
    yield MarkedSubject(work, lambda: None, lambda: None, lambda: None)
    work.close()


PROPOSED_PLACES = (Place(DURA, slice=4), Place(ROOTS, L3, 4), Place(GANGLIA, L3))


@pytest.mark.parametrize("place", PROPOSED_PLACES, ids=str)
def test_what_a_file_proposes_is_a_proposal_until_it_is_accepted(proposed, place):
    assert proposed.mark(place) is None
    points = proposed.proposals.get(place).points
    proposed.put(place, Mark.of(points, "accepted"))
    assert not proposed.proposals.has(place)
    assert proposed.mark(place).record == {"Origin": "accepted", "LabelMap": "cord.nii.gz"}
    np.testing.assert_array_equal(proposed.mark(place).points, points)


@pytest.mark.parametrize("place", PROPOSED_PLACES, ids=str)
@pytest.mark.parametrize("after", [Mark.of(HERE.repeat(3, axis=0), "corrected"), None], ids=["corrected", "deleted"])
def test_undone_it_is_proposed_again(proposed, place, after):
    if after is not None and place.root is not None:
        after = Mark.of(proposed.proposals.get(place).points + 0.1, "corrected")
    points = proposed.proposals.get(place).points.copy()
    proposed.put(place, after)
    assert not proposed.proposals.has(place)
    proposed.undo()
    np.testing.assert_allclose(proposed.proposals.get(place).points, points)
    assert proposed.annotation.provenance.is_proposed(place)


def test_what_is_only_proposed_leaves_a_gap_and_stays_in_its_file(proposed):
    assert cells(proposed.coverage, Place(DURA))[3] == Cell.PROPOSED
    assert "dura:4" in [str(gap) for gap in proposed.coverage.gaps()]
    assert proposed.index.root_point(L3, 4) is None
    assert 4 in proposed.annotation.root_by_slice(L3)


def test_how_sure_a_file_s_proposals_are_is_kept(proposed):
    place, annotation = Place(ROOTS, L3, 4), proposed.annotation
    annotation.provenance.set_at(place, {"Flags": ["proposed"], "Confidence": 0.4, "Deviation": "far"})
    proposal = MarkedSubject(proposed.work, lambda: None, lambda: None, lambda: None).proposals.get(place)
    assert proposal.confidence == 0.4
    assert np.isnan(proposal.deviation)
