"""Writing off the click's path, and files that others change."""

from __future__ import annotations

import threading
import time

import pytest

from SpineRootAnnotatorLib.work.autosave import Autosave, SaveState, SaveTiming
from SpineRootAnnotatorLib.work.file_stamps import FileStamps, keep_copy


class Failing:
    """A writer that fails until it is told not to."""

    def __init__(self):
        self.works, self.tries = False, 0

    def __call__(self, folder):
        self.tries += 1
        if not self.works:
            raise OSError(28, "No space left on device")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "a.json").write_text("whole")


def writer_of(text, before=None):
    """Writes a text into a.json, after something else if that is given."""

    def write(folder):
        if before is not None:
            before()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "a.json").write_text(text)

    return write


@pytest.fixture
def autosave(tmp_path):
    made = Autosave(tmp_path / "sub-01", FileStamps(), SaveTiming(retry_s=0.01, silent_s=0.05, look_s=0.01))
    yield made
    made.stop()


def test_what_cannot_be_written_is_said_kept_and_tried_again(autosave):
    writer = Failing()
    autosave.submit("a.json", writer)
    deadline = time.monotonic() + 5.0
    while writer.tries < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert autosave.state is SaveState.FAILED
    assert "No space left" in autosave.failure
    writer.works = True
    assert autosave.flush(5.0)
    assert (autosave.state, autosave.failure) == (SaveState.SAVED, "")
    assert (autosave.folder / "a.json").read_text() == "whole"


def test_a_disk_that_does_not_answer_is_said(autosave):
    answers = threading.Event()
    autosave.submit("a.json", lambda _folder: answers.wait(5.0))
    deadline = time.monotonic() + 5.0
    while autosave.state is not SaveState.FAILED and time.monotonic() < deadline:
        autosave.share()
    assert autosave.state is SaveState.FAILED
    assert "does not answer" in autosave.failure
    answers.set()
    assert autosave.flush(5.0)
    assert autosave.state is SaveState.SAVED


def test_of_two_versions_of_a_file_that_wait_the_newer_is_written(autosave):
    goes_on, begun = threading.Event(), threading.Event()
    autosave.submit("b.json", lambda _folder: (begun.set(), goes_on.wait(5.0)))
    assert begun.wait(5.0)
    older_ran = []
    autosave.submit("a.json", writer_of("older", lambda: older_ran.append(True)))
    autosave.submit("a.json", writer_of("newer"))
    goes_on.set()
    assert autosave.flush(5.0)
    assert (autosave.folder / "a.json").read_text() == "newer"
    assert older_ran == []


def test_what_could_not_be_written_when_it_ends_is_handed_back(tmp_path):
    autosave = Autosave(tmp_path, FileStamps(), SaveTiming(retry_s=5.0))
    autosave.submit("a.json", Failing())
    assert not autosave.flush(0.2)
    assert list(autosave.stop()) == ["a.json"]


def test_a_file_that_somebody_else_changed_is_kept_beside_ours(autosave):
    autosave.submit("a.json", writer_of("ours"))
    assert autosave.flush(5.0)
    path = autosave.folder / "a.json"
    path.write_text("theirs, which is longer")
    autosave.submit("a.json", writer_of("ours again"))
    assert autosave.flush(5.0)
    deadline, conflicts = time.monotonic() + 5.0, []
    while not conflicts and time.monotonic() < deadline:
        conflicts = autosave.take_conflicts()
    (conflict,) = conflicts
    assert conflict.path == path
    assert conflict.kept.read_text() == "theirs, which is longer"
    assert path.read_text() in ("ours again", "theirs, which is longer")
    assert autosave.take_conflicts() == []


def test_a_file_is_as_we_know_it_until_somebody_else_writes_it(tmp_path):
    path, other = tmp_path / "a.json", tmp_path / "b.json"
    path.write_text("ours")
    other.write_text("ours")
    stamps = FileStamps()
    stamps.note([path, other])
    assert stamps.all_changed() == []
    path.write_text("theirs!")
    assert stamps.changed(path)
    assert stamps.all_changed() == [path]
    path.unlink()
    assert not stamps.changed(path), "what is gone holds nothing that could be lost"


def test_a_file_that_we_never_saw_counts_as_somebody_elses(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("theirs")
    assert FileStamps().changed(path)


def test_a_copy_has_a_name_that_no_reader_takes_for_an_annotation(tmp_path):
    path = tmp_path / "sub-01_dura_7.json"
    path.write_text("theirs")
    copy = keep_copy(path)
    assert copy.read_text() == "theirs"
    assert copy.name.startswith("sub-01_dura_7.other-")
