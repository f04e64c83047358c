"""A cohort exported for nnU-Net: its own integrity check, splits by people, what is left out, and repeated runs."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from image_of_spine import image_of_spine
from raters_on_disk import put
from straight_spine import straight_spine

from SpineRootLib.anatomy import DURA, ROOTS, Root
from SpineRootLib.commands import main
from SpineRootLib.images import Image, read_image, write_image
from SpineRootLib.label_maps.label_tables import choose_table
from SpineRootLib.labels import label_map
from SpineRootLib.learning.label_numbers import ALL_ALIKE, BY_LEVEL, LabelNumbers
from SpineRootLib.learning.splits import cross_validation, folds, is_held_out
from SpineRootLib.place import Place
from SpineRootLib.regions import root_region
from SpineRootLib.tables import read_table

LEVELS = ("L1", "L2")
L1_L, L1_R = Root("L1", "L"), Root("L1", "R")


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Subjects 01, 02 and 03, of whom 03 is drawn on the upper 12 slices only and has one proposal; 04 has no marks."""
    root = tmp_path_factory.mktemp("cohort")
    image = image_of_spine()
    for subject in ("01", "02", "03", "04"):
        write_image(root / f"rawdata/sub-{subject}/anat/sub-{subject}_CISS.nii.gz", image)
        coarse = Image(image.voxels[::2, ::2].astype(np.float32), image.affine @ np.diag([2.0, 2.0, 1.0, 1.0]))
        write_image(root / f"rawdata/sub-{subject}/anat/sub-{subject}_T2TSE.nii.gz", coarse)
        spine = straight_spine()
        spine.subject = subject
        if subject == "03":
            spine.contours[DURA] = spine.contours[DURA][:12]
            spine.provenance.set_at(Place(ROOTS, L1_L, 6), {"Flags": ["proposed"], "LabelMap": "model.nii.gz"})
        if subject != "04":
            put(root / "derivatives", spine, "A", ciss=None)
    return root


@pytest.fixture(scope="module")
def exported(cohort: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cohort with two channels, a label for each root, and nobody held out but by chance."""
    out = tmp_path_factory.mktemp("raw") / "Dataset101_Roots"
    more = ["--segments", "L1 L2", "--t2tse", "--monai", "--held-out", "0"]
    assert main(["to-nnunet", str(cohort), str(out), *more]) == 0
    return out


def test_labels_are_consecutive_and_those_of_the_annotation(exported: Path, cohort: Path) -> None:
    document = json.loads((exported / "dataset.json").read_text())
    named = document["labels"]
    assert list(named.values()) == list(range(len(named)))
    assert list(named)[:5] == ["background", "cord", "csf", "nerveroots_L1_L", "nerveroots_L1_R"]
    found = read_image(exported / "labelsTr/sub-01.nii.gz")
    ours = label_map(read_image(cohort / "rawdata/sub-01/anat/sub-01_CISS.nii.gz"), straight_spine())
    for part, name in ((1, "cord"), (2, "csf"), (root_region(L1_R).number, "nerveroots_L1_R")):
        np.testing.assert_array_equal(found.voxels == named[name], ours == part)


def test_slices_that_nobody_drew_are_to_be_ignored(exported: Path) -> None:
    ignore = json.loads((exported / "dataset.json").read_text())["labels"]["ignore"]
    voxels = read_image(exported / "labelsTr/sub-03.nii.gz").voxels
    count = [int((voxels[:, :, slice_] == ignore).all()) for slice_ in range(voxels.shape[2])]
    assert sum(count) == 8
    assert sum(np.diff(count) != 0) == 1
    assert not np.any(read_image(exported / "labelsTr/sub-01.nii.gz").voxels == ignore)


def test_what_nobody_confirmed_is_no_label_and_who_has_no_annotation_is_left_out(exported: Path) -> None:
    cases = {row["subject"]: row for row in read_table(exported / "cases.tsv")}
    assert list(cases) == ["01", "02", "03"]
    assert [cases[subject]["proposals_left_out"] for subject in cases] == ["0", "0", "1"]
    assert {row["annotator"] for row in cases.values()} == {"A"}
    assert not (exported / "imagesTr/sub-04_0000.nii.gz").exists()


def test_the_second_channel_lies_on_the_voxels_of_the_first(exported: Path) -> None:
    first, second = (read_image(exported / f"imagesTr/sub-01_000{channel}.nii.gz") for channel in (0, 1))
    assert first.voxels.shape == second.voxels.shape
    np.testing.assert_allclose(first.affine, second.affine, atol=1e-5)
    # every second voxel is where the coarse image has one
    np.testing.assert_allclose(second.voxels[2:-2:2, 2:-2:2], first.voxels[2:-2:2, 2:-2:2], atol=1e-3)


def test_predictions_can_be_imported_by_the_table_that_comes_along(exported: Path) -> None:
    table = choose_table(str(exported / "label-table.json"))
    assert table.meanings[3].root == L1_L
    assert table.numbers_of("cord") == [1]


def test_monai_s_list_names_files_that_are_there(exported: Path) -> None:
    entries = json.loads((exported / "datalist.json").read_text())["training"]
    assert sorted(entry["fold"] for entry in entries) == [0, 1, 2]
    for entry in entries:
        assert all((exported / path).is_file() for path in (*entry["image"], entry["label"]))


def test_nnunet_s_own_integrity_check_passes(exported: Path) -> None:
    python = _nnunet()
    code = f"""
from nnunetv2.experiment_planning.verify_dataset_integrity import verify_dataset_integrity
if __name__ == '__main__':
    verify_dataset_integrity({str(exported)!r}, 1)
"""
    script = exported.parent / "verify.py"
    script.write_text(code)
    ended = subprocess.run([python, str(script)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "verify_dataset_integrity Done" in ended.stdout
    assert "Error" not in ended.stdout


def _nnunet() -> str:
    """A Python that has nnU-Net: this one, or that named by an environment variable."""
    python = os.environ.get("NNUNET_PYTHON", sys.executable)
    asks = "import importlib.util, sys; sys.exit(importlib.util.find_spec('nnunetv2') is None)"
    if subprocess.run([python, "-c", asks], check=False).returncode:
        pytest.skip("nnU-Net is not installed (NNUNET_PYTHON names a Python that has it)")
    return python


def test_held_out_people_stay_held_out_whoever_else_is_there() -> None:
    people = [f"{number:03d}" for number in range(400)]
    held = [subject for subject in people if is_held_out(subject)]
    assert 0.14 < len(held) / len(people) < 0.26
    # who was held out once is so in every version: the first byte of the hash is below a fifth of 256
    firsts = {subject: hashlib.sha256(f"sub-{subject}".encode()).digest()[0] for subject in people}
    assert all((subject in held) == (first < 51.2) for subject, first in firsts.items() if first != 51)
    assert all(is_held_out(f"{subject}_ses-{session}") for subject in held for session in ("1", "2"))
    assert set(held) < {subject for subject in people if is_held_out(subject, 0.3)}


def test_sessions_of_a_person_are_never_on_both_sides_of_a_split() -> None:
    labels = [f"{number:02d}_ses-{session}" for number in range(7) for session in (1, 2)]
    splits = cross_validation(folds(labels, 5))
    assert sorted(label for split in splits for label in split["val"]) == labels
    for split in splits:
        people = [{label[:2] for label in split[side]} for side in ("train", "val")]
        assert not people[0] & people[1]
        assert set(split["train"]) | set(split["val"]) == set(labels)


def test_fewer_people_than_folds_leave_no_fold_empty() -> None:
    assert [len(part) for part in folds(["01", "02", "03"], 5)] == [1, 1, 1]
    assert cross_validation(folds(["01"])) == []


@pytest.mark.parametrize(("told_apart", "count"), [(BY_LEVEL, 4), (ALL_ALIKE, 3)])
def test_roots_can_share_labels(told_apart: str, count: int) -> None:
    numbers = LabelNumbers.consecutive(LEVELS, told_apart)
    assert sorted(numbers.names) == list(range(1, count + 1))
    left, right = (root_region(root).number for root in (L1_L, L1_R))
    np.testing.assert_array_equal(numbers.apply(np.array([[[left, right, 1, 0]]])), [[[3, 3, 1, 0]]])


def test_a_second_run_removes_who_is_no_longer_there(cohort: Path, tmp_path: Path) -> None:
    dataset, out = tmp_path / "cohort", tmp_path / "Dataset102_Roots"
    shutil.copytree(cohort, dataset)
    line = ["to-nnunet", str(dataset), str(out), "--segments", "L1 L2", "--held-out", "0", "--labels", "one"]
    assert main(line) == 0
    shutil.rmtree(dataset / "derivatives/markers-A/sub-02")
    assert main(line) == 0
    assert sorted(path.name for path in (out / "labelsTr").iterdir()) == ["sub-01.nii.gz", "sub-03.nii.gz"]
    assert json.loads((out / "dataset.json").read_text())["numTraining"] == 2
    assert [len(split["val"]) for split in json.loads((out / "splits_final.json").read_text())] == [1, 1]


def test_of_several_runs_the_one_that_is_asked_for_is_exported(cohort: Path, tmp_path: Path) -> None:
    dataset, out = tmp_path / "cohort", tmp_path / "Dataset104_Roots"
    shutil.copytree(cohort, dataset)
    anat = dataset / "rawdata/sub-02/anat"
    first = read_image(anat / "sub-02_CISS.nii.gz")
    (anat / "sub-02_CISS.nii.gz").rename(anat / "sub-02_run-1_CISS.nii.gz")
    write_image(anat / "sub-02_run-2_CISS.nii.gz", Image(first.voxels + 7, first.affine))
    line = ["to-nnunet", str(dataset), str(out), "--segments", "L1 L2", "--held-out", "0", "--participant-label", "02"]
    for run, more in (("1", 0), ("2", 7)):
        assert main([*line, "--run", run]) == 0
        [case] = read_table(out / "cases.tsv")
        assert case["image"] == f"sub-02_run-{run}_CISS.nii.gz"
        np.testing.assert_array_equal(read_image(out / "imagesTr/sub-02_0000.nii.gz").voxels, first.voxels + more)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--held-out", "1"], "'1' is no share of people"),
        (["--participant-label", "99"], "holds no sub-99"),
        (["--annotator", "B"], "holds no subject with a CISS image and an annotation"),
    ],
)
def test_what_cannot_be_exported_is_said_and_nothing_is_written(cohort, tmp_path, capsys, more, said) -> None:
    out = tmp_path / "Dataset103_Roots"
    try:
        status = main(["to-nnunet", str(cohort), str(out), *more])
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_a_folder_with_something_else_in_it_is_left_alone(cohort: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["to-nnunet", str(cohort), str(tmp_path)]) == 2
    assert "holds something else" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert main(["to-nnunet", str(cohort), str(cohort / "derivatives/markers-A/x")]) == 2


def test_a_run_that_ends_early_can_be_repeated_and_leaves_nothing_behind(cohort: Path, tmp_path: Path, capsys) -> None:
    dataset, out = tmp_path / "cohort", tmp_path / "Dataset104_Roots"
    shutil.copytree(cohort, dataset)
    image = dataset / "rawdata/sub-02/anat/sub-02_CISS.nii.gz"
    whole = image.read_bytes()
    image.write_bytes(b"broken")
    line = ["to-nnunet", str(dataset), str(out), "--segments", "L1 L2", "--held-out", "0", "--labels", "one"]
    assert main([*line, "--monai"]) == 2
    assert "sub-02_CISS.nii.gz" in capsys.readouterr().err
    assert (out / "labelsTr/sub-01.nii.gz").exists()
    image.write_bytes(whole)
    asked = ["--participant-label", "02", "--participant_label", "03"]
    assert main([*line, "--monai", *asked]) == 0
    assert sorted(path.name for path in (out / "labelsTr").iterdir()) == ["sub-02.nii.gz", "sub-03.nii.gz"]
    assert json.loads((out / "dataset.json").read_text())["numTraining"] == 2
    assert (out / "datalist.json").exists()
    assert main([*line, *asked]) == 0
    assert not (out / "datalist.json").exists(), "it is of an earlier run"


def test_who_is_annotated_twice_is_said_before_anything_is_written(cohort: Path, tmp_path: Path, capsys) -> None:
    dataset, out = tmp_path / "cohort", tmp_path / "Dataset105_Roots"
    shutil.copytree(cohort, dataset)
    spine = straight_spine()
    spine.subject = "03"
    put(dataset / "derivatives", spine, "B", ciss=None)
    assert main(["to-nnunet", str(dataset), str(out), "--segments", "L1 L2"]) == 2
    assert "sub-03 was annotated by A and B" in capsys.readouterr().err
    assert not out.exists()
