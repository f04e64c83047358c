"""Commands write where they were told to and nowhere else, use no network, and leave alone what is not theirs."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import matplotlib.font_manager  # noqa: F401 -- writes its cache when it is imported for the first time
import pytest
from straight_subject import straight_subject
from watched import watched

from links import needs_links
from SpineRootLib.annotation_files import read_annotation, write_annotation
from SpineRootLib.commands import main

Contents = dict[str, str]


def contents(folder: Path) -> Contents:
    """A digest of every file below a folder, links by where they lead."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def calls(dataset: Path, out: Path) -> dict[str, list[str]]:
    """Every command that works on a dataset."""
    subject = ["--subject", "01"]
    truth, rater = dataset / "derivatives" / "markers", dataset / "derivatives" / "markers-A"
    ciss = str(dataset / "rawdata" / "sub-01" / "anat" / "sub-01_CISS.nii.gz")
    two = [str(truth), str(rater), *subject, "--not-blind", "--out", str(out)]
    return {
        "check": ["check", str(rater), *subject, "--ciss", ciss, "--out", str(out / "faults.tsv")],
        "compare": ["compare", *two],
        "consensus": ["consensus", *two, "--accept"],
        "model": ["model", str(truth), *subject, "--ciss", ciss, "--out", str(out)],
        "labels": ["labels", str(truth), *subject, "--ciss", ciss, "--out", str(out)],
        "quality": ["quality", str(dataset), *subject, "--markers", str(truth), "--out", str(out)],
        "trace": ["trace", str(dataset), *subject, "--annotator", "A", "--out", str(out)],
        "run": ["run", str(dataset), str(out), "participant", "--steps", "quality", "--n-jobs", "1"],
    }


@pytest.mark.parametrize("command", calls(Path(), Path()))
def test_a_command_writes_where_it_was_told_to_and_nowhere_else(
    small_phantom: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    home, temporary, out = (tmp_path / name for name in ("home", "temporary", "out"))
    for folder in (home, temporary):
        folder.mkdir()
    monkeypatch.chdir(home)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    before = contents(small_phantom)
    with watched() as watch:
        assert main(calls(small_phantom, out)[command]) == 0
    assert watch.outside(out, temporary) == []
    assert watch.network == []
    assert contents(small_phantom) == before
    assert contents(home) == contents(temporary) == {}
    assert contents(out)


@needs_links
def test_links_are_neither_followed_nor_removed_when_an_annotation_is_written(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    linked, gone = outside / "linked.json", outside / "gone.json"
    folder = write_annotation(tmp_path / "markers", straight_subject(), durable=False)[0].parent
    for target, name in ((linked, "sub-01_dura_3.json"), (gone, "sub-01_cord_33.json")):
        target.write_bytes((folder / "sub-01_dura_3.json").read_bytes())
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)
    before = contents(outside)
    write_annotation(tmp_path / "markers", straight_subject(), durable=False)
    assert contents(outside) == before
    assert (folder / "sub-01_cord_33.json").is_symlink()  # no longer part of the annotation, and not ours to remove


def test_files_that_are_not_ours_are_left_alone(tmp_path: Path) -> None:
    folder = write_annotation(tmp_path, straight_subject(), durable=False)[0].parent
    foreign = [
        "notes.txt",
        "sub-02_dura_1.json",
        "sub-01_dura_1.json~",
        "sub-01_dura_x.json",
        "sub-01_T2w.json",
        "a.mrb",
    ]
    for name in foreign:
        (folder / name).write_text("mine")
    (folder / "sub-01_dura_1.json.d").mkdir()
    write_annotation(tmp_path, straight_subject(), durable=False)
    assert [(folder / name).read_text() for name in foreign] == ["mine"] * len(foreign)
    assert (folder / "sub-01_dura_1.json.d").is_dir()


def test_a_folder_with_the_name_of_a_file_of_ours_is_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_annotation(tmp_path, straight_subject(), durable=False)[0].parent
    (folder / "sub-01_dura_41.json").mkdir()
    assert main(["check", str(tmp_path), "--subject", "01"]) == 2
    assert capsys.readouterr().err.startswith(f"spineroot check: {folder / 'sub-01_dura_41.json'}: ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in the file system")
def test_a_pipe_with_the_name_of_a_file_of_ours_does_not_hang(tmp_path: Path) -> None:
    folder = write_annotation(tmp_path, straight_subject(), durable=False)[0].parent
    os.mkfifo(folder / "sub-01_dura_41.json")
    assert main(["check", str(tmp_path), "--subject", "01"]) == 2


@pytest.mark.parametrize("label", ["..", "../A", "a/b", "a\\b", "", "A B", "A\n", "."])
@pytest.mark.parametrize(
    "call",
    [
        ["check", "DATASET", "--subject", "LABEL"],
        ["phantom", "DATASET", "--subject", "LABEL", "--seed", "1", "--small"],
        ["phantom", "DATASET", "--subject", "01", "--seed", "1", "--small", "--annotators", "LABEL"],
        ["trace", "DATASET", "--subject", "01", "--annotator", "LABEL", "--out", "DATASET/out"],
        ["run", "DATASET", "DATASET/out", "participant", "--participant-label", "LABEL"],
        ["import", "DATASET", "DATASET/out", "--subject", "LABEL"],
        ["model", "DATASET", "--subject", "01", "--segments", "LABEL", "--out", "DATASET/out"],
    ],
    ids=lambda call: " ".join(call[:1] + call[call.index("LABEL") - 1 : call.index("LABEL")]),
)
def test_a_name_that_could_lead_elsewhere_is_refused(tmp_path: Path, call: list[str], label: str) -> None:
    dataset = tmp_path / "dataset"
    write_annotation(dataset, straight_subject(), durable=False)
    before = contents(tmp_path)
    arguments = [label if word == "LABEL" else word.replace("DATASET", str(dataset)) for word in call]
    try:
        status = main(arguments)
    except SystemExit as refused:
        status = refused.code
    assert status == 2
    assert contents(tmp_path) == before


def test_reading_never_changes_anything(tmp_path: Path) -> None:
    write_annotation(tmp_path, straight_subject(), durable=False)
    with watched() as watch:
        read_annotation(tmp_path, "01")
    assert watch.changed == set()
