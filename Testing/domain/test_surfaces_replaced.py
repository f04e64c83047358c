"""What a run makes replaces what an earlier run of it made, and only that."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from raters_on_disk import put
from straight_spine import straight_spine

from SpineRootLib.anatomy import Root
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.cohort.job import SubjectJob
from SpineRootLib.cohort.steps import STEPS
from SpineRootLib.cohort.work import Work
from SpineRootLib.commands import main
from SpineRootLib.surfaces import build_model, write_model
from SpineRootLib.surfaces.made_files import made_earlier, remove_outdated
from SpineRootLib.surfaces.report import write_report

LEFT, RIGHT = Root("L1", "L"), Root("L1", "R")


@pytest.fixture
def markers(tmp_path: Path) -> Path:
    write_annotation(tmp_path / "markers", straight_spine(), durable=False)
    return tmp_path / "markers"


def build(markers: Path, out: Path, *arguments: str) -> set[str]:
    """Run the command; the names of what lies in its folder then."""
    assert main(["model", str(markers), "--subject", "01", "--out", str(out), *arguments]) == 0
    return {path.name for path in out.iterdir()}


def without_right_root(markers: Path) -> None:
    for name in ("nerveroots_L1_R", "ganglia_L1_R", "ganglion_L1_R"):
        for path in (markers / "sub-01").glob(f"*{name}*"):
            path.unlink()


def test_regions_and_surfaces_of_an_earlier_run_are_gone_where_this_run_made_none(markers, tmp_path):
    out = tmp_path / "out"
    assert "sub-01_region-csf.vtp" in build(markers, out, "--conforming")
    without_right_root(markers)
    names = build(markers, out)
    assert "sub-01_nerveroots_L1_L.vtp" in names
    assert not [name for name in names if "region" in name or "L1_R" in name]


def test_what_was_removed_is_said(markers, tmp_path, capsys):
    before = build(markers, tmp_path / "out", "--format", "vtp,stl")
    capsys.readouterr()
    after = build(markers, tmp_path / "out")
    assert f"{len(before - after)} files of an earlier run were removed" in capsys.readouterr().out
    assert before - after == {name for name in before if name.endswith(".stl")}
    assert before - after


def test_files_of_others_stay(markers, tmp_path):
    """A surface that was edited, one of another subject, one that only has a name like ours, and notes."""
    out = tmp_path / "out"
    build(markers, out, "--conforming", "--format", "vtp,stl")
    (out / "sub-01_cord.stl").write_bytes((out / "sub-01_cord.stl").read_bytes() + b"edited")
    foreign = {"sub-02_dura.stl", "sub-01_lead.stl", "notes.txt"}
    for name in foreign:
        (out / name).write_text("mine")
    names = build(markers, out)
    assert foreign | {"sub-01_cord.stl"} <= names
    assert "sub-01_dura.stl" not in names


def test_a_report_that_names_files_elsewhere_removes_nothing_there(tmp_path):
    """Names with a path, links, and other subjects' files are not of this folder's model."""
    model = build_model(straight_spine())
    folder = tmp_path / "model"
    path = write_report(model, folder, write_model(model, folder), [])
    document = json.loads(path.read_text())
    digest = document["files"]["sub-01_dura.vtp"]
    shutil.copy(folder / "sub-01_dura.vtp", tmp_path / "sub-01_dura.vtp")
    shutil.copy(folder / "sub-01_dura.vtp", folder / "sub-02_dura.vtp")
    (folder / "sub-01_linked.vtp").symlink_to(tmp_path / "sub-01_dura.vtp")
    names = ["../sub-01_dura.vtp", str(tmp_path / "sub-01_dura.vtp"), "sub-02_dura.vtp", "sub-01_linked.vtp"]
    document["files"] |= dict.fromkeys(names, digest)
    path.write_text(json.dumps(document))
    removed = remove_outdated(folder, "01")
    assert {each.name for each in removed} == {f"sub-01_{name}.vtp" for name in model.parts}
    assert (tmp_path / "sub-01_dura.vtp").exists()
    assert (folder / "sub-02_dura.vtp").exists()
    assert (folder / "sub-01_linked.vtp").is_symlink()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": ["sub-01_dura.vtp"]}', '{"surfaces": {}}'])
def test_without_a_list_of_files_nothing_was_made_earlier(tmp_path, text):
    (tmp_path / "sub-01_model.json").write_text(text)
    assert made_earlier(tmp_path, "01") == {}


def test_what_is_written_of_a_part_of_the_model_leaves_the_rest(tmp_path):
    model = build_model(straight_spine())
    write_report(model, tmp_path, write_model(model, tmp_path), [])
    some = write_model(model, tmp_path, ["stl"])[:1]
    path = write_report(model, tmp_path, some, [], partial=True)
    assert (tmp_path / "sub-01_cord.vtp").exists()
    assert {"sub-01_cord.vtp", "sub-01_dura.stl"} <= set(json.loads(path.read_text())["files"])


def test_a_run_replaces_the_model_of_an_earlier_run(tmp_path):
    """The right root is gone from the annotation: its surface goes. So does the model where nothing is annotated."""
    data, out = tmp_path / "data", tmp_path / "out"
    spine = straight_spine(count=12, cord_slices=6)
    put(data / "derivatives", spine, "A", ciss=None)
    folder = out / "derivatives" / "model" / "sub-01"
    run = ["run", str(data), str(out), "participant", "--steps", "model"]
    assert main(run) == 0
    assert (folder / "sub-01_nerveroots_L1_R.vtp").exists()
    (folder / "notes.txt").write_text("mine")
    marked = next((data / "derivatives").glob("markers-A"))
    without_right_root(marked)
    assert main(run) == 0
    names = {path.name for path in folder.iterdir()}
    assert "sub-01_nerveroots_L1_R.vtp" not in names
    assert {"sub-01_nerveroots_L1_L.vtp", "sub-01_model.png", "notes.txt"} <= names
    shutil.rmtree(marked)
    lines = list(STEPS["model"](Work(SubjectJob(data, out, "01", ("model",)))))
    assert lines[0] == "nothing annotated to build a model from"
    assert {path.name for path in folder.iterdir()} == {"notes.txt"}
