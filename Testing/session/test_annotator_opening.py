from __future__ import annotations

import pytest

from headless.application import start
from SpineRootLib.errors import SpineRootError

start()
from SpineRootAnnotatorLib.session import AnnotationSession  # noqa: E402


def test_opening_shows_all_that_is_annotated_in_3d(scene, sub03_dataset):
    session = AnnotationSession(scene)
    session.open(sub03_dataset, "03", "A")
    # 80 dura and 66 cord contours, 14 roots, 3 strokes for each of 14 ganglia
    assert session.in_space.node.GetPolyData().GetNumberOfLines() == 80 + 66 + 14 + 3 * 14


def test_opening_makes_no_markups_node_for_each_structure(scene, sub03_dataset):
    session = AnnotationSession(scene)
    session.open(sub03_dataset, "03", "A")
    assert scene.GetNumberOfNodesByClass("vtkMRMLMarkupsNode") <= 2


def test_a_missing_dataset_is_said_and_nothing_is_open(scene, tmp_path):
    session = AnnotationSession(scene)
    with pytest.raises(SpineRootError, match="no such folder"):
        session.open(tmp_path / "nowhere", "03", "A")
    assert not session.is_open


def test_closing_leaves_no_node_of_ours(scene, sub03_dataset):
    before = scene.GetNumberOfNodes()
    session = AnnotationSession(scene)
    session.open(sub03_dataset, "03", "A")
    session.close()
    names = [scene.GetNthNode(i).GetName() for i in range(scene.GetNumberOfNodes())]
    assert scene.GetNumberOfNodes() <= before + 1, names  # the subject hierarchy node stays
