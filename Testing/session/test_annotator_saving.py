"""Nothing that was marked is lost: saving, and failing to save."""

from __future__ import annotations

import json
import shutil
import tempfile

import numpy as np

from headless.application import start
from SpineRootLib.anatomy import GANGLIA, ROOTS, Root
from SpineRootLib.annotation_files import read_annotation

start()
from SpineRootAnnotatorLib.work.autosave import SaveState, SaveTiming  # noqa: E402
from SpineRootAnnotatorLib.work.marks import Mark, Place  # noqa: E402

L1 = Root("L1", "L")
GANGLION = Place(GANGLIA, root=L1)
HERE = np.array([10.0, -40.0, -400.0])


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
    session.subject.put(Place("cord", slice=30), Mark.of(contours[30].points + [0.1, 0.0, 0.0]))
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
    session.subject.put(Place(ROOTS, L1, 30), None)
    session.sign_off()
    save(session)
    signed = json.loads((folder / "sub-03_annotation.json").read_text())["SignOff"]
    assert signed["By"] == "A"
    assert any("L1_L is not marked on slice 30" in sentence for sentence in signed["Incomplete"])
    session.subject.put(GANGLION, Mark.of(HERE))
    assert not session.signed_off


def test_a_sign_off_lists_marks_to_be_made_again_that_were_seen_too_lately_with_their_root_active(
    session, sub03_dataset
):
    (sub03_dataset / "derivatives" / "spineroot.json").write_text('{"HiddenRepeats": {"Share": 0.1}}')
    session.open(sub03_dataset, "03", "A")
    session.perform("roots")
    repeats = session.subject.repeats
    one, other = repeats.due()[0], next(each for each in repeats.due() if each.root != repeats.due()[0].root)
    session.subject.go_to_place(one)
    session.subject.go_to_place(other)
    assert not {one, other} & set(repeats.due())
    beside = next(each for each in repeats.due() if each.root == one.root)
    session.subject.go_to(beside.slice)  # with the other root active
    assert beside in repeats.due()
    assert session.incomplete()[-1].endswith("seen too lately for that: 2.")


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
