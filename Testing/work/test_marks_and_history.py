"""What is marked in a place, and edits that are undone and done again."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from SpineRootAnnotatorLib.work.history import Edit, History, Step
from SpineRootAnnotatorLib.work.marks import SKIPPED, UNCERTAIN, Mark, drafts, file_points, read_mark, write_mark
from SpineRootLib.anatomy import DURA, GANGLIA, ROOTS, Root
from SpineRootLib.place import Place

L3 = Root("L3", "L")
POINT, GANGLION, CONTOUR = Place(ROOTS, L3, 4), Place(GANGLIA, L3), Place(DURA, slice=4)


def state(annotation):
    """All that an annotation holds, to be compared."""
    roots = {str(root): points.tolist() for root, points in annotation.roots.items() if len(points)}
    contours = {
        name: sorted(contour.points.tolist() for contour in contours) for name, contours in annotation.contours.items()
    }
    ganglia = {str(root): point.tolist() for root, point in annotation.ganglia.items()}
    records = {
        key: each for key, each in annotation.provenance.document.get("Structures", {}).items() if each.get("Points")
    }
    return copy.deepcopy((roots, contours, ganglia, records, annotation.provenance.document.get("Drafts")))


@pytest.mark.parametrize("place", [POINT, GANGLION, CONTOUR], ids=str)
def test_what_is_written_into_a_place_is_read_from_it(annotation, place):
    before = read_mark(annotation, place)
    moved = before.moved(before.points + [0.2, 0.0, 0.0], "corrected")
    write_mark(annotation, place, moved)
    after = read_mark(annotation, place)
    assert np.allclose(after.points, before.points + [0.2, 0.0, 0.0])
    assert after.origin == "corrected"


@pytest.mark.parametrize("place", [POINT, GANGLION, CONTOUR], ids=str)
def test_a_cleared_place_holds_nothing_and_its_neighbours_stay(annotation, place):
    neighbours = {each: read_mark(annotation, each) for each in (POINT, GANGLION, CONTOUR) if each != place}
    write_mark(annotation, place, None)
    assert read_mark(annotation, place) is None
    for each, mark in neighbours.items():
        assert np.array_equal(read_mark(annotation, each).points, mark.points)


def test_a_contour_of_two_points_is_a_draft_and_goes_into_no_file(annotation):
    place = Place(DURA, slice=9)
    points = annotation.planes.lift([[-1.0, 0.0], [1.0, 0.0]], 9)
    write_mark(annotation, place, Mark.of(points))
    assert np.allclose(read_mark(annotation, place).points, points)
    assert list(drafts(annotation)) == ["dura_9"]
    assert len(file_points(annotation, place)) == 0
    write_mark(annotation, place, None)
    assert drafts(annotation) == {}


def test_a_flag_stays_when_the_point_is_moved_and_goes_with_its_remark_when_taken_away(annotation):
    mark = read_mark(annotation, POINT).flagged(UNCERTAIN, True, "faint")
    moved = mark.moved(mark.points + 0.1, "corrected")
    assert (moved.flags, moved.record["Remark"]) == ((UNCERTAIN,), "faint")
    plain = moved.flagged(UNCERTAIN, False)
    assert plain.record == {"Origin": "corrected"}


def test_a_skipped_place_has_no_points_but_a_reason():
    mark = Mark.skipped("not visible")
    assert (len(mark.points), mark.flags, mark.record["Remark"]) == (0, (SKIPPED,), "not visible")


def step_of(annotation, *places):
    """A step that moves what is in these places."""
    marks = {place: read_mark(annotation, place) for place in places}
    return Step(tuple(Edit(place, mark, mark.moved(mark.points + 0.3, "corrected")) for place, mark in marks.items()))


def test_undoing_everything_brings_back_what_was_there_at_first(annotation):
    history, before = History(), state(annotation)
    history.do(step_of(annotation, POINT, GANGLION), annotation)
    history.do(step_of(annotation, CONTOUR), annotation)
    history.do(Step((Edit(GANGLION, read_mark(annotation, GANGLION), None),)), annotation)
    after = state(annotation)
    while history.undo(annotation) is not None:
        pass
    assert state(annotation) == before
    while history.redo(annotation) is not None:
        pass
    assert state(annotation) == after != before


def test_a_new_step_after_an_undo_forgets_what_was_undone(annotation):
    history = History()
    history.do(step_of(annotation, POINT), annotation)
    history.undo(annotation)
    history.do(step_of(annotation, CONTOUR), annotation)
    assert history.redo(annotation) is None


def test_two_edits_of_one_place_in_a_step_are_undone_last_first(annotation):
    first = read_mark(annotation, POINT)
    second, third = (first.moved(first.points + shift, "corrected") for shift in (1.0, 2.0))
    history = History()
    history.do(Step((Edit(POINT, first, second), Edit(POINT, second, third))), annotation)
    history.undo(annotation)
    assert np.allclose(read_mark(annotation, POINT).points, first.points)
