"""`spineroot trace` on a small stack: sparse in, complete out, and what it refuses."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_stack import SmallStack

from SpineRootLib.anatomy import CORD, DURA, ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import read_annotation, write_annotation
from SpineRootLib.commands import main
from SpineRootLib.images import describe_image, write_image
from SpineRootLib.place import Place


@pytest.fixture
def dataset(tmp_path: Path, stack: SmallStack) -> Path:
    """A dataset with the image and an annotation of every fifth slice by A."""
    write_image(tmp_path / "rawdata/sub-00/anat/sub-00_CISS.nii.gz", stack.image)
    sparse = Annotation("00", "A", stack.planes, segments=("L1", "L2"))
    for number in (1, 6, 12):
        for root in stack.truth.roots:
            sparse.set_root_point(root, number, stack.truth.root_by_slice(root)[number])
        for structure in (DURA, CORD):
            sparse.set_contour(structure, number, stack.truth.contours_by_slice(structure)[number].points)
    for root, point in stack.truth.ganglia.items():
        sparse.set_ganglion(root, point)
    write_annotation(tmp_path / "derivatives/markers-A", sparse)
    return tmp_path


def trace(dataset: Path, *more: str) -> int:
    usual = {"--subject": "00", "--annotator": "A", "--out": str(dataset / "out")}
    asked = [word for option, value in usual.items() if option not in more for word in (option, value)]
    return main(["trace", str(dataset), *asked, *more])


def test_a_sparse_annotation_is_completed(dataset: Path, stack: SmallStack, capsys: pytest.CaptureFixture) -> None:
    assert trace(dataset, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["proposed"] == {"dura": 9, "cord": 9, "nerveroots": 36}
    traced = read_annotation(dataset / "out", "00", stack.planes)
    for root in stack.truth.roots:
        away = traced.root_descending(root) - stack.truth.root_descending(root)
        assert np.max(np.linalg.norm(away, axis=1)) < 0.15
    for structure in (DURA, CORD):
        assert sorted(traced.contours_by_slice(structure)) == list(range(1, 13))


def test_what_was_confirmed_stays_as_it_was_and_the_rest_is_flagged(dataset: Path, stack: SmallStack) -> None:
    assert trace(dataset) == 0
    traced = read_annotation(dataset / "out", "00", stack.planes)
    given = read_annotation(dataset / "derivatives/markers-A", "00", stack.planes)
    root = Root("L1", "L")
    assert np.array_equal(traced.root_by_slice(root)[6], given.root_by_slice(root)[6])
    assert np.array_equal(traced.contours_by_slice(DURA)[6].points, given.contours_by_slice(DURA)[6].points)
    assert traced.provenance.at(Place(ROOTS, Root("L1", "L"), 6)) == {}
    assert traced.provenance.at(Place(ROOTS, Root("L1", "L"), 5))["Flags"] == ["proposed"]
    assert traced.provenance.at(Place(DURA, slice=5))["Confidence"] > 0.5


def test_a_session_is_traced_into_its_own_folder(dataset: Path, stack: SmallStack) -> None:
    sparse = read_annotation(dataset / "derivatives/markers-A", "00", stack.planes)
    sparse.subject = "00_ses-01"
    write_annotation(dataset / "derivatives/markers-A", sparse)
    image = dataset / "rawdata/sub-00/ses-01/anat/sub-00_ses-01_CISS.nii.gz"
    image.parent.mkdir(parents=True)
    (dataset / "rawdata/sub-00/anat/sub-00_CISS.nii.gz").rename(image)
    assert trace(dataset, "--session", "01") == 0
    sidecar = json.loads((dataset / "out/sub-00/ses-01/sub-00_ses-01_annotation.json").read_text())
    assert sidecar["Images"]["CISS"]["File"] == image.name
    assert len(read_annotation(dataset / "out", "00_ses-01").dura) == 12


def test_a_second_run_on_its_own_result_gives_the_same(dataset: Path, stack: SmallStack) -> None:
    assert trace(dataset) == 0
    first = read_annotation(dataset / "out", "00", stack.planes)
    write_annotation(dataset / "derivatives/markers-A", first)
    assert trace(dataset) == 0
    second = read_annotation(dataset / "out", "00", stack.planes)
    assert second.provenance.document == first.provenance.document
    for root in first.roots:
        assert np.array_equal(first.roots[root], second.roots[root])


def test_a_subject_without_cord_is_traced_as_far_as_it_goes(
    dataset: Path, stack: SmallStack, capsys: pytest.CaptureFixture
) -> None:
    for path in (dataset / "derivatives/markers-A/sub-00").glob("*cord*"):
        path.unlink()
    assert trace(dataset, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["proposed"] == {"dura": 9, "nerveroots": 36}
    assert summary["notes"] == ["no cord: no cord is confirmed from which to start: click inside of it"]
    assert stack.truth.cord


def refusal(dataset: Path, capsys: pytest.CaptureFixture, *more: str) -> str:
    assert trace(dataset, *more) == 2
    assert not (dataset / "out").exists()
    return capsys.readouterr().err


def test_the_image_of_another_subject_is_refused(
    dataset: Path, stack: SmallStack, capsys: pytest.CaptureFixture
) -> None:
    voxels = np.roll(stack.image.voxels, 40, axis=1)
    write_image(dataset / "rawdata/sub-00/anat/sub-00_CISS.nii.gz", replace(stack.image, voxels=voxels))
    assert "another subject" in refusal(dataset, capsys)


def test_an_image_with_other_voxels_than_the_recorded_one_is_refused(
    dataset: Path, capsys: pytest.CaptureFixture
) -> None:
    recorded = describe_image(dataset / "rawdata/sub-00/anat/sub-00_CISS.nii.gz")
    sidecar = dataset / "derivatives/markers-A/sub-00/sub-00_annotation.json"
    other = {**recorded, "SHA256": "0" * 64, "VoxelSHA256": "0" * 64}
    sidecar.write_text(json.dumps({"Images": {"CISS": other}}), encoding="utf-8")
    assert "is not the image that was annotated: it has other voxels" in refusal(dataset, capsys)


def test_a_subject_without_image_is_refused(dataset: Path, capsys: pytest.CaptureFixture) -> None:
    (dataset / "rawdata/sub-00/anat/sub-00_CISS.nii.gz").unlink()
    assert "holds no CISS image of sub-00" in refusal(dataset, capsys)


def test_an_unknown_annotator_is_refused(dataset: Path, capsys: pytest.CaptureFixture) -> None:
    assert "markers-B" in refusal(dataset, capsys, "--annotator", "B")


@pytest.mark.parametrize(
    "sidecar, whose", [({"Annotator": "B"}, "annotator B's work"), ({"Consensus": {}}, "the consensus")]
)
def test_proposals_do_not_come_into_another_folder(
    sidecar: dict[str, object], whose: str, dataset: Path, capsys: pytest.CaptureFixture
) -> None:
    folder = dataset / "derivatives/markers-B/sub-00"
    shutil.copytree(dataset / "derivatives/markers-A/sub-00", folder)
    (folder / "sub-00_annotation.json").write_text(json.dumps(sidecar), encoding="utf-8")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert trace(dataset, "--out", str(folder.parent)) == 2
    assert f"{folder}: is {whose}, which the proposals would replace" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_corrected_proposal_is_kept_when_proposals_are_made_anew(
    dataset: Path, stack: SmallStack, capsys: pytest.CaptureFixture
) -> None:
    assert trace(dataset) == trace(dataset) == 0
    assert list((dataset / "out/sub-00").glob("as-found-*")) == []
    corrected, root = read_annotation(dataset / "out", "00", stack.planes), Root("L1", "L")
    corrected.roots[root][4] += [0.4, 0.0, 0.0]
    write_annotation(dataset / "out", corrected)
    assert trace(dataset) == 0
    (kept,) = (dataset / "out/sub-00").glob("as-found-*")
    assert f"is kept in {kept}" in capsys.readouterr().out
    (dataset / "back").mkdir()
    kept.rename(dataset / "back/sub-00")
    assert np.array_equal(read_annotation(dataset / "back", "00", stack.planes).roots[root], corrected.roots[root])
