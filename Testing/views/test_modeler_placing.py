"""Placing anew: only on the slice that is settled, and what is to be done is said."""

from __future__ import annotations

import numpy as np
import pytest
import slicer
import vtk

from SpineRootLib.anatomy import DURA, GANGLIA, Root
from SpineRootLib.place import Place
from SpineRootModelerLib.session import ModelSession
from two_annotators import disputed_slice

L3_L = Root("L3", "L")


@pytest.fixture
def session(scene, red, two_annotators):  # noqa: ARG001
    opened = ModelSession(scene)
    opened.open_subject(two_annotators, "01")
    opened.compare(["A", "B"])
    opened.comparison.discuss(0)
    yield opened
    opened.shut_down()


def test_placing_anew_goes_back_to_the_slice_that_is_settled(session, two_annotators):
    number, view = disputed_slice(two_annotators), session.comparison.subject.view
    view.go_to(number + 3)
    session.comparison.place_anew()
    assert view.number == number
    assert session.message == f"Click where {session.comparison.current.place.title} is."


def test_a_click_on_another_slice_places_nothing_and_says_why(session, red, two_annotators):
    comparison, number = session.comparison, disputed_slice(two_annotators)
    place = comparison.current.place
    comparison.place_anew()
    comparison.subject.view.go_to(number + 3)
    red.click(red.middle)
    assert comparison.discussion.resolution(place) is None
    assert session.message == (
        f"Nothing was placed: that was slice {number + 3}, and {place.title} is to be settled. The view shows it now."
    )
    assert comparison.subject.view.number == number
    red.click(red.middle)
    settled = comparison.discussion.resolution(place)
    assert settled.take == "corrected", "the click that follows places"
    planes = comparison.comparison.raters.planes
    assert list(planes.number(settled.points)) == [number]


def test_what_to_do_with_a_contour_is_said(session):
    comparison, place = session.comparison, Place(DURA, None, 6)
    comparison.correction.show(place, comparison.discussion.agreed(place))
    comparison.correction.start()
    assert "Drag a point of the white contour of dura, slice 6" in session.message


def under_a_transform(session, _scene):
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(shift())
    session.comparison.subject.volumes["CISS"].SetAndObserveTransformNodeID(transform.GetID())


def test_an_image_beside_ciss_may_be_registered_to_it_unless_it_is_the_one_that_is_shown(session, red):
    comparison, place = session.comparison, session.comparison.current.place
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(shift())
    comparison.subject.volumes["DESS"].SetAndObserveTransformNodeID(transform.GetID())
    comparison.place_anew()
    comparison.subject.view.show_volume(comparison.subject.volumes["DESS"])
    red.click(red.middle)
    assert comparison.discussion.resolution(place) is None
    assert session.message.startswith("Nothing was placed. DESS is under a transform")
    assert "DESS" in comparison.subject.click_fault(Place(GANGLIA, L3_L))
    comparison.place_anew()
    comparison.subject.view.show_volume(comparison.subject.volumes["CISS"])
    red.click(red.middle)
    assert comparison.discussion.resolution(place).take == "corrected"


def moved_for_good(session, _scene):
    volume = session.comparison.subject.volumes["CISS"]
    volume.ApplyTransformMatrix(shift())


def replaced_by_anothers(session, scene):
    volume = slicer.util.addVolumeFromArray(np.zeros((4, 4, 4)), name="somebody")
    session.comparison.subject.view.show_volume(volume)
    assert scene.IsNodePresent(volume)


def shift():
    matrix = vtk.vtkMatrix4x4()
    matrix.SetElement(0, 3, 7.0)
    return matrix


@pytest.mark.parametrize(
    ("wronged", "why"),
    [
        (under_a_transform, "CISS is under a transform"),
        (moved_for_good, "CISS lies elsewhere than its file says"),
        (replaced_by_anothers, "The view shows no image of this subject"),
    ],
)
def test_nothing_is_placed_on_an_image_that_is_not_where_or_whose_it_should_be(session, red, scene, wronged, why):
    comparison = session.comparison
    place = comparison.current.place
    comparison.place_anew()
    wronged(session, scene)
    red.click(red.middle)
    assert comparison.discussion.resolution(place) is None
    assert session.message.startswith(f"Nothing was placed. {why}")
