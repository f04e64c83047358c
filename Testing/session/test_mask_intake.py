"""Masks imported in the Annotator: from a file, from a segmentation of the scene, undone, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk

from headless.application import start
from SpineRootLib.anatomy import CORD, DURA, ROOTS, Root
from SpineRootLib.annotation_files import read_annotation
from SpineRootLib.curves import centroid
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.images import Image, read_frame, write_image
from SpineRootLib.labels import label_map
from SpineRootLib.place import Place
from SpineRootLib.regions import root_region
from two_annotators import link_or_copy

start()
from SpineRootAnnotatorLib.mask_intake import MaskChoice, import_masks, told  # noqa: E402

L3 = Root("L3", "L")
CISS = "rawdata/sub-01/anat/sub-01_CISS.nii.gz"


@pytest.fixture(scope="module")
def masks(small_phantom):
    """The true label map of the phantom on the voxels of its CISS image."""
    frame = read_frame(small_phantom / CISS)
    return Image(label_map(frame, Dataset.open(small_phantom).read("01")), frame.affine)


@pytest.fixture
def dataset(small_phantom, tmp_path):
    """The phantom's images, annotated by nobody."""
    link_or_copy(tmp_path / "rawdata", small_phantom / "rawdata")
    return tmp_path


@pytest.fixture
def opened(session, dataset):
    session.open(dataset, "01", "A")
    return session


def segmentation(scene, masks, names):
    """A segmentation with a segment of each name, for the labels that it stands for."""
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "drawn")
    for name, label in names.items():
        node.GetSegmentation().AddSegment(_segment(name, masks.voxels == label, masks.affine))
    return node


def _segment(name, mask, affine):
    box = slicer.vtkOrientedImageData()
    low, high = np.argwhere(mask).min(axis=0), np.argwhere(mask).max(axis=0)
    box.SetExtent(*np.stack([low, high], axis=1).ravel().tolist())
    part = mask[tuple(slice(first, last + 1) for first, last in zip(low, high, strict=True))]
    box.GetPointData().SetScalars(numpy_to_vtk(part.astype(np.uint8).ravel(order="F"), deep=True))
    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy(affine.ravel())
    box.SetImageToWorldMatrix(matrix)
    segment = slicer.vtkSegment()
    segment.SetName(name)
    segment.AddRepresentation(slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName(), box)
    return segment


def proposals(session, places):
    """What is proposed in some places, by number."""
    found = {number: session.subject.proposals.get(place) for number, place in places.items()}
    return {number: each for number, each in found.items() if each is not None}


def off(session, truth, structure):
    """How far proposed contours' centres lie from the true ones, mm, largest of all."""
    planes, true = session.subject.planes, truth.contours_by_slice(structure)
    proposed = proposals(session, {number: Place(structure, slice=number) for number in true})
    assert len(proposed) > 0.9 * len(true)
    centres = [
        centroid(planes.flatten(each.points)) - centroid(planes.flatten(true[number].points))
        for number, each in proposed.items()
    ]
    return np.linalg.norm(centres, axis=1).max()


def test_a_file_becomes_proposals_that_one_undo_takes_back(opened, masks, tmp_path, small_phantom):
    path = write_image(tmp_path / "sub-01_labels.nii.gz", masks)
    result = import_masks(opened, MaskChoice(path, table="spineroot"))
    assert set(result.counts) == {DURA, CORD, ROOTS}
    assert told(result)[0].startswith("Proposed: dura ")
    truth = Dataset.open(small_phantom).read("01")
    assert off(opened, truth, DURA) < 0.5
    place = Place(ROOTS, L3, 24)
    assert opened.subject.mark(place) is None
    opened.subject.go_to_place(place)
    assert "L3_L is proposed by sub-01_labels.nii.gz (ring)" in opened.status.text
    assert opened.subject.confirmed.is_empty
    opened.perform("undo")
    assert not opened.subject.proposals.has(place)
    assert opened.subject.annotation.is_empty


def test_the_hint_names_the_file_claims_no_certainty_and_it_is_saved_as_proposed(opened, masks, tmp_path, dataset):
    path = write_image(tmp_path / "sub-01_cord.nii.gz", cord_of(masks))
    import_masks(opened, MaskChoice(path, table="sct-cord"))
    opened.subject.go_to_place(Place(CORD, slice=4))
    assert "The cord is proposed by sub-01_cord.nii.gz:" in opened.status.text
    opened.close()
    saved = read_annotation(dataset / "derivatives/markers-A", "01")
    assert saved.provenance.at(Place(CORD, slice=4)) == {"Flags": ["proposed"], "LabelMap": "sub-01_cord.nii.gz"}
    assert saved.provenance.document["LabelMaps"][0]["Table"] == "sct-cord"


def test_a_model_s_doubt_is_kept_where_its_probabilities_lie_beside_the_file(opened, masks, tmp_path, dataset):
    path, sure = write_image(tmp_path / "sub-01_cord.nii.gz", cord_of(masks)), Place(CORD, slice=5)
    probability = np.full(masks.voxels.shape, 0.95, dtype=np.float32)
    probability[:, :, np.unique(np.argwhere(slice_of(opened, masks, 4))[:, 2])] = 0.4
    write_image(tmp_path / "sub-01_cord_confidence.nii.gz", Image(probability, masks.affine))
    import_masks(opened, MaskChoice(path, table="sct-cord"))
    doubted = Place(CORD, slice=4)
    assert opened.subject.proposals.get(doubted).confidence == pytest.approx(0.4)
    assert opened.subject.proposals.get(sure).confidence == pytest.approx(0.95)
    opened.close()
    saved = read_annotation(dataset / "derivatives/markers-A", "01").provenance
    assert saved.at(doubted) == {"Flags": ["proposed"], "LabelMap": "sub-01_cord.nii.gz", "Confidence": 0.4}


def cord_of(masks):
    return Image((masks.voxels == 1).astype(np.uint8), masks.affine)


def slice_of(session, masks, number):
    """The voxels of a label map that lie on a slice of the image."""
    index = np.moveaxis(np.indices(masks.voxels.shape), 0, -1).reshape(-1, 3)
    return (session.subject.planes.number(masks.ras_of(index)) == number).reshape(masks.voxels.shape)


def test_a_proposed_ganglion_is_not_said_to_be_sure(opened, masks):
    place, label = Place("ganglions", L3), root_region(L3).number
    node = segmentation(slicer.mrmlScene, masks, {"ganglion L3 left": label})
    import_masks(opened, MaskChoice(node=node))
    opened.subject.go_to_place(place)
    assert "The ganglion of L3_L is proposed by drawn:" in opened.status.text
    assert "% sure" not in opened.status.text
    assert "ganglion" in " ".join(opened.incomplete())


def test_a_segmentation_of_the_scene_is_read_by_the_names_of_its_segments(opened, scene, masks, small_phantom):
    names = {"spinal cord": 1, "CSF": 2, "L3 left": root_region(L3).number}
    result = import_masks(opened, MaskChoice(node=segmentation(scene, masks, names)))
    assert result.counts.keys() == {DURA, CORD, ROOTS}
    truth = Dataset.open(small_phantom).read("01")
    assert off(opened, truth, CORD) < 0.5
    course = truth.root_by_slice(L3)
    proposed = proposals(opened, {number: Place(ROOTS, L3, number) for number in course})
    assert len(proposed) > 10
    assert np.median([np.linalg.norm(each.points[0] - course[number]) for number, each in proposed.items()]) < 0.3


def test_what_is_marked_stays_and_is_counted(opened, scene, masks):
    first = import_masks(opened, MaskChoice(node=segmentation(scene, masks, {"cord": 1})))
    opened.subject.go_to_place(Place(CORD, slice=4))
    opened.perform("accept")
    mine = opened.subject.mark(Place(CORD, slice=4)).points.copy()
    again = import_masks(opened, MaskChoice(node=scene.GetFirstNodeByName("drawn")))
    assert (again.kept, again.counts[CORD]) == (1, first.counts[CORD] - 1)
    np.testing.assert_array_equal(opened.subject.mark(Place(CORD, slice=4)).points, mine)
    assert opened.subject.mark(Place(CORD, slice=4)).record["LabelMap"] == "drawn"


def test_a_tracer_rests_on_what_is_confirmed_alone(opened, scene, masks):
    import_masks(opened, MaskChoice(node=segmentation(scene, masks, {"cord": 1, "L3 left": root_region(L3).number})))
    opened.subject.go_to_place(Place(CORD, slice=4))
    opened.perform("accept")
    confirmed = opened.subject.confirmed
    assert list(confirmed.contours_by_slice(CORD)) == [4]
    assert confirmed.roots == {}
    assert len(opened.subject.annotation.roots) == 1


@pytest.mark.parametrize(
    ("names", "labels", "said"),
    [
        ({"Segment_1": 1, "Segment_2": 2}, "", "drawn: has the segments Segment_1, Segment_2: name them"),
        ({}, "", "drawn: has no segments"),
        ({"Segment_1": 1}, "1=knee", "'knee' names nothing such as cord"),
        ({"Segment_1": 1}, "2=cord", "drawn: holds the labels 1, of which the table '--label' does not know 1"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence_and_nothing_is_proposed(opened, scene, masks, names, labels, said):
    with pytest.raises(SpineRootError) as raised:
        import_masks(opened, MaskChoice(node=segmentation(scene, masks, names), labels=labels))
    assert said in str(raised.value)
    assert opened.subject.annotation.is_empty


def test_a_moved_segmentation_is_refused(opened, scene, masks):
    node, shift = segmentation(scene, masks, {"cord": 1}), vtk.vtkMatrix4x4()
    shift.SetElement(0, 3, 5.0)
    transform = scene.AddNewNodeByClass("vtkMRMLTransformNode")
    transform.SetMatrixTransformToParent(shift)
    node.SetAndObserveTransformNodeID(transform.GetID())
    with pytest.raises(SpineRootError, match="is moved by a transform"):
        import_masks(opened, MaskChoice(node=node))


def test_nothing_is_imported_where_nothing_is_open_or_chosen(session, opened, dataset):
    with pytest.raises(SpineRootError, match="Choose a file, or a segmentation"):
        import_masks(opened, MaskChoice())
    with pytest.raises(SpineRootError, match="is an image of sub-02"):
        import_masks(opened, MaskChoice(dataset / "sub-02_cord.nii.gz", table="sct-cord"))
    session.close()
    with pytest.raises(SpineRootError, match="No subject is open"):
        import_masks(session, MaskChoice())
