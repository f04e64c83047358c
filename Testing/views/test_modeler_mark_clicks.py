"""A click on what an annotator marked leads there, by real mouse events."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from SpineRootLib.anatomy import DURA, GANGLIA, ROOTS, Root
from SpineRootLib.place import Place
from SpineRootModelerLib.changes import ModelerChange
from SpineRootModelerLib.session import ModelSession
from two_annotators import DISPUTED, disputed_slice


@pytest.fixture
def session(scene, red, three_d, two_annotators):
    opened = ModelSession(scene)
    opened.open_subject(two_annotators, "01")
    opened.compare(["A", "B"])
    for view in (red, three_d):
        opened.clicks.listen(view.node, view.interactor)
    yield opened
    opened.shut_down()


@pytest.fixture
def disputed(two_annotators):
    return Place(ROOTS, DISPUTED, disputed_slice(two_annotators))


def marked(session, label, place):
    return session.comparison.comparison.raters.marks[label][place][0]


def in_space(view, ras):
    """The pixel of a RAS point in a 3D view, by VTK's own projection."""
    view.render()
    view.renderer.SetWorldPoint(*ras, 1.0)
    view.renderer.WorldToDisplay()
    x, y, _depth = view.renderer.GetDisplayPoint()
    return x, view.size[1] - 1 - y


@pytest.mark.parametrize("label", ["A", "B"])
def test_a_click_on_a_point_in_the_slice_centres_on_it_and_discusses_its_place(session, red, disputed, label):
    session.comparison.subject.view.go_to(disputed.slice)
    point = marked(session, label, disputed)
    told = []
    session.on_change.append(lambda change: told.append((change, session.comparison and session.comparison.gone_to)))
    red.click(red.pixel(point))
    assert session.comparison.current.place == disputed
    assert np.allclose(red.pixel(point), red.middle, atol=1.0)
    assert told[-1] == (ModelerChange.DISCUSSION, disputed)


def test_its_rows_in_both_tables_are_those_of_the_place(session, red, disputed):
    session.comparison.subject.view.go_to(disputed.slice)
    red.click(red.pixel(marked(session, "A", disputed)))
    comparison = session.comparison
    assert comparison.table.places[comparison.table.row_of(comparison.gone_to)] == disputed.without_slice
    assert comparison.discussion.disagreements[comparison.discussion.index].place == disputed


def test_a_click_on_a_point_in_3d_goes_to_its_slice_and_centres_on_it(session, red, three_d, disputed):
    three_d.look_from([0.0, -1.0, 0.0])
    point = marked(session, "B", disputed)  # 6 mm away from everything else
    three_d.click(in_space(three_d, point))
    assert session.comparison.gone_to == disputed
    assert session.comparison.subject.view.number == disputed.slice
    assert np.allclose(red.pixel(point), red.middle, atol=1.0)


def test_a_click_on_a_ganglion_in_3d_goes_there_in_dess(session, red, three_d):
    three_d.look_from([0.0, -1.0, 0.0])
    place = Place(GANGLIA, Root("L1", "R"))
    point = marked(session, "A", place)
    three_d.click(in_space(three_d, point))
    assert session.comparison.gone_to == place
    assert red.composite.GetBackgroundVolumeID() == session.comparison.subject.volumes["DESS"].GetID()
    assert np.allclose(red.ras(red.middle), point, atol=0.2)


def test_where_annotators_agree_a_click_leads_there_and_says_that_it_is_not_listed(session, red):
    number = min(session.comparison.comparison.raters.annotations["A"].root_by_slice(Root("L1", "L")))
    place = Place(ROOTS, Root("L1", "L"), number)
    session.comparison.subject.view.go_to(number)
    red.click(red.pixel(marked(session, "A", place)))
    assert session.comparison.gone_to == place
    assert session.message == f"{place.title} is not among the places to discuss."


def test_a_contour_is_found_by_its_control_points(session, red):
    session.comparison.subject.view.go_to(5)
    dura = session.comparison.comparison.raters.marks["A"][Place(DURA, None, 5)]
    red.click(red.pixel(dura[np.argmax(dura[:, 1])]))
    assert session.comparison.gone_to == Place(DURA, None, 5)


def test_a_click_beside_every_mark_leads_nowhere(session, red, disputed):
    session.comparison.subject.view.go_to(disputed.slice)
    before = slicer.util.arrayFromVTKMatrix(red.node.GetSliceToRAS())
    red.click((3, 3))
    assert session.comparison.gone_to is None
    assert np.array_equal(slicer.util.arrayFromVTKMatrix(red.node.GetSliceToRAS()), before)


def test_marks_of_other_slices_and_of_hidden_annotators_are_not_clicked(session, red, disputed):
    view = session.comparison.subject.view
    view.go_to(disputed.slice)
    view.zoom_to(40.0)
    view.centre_on(marked(session, "B", disputed))
    session.comparison.display.set_visible("B", False)
    red.click(red.pixel(marked(session, "B", disputed)))
    assert session.comparison.gone_to is None
    session.comparison.display.set_visible("B", True)
    view.go_to(disputed.slice + 2)
    red.click(red.pixel(marked(session, "B", disputed)))
    assert session.comparison.gone_to is None


def test_a_drag_that_begins_on_a_point_is_no_click(session, red, disputed):
    session.comparison.subject.view.go_to(disputed.slice)
    start = red.pixel(marked(session, "A", disputed))
    red.drag(start, (start[0] + 60, start[1] + 20))
    assert session.comparison.gone_to is None


def test_a_click_that_places_does_not_lead_elsewhere(session, red, disputed):
    session.comparison.go_to_place(disputed)
    session.comparison.correction.start()
    red.click(red.pixel(marked(session, "A", disputed)))
    assert session.comparison.discussion.resolution(disputed).take == "corrected"
    assert np.allclose(red.pixel(session.comparison.current.position), red.middle, atol=1.0), "still midway"


def test_no_click_is_heard_after_the_module_was_left(session, red, disputed):
    session.leave(annotating=False)
    session.comparison.subject.view.go_to(disputed.slice)
    red.click(red.pixel(marked(session, "A", disputed)))
    assert session.comparison.gone_to is None
