"""Writing: a crash at any moment leaves the old or the new file, whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from SpineRootLib import atomic
from SpineRootLib.atomic import all_or_none, noting_written, replacing, write_text
from SpineRootLib.errors import DatasetError

PACKAGE = Path(atomic.__file__).parents[1]


def files(folder: Path) -> dict[str, str]:
    """Every file in a folder with its text, hidden ones too."""
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file()}


def test_a_file_and_its_folder_are_made(tmp_path):
    path = write_text(tmp_path / "a" / "b" / "c.json", "ä\n")
    assert path.read_bytes() == "ä\n".encode()
    assert files(path.parent) == {"c.json": "ä\n"}


def test_a_fault_while_writing_leaves_the_old_file_and_nothing_else(tmp_path):
    path = write_text(tmp_path / "c.json", "old")
    with pytest.raises(ZeroDivisionError), replacing(path) as temporary:
        temporary.write_text("ne")
        _ = 1 / 0
    assert files(tmp_path) == {"c.json": "old"}


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
def test_a_fault_of_the_disk_at_any_step_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, step):
    path = write_text(tmp_path / "c.json", "old")

    def full(*_arguments, **_keywords):
        raise OSError(28, "No space left on device")

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, step, full)
    with pytest.raises(DatasetError, match="cannot be written .No space left on device.") as caught:
        write_text(path, "new")
    monkeypatch.undo()
    assert caught.value.source == path
    assert files(tmp_path) == {"c.json": "old"}


posix = pytest.mark.skipif(os.name != "posix", reason="signals and permissions of POSIX")


@posix
def test_a_process_killed_while_it_writes_leaves_the_old_file_whole(tmp_path):
    path = write_text(tmp_path / "c.json", "old")
    program = (
        "import os, pathlib, signal, sys\n"
        "from SpineRootLib.atomic import replacing\n"
        "with replacing(pathlib.Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_text('ne')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        env={**os.environ, "PYTHONPATH": str(PACKAGE)},
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    assert path.read_text() == "old"


def test_what_a_killed_process_left_is_no_file_of_the_dataset(tmp_path):
    with replacing(tmp_path / "sub-01_dura_1.json") as temporary:
        assert temporary.parent == tmp_path
        assert temporary.name.startswith(".")
        assert temporary.name.endswith(".json")


@posix
def test_the_file_has_the_permissions_that_the_user_asks_for(tmp_path):
    before = os.umask(0o027)
    try:
        path = write_text(tmp_path / "c.json", "text")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_folder_that_is_a_file_is_refused_with_the_name(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(DatasetError, match="cannot be written"):
        write_text(tmp_path / "a" / "c.json", "text")


def test_a_text_that_is_not_whole_yet_lies_under_no_name_that_is_read_and_is_cleared_away(tmp_path, monkeypatch):
    other = tmp_path / ".notes.json"
    other.write_text("somebody's")
    seen = []

    def killed(path):
        seen.extend(each.name for each in path.parent.iterdir())
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(atomic, "_flush", killed)
        patched.setattr(Path, "unlink", lambda *_args, **_named: None)  # a process that is killed clears nothing
        with pytest.raises(KeyboardInterrupt):
            write_text(tmp_path / "a.json", "text")
    assert [name for name in seen if name.endswith(".json")] == [".notes.json"]
    assert len(list(tmp_path.iterdir())) == 2
    atomic.clear_unfinished(tmp_path)
    assert list(tmp_path.iterdir()) == [other]


def test_files_that_come_together_count_as_written_where_they_stay_and_only_if_all_came(tmp_path):
    with noting_written() as written:
        with pytest.raises(ZeroDivisionError), all_or_none(tmp_path / "out") as half:
            write_text(half / "one.tsv", "")
            _ = 1 / 0
        assert (written.count, files(tmp_path)) == (0, {})
        with all_or_none(tmp_path / "out") as half:
            write_text(half / "one.tsv", "")
            write_text(half / "two.tsv", "")
            assert written.count == 0
    assert (written.count, written.folder) == (2, str(tmp_path / "out"))


def test_half_a_character_is_written_as_what_stands_for_it_and_two_halves_as_one(tmp_path):
    path = write_text(tmp_path / "c.json", "faint \ud83d here, \ud83d\ude00\n")
    assert path.read_text(encoding="utf-8") == "faint \ufffd here, \U0001f600\n"
