"""DICOM imports that cannot be made or are stopped: one sentence, and nothing is left or lost."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import pytest

pytest.importorskip("pydicom")
pytest.importorskip("dcm2bids")

from dicom_series import CISS, DESS, IDENTITY, LOCALIZER, T2TSE, station, study, write_series

from SpineRootLib.commands import main
from SpineRootLib.dicom_import import ImportSettings, import_subject, importing
from SpineRootLib.errors import Cancelled, DatasetError

WHOLE = (LOCALIZER, CISS, DESS, station(8, 0), station(9, 1), T2TSE)


def truncated(folder: Path) -> Path:
    path = sorted(folder.rglob("*.dcm"))[2]
    path.write_bytes(path.read_bytes()[:-100])
    return folder


def headless(folder: Path) -> Path:
    path = sorted(folder.rglob("*.dcm"))[0]
    path.write_bytes(path.read_bytes()[:400])
    return folder


def with_another_person(folder: Path) -> Path:
    write_series(folder, DESS, {**IDENTITY, "PatientID": "OTHER"})
    return folder


def gapped(folder: Path) -> Path:
    sorted(folder.rglob("*.dcm"))[2].unlink()
    return folder


def without_images(folder: Path) -> Path:
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "notes.txt").write_text("no images here")
    return folder


def localizer_alone(folder: Path) -> Path:
    shutil.rmtree(folder)
    return study(folder, LOCALIZER)


@pytest.mark.parametrize(
    "spoil, sentence",
    [
        (truncated, "ends before its image is complete"),
        (headless, "ends before its image is complete"),
        (with_another_person, "holds images of 2 people"),
        (gapped, "series 5 lacks 1 of its slices"),
        (without_images, "holds no DICOM file with an MR image"),
        (localizer_alone, "none of its 1 series is CISS or DESS or T2TSE"),
    ],
)
def test_bad_input_ends_the_command_with_one_sentence_and_leaves_nothing(only_ciss, tmp_path, capsys, spoil, sentence):
    folder = spoil(only_ciss)
    assert main(["import", str(folder), str(tmp_path / "dataset"), "--subject", "03"]) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1
    assert not any(word in said for word in ("HOSP-7731904", "Zanzibar"))
    assert not (tmp_path / "dataset").exists()


def test_a_folder_that_is_not_there_is_refused(tmp_path, capsys):
    assert main(["import", str(tmp_path / "nowhere"), str(tmp_path / "dataset"), "--subject", "03"]) == 2
    assert "there is no such folder" in capsys.readouterr().err


def test_too_little_space_is_told_before_anything_is_converted(only_ciss, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1000))
    with pytest.raises(DatasetError, match="no space"):
        import_subject(only_ciss, tmp_path / "dataset", "03")
    assert not (tmp_path / "dataset").exists()


def no_space(*_arguments, **_options):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["compress", "run_dcm2bids", "place_subject"])
def test_a_disk_that_fills_up_on_the_way_leaves_nothing(only_ciss, tmp_path, monkeypatch, step):
    monkeypatch.setattr(importing, step, no_space)
    with pytest.raises(DatasetError, match="No space left"):
        import_subject(only_ciss, tmp_path / "dataset", "03")
    assert not (tmp_path / "dataset").exists()


def test_images_that_were_to_be_replaced_come_back_if_the_last_step_fails(only_ciss, tmp_path, monkeypatch):
    root = tmp_path / "dataset"
    old = root / "rawdata/sub-03/anat/sub-03_acq-CISS_T2w.nii.gz"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"old")
    monkeypatch.setattr("SpineRootLib.dicom_import.placing.write_table", no_space)
    with pytest.raises(DatasetError, match="No space left"):
        import_subject(only_ciss, root, "03", ImportSettings(force=True))
    assert [path.name for path in (root / "rawdata/sub-03").rglob("*.*")] == [old.name]
    assert old.read_bytes() == b"old"


def test_a_new_dataset_whose_last_file_cannot_be_written_is_gone(only_ciss, tmp_path, monkeypatch):
    monkeypatch.setattr("SpineRootLib.dicom_import.placing.write_table", no_space)
    with pytest.raises(DatasetError, match="No space left"):
        import_subject(only_ciss, tmp_path / "dataset", "03")
    assert not (tmp_path / "dataset").exists()


def test_a_cancelled_import_leaves_nothing(only_ciss, tmp_path):
    with pytest.raises(Cancelled):
        import_subject(only_ciss, tmp_path / "dataset", "03", progress=lambda fraction, _text: fraction < 0.5)
    assert not (tmp_path / "dataset").exists()
