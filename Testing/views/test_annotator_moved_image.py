"""An image under a transform is seen elsewhere than its file says: nothing is saved beside it."""

from __future__ import annotations

import numpy as np
import pytest
import slicer
import vtk

from SpineRootLib.anatomy import Root

ROOT = Root("L3", "L")
IMAGES = ("CISS", "DESS")
SHIFT = np.array([7.0, 0.0, 0.0])


@pytest.fixture
def moved(scene):
    """A transform by 7 mm."""
    matrix = vtk.vtkMatrix4x4()
    matrix.SetElement(0, 3, SHIFT[0])
    node = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    node.SetMatrixTransformToParent(matrix)
    return node


def put_under(annotator, image, transform):
    annotator.subject.volumes[image].SetAndObserveTransformNodeID(transform.GetID() if transform else None)
    annotator.wait()


def placed_points(annotator):
    return annotator.subject.point.defined_points()


@pytest.fixture
def at_roots(annotator, dataset):
    annotator.open(dataset)
    annotator.press("3", *["Tab"] * 4)
    annotator.go_to(24)
    return annotator


def test_a_click_on_a_moved_ciss_is_refused_with_a_sentence(at_roots, moved, truth):
    there = truth.root_by_slice(ROOT)[24]
    put_under(at_roots, "CISS", moved)
    assert "CISS is under a transform" in at_roots.subject.view_fault
    at_roots.click(there + SHIFT)
    assert at_roots.subject.annotation.root_by_slice(ROOT) == {}
    assert "CISS is under a transform" in at_roots.session.message
    assert len(placed_points(at_roots)) == 0, "the point that was clicked is taken back"
    assert at_roots.subject.work.history.done == []


def test_it_is_saved_where_it_lies_once_the_image_is_taken_out(at_roots, moved, truth):
    there = truth.root_by_slice(ROOT)[24]
    put_under(at_roots, "CISS", moved)
    at_roots.click(there + SHIFT)
    put_under(at_roots, "CISS", None)
    assert at_roots.subject.view_fault == ""
    at_roots.click(there)
    assert np.linalg.norm(at_roots.subject.annotation.root_by_slice(ROOT)[24] - there) < 1.5


def test_a_point_that_is_dragged_on_a_moved_image_stays_where_it_was(at_roots, moved, truth):
    there = truth.root_by_slice(ROOT)[24]
    at_roots.click(there)
    before = at_roots.subject.annotation.root_by_slice(ROOT)[24]
    at_roots.go_to(24)
    put_under(at_roots, "CISS", moved)
    at_roots.subject.mode.subject.point._on_moved(before + [2.0, 0.0, 0.0])
    assert np.allclose(at_roots.subject.annotation.root_by_slice(ROOT)[24], before)
    assert np.allclose(placed_points(at_roots), [before])


def test_a_click_on_an_image_that_was_moved_for_good_is_refused_and_taken_once_it_is_loaded_again(
    at_roots, moved, truth, scene
):
    there = truth.root_by_slice(ROOT)[24]
    put_under(at_roots, "CISS", moved)
    at_roots.subject.volumes["CISS"].HardenTransform()
    at_roots.wait()
    assert at_roots.subject.view_fault.startswith("CISS lies elsewhere than its file says")
    at_roots.click(there + SHIFT)
    assert at_roots.subject.annotation.root_by_slice(ROOT) == {}
    scene.RemoveNode(at_roots.subject.volumes["CISS"])
    at_roots.wait()
    at_roots.click(there)
    assert np.linalg.norm(at_roots.subject.annotation.root_by_slice(ROOT)[24] - there) < 1.5


def test_a_file_that_the_user_loaded_and_moved_is_loaded_again(annotator, dataset, moved):
    loaded = [slicer.util.loadVolume(str(dataset / f"rawdata/sub-01/anat/sub-01_{name}.nii.gz")) for name in IMAGES]
    loaded[0].SetAndObserveTransformNodeID(moved.GetID())
    loaded[0].HardenTransform()
    annotator.open(dataset)
    assert annotator.subject.volumes["CISS"] is not loaded[0]
    assert annotator.subject.volumes["DESS"] is loaded[1], "what was left alone is not loaded twice"
    annotator.press("3")
    assert annotator.subject.view_fault == ""


def test_a_transform_that_does_nothing_is_none(at_roots, scene, truth):
    there = truth.root_by_slice(ROOT)[24]
    put_under(at_roots, "CISS", scene.AddNewNodeByClass("vtkMRMLLinearTransformNode"))
    assert at_roots.subject.view_fault == ""
    at_roots.click(there)
    assert np.linalg.norm(at_roots.subject.annotation.root_by_slice(ROOT)[24] - there) < 1.5


def test_an_image_that_is_bent_is_refused(at_roots, scene, truth):
    bent = scene.AddNewNodeByClass("vtkMRMLBSplineTransformNode")
    transform = vtk.vtkThinPlateSplineTransform()
    transform.SetBasisToR()
    points = [[0.0, 0.0, 0.0], [50.0, 0.0, 0.0], [0.0, 50.0, 0.0], [0.0, 0.0, 50.0]]
    for setter, shift in ((transform.SetSourceLandmarks, 0.0), (transform.SetTargetLandmarks, 5.0)):
        landmarks = vtk.vtkPoints()
        for point in points:
            landmarks.InsertNextPoint(point[0] + shift * (point[1] > 0), *point[1:])
        setter(landmarks)
    bent.SetAndObserveTransformToParent(transform)
    put_under(at_roots, "CISS", bent)
    at_roots.click(truth.root_by_slice(ROOT)[24])
    assert at_roots.subject.annotation.root_by_slice(ROOT) == {}


def test_a_contour_that_is_drawn_on_a_moved_image_is_refused(annotator, dataset, moved, truth):
    annotator.open(dataset)
    annotator.press("2")
    annotator.go_to(20)
    put_under(annotator, "CISS", moved)
    for point in truth.contours_by_slice("dura")[20].points[:4]:
        annotator.click(point + SHIFT)
    assert annotator.subject.annotation.is_empty
    assert "CISS is under a transform" in annotator.session.message
    assert annotator.subject.contour.defined_points().shape == (0, 3)


@pytest.mark.parametrize("image", ["DESS", "T2TSE"])
def test_a_ganglion_on_a_moved_image_is_refused(annotator, dataset, moved, truth, image):
    annotator.open(dataset)
    root = annotator.subject.root
    ganglion = truth.ganglia[root]
    put_under(annotator, image, moved)
    annotator.green.node.JumpSliceByCentering(*ganglion)
    annotator.click(ganglion, annotator.green)
    assert annotator.subject.annotation.ganglia == {}
    assert f"{image} is under a transform" in annotator.session.message
    assert annotator.subject.root == root
    put_under(annotator, image, None)
    annotator.click(ganglion, annotator.green)
    assert np.linalg.norm(annotator.subject.annotation.ganglia[root] - ganglion) < 1.5


def test_roots_are_marked_on_ciss_whatever_moves_the_other_images(at_roots, moved, truth):
    there = truth.root_by_slice(ROOT)[24]
    put_under(at_roots, "T2TSE", moved)
    assert at_roots.subject.view_fault == ""
    at_roots.click(there)
    assert np.linalg.norm(at_roots.subject.annotation.root_by_slice(ROOT)[24] - there) < 1.5
