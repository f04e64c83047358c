"""Roots on CISS, by clicks and keys."""

from __future__ import annotations

import numpy as np
import pytest
import slicer
from scipy.ndimage import label

from SpineRootAnnotatorLib.work.marks import Mark
from SpineRootLib.anatomy import ROOTS, Root
from SpineRootLib.curves import inside
from SpineRootLib.place import Place
from SpineRootScene import named_marks
from SpineRootScene.stroke_text import text_width
from SpineRootScene.view_plane import ViewPlane

L3 = Root("L3", "L")


@pytest.fixture
def at_l3(annotator, dataset, truth):
    """The annotator at the first slice of L3_L, in the mode for roots; and the truth of L3_L by slice."""
    annotator.open(dataset)
    annotator.press("3", *["Tab"] * 4)
    assert annotator.subject.root == L3
    by_slice = truth.root_by_slice(L3)
    annotator.go_to(min(by_slice))
    return annotator, by_slice


def test_a_click_marks_the_active_root_and_goes_on_to_the_next_slice(at_l3):
    annotator, truth = at_l3
    first = annotator.subject.number
    annotator.click(truth[first])
    placed = annotator.subject.annotation.root_by_slice(L3)
    assert list(placed) == [first]
    pixel_mm = annotator.red.node.GetFieldOfView()[0] / annotator.red.size[0]
    assert np.linalg.norm(placed[first] - truth[first]) <= 1.5 * pixel_mm  # the diagonal of a pixel
    assert annotator.subject.number == first + 1


def test_a_point_lies_exactly_on_the_plane_of_its_slice(at_l3):
    annotator, truth = at_l3
    first = annotator.subject.number
    annotator.click(truth[first])
    assert np.allclose(annotator.subject.planes.off_plane(annotator.subject.annotation.roots[L3]), 0.0, atol=1e-9)


def test_a_point_is_seen_where_it_was_clicked_before_the_view_goes_on(at_l3):
    annotator, truth = at_l3
    first, seen = annotator.subject.number, []
    annotator.session.on_placed.append(
        lambda view: seen.append((view, annotator.subject.number, annotator.subject.point.defined_points()))
    )
    annotator.red.click(annotator.red.pixel(truth[first]))
    ((view, number, points),) = seen
    assert (view, number) == ("Red", first)
    assert np.linalg.norm(points - truth[first], axis=1).tolist() == pytest.approx([0.0], abs=0.3)
    annotator.wait()
    assert annotator.subject.number == first + 1


def test_a_key_right_after_a_click_counts_from_the_slice_that_the_click_leads_to(at_l3):
    annotator, truth = at_l3
    first = annotator.subject.number
    annotator.red.click(annotator.red.pixel(truth[first]))
    annotator.press("D")
    assert annotator.subject.number == first + 2


def test_the_wheel_right_after_a_click_goes_on_from_the_slice_that_is_seen(at_l3):
    annotator, truth = at_l3
    first = annotator.subject.number
    annotator.red.click(annotator.red.pixel(truth[first]))
    annotator.red.wheel(1)
    turned = annotator.subject.number
    annotator.wait()
    assert abs(turned - first) == 1
    assert annotator.subject.number == turned


def test_a_second_click_on_the_same_slice_replaces_the_point(at_l3):
    annotator, truth = at_l3
    first = annotator.subject.number
    annotator.click(truth[first] + [1.0, 0.0, 0.0])
    annotator.press("E")
    annotator.click(truth[first])
    placed = annotator.subject.annotation.root_by_slice(L3)
    assert list(placed) == [first]
    assert np.linalg.norm(placed[first] - truth[first]) < 0.3


def test_round_goes_through_all_roots_of_a_slice_first(at_l3, truth):
    annotator, _ = at_l3
    annotator.session.settings.after_click = "round"
    number = annotator.subject.number
    here = {root: truth.root_by_slice(root).get(number) for root in truth.roots}
    annotator.click(here[L3])
    assert annotator.subject.number == number
    assert annotator.subject.root == Root("L3", "R")


def test_dragging_moves_one_point_and_nothing_else(at_l3):
    annotator, truth = at_l3
    first = annotator.subject.number
    for number in (first, first + 1, first + 2):
        annotator.click(truth[number])
    annotator.press("P", "E")
    before = annotator.subject.annotation.root_by_slice(L3)
    middle = first + 2
    annotator.drag(before[middle], before[middle] + [2.0, 0.0, 0.0])
    after = annotator.subject.annotation.root_by_slice(L3)
    assert np.allclose(after[middle] - before[middle], [2.0, 0.0, 0.0], atol=0.3)
    assert np.array_equal(after[first], before[first])
    assert np.array_equal(after[first + 1], before[first + 1])


def test_undo_takes_back_every_edit_and_goes_where_it_was(at_l3):
    annotator, truth = at_l3
    first = annotator.subject.number
    for number in (first, first + 1):
        annotator.click(truth[number])
    annotator.go_to(first + 10)
    annotator.press("Ctrl+Z")
    assert annotator.subject.number == first + 1
    annotator.press("Ctrl+Z")
    assert annotator.subject.number == first
    assert L3 not in annotator.subject.annotation.roots
    annotator.press("Ctrl+Y", "Ctrl+Y")
    assert list(annotator.subject.annotation.root_by_slice(L3)) == [first, first + 1]


def test_deleting_asks_nothing_and_can_be_undone(at_l3):
    annotator, truth = at_l3
    first = annotator.subject.number
    annotator.click(truth[first])
    annotator.press("E", "Shift+D")
    assert L3 not in annotator.subject.annotation.roots
    annotator.press("Ctrl+Z")
    assert first in annotator.subject.annotation.root_by_slice(L3)


def test_deleting_the_point_in_the_view_is_an_edit_too(at_l3):
    annotator, truth = at_l3
    first = annotator.subject.number
    annotator.click(truth[first])
    annotator.press("P", "E")
    pixel = annotator.red.pixel(annotator.subject.annotation.root_by_slice(L3)[first])
    annotator.red.render()
    annotator.red.move(pixel)
    annotator.red.key("Delete", "\x7f", pixel)
    annotator.wait()
    assert L3 not in annotator.subject.annotation.roots
    annotator.press("Ctrl+Z")
    assert first in annotator.subject.annotation.root_by_slice(L3)


def test_the_next_point_is_proposed_and_accepted_by_one_key(at_l3):
    annotator, truth = at_l3
    first = annotator.subject.number
    for number in range(first, first + 3):
        annotator.click(truth[number])
    annotator.press("A")
    accepted = annotator.subject.annotation.root_by_slice(L3)[first + 3]
    assert np.linalg.norm(accepted - truth[first + 3]) < 0.7
    record = annotator.subject.annotation.provenance.at(Place(ROOTS, Root("L3", "L"), first + 3))
    assert record["Origin"] == "accepted"


def test_a_run_of_sure_proposals_is_accepted_and_undone_as_one(at_l3, truth):
    annotator, _ = at_l3
    annotator.press("Tab", "Tab")
    l4 = annotator.subject.root
    course = truth.root_by_slice(l4)
    first, last = min(course), max(course)
    clicked = [first, first + 1, (first + last) // 2, last - 1, last]
    for number in clicked:
        annotator.go_to(number)
        annotator.click(course[number])
    annotator.go_to(first + 2)
    annotator.press("Q", "Shift+A")
    taken = annotator.subject.annotation.root_by_slice(l4)
    assert len(taken) >= len(clicked) + 6
    assert all(np.linalg.norm(point - course[number]) < 0.7 for number, point in taken.items())
    annotator.press("Ctrl+Z")
    assert sorted(annotator.subject.annotation.root_by_slice(l4)) == clicked


def test_a_click_over_a_proposal_is_a_correction(at_l3):
    annotator, truth = at_l3
    first = annotator.subject.number
    for number in range(first, first + 3):
        annotator.click(truth[number])
    annotator.click(truth[first + 3] + [0.5, 0.0, 0.0])
    assert annotator.subject.annotation.provenance.at(Place(ROOTS, Root("L3", "L"), first + 3))["Origin"] == "corrected"


def test_neighbouring_slices_show_as_ghosts(at_l3):
    annotator, truth = at_l3
    first = annotator.subject.number
    annotator.click(truth[first])
    annotator.subject.proposals.clear()
    annotator.subject.draw_slice()
    assert annotator.subject.display.on_slice.node.GetPolyData().GetNumberOfLines() == 1


def test_hiding_shows_the_image_alone(at_l3):
    annotator, truth = at_l3
    annotator.click(truth[annotator.subject.number])
    annotator.press("E", "P")
    seen = annotator.red.picture()
    annotator.press("Space")
    bare = annotator.red.picture()
    assert (seen != bare).any()
    assert (bare[..., 0] == bare[..., 1]).all(), "a grey image has no coloured pixel"


def test_uncertain_and_its_remark_reach_the_sidecar(at_l3):
    annotator, truth = at_l3
    first = annotator.subject.number
    annotator.click(truth[first])
    annotator.press("E")
    annotator.subject.remark = "two spots"
    annotator.press("U")
    record = annotator.subject.annotation.provenance.at(Place(ROOTS, Root("L3", "L"), first))
    assert (record["Flags"], record["Remark"]) == (["uncertain"], "two spots")


def test_the_next_gap_is_found_by_its_key(at_l3):
    annotator, truth = at_l3
    first = annotator.subject.number
    for number in (first, first + 3):
        annotator.go_to(number)
        annotator.click(truth[number])
    annotator.go_to(first)
    annotator.press("N")
    assert annotator.subject.number == first + 1


@pytest.fixture
def followed(at_l3):
    """The annotator after marking the first and last point of L3_L and having the root followed between them."""
    annotator, truth = at_l3
    for number in (min(truth), max(truth)):
        annotator.go_to(number)
        annotator.click(truth[number])
    annotator.go_to(min(truth))
    annotator.press("Q")
    return annotator, truth


def least_sure(annotator):
    """How far off each of the proposals of L3_L may be, by slice, mm; and the slice where it is the most."""
    places = {number: Place(ROOTS, L3, number) for number in range(1, annotator.subject.planes.count + 1)}
    proposals = {number: annotator.subject.proposals.get(place) for number, place in places.items()}
    off = {number: proposal.deviation for number, proposal in proposals.items() if proposal is not None}
    return off, max(off, key=off.get)


def test_of_a_root_that_was_followed_the_slice_is_shown_where_a_mark_would_help_most(followed):
    annotator, truth = followed
    off, number = least_sure(annotator)
    annotator.press("N")
    assert annotator.subject.number == number
    assert (
        f"L3_L is least sure here, on slice {number} (may be off by {off[number]:.1f} mm)" in annotator.session.message
    )
    annotator.click(truth[number])
    annotator.press("N")
    after, following = least_sure(annotator)
    assert annotator.subject.number == following
    assert number not in after
    assert after[following] < off[number], "the mark tells of the slices about it as well"


def test_from_the_least_sure_slice_the_key_leads_to_the_second_one(followed):
    annotator, _ = followed
    annotator.press("N")
    first = annotator.subject.number
    annotator.press("N")
    assert abs(annotator.subject.number - first) > 4
    assert f"slice {annotator.subject.number} (" in annotator.session.message


def test_where_the_root_cannot_be_seen_no_mark_is_asked_for(followed):
    annotator, _ = followed
    annotator.press("N")
    skipped = annotator.subject.number
    annotator.press("K", "Shift+Tab")
    assert annotator.subject.root == L3
    annotator.go_to(skipped + 1)
    annotator.press("N")
    assert annotator.subject.number != skipped


@pytest.mark.parametrize(("by_image", "pieces"), [(True, 1), (False, 6)])
def test_a_ring_is_broken_where_a_proposal_follows_from_the_marks_about_it(at_l3, by_image, pieces):
    annotator, truth = at_l3
    subject, number = annotator.subject, annotator.subject.number
    annotator.press("P")
    subject.display.view.centre_on(truth[number])
    subject.display.view.zoom_to(6.0)
    subject.proposals.clear()
    subject.proposals.put(Place(ROOTS, L3, number), truth[number], by_image=by_image)
    subject.draw_slice()
    subject.display.names.visible = False
    picture = annotator.red.picture().astype(int)
    colored = np.ptp(picture[..., :3], axis=-1) > 60  # the image is grey
    assert label(colored, structure=np.ones((3, 3)))[1] == pieces


@pytest.mark.parametrize("share", [0.85, 0.98])
def test_names_stay_outside_of_the_dura_where_it_fills_the_view(at_l3, truth, monkeypatch, share):
    """Nearly: of such a share of the view's width; the slice has no outline of its own, the one beside it counts."""
    annotator, _course = at_l3
    subject, number, written = annotator.subject, annotator.subject.number, []
    record = lambda _drawing, _plane, text, corner, height, _color: written.append((text, corner, height))  # noqa: E731
    monkeypatch.setattr(named_marks, "write", record)
    outline = truth.contours_by_slice("dura")[number].points
    subject.put(Place("dura", slice=number + 1), Mark.of(truth.contours_by_slice("dura")[number + 1].points))
    roots = [root for root in truth.roots if number in truth.root_by_slice(root)]
    for root in roots:
        subject.put(Place(ROOTS, root, number), Mark.of(truth.root_by_slice(root)[number]))
    subject.display.view.centre_on(outline.mean(axis=0))
    subject.display.view.zoom_to(np.ptp(outline[:, 0]) / share)
    written.clear()
    subject.draw_slice()
    names = [each for each in written if len(each[0]) > 1]  # but the letters of the sides
    sac = ViewPlane(annotator.red.node).flatten(outline)
    assert names
    assert all(text[:2] in {str(root)[:2] for root in roots} for text, *_ in names)
    for text, corner, height in names:
        ends = corner + np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]) * [text_width(text, height), height]
        assert not inside(sac, ends).any(), text


def test_a_dot_is_seen_under_its_mark(at_l3):
    annotator, truth = at_l3
    number, subject = annotator.subject.number, annotator.subject
    annotator.press("P")
    subject.display.view.centre_on(truth[number])
    subject.display.view.zoom_to(25.0)
    pixels_per_mm = annotator.red.size[0] / 25.0
    for root, edited in ((L3, True), (Root("L3", "R"), False)):
        subject.proposals.clear()
        subject.put(Place(ROOTS, root, number), Mark.of(truth[number]))
        picture = annotator.red.picture().astype(int)
        y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
        away = np.hypot(x - picture.shape[1] / 2, y - picture.shape[0] / 2) / pixels_per_mm
        covered = np.ptp(picture, axis=-1) > 60
        assert 0 < covered[away < 0.6].mean() < 0.4, f"edited: {edited}"
        beside = (away > 0.7) & (away < 1.6) & (np.abs(y - picture.shape[0] / 2) > 12)  # but for the line to its name
        assert not covered[beside].any(), "its neighbours"
        subject.undo()


def test_a_turned_view_is_said_and_put_back(at_l3):
    annotator, _ = at_l3
    annotator.red.node.SetOrientation("Sagittal")
    assert "turned" in annotator.subject.view_fault
    annotator.subject.display.show_ciss()
    assert annotator.subject.view_fault == ""


def test_another_volume_in_the_view_is_said(at_l3):
    annotator, _ = at_l3
    other = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
    annotator.red.composite.SetBackgroundVolumeID(other.GetID())
    assert "another image" in annotator.subject.view_fault
    annotator.subject.display.show_ciss()
    assert annotator.subject.view_fault == ""


def test_slicers_own_wheel_steps_through_the_slices_of_the_session(at_l3):
    annotator, _ = at_l3
    first = annotator.subject.number
    annotator.red.wheel(1)
    annotator.wait()
    assert abs(annotator.subject.number - first) == 1
