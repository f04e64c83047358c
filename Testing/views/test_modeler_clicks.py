"""The discussion by real clicks: the place anew, the way to it, what is seen there."""

from __future__ import annotations

import numpy as np
import pytest

from SpineRootLib.anatomy import CORD, GANGLIA
from SpineRootLib.dataset import Dataset
from SpineRootLib.place import Place
from SpineRootModelerLib.compare.rater_palette import dimmed, rater_color
from SpineRootModelerLib.session import DISCUSSED, ModelSession
from two_annotators import DISPUTED, disputed_slice


@pytest.fixture
def session(scene, red, three_d, two_annotators):  # noqa: ARG001
    opened = ModelSession(scene)
    opened.open_subject(two_annotators, "01")
    opened.compare(["A", "B"])
    opened.comparison.discuss(0)
    yield opened
    opened.shut_down()


def coloured(picture, color):
    """How many pixels have about a colour."""
    return int((np.abs(picture.astype(float) - 255 * np.array(color)).max(axis=2) < 12).sum())


def test_the_view_is_on_the_slice_and_the_place_in_its_middle(session, red, two_annotators):
    view = session.comparison.subject.view
    assert view.number == disputed_slice(two_annotators)
    assert np.allclose(red.pixel(session.comparison.current.position), red.middle, atol=1.0)


def test_both_annotators_are_seen_in_their_colours(session, red):
    picture = red.picture()
    for label in ("A", "B"):
        assert coloured(picture, rater_color(("A", "B"), label)) > 30
    session.comparison.display.set_visible("B", False)
    assert coloured(red.picture(), rater_color(("A", "B"), "B")) == 0


def test_other_roots_than_the_discussed_one_are_dimmed(session, red):
    colors = [rater_color(("A", "B"), label) for label in ("A", "B")]
    session.comparison.subject.view.zoom_to(24.0)
    discussed = red.picture()
    assert all(coloured(discussed, color) > 30 for color in colors), "the discussed marks, and the contours"
    assert all(coloured(discussed, dimmed(color)) > 30 for color in colors)
    session.comparison.display.discuss(None)
    assert all(coloured(red.picture(), dimmed(color)) == 0 for color in colors)


def test_a_settled_point_is_shown_as_such_until_it_is_open_again(session):
    comparison = session.comparison
    shown = comparison.correction.point

    def look():
        return shown.node.GetNthControlPointLabel(0), shown.display.GetGlyphTypeAsString(shown.display.GetGlyphType())

    root = comparison.current.place.root
    assert look() == (f"{root}, open", "CrossDot2D")
    comparison.take("A")
    assert look() == (f"{root}, settled", "Diamond2D")
    comparison.undo()
    assert look() == (f"{root}, open", "CrossDot2D")


def test_a_click_places_the_point_anew_on_its_slice(session, red, two_annotators):
    wanted = session.comparison.current.position + [1.0, 1.0, 0.0]
    session.comparison.correction.start()
    red.click(red.pixel(wanted))
    place = session.comparison.current.place
    settled = session.comparison.discussion.resolution(place)
    assert settled.take == "corrected"
    pixel_mm = red.node.GetFieldOfView()[0] / red.size[0]
    planes = session.comparison.comparison.raters.planes
    assert np.linalg.norm(planes.flatten(settled.points) - planes.flatten(wanted)) <= 1.5 * pixel_mm
    assert np.allclose(planes.off_plane(settled.points), 0.0, atol=1e-9)
    session.make_consensus()
    agreed = Dataset.open(two_annotators).read("01").root_by_slice(DISPUTED)[disputed_slice(two_annotators)]
    assert np.allclose(agreed, settled.points[0], atol=1e-6)


def test_only_one_click_places(session, red):
    session.comparison.correction.start()
    red.click(red.pixel(session.comparison.current.position))
    first = session.comparison.discussion.resolution(session.comparison.current.place).points
    red.click(red.pixel(session.comparison.current.position + [2.0, 0.0, 0.0]))
    second = session.comparison.discussion.resolution(session.comparison.current.place).points
    assert np.array_equal(first, second)


def test_dragging_the_point_settles_it_there(session, red):
    session.comparison.take("A")
    place = session.comparison.current.place
    start = session.comparison.discussion.agreed(place)[0]
    red.render()
    red.drag(red.pixel(start), red.pixel(start + [1.5, 0.0, 0.0]))
    settled = session.comparison.discussion.resolution(place)
    assert settled.take == "corrected"
    assert np.allclose(settled.points[0] - start, [1.5, 0.0, 0.0], atol=0.15)


def test_a_ganglion_is_looked_at_in_dess_exactly_there(session, red):
    place = Place(GANGLIA, DISPUTED)
    session.comparison.go_to_structure(place)
    position = session.comparison.comparison.position(place)
    assert red.composite.GetBackgroundVolumeID() == session.comparison.subject.volumes["DESS"].GetID()
    assert np.allclose(red.ras(red.middle), position, atol=0.2)
    across = red.ras((red.middle[0] + 50, red.middle[1])) - red.ras(red.middle)
    assert abs(across[1]) > 0.99 * np.linalg.norm(across), "sagittal: from front to back"
    assert coloured(red.picture(), rater_color(("A", "B"), "A")) > 10
    session.comparison.go_to_structure(Place(CORD))
    assert red.composite.GetBackgroundVolumeID() == session.comparison.subject.volumes["CISS"].GetID()


def test_stepping_through_the_slices_shows_what_lies_there(session, red, two_annotators):
    view = session.comparison.subject.view
    view.go_to(disputed_slice(two_annotators) + 1)
    lines = session.comparison.display.node("A", on_slice=True).GetPolyData()
    planes = session.comparison.comparison.raters.planes
    points = np.array([lines.GetPoint(index) for index in range(lines.GetNumberOfPoints())])
    assert set(planes.number(points)) == {disputed_slice(two_annotators) + 1}
    red.render()


def test_the_model_is_seen_whole_in_3d_and_as_outlines_in_the_slice(session, three_d, red):
    session.comparison.display.show_in_space(False)
    bare, empty = red.picture(), three_d.picture()
    session.source = DISCUSSED
    session.build()
    assert (red.picture() != bare).any()
    seen = (three_d.picture() != empty).any(axis=2)
    assert seen.any(axis=1).mean() > 0.5, "the model takes most of the view's height"
    assert not seen[[0, -1]].any(), "and is seen whole"


def test_marks_leave_3d_to_the_first_surfaces_and_come_back_when_wanted(session, three_d, red):
    session.source = DISCUSSED
    session.build()
    display, colour = session.comparison.display, rater_color(("A", "B"), "A")
    assert not display.in_space
    assert coloured(three_d.picture(), colour) == 0
    assert coloured(red.picture(), colour) > 30, "in the slice they stay"
    assert display.is_visible("A")
    display.set_visible("B", False)
    display.show_in_space(True)
    three_d.fit()
    assert coloured(three_d.picture(), colour) > 30
    assert not display.node("B", on_slice=False).GetDisplayNode().GetVisibility(), "hidden by the user"
    session.build()
    assert display.in_space, "from then on as the user wants"


def test_a_first_comparison_shows_the_sac_where_annotators_differ_most(scene, red, two_annotators):
    session = ModelSession(scene)
    session.open_subject(two_annotators, "01")
    session.compare(["A", "B"])
    assert session.comparison.subject.view.number == disputed_slice(two_annotators)
    assert np.isclose(red.node.GetFieldOfView()[0], 45.0, rtol=0.01)
    assert coloured(red.picture(), rater_color(("A", "B"), "A")) > 30
    session.shut_down()


def test_a_point_that_cannot_be_saved_is_said_with_the_files_name(session, red, two_annotators):
    (two_annotators / "derivatives" / "markers" / "sub-01_resolutions.json").mkdir(parents=True)
    session.comparison.correction.start()
    red.click(red.pixel(session.comparison.current.position))
    assert "sub-01_resolutions.json" in session.message
    assert len(session.message.splitlines()) == 1
