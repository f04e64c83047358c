"""Nothing that was marked is lost: saving, failing to save, locks, and what others do to the files."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from headless.application import start
from SpineRootLib.anatomy import GANGLIA, ROOTS, Root
from SpineRootLib.annotation_files import read_annotation

start()
from SpineRootAnnotatorLib.autosave import Autosave, SaveState, SaveTiming  # noqa: E402
from SpineRootAnnotatorLib.folder_lock import STALE_AFTER_S, FolderLock, Holder  # noqa: E402
from SpineRootAnnotatorLib.known_files import KnownFiles  # noqa: E402
from SpineRootAnnotatorLib.marks import Mark, Place  # noqa: E402
from SpineRootAnnotatorLib.session import AnnotationSession  # noqa: E402
from SpineRootAnnotatorLib.settings import Pace  # noqa: E402
from SpineRootAnnotatorLib.subject_work import LockedError  # noqa: E402

L1 = Root("L1", "L")
GANGLION = Place(GANGLIA, root=L1)
HERE = np.array([10.0, -40.0, -400.0])


@pytest.fixture
def session(scene, tmp_path):
    opened = AnnotationSession(scene, rescue_folder=tmp_path / "rescue", pace=Pace(0.0, 0.0, 0.0))
    yield opened
    opened.shut_down()


@pytest.fixture
def folder(sub03_dataset):
    """The folder of annotator A's work on the real subject, as it is found: with names in the wild."""
    return sub03_dataset / "derivatives" / "markers-A" / "sub-03"


def save(session):
    session.tick()
    assert session.subject.work.autosave.flush(5.0)


def test_an_edit_is_written_as_the_one_file_concerned(session, sub03_dataset, folder):
    session.open(sub03_dataset, "03", "A")
    session.subject.put(GANGLION, Mark.of(HERE))
    save(session)
    before = {path: path.stat().st_mtime_ns for path in folder.glob("*.json")}
    session.subject.put(GANGLION, Mark.of(HERE + 1.0))
    save(session)
    changed = {path.name for path, stamp in before.items() if path.stat().st_mtime_ns != stamp}
    assert changed == {"sub-03_ganglions_L1_L.json", "sub-03_annotation.json"}
    assert np.allclose(read_annotation(folder.parent, "03").ganglia[L1], HERE + 1.0)


def test_undoing_the_first_mark_removes_its_file(session, sub03_dataset):
    session.open(sub03_dataset, "03", "B")
    session.subject.put(GANGLION, Mark.of(HERE))
    save(session)
    written = sub03_dataset / "derivatives" / "markers-B" / "sub-03" / "sub-03_ganglions_L1_L.json"
    assert written.exists()
    session.perform("undo")
    save(session)
    assert not written.exists()


def test_files_in_the_wild_get_their_names_before_the_first_edit_and_are_kept(session, sub03_dataset, folder):
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    session.open(sub03_dataset, "03", "A")
    contours = session.subject.annotation.contours_by_slice("cord")
    session.subject.put(Place("cord", 30), Mark.of(contours[30].points + [0.1, 0.0, 0.0]))
    save(session)
    again = read_annotation(folder.parent, "03").contours_by_slice("cord")
    assert sorted(again) == sorted(contours)
    assert np.allclose(again[29].points, contours[29].points)
    assert np.allclose(again[30].points, contours[30].points + [0.1, 0.0, 0.0])
    kept = next(folder.glob("as-found-*"))
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == found


def test_opening_without_an_edit_writes_no_annotation(session, sub03_dataset, folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    session.open(sub03_dataset, "03", "A")
    session.tick()
    session.close()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


class Failing:
    """A writer that fails until it is told not to."""

    def __init__(self):
        self.works, self.tries = False, 0

    def __call__(self, folder: Path) -> None:
        self.tries += 1
        if not self.works:
            raise OSError(28, "No space left on device")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "a.json").write_text("whole")


def test_what_cannot_be_written_is_said_kept_and_tried_again(tmp_path):
    autosave, writer = Autosave(tmp_path, KnownFiles(), SaveTiming(retry_s=0.01)), Failing()
    autosave.submit("a.json", writer)
    deadline = time.monotonic() + 5.0
    while writer.tries < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert autosave.state is SaveState.FAILED
    assert "No space left" in autosave.failure
    writer.works = True
    assert autosave.flush(5.0)
    assert autosave.state is SaveState.SAVED
    assert (tmp_path / "a.json").read_text() == "whole"
    autosave.stop()


def test_a_disk_that_does_not_answer_is_said(tmp_path):
    autosave = Autosave(tmp_path, KnownFiles(), SaveTiming(silent_s=0.05))
    autosave.submit("a.json", lambda _folder: time.sleep(0.5))
    time.sleep(0.2)
    assert autosave.state is SaveState.FAILED
    assert "does not answer" in autosave.failure
    autosave.stop()


def test_work_that_its_folder_does_not_take_is_kept_elsewhere_on_closing(session, sub03_dataset, tmp_path, monkeypatch):
    session.open(sub03_dataset, "03", "B")
    session.subject.put(GANGLION, Mark.of(HERE))
    monkeypatch.setattr(session.subject.work, "close", lambda: ["sub-03_ganglions_L1_L.json"])
    session.close()
    assert str(tmp_path / "rescue") in session.message
    (markers,) = (tmp_path / "rescue").glob("markers-B-*")
    rescued = read_annotation(markers, "03")
    assert np.allclose(rescued.ganglia[L1], HERE)


def test_work_that_no_folder_takes_is_said_to_be_lost(session, sub03_dataset, tmp_path, monkeypatch):
    (tmp_path / "rescue").write_text("in the way")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "rescue"))
    session.open(sub03_dataset, "03", "B")
    session.subject.put(GANGLION, Mark.of(HERE))
    monkeypatch.setattr(session.subject.work, "close", lambda: ["sub-03_ganglions_L1_L.json"])
    session.close()
    assert "LOST" in session.message


def test_a_folder_that_cannot_be_written_is_said_and_the_work_is_saved_once_it_can(session, sub03_dataset):
    markers = sub03_dataset / "derivatives" / "markers-B"
    markers.write_text("where the folder should be")  # as good as read-only, for root too
    session.open(sub03_dataset, "03", "B")
    session.subject.work.autosave.timing = SaveTiming(retry_s=0.01)
    session.subject.put(GANGLION, Mark.of(HERE))
    session.tick()
    assert not session.subject.work.autosave.flush(0.3)
    assert session.save_state is SaveState.FAILED
    assert str(markers) in session.subject.work.autosave.failure
    markers.unlink()
    assert session.subject.work.autosave.flush(5.0)
    save(session)
    assert session.save_state is SaveState.SAVED
    assert np.allclose(read_annotation(markers, "03").ganglia[L1], HERE)


def foreign_lock(folder: Path, **changes: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "sub-03_annotation.lock"
    holder = {"user": "jl", "host": "elsewhere", "process": 1, "since": "2026-01-01T09:00:00+00:00", **changes}
    path.write_text(json.dumps(holder))
    return path


def test_a_subject_that_somebody_has_open_says_who_and_since_when(session, sub03_dataset, folder):
    foreign_lock(folder)
    with pytest.raises(LockedError, match=r"jl on elsewhere has it open since 2026-01-01T09:00"):
        session.open(sub03_dataset, "03", "A")
    assert not session.is_open
    session.open(sub03_dataset, "03", "A", by_force=True)
    assert session.is_open


def test_a_lock_whose_holder_is_gone_is_taken_over(folder):
    path = foreign_lock(folder)
    long_ago = time.time() - STALE_AFTER_S - 1
    os.utime(path, (long_ago, long_ago))
    assert FolderLock(path).acquire() is None


@pytest.mark.skipif(os.name != "posix", reason="a process is asked for by a signal")
def test_a_lock_of_a_process_that_was_killed_here_is_taken_over(folder):
    path = foreign_lock(folder, host=Holder.here().host, process=2**22 + 1)
    assert FolderLock(path).acquire() is None


def test_closing_gives_the_lock_back(session, sub03_dataset, folder):
    session.open(sub03_dataset, "03", "A")
    assert (folder / "sub-03_annotation.lock").exists()
    session.close()
    assert not (folder / "sub-03_annotation.lock").exists()


def test_a_lock_that_somebody_took_over_is_said_and_left_to_them(session, sub03_dataset, folder):
    session.open(sub03_dataset, "03", "A")
    path = foreign_lock(folder)
    session.subject.work.autosave._look()
    session.tick()
    assert "jl on elsewhere took this subject over" in session.message
    session.close()
    assert json.loads(path.read_text())["user"] == "jl"


def open_and_conflict(session, dataset, folder):
    """Edit a ganglion of ours that somebody else changes on the disk at the same time."""
    session.open(dataset, "03", "A")
    session.subject.put(GANGLION, Mark.of(HERE))
    save(session)
    path = folder / "sub-03_ganglions_L1_L.json"
    theirs = json.loads(path.read_text())
    theirs["markups"][0]["controlPoints"][0]["position"] = [-1.0, 2.0, -300.0]
    path.write_text(json.dumps(theirs))
    session.subject.put(GANGLION, Mark.of(HERE + 1.0))
    save(session)
    session.tick()
    return path


def test_a_file_changed_on_disk_meanwhile_is_noticed_and_both_are_kept(session, sub03_dataset, folder):
    path = open_and_conflict(session, sub03_dataset, folder)
    (conflict,) = session.conflicts
    assert conflict.path == path
    assert "[-1.0, 2.0, -300.0]" in conflict.kept.read_text().replace("\n", "")
    assert np.allclose(read_annotation(folder.parent, "03").ganglia[L1], HERE + 1.0)


def test_their_version_can_be_taken_over_and_undone(session, sub03_dataset, folder):
    open_and_conflict(session, sub03_dataset, folder)
    session.take_theirs(session.conflicts[0])
    assert np.allclose(session.subject.annotation.ganglia[L1], [1.0, -2.0, -300.0])
    session.perform("undo")
    assert np.allclose(session.subject.annotation.ganglia[L1], HERE + 1.0)


def theirs(folder, key, change):
    """Somebody else changes a file of ours on the disk: the positions, (n, 3) LPS, are given to `change`."""
    path = next(folder.glob(f"sub-03_{key}.json"))
    document = json.loads(path.read_text())
    points = document["markups"][0]["controlPoints"]
    changed = change(np.array([point["position"] for point in points]))
    document["markups"][0]["controlPoints"] = [
        {**point, "position": position.tolist()} for point, position in zip(points, changed, strict=False)
    ]
    path.write_text(json.dumps(document))


@pytest.mark.parametrize("key", ["nerveroots_S1_L", "dura_12"])
def test_their_roots_and_contours_can_be_taken_over_and_undone(session, sub03_dataset, folder, key):
    session.open(sub03_dataset, "03", "A")
    session.subject.put(GANGLION, Mark.of(HERE))  # from the first edit on the files have their strict names
    save(session)
    place = Place("dura", 12) if key == "dura_12" else Place(ROOTS, 60, Root("S1", "L"))
    before = session.subject.mark(place).points
    theirs(folder, key, lambda points: points[1:] + [0.1, 0.0, 0.0])
    session.subject.work.autosave._look()
    session.tick()
    session.take_theirs(session.conflicts[0])
    save(session)
    taken = read_annotation(folder.parent, "03")
    assert np.allclose(session.subject.annotation.roots[Root("S1", "L")], taken.roots[Root("S1", "L")])
    changed = session.subject.mark(place).points
    assert np.allclose(changed[0], (before[1:] if key == "dura_12" else before)[0] + [-0.1, 0.0, 0.0])
    session.perform("undo")
    assert np.array_equal(session.subject.mark(place).points, before)


def test_keeping_ours_writes_it_again(session, sub03_dataset, folder):
    path = open_and_conflict(session, sub03_dataset, folder)
    path.write_text(path.read_text().replace("L1_L", "L1_L "))
    session.subject.work.autosave._look()
    session.tick()
    while session.conflicts:
        session.keep_mine(session.conflicts[0])
    save(session)
    assert np.allclose(read_annotation(folder.parent, "03").ganglia[L1], HERE + 1.0)
    assert "L1_L " not in path.read_text()


def test_a_change_by_others_is_noticed_without_an_edit_of_ours(session, sub03_dataset, folder):
    session.open(sub03_dataset, "03", "A")
    path = folder / "sub-03_nerveroots_S1_L.json"
    path.write_text(path.read_text() + "\n")
    session.subject.work.autosave._look()
    session.tick()
    assert [conflict.path for conflict in session.conflicts] == [path]


def test_a_sidecar_keeps_how_each_point_came_to_be_and_what_it_does_not_know(session, sub03_dataset, folder):
    (folder / "sub-03_annotation.json").write_text(json.dumps({"Project": {"Name": "mine"}}))
    session.open(sub03_dataset, "03", "A")
    session.subject.put(GANGLION, Mark.of(HERE))
    save(session)
    document = json.loads((folder / "sub-03_annotation.json").read_text())
    record = document["Structures"]["ganglions_L1_L"]
    assert document["Project"] == {"Name": "mine"}
    assert record["Points"]["1"]["Origin"] == "placed"
    assert record["Placed"] == 1
    assert record["FirstEdited"] <= record["LastEdited"]


def test_sign_off_lists_what_is_incomplete_and_a_later_edit_undoes_it(session, sub03_dataset, folder):
    session.open(sub03_dataset, "03", "A")
    session.subject.put(Place(ROOTS, 30, L1), None)
    session.sign_off()
    save(session)
    signed = json.loads((folder / "sub-03_annotation.json").read_text())["SignOff"]
    assert signed["By"] == "A"
    assert any("L1_L is not marked on slice 30" in sentence for sentence in signed["Incomplete"])
    session.subject.put(GANGLION, Mark.of(HERE))
    assert not session.signed_off


def test_work_goes_on_where_it_was_left(session, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    session.perform("roots")
    session.perform("next_structure")
    session.subject.go_to(41)
    session.subject.put(GANGLION, Mark.of(HERE))
    session.close()
    session.open(sub03_dataset, "03", "A")
    subject = session.subject
    assert (subject.mode.name, subject.number, str(subject.root)) == ("roots", 41, "L1_R")


def test_progress_tells_done_begun_and_untouched(session, sub03_dataset):
    for subject in ("04", "05"):
        shutil.copytree(
            sub03_dataset / "derivatives" / "markers-A" / "sub-03",
            sub03_dataset / "derivatives" / "markers-B" / f"sub-{subject}",
        )
    for path in (sub03_dataset / "derivatives" / "markers-B").rglob("*.json"):
        path.rename(path.with_name(path.name.replace("sub-03", path.parent.name)))
    session.open(sub03_dataset, "04", "B")
    session.sign_off()
    session.close()
    assert session.progress(sub03_dataset, "B") == {"03": "untouched", "04": "done", "05": "begun"}
