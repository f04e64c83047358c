"""An annotation as a segmentation of the scene, ready for Slicer's own export to DICOM SEG."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray
from vtk.util.numpy_support import numpy_to_vtk

from SpineRootLib.annotation import Annotation
from SpineRootLib.errors import SpineRootError
from SpineRootLib.images import Image
from SpineRootLib.label_maps.dicom_codes import terminology
from SpineRootLib.labels import LabelSettings, label_map
from SpineRootLib.learning.label_numbers import LabelNumbers
from SpineRootLib.progress import Progress
from SpineRootLib.translation import _
from SpineRootModelerLib.scene.one_subject import SubjectKey
from SpineRootModelerLib.surfaces.annotated_series import INSTANCES, annotated_series
from SpineRootModelerLib.surfaces.surface_nodes import PART
from SpineRootScene.volumes import image_of

# of what refers to volumes that Slicer loaded from its DICOM database
_REFERENCED = "DICOM.ReferencedInstanceUIDs"
# what a segmentation is of a subject
_SEGMENTATION = "segmentation"
_PLUGIN = "DICOMSegmentationPlugin"


def show_segmentation(
    scene: Any,
    annotation: Annotation,
    ciss: Any,
    subject: SubjectKey,
    settings: LabelSettings | None = None,
    progress: Progress | None = None,
) -> tuple[Any, str]:
    """Make a segmentation on the voxels of the annotated series, as Slicer loaded it from DICOM, else of CISS.

    Parameters
    ----------
    ciss : the volume of the CISS image; None if there is none.
    subject : whose it is; a segmentation that was made of this subject before is replaced.

    Returns
    -------
    the segmentation's node, and a sentence on what to do with it.

    Raises
    ------
    SpineRootError
        if there is no image, nothing that is marked lies in it, or several series could be the annotated one.
    """
    series = annotated_series(scene, annotation, ciss)
    volume = series or ciss
    if volume is None:
        raise SpineRootError(_("there is no image to lay the segmentation on"))
    labels = label_map(image_of(volume), annotation, settings, progress)
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", f"SpineRoot sub-{annotation.subject}")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    numbers = LabelNumbers.consecutive(annotation.segments)
    found = Image(numbers.apply(labels), image_of(volume).affine)
    for row in numbers.rows():
        mask = found.voxels == row["index"]
        if mask.any():
            node.GetSegmentation().AddSegment(_segment(row, mask, found.affine))
    if series is not None:
        _put_beside(scene, node, series)
    _replace(scene, subject, node)
    return node, _what_to_do(node, series)


def _replace(scene: Any, subject: SubjectKey, node: Any) -> None:
    """The segmentation is this subject's, and the only one: what was made before goes."""
    nodes = scene.GetNodesByClass("vtkMRMLSegmentationNode")
    for earlier in [nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())]:
        if earlier.GetAttribute(PART) == _SEGMENTATION and subject.owns(earlier):
            scene.RemoveNode(earlier)
    subject.claim(node)
    node.SetAttribute(PART, _SEGMENTATION)


def _segment(row: dict[str, Any], mask: NDArray[np.bool_], affine: NDArray[np.float64]) -> Any:
    """A segment, cropped to what it fills."""
    low, high = np.argwhere(mask).min(axis=0), np.argwhere(mask).max(axis=0)
    part = mask[tuple(slice(first, last + 1) for first, last in zip(low, high, strict=True))]
    matrix, box = vtk.vtkMatrix4x4(), slicer.vtkOrientedImageData()
    matrix.DeepCopy(affine.ravel())
    box.SetExtent(*np.stack([low, high], axis=1).ravel().tolist())
    scalars = numpy_to_vtk(part.astype(np.uint8).ravel(order="F"), deep=True)
    # Slicer's exporter asks for them by this name
    scalars.SetName("ImageScalars")
    box.GetPointData().SetScalars(scalars)
    box.SetImageToWorldMatrix(matrix)
    segment = slicer.vtkSegment()
    segment.SetName(row["name"])
    segment.SetColor(*(int(row["color"][at : at + 2], 16) / 255.0 for at in (1, 3, 5)))
    segment.SetTag(segment.GetTerminologyEntryTagName(), terminology(row["name"]))
    segment.AddRepresentation(slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName(), box)
    return segment


def _put_beside(scene: Any, node: Any, series: Any) -> None:
    """Into the study of the series, and with its images: the export asks for both."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    own = hierarchy.GetItemByDataNode(node) or hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)
    study = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(series))
    if study:
        hierarchy.SetItemParent(own, study)
    hierarchy.SetItemAttribute(own, _REFERENCED, series.GetAttribute(INSTANCES))


def _what_to_do(node: Any, series: Any | None) -> str:
    names = {"node": node.GetName(), "series": "" if series is None else series.GetName()}
    if series is None:
        text = _(
            "The segmentation {node} lies on the CISS image: for a PACS load the annotated series in the module DICOM, "
            "and make it anew."
        )
        return text.format(**names)
    if _PLUGIN not in getattr(slicer.modules, "dicomPlugins", {}):
        text = _(
            "The segmentation {node} lies on {series}. This Slicer cannot write DICOM SEG: install the extension "
            "QuantitativeReporting."
        )
        return text.format(**names)
    text = _(
        "The segmentation {node} lies on {series}: in the module Data, right-click it, Export to DICOM, as "
        "DICOMSegmentation."
    )
    return text.format(**names)
