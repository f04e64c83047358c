"""Contours and ganglia that annotators disagree on, settled with the mouse."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from SpineRootLib.anatomy import DURA, GANGLIA, Root
from SpineRootLib.annotation import Contour
from SpineRootLib.dataset import Dataset
from SpineRootLib.place import Place
from SpineRootModelerLib.session import DISCUSSED, ModelSession
from two_annotators import put

NUMBER, FAR = 6, np.array([6.0, 0.0, 0.0])
GANGLION = Root("L2", "R")


@pytest.fixture
def session(scene, red, two_annotators):  # noqa: ARG001
    """B drew one contour of the dura and placed one ganglion 6 mm farther to the right than elsewhere."""
    dataset = Dataset.open(two_annotators)
    theirs = dataset.read("01", "B")
    drawn = theirs.contours_by_slice(DURA)
    drawn[NUMBER] = Contour(drawn[NUMBER].points + FAR)
    theirs.contours[DURA] = list(drawn.values())
    theirs.ganglia[GANGLION] = theirs.ganglia[GANGLION] + FAR
    shutil.rmtree(dataset.markers("B") / "sub-01")
    put(two_annotators, "B", theirs, signed_off=True)
    opened = ModelSession(scene)
    opened.open_subject(two_annotators, "01")
    opened.compare(["A", "B"])
    yield opened
    opened.shut_down()


def test_a_contour_is_dragged_and_agreed_as_it_lies_then(session, red, two_annotators):
    comparison, place = session.comparison, Place(DURA, None, NUMBER)
    comparison.go_to_place(place)
    assert comparison.current.place == place
    comparison.subject.view.zoom_to(60.0)
    between = comparison.discussion.agreed(place)
    said = [marks[place].mean(axis=0) for marks in comparison.comparison.raters.marks.values()]
    assert np.allclose(between.mean(axis=0), np.mean(said, axis=0), atol=0.3), "midway, as long as nothing is settled"
    start = between[0]
    red.render()
    red.drag(red.pixel(start), red.pixel(start + [0.0, 3.0, 0.0]))
    settled = comparison.discussion.resolution(place)
    assert settled.take == "corrected"
    assert np.abs(settled.points - (start + [0.0, 3.0, 0.0])).max(axis=1).min() < 0.3
    session.make_consensus(accept=True)
    agreed = Dataset.open(two_annotators).read("01").contours_by_slice(DURA)[NUMBER].points
    assert np.allclose(agreed, settled.points, atol=1e-6)


def test_taking_an_annotators_contour_shows_it_and_undo_the_mean_again(session):
    comparison, place = session.comparison, Place(DURA, None, NUMBER)
    comparison.go_to_place(place)
    comparison.take("B")
    theirs = comparison.comparison.raters.marks["B"][place]
    assert np.allclose(comparison.correction.contour.defined_points(), theirs)
    comparison.undo()
    assert not np.allclose(comparison.correction.contour.defined_points().mean(axis=0), theirs.mean(axis=0), atol=1.0)


def test_a_ganglion_is_placed_anew_and_its_root_runs_there(session, red, two_annotators):
    session.source, session.settings.live = DISCUSSED, True
    session.build()
    comparison, place = session.comparison, Place(GANGLIA, GANGLION)
    comparison.go_to_place(place)
    wanted = comparison.comparison.raters.marks["A"][place][0] + [-2.0, 1.0, 0.5]
    comparison.correction.start()
    red.node.JumpSlice(*wanted)  # the view is sagittal: left and right are found by scrolling
    red.click(red.pixel(wanted))
    settled = comparison.discussion.resolution(place)
    assert settled.take == "corrected"
    pixel_mm = red.node.GetFieldOfView()[0] / red.size[0]
    assert np.linalg.norm(settled.points - wanted) < 1.5 * pixel_mm
    tube = session.model.parts[f"nerveroots_{GANGLION}"].vertices
    assert np.linalg.norm(tube - settled.points, axis=1).min() < 1.0, "the tube ends at its ganglion"
    session.make_consensus(accept=True)
    assert np.allclose(Dataset.open(two_annotators).read("01").ganglia[GANGLION], settled.points[0], atol=1e-6)
