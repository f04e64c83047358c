"""One patient in the picture: what belongs to others is not seen beside the subject that is open."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import slicer

from SpineRootLib.dataset import Dataset
from SpineRootModelerLib.compare.rater_palette import rater_color
from SpineRootModelerLib.session import ModelSession
from two_annotators import put
from two_subjects import add_subject


@pytest.fixture
def session(scene, red, green, two_annotators):  # noqa: ARG001
    add_subject(two_annotators, "02")
    opened = ModelSession(scene)
    opened.open(two_annotators, "01", "A")
    yield opened
    opened.shut_down()


@pytest.fixture
def built(scene, red, green, two_annotators):  # noqa: ARG001
    """Two subjects of one root each, which are built in a moment; the surfaces of 01 are shown."""
    for label in ("A", "B"):
        annotation = Dataset.open(two_annotators).read("01", label)
        annotation.roots = dict(list(annotation.roots.items())[:1])
        shutil.rmtree(two_annotators / "derivatives" / f"markers-{label}")
        put(two_annotators, label, annotation, signed_off=True)
    add_subject(two_annotators, "02")
    opened = ModelSession(scene)
    opened.open(two_annotators, "01", "A")
    opened.build()
    yield opened
    opened.shut_down()


def seen(scene):
    """Of which subjects surfaces are seen."""
    nodes = scene.GetNodesByClass("vtkMRMLModelNode")
    models = [nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())]
    return {
        node.GetName().partition("_")[0]
        for node in models
        if node.GetName().startswith("sub-") and node.GetDisplayVisibility()
    }


def volume(subject, image):
    """The node of an image."""
    nodes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    return next(node for node in nodes if f"sub-{subject}_" in node.GetName() and image in node.GetName())


def drawn(view, color):
    """How many pixels of a view's picture have about a colour."""
    return int((np.abs(view.picture().astype(float) - 255 * np.array(color)).max(axis=2) < 12).sum())


def file_of(volume_id):
    """Name of the file that a view shows; None for nothing."""
    volume = slicer.mrmlScene.GetNodeByID(volume_id) if volume_id else None
    return None if volume is None else volume.GetStorageNode().GetFileName().rpartition("/")[2]


def test_the_surfaces_of_the_subject_before_are_not_seen_beside_the_next_ones(built, scene, two_annotators):
    assert seen(scene) == {"sub-01"}
    built.open(two_annotators, "02", "A")
    assert seen(scene) == set()
    built.build()
    assert seen(scene) == {"sub-02"}


def test_the_surfaces_of_a_subject_that_is_opened_again_are_seen_again_but_for_those_that_the_user_hid(
    built, scene, two_annotators
):
    slicer.util.getNode("sub-01_cord").GetDisplayNode().SetVisibility(False)
    built.open_subject(two_annotators, "02")
    built.open_subject(two_annotators, "01")
    assert seen(scene) == {"sub-01"}
    assert not slicer.util.getNode("sub-01_cord").GetDisplayNode().GetVisibility()


def test_a_segmentation_is_not_seen_beside_the_next_subject(built, two_annotators):
    node = built.show_segmentation()
    assert node.GetDisplayNode().GetVisibility()
    built.open(two_annotators, "02", "A")
    assert not node.GetDisplayNode().GetVisibility()


def test_a_subject_of_the_same_label_in_another_dataset_is_somebody_else(built, scene, two_annotators, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(two_annotators, other, symlinks=True)
    first = slicer.util.getNode("sub-01_dura")
    built.open(other, "01", "B")
    assert seen(scene) == set()
    built.build()
    assert seen(scene) == {"sub-01"}
    assert first not in built.nodes
    assert not first.GetDisplayNode().GetVisibility()


def test_every_slice_view_shows_the_subject_that_is_open(session, green, red, two_annotators):
    green.show_volume(volume("01", "CISS"))
    session.open_subject(two_annotators, "02")
    for view in (red, green):
        assert file_of(view.composite.GetBackgroundVolumeID()).startswith("sub-02_"), view
        assert view.composite.GetForegroundVolumeID() is None


def test_a_view_is_empty_rather_than_on_another_patient(session, green, red, two_annotators):
    green.show_volume(volume("01", "CISS"))
    shutil.rmtree(two_annotators / "rawdata" / "sub-02")
    session.open_subject(two_annotators, "02")
    assert [file_of(view.composite.GetBackgroundVolumeID()) for view in (red, green)] == [None, None]


def test_another_image_of_the_same_subject_stays_in_a_view_while_annotators_are_compared(
    session, green, two_annotators
):
    dess = volume("01", "DESS")
    green.show_volume(dess)
    session.open_subject(two_annotators, "01")
    session.compare(["A", "B"])
    assert green.composite.GetBackgroundVolumeID() == dess.GetID()


def test_another_patient_whom_a_view_shows_meanwhile_leaves_it_when_the_module_is_entered(session, green):
    stranger = slicer.util.addVolumeFromArray(np.zeros((2, 2, 2)))
    stranger.SetAndObserveStorageNodeID(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLVolumeArchetypeStorageNode").GetID())
    stranger.GetStorageNode().SetFileName("/elsewhere/sub-07/anat/sub-07_CISS.nii.gz")
    green.show_volume(stranger)
    session.leave(annotating=False)
    session.enter()
    assert file_of(green.composite.GetBackgroundVolumeID()) != "sub-07_CISS.nii.gz"


def test_no_mark_of_the_subject_before_is_drawn(session, red, two_annotators):
    session.compare(["A", "B"])
    session.comparison.discuss(0)
    colors = [rater_color(("A", "B"), label) for label in ("A", "B")]
    assert all(drawn(red, color) > 20 for color in colors)
    session.open_subject(two_annotators, "02")
    assert [drawn(red, color) for color in colors] == [0, 0]
