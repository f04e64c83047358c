"""What is placed, proposed and missing, and how the three keep in step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from SpineRootAnnotatorLib.work.coverage import Cell, Coverage, incomplete
from SpineRootAnnotatorLib.work.marked_subject import MarkedSubject
from SpineRootAnnotatorLib.work.marks import Mark
from SpineRootAnnotatorLib.work.proposals import ProposalBook
from SpineRootAnnotatorLib.work.root_order import root_order
from SpineRootAnnotatorLib.work.subject_work import SubjectWork
from SpineRootLib.anatomy import DURA, GANGLIA, ROOTS, Root
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.dataset import Dataset
from SpineRootLib.place import Place
from SpineRootLib.slice_index import SliceIndex

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
    assert cells(Coverage(SliceIndex(annotation)), place.whole)[3] == Cell.UNCERTAIN


def test_a_skipped_slice_is_no_gap(annotation):
    annotation.provenance.set_at(Place(DURA, slice=5), {"Flags": ["skipped"], "Remark": "not visible"})
    assert [str(gap) for gap in Coverage(SliceIndex(annotation)).gaps()] == ["dura:6"]


def test_what_is_incomplete_is_listed_in_sentences(annotation):
    annotation.provenance.set_at(Place(GANGLIA, L3.opposite), {"Flags": ["skipped"], "Remark": "metal"})
    sentences = incomplete(annotation, Coverage(SliceIndex(annotation)))
    assert "dura is not marked on slice 5-6." in sentences
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


@dataclass
class Answer:
    """A tracer's answer for a root's point."""

    slice: int
    position: np.ndarray | None
    confidence: float = 0.9
    reason: str = ""


class Tracer:
    """Finds a root on slices 5 and 6, and says why it ends."""

    def propose_roots(self, _annotation, roots, onward):
        assert onward
        ends = Answer(7, None, 0.0, "The root is lost.")
        return {root: [Answer(5, HERE[0]), Answer(6, HERE[0]), ends] for root in roots}


def test_a_root_that_is_followed_is_proposed_slice_by_slice_with_the_reason_why_it_ends(annotation):
    book = ProposalBook(Tracer)
    assert book.propose_course(annotation, L3) == ([5, 6], "The root is lost.")
    assert book.has(Place(ROOTS, L3, 6))


def test_without_an_image_there_is_nothing_to_trace_on(annotation):
    assert ProposalBook(lambda: None).propose_course(annotation, L3) == ([], "There is no CISS image to trace on.")


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
    assert cells(subject.coverage, place.whole)[6:8] == [Cell.MISSING, Cell.PLACED]
    assert subject.index.root_point(L3, 8) is not None
    subject.undo()
    assert cells(subject.coverage, place.whole)[6:8] == [Cell.OUTSIDE, Cell.OUTSIDE]
    assert subject.index.root_point(L3, 8) is None
    assert subject.told == ["proposal", "proposal", "edit", "edit"]


def test_where_nothing_can_be_undone_nothing_is_told(subject):
    assert subject.undo() is None
    assert subject.told == []


def test_the_lateral_offset_of_a_root_is_its_distance_to_the_left_of_the_middle_of_the_dura(annotation):
    (offset,) = root_order(SliceIndex(annotation))
    assert offset.numbers == (2, 3, 4, 5, 6)
    assert offset.offsets_mm == pytest.approx([5.0] * 5)
