"""Label maps as proposals in the open subject: from a file, or from a segmentation or label map of the scene."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from SpineRootAnnotatorLib.open_subject import OpenSubject
from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootAnnotatorLib.work.history import Edit, Step
from SpineRootAnnotatorLib.work.marks import Mark, read_mark
from SpineRootLib.errors import ImageFileError, SpineRootError
from SpineRootLib.images import Image, voxel_digest
from SpineRootLib.label_maps.label_map_file import (
    LabelMapFile,
    check_table,
    labels_in,
    read_label_map,
    with_confidence,
)
from SpineRootLib.label_maps.label_tables import LabelTable, choose_table, inline_table, listing, shipped_tables
from SpineRootLib.label_maps.proposing import Proposed, keep_sources, record_of, unmarked_places
from SpineRootLib.label_maps.reading import read_marks
from SpineRootLib.label_maps.segment_names import table_of_names
from SpineRootLib.naming import check_own
from SpineRootLib.translation import _
from SpineRootScene.volumes import image_of, is_moved

SEGMENTATION, LABEL_MAP = "vtkMRMLSegmentationNode", "vtkMRMLLabelMapVolumeNode"


@dataclass(frozen=True)
class MaskChoice:
    """Which masks a user chose, and what their labels are.

    Parameters
    ----------
    path : a file; None for what is in the scene.
    node : a segmentation or a label map of the scene.
    table : the name of a table that comes along, or the path of one of the user's own; empty where the file tells.
    labels : labels named by hand, such as ``1=cord 2=nerveroots_L1_L``; they go before a table.
    """

    path: Path | None = None
    node: Any = None
    table: str = ""
    labels: str = ""

    def label_table(self) -> LabelTable | None:
        """What the labels stand for; None where the file itself is to tell.

        Raises
        ------
        SpineRootError
            if there is no such table, or a label is none.
        """
        if self.labels.strip():
            return inline_table(self.labels.split())
        return choose_table(self.table) if self.table else None

    def read(self) -> LabelMapFile:
        """The label map; of a file with the probabilities that lie beside it.

        Raises
        ------
        SpineRootError
            if nothing is chosen, it cannot be read, or it is not known what its labels stand for.
        """
        if self.path is not None:
            return with_confidence(read_label_map(self.path, self.label_table()))
        if self.node is None:
            raise SpineRootError(_("Choose a file, or a segmentation of the scene."))
        return label_map_of(self.node, self.label_table())


def tables() -> dict[str, str]:
    """The tables that a user can choose from: name and program."""
    return {name: table.title for name, table in shipped_tables().items()}


def import_masks(session: AnnotationSession, choice: MaskChoice) -> Proposed | None:
    """Propose what masks show in the subject that is open, wherever nothing is marked, as one step that can be undone.

    Returns
    -------
    what was proposed; None if it was stopped, which is said.

    Raises
    ------
    SpineRootError
        if no subject is open, its slices are not known, or as `MaskChoice.read` and `read_marks` do.
    """
    subject = session.subject
    if subject is None:
        raise SpineRootError(_("No subject is open."))
    subject.annotation.require_planes()
    if choice.path is not None:
        check_own(choice.path, subject.annotation.subject)
    label_map = choice.read()
    confirmed = subject.confirmed
    title = _("Reading {name}").format(name=label_map.name)
    read = subject.in_pieces(title, lambda progress: read_marks([label_map], confirmed, progress=progress))
    if read is None or subject.is_closed:
        return None
    result = Proposed()
    edits = [
        _edit(subject, place, Mark(points, record_of(read, place, points)))
        for place, points in unmarked_places(confirmed, read, result)
    ]
    if edits:
        keep_sources(subject.annotation, [label_map])
        subject.do(Step(tuple(edits)))
    session.changes.tell()
    return result


def told(result: Proposed) -> list[str]:
    """What came of it, in sentences."""
    counts = ", ".join(f"{name} {count}" for name, count in result.counts.items())
    lines = [_("Proposed: {counts}.").format(counts=counts) if counts else _("Nothing new is proposed.")]
    if result.kept:
        lines.append(_("Places that are marked stay as they are: {count}.").format(count=result.kept))
    return [*lines, *(f"{note}." for note in result.notes)]


def label_map_of(node: Any, table: LabelTable | None = None) -> LabelMapFile:
    """What a segmentation or a label map volume of the scene shows.

    Parameters
    ----------
    table : what its labels stand for, of a segmentation counted from 1; by default as its segments' names tell.

    Raises
    ------
    SpineRootError
        if it is empty or moved by a transform, or it is not known what its labels stand for.
    """
    name = Path(node.GetName())
    if is_moved(node):
        raise ImageFileError(_("is moved by a transform: harden it, or take it away, first"), name)
    if node.IsA(SEGMENTATION):
        names, image = _segment_names(node), _merged(node)
        table = table or table_of_names(names)
        if table is None:
            fault = _("has the segments {names}: name them, as cord or L1 left, or say what they are, as 1=cord")
            raise ImageFileError(fault.format(names=listing(names.values())), name)
    else:
        image = image_of(node)
    numbers = labels_in(image)
    if table is None:
        fault = _("holds the labels {labels}, and nothing tells what they are: choose a table, or name them")
        raise ImageFileError(fault.format(labels=listing(numbers)), name)
    check_table(name, table, numbers)
    record = {
        "File": node.GetName(),
        "VoxelSHA256": voxel_digest(image),
        "Program": table.title,
        "Table": table.name,
    }
    return LabelMapFile(image, table, record)


def _segment_names(node: Any) -> dict[int, str]:
    segmentation = node.GetSegmentation()
    count = range(segmentation.GetNumberOfSegments())
    return {number + 1: segmentation.GetNthSegment(number).GetName() for number in count}


def _merged(node: Any) -> Image:
    """The segments by number from 1, in their order; where they overlap the last one."""
    segmentation, merged = node.GetSegmentation(), slicer.vtkOrientedImageData()
    count = segmentation.GetNumberOfSegments()
    if not (count and node.CreateBinaryLabelmapRepresentation()):
        raise ImageFileError(_("has no segments"), Path(node.GetName()))
    identifiers, values = vtk.vtkStringArray(), vtk.vtkIntArray()
    for number in range(count):
        identifiers.InsertNextValue(segmentation.GetNthSegmentID(number))
        values.InsertNextValue(number + 1)
    extent = slicer.vtkSegmentation.EXTENT_UNION_OF_EFFECTIVE_SEGMENTS
    node.GenerateMergedLabelmapForAllSegments(merged, extent, None, identifiers, values)
    matrix = vtk.vtkMatrix4x4()
    merged.GetImageToWorldMatrix(matrix)
    affine = slicer.util.arrayFromVTKMatrix(matrix)
    # the matrix is that of voxel 0, at which the box need not begin
    affine[:3, 3] += affine[:3, :3] @ merged.GetExtent()[::2]
    scalars = merged.GetPointData().GetScalars()
    if scalars is None or not scalars.GetNumberOfTuples():
        raise ImageFileError(_("is empty: no voxel has a label"), Path(node.GetName()))
    voxels = vtk_to_numpy(scalars).reshape(merged.GetDimensions()[::-1]).transpose(2, 1, 0)
    return Image(voxels, affine)


def _edit(subject: OpenSubject, place: Any, mark: Mark) -> Edit:
    return Edit(place, read_mark(subject.annotation, place), mark)
