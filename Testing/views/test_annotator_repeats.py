"""Marks that are asked for a second time, by clicks and keys: the first is hidden, both are kept."""

from __future__ import annotations

import json

import numpy as np
import pytest

from SpineRootLib.anatomy import ROOTS, Root
from SpineRootLib.annotation_files import sidecar_path
from SpineRootLib.hidden_repeats import repeated_marks
from SpineRootLib.place import Place

L3 = Root("L3", "L")


@pytest.fixture
def at_work(annotator, dataset, truth):
    """L3_L marked on three slices beside each other, of which the first is asked for again after two marks; the
    annotator is on the last."""
    by_slice = truth.root_by_slice(L3)
    first = min(by_slice)
    settings = dataset / "derivatives" / "spineroot.json"
    settings.write_text('{"HiddenRepeats": {"Share": 0.5, "Seed": 1, "MarksBetween": 2}}')
    annotator.open(dataset)
    drawn = annotator.subject.annotation.provenance.document["Repeats"]["Slices"][f"{ROOTS}_{L3}"]
    first = next(number for number in drawn if number >= first and number + 2 in by_slice)
    annotator.press("3", *["Tab"] * 4)
    assert annotator.subject.root == L3
    annotator.go_to(first)
    for number in (first, first + 1, first + 2):
        annotator.click(by_slice[number])
    annotator.press("E")
    return annotator, first, by_slice[first]


def drawn_marks(annotator) -> int:
    """How many points of lines are drawn of the root in 3D."""
    annotator.subject.display.draw_space()
    return annotator.subject.display.in_space.node.GetPolyData().GetNumberOfPoints()


def test_a_slice_is_asked_for_again_without_its_first_mark_and_both_marks_are_kept(at_work):
    annotator, number, truth = at_work
    place = Place(ROOTS, L3, number)
    first = annotator.subject.mark(place).points
    before = drawn_marks(annotator)
    annotator.press("N")
    assert annotator.subject.repeats.asked == place
    assert annotator.subject.number == number
    assert len(annotator.subject.point.defined_points()) == 0
    assert drawn_marks(annotator) < before
    assert "asked for a second time" in annotator.session.status.text
    annotator.click(truth + [1.0, 0.0, 0.0])
    assert "kept beside the first" in annotator.session.message
    assert annotator.subject.number == number
    np.testing.assert_allclose(annotator.subject.mark(place).points, first)
    np.testing.assert_allclose(annotator.subject.point.defined_points(), first, atol=1e-6)
    kept_first, second = repeated_marks(annotator.subject.mark(place).record)
    np.testing.assert_allclose(kept_first, first, atol=1e-4)
    assert np.linalg.norm(second - truth - [1.0, 0.0, 0.0]) < 0.3
    annotator.wait()
    saved = json.loads(sidecar_path(annotator.subject.work.folder, "01").read_text())
    assert "Repeat" in saved["Structures"][place.key]["Points"][str(number)]


def test_nothing_else_can_be_done_to_the_hidden_mark_and_k_leaves_it(at_work):
    annotator, number, _truth = at_work
    place = Place(ROOTS, L3, number)
    first = annotator.subject.mark(place).points
    annotator.press("N", "Shift+D")
    assert "asked for a second time: click" in annotator.session.message
    annotator.press("4", "3")
    assert annotator.subject.index.root_point(L3, number) is None, "hidden whatever mode it is looked for in"
    annotator.press("K")
    np.testing.assert_allclose(annotator.subject.point.defined_points(), first, atol=1e-6)
    assert annotator.subject.repeats.due() == []
    np.testing.assert_allclose(annotator.subject.mark(place).points, first)


def test_undo_takes_the_second_mark_away_and_leaves_the_first(at_work):
    annotator, number, truth = at_work
    annotator.press("N")
    annotator.click(truth + [1.0, 0.0, 0.0])
    annotator.press("Ctrl+Z")
    mark = annotator.subject.mark(Place(ROOTS, L3, number))
    assert repeated_marks(mark.record) is None
    assert len(mark.points) == 1


def test_a_dataset_that_asks_for_nothing_again_has_nothing_hidden(annotator, dataset, truth):
    by_slice = truth.root_by_slice(L3)
    annotator.open(dataset)
    annotator.press("3", *["Tab"] * 4)
    annotator.go_to(min(by_slice))
    for number in list(by_slice)[:3]:
        annotator.click(by_slice[number])
    annotator.press("N")
    assert annotator.subject.repeats.asked is None
    assert "Nothing is missing" in annotator.session.message
