"""A saved scene and a module that is left, with views in between."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from SpineRootLib.anatomy import Root


@pytest.fixture
def at_work(annotator, dataset, truth):
    """The annotator with one point on a slice in the middle of L3_L, zoomed in."""
    annotator.open(dataset)
    annotator.press("3", *["Tab"] * 4)
    annotator.go_to(24)
    annotator.click(truth.root_by_slice(Root("L3", "L"))[24])
    annotator.subject.view.zoom_to(21.0)
    annotator.wait()
    return annotator


@pytest.mark.parametrize("ending", ["mrb", "mrml"])
def test_a_saved_scene_opens_with_the_session_where_it_was(at_work, scene, tmp_path, ending):
    path = tmp_path / "saved" / f"scene.{ending}"
    path.parent.mkdir()
    assert slicer.util.saveScene(str(path))
    scene.Clear(0)
    assert not at_work.session.is_open
    slicer.util.loadScene(str(path))
    at_work.wait()
    subject = at_work.subject
    assert (subject.mode.name, subject.number, str(subject.root)) == ("roots", 25, "L3_L")
    assert list(subject.annotation.root_by_slice(subject.root)) == [24]
    assert at_work.red.node.GetFieldOfView()[0] == pytest.approx(21.0)
    assert subject.view_fault == ""


def test_a_scene_added_to_this_one_leaves_the_work_alone(at_work, scene, tmp_path):
    other = tmp_path / "other.mrml"
    assert slicer.util.saveScene(str(other))
    at_work.press("D", "D")
    scene.SetURL(str(other))
    scene.Import()
    at_work.wait()
    assert at_work.session.is_open
    assert list(at_work.subject.annotation.root_by_slice(Root("L3", "L"))) == [24]
    at_work.click(at_work.red.ras(at_work.red.middle))
    assert len(at_work.subject.annotation.roots[Root("L3", "L")]) == 2


def test_opening_again_shows_the_slice_as_it_was_left(at_work, dataset):
    seen = at_work.red.ras(at_work.red.middle)
    at_work.session.close()
    at_work.open(dataset)
    assert at_work.subject.number == 25
    assert at_work.red.node.GetFieldOfView()[0] == pytest.approx(21.0)
    assert np.allclose(at_work.red.ras(at_work.red.middle), seen, atol=0.05)


def test_the_slice_is_framed_as_before_after_a_visit_to_the_ganglia(at_work):
    seen = at_work.red.ras(at_work.red.middle)
    at_work.press("1")
    at_work.red.node.SetFieldOfView(80.0, 64.0, 1.0)
    at_work.press("3")
    assert at_work.red.node.GetFieldOfView()[0] == pytest.approx(21.0)
    assert np.allclose(at_work.red.ras(at_work.red.middle), seen, atol=0.05)


def test_an_image_that_the_user_deletes_is_loaded_again(at_work, scene, truth):
    root = Root("L3", "L")
    scene.RemoveNode(at_work.subject.volumes["CISS"])
    at_work.wait()
    volume = at_work.subject.volumes["CISS"]
    assert scene.IsNodePresent(volume)
    assert at_work.red.composite.GetBackgroundVolumeID() == volume.GetID()
    assert at_work.subject.view_fault == ""
    number = at_work.subject.number
    at_work.click(truth.root_by_slice(root)[number])
    assert sorted(at_work.subject.annotation.root_by_slice(root)) == [24, number]


def test_the_3d_view_looks_at_the_subject_once_it_is_opened_by_hand(at_work, three_d, truth):
    # one point is too little to look at: the image in which ganglia and sac lie
    at_work.session.look_in_space()
    box = np.zeros(6)
    at_work.subject.volumes["DESS"].GetRASBounds(box)
    assert np.allclose(three_d.camera.GetFocalPoint(), box.reshape(3, 2).mean(axis=1), atol=1e-6)
    annotation = at_work.subject.annotation
    for root, ganglion in truth.ganglia.items():
        annotation.set_ganglion(root, ganglion)
    at_work.subject.display.draw_space()
    at_work.session.look_in_space()
    marked = np.vstack([*truth.ganglia.values()])
    middle = (marked.min(axis=0) + marked.max(axis=0)) / 2
    assert np.allclose(three_d.camera.GetFocalPoint(), middle, atol=3.0)


def test_a_closed_scene_is_said_and_the_work_is_saved(at_work, scene, dataset):
    scene.Clear(0)
    assert at_work.session.message.startswith("The scene was closed: the work on sub-01 is saved")
    at_work.open(dataset)
    assert list(at_work.subject.annotation.root_by_slice(Root("L3", "L"))) == [24]


def test_images_are_not_loaded_twice_whatever_is_closed_saved_and_opened(at_work, scene, dataset, tmp_path):
    path = tmp_path / "saved" / "scene.mrb"
    path.parent.mkdir()
    assert slicer.util.saveScene(str(path))
    scene.Clear(0)
    slicer.util.loadScene(str(path))
    at_work.wait()
    at_work.session.close()
    at_work.open(dataset)
    volumes = scene.GetNodesByClass("vtkMRMLScalarVolumeNode")
    names = sorted(volumes.GetItemAsObject(index).GetName() for index in range(volumes.GetNumberOfItems()))
    assert names == ["sub-01_CISS", "sub-01_DESS", "sub-01_T2TSE"]


def test_roots_are_marked_from_near_once_the_dura_is_drawn(annotator, dataset, truth):
    from SpineRootAnnotatorLib.work.marks import Mark
    from SpineRootLib.place import Place

    annotator.open(dataset)
    annotator.press("2")
    annotator.subject.put(Place("dura", slice=24), Mark.of(truth.contours_by_slice("dura")[24].points))
    annotator.press("3")
    assert annotator.red.node.GetFieldOfView()[0] == pytest.approx(25.0)
    annotator.subject.view.zoom_to(30.0)
    annotator.press("2", "3")
    assert annotator.red.node.GetFieldOfView()[0] == pytest.approx(30.0), "as the annotator had it"
