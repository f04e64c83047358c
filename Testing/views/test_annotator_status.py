"""What the annotator is told at every step, and clicks that are refused."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from SpineRootAnnotatorLib.saying import Kind
from SpineRootAnnotatorLib.work.autosave import SaveState
from SpineRootAnnotatorLib.work.marks import Mark
from SpineRootLib.anatomy import DURA, Root
from SpineRootLib.place import Place

L3 = Root("L3", "L")


@pytest.fixture
def at_roots(annotator, dataset):
    """The annotator in the mode for roots, on a slice in the middle of L3_L."""
    annotator.open(dataset)
    annotator.press("3", *["Tab"] * 4)
    annotator.go_to(24)
    return annotator


@pytest.fixture
def foreign(scene):
    """An image of somebody else, in the scene."""
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "sub-02_CISS")
    slicer.util.updateVolumeFromArray(node, np.zeros((4, 8, 8), dtype=np.int16))
    return node


def test_every_slice_says_what_is_proposed_or_why_nothing_is(at_roots, truth):
    course = truth.root_by_slice(L3)
    for number in (24, 25):
        at_roots.go_to(number)
        at_roots.click(course[number])
    for number in range(18, at_roots.subject.planes.count + 1, 2):
        at_roots.go_to(number)
        at_roots.wait()
        assert at_roots.session.status.text, f"slice {number}"
    assert at_roots.session.status.text.startswith("The nearest confirmed point of the root is too many slices away. ")


def test_what_was_said_is_taken_away_by_the_next_step_and_the_next_click(at_roots, truth):
    at_roots.press("A")
    assert at_roots.session.status.kind is Kind.REFUSED
    at_roots.red.wheel(1)
    assert at_roots.session.message == ""
    at_roots.press("A")
    at_roots.click(truth.root_by_slice(L3)[at_roots.subject.number])
    assert at_roots.session.message == ""
    assert at_roots.session.status.kind is Kind.HINT


def test_the_sentence_names_the_key_that_the_annotator_chose(at_roots):
    at_roots.press("2")
    at_roots.session.choose_key("propose", "J")
    assert at_roots.session.status.text.startswith("J proposes the dura")


def test_a_click_on_somebody_elses_image_is_refused(at_roots, foreign, truth):
    there = at_roots.red.pixel(truth.root_by_slice(L3)[24])
    at_roots.red.composite.SetBackgroundVolumeID(foreign.GetID())
    at_roots.red.click(there)
    at_roots.wait()
    assert at_roots.subject.annotation.root_by_slice(L3) == {}
    assert at_roots.session.message.startswith("NOT TAKEN.")
    assert at_roots.session.status.kind is Kind.REFUSED
    assert at_roots.session.alarms == ["The view shows another image than CISS. 'Put back' shows CISS again."]
    at_roots.subject.mend_view()
    assert at_roots.session.alarms == []


def test_a_click_under_somebody_elses_image_is_refused(at_roots, foreign, truth):
    at_roots.red.composite.SetForegroundVolumeID(foreign.GetID())
    at_roots.red.composite.SetForegroundOpacity(0.5)
    at_roots.click(truth.root_by_slice(L3)[24])
    assert at_roots.subject.annotation.root_by_slice(L3) == {}
    assert "sub-02_CISS, which is no image of sub-01" in at_roots.session.message
    at_roots.red.composite.SetForegroundOpacity(0.0)
    at_roots.click(truth.root_by_slice(L3)[24])
    assert list(at_roots.subject.annotation.root_by_slice(L3)) == [24]


def test_a_ganglion_is_not_marked_on_somebody_elses_image(annotator, dataset, foreign, truth):
    annotator.open(dataset)
    ganglion = truth.ganglia[annotator.subject.root]
    annotator.green.node.JumpSliceByCentering(*ganglion)
    annotator.green.composite.SetBackgroundVolumeID(foreign.GetID())
    annotator.click(ganglion, annotator.green)
    assert annotator.subject.annotation.ganglia == {}
    assert "sub-02_CISS, which is no image of sub-01" in annotator.session.message
    assert "'Put back'" in annotator.subject.view_fault  # which offers it
    annotator.subject.mend_view()
    assert annotator.subject.view_fault == ""
    annotator.green.node.JumpSliceByCentering(*ganglion)
    annotator.click(ganglion, annotator.green)
    assert len(annotator.subject.annotation.ganglia) == 1


def test_after_our_nodes_were_deleted_the_next_click_still_marks_the_root(at_roots, scene, truth):
    subject = at_roots.subject
    scene.RemoveNode(subject.contour.node)
    scene.RemoveNode(subject.point.node)
    at_roots.wait()
    at_roots.click(truth.root_by_slice(L3)[24])
    assert list(subject.annotation.root_by_slice(L3)) == [24]


def test_a_failure_to_save_stays_in_sight_whatever_key_is_pressed(at_roots, truth, monkeypatch):
    autosave = at_roots.subject.work.autosave
    fault = f"{autosave.folder}: No space left on device"
    monkeypatch.setattr(type(autosave), "failure", property(lambda _self: fault))
    monkeypatch.setattr(type(autosave), "state", property(lambda _self: SaveState.FAILED))
    at_roots.click(truth.root_by_slice(L3)[24])
    at_roots.press("E", "D", "2", "3")
    (alarm,) = at_roots.session.alarms
    assert alarm.startswith(
        "CANNOT SAVE. Your work is kept here, and saving is tried again and again. No space left on device."
    )
    assert alarm.endswith(f"({autosave.folder})"), "the path stands last"
    monkeypatch.undo()
    assert at_roots.session.alarms == []


def test_long_work_is_stopped_by_a_key_and_proposes_nothing(at_roots, truth):
    subject = at_roots.subject
    at_roots.press("2")
    for number in (12, 24):
        subject.put(Place(DURA, slice=number), Mark.of(truth.contours_by_slice(DURA)[number].points))
    told = []

    def show(title, fraction):
        told.append((title, fraction))
        if title:
            at_roots.session.press("Q")  # what else is pressed meanwhile does nothing
            at_roots.session.press("Esc")

    at_roots.session.show_progress = show
    at_roots.go_to(13)
    at_roots.press("Shift+C")
    assert told[0][0] == "Proposing the dura between drawn contours"
    assert at_roots.session.message == "Stopped: nothing new is proposed."
    assert not subject.proposals.has(Place(DURA, slice=13))
    told.clear()
    at_roots.session.show_progress = lambda *given: told.append(given)
    at_roots.press("Shift+C")
    fractions = [fraction for title, fraction in told if title]
    assert fractions == sorted(fractions)
    assert fractions
    assert told[-1][0] == "", "what is done is no longer shown"
    assert subject.proposals.has(Place(DURA, slice=13))


def test_a_subject_can_be_closed_while_work_goes_on(at_roots, truth):
    subject, course = at_roots.subject, truth.root_by_slice(L3)
    for number in (20, 30):
        at_roots.go_to(number)
        at_roots.click(course[number])
    at_roots.session.show_progress = lambda title, _fraction: at_roots.session.close() if title else None
    at_roots.session.press("Q")
    assert not at_roots.session.is_open
    assert not subject.long_work.is_running


def test_a_drag_over_the_image_marks_nothing_and_goes_nowhere(at_roots, truth):
    there = truth.root_by_slice(L3)[24]
    at_roots.drag(there, there + [3.0, 0.0, 0.0])
    assert at_roots.subject.annotation.root_by_slice(L3) == {}
    assert at_roots.subject.number == 24
    assert at_roots.session.message == "A drag marks nothing: click where L3_L is, or drag its mark."
    assert len(at_roots.subject.point.defined_points()) == 0
    at_roots.click(there)
    assert list(at_roots.subject.annotation.root_by_slice(L3)) == [24]


def test_a_point_that_is_dragged_stays_in_sight(at_roots, truth):
    there = truth.root_by_slice(L3)[24]
    at_roots.click(there)
    at_roots.go_to(24)
    at_roots.drag(at_roots.subject.annotation.root_by_slice(L3)[24], there + [1.0, 0.0, 0.0])
    assert at_roots.subject.number == 24
    assert at_roots.subject.annotation.root_by_slice(L3)[24][0] == pytest.approx(there[0] + 1.0, abs=0.3)
