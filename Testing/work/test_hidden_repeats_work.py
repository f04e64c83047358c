"""A mark that is asked for a second time: hidden until it is answered, kept beside the first, undone like any edit."""

from __future__ import annotations

import json

import numpy as np
import pytest

from SpineRootAnnotatorLib.work.history import Step
from SpineRootAnnotatorLib.work.marked_subject import MarkedSubject
from SpineRootAnnotatorLib.work.marks import Mark
from SpineRootAnnotatorLib.work.subject_work import SubjectWork
from SpineRootLib.anatomy import ROOTS, Root
from SpineRootLib.annotation_files import sidecar_path, write_annotation
from SpineRootLib.dataset import Dataset
from SpineRootLib.hidden_repeats import repeated_marks
from SpineRootLib.place import Place

L3 = Root("L3", "L")
ASKED, OTHER = Place(ROOTS, L3, 4), Place(ROOTS, L3, 11)


@pytest.fixture
def subject(annotation, markers):
    """A subject of which L3_L is to be marked again on slices 4 and 11, of which the latter is not marked yet."""
    drawn = {"MarksBetween": 3, "Slices": {str(ASKED.without_slice): [4, 11]}}
    annotation.provenance.document["Repeats"] = drawn
    write_annotation(markers, annotation, durable=False)
    work = SubjectWork(Dataset.open(markers.parents[1]), annotation, markers, {})
    work.begin()
    yield MarkedSubject(work, lambda: None, lambda: None, lambda: None)
    work.close()


def clicked(subject, place: Place, right_mm: float) -> Mark:
    return Mark.of(subject.planes.lift([[right_mm, -3.0]], place.slice))


def test_a_mark_of_another_day_is_due_and_one_just_seen_only_after_others(subject):
    assert subject.repeats.due() == [ASKED]
    subject.put(OTHER, clicked(subject, OTHER, -5.0))
    subject.repeats.seen(OTHER)
    subject.repeats.seen(ASKED)
    assert subject.repeats.due() == []
    for number in (8, 9, 10):
        subject.put(Place(ROOTS, L3, number), clicked(subject, Place(ROOTS, L3, number), -5.0))
    assert subject.repeats.due() == [ASKED, OTHER]


def test_what_is_marked_at_once_is_one_act_and_what_is_only_flagged_none(subject):
    subject.repeats.seen(ASKED)
    run = [Place(ROOTS, L3, number) for number in range(8, 15)]
    subject.do(Step(tuple(subject.edit(place, clicked(subject, place, -5.0)) for place in run)))
    for on in (True, False, True):
        subject.put(run[0], subject.mark(run[0]).flagged("uncertain", on))
    subject.put(run[0], None)
    assert ASKED not in subject.repeats.due()
    assert ASKED in subject.repeats.unasked()


def test_a_slice_on_which_another_root_is_worked_on_is_not_seen(subject):
    subject.repeats.seen(Place(ROOTS, L3.opposite, 4))
    assert subject.repeats.due() == [ASKED]


def test_the_first_mark_is_nowhere_to_be_seen_until_the_second_is_made(subject):
    first = subject.mark(ASKED).points
    subject.ask(ASKED)
    assert subject.index.root_point(L3, 4) is None
    assert 4 not in subject.confirmed.root_by_slice(L3)
    assert ASKED not in list(subject.coverage.gaps())
    subject.proposals.put(ASKED, first)
    assert not subject.proposals.has(ASKED)
    # what lies beside it is as ever
    assert subject.index.root_point(L3, 5) is not None
    second = subject.planes.lift([[-4.6, -3.0]], 4)
    subject.answer(second[0])
    assert subject.index.root_point(L3, 4) is not None
    np.testing.assert_allclose(subject.mark(ASKED).points, first)
    kept_first, kept = repeated_marks(subject.mark(ASKED).record)
    np.testing.assert_allclose(kept_first, first, atol=1e-4)
    np.testing.assert_allclose(kept, second, atol=1e-4)
    assert subject.repeats.due() == []


def test_a_second_mark_can_be_undone_and_is_asked_for_again(subject):
    subject.ask(ASKED)
    subject.answer(subject.planes.lift([[-4.6, -3.0]], 4))
    subject.undo()
    assert repeated_marks(subject.mark(ASKED).record) is None
    assert subject.repeats.asked is None
    assert subject.repeats.due() == [ASKED]


def test_the_first_mark_corrected_later_leaves_the_two_as_they_were(subject):
    first = subject.mark(ASKED).points
    subject.ask(ASKED)
    subject.answer(subject.planes.lift([[-4.6, -3.0]], 4))
    subject.put(ASKED, subject.mark(ASKED).moved(subject.planes.lift([[-4.0, -3.0]], 4), "placed"))
    kept_first, _second = repeated_marks(subject.mark(ASKED).record)
    np.testing.assert_allclose(kept_first, first, atol=1e-4)
    subject.work.save_now()
    saved = json.loads(sidecar_path(subject.work.folder, "01").read_text())
    assert set(saved["Structures"]["nerveroots_L3_L"]["Points"]["4"]["Repeat"]) == {"First", "Points", "Date"}


def test_a_place_left_out_is_shown_again_and_not_asked_for_again_in_this_session(subject):
    subject.ask(ASKED)
    subject.repeats.leave_out(ASKED)
    subject.ask(None)
    assert subject.index.root_point(L3, 4) is not None
    assert subject.repeats.due() == []


def test_an_annotator_who_repeats_another_s_work_has_that_in_the_sidecar_as_the_dataset_says(annotation, markers):
    markers.parent.mkdir(parents=True)
    (markers.parent / "spineroot.json").write_text('{"RepeatOf": {"A": "A0"}}')
    write_annotation(markers, annotation, durable=False)
    work = SubjectWork(Dataset.open(markers.parents[1]), annotation, markers, {})
    work.begin()
    subject = MarkedSubject(work, lambda: None, lambda: None, lambda: None)
    subject.put(ASKED, clicked(subject, ASKED, -5.0))
    work.close()
    assert json.loads(sidecar_path(work.folder, "01").read_text())["RepeatOf"] == "A0"
