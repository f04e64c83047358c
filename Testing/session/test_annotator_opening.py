from __future__ import annotations

import numpy as np
import pytest

from headless.application import start
from SpineRootLib.errors import SpineRootError
from SpineRootLib.images import Image, write_image

start()
from SpineRootAnnotatorLib.session import AnnotationSession  # noqa: E402


@pytest.fixture
def session(scene, tmp_path):
    opened = AnnotationSession(scene, rescue_folder=tmp_path / "rescue")
    yield opened
    opened.shut_down()


def test_opening_shows_all_that_is_annotated_in_3d(session, real_dataset):
    session.open(real_dataset, "03", "A")
    # 80 dura and 66 cord contours, 14 roots, 3 strokes for each of 14 ganglia
    assert session.subject.display.in_space.node.GetPolyData().GetNumberOfLines() == 80 + 66 + 14 + 3 * 14


def test_opening_makes_no_markups_node_for_each_structure(session, scene, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    assert scene.GetNumberOfNodesByClass("vtkMRMLMarkupsNode") <= 2


def test_a_missing_dataset_is_said_and_nothing_is_open(session, tmp_path):
    with pytest.raises(SpineRootError, match="no such folder"):
        session.open(tmp_path / "nowhere", "03", "A")
    assert not session.is_open


def test_closing_leaves_no_node_of_ours(session, scene, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    session.close()
    nodes = [scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes())]
    assert [node.GetName() for node in nodes if node.GetAttribute("SpineRoot.Role")] == []


def test_looking_at_a_subject_changes_no_file(session, sub03_dataset):
    folder = sub03_dataset / "derivatives" / "markers-A" / "sub-03"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    session.look_at(sub03_dataset, "03", "A")
    session.close()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_greys_of_a_small_sac_in_a_large_field_of_view_are_told_apart(session, tmp_path):
    # as in CISS: of 288 mm across the sac takes 0.2 %, and half of its voxels are brighter than 99.9 % of all
    voxels = np.random.default_rng(1).normal(200.0, 20.0, (192, 192, 12))
    fluid = np.random.default_rng(2).normal(900.0, 40.0, (9, 9, 12))
    voxels[92:101, 92:101] = fluid
    affine = np.diag([1.5, 1.5, 2.0, 1.0])
    path = tmp_path / "rawdata/sub-07/anat/sub-07_CISS.nii.gz"
    write_image(path, Image(voxels.astype(np.int16), affine))
    session.open(tmp_path, "07", "A")
    display = session.subject.volumes["CISS"].GetDisplayNode()
    assert np.mean(fluid > display.GetWindowLevelMax()) < 0.05
    assert display.GetWindowLevelMax() < fluid.max() + 100.0
    assert display.GetWindowLevelMin() < 200.0


def test_an_image_that_stayed_chosen_from_the_subject_before_is_refused(session, sub03_dataset, tmp_path):
    images = {"CISS": tmp_path / "sub-02_CISS.nii.gz"}
    with pytest.raises(SpineRootError, match="is an image of sub-02, not of sub-03"):
        session.open(sub03_dataset, "03", "A", images)
    assert not session.is_open
