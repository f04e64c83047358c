"""`spineroot run` as a BIDS App: what other apps are asked with, and the places in which they are run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from raters_on_disk import put, shifted
from straight_spine import straight_spine

from SpineRootLib import __version__
from SpineRootLib.cohort.resources import SUBJECT_MB, processes_within, working_folder
from SpineRootLib.commands import main
from SpineRootLib.errors import DatasetError, SpineRootError

PACKAGE = Path(__file__).resolve().parents[2] / "SpineRootAnnotator"
SUBJECTS = ("01", "02", "03")


def write_cohort(root: Path) -> Path:
    """Three subjects whom A and B marked."""
    for subject in SUBJECTS:
        spine = straight_spine(count=6, cord_slices=3)
        spine.subject = subject
        for label, shift in (("A", 0.0), ("B", 0.3)):
            put(root / "derivatives", shifted(spine, [0.0, shift, 0.0]), label, ciss=None)
    return root


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cohort(tmp_path_factory.mktemp("app") / "dataset")


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["--participant-label", "01"], ["01"]),
        (["--participant_label", "sub-01", "03"], ["01", "03"]),
        (["--participant-label", "sub-02", "--participant_label", "01", "02"], ["01", "02"]),
        ([], list(SUBJECTS)),
    ],
)
def test_subjects_are_named_with_and_without_sub_once_or_more_often(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], labels: list[str], expected: list[str]
) -> None:
    command = ["run", str(cohort), str(tmp_path / "out"), "participant", "--steps", "check", "--json"]
    assert main([*command, "--skip_bids_validation", *labels]) == 0
    assert sorted(json.loads(capsys.readouterr().out)["subjects"]) == expected
    assert sorted(path.stem for path in (tmp_path / "out/logs").glob("*.log")) == [f"sub-{each}" for each in expected]


def test_the_version_is_told_without_a_dataset(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"spineroot {__version__}\n"


def test_no_more_processes_run_than_find_room_in_memory(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert processes_within(None, 8) == 8
    assert processes_within(2 * SUBJECT_MB, 8) == 2
    assert processes_within(3 * SUBJECT_MB - 1, 8) == 2
    assert processes_within(100 * SUBJECT_MB, 8) == 8
    with pytest.raises(SpineRootError, match="too little"):
        processes_within(SUBJECT_MB - 1, 1)
    assert main(["run", str(cohort), str(tmp_path / "out"), "participant", "--mem-mb", "100"]) == 2
    assert "--mem-mb 100 is too little" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_temporary_files_lie_in_the_working_folder_and_are_gone_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "full"))
    before = tempfile.gettempdir()
    with working_folder(tmp_path / "out", None) as folder:
        assert Path(tempfile.mkdtemp()).parent == folder
        assert os.environ["TMPDIR"] == str(folder)
        assert folder.is_relative_to(tmp_path / "out")
        (tmp_path / "out" / "result.tsv").touch()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["result.tsv"]
    assert (tempfile.gettempdir(), os.environ["TMPDIR"]) == (before, str(tmp_path / "full"))
    with working_folder(tmp_path / "out", tmp_path / "scratch") as folder:
        assert folder.is_relative_to(tmp_path / "scratch")
    assert not (tmp_path / "scratch").exists()


def test_what_figures_need_is_kept_in_the_working_folder_where_there_is_no_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "none"))
    with working_folder(tmp_path / "out", tmp_path / "scratch"):
        assert os.environ["MPLCONFIGDIR"] == str(tmp_path / "scratch" / "matplotlib")
    assert (tmp_path / "scratch" / "matplotlib").is_dir()
    assert "MPLCONFIGDIR" not in os.environ
    monkeypatch.setenv("HOME", str(tmp_path))
    with working_folder(tmp_path / "out", tmp_path / "scratch"):
        assert "MPLCONFIGDIR" not in os.environ


def test_a_working_folder_in_which_nothing_can_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError, match="cannot be written"), working_folder(tmp_path / "out", tmp_path / "file"):
        pass


# Run as the system's administrator it becomes a user whom the system does not know; what is imported late may not be
# readable to that one, so another subject goes first.
SCRIPT = """
import os, sys
from SpineRootLib.commands import main
dataset, first, out = sys.argv[1:]
steps = ["--steps", "check", "compare", "consensus", "model", "--quiet"]
assert main(["run", dataset, first, "participant", "--participant-label", "01", *steps]) == 0
assert main(["run", dataset, first, "group", "--quiet"]) == 0
if os.getuid() == 0:
    os.setgroups([]); os.setgid(54321); os.setuid(54321)
outside = []
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        if not os.path.abspath(arguments[0]).startswith((out, "/dev/")):
            outside.append(arguments[0])
    elif event in ("os.mkdir", "tempfile.mkdtemp", "tempfile.mkstemp"):
        if not os.path.abspath(arguments[0]).startswith(out):
            outside.append(arguments[0])
sys.addaudithook(watch)
status = main(["run", dataset, out, "participant", "--participant-label", "02", *steps])
status = status or main(["run", dataset, out, "group", "--quiet"])
assert not outside, outside
sys.exit(status)
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, which those of the tests are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.skipif(os.name != "posix", reason="users and rights of POSIX")
def test_any_user_without_a_home_may_run_on_a_dataset_that_is_read_only_and_nothing_is_written_but_results(
    open_folder: Path,
) -> None:
    dataset, first, out = write_cohort(open_folder / "dataset"), open_folder / "first", open_folder / "out"
    out.mkdir()
    out.chmod(0o777)
    for path in [dataset, *dataset.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = {path: path.stat().st_mtime_ns for path in dataset.rglob("*")}
    environment = {key: value for key, value in os.environ.items() if key not in ("MPLCONFIGDIR", "USER", "LOGNAME")}
    environment |= {"PYTHONPATH": str(PACKAGE), "HOME": "/nonexistent", "TMPDIR": "/nonexistent"}
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(dataset), str(first), str(out)],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (out / "derivatives/model/sub-02/sub-02_dura.vtp").is_file()
    assert (out / "derivatives/group/report.html").is_file()
    assert "compare: " in (out / "logs/sub-02.log").read_text()
    assert {path: path.stat().st_mtime_ns for path in dataset.rglob("*")} == before
    assert list(out.glob(".spineroot-work*")) == []
