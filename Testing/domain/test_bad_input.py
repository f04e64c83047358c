"""Bad input through the command line: one sentence that names the file, exit 2, nothing written, nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from straight_subject import PLANES, straight_subject

import SpineRootLib
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.commands import COMMANDS, main
from SpineRootLib.images import Image, write_image

CISS = "sub-01_CISS.nii.gz"
PACKAGE = Path(SpineRootLib.__file__).parents[1]


@pytest.fixture
def markers(tmp_path):
    """A complete subject with its image, annotated by A and by B; A's folder."""
    affine = np.eye(4)
    affine[:3] = np.column_stack(
        [PLANES.right, PLANES.anterior, PLANES.spacing * PLANES.down, PLANES.lift([[-12, -12]], 1)[0]]
    )
    write_image(tmp_path / CISS, Image(np.zeros((24, 24, PLANES.count), np.int16), affine))
    for annotator in "AB":
        write_annotation(tmp_path / f"markers-{annotator}", straight_subject(), durable=False)
    return tmp_path / "markers-A"


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder below a folder, with its content."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
        if os.access(path, os.R_OK)
    }


def commands_on(markers: Path, out: Path) -> dict[str, list[str]]:
    """A call of each command that reads A's markups."""
    subject = ["--subject", "01"]
    two = [str(markers), str(markers.with_name("markers-B")), *subject, "--not-blind", "--out", str(out)]
    return {
        "check": ["check", str(markers), *subject, "--out", str(out / "faults.tsv")],
        "compare": ["compare", *two],
        "consensus": ["consensus", *two],
        # roots thin enough that none of the fourteen is in another's way
        "model": ["model", str(markers), *subject, "--radius", "0.3", "--out", str(out)],
        "labels": ["labels", str(markers), *subject, "--out", str(out), "--ciss", str(markers.with_name(CISS))],
    }


READERS = list(commands_on(Path("markers-A"), Path("out")))


def on_image(call: list[str], image: Path) -> list[str]:
    """A command's call with an image in the place of the one that it names, if any."""
    at = call.index("--ciss") if "--ciss" in call else len(call)
    return [*call[:at], "--ciss", str(image), *call[at + 2 :]]


def edit(path: Path, change: Callable[[dict], None]) -> Path:
    """Change the one markup of a file."""
    document = json.loads(path.read_text())
    change(document["markups"][0])
    path.write_text(json.dumps(document))
    return path


def scaled(factor: float) -> Callable[[dict], None]:
    def change(markup: dict) -> None:
        for entry in markup["controlPoints"]:
            entry["position"] = [factor * value for value in entry["position"]]

    return change


def coordinate(value: float) -> Callable[[dict], None]:
    return lambda markup: markup["controlPoints"][1].update(position=[0.0, value, 0.0])


def all_metres(folder: Path) -> Path:
    for path in folder.glob("*_[dcng]*_*.json"):
        edit(path, scaled(0.001))
    return folder / "sub-01_"


def two_markups(folder: Path) -> Path:
    path = folder / "sub-01_dura_3.json"
    document = json.loads(path.read_text())
    document["markups"] *= 2
    path.write_text(json.dumps(document))
    return path


def text(name: str, content: str | bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def truncated(folder: Path) -> Path:
    path = folder / "sub-01_nerveroots_L3_L.json"
    path.write_bytes(path.read_bytes()[:700])
    return path


def emptied(folder: Path) -> Path:
    shutil.rmtree(folder)
    folder.mkdir()
    return folder


def removed(folder: Path) -> Path:
    shutil.rmtree(folder)
    return folder.parent


FAULTS: dict[str, Callable[[Path], Path]] = {
    "a missing subject": removed,
    "an empty folder": emptied,
    "a JSON file that is no markups file": text("sub-01_dura_3.json", '{"subject": "01"}'),
    "no JSON": text("sub-01_dura_3.json", b"\x00\xffnot json"),
    "truncated JSON": truncated,
    "an empty file": text("sub-01_cord_3.json", ""),
    "NaN": lambda folder: edit(folder / "sub-01_dura_3.json", coordinate(float("nan"))),
    "infinity": lambda folder: edit(folder / "sub-01_nerveroots_L3_L.json", coordinate(float("inf"))),
    "two markups in one file": two_markups,
    "a contour of two points": lambda folder: edit(
        folder / "sub-01_dura_3.json", lambda markup: markup.update(controlPoints=markup["controlPoints"][:2])
    ),
    "one contour in metres": lambda folder: edit(folder / "sub-01_dura_3.json", scaled(0.001)),
    "all in metres": all_metres,
    "a root in metres": lambda folder: edit(folder / "sub-01_nerveroots_L3_L.json", scaled(1000)),
    "an unknown segment": text("sub-01_nerveroots_L7_L.json", "{}"),
    "an unknown side": text("sub-01_nerveroots_L3_M.json", "{}"),
    "a sidecar that is none": text("sub-01_annotation.json", "[]"),
}


@pytest.mark.parametrize("command", READERS)
@pytest.mark.parametrize("fault", FAULTS)
def test_it_ends_with_one_sentence_and_leaves_everything_as_it_was(markers, tmp_path, capsys, fault, command):
    culprit = FAULTS[fault](markers / "sub-01")
    before = snapshot(tmp_path)
    assert main(commands_on(markers, tmp_path / "out")[command]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert line.startswith(f"spineroot {command}: {culprit}")
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("command", READERS)
def test_a_folder_that_is_not_there_is_named(markers, tmp_path, capsys, command):
    before = snapshot(tmp_path)
    assert main(commands_on(markers.with_name("none"), tmp_path / "out")[command]) == 2
    assert capsys.readouterr().err == f"spineroot {command}: {tmp_path / 'none'}: there is no such folder\n"
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("command", READERS)
def test_a_missing_image_is_named(markers, tmp_path, capsys, command):
    before = snapshot(tmp_path)
    assert main(on_image(commands_on(markers, tmp_path / "out")[command], tmp_path / "none.nii.gz")) == 2
    assert f"{tmp_path / 'none.nii.gz'}: there is no such image file" in capsys.readouterr().err
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("command", READERS)
def test_an_image_of_upright_slices_and_a_folder_are_named(markers, tmp_path, capsys, command):
    upright = tmp_path / "sagittal.nii.gz"
    turned = np.array([[0, 0, 3.0, 0], [1.0, 0, 0, 0], [0, 1.0, 0, 0], [0, 0, 0, 1]])
    write_image(upright, Image(np.zeros((24, 24, 9), np.int16), turned))
    before = snapshot(tmp_path)
    for image, fault in ((upright, "the slices stand upright"), (tmp_path, "is a folder, not an image file")):
        assert main(on_image(commands_on(markers, tmp_path / "out")[command], image)) == 2
        assert f"spineroot {command}: {image}: {fault}" in capsys.readouterr().err
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--radius", "T12=0.5"), "--radius T12=...: T12 is not among the levels (L1 L2 L3 L4 L5 S1 S2)"),
        (("--picture", "model.jpg"), "model.jpg: a picture is drawn as PNG: its name must end in .png"),
    ],
)
def test_what_the_model_would_not_do_as_asked_is_refused(markers, tmp_path, capsys, options, sentence):
    assert main(["model", str(markers), "--subject", "01", "--out", str(tmp_path / "out"), *options]) == 2
    assert capsys.readouterr().err == f"spineroot model: {sentence}\n"
    assert not (tmp_path / "out").exists()


def test_a_label_map_of_roots_as_thick_as_the_sac_is_refused(markers, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([*commands_on(markers, tmp_path / "out")["labels"], "--radius", "100"])
    assert stopped.value.code == 2
    assert "argument --radius: a root of radius 100 mm makes no sense: from 0.05 to 3 mm" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["model", "labels", "compare", "consensus"])
def test_results_do_not_come_among_the_markups(markers, tmp_path, capsys, command):
    before = snapshot(tmp_path)
    assert main(commands_on(markers, markers / "sub-01")[command]) == 2
    assert f"lies inside {markers}" in capsys.readouterr().err
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("command", READERS)
def test_the_image_of_another_subject_is_refused_though_its_slices_lie_the_same(markers, tmp_path, capsys, command):
    others = tmp_path / "sub-02_CISS.nii.gz"
    shutil.copy(tmp_path / CISS, others)
    before = snapshot(tmp_path)
    assert main(on_image(commands_on(markers, tmp_path / "out")[command], others)) == 2
    said = f"spineroot {command}: {others}: is an image of sub-02, not of sub-01\n"
    assert capsys.readouterr().err == said
    assert snapshot(tmp_path) == before
    own = shutil.copy(others, tmp_path / "sub-01_acq-CISS_T2w.nii.gz")
    assert main(on_image(commands_on(markers, tmp_path / "out")[command], own)) == 0


@pytest.mark.parametrize("name", ["sub_01_CISS.nii.gz", "CISS of the second visit.nii.gz"])
def test_an_image_whose_name_tells_no_other_subject_is_taken(markers, tmp_path, name):
    own = shutil.copy(tmp_path / CISS, tmp_path / name)
    assert main(on_image(commands_on(markers, tmp_path / "out")["check"], own)) == 0


@pytest.mark.parametrize("command", READERS)
def test_a_place_where_nothing_can_be_written_is_named(markers, tmp_path, capsys, command):
    out = tmp_path / "out"
    out.write_text("a file, no folder")
    before = snapshot(tmp_path)
    assert main([*commands_on(markers, out)[command], "--quiet"]) == 2
    *warnings, line = capsys.readouterr().err.splitlines()
    assert all(each.startswith(f"spineroot {command}: warning: ") for each in warnings)
    assert str(out) in line
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("command", READERS)
def test_a_folder_without_permission_is_named(markers, tmp_path, capsys, monkeypatch, command):
    def denied(folder: Path) -> list[str]:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr("os.listdir", denied)  # a user's own rights do not bind root, as whom tests may run
    assert main(commands_on(markers, tmp_path / "out")[command]) == 2
    assert capsys.readouterr().err == f"spineroot {command}: {markers}: cannot be read (Permission denied)\n"
    assert not (tmp_path / "out").exists()


def test_the_installed_command_ends_in_the_same_way(markers, tmp_path):
    culprit = truncated(markers / "sub-01")
    command = [sys.executable, "-m", "SpineRootLib", *commands_on(markers, tmp_path / "out")["check"]]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"spineroot check: {culprit}: is no whole JSON file")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("subject", ["../01", "", "0/1", "sub-", ".."])
@pytest.mark.parametrize("command", READERS)
def test_a_subject_that_could_lead_outside_is_refused(markers, tmp_path, capsys, command, subject):
    arguments = commands_on(markers, tmp_path / "out")[command]
    arguments[arguments.index("01")] = subject
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "letters and digits only" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["check"], ["check", "."], ["check", ".", "--subject", "1", "--x"]]
)
def test_a_wrong_call_says_how_it_is_called(capsys, arguments):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("spineroot")
    assert said.count("\n") == 1
    assert "--help)" in said


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_help(capsys, command):
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    printed = capsys.readouterr().out
    assert f"usage: spineroot {command}" in printed
    assert "--json" in printed


def test_the_command_line_lists_its_commands_and_version(capsys):
    for option in ("--help", "--version"):
        with pytest.raises(SystemExit) as caught:
            main([option])
        assert caught.value.code == 0
    printed = capsys.readouterr().out
    assert all(command in printed for command in COMMANDS)
    assert SpineRootLib.__version__ in printed


def test_an_interrupt_ends_without_a_traceback(markers, capsys, monkeypatch):
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("SpineRootLib.annotation_on_image.read_annotation", interrupted)
    assert main(["check", str(markers), "--subject", "01"]) == 130
    assert capsys.readouterr().err == "spineroot check: interrupted: nothing was written\n"


@pytest.mark.skipif(os.name != "posix", reason="a pipe of a POSIX shell")
def test_a_reader_that_goes_away_is_no_fault(markers):
    program = f"'{sys.executable}' -m SpineRootLib check '{markers}' --subject 01 | true"
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    ended = subprocess.run(program, shell=True, env=environment, capture_output=True, text=True, check=False)
    assert ended.stderr == ""


@pytest.mark.parametrize("command", READERS)
def test_a_partial_subject_is_worked_on_as_far_as_it_goes(markers, tmp_path, command):
    """No cord, no ganglia, six of fourteen roots."""
    folder = markers / "sub-01"
    gone = [*folder.glob("*_cord_*"), *folder.glob("*_ganglions_*"), *sorted(folder.glob("*_nerveroots_*"))[6:]]
    for path in gone:
        path.unlink()
    assert main(commands_on(markers, tmp_path / "out")[command]) == 0
    assert any((tmp_path / "out").rglob("*.*"))


@pytest.mark.parametrize("command", READERS)
def test_a_run_can_be_repeated(markers, tmp_path, command):
    call = commands_on(markers, tmp_path / "out")[command]
    assert main(call) == 0
    first = sorted(snapshot(tmp_path / "out"))
    assert main(call) == 0
    assert sorted(snapshot(tmp_path / "out")) == first
    assert {Path(name).name for name in first if Path(name).name.startswith(".")} <= {".bidsignore"}


def test_points_far_apart_are_one_sentence_too(markers, capsys):
    edit(markers / "sub-01" / "sub-01_ganglions_S2_R.json", scaled(1e300))
    assert main(["check", str(markers), "--subject", "01"]) == 2
    assert "sub-01_ganglions_S2_R.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "twice"),
    [
        ("check", ["--segments", "L1 L2"]),
        ("model", ["--detail", "2"]),
        ("labels", ["--ciss", "other.nii.gz"]),
        ("compare", ["--out", "elsewhere"]),
        ("consensus", ["--limit", "9"]),
    ],
)
def test_an_option_that_is_given_more_than_once_is_refused(
    command: str, twice: list[str], markers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    given = commands_on(markers, out)[command]
    once = [*given, *([] if twice[0] in given else twice)]
    with pytest.raises(SystemExit) as ended:
        main([*once, *twice])
    assert ended.value.code == 2
    assert f"{twice[0]} is given more than once" in capsys.readouterr().err
    assert not out.exists()
