"""`spineroot compare` and `consensus` from folder to folder, and what they refuse."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from raters_on_disk import CISS, put, shifted
from straight_spine import straight_spine

from SpineRootLib.anatomy import Root
from SpineRootLib.annotation_files import read_annotation, write_annotation
from SpineRootLib.commands import main
from SpineRootLib.markups import read_markup
from SpineRootLib.tables import read_table

L1_L = Root("L1", "L")


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    """Two annotators, 0.5 mm apart everywhere."""
    spine = straight_spine()
    return str(put(tmp_path, spine, "A")), str(put(tmp_path, shifted(spine, [0.3, 0.4, 0.0]), "B"))


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one sentence with which a command ends; nothing may have been printed or written."""
    out = Path(arguments[arguments.index("--out") + 1])
    before = sorted(out.rglob("*"))
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert sorted(out.rglob("*")) == before
    assert said.err.count("\n") == 1
    return said.err


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


def test_consensus_writes_the_published_layout_midway(pair: tuple[str, str], tmp_path: Path) -> None:
    out = tmp_path / "markers"
    assert main(["consensus", *pair, "--subject", "sub-01", "--out", str(out)]) == 0
    agreed, spine = read_annotation(out, "01"), straight_spine()
    np.testing.assert_allclose(agreed.root_descending(L1_L), spine.roots[L1_L] + [0.15, 0.2, 0.0], atol=1e-9)
    assert read_markup(out / "sub-01" / "sub-01_dura_20.json").kind == "ClosedCurve"
    assert len(list((out / "sub-01").glob("sub-01_*_*.json"))) == 20 + 10 + 2 + 2
    recorded = agreed.provenance.document["Consensus"]
    assert [each["Annotator"] for each in recorded["Annotators"]] == ["A", "B"]
    assert recorded["Annotators"][0]["SignOff"]["By"] == "A"
    assert json.loads((out / "dataset_description.json").read_text())["DatasetType"] == "derivative"
    assert read_table(out / "sub-01_disagreements.tsv") == []


def test_resolutions_survive_a_second_run_and_are_applied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spine, other = straight_spine(), straight_spine()
    other.roots[L1_L][5] += [6.0, 0.0, 0.0]
    folders = str(put(tmp_path, spine, "A")), str(put(tmp_path, other, "B"))
    out = tmp_path / "markers"
    command = ["consensus", *folders, "--subject", "01", "--out", str(out)]
    assert main(command) == 2
    assert str(out / "sub-01_disagreements.tsv") in capsys.readouterr().err
    listed = read_table(out / "sub-01_disagreements.tsv")
    assert [(row["rank"], row["structure"], row["slice"], row["needs_resolution"]) for row in listed] == [
        ("1", "nerveroots", "9", "yes")
    ]
    assert not (out / "sub-01").exists()
    assert main([*command, "--resolve", "nerveroots_L1_L:9=A", "--by", "A and B"]) == 0
    assert main(command) == 0
    agreed = read_annotation(out, "01")
    np.testing.assert_allclose(agreed.root_by_slice(L1_L)[9], spine.roots[L1_L][5], atol=1e-9)
    assert read_table(out / "sub-01_disagreements.tsv")[0]["resolution"] == "A"
    (settled,) = agreed.provenance.document["Consensus"]["Resolutions"]
    assert (settled["Take"], settled["By"]) == ("A", "A and B")
    x, y, z = spine.roots[L1_L][5] + [1.0, 1.0, 0.0]
    assert main([*command, "--resolve", f"nerveroots_L1_L:9={x},{y},{z}"]) == 0
    assert main(command) == 0
    np.testing.assert_allclose(read_annotation(out, "01").root_by_slice(L1_L)[9], [x, y, z], atol=1e-9)


def test_what_was_settled_for_other_marks_is_named_and_settled_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spine, other = straight_spine(), straight_spine()
    other.roots[L1_L][5] += [6.0, 0.0, 0.0]
    folders = str(put(tmp_path, spine, "A")), str(put(tmp_path, other, "B"))
    out = tmp_path / "markers"
    command = ["consensus", *folders, "--subject", "01", "--out", str(out)]
    assert main([*command, "--resolve", "nerveroots_L1_L:9=A"]) == 0
    first = json.loads((out / "sub-01_resolutions.json").read_text())["Resolutions"]
    agreed = (out / "sub-01" / "sub-01_nerveroots_L1_L.json").read_bytes()

    # nearer than anything that is listed, and still not what was discussed
    changed = copy.deepcopy(spine)
    changed.roots[L1_L][5] += [0.4, 0.0, 0.0]
    put(tmp_path, changed, "B")
    capsys.readouterr()
    assert main(command) == 2
    said = capsys.readouterr().err
    assert "nerveroots_L1_L:9 was settled as A before B's mark changed" in said
    (row,) = read_table(out / "sub-01_disagreements.tsv")
    assert (row["kind"], row["needs_resolution"], row["resolution"]) == ("outdated", "yes", "A, outdated")
    assert (out / "sub-01" / "sub-01_nerveroots_L1_L.json").read_bytes() == agreed

    assert main([*command, "--accept"]) == 0
    assert "nerveroots_L1_L:9 was settled as A before" in capsys.readouterr().out
    mean = read_annotation(out, "01").root_by_slice(L1_L)[9]
    np.testing.assert_allclose(mean, spine.roots[L1_L][5] + [0.2, 0.0, 0.0], atol=1e-9)
    assert json.loads((out / "sub-01_resolutions.json").read_text())["Resolutions"] == first

    assert main([*command, "--resolve", "nerveroots_L1_L:9=B"]) == 0
    assert main(command) == 0
    stored = json.loads((out / "sub-01_resolutions.json").read_text())
    assert [each["Take"] for each in stored["Resolutions"]] == ["B"]
    assert stored["Superseded"] == first


def test_what_was_settled_holds_again_once_the_marks_are_as_they_were(tmp_path: Path) -> None:
    spine, other = straight_spine(), straight_spine()
    other.roots[L1_L][5] += [6.0, 0.0, 0.0]
    folders = str(put(tmp_path, spine, "A")), str(put(tmp_path, other, "B"))
    command = ["consensus", *folders, "--subject", "01", "--out", str(tmp_path / "markers")]
    assert main([*command, "--resolve", "nerveroots_L1_L:9=A"]) == 0
    put(tmp_path, straight_spine(), "B")
    assert main(command) == 2
    # stored again, as another program rounds
    other.roots[L1_L] = np.round(other.roots[L1_L], 4)
    put(tmp_path, other, "B")
    assert main(command) == 0
    agreed = read_annotation(tmp_path / "markers", "01")
    np.testing.assert_allclose(agreed.root_by_slice(L1_L)[9], spine.roots[L1_L][5], atol=1e-9)


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


def test_a_published_consensus_needs_no_sign_off(pair: tuple[str, str], tmp_path: Path) -> None:
    published = tmp_path / "published" / "markers"
    write_annotation(published, straight_spine(), durable=False)
    (published / "sub-01" / "sub-01_annotation.json").unlink()
    assert main(["compare", pair[0], str(published), "--subject", "01", "--out", str(tmp_path / "out")]) == 0
    assert read_table(tmp_path / "out" / "sub-01_agreement.tsv")[0]["annotator_b"] == "consensus"


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
    a = str(put(tmp_path, spine, "A"))
    other = str(put(tmp_path, spine, "B", ciss={**CISS, "SHA256": "6" * 64}))
    moved = copy.deepcopy(CISS)
    moved["Affine"][2][3] += 1.0  # type: ignore[index]
    geometry = str(put(tmp_path, spine, "C", ciss={**moved, "SHA256": None}))
    tail = ("--subject", "01", "--out", str(tmp_path / "out"))
    assert "different CISS images" in refused(capsys, "compare", a, other, *tail)
    assert "different geometry" in refused(capsys, "consensus", a, geometry, *tail)


def test_the_consensus_does_not_replace_an_annotator_who_takes_no_part(
    pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    third = put(tmp_path, straight_spine(), "C")
    said = refused(capsys, "consensus", *pair, "--subject", "01", "--out", str(third))
    assert "annotator C's work" in said


def contents(folder: Path) -> dict[str, bytes]:
    """The files in a folder by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_published_annotation_is_kept_where_the_consensus_takes_its_place(
    pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published = tmp_path / "markers"
    write_annotation(published, straight_spine(), durable=False)
    (published / "sub-01" / "sub-01_annotation.json").unlink()
    before = contents(published / "sub-01")
    command = ["consensus", *pair, "--subject", "01", "--out", str(published), "--json"]
    assert main(command) == 0
    (kept,) = (published / "sub-01").glob("as-found-*")
    assert json.loads(capsys.readouterr().out)["kept"] == str(kept)
    assert contents(kept) == before
    agreed = read_annotation(published, "01").root_descending(L1_L)
    np.testing.assert_allclose(agreed, straight_spine().roots[L1_L] + [0.15, 0.2, 0.0], atol=1e-9)
    # it can be read again as what it was
    (tmp_path / "back").mkdir()
    kept.rename(tmp_path / "back" / "sub-01")
    np.testing.assert_allclose(read_annotation(tmp_path / "back", "01").roots[L1_L], straight_spine().roots[L1_L])


def test_a_consensus_as_it_was_made_is_replaced_and_a_corrected_one_kept(
    pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "markers"
    command = ["consensus", *pair, "--subject", "01", "--out", str(out)]
    assert main(command) == main(command) == 0
    assert list((out / "sub-01").glob("as-found-*")) == []
    corrected = read_annotation(out, "01")
    corrected.roots[L1_L][3] += [1.0, 0.0, 0.0]
    write_annotation(out, corrected, durable=False)
    assert main(command) == 0
    (kept,) = (out / "sub-01").glob("as-found-*")
    assert f"is kept in {kept}" in capsys.readouterr().out
    np.testing.assert_allclose(read_markup(kept / "sub-01_nerveroots_L1_L.json").points, corrected.roots[L1_L])
    assert main(command) == 0
    assert list((out / "sub-01").glob("as-found-*")) == [kept]


def test_remarks_on_a_consensus_are_kept(pair: tuple[str, str], tmp_path: Path) -> None:
    out = tmp_path / "markers"
    command = ["consensus", *pair, "--subject", "01", "--out", str(out)]
    assert main(command) == 0
    sidecar = out / "sub-01" / "sub-01_annotation.json"
    document = json.loads(sidecar.read_text())
    document["Structures"] = {"dura_3": {"Points": {"3": {"Flags": ["uncertain"], "Remark": "motion"}}}}
    sidecar.write_text(json.dumps(document))
    assert main(command) == 0
    (kept,) = (out / "sub-01").glob("as-found-*")
    assert json.loads((kept / sidecar.name).read_text()) == document


def test_nothing_is_written_where_what_lies_there_cannot_be_kept(
    pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published = tmp_path / "markers"
    write_annotation(published, straight_spine(), durable=False)
    gone = published / "sub-01" / "sub-01_dura_1.json"
    gone.unlink()
    gone.symlink_to("not-fetched")
    before = contents(published / "sub-01")
    assert main(["consensus", *pair, "--subject", "01", "--out", str(published)]) == 2
    said = capsys.readouterr().err
    assert str(gone) in said and "cannot be kept" in said
    assert contents(published / "sub-01") == before


@pytest.mark.parametrize("text", ["dura:3", "dura:3=1,2,3", "nerveroots_L1_L=A", "nerveroots_L1_L:3=1,2", "x:3=A"])
def test_a_resolution_that_says_nothing_is_refused(
    text: str, pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["consensus", *pair, "--subject", "01", "--out", str(tmp_path / "out"), "--resolve", text])
    assert stopped.value.code == 2
    assert "argument --resolve: " in capsys.readouterr().err


def test_a_resolution_that_cannot_be_followed_is_refused(
    pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tail = ("--subject", "01", "--out", str(tmp_path / "out"), "--resolve", "dura:3=Z")
    assert "'Z', who is not among A, B" in refused(capsys, "consensus", *pair, *tail)
    tail = (*tail[:-1], "nerveroots_L1_L:9=-5,-42,-350")
    assert "nerveroots_L1_L:9 is corrected to a point that lies on slice 1" in refused(
        capsys, "consensus", *pair, *tail
    )


def test_a_damaged_file_of_resolutions_is_refused_and_kept(
    pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stored = tmp_path / "out" / "sub-01_resolutions.json"
    stored.parent.mkdir()
    for text in ("{", "[]", '{"Resolutions": [{"Place": "dura:3", "Take": "corrected"}]}'):
        stored.write_text(text)
        said = refused(capsys, "consensus", *pair, "--subject", "01", "--out", str(stored.parent))
        assert "sub-01_resolutions.json" in said
        assert stored.read_text() == text


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


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--discuss", "6"), "--discuss 6 is above --limit 5"),
        (("--resolve", "dura:999=A"), "--resolve dura:999=A: nobody marked anything there"),
        (("--resolve", "nerveroots_T12_L:3=mean"), "--resolve nerveroots_T12_L:3=mean: nobody marked anything there"),
        (
            ("--resolve", "dura:3=A", "--resolve", "dura:3=B"),
            "--resolve settles dura:3 more than once",
        ),
    ],
)
def test_what_would_settle_nothing_or_hide_something_is_refused(
    options: tuple[str, ...], sentence: str, pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tail = ("--subject", "01", "--out", str(tmp_path / "out"), *options)
    assert sentence in refused(capsys, "consensus", *pair, *tail)
