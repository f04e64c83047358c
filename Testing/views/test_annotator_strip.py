"""The strip of a root: seen in a view of its own, clicked and dragged on, by a real mouse."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from annotator_at_work import AnnotatorAtWork
from headless.fixtures import empty_scene
from links import link_or_copy
from SpineRootAnnotatorLib.saying import Kind
from SpineRootAnnotatorLib.work.marks import Mark
from SpineRootLib.anatomy import ROOTS, Root
from SpineRootLib.dataset import Dataset
from SpineRootLib.place import Place

L3 = Root("L3", "L")
FIRST, LAST = 20, 32
# asked for: the way from the strip to space and back
ROUND_TRIP_MM = 0.05


@pytest.fixture(scope="module")
def scene():
    """One scene for all tests of this file: each leaves the subject as it found it."""
    with empty_scene() as emptied:
        yield emptied


@pytest.fixture(scope="module")
def strip_view(_slice_views, scene):  # noqa: ARG001
    return _slice_views("Strip", "Axial")


@pytest.fixture(scope="module")
def dataset(small_phantom, tmp_path_factory):
    folder = tmp_path_factory.mktemp("strip")
    link_or_copy(folder / "rawdata", small_phantom / "rawdata")
    return folder


@pytest.fixture(scope="module")
def opened(scene, _slice_views, strip_view, dataset, truth):  # noqa: ARG001
    """The annotator in the roots' step, slices 20 to 32 of L3_L marked but for 27, its strip beside the slice."""
    views = _slice_views("Red", "Axial"), _slice_views("Green", "Coronal")
    annotator = AnnotatorAtWork(*views, rescue_folder=dataset / "rescue")
    annotator.open(dataset)
    annotator.press("3")
    annotator.subject.root = L3
    course = truth.root_by_slice(L3)
    for number in range(FIRST, LAST + 1):
        if number != 27:
            annotator.subject.put(Place(ROOTS, L3, number), Mark.of(course[number]))
    annotator.subject.strip.hands.watch(strip_view.interactor)
    annotator.press("Z")
    yield annotator
    annotator.session.shut_down()


@pytest.fixture
def at_strip(opened, strip_view):
    """The annotator on slice 26 of L3_L; what a test marks is undone."""
    marked = len(opened.subject.work.history.done)
    opened.subject.go_to(26)
    opened.wait()
    strip_view.render()
    yield opened
    while len(opened.subject.work.history.done) > marked:
        opened.session.perform("undo")
    opened.session.perform("roots")
    opened.subject.root = L3
    opened.wait()


def on_strip(annotator, view, across, number):
    """The pixel of a place of the strip that is shown."""
    strip = annotator.subject.strip
    return view.pixel(strip.view.ras_of(strip.marked.strip, [[across, number]])[0])


def click(annotator, view, across, number):
    view.click(on_strip(annotator, view, across, number))
    annotator.wait()


def mark(annotator, number):
    return annotator.subject.annotation.root_by_slice(L3).get(number)


def test_the_strip_is_seen_in_its_view_with_the_root_dark_in_the_middle(at_strip, strip_view):
    shown = at_strip.subject.strip
    assert strip_view.composite.GetBackgroundVolumeID() == shown.view.volume.GetID()
    picture = strip_view.picture().astype(float).mean(axis=2)
    height, width = picture.shape
    row = picture[int(on_strip(at_strip, strip_view, 0.0, 23)[1])]
    assert row.max() > 150, "there is fluid"
    middle = row[width // 2 - 3 : width // 2 + 3]
    assert middle.mean() < 0.75 * row.max()
    assert sorted(shown.marked.marks) == [n for n in range(FIRST, LAST + 1) if n != 27]


def test_a_click_moves_the_point_of_its_slice_to_where_it_was_clicked_and_goes_there(at_strip, strip_view):
    before, strip = mark(at_strip, 23), at_strip.subject.strip.marked.strip
    pixel = tuple(np.round(on_strip(at_strip, strip_view, 0.8, 23.2)))
    clicked = strip_view.ras(pixel)
    strip_view.click(pixel)
    at_strip.wait()
    moved = mark(at_strip, 23)
    across = at_strip.subject.strip.view.ras_of(strip, [[0.0, 23.0]])[0][0] - clicked[0]
    place, in_front = strip.to_strip(moved)
    assert place[0] == pytest.approx([across, 23.0], abs=ROUND_TRIP_MM)
    assert in_front[0] == pytest.approx(strip.to_strip(before)[1][0], abs=ROUND_TRIP_MM), "as deep as it was"
    assert abs(at_strip.subject.planes.off_plane(moved)[0]) < 1e-3
    assert at_strip.subject.number == 23
    assert at_strip.subject.view.number == 23


def test_a_click_where_nothing_is_marked_marks_the_root_there(at_strip, strip_view, truth):
    click(at_strip, strip_view, 0.0, 27)
    assert np.linalg.norm(mark(at_strip, 27) - truth.root_by_slice(L3)[27]) < 0.6
    assert at_strip.subject.number == 27
    at_strip.press("Ctrl+Z")
    assert mark(at_strip, 27) is None


def test_a_mark_is_dragged_along_its_slice_and_undo_puts_it_back(at_strip, strip_view):
    before, strip = mark(at_strip, 24), at_strip.subject.strip.marked.strip
    across = strip.to_strip(before)[0][0][0]
    start, end = (on_strip(at_strip, strip_view, *place) for place in ((across, 24), (across - 1.2, 24.4)))
    strip_view.drag(start, end)
    at_strip.wait()
    moved = mark(at_strip, 24)
    assert strip.to_strip(moved)[0][0] == pytest.approx([across - 1.2, 24.0], abs=0.1)
    assert mark(at_strip, 23) is not None
    at_strip.press("Ctrl+Z")
    assert mark(at_strip, 24) == pytest.approx(before)


def test_what_is_moved_on_the_strip_is_saved(at_strip, strip_view, dataset):
    click(at_strip, strip_view, 0.5, 25)
    saved = Dataset.open(dataset).read("01", "C").root_by_slice(L3)[25]
    assert saved == pytest.approx(mark(at_strip, 25), abs=1e-3)


def test_a_drag_beside_every_mark_moves_nothing_and_says_so(at_strip, strip_view):
    before = dict(at_strip.subject.annotation.root_by_slice(L3))
    strip_view.drag(on_strip(at_strip, strip_view, 4.0, 22), on_strip(at_strip, strip_view, 4.0, 29))
    at_strip.wait()
    after = at_strip.subject.annotation.root_by_slice(L3)
    assert all(after[number] == pytest.approx(before[number]) for number in before)
    assert at_strip.session.status.kind is Kind.REFUSED


def test_the_strip_stays_as_it_was_cut_while_its_root_is_worked_on(at_strip, strip_view):
    strip = at_strip.subject.strip.marked.strip
    click(at_strip, strip_view, 1.0, 23)
    assert at_strip.subject.strip.marked.strip is strip, "nothing moves under the hand"
    at_strip.press("Tab")
    assert at_strip.subject.strip.marked is None or at_strip.subject.strip.marked.strip is not strip


def test_the_wheel_over_the_strip_steps_through_the_slices_and_the_strip_stays(at_strip, strip_view):
    offset = strip_view.node.GetSliceOffset()
    strip_view.move(on_strip(at_strip, strip_view, 0.0, 25))
    strip_view.interactor.InvokeEvent("MouseWheelBackwardEvent")
    at_strip.wait()
    assert at_strip.subject.number == 27
    strip_view.interactor.InvokeEvent("MouseWheelForwardEvent")
    assert at_strip.subject.number == 26
    assert strip_view.node.GetSliceOffset() == pytest.approx(offset)


def test_in_the_review_a_click_leads_to_its_slice_and_marks_nothing(at_strip, strip_view):
    at_strip.press("4")
    before = mark(at_strip, 22)
    click(at_strip, strip_view, 1.0, 22)
    assert at_strip.subject.number == 22
    assert mark(at_strip, 22) == pytest.approx(before)


def test_a_click_on_a_strip_of_a_moved_image_is_refused(at_strip, strip_view, scene):
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = np.eye(4)
    matrix[0, 3] = 5.0
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    before = mark(at_strip, 23)
    at_strip.subject.volumes["CISS"].SetAndObserveTransformNodeID(transform.GetID())
    click(at_strip, strip_view, 1.0, 23)
    assert mark(at_strip, 23) == pytest.approx(before)
    assert "NOT TAKEN" in at_strip.session.message
    at_strip.subject.volumes["CISS"].SetAndObserveTransformNodeID(None)


def test_without_a_mark_it_is_said_that_the_strip_follows(at_strip, strip_view):
    at_strip.subject.root = Root("L1", "L")
    at_strip.press("Z", "Z")
    assert at_strip.session.message.startswith("Nothing of L1_L is marked or proposed yet")
    before = len(at_strip.subject.work.history.done)
    strip_view.click((200, 200))
    at_strip.wait()
    assert len(at_strip.subject.work.history.done) == before
