"""The phantom as a dataset on disk, and through the command line."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from SpineRootLib.commands import main
from SpineRootLib.dataset import Dataset
from SpineRootLib.images import read_image
from SpineRootLib.phantom import PhantomSettings, make_truth
from SpineRootLib.tables import read_table

# roots that keep apart are drawn in half the time; what files there are is the same
SETTINGS = PhantomSettings.small().with_crowding(0.0)
SUBJECT = ("--subject", "01", "--small", "--crowding", "0")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small subject with two annotators, made by the command."""
    root = tmp_path_factory.mktemp("phantom")
    assert main(["phantom", str(root), "--seed", "3", "--annotators", "A", "B", *SUBJECT]) == 0
    return root


def _digest(root: Path) -> dict[str, str]:
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_dataset_opens_with_its_images_and_annotators(dataset: Path) -> None:
    opened = Dataset.open(dataset)
    assert opened.subjects() == ["01"]
    assert opened.annotators("01") == ["A", "B"]
    assert set(opened.images("01")) == {"CISS", "DESS", "T2TSE"}
    assert read_table(dataset / "rawdata" / "participants.tsv")[0]["participant_id"] == "sub-01"


def test_the_truth_reads_back_without_a_finding(dataset: Path) -> None:
    annotation = Dataset.open(dataset).read("01")
    truth = make_truth(SETTINGS, 3).annotation
    assert annotation.findings == [] and list(annotation.missing()) == []
    assert annotation.require_planes().agrees_with(truth.require_planes(), 1e-3)
    for root, points in truth.roots.items():
        assert_allclose(annotation.roots[root], points, atol=1e-9)


def test_annotators_signed_off_what_they_marked_on_images_that_are_named(dataset: Path) -> None:
    for name in ("A", "B"):
        provenance = Dataset.open(dataset).read("01", name).provenance
        assert provenance.signed_off and provenance.annotator == name
        ciss = provenance.document["Images"]["CISS"]
        assert (
            ciss["SHA256"] == hashlib.sha256((dataset / "rawdata/sub-01/anat" / ciss["File"]).read_bytes()).hexdigest()
        )


def test_dark_roots_lie_in_bright_fluid_where_the_truth_says(dataset: Path) -> None:
    ciss = read_image(dataset / "rawdata/sub-01/anat/sub-01_CISS.nii.gz")
    annotation = Dataset.open(dataset).read("01")
    points = np.concatenate([points[4:-2] for points in annotation.roots.values()])
    i, j, k = np.rint(ciss.index_of(points)).astype(int).T
    fluid = np.percentile(ciss.voxels, 95)
    assert np.median(ciss.voxels[i, j, k]) < 0.6 * fluid


def test_the_same_seed_writes_the_same_bytes(dataset: Path, tmp_path: Path) -> None:
    assert main(["phantom", str(tmp_path), "--seed", "3", "--annotators", "A", "B", *SUBJECT]) == 0
    assert _digest(tmp_path) == _digest(dataset)


def test_bad_input_is_one_sentence_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "dataset"
    assert main(["phantom", str(target), "--subject", "01", "--small", "--annotators", "../A"]) == 2
    assert "annotator" in capsys.readouterr().err
    assert main(["phantom", str(target), "--subject", "01", "--small", "--seed", "-1"]) == 2
    capsys.readouterr()
    for option, value in (("--tilt", "80"), ("--noise", "nan"), ("--contrast", "0.5"), ("--swaps", "-1")):
        assert main(["phantom", str(target), "--subject", "01", "--small", option, value]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert not target.exists()


def test_a_phantom_joins_the_subjects_of_a_plain_dataset_and_its_summary_lists_its_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sub-07" / "anat").mkdir(parents=True)
    assert main(["phantom", str(tmp_path), *SUBJECT, "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["subject"] == "01"
    assert all(Path(name).is_file() for name in summary["files"])
    assert Dataset.open(tmp_path).subjects() == ["01", "07"]


def test_a_phantom_replaces_no_person_and_nobodys_work(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(dataset, tmp_path / "dataset")
    command = ["phantom", str(copy), "--subject", "01", "--seed", "4", "--annotators", "A", "--small"]
    marked = copy / "derivatives/markers-A/sub-01/sub-01_nerveroots_L1_L.json"
    marked.write_text(marked.read_text().replace('"L1_L-1"', '"mine"'))
    before = _digest(copy)
    assert main(command) == 2
    assert f"{marked.parent}: holds what somebody marked or changed" in capsys.readouterr().err
    scanned = copy / "rawdata/sub-01/anat/sub-01_CISS.json"
    scanned.write_text('{"Manufacturer": "Siemens"}')
    before |= _digest(scanned.parent.parent.parent.parent)
    assert main([*command[:-2], "C", "--small"]) == 2
    assert f"{scanned.with_suffix('.nii.gz')}: is no phantom's image" in capsys.readouterr().err
    assert _digest(copy) == before


def test_a_begun_contour_and_a_remark_count_as_somebodys_work(tmp_path: Path) -> None:
    sidecar = tmp_path / "derivatives/markers-A/sub-01/sub-01_annotation.json"
    sidecar.parent.mkdir(parents=True)
    sidecar.write_text('{"Annotator": "A", "Drafts": {"dura_7": [[1.0, 2.0, 3.0]]}}')
    assert main(["phantom", str(tmp_path), "--subject", "01", "--annotators", "A", "--small"]) == 2
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [sidecar]


def test_another_phantom_takes_the_place_of_one_that_nobody_touched(dataset: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(dataset, tmp_path / "dataset")
    assert main(["phantom", str(copy), "--seed", "4", "--annotators", "A", "B", *SUBJECT]) == 0
    assert list(copy.rglob("as-found-*")) == []
    truth = make_truth(SETTINGS, 4).annotation
    for root, points in Dataset.open(copy).read("01").roots.items():
        assert_allclose(points, truth.roots[root], atol=1e-9)


def test_the_truth_is_kept_where_the_consensus_takes_its_place(dataset: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(dataset, tmp_path / "dataset")
    truth = copy / "derivatives/markers/sub-01"
    before = _digest(truth)
    annotators = (str(copy / f"derivatives/markers-{label}") for label in "AB")
    assert main(["consensus", *annotators, "--subject", "01", "--out", str(truth.parent), "--accept"]) == 0
    (kept,) = truth.glob("as-found-*")
    assert _digest(kept) == before
