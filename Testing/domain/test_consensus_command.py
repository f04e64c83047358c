"""`spineroot consensus` from folder to folder: what is settled, what is kept, and what is refused."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import numpy as np
import pytest
from outcomes import refused
from raters_on_disk import put
from straight_spine import straight_spine

from SpineRootLib.anatomy import Root
from SpineRootLib.annotation_files import read_annotation, write_annotation
from SpineRootLib.commands import main
from SpineRootLib.markups import read_markup
from SpineRootLib.tables import read_table

L1_L = Root("L1", "L")


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


def test_a_published_consensus_needs_no_sign_off(pair: tuple[str, str], tmp_path: Path) -> None:
    published = tmp_path / "published" / "markers"
    write_annotation(published, straight_spine(), durable=False)
    (published / "sub-01" / "sub-01_annotation.json").unlink()
    assert main(["compare", pair[0], str(published), "--subject", "01", "--out", str(tmp_path / "out")]) == 0
    assert read_table(tmp_path / "out" / "sub-01_agreement.tsv")[0]["annotator_b"] == "consensus"


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
    for place, point in (("ganglions_L1_R", "99999,0,0"), ("nerveroots_L1_L:9", "60,-42,-366")):
        said = refused(capsys, "consensus", *pair, *tail[:-1], f"{place}={point}")
        assert f"{place} is corrected to a point" in said and "more than 30 mm is a slip" in said


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
