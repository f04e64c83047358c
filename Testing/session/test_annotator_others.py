"""Others at the same subject: locks, and what they do to the files meanwhile."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from headless.application import start
from SpineRootLib.anatomy import GANGLIA, ROOTS, Root
from SpineRootLib.annotation_files import read_annotation
from SpineRootLib.clock import local

start()
from SpineRootAnnotatorLib.work.marks import Mark, Place  # noqa: E402
from SpineRootAnnotatorLib.work.subject_work import LockedError  # noqa: E402

L1 = Root("L1", "L")
GANGLION = Place(GANGLIA, root=L1)
HERE = np.array([10.0, -40.0, -400.0])


def save(session):
    session.tick()
    assert session.subject.work.autosave.flush(5.0)


def foreign_lock(folder: Path, **changes: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "sub-03_annotation.lock"
    holder = {"user": "jl", "host": "elsewhere", "process": 1, "since": "2026-01-01T09:00:00+00:00", **changes}
    path.write_text(json.dumps(holder))
    return path


def test_a_subject_that_somebody_has_open_says_who_and_since_when(session, sub03_dataset, folder):
    foreign_lock(folder)
    with pytest.raises(
        LockedError, match=f"jl on elsewhere has had it open since {local('2026-01-01T09:00:00+00:00')}"
    ):
        session.open(sub03_dataset, "03", "A")
    assert not session.is_open
    session.open(sub03_dataset, "03", "A", by_force=True)
    assert session.is_open


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
    assert "jl on elsewhere took this subject over" in session.alarms[0]
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
    place = Place("dura", slice=12) if key == "dura_12" else Place(ROOTS, Root("S1", "L"), 60)
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
