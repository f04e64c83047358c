"""The queue of what models are least certain of: by probabilities, by two models' disagreement, and as a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from raters_on_disk import put
from straight_spine import straight_spine
from test_labels import ciss

from SpineRootLib.anatomy import Root
from SpineRootLib.commands import main
from SpineRootLib.errors import SpineRootError
from SpineRootLib.images import Image, write_image
from SpineRootLib.labels import label_map
from SpineRootLib.learning.queue import read_queue
from SpineRootLib.place import Place
from SpineRootLib.regions import root_region
from SpineRootLib.tables import read_table

L1_L = Root("L1", "L")
IMAGE = ciss(voxel=0.5)


@pytest.fixture(scope="module")
def right() -> np.ndarray:
    return label_map(IMAGE, straight_spine())


@pytest.fixture
def study(tmp_path: Path, right: np.ndarray) -> Path:
    """Subjects 01 and 02, and what two models say of them: they differ on slice 15 of 02, by its left root alone, and
    the first doubts slices 6 and, less, 9 of 01."""
    sure = {"01": np.full(right.shape, 0.9, dtype=np.float32), "02": np.full(right.shape, 0.85, dtype=np.float32)}
    sure["01"][:, :, 5][right[:, :, 5] == 1] = 0.4
    sure["01"][:, :, 8][right[:, :, 8] == root_region(L1_L).number] = 0.2
    for subject, confidence in sure.items():
        write_image(tmp_path / f"rawdata/sub-{subject}/anat/sub-{subject}_CISS.nii.gz", IMAGE)
        write_image(tmp_path / f"one/sub-{subject}.nii.gz", Image(right, IMAGE.affine))
        write_image(tmp_path / f"one/sub-{subject}_confidence.nii.gz", Image(confidence, IMAGE.affine))
        other = right.copy()
        if subject == "02":
            other[:, :, 14][right[:, :, 14] == root_region(L1_L).number] = root_region(L1_L.opposite).number
        write_image(tmp_path / f"two/sub-{subject}.nii.gz", Image(other, IMAGE.affine))
    put(tmp_path / "derivatives", straight_spine(), "A", ciss=None)
    return tmp_path


def queued(study: Path, *more: str) -> list[dict[str, str]]:
    out = study / "next_queue.tsv"
    line = ["queue", str(study), str(study / "one"), "--table", "spineroot", "--out", str(out)]
    assert main([*line, *more]) == 0
    return read_table(out)


def test_the_least_certain_slices_come_first(study: Path) -> None:
    rows = queued(study, "--slices", "2")
    assert [(row["subject"], row["slice"]) for row in rows[:2]] == [("01", "6"), ("01", "9")]
    assert (rows[0]["structure"], rows[0]["segment"]) == ("cord", "n/a")
    assert (rows[1]["structure"], rows[1]["segment"], rows[1]["side"]) == ("nerveroots", "L1", "L")
    assert [row["subject"] for row in rows] == ["01", "01", "02", "02"]
    assert [row["uncertainty"] for row in rows[2:]] == ["0.15", "0.15"]


def test_two_models_are_asked_where_they_differ(study: Path, right: np.ndarray) -> None:
    first = queued(study, "--second", str(study / "two"), "--slices", "1")[0]
    assert (first["subject"], first["slice"], first["segment"]) == ("02", "15", "L1")
    on_slice = right[:, :, 14]
    share = (on_slice == root_region(L1_L).number).sum() / (on_slice > 2).sum()
    assert float(first["uncertainty"]) == pytest.approx(share, abs=1e-4)


def test_nnunet_s_probabilities_do_as_well(study: Path, right: np.ndarray) -> None:
    for subject in ("01", "02"):
        (study / f"one/sub-{subject}_confidence.nii.gz").unlink()
        shares = np.full((2, *right.shape[::-1]), 0.1, dtype=np.float32)
        shares[1] = 0.9
        shares[1, 11] = 0.5 if subject == "02" else 0.9
        np.savez(study / f"one/sub-{subject}.npz", probabilities=shares)
    assert [(row["subject"], row["slice"]) for row in queued(study, "--slices", "1")][0] == ("02", "12")


def test_a_queue_is_read_as_places(study: Path) -> None:
    queued(study, "--slices", "2")
    entries = read_queue(study / "next_queue.tsv")
    assert entries[1].place == Place("nerveroots", L1_L, 9)
    (study / "other.tsv").write_text("rank\tname\n1\tx\n")
    with pytest.raises(SpineRootError, match="is no queue"):
        read_queue(study / "other.tsv")
    (study / "other.tsv").write_text("subject\tslice\tstructure\n01\tx\tcord\n")
    with pytest.raises(SpineRootError, match="is no queue"):
        read_queue(study / "other.tsv")


def test_what_is_missing_is_said(study: Path, capsys) -> None:
    line = ["queue", str(study), str(study / "two"), "--table", "spineroot", "--out", str(study / "next_queue.tsv")]
    assert main(line) == 2
    assert "sub-01.nii.gz: has beside it neither" in capsys.readouterr().err
    assert main([*line[:2], str(study / "rawdata"), *line[3:]]) == 2
    assert "holds no label map of a subject" in capsys.readouterr().err
    assert not (study / "next_queue.tsv").exists()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("0\tnerveroots\tL1\tL", "'0' is no number of a slice"),
        ("0\tcord\tn/a\tn/a", "'0' is no number of a slice"),
        ("4\tnerveroots\tL1\tX", "'X' is no side"),
    ],
)
def test_a_queue_with_a_place_that_cannot_be_is_refused(tmp_path: Path, row: str, said: str) -> None:
    (tmp_path / "next.tsv").write_text(f"subject\tslice\tstructure\tsegment\tside\n01\t{row}\n")
    with pytest.raises(SpineRootError, match=said):
        read_queue(tmp_path / "next.tsv")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and nothing more"], ids=["empty", "cut off"])
def test_probabilities_that_cannot_be_read_are_said(study: Path, capsys, content: bytes) -> None:
    (study / "one/sub-01_confidence.nii.gz").unlink()
    (study / "one/sub-01.npz").write_bytes(content)
    line = ["queue", str(study), str(study / "one"), "--table", "spineroot", "--out", str(study / "next_queue.tsv")]
    assert main(line) == 2
    assert "sub-01.npz: holds no probabilities by label" in capsys.readouterr().err


def test_probabilities_that_are_no_numbers_are_refused(study: Path, right: np.ndarray, capsys) -> None:
    (study / "one/sub-01_confidence.nii.gz").unlink()
    np.savez(study / "one/sub-01.npz", probabilities=np.full((2, *right.shape[::-1]), np.nan))
    line = ["queue", str(study), str(study / "one"), "--table", "spineroot", "--out", str(study / "next_queue.tsv")]
    assert main(line) == 2
    assert "holds no probabilities from 0 to 1" in capsys.readouterr().err


def test_of_several_runs_one_is_chosen(study: Path) -> None:
    anat = study / "rawdata/sub-02/anat"
    image = anat / "sub-02_CISS.nii.gz"
    image.rename(anat / "sub-02_run-2_CISS.nii.gz")
    (anat / "sub-02_run-1_CISS.nii.gz").write_bytes(b"broken off")
    (study / "one/sub-01.nii.gz").unlink()
    assert {row["subject"] for row in queued(study, "--run", "2")} == {"02"}
