"""`spineroot compare` from folder to folder, and what it and `consensus` refuse alike."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from outcomes import refused
from raters_on_disk import CISS, put, shifted
from straight_spine import straight_spine

from SpineRootLib.anatomy import Root
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.commands import main
from SpineRootLib.tables import read_table

L1_L = Root("L1", "L")


def test_compare_starts_without_the_libraries_it_does_not_need() -> None:
    """They take longer to import than two annotators to compare."""
    heavy = "{'scipy', 'SimpleITK', 'vtkmodules', 'vtk', 'nibabel'}"
    code = f"import sys, SpineRootLib.commands.compare; sys.exit(str({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr == "set()\n"


def test_compare_writes_the_tables_of_the_contract(pair: tuple[str, str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["compare", *pair, "--subject", "01", "--out", str(out)]) == 0
    header, *rows = (out / "sub-01_agreement.tsv").read_text().splitlines()
    assert header.split("\t") == (
        [
            "annotator_a",
            "annotator_b",
            "structure",
            "segment",
            "side",
            "n_matched",
            "n_only_a",
            "n_only_b",
            "mean_mm",
            "sd_mm",
            "median_mm",
            "p95_mm",
            "max_mm",
        ]
    )
    assert rows[0].split("\t")[:8] == ["A", "B", "nerveroots", "L1", "L", "17", "0", "0"]
    assert float(rows[0].split("\t")[8]) == pytest.approx(0.5, abs=1e-9)
    assert rows[2].split("\t") == ["A", "B", "nerveroots", "L2", "L", "0", "0", "0", *["n/a"] * 5]
    points = read_table(out / "sub-01_agreement-points.tsv")
    assert list(points[0]) == (
        ["annotator_a", "annotator_b", "structure", "segment", "side", "slice", "distance_mm", "hausdorff_mm", "dice"]
    )
    assert [row["slice"] for row in points[:17]] == [str(number) for number in range(4, 21)]
    ganglion = next(row for row in points if row["structure"] == "ganglions")
    assert (ganglion["slice"], ganglion["hausdorff_mm"]) == ("n/a", "n/a")
    assert float(ganglion["distance_mm"]) == pytest.approx(0.5, abs=1e-9)
    described = json.loads((out / "sub-01_agreement.json").read_text())
    for table in out.glob("*.tsv"):
        assert set(table.read_text().splitlines()[0].split("\t")) <= described.keys()
    assert described["Annotators"][1]["SignOff"]["By"] == "B"
    assert (out / "sub-01_agreement.png").stat().st_size > 10_000


def test_files_in_ras_and_in_lps_give_the_same_distances(pair: tuple[str, str], tmp_path: Path) -> None:
    for path in Path(pair[1]).rglob("*nerveroots*.json"):
        document = json.loads(path.read_text())
        markup = document["markups"][0]
        markup["coordinateSystem"] = "RAS"
        for point in markup["controlPoints"]:
            point["position"] = [-point["position"][0], -point["position"][1], point["position"][2]]
        path.write_text(json.dumps(document))
    assert main(["compare", *pair, "--subject", "01", "--out", str(tmp_path / "out")]) == 0
    row = read_table(tmp_path / "out" / "sub-01_agreement.tsv")[0]
    assert float(row["max_mm"]) == pytest.approx(0.5, abs=1e-9)


@pytest.mark.parametrize("command", ["compare", "consensus"])
def test_work_that_is_not_signed_off_stays_unseen_unless_told(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spine = straight_spine()
    folders = str(put(tmp_path, spine, "A")), str(put(tmp_path, spine, "B", signed=False))
    arguments = (command, *folders, "--subject", "01", "--out", str(tmp_path / "out"))
    assert "markers-B/sub-01/sub-01_annotation.json: has no sign-off" in refused(capsys, *arguments)
    assert main([*arguments, "--not-blind"]) == 0
    capsys.readouterr()
    (Path(folders[1]) / "sub-01" / "sub-01_annotation.json").unlink()
    assert "--not-blind" in refused(capsys, *arguments[:-1], str(tmp_path / "new"))


def test_what_somebody_has_not_signed_off_is_no_truth_to_learn_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spine = straight_spine()
    mine, theirs = str(put(tmp_path, spine, "A")), str(put(tmp_path, spine, "B", signed=False))
    arguments = ("compare", mine, "--truth", theirs, "--subject", "01", "--out", str(tmp_path / "out"))
    assert "has no sign-off: B's work is not shown" in refused(capsys, *arguments)
    assert main([*arguments, "--not-blind"]) == 0


def test_folders_that_do_not_say_who_annotated_are_told_apart(tmp_path: Path) -> None:
    folders = []
    for name in ("one", "two"):
        spine = straight_spine()
        write_annotation(tmp_path / name / "markers", spine, durable=False)
        (tmp_path / name / "markers" / "sub-01" / "sub-01_annotation.json").unlink()
        folders.append(str(tmp_path / name / "markers"))
    assert main(["compare", *folders, "--subject", "01", "--out", str(tmp_path / "out")]) == 0
    row = read_table(tmp_path / "out" / "sub-01_agreement.tsv")[0]
    assert (row["annotator_a"], row["annotator_b"]) == ("consensus", "consensus2")


def test_annotations_without_a_common_slice_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = str(put(tmp_path, straight_spine(), "A", ciss=None))
    b = str(put(tmp_path, straight_spine(degrees=20.0), "B", ciss=None))
    said = refused(capsys, "compare", a, b, "--subject", "01", "--out", str(tmp_path / "out"))
    assert "A and B marked no common slices" in said


def test_an_annotator_is_scored_against_the_truth(tmp_path: Path) -> None:
    truth = straight_spine()
    truth.roots[Root("L2", "L")] = truth.roots[L1_L] + [3.0, 0.0, 0.0]
    novice = copy.deepcopy(truth)
    # one point on the neighbouring root, one off, one missed, one too many
    novice.roots[L1_L][2] += [3.1, 0.0, 0.0]
    novice.roots[L1_L][3] += [0.0, 1.5, 0.0]
    novice.roots[L1_L] = np.delete(novice.roots[L1_L], 8, axis=0)
    truth.roots[L1_L] = truth.roots[L1_L][:-1]
    folders = str(put(tmp_path, novice, "A")), "--truth", str(put(tmp_path, truth, "T"))
    out = tmp_path / "out"
    assert main(["compare", *folders, "--subject", "01", "--out", str(out)]) == 0
    row = read_table(out / "sub-01_score.tsv")[0]
    counts = {name: row[f"n_{name}"] for name in ("truth", "hit", "off", "wrong_root", "missed", "extra")}
    assert counts == {"truth": "16", "hit": "13", "off": "1", "wrong_root": "1", "missed": "1", "extra": "1"}
    assert float(row["score"]) == pytest.approx(100 * 13 / 17)
    mistakes = read_table(out / "sub-01_mistakes.tsv")
    assert [(each["mistake"], each["slice"], each["lies_on"]) for each in mistakes] == [
        ("wrong-root", "6", "L2_L"),
        ("off", "7", "n/a"),
        ("missed", "12", "n/a"),
        ("extra", "20", "n/a"),
    ]


def test_an_annotator_apart_from_two_others_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spine = straight_spine()
    moves = {"A": [0.1, 0, 0], "B": [0, 0.1, 0], "C": [2.0, 1.0, 0]}
    folders = [str(put(tmp_path, shifted(spine, move), label)) for label, move in moves.items()]
    assert main(["compare", *folders, "--subject", "01", "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "C is apart from the others on nerveroots:" in said
    assert "A is apart" not in said
    named = {
        row["annotator"] for row in read_table(tmp_path / "out" / "sub-01_annotators.tsv") if row["outlying"] == "yes"
    }
    assert named == {"C"}


@pytest.mark.parametrize("command", ["compare", "consensus"])
def test_what_does_not_fit_together_is_refused_in_one_sentence(
    command: str, pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = pair
    tail = ("--subject", "01", "--out", str(tmp_path / "out"))
    assert "annotator A again" in refused(capsys, command, a, a, *tail)
    assert "only annotator" in refused(capsys, command, a, *tail)
    assert "lies inside" in refused(capsys, command, a, b, "--subject", "01", "--out", f"{a}/agreement")
    assert "no markups of sub-02" in refused(capsys, command, a, b, "--subject", "02", "--out", str(tmp_path / "out"))
    assert "no such folder" in refused(capsys, command, a, f"{b}x", *tail)
    if command == "compare":
        assert "annotator A again" in refused(capsys, command, a, "--truth", a, *tail)
    empty = tmp_path / "markers-E"
    (empty / "sub-01").mkdir(parents=True)
    assert "no markups of sub-01" in refused(capsys, command, a, str(empty), *tail)


@pytest.mark.parametrize("label", ["J B", "../x", "ä", ""])
def test_an_annotator_without_a_plain_name_is_refused(
    label: str, pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sidecar = Path(pair[1]) / "sub-01" / "sub-01_annotation.json"
    sidecar.write_text(json.dumps({**json.loads(sidecar.read_text()), "Annotator": label}))
    odd = Path(pair[1]).rename(tmp_path / "markers-J B")
    said = refused(capsys, "compare", pair[0], str(odd), "--subject", "01", "--out", str(tmp_path / "out"))
    assert "letters and digits only" in said
    (odd / "sub-01" / "sub-01_annotation.json").unlink()
    odd = odd.rename(tmp_path / "é ü")
    said = refused(capsys, "compare", pair[0], str(odd), "--subject", "01", "--out", str(tmp_path / "out"))
    assert f"{odd}: 'éü' is no annotator label" in said


def test_different_images_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spine = straight_spine()
    a = str(put(tmp_path, spine, "A", ciss={**CISS, "VoxelSHA256": "1" * 64}))
    other = str(put(tmp_path, spine, "B", ciss={**CISS, "SHA256": "6" * 64, "VoxelSHA256": "2" * 64}))
    moved = copy.deepcopy(CISS)
    moved["Affine"][2][3] += 1.0  # type: ignore[index]
    geometry = str(put(tmp_path, spine, "C", ciss={**moved, "SHA256": None}))
    unknown = str(put(tmp_path, spine, "D", ciss={"SHA256": "7" * 64}))
    tail = ("--subject", "01", "--out", str(tmp_path / "out"))
    said = refused(capsys, "compare", a, other, *tail)
    assert "A and B annotated different CISS images: A's has other voxels than B's" in said
    said = refused(capsys, "consensus", a, geometry, *tail)
    assert "A and C annotated different CISS images: A's lies up to 1 mm from where C's lies" in said
    assert "nothing tells their size and position" in refused(capsys, "compare", a, unknown, *tail)


def test_images_that_differ_in_their_compression_count_as_one_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spine, voxels = straight_spine(), {"VoxelSHA256": "1" * 64}
    a = str(put(tmp_path, spine, "A", ciss={**CISS, **voxels}))
    same = str(put(tmp_path, spine, "B", ciss={**CISS, "SHA256": "6" * 64, **voxels}))
    open_to_doubt = str(put(tmp_path, spine, "C", ciss={**CISS, "SHA256": "7" * 64}))
    tail = ("--subject", "01", "--out", str(tmp_path / "out"))
    assert main(["compare", a, same, *tail, "--quiet"]) == 0
    assert capsys.readouterr().err == ""
    assert main(["compare", a, open_to_doubt, *tail]) == 0
    assert "A and C annotated different files of the CISS image (SHA-256)" in capsys.readouterr().err


def test_parts_that_nobody_marked_are_said_and_the_rest_is_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spine, other = straight_spine(), straight_spine(roots=False)
    other.contours["cord"] = []
    folders = str(put(tmp_path, spine, "A")), str(put(tmp_path, other, "B"))
    assert main(["compare", *folders, "--subject", "01", "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "B marked no cord" in said
    rows = read_table(tmp_path / "out" / "sub-01_agreement.tsv")
    assert [row["n_only_a"] for row in rows if row["structure"] in ("cord", "dura")] == ["0", "10"]


def test_annotators_who_counted_the_levels_differently_are_told_in_tables_and_the_consensus(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spine = straight_spine()
    spine.segments = (*spine.segments, "L6")
    other = shifted(spine, [0.2, 0.0, 0.0])
    spine.roots[Root("L6", "L")] = spine.roots[Root("L1", "L")] + [0.0, 6.0, 0.0]
    folders = str(put(tmp_path, spine, "A")), str(put(tmp_path, other, "B"))
    tail = ("--subject", "01", "--segments", "L1 L2 L3 L4 L5 L6 S1 S2", "--json")
    assert main(["compare", *folders, "--out", str(tmp_path / "out"), *tail]) == 0
    assert "L6" in json.loads(capsys.readouterr().out)["levels"]["A"]
    described = json.loads((tmp_path / "out" / "sub-01_agreement.json").read_text())
    assert ["L6" in each["Levels"] for each in described["Annotators"]] == [True, False]
    assert main(["consensus", *folders, "--out", str(tmp_path / "markers"), *tail[:-1]]) == 0
    assert "A marked L6 and B did not: they count the levels differently" in capsys.readouterr().out


def test_two_published_folders_without_images_share_their_slices(sub03: Path, tmp_path: Path) -> None:
    markers = sub03 / "markers"
    copied = tmp_path / "copied"
    copied.mkdir()
    for path in markers.iterdir():
        (copied / path.name).write_bytes(path.read_bytes())
    command = ["compare", str(markers), str(copied), "--subject", "03", "--out", str(tmp_path / "out"), "--not-blind"]
    assert main(command) == 0
    rows = read_table(tmp_path / "out" / "sub-03_agreement.tsv")
    assert sum(int(row["n_matched"]) for row in rows) == 536 + 14 + 80 + 66
    assert {row["max_mm"] for row in rows} == {"0"}
