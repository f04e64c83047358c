"""The annotation as a segmentation that Slicer's own export to DICOM SEG takes: on which series, and read again."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import slicer
import vtk

from headless.application import start
from SpineRootLib.anatomy import ROOTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.label_maps.reading import read_marks

start()
from SpineRootAnnotatorLib.mask_intake import label_map_of  # noqa: E402
from SpineRootModelerLib.scene.one_subject import OneSubject, SubjectKey  # noqa: E402
from SpineRootModelerLib.surfaces.segmentation import show_segmentation  # noqa: E402
from SpineRootScene.volumes import volume_node  # noqa: E402

SUBJECT = SubjectKey(Path("/dataset"), "01")


@pytest.fixture(scope="module")
def truth(small_phantom):
    return Dataset.open(small_phantom).read("01")


@pytest.fixture
def images(scene, small_phantom):
    """The phantom's volumes by name."""
    return {name: volume_node(path, scene) for name, path in Dataset.open(small_phantom).images("01").items()}


def from_dicom(volume):
    """A volume as if Slicer had loaded it from its DICOM database, in a study."""
    volume.SetAttribute("DICOM.instanceUIDs", "1.2.3 1.2.4")
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    study = hierarchy.CreateStudyItem(hierarchy.GetSceneItemID(), "study")
    item = hierarchy.GetItemByDataNode(volume) or hierarchy.CreateItem(study, volume)
    hierarchy.SetItemParent(item, study)
    return hierarchy, study


def test_it_is_read_again_as_what_was_annotated_each_segment_under_its_name(scene, images, truth):
    node, said = show_segmentation(scene, truth, images["CISS"], SUBJECT)
    assert "for a PACS load the annotated series" in said
    read = read_marks([label_map_of(node)], Annotation("01", planes=truth.planes))
    assert sorted(read.roots) == sorted(truth.roots)
    number = truth.require_planes().number
    for root, points in read.roots.items():
        true = truth.root_by_slice(root)
        away = [
            np.linalg.norm(true[n] - point)
            for n, point in zip(number(points).tolist(), points, strict=True)
            if n in true
        ]
        assert len(away) > 10 and np.median(away) < 0.15


def test_every_segment_bears_the_codes_that_dicom_asks_for(scene, images, truth):
    node, _said = show_segmentation(scene, truth, images["CISS"], SUBJECT)
    segmentation, codes = node.GetSegmentation(), {}
    for index in range(segmentation.GetNumberOfSegments()):
        segment, tag = segmentation.GetNthSegment(index), slicer.vtkSegment.GetTerminologyEntryTagName()
        value = vtk.mutable("")
        assert segment.GetTag(tag, value)
        _context, category, kind = str(value).split("~")[:3]
        codes[segment.GetName()] = category.split("^")[:2], kind.split("^")[:2]
    assert codes["cord"] == (["SCT", "91723000"], ["SCT", "2748008"])
    assert codes["csf"] == (["SCT", "91720002"], ["SCT", "65216001"])
    assert codes[f"{ROOTS}_L3_L"] == (["SCT", "91723000"], ["SCT", "91728009"])


def test_the_annotated_series_from_dicom_is_taken_and_it_lies_in_its_study(scene, images, truth, monkeypatch):
    series = slicer.vtkSlicerVolumesLogic().CloneVolume(scene, images["CISS"], "series 7")
    hierarchy, study = from_dicom(series)
    node, said = show_segmentation(scene, truth, images["CISS"], SUBJECT)
    assert node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole()) is series
    item = hierarchy.GetItemByDataNode(node)
    assert hierarchy.GetItemParent(item) == study
    assert hierarchy.GetItemAttribute(item, "DICOM.ReferencedInstanceUIDs") == "1.2.3 1.2.4"
    assert said.endswith("This Slicer cannot write DICOM SEG: install the extension QuantitativeReporting.")
    monkeypatch.setattr(
        slicer, "modules", SimpleNamespace(dicomPlugins={"DICOMSegmentationPlugin": None}), raising=False
    )
    _node, said = show_segmentation(scene, truth, images["CISS"], SUBJECT)
    assert "right-click it, Export to DICOM" in said


def test_a_series_with_other_slices_is_not_taken_for_the_annotated_one(scene, images, truth):
    from_dicom(images["DESS"])
    node, said = show_segmentation(scene, truth, images["CISS"], SUBJECT)
    assert node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole()) is images["CISS"]
    assert "for a PACS load the annotated series" in said


def copied(scene, volume, name, instances="1.2.3", change=lambda voxels: voxels):
    """A series of other voxels on the grid of a volume."""
    series = slicer.vtkSlicerVolumesLogic().CloneVolume(scene, volume, name)
    slicer.util.updateVolumeFromArray(series, change(slicer.util.arrayFromVolume(volume)))
    from_dicom(series)
    series.SetAttribute("DICOM.instanceUIDs", instances)
    return series


def reference(node):
    return node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole())


def test_the_series_whose_voxels_were_annotated_is_told_from_another_on_the_same_slices(scene, images, truth):
    noise = np.random.default_rng(1)
    copied(scene, images["CISS"], "other echo", "1.1", lambda voxels: noise.permutation(voxels))
    coarse = copied(scene, images["CISS"], "coarse", "1.2", lambda voxels: voxels[:, ::2, ::2])
    coarse.SetSpacing([2 * each for each in coarse.GetSpacing()[:2]] + [coarse.GetSpacing()[2]])
    node, said = show_segmentation(scene, truth, images["CISS"], SUBJECT)
    assert reference(node) is images["CISS"] and "for a PACS load" in said
    scaled = copied(scene, images["CISS"], "annotated", "1.3", lambda voxels: 2.0 * voxels + 5.0)
    assert reference(show_segmentation(scene, truth, images["CISS"], SUBJECT)[0]) is scaled


def test_of_several_series_with_the_annotated_voxels_one_has_to_be_chosen(scene, images, truth):
    for name in ("first", "second"):
        copied(scene, images["CISS"], name, name)
    with pytest.raises(SpineRootError, match="Several series .*: first, second"):
        show_segmentation(scene, truth, images["CISS"], SUBJECT)


def test_a_segmentation_replaces_its_subject_s_earlier_one_and_leaves_the_view_with_the_subject(scene, images, truth):
    other = SubjectKey(SUBJECT.dataset, "02")
    kept, _said = show_segmentation(scene, truth, images["CISS"], other)
    for _press in range(2):
        node, _said = show_segmentation(scene, truth, images["CISS"], SUBJECT)
    nodes = scene.GetNodesByClass("vtkMRMLSegmentationNode")
    assert {nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())} == {kept, node}
    views = OneSubject(scene)
    views.show_alone(other, [], None, first=True)
    assert (kept.GetDisplayNode().GetVisibility(), node.GetDisplayNode().GetVisibility()) == (1, 0)
    views.show_alone(SUBJECT, [], None, first=True)
    assert (kept.GetDisplayNode().GetVisibility(), node.GetDisplayNode().GetVisibility()) == (0, 1)
