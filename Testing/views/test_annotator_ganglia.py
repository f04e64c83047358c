"""Ganglia on DESS, by clicks and keys."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from links import link_or_copy
from SpineRootLib.anatomy import GANGLIA, Root
from SpineRootLib.place import Place


@pytest.fixture
def at_ganglia(annotator, dataset):
    """The annotator in a subject that nobody has annotated: the ganglia come first."""
    annotator.open(dataset)
    assert annotator.subject.mode.name == "ganglia"
    return annotator


def click_ganglion(annotator, truth, offset=(0.0, 0.0, 0.0)):
    """Scroll the green view to the ganglion that is asked for, and click it."""
    ganglion = truth.ganglia[annotator.subject.root]
    annotator.green.node.JumpSliceByCentering(*ganglion)
    annotator.click(ganglion + offset, annotator.green)


def test_clicks_place_one_ganglion_after_the_other(at_ganglia, truth):
    for _ in range(14):
        click_ganglion(at_ganglia, truth)
    placed = at_ganglia.subject.annotation.ganglia
    assert set(placed) == set(truth.ganglia)
    assert all(np.linalg.norm(placed[root] - truth.ganglia[root]) < 1.5 for root in placed)


def test_a_click_beside_a_ganglion_snaps_to_its_middle(at_ganglia, truth):
    root = at_ganglia.subject.root
    click_ganglion(at_ganglia, truth, offset=(1.5, 0.0, 1.5))
    assert np.linalg.norm(at_ganglia.subject.annotation.ganglia[root] - truth.ganglia[root]) < 1.0


def test_without_snapping_a_click_stays_where_it_is(at_ganglia, truth):
    at_ganglia.session.settings.snap = False
    root = at_ganglia.subject.root
    click_ganglion(at_ganglia, truth, offset=(1.5, 0.0, 1.5))
    clicked = truth.ganglia[root] + [1.5, 0.0, 1.5]
    pixel_mm = at_ganglia.green.node.GetFieldOfView()[0] / at_ganglia.green.size[0]
    assert np.linalg.norm(at_ganglia.subject.annotation.ganglia[root] - clicked) <= 1.5 * pixel_mm  # its diagonal


def test_the_view_goes_to_where_the_next_ganglion_is_expected(at_ganglia, truth):
    for _ in range(5):
        click_ganglion(at_ganglia, truth)
    assert at_ganglia.subject.root == Root("L3", "R")
    expected = truth.ganglia[Root("L3", "R")]
    assert np.linalg.norm(at_ganglia.green.ras(at_ganglia.green.middle) - expected) < 8.0


def test_a_ganglion_that_cannot_be_seen_is_skipped_with_the_reason(at_ganglia):
    at_ganglia.subject.remark = "outside the image"
    at_ganglia.press("K")
    assert at_ganglia.subject.root == Root("L1", "R")
    record = at_ganglia.subject.annotation.provenance.at(Place(GANGLIA, Root("L1", "L")))
    assert (record["Flags"], record["Remark"]) == (["skipped"], "outside the image")


def test_any_ganglion_can_be_revisited_and_replaced(at_ganglia, truth):
    click_ganglion(at_ganglia, truth, offset=(0.0, 0.0, 20.0))
    at_ganglia.press("Shift+Tab")
    click_ganglion(at_ganglia, truth)
    root = Root("L1", "L")
    assert np.linalg.norm(at_ganglia.subject.annotation.ganglia[root] - truth.ganglia[root]) < 1.5


def test_it_works_without_dess_and_t2tse(annotator, small_phantom, tmp_path):
    images = Path("rawdata") / "sub-01" / "anat"
    (tmp_path / images).mkdir(parents=True)
    link_or_copy(tmp_path / images / "sub-01_CISS.nii.gz", small_phantom / images / "sub-01_CISS.nii.gz")
    shutil.copytree(small_phantom / "derivatives" / "markers", tmp_path / "derivatives" / "markers")
    annotator.open(tmp_path)
    assert list(annotator.subject.volumes) == ["CISS"]
    annotator.press("3")
    assert annotator.subject.mode.name == "roots"


def test_the_crosshair_shows_where_to_look_and_is_given_back(at_ganglia, truth, scene):
    crosshair = scene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
    assert crosshair.GetCrosshairMode() == crosshair.ShowBasic
    click_ganglion(at_ganglia, truth)
    at_ganglia.press("3")
    assert crosshair.GetCrosshairMode() == crosshair.NoCrosshair


def test_dess_and_t2tse_are_linked_for_as_long_as_ganglia_are_looked_for(annotator, dataset, side_by_side):
    dess, t2tse = side_by_side
    annotator.open(dataset)
    volumes = annotator.subject.volumes
    shown = [view.composite.GetBackgroundVolumeID() for view in side_by_side]
    assert shown == [volumes["DESS"].GetID(), volumes["T2TSE"].GetID()]
    t2tse.wheel(3)
    assert dess.node.GetSliceOffset() == pytest.approx(t2tse.node.GetSliceOffset())
    annotator.press("3")
    t2tse.wheel(3)
    assert abs(dess.node.GetSliceOffset() - t2tse.node.GetSliceOffset()) > 0.1
    assert [view.composite.GetLinkedControl() for view in side_by_side] == [0, 0]


def test_a_ganglion_is_placed_in_either_of_the_linked_views(annotator, dataset, truth, side_by_side):
    annotator.open(dataset)
    for view in side_by_side:
        root = annotator.subject.root
        view.node.JumpSliceByCentering(*truth.ganglia[root])
        annotator.click(truth.ganglia[root], view)
        assert np.linalg.norm(annotator.subject.annotation.ganglia[root] - truth.ganglia[root]) < 1.5


def coloured(view, ras, across_px=40):
    """How many pixels about a RAS point are coloured: the image is grey."""
    x, y = (round(value) for value in view.pixel(ras))
    picture = view.picture().astype(int)
    return int((np.ptp(picture[y - across_px : y + across_px, x - across_px : x + across_px], axis=-1) > 60).sum())


def test_placed_ganglia_stay_marked_and_named_in_the_views(at_ganglia, truth):
    at_ganglia.session.settings.snap = False
    first = at_ganglia.subject.root
    for _ in range(2):
        click_ganglion(at_ganglia, truth)
    at_ganglia.subject.display.crosshair.give_back()
    at_ganglia.green.node.JumpSliceByCentering(*truth.ganglia[first])
    seen = coloured(at_ganglia.green, truth.ganglia[first])
    assert seen > 30, "a mark and its name"
    at_ganglia.green.node.JumpSliceByCentering(*(truth.ganglia[first] + [0.0, 3.0, 0.0]))
    assert coloured(at_ganglia.green, truth.ganglia[first] + [0.0, 3.0, 0.0]) > 30, "also on the slice beside it"
    at_ganglia.press("Space")
    assert coloured(at_ganglia.green, truth.ganglia[first] + [0.0, 3.0, 0.0]) == 0


def test_the_sides_are_written_into_the_views(at_ganglia):
    from SpineRootScene.view_plane import ViewPlane

    at_ganglia.press("3")
    assert ViewPlane(at_ganglia.red.node).letters == ("R", "L"), "the subject's left is on the right"
    at_ganglia.red.node.SetOrientation("Sagittal")
    assert ViewPlane(at_ganglia.red.node).letters == ("A", "P")
    at_ganglia.subject.display.show_ciss()
    bare = at_ganglia.red.picture()
    above = bare[: bare.shape[0] // 4]
    assert (above[:, :30] == 255).all(axis=-1).sum() > 15
    assert (above[:, -30:] == 255).all(axis=-1).sum() > 15


def test_the_first_ganglia_lead_to_the_next_one_however_near_it_is(at_ganglia, truth):
    for _ in range(2):
        click_ganglion(at_ganglia, truth)
    at_ganglia.press("Q")
    subject = at_ganglia.subject
    proposal = subject.proposals.get(subject.place)
    assert np.linalg.norm(proposal.points[0] - truth.ganglia[Root("L2", "L")]) < 1.5
    assert f"({round(100 * proposal.confidence)} % sure)" in at_ganglia.session.status.text
    at_ganglia.press("A")
    assert Root("L2", "L") in subject.annotation.ganglia


def test_where_no_ganglion_is_seen_none_is_proposed_and_the_view_shows_where_it_is_expected(at_ganglia, truth):
    from SpineRootAnnotatorLib.work.marks import Mark

    subject, beside = at_ganglia.subject, truth.ganglia[Root("L1", "L")] + [18.0, 10.0, 0.0]
    subject.put(Place(GANGLIA, Root("L1", "L")), Mark.of(beside))  # in the muscle
    subject.go_to_place(Place(GANGLIA, Root("L2", "L")))
    at_ganglia.press("Q")
    assert not subject.proposals.has(subject.place)
    assert "No ganglion is seen where L2_L is expected" in at_ganglia.session.message
    expected = beside - [0.0, 0.0, 30.0]
    assert np.linalg.norm(at_ganglia.green.ras(at_ganglia.green.middle) - expected) < 2.0


def test_dess_and_t2tse_start_at_the_same_height(annotator, dataset, side_by_side):
    annotator.open(dataset)
    heights = [view.ras(view.middle)[2] for view in side_by_side]
    assert heights[0] == pytest.approx(heights[1], abs=1.0)


def test_a_missing_dess_is_said(annotator, small_phantom, tmp_path):
    images = Path("rawdata") / "sub-01" / "anat"
    (tmp_path / images).mkdir(parents=True)
    for name in ("CISS", "T2TSE"):
        file = images / f"sub-01_{name}.nii.gz"
        link_or_copy(tmp_path / file, small_phantom / file)
    annotator.open(tmp_path)
    assert annotator.session.message == "There is no DESS of this subject: ganglia are shown without it."
