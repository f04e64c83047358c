"""Which file is meant where several can be an image: the annotated one, or one is asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from image_of_spine import COUNT, image_of_spine
from raters_on_disk import put
from straight_spine import straight_spine

from SpineRootLib.commands import main
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import DatasetError
from SpineRootLib.images import describe_image, write_image

RUNS = ("sub-01_acq-CISS_run-2_T2w.nii.gz", "sub-01_acq-CISS_run-10_T2w.nii.gz")


@pytest.fixture
def anat(tmp_path: Path) -> Path:
    folder = tmp_path / "dataset" / "sub-01" / "anat"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize(
    "name",
    [
        "sub-01_CISS.nii.gz",
        "sub-01_CISS.nrrd",
        "sub-01_run-2_CISS.nii.gz",
        "sub-01_acq-CISS_T2w.nii.gz",
        "sub-01_acq-CISS_rec-norm_run-02_T2w.nii",
        "sub-01_acq-CISS_part-mag_T2w.nii.gz",
    ],
)
def test_an_image_is_known_by_its_name(anat: Path, name: str):
    (anat / name).touch()
    assert Dataset(anat.parents[1]).image("01", "CISS") == anat / name


@pytest.mark.parametrize(
    "name",
    [
        "sub-01_CISS_label-SC_seg.nii.gz",
        "sub-01_acq-CISS_label-cord_mask.nii.gz",
        "sub-01_acq-CISS_dseg.nii.gz",
        "sub-01_acq-CISS_desc-brain_mask.nii.gz",
        "sub-01_acq-CISS_defacemask.nii.gz",
        "sub-01_acq-CISS_part-phase_T2w.nii.gz",
        "sub-01_acq-CISS_T2w.json",
        "sub-011_CISS.nii.gz",
    ],
)
def test_masks_phases_and_other_subjects_are_no_image(anat: Path, name: str):
    (anat / name).touch()
    assert Dataset(anat.parents[1]).image("01", "CISS") is None


def test_of_several_images_one_is_asked_for_by_name(anat: Path):
    for name in RUNS:
        (anat / name).touch()
    with pytest.raises(DatasetError) as caught:
        Dataset(anat.parents[1]).image("01", "CISS")
    assert f"({RUNS[0]}, {RUNS[1]}): leave one of them there, or name one with --run" in str(caught.value)
    assert Dataset(anat.parents[1], "10").image("01", "CISS") == anat / RUNS[1]
    assert Dataset(anat.parents[1], "02").image("01", "CISS") == anat / RUNS[0]
    with pytest.raises(DatasetError, match="holds no run 3 of the CISS image"):
        Dataset(anat.parents[1], "3").image("01", "CISS")


@pytest.mark.parametrize("command", [["quality"], ["trace", "--annotator", "A"], ["run"]], ids=lambda each: each[0])
@pytest.mark.parametrize("images", [("sub-01_CISS.nii.gz",), ("sub-01_CISS.nii.gz", "sub-01_DESS.nii.gz"), ()], ids=len)
def test_a_run_that_no_image_of_the_subject_names_is_refused(
    anat: Path, capsys: pytest.CaptureFixture[str], images: tuple[str, ...], command: list[str]
):
    for name in images:
        (anat / name).touch()
    root, out = anat.parents[1], str(anat.parents[2] / "out")
    name, *rest = command
    asked = [out, "participant"] if name == "run" else ["--subject", "01", "--out", out, *rest]
    assert main([name, str(root), *asked, "--run", "1"]) == 2
    (said,) = [line for line in capsys.readouterr().err.splitlines() if "run 1" in line]
    assert "holds no run 1 of sub-01: the name of none of its images states a run" in said


def test_images_without_a_run_stand_beside_one_that_has_several(anat: Path):
    for name in (*RUNS, "sub-01_DESS.nii.gz"):
        (anat / name).touch()
    images = Dataset(anat.parents[1], "10").images("01")
    assert images == {"CISS": anat / RUNS[1], "DESS": anat / "sub-01_DESS.nii.gz"}


def test_images_that_no_run_tells_apart_are_named(anat: Path):
    for name in ("sub-01_CISS.nii.gz", "sub-01_rec-norm_CISS.nii.gz"):
        (anat / name).touch()
    with pytest.raises(DatasetError, match=r"_CISS.nii.gz, sub-01_rec-norm_CISS.nii.gz\): leave one of them there"):
        Dataset(anat.parents[1]).image("01", "CISS")


def test_the_annotated_run_is_taken_and_the_results_name_it(anat: Path):
    for seed, name in enumerate(RUNS):
        write_image(anat / name, image_of_spine(seed))
    root = anat.parents[1]
    spine = straight_spine(count=COUNT)
    put(root / "derivatives", spine, "A", ciss=describe_image(anat / RUNS[1]))
    out = root.parent / "out"
    assert main(["quality", str(root), "--subject", "01", "--out", str(out)]) == 0
    assert json.loads((out / "sub-01_iqm.json").read_text())["Images"] == {"CISS": RUNS[1]}
    assert main(["run", str(root), str(out), "participant", "--steps", "model"]) == 0
    report = json.loads((out / "derivatives/model/sub-01/sub-01_model.json").read_text())
    assert RUNS[1] in [each["file"] for each in report["inputs"]]


def test_another_run_than_the_annotated_one_is_refused(anat: Path, capsys: pytest.CaptureFixture[str]):
    for seed, name in enumerate(RUNS):
        write_image(anat / name, image_of_spine(seed))
    root = anat.parents[1]
    put(root / "derivatives", straight_spine(count=COUNT), "A", ciss=describe_image(anat / RUNS[1]))
    command = ["quality", str(root), "--subject", "01", "--out", str(root.parent / "out"), "--run", "2"]
    assert main(command) == 2
    assert "is not the image that was annotated" in capsys.readouterr().err


def test_a_folder_without_rights_hides_no_other_subject_and_is_named(
    anat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (anat.parents[1] / "sub-02" / "anat").mkdir(parents=True)
    entries = Path.iterdir

    def without_rights(folder: Path):
        if folder in (anat, anat.parent):
            raise PermissionError(13, "Permission denied", str(folder))
        return entries(folder)

    monkeypatch.setattr(Path, "iterdir", without_rights)
    dataset = Dataset.open(anat.parents[1])
    assert dataset.subjects() == ["01", "02"]
    with pytest.raises(DatasetError, match=r"anat: cannot be read \(Permission denied\)"):
        dataset.image("01", "CISS")
