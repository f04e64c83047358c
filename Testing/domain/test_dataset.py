"""Datasets: the published tree, plain BIDS, and what is neither."""

from __future__ import annotations

import json

import numpy as np
import pytest
from straight_subject import PLANES, straight_subject

from SpineRootLib import __version__
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.dataset import Dataset
from SpineRootLib.dataset_description import results_dataset, write_description
from SpineRootLib.errors import DatasetError
from SpineRootLib.images import Image, write_image


def affine_of_planes() -> np.ndarray:
    """48 x 48 voxels of 1 mm around the straight subject's sac, on its slices."""
    axes = np.column_stack([PLANES.right, PLANES.anterior, PLANES.down * PLANES.spacing])
    affine = np.eye(4)
    affine[:3, :3] = axes
    affine[:3, 3] = PLANES.lift([[-24.0, -24.0]], 1)[0]
    return affine


@pytest.fixture(params=["published", "plain BIDS"])
def dataset(request, tmp_path):
    """A subject with a CISS image, annotated by A and agreed."""
    raw = tmp_path / "rawdata" if request.param == "published" else tmp_path
    image = Image(np.zeros((48, 48, PLANES.count), np.int16), affine_of_planes())
    write_image(raw / "sub-01" / "anat" / "sub-01_CISS.nii.gz", image)
    (raw / "sub-02" / "anat").mkdir(parents=True)
    for folder in ("markers", "markers-A"):
        write_annotation(tmp_path / "derivatives" / folder, straight_subject(), durable=False)
    return tmp_path


def test_subjects_annotators_and_images_are_found(dataset):
    opened = Dataset.open(dataset)
    assert opened.subjects() == ["01", "02"]
    assert opened.annotators() == opened.annotators("sub-01") == ["A"]
    assert opened.annotators("02") == []
    assert {name: path.name for name, path in opened.images("01").items()} == {"CISS": "sub-01_CISS.nii.gz"}
    assert opened.images("02") == {}


def test_an_annotation_is_read_on_the_slices_of_its_image(dataset):
    opened = Dataset.open(dataset)
    for annotator in ("A", None):
        annotation = opened.read("01", annotator)
        assert annotation.annotator == annotator
        assert annotation.require_planes().count == PLANES.count
        assert annotation.require_planes().agrees_with(PLANES, 1e-3)


def test_an_image_is_found_under_its_bids_name(tmp_path):
    path = tmp_path / "sub-01" / "anat" / "sub-01_acq-CISS_T2w.nii.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    assert Dataset.open(tmp_path).image("01", "CISS") == path


def test_a_dataset_of_markups_alone_is_one(tmp_path):
    write_annotation(tmp_path / "derivatives" / "markers-B", straight_subject(), durable=False)
    opened = Dataset.open(tmp_path)
    assert (opened.subjects(), opened.annotators()) == (["01"], ["B"])
    assert opened.read("01", "B").require_planes().agrees_with(PLANES, 1e-3)


def test_where_things_lie(tmp_path):
    opened = Dataset(tmp_path)
    assert opened.markers() == tmp_path / "derivatives" / "markers"
    assert opened.markers("A") == tmp_path / "derivatives" / "markers-A"
    assert opened.derivative("model", "sub-03") == tmp_path / "derivatives" / "model" / "sub-03"
    for wrong in ("../A", "A/B", ""):
        with pytest.raises(DatasetError):
            opened.markers(wrong)
        with pytest.raises(DatasetError):
            opened.derivative("model", wrong)


def test_a_folder_that_is_no_dataset_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("")
    (tmp_path / "file").write_text("")
    for name, fault in (
        ("none", "no such folder"),
        ("empty", "holds no subject"),
        ("other", "holds no subject"),
        ("file", "cannot be read"),
    ):
        with pytest.raises(DatasetError, match=fault) as caught:
            Dataset.open(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)


@pytest.mark.parametrize("raw", ["rawdata", "."])
def test_a_description_leads_to_the_images_that_a_derivative_was_made_from(tmp_path, raw):
    (tmp_path / "dataset" / raw / "sub-01" / "anat").mkdir(parents=True)
    dataset = Dataset.open(tmp_path / "dataset")
    inside = write_description(dataset.derivatives / "model", "inside")
    elsewhere = write_description(tmp_path / "out" / "derivatives" / "model", "elsewhere", images=dataset.rawdata)
    for path in (inside, elsewhere):
        link = json.loads(path.read_text())["SourceDatasets"][0]["URL"]
        assert (path.parent / link).resolve() == (tmp_path / "dataset" / raw).resolve()
    alone = write_description(tmp_path / "somewhere", "alone")
    assert "SourceDatasets" not in json.loads(alone.read_text())


def test_a_description_is_written_once_and_kept_after(tmp_path):
    path = write_description(tmp_path / "derivatives" / "markers-A", "Annotation by A")
    document = json.loads(path.read_text())
    assert (document["Name"], document["DatasetType"]) == ("Annotation by A", "derivative")
    assert document["GeneratedBy"] == [{"Name": "SpineRoot", "Version": __version__}]
    path.write_text("{}")
    write_description(path.parent, "another")
    assert path.read_text() == "{}"
    raw = json.loads(write_description(tmp_path, "Raw", derivative=False).read_text())
    assert raw["DatasetType"] == "raw"
    assert "GeneratedBy" not in raw


def test_a_description_is_completed_by_what_else_a_derivative_is_made_from_and_loses_nothing(tmp_path):
    agreement, markers = tmp_path / "agreement", [tmp_path / f"markers-{label}" for label in "AB"]
    path = write_description(agreement, "Agreement", sources=markers[:1])
    document = {**json.loads(path.read_text()), "Authors": ["somebody"]}
    path.write_text(json.dumps(document))
    write_description(agreement, "Agreement", sources=markers)
    completed = json.loads(path.read_text())
    assert completed["Authors"] == ["somebody"]
    assert [each["URL"] for each in completed["SourceDatasets"]] == ["../markers-A", "../markers-B"]
    assert completed["DatasetLinks"] == {"markers-A": "../markers-A", "markers-B": "../markers-B"}


def test_two_sources_of_one_name_are_both_named(tmp_path):
    path = write_description(tmp_path / "out", "Agreement", sources=[tmp_path / "a/markers", tmp_path / "b/markers"])
    assert sorted(json.loads(path.read_text())["DatasetLinks"].values()) == ["../a/markers", "../b/markers"]


@pytest.mark.parametrize(
    ("subject", "folder", "dataset"),
    [
        ("01", "model/sub-01", "model"),
        ("01", "labels/sub-01/anat", "labels"),
        ("01_ses-02", "model/sub-01/ses-02", "model"),
        ("01_ses-02", "labels/sub-01/ses-02/anat", "labels"),
        ("01", "model", "model"),
        ("01", "model/sub-02", "model/sub-02"),
        ("01_ses-02", "model/sub-01", "model/sub-01"),
    ],
)
def test_results_belong_to_the_folder_around_the_subjects_own(tmp_path, subject, folder, dataset):
    assert results_dataset(tmp_path / folder, subject) == tmp_path / dataset


def test_the_levels_are_those_that_were_chosen_and_what_the_annotators_in_question_marked(tmp_path):
    for label, root in (("A", "L6_L"), ("B", "S3_R"), (None, "T12_L")):
        folder = Dataset(tmp_path).markers(label) / "sub-01"
        folder.mkdir(parents=True)
        (folder / f"sub-01_nerveroots_{root}.json").write_text("{}")
    dataset = Dataset(tmp_path)
    assert dataset.levels("01", ["A"], ("L5", "S1")) == ("L5", "L6", "S1")
    assert dataset.levels("01", [None, "B"], ("L1",)) == ("T12", "L1", "S3")
    assert dataset.levels("01", ["C"], ("S1", "L1")) == ("L1", "S1")
