"""`spineroot adopt`: a published tree becomes a clean dataset; every change is told, and no point is moved."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from outcomes import tree
from raters_on_disk import put
from straight_spine import straight_spine
from test_labels import ciss

from SpineRootLib.annotation_files import read_annotation
from SpineRootLib.commands import main
from SpineRootLib.images import write_image
from SpineRootLib.markups import read_markup
from SpineRootLib.tables import read_table

SUBJECT = "derivatives/markers/sub-01"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A consensus, 01, as SpineRoot writes it, and what a published dataset says of itself."""
    root = tmp_path / "published"
    folder = put(root / "derivatives", straight_spine(count=12, cord_slices=6), "A", beside_markups(root))
    folder.rename(folder.with_name("markers"))
    (root / SUBJECT / "sub-01_annotation.json").unlink()
    return root


def beside_markups(root: Path) -> None:
    """Write what lies beside the markups; there is no image."""
    (root / "rawdata").mkdir(parents=True)
    (root / "rawdata" / "participants.tsv").write_text("participant_id\nsub-01\n")
    (root / "README").write_text("Traced by two annotators.\n")
    (root / "derivatives" / "model").mkdir(parents=True)


def edit(path: Path, **changes: object) -> dict:
    """Change a file's markup; the markup."""
    document = json.loads(path.read_text())
    document["markups"][0].update(changes)
    path.write_text(json.dumps(document))
    return document["markups"][0]


def spoil(published: Path) -> None:
    """All that was seen in published files."""
    folder = published / SUBJECT
    ganglion = folder / "sub-01_ganglions_L1_L.json"
    points = edit(ganglion)["controlPoints"]
    edit(ganglion, controlPoints=[{**each, "label": "L2_L-1"} for each in points])
    root = folder / "sub-01_nerveroots_L1_R.json"
    points = edit(root)["controlPoints"]
    edit(root, controlPoints=[{**each, "label": f"R_L1-{number}"} for number, each in enumerate(points[::-1])])
    root = folder / "sub-01_nerveroots_L1_L.json"
    points = edit(root)["controlPoints"]
    points[2:4] = points[3], points[2]
    edit(root, controlPoints=[*points, points[0]])
    for path in sorted(folder.glob("*_cord_*.json")):
        number = int(path.stem.rpartition("_")[2])
        path.rename(folder / f"moved_{7 - number}")
    for path in sorted(folder.glob("moved_*")):
        path.rename(folder / f"sub-01_cord_{path.name.removeprefix('moved_')}.json")
    (folder / "sub-01_dura_3.json").rename(folder / "sub_01_dura_3.json")
    (folder / "sub-01_dura_5 (copy).json").write_bytes((folder / "sub-01_dura_5.json").read_bytes())


def changes(out: Path) -> list[dict[str, str]]:
    return read_table(out / SUBJECT / "sub-01_adopted.tsv")


def test_every_change_is_told(published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(published)
    before, out = tree(published), tmp_path / "clean"
    assert main(["adopt", str(published), str(out)]) == 0
    told = {(row["file"], row["change"], row["before"], row["after"]) for row in changes(out)}
    assert {each for each in told if each[1] != "number"} == {
        ("sub-01_ganglions_L1_L.json", "label", "L2_L", "L1_L"),
        ("sub-01_nerveroots_L1_R.json", "spelling", "R_L1", "L1_R"),
        ("sub-01_nerveroots_L1_R.json", "order", "from the bottom up", "from the top down"),
        ("sub-01_nerveroots_L1_L.json", "order", "from the top down, but for 2 steps", "from the top down"),
        ("sub-01_nerveroots_L1_L.json", "duplicate", "10 points", "9 points"),
        ("sub_01_dura_3.json", "name", "sub_01_dura_3.json", "sub-01_dura_3.json"),
        next(each for each in told if each[1] == "left-out"),
    }
    assert "(copy)" in next(each[0] for each in told if each[1] == "left-out")
    assert {(each[2], each[3]) for each in told if each[1] == "number"} == {(str(n), str(7 - n)) for n in range(1, 7)}
    assert tree(published) == before
    said = capsys.readouterr().out
    assert "contours numbered as their slices: 6" in said
    assert "not taken, as it can be made anew: model" in said


def test_no_point_is_moved_and_nothing_is_left_to_be_told(published: Path, tmp_path: Path) -> None:
    spoil(published)
    out = tmp_path / "clean"
    assert main(["adopt", str(published), str(out)]) == 0
    old, new = (read_annotation(root / "derivatives/markers", "01") for root in (published, out))
    for root, points in old.roots.items():
        assert np.array_equal(np.unique(points, axis=0), np.unique(new.roots[root], axis=0))
    for structure in ("dura", "cord"):
        for number, contour in old.contours_by_slice(structure).items():
            assert np.array_equal(
                contour.points, read_markup(out / SUBJECT / f"sub-01_{structure}_{number}.json").points
            )
    assert new.findings == []
    again = tmp_path / "again"
    assert main(["adopt", str(out), str(again)]) == 0
    assert changes(again) == []


def test_a_clean_dataset_is_not_changed(published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adopt", str(published), str(tmp_path / "clean")]) == 0
    assert changes(tmp_path / "clean") == []
    assert "nothing had to be changed" in capsys.readouterr().out


def test_what_a_dataset_says_of_itself_goes_along(published: Path, tmp_path: Path) -> None:
    out = tmp_path / "clean"
    assert main(["adopt", str(published), str(out)]) == 0
    assert (out / "README").read_text() == "Traced by two annotators.\n"
    assert (out / "rawdata" / "participants.tsv").exists()
    assert json.loads((out / SUBJECT / "sub-01_annotation.json").read_text())["Adopted"]["From"] == "markers"


def test_what_somebody_marked_there_meanwhile_is_kept_and_a_repetition_keeps_nothing(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "clean"
    for _ in range(2):
        assert main(["adopt", str(published), str(out)]) == 0
        assert "is kept in" not in capsys.readouterr().out
    (out / SUBJECT / "sub-01_dura_1.json").unlink()
    (out / SUBJECT / "sub-01_dura_2.json").write_bytes((out / SUBJECT / "sub-01_dura_3.json").read_bytes())
    assert main(["adopt", str(published), str(out)]) == 0
    assert "is kept in" in capsys.readouterr().out
    assert len(list((out / SUBJECT).glob("as-found-*"))) == 1


def test_a_subject_that_cannot_be_read_is_named_and_the_others_are_adopted(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = published / "derivatives/markers/sub-02"
    broken.mkdir()
    (broken / "sub-02_dura_1.json").write_text("{")
    assert main(["adopt", str(published), str(tmp_path / "clean"), "--quiet"]) == 2
    said = capsys.readouterr().err
    assert "sub-02_dura_1.json: is no whole JSON file" in said
    assert "markers, sub-02: not adopted" in said.splitlines()[-1]
    assert (tmp_path / "clean" / SUBJECT / "sub-01_dura_1.json").exists()


@pytest.mark.parametrize("place", ["inside", ".."])
def test_the_published_tree_itself_is_not_written_to(
    published: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    before = tree(published)
    assert main(["adopt", str(published), str(published / place)]) == 2
    assert "choose another folder" in capsys.readouterr().err
    assert tree(published) == before


def test_the_real_subjects_wrong_labels_are_all_reported(sub03: Path, tmp_path: Path) -> None:
    out = tmp_path / "clean"
    assert main(["adopt", str(sub03 / "markers"), str(out)]) == 0
    rows = read_table(out / "derivatives/markers/sub-03/sub-03_adopted.tsv")
    counts = Counter((row["structure"], row["change"]) for row in rows)
    assert counts["ganglions", "label"] == 11
    assert (counts["nerveroots", "order"], counts["cord", "number"], counts["dura", "number"]) == (10, 66, 0)
    old, new = read_annotation(sub03 / "markers", "03"), read_annotation(out / "derivatives/markers", "03")
    assert sum(map(len, old.roots.values())) == sum(map(len, new.roots.values())) == 536
    assert [finding for finding in new.findings if finding.rule == "label"] == []


def test_an_image_that_differs_from_the_published_one_is_not_taken_for_it(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, name = tmp_path / "clean", "rawdata/sub-01/anat/sub-01_CISS.nii.gz"
    for root, voxel in ((published, 1.0), (out, 2.0)):
        write_image(root / name, ciss(voxel))
    before = tree(out)
    assert main(["adopt", str(published), str(out)]) == 2
    assert f"{out / name}: differs from the published one" in capsys.readouterr().err
    assert tree(out) == before
