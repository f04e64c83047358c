"""One annotator's work on one subject: its files, its time, and where it was left."""

from __future__ import annotations

import json

import numpy as np
import pytest

from SpineRootAnnotatorLib.work.autosave import FileConflict
from SpineRootAnnotatorLib.work.contour_interpolation import filled
from SpineRootAnnotatorLib.work.history import Edit, Step
from SpineRootAnnotatorLib.work.live_checks import LiveChecks
from SpineRootAnnotatorLib.work.marks import Mark, read_mark
from SpineRootAnnotatorLib.work.other_version import their_step
from SpineRootAnnotatorLib.work.stopwatch import Stopwatch
from SpineRootAnnotatorLib.work.subject_progress import Progress, progress
from SpineRootAnnotatorLib.work.subject_work import LockedError, SubjectWork
from SpineRootLib.anatomy import DURA, GANGLIA, Root
from SpineRootLib.annotation_files import read_annotation, write_annotation
from SpineRootLib.curves import closed_curve
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.place import Place

L3 = Root("L3", "L")
GANGLION = Place(GANGLIA, L3)


@pytest.fixture
def dataset(annotation, markers):
    write_annotation(markers, annotation, durable=False)
    return Dataset.open(markers.parents[1])


@pytest.fixture
def work(dataset):
    opened = SubjectWork.open(dataset, "01", "A")
    opened.begin()
    yield opened
    opened.close()


def move_ganglion(work):
    before = read_mark(work.annotation, GANGLION)
    work.do(Step((Edit(GANGLION, before, before.moved(before.points + 1.0, "corrected")),)))


def test_an_edit_is_on_the_disk_once_it_is_saved(work, annotation):
    move_ganglion(work)
    assert work.is_waiting
    work.save_changes()
    assert work.autosave.flush(5.0)
    saved = read_annotation(work.markers, "01").ganglia[L3]
    assert np.allclose(saved, annotation.ganglia[L3] + 1.0)


def test_an_edit_takes_a_sign_off_back(work):
    move_ganglion(work)
    work.sign_off(["The cord is missing."])
    assert work.annotation.provenance.signed_off
    move_ganglion(work)
    assert not work.annotation.provenance.signed_off


def test_a_second_window_on_the_same_work_is_refused(dataset, work):
    path = work.lock.path
    holder = {**json.loads(path.read_text()), "host": "elsewhere", "user": "jl"}
    path.write_text(json.dumps(holder))
    with pytest.raises(LockedError, match="jl on elsewhere has had it open"):
        SubjectWork.open(dataset, "01", "A").begin()


def test_where_the_annotator_was_is_kept_once_something_was_edited(dataset, work):
    (work.folder / "sub-01_annotation.json").unlink()
    work.remember(Mode="roots", Slice=4)
    assert work.resume_point == {}, "who only looks leaves no sidecar behind"
    move_ganglion(work)
    work.remember(Mode="roots", Slice=4)
    assert work.close() == []
    assert SubjectWork.open(dataset, "01", "A").resume_point == {"Mode": "roots", "Slice": 4}


def test_work_that_its_folder_does_not_take_is_kept_elsewhere(work, tmp_path):
    move_ganglion(work)
    assert "all of it is kept in" in work.rescue(tmp_path / "rescue")
    (kept,) = (tmp_path / "rescue").glob("markers-A-*")
    assert np.allclose(read_annotation(kept, "01").ganglia[L3], work.annotation.ganglia[L3])


def test_how_far_an_annotator_is_is_told_subject_by_subject(dataset, work):
    assert progress(dataset, "A") == {"01": Progress.BEGUN}
    assert progress(dataset, "B") == {"01": Progress.UNTOUCHED}
    work.sign_off([])
    work.close()
    assert progress(dataset, "A") == {"01": Progress.DONE}


def test_their_version_of_a_file_becomes_one_step_that_can_be_undone(work, tmp_path):
    path = work.folder / "sub-01_ganglions_L3_L.json"
    document = json.loads(path.read_text())
    document["markups"][0]["controlPoints"][0]["position"] = [1.0, 2.0, -300.0]
    theirs = tmp_path / "theirs.json"
    theirs.write_text(json.dumps(document))
    step = their_step(work.annotation, FileConflict(path, theirs))
    before = work.annotation.ganglia[L3]
    work.do(step)
    assert np.allclose(work.annotation.ganglia[L3], [-1.0, -2.0, -300.0])
    work.undo()
    assert np.allclose(work.annotation.ganglia[L3], before)


def test_their_version_that_says_the_same_is_no_step(work, tmp_path):
    path = work.folder / "sub-01_ganglions_L3_L.json"
    assert their_step(work.annotation, FileConflict(path, path)) is None
    assert their_step(work.annotation, FileConflict(tmp_path / "notes.json", path)) is None


def test_time_counts_only_while_active():
    now = [0.0]
    watch = Stopwatch(idle_after_s=30.0, clock=lambda: now[0])
    for moment, key in ((0.0, "dura_1"), (10.0, "dura_2"), (100.0, "dura_2"), (105.0, None)):
        now[0] = moment
        watch.touch(key)
    assert watch.take() == {"dura_1": 10.0, "dura_2": 5.0}
    assert watch.take() == {}


def test_contours_between_two_circles_are_circles_of_the_sizes_between(annotation):
    planes = annotation.planes
    drawn = {number: contour.points for number, contour in annotation.contours_by_slice(DURA).items()}
    drawn[7] = planes.lift(planes.flatten(drawn[7]) * 2 / 3, 7)
    between = filled(planes, drawn)
    assert sorted(between) == [5, 6]
    for number, radius in ((5, 8.0), (6, 7.0)):
        curve = closed_curve(planes.flatten(between[number]))
        assert np.allclose(np.linalg.norm(curve, axis=1), radius, atol=0.02)


def test_findings_follow_the_edits_and_are_gone_through_in_a_round(annotation):
    checks = LiveChecks(annotation)
    checks.run()
    count = len(checks.findings)
    assert count
    gone_to = [checks.turn(1) for _ in range(count + 1)]
    assert gone_to[:count] == checks.findings
    assert gone_to[count] == checks.findings[0]
    annotation.set_root_point(L3, 4, annotation.root_by_slice(L3)[4] + [30.0, 0.0, 0.0])
    checks.run()
    assert any(finding.slice == 4 and finding.root == L3 for finding in checks.findings)


def test_a_mark_in_a_sidecar_of_another_number_is_the_ganglions(annotation):
    annotation.provenance.structure(GANGLION.key)["Points"] = {"0": {"Flags": ["uncertain"]}}
    assert read_mark(annotation, GANGLION).flags == ("uncertain",)
    assert isinstance(read_mark(annotation, GANGLION), Mark)


def test_where_files_in_the_wild_cannot_be_kept_nothing_is_edited_until_they_can(
    dataset, annotation, markers, monkeypatch
):
    wild = markers / "sub-01" / "sub-01_dura_1.json"
    (markers / "sub-01" / "sub-01_dura_7.json").rename(wild)
    work = SubjectWork.open(dataset, "01", "A")
    work.annotation.planes = annotation.planes
    work.begin()
    with monkeypatch.context() as patched:
        patched.setattr("SpineRootAnnotatorLib.work.subject_work.make_strict", fail_to_keep)
        for _ in range(2):
            with pytest.raises(SpineRootError, match="no space"):
                move_ganglion(work)
    assert (work.history.done, wild.exists()) == ([], True)
    move_ganglion(work)
    assert work.close() == []
    assert not wild.exists()
    assert [path.name for path in (markers / "sub-01").glob("as-found-*/*dura_1.json")] == ["sub-01_dura_1.json"]


def fail_to_keep(*_):
    raise SpineRootError("no space")


def test_what_a_killed_process_left_half_written_is_cleared_away_at_the_next_opening(dataset, markers):
    half = markers / "sub-01" / ".abc.part"
    half.write_text("{")
    work = SubjectWork.open(dataset, "01", "A")
    work.begin()
    assert not half.exists()
    work.close()
