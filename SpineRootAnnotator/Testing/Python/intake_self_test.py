"""The self-test of what comes from elsewhere: masks that are proposed, and a queue that is gone along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import slicer
from mouse_and_keys import pause, press

from SpineRootLib.anatomy import CORD, DURA
from SpineRootLib.annotation import Annotation
from SpineRootLib.images import read_frame
from SpineRootLib.labels import label_map
from SpineRootLib.place import Place

_CISS = "rawdata/sub-01/anat/sub-01_CISS.nii.gz"
_ENTRY = 12  # the slice that the queue asks for


def take_in(case: Any, panel: Any, truth: Annotation, folder: Path) -> None:
    """Try both with an open subject that nobody marked; `case` is the unittest case."""
    kept, mode = panel.session.subject.root, panel.session.subject.mode.name
    _import_a_segmentation(case, panel, truth)
    _go_along_a_queue(case, panel, folder)
    panel.session.perform(mode)
    panel.session.subject.root = kept
    pause()


def _import_a_segmentation(case: Any, panel: Any, truth: Annotation) -> None:
    """A segment named cord becomes proposals, which one undo takes back."""
    ui, subject = panel.ui, panel.session.subject
    node = _segmentation(truth, Path(ui.datasetPath.currentPath))
    ui.masksSection.collapsed = False
    ui.maskNodeSelector.setCurrentNode(node)
    press(ui.importMasksButton)
    case.assertTrue(ui.masksLabel.text.startswith("Proposed: cord "), (ui.masksLabel.text, ui.messageLabel.text))
    place = Place(CORD, slice=min(truth.contours_by_slice(CORD)) + 1)
    case.assertTrue(subject.proposals.has(place))
    press(ui.undoButton)
    case.assertFalse(subject.proposals.has(place))
    slicer.mrmlScene.RemoveNode(node)
    case.assertIsNone(ui.maskNodeSelector.currentNode())
    ui.masksSection.collapsed = True


def _segmentation(truth: Annotation, dataset: Path) -> Any:
    """A segmentation of the scene with the true cord."""
    frame = read_frame(dataset / _CISS)
    cord = (label_map(frame, truth) == 1).astype(np.uint8).transpose(2, 1, 0)
    matrix = slicer.util.vtkMatrixFromArray(frame.affine)
    labels = slicer.util.addVolumeFromArray(cord, matrix, "cord", "vtkMRMLLabelMapVolumeNode")
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "drawn")
    slicer.modules.segmentations.logic().ImportLabelmapToSegmentationNode(labels, node)
    node.GetSegmentation().GetNthSegment(0).SetName("cord")
    slicer.mrmlScene.RemoveNode(labels)
    return node


def _go_along_a_queue(case: Any, panel: Any, folder: Path) -> None:
    """The view goes to the place of the next entry; after the last one it is said."""
    ui, subject = panel.ui, panel.session.subject
    path = folder / "next_queue.tsv"
    path.write_text(f"subject\tslice\tstructure\tsegment\tside\n01\t{_ENTRY}\tdura\tn/a\tn/a\n", encoding="utf-8")
    ui.subjectSection.collapsed = False
    ui.queueSection.collapsed = False
    pause()
    case.assertEqual(ui.queueSection.width, ui.importSection.width, "as wide as the others")
    ui.queuePath.currentPath = str(path)
    press(ui.queueNextButton)
    case.assertIs(panel.session.subject, subject, "it is open already")
    case.assertEqual(subject.place, Place(DURA, slice=_ENTRY))
    case.assertEqual(ui.queueLabel.text, "1 of 1")
    press(ui.queueNextButton)
    case.assertIn("The queue ends here", ui.messageLabel.text)
    ui.queueSection.collapsed = True
    ui.subjectSection.collapsed = True
