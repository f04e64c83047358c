"""Contours of dura and cord on CISS, by clicks and keys."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from SpineRootAnnotatorLib.work.marks import Mark
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.curves import closed_curve, distance_to_polygon, perimeter
from SpineRootLib.place import Place
from SpineRootLib.tracing.proposals import ContourProposal


@pytest.fixture
def at_dura(annotator, dataset, truth):
    """The annotator on a slice in the middle, in the mode for contours; and the true contours of the dura."""
    annotator.open(dataset)
    annotator.press("2")
    annotator.go_to(20)
    return annotator, truth.contours_by_slice("dura")


def drawn(annotator):
    """Control points of the dura by slice."""
    return {number: each.points for number, each in annotator.subject.annotation.contours_by_slice("dura").items()}


def test_a_contour_is_proposed_from_one_click_inside_and_accepted_by_a_key(at_dura):
    annotator, truth = at_dura
    annotator.press("Q")
    annotator.click(truth[20].points.mean(axis=0))
    assert drawn(annotator) == {}, "a proposal is not yet marked"
    annotator.press("A")
    assert annotator.subject.number == 21
    found = drawn(annotator)[20]
    assert distance_to_polygon(truth[20].curve(), found).mean() < 0.5
    assert annotator.subject.annotation.provenance.at(Place("dura", slice=20))["Origin"] == "accepted"


def test_the_next_slice_is_proposed_from_the_one_before(at_dura):
    annotator, truth = at_dura
    annotator.press("Q")
    annotator.click(truth[20].points.mean(axis=0))
    annotator.press("A", "Q", "A")
    assert sorted(drawn(annotator)) == [20, 21]
    assert distance_to_polygon(truth[21].curve(), drawn(annotator)[21]).mean() < 0.5


def test_clicks_draw_a_contour_point_by_point(at_dura):
    annotator, truth = at_dura
    for point in truth[20].points[::4]:
        annotator.click(point)
    annotator.press("A")
    assert len(drawn(annotator)[20]) == len(truth[20].points[::4])
    assert annotator.subject.annotation.provenance.at(Place("dura", slice=20))["Origin"] == "placed"


def test_each_drawn_point_can_be_undone(at_dura):
    annotator, truth = at_dura
    for point in truth[20].points[:5]:
        annotator.click(point)
    annotator.press("Ctrl+Z")
    assert len(drawn(annotator)[20]) == 4


def test_a_contour_in_the_making_is_undone_and_redone_point_by_point(at_dura):
    annotator, truth = at_dura
    for point in truth[20].points[:4]:
        annotator.click(point)
    for left in (3, 2, 1, 0):
        annotator.press("Ctrl+Z")
        assert len(annotator.subject.contour.defined_points()) == left
    annotator.press("Ctrl+Y", "Ctrl+Y")
    assert len(annotator.subject.contour.defined_points()) == 2
    assert drawn(annotator) == {}, "two points are no contour"


def test_a_contour_in_the_making_is_gone_on_with_after_a_crash(at_dura, dataset):
    annotator, truth = at_dura
    for point in truth[20].points[:8:4]:
        annotator.click(point)
    begun = annotator.subject.contour.defined_points()
    on_disk = dataset / "derivatives" / "markers-C"
    shutil.copytree(on_disk, on_disk.with_name("markers-D"), ignore=shutil.ignore_patterns("*.lock"))
    annotator.open(dataset, "D")
    assert (annotator.subject.mode.name, annotator.subject.number) == ("contours", 20)
    assert np.allclose(annotator.subject.contour.defined_points(), begun)
    annotator.click(truth[20].points[8])
    assert len(drawn(annotator)[20]) == 3
    assert "Drafts" not in annotator.subject.annotation.provenance.document


def test_a_contour_in_the_making_is_listed_at_the_sign_off(at_dura):
    annotator, truth = at_dura
    annotator.click(truth[20].points[0])
    assert "The dura of slice 20 is only begun, with 1 of 3 points." in annotator.session.incomplete()


def test_a_drawn_contour_is_not_proposed_over(at_dura):
    annotator, truth = at_dura
    propose_and_accept(annotator, truth)
    before = drawn(annotator)[20]
    annotator.press("Q")
    assert "is marked here" in annotator.session.message
    annotator.press("C", "A")
    assert np.array_equal(drawn(annotator)[20], before)


def propose_and_accept(annotator, truth):
    annotator.press("Q")
    annotator.click(truth[20].points.mean(axis=0))
    annotator.press("A", "E")


def test_dragging_a_control_point_moves_that_point_alone_and_is_a_correction(at_dura):
    annotator, truth = at_dura
    propose_and_accept(annotator, truth)
    before = drawn(annotator)[20]
    annotator.drag(before[3], before[3] + [0.0, 2.0, 0.0])
    after = drawn(annotator)[20]
    moved = np.flatnonzero(np.linalg.norm(after - before, axis=1) > 1e-6)
    assert moved.tolist() == [3]
    assert annotator.subject.annotation.provenance.at(Place("dura", slice=20))["Origin"] == "corrected"


def test_a_whole_contour_cannot_be_dragged_away(at_dura):
    annotator, truth = at_dura
    propose_and_accept(annotator, truth)
    before = drawn(annotator)[20]
    annotator.drag(before[3], before[3] + [0.0, 5.0, 0.0], button="Middle")
    assert np.array_equal(drawn(annotator)[20], before)
    assert np.allclose(annotator.subject.contour.defined_points(), before)
    assert "single points" in annotator.session.message


def test_deleting_a_contour_is_one_key_and_one_undo(at_dura):
    annotator, truth = at_dura
    propose_and_accept(annotator, truth)
    before = drawn(annotator)[20]
    annotator.press("Shift+D")
    assert drawn(annotator) == {}
    annotator.press("Ctrl+Z")
    assert np.array_equal(drawn(annotator)[20], before)


def test_the_neighbour_is_copied_as_a_proposal_onto_the_plane_of_this_slice(at_dura):
    annotator, truth = at_dura
    propose_and_accept(annotator, truth)
    annotator.press("D", "C", "A")
    copied = drawn(annotator)[21]
    planes = annotator.subject.planes
    assert np.allclose(planes.flatten(copied), planes.flatten(drawn(annotator)[20]))
    assert np.allclose(planes.off_plane(copied), 0.0, atol=1e-9)


def test_slices_between_drawn_contours_are_filled_as_the_image_has_them(at_dura):
    annotator, truth = at_dura
    annotator.subject.put(Place("dura", slice=12), Mark.of(truth[12].points))
    annotator.subject.put(Place("dura", slice=24), Mark.of(truth[24].points))
    annotator.go_to(13)
    annotator.press("Shift+C")
    assert annotator.session.message == "Contours proposed between drawn ones: 11."
    annotator.press("Shift+A")
    assert sorted(drawn(annotator)) == list(range(12, 25))
    off = [
        distance_to_polygon(truth[number].curve(), closed_curve(drawn(annotator)[number])) for number in range(13, 24)
    ]
    assert np.concatenate(off).mean() < 0.08


def test_contours_that_follow_from_the_drawn_ones_alone_are_broken_lines_and_said(at_dura):
    annotator, truth = at_dura
    subject = annotator.subject
    subject.proposals.make_tracer = lambda: None
    for number in (12, 24):
        subject.put(Place("dura", slice=number), Mark.of(truth[number].points))
    annotator.press("Shift+C")
    assert "Of these follow from the drawn ones, not from the image: 11." in annotator.session.message
    for mode in ("2", "3"):  # over the curve that is edited, and where that is put away
        annotator.press(mode)
        annotator.go_to(18)
        dashes = subject.display.on_slice.node.GetPolyData().GetNumberOfLines()
        assert dashes == pytest.approx(perimeter(truth[18].curve()) / (2 * subject.display.look.dash_mm), rel=0.1)
    annotator.press("2", "A", "E")
    assert subject.display.on_slice.node.GetPolyData().GetNumberOfLines() == 0, "accepted, it is the curve alone"


class LeakingTracer:
    """Sure of a dura that runs 2.3 mm outside of the true one where that lies farthest to the left."""

    def __init__(self, truth):
        self.truth = truth

    def propose_contour(self, structure, number, *_known):
        points = self.truth[number].points.copy()
        outwards = points - points.mean(axis=0)
        left = outwards[:, 0] < 0.6 * outwards[:, 0].min()
        points[left] += 2.3 * outwards[left] / np.linalg.norm(outwards[left], axis=1, keepdims=True)
        return ContourProposal(points, 0.98, "", structure, number)


def test_a_dura_that_leaked_out_is_a_broken_line_is_said_and_no_run_takes_it(at_dura):
    annotator, truth = at_dura
    subject = annotator.subject
    subject.put(Place("dura", slice=20), Mark.of(truth[20].points))
    subject.proposals.make_tracer = lambda: LeakingTracer(truth)
    annotator.press("D", "Q")
    assert subject.display.on_slice.node.GetPolyData().GetNumberOfLines() > 10, "dashes"
    assert "is not sure" in annotator.session.status.text
    assert "farther out than the dura on slice 20" in annotator.session.status.text
    annotator.press("Shift+A")
    assert sorted(drawn(annotator)) == [20]
    annotator.press("A")
    assert sorted(drawn(annotator)) == [20, 21], "who sees that it is right accepts it"


def test_every_tenth_contour_is_asked_for_by_a_click_and_those_between_are_filled(at_dura):
    annotator, truth = at_dura
    for number in (20, 30):
        annotator.go_to(number)
        annotator.press("Q")
        assert "lick inside of" in annotator.session.status.text
        annotator.click(truth[number].points.mean(axis=0))
        assert annotator.subject.proposals.has(Place("dura", slice=number)), "the click seeds a proposal, draws nothing"
        assert "proposed" in annotator.session.status.text
        annotator.press("A")
    assert sorted(drawn(annotator)) == [20, 30]
    annotator.press("Shift+C")
    annotator.go_to(21)
    annotator.press("Shift+A")
    assert sorted(drawn(annotator)) == list(range(20, 31))
    assert annotator.session.status.text == "Slices accepted: 9. Nothing is proposed on slice 31."
    annotator.press("E")
    assert "Above slice 20 it is still open: E goes up" in annotator.session.status.text


def test_where_no_contour_is_found_it_is_said_what_to_do(at_dura):
    annotator, truth = at_dura
    annotator.press("Tab", "Q")
    annotator.click(truth[20].points.mean(axis=0) + [60.0, 0.0, 0.0])
    assert "Draw it click by click, or propose a copy of a neighbour's" in annotator.session.message
    for point in truth[20].points[::6]:
        annotator.click(point)
    assert len(annotator.subject.annotation.contours_by_slice("cord")) == 1, "clicks draw now"


def test_the_cord_is_annotated_the_same_way(at_dura, truth):
    annotator, _ = at_dura
    cord = truth.contours_by_slice("cord")[20]
    annotator.press("Tab", "Q")
    annotator.click(cord.points.mean(axis=0))
    annotator.press("A")
    found = annotator.subject.annotation.contours_by_slice("cord")[20].points
    assert distance_to_polygon(cord.curve(), found).mean() < 0.5


def test_the_view_follows_the_sac_from_slice_to_slice(at_dura):
    annotator, truth = at_dura
    for number in (20, 30):
        moved = truth[number].points + ([0.0, 4.0, 0.0] if number == 30 else 0.0)
        annotator.subject.put(Place("dura", slice=number), Mark.of(moved))
    contours = annotator.subject.index.contours["dura"]
    flat = {n: annotator.subject.planes.flatten(points) for n, points in contours.items()}
    middles = {n: (points.min(axis=0) + points.max(axis=0)) / 2 for n, points in flat.items()}
    seen = annotator.subject.planes.flatten(annotator.red.ras(annotator.red.middle))[0]
    annotator.subject.go_to(30)
    seen_there = annotator.subject.planes.flatten(annotator.red.ras(annotator.red.middle))[0]
    assert np.allclose(seen_there - seen, middles[30] - middles[20], atol=1e-6)


def test_contours_of_a_label_map_are_accepted_or_corrected_like_any_proposal(annotator, dataset, truth):
    read = Annotation("01", "C", truth.planes)
    for number in range(20, 24):
        read.set_contour("dura", number, truth.contours_by_slice("dura")[number].points)
        read.provenance.set_at(Place("dura", slice=number), {"Flags": ["proposed"], "LabelMap": "canal.nii.gz"})
    write_annotation(dataset / "derivatives" / "markers-C", read, durable=False)
    annotator.open(dataset)
    annotator.press("2")
    annotator.go_to(20)
    annotator.press("A")
    annotator.wait()
    annotator.subject.mode.contour_changed(drawn(annotator)[21] + [0.3, 0.0, 0.0])
    provenance = annotator.subject.annotation.provenance
    records = [provenance.at(Place("dura", slice=number)) for number in range(20, 23)]
    assert [each.get("Origin") for each in records] == ["accepted", "corrected", None]
    assert {each["LabelMap"] for each in records} == {"canal.nii.gz"}
    annotator.go_to(22)
    annotator.press("Shift+A")
    assert provenance.at(Place("dura", slice=23)) == {"Origin": "accepted", "LabelMap": "canal.nii.gz"}
