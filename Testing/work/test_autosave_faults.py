"""Whatever goes wrong while something is saved: it is named, kept, and tried again."""

from __future__ import annotations

import json
import logging
import threading
import time

import numpy as np
import pytest

from SpineRootAnnotatorLib.work.autosave import Autosave, SaveState, SaveTiming
from SpineRootAnnotatorLib.work.file_stamps import FileStamps
from SpineRootAnnotatorLib.work.history import Edit, Step
from SpineRootAnnotatorLib.work.marks import UNCERTAIN, read_mark
from SpineRootAnnotatorLib.work.subject_work import SubjectWork
from SpineRootLib.anatomy import GANGLIA, ROOTS, Root
from SpineRootLib.annotation_files import read_annotation, write_annotation
from SpineRootLib.dataset import Dataset
from SpineRootLib.place import Place
from SpineRootLib.provenance import Provenance

POINT = Place(ROOTS, Root("L3", "L"), 4)
HALF_AN_EMOJI = "\ud83d"


def until(holds, timeout_s=5.0):
    """Wait until something holds; whether it does."""
    deadline = time.monotonic() + timeout_s
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.005)
    return holds()


def writer_of(name, text="whole"):
    def write(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)

    return write


class Failing:
    """Writes a.json once it is allowed to; fails in some way until then."""

    def __init__(self, fault):
        self.fault, self.works, self.tries = fault, False, 0

    def __call__(self, folder):
        self.tries += 1
        if not self.works:
            raise self.fault
        writer_of("a.json")(folder)


@pytest.fixture
def autosave(tmp_path):
    made = Autosave(tmp_path / "sub-01", FileStamps(), SaveTiming(retry_s=0.01, silent_s=0.2, look_s=0.01))
    yield made
    made.stop()


class Speechless(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


class SpeechlessDisk(Speechless, OSError):
    pass


FAULTS = [
    Speechless(),
    UnicodeEncodeError("utf-8", HALF_AN_EMOJI, 0, 1, "surrogates not allowed"),
    MemoryError("no memory"),
    RecursionError("too deep"),
    KeyError("Points"),
    SystemExit("a library wants to end"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_any_fault_is_named_logged_kept_and_tried_again(autosave, caplog, fault):
    writer = Failing(fault)
    autosave.submit("a.json", writer)
    assert until(lambda: writer.tries >= 3)
    assert autosave.state is SaveState.FAILED
    assert "a.json" in autosave.failure
    assert type(fault).__name__ in autosave.failure
    assert any(record.exc_info and record.levelno == logging.ERROR for record in caplog.records)
    writer.works = True
    assert autosave.flush(5.0)
    assert (autosave.state, autosave.failure) == (SaveState.SAVED, "")
    assert (autosave.folder / "a.json").read_text() == "whole"


def test_a_file_that_fails_for_good_is_told_and_holds_no_other_up(tmp_path):
    autosave = Autosave(tmp_path, FileStamps(), SaveTiming(first_retry_s=60.0, retry_s=60.0))
    autosave.submit("a.json", Failing(OSError(28, "No space left on device")))
    assert until(lambda: autosave.state is SaveState.FAILED)
    autosave.submit("b.json", writer_of("b.json"))
    assert until((tmp_path / "b.json").exists)
    assert until(lambda: "b.json" not in autosave._pending)
    assert autosave.state is SaveState.FAILED
    assert "a.json" in autosave.failure
    assert list(autosave.stop()) == ["a.json"]


def test_a_fault_of_the_disk_without_a_name_is_told_as_it_is(autosave):
    autosave.submit("a.json", Failing(OSError("the share went away")))
    assert until(lambda: autosave.state is SaveState.FAILED)
    assert autosave.failure.endswith("cannot be written (the share went away)")


def test_a_disk_whose_fault_has_no_words_is_told_and_nothing_is_lost(autosave):
    writer = Failing(SpeechlessDisk())
    autosave.submit("a.json", writer)
    assert until(lambda: autosave.state is SaveState.FAILED)
    assert autosave.failure.endswith("cannot be written (SpeechlessDisk)")
    writer.works = True
    assert autosave.flush(5.0)


def test_what_is_submitted_while_nothing_is_due_is_written_at_once(tmp_path):
    autosave = Autosave(tmp_path, FileStamps(), SaveTiming(look_s=3600.0))
    autosave.submit("a.json", writer_of("a.json"))
    assert autosave.flush(5.0)
    time.sleep(0.05)  # until the thread waits again, for its next look
    autosave.submit("b.json", writer_of("b.json"))
    assert until((tmp_path / "b.json").exists)
    autosave.stop()


def test_the_answer_to_stopping_is_what_would_have_been_written(tmp_path):
    autosave = Autosave(tmp_path, FileStamps())
    begun, goes_on = threading.Event(), threading.Event()

    def hanging(_folder):
        begun.set()
        goes_on.wait(5.0)

    waiting = writer_of("b.json")
    autosave.submit("a.json", hanging)
    assert begun.wait(5.0)
    autosave.submit("b.json", waiting)
    assert autosave.stop() == {"a.json": hanging, "b.json": waiting}
    goes_on.set()


def test_what_somebody_else_changed_is_kept_once(tmp_path):
    looks: list[int] = []
    files = FileStamps()
    autosave = Autosave(tmp_path, files, SaveTiming(look_s=0.01), on_look=lambda: looks.append(1))
    autosave.submit("a.json", writer_of("a.json", "ours"))
    assert autosave.flush(5.0)
    (tmp_path / "a.json").write_text("theirs, which is longer")
    assert until(lambda: any(tmp_path.glob("a.other-*")))
    seen = len(looks)
    assert until(lambda: len(looks) > seen + 2)
    autosave.stop()
    assert [each.path.name for each in autosave.take_conflicts()] == ["a.json"]
    assert len(list(tmp_path.glob("a.other-*"))) == 1


@pytest.mark.parametrize("fault", [ValueError("no lock of ours"), Speechless()])
def test_a_fault_while_looking_at_the_files_ends_nothing(tmp_path, caplog, fault):
    looks = []

    def look():
        looks.append(1)
        raise fault

    autosave = Autosave(tmp_path, FileStamps(), SaveTiming(look_s=0.01), on_look=look)
    autosave.start()
    assert until(lambda: len(looks) >= 3)
    autosave.submit("a.json", writer_of("a.json"))
    assert autosave.flush(5.0)
    autosave.stop()
    assert sum("looked at" in record.message for record in caplog.records) == 1, "the same fault is logged once"


def test_an_older_write_that_fails_late_does_not_replace_a_newer_one(autosave):
    begun, goes_on = threading.Event(), threading.Event()

    def older(_folder):
        begun.set()
        goes_on.wait(5.0)
        raise OSError(5, "Input/output error")

    autosave.submit("a.json", older)
    assert begun.wait(5.0)
    autosave.submit("a.json", writer_of("a.json", "newer"))
    goes_on.set()
    assert autosave.flush(5.0)
    assert (autosave.state, autosave.failure) == (SaveState.SAVED, "")
    assert (autosave.folder / "a.json").read_text() == "newer"


def test_a_write_that_hangs_from_the_time_before_comes_to_its_end_before_anything_newer_is_written(tmp_path):
    before, now = (Autosave(tmp_path, FileStamps(), SaveTiming(silent_s=0.05)) for _ in range(2))
    begun, goes_on = threading.Event(), threading.Event()

    def hanging(folder):
        begun.set()
        goes_on.wait(5.0)
        writer_of("a.json", "older")(folder)

    before.submit("a.json", hanging)
    assert begun.wait(5.0)
    assert list(before.stop()) == ["a.json"]
    now.submit("a.json", writer_of("a.json", "newer"))
    assert until(lambda: now.share() or now.state is SaveState.FAILED)
    assert "does not answer" in now.failure
    goes_on.set()
    assert now.flush(5.0)
    assert (tmp_path / "a.json").read_text() == "newer"
    now.stop()


def test_a_file_that_changes_all_the_time_gets_its_turn(tmp_path):
    written, goes_on = [], threading.Event()
    autosave = Autosave(tmp_path, FileStamps())
    autosave.submit("first", lambda _folder: goes_on.wait(5.0))
    for name in ("a.json", "b.json", "a.json"):
        autosave.submit(name, lambda _folder, name=name: written.append(name))
    goes_on.set()
    assert autosave.flush(5.0)
    assert written == ["a.json", "b.json"]
    autosave.stop()


def test_while_a_file_waits_for_its_next_try_a_tick_is_not_held_up(tmp_path):
    autosave = Autosave(tmp_path, FileStamps(), SaveTiming(first_retry_s=60.0, retry_s=60.0, share_s=30.0))
    autosave.submit("a.json", Failing(OSError(28, "No space left on device")))
    assert until(lambda: autosave.state is SaveState.FAILED)
    shared = threading.Thread(target=autosave.share, daemon=True)
    shared.start()
    shared.join(10.0)
    assert not shared.is_alive()
    autosave.stop()


def ends(act, timeout_s=10.0):
    """Whether something comes to its end, though it may wait for long."""
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    thread.join(timeout_s)
    return not thread.is_alive()


class Held:
    """A write that takes until it is let go."""

    def __init__(self, name="held.json"):
        self.name, self.begun, self.goes_on = name, threading.Event(), threading.Event()

    def __call__(self, folder):
        self.begun.set()
        self.goes_on.wait(10.0)
        writer_of(self.name)(folder)


@pytest.fixture
def patient(tmp_path):
    """Looks at its files and tries again hardly ever by itself."""
    timing = SaveTiming(first_retry_s=3600.0, retry_s=3600.0, share_s=30.0, silent_s=3600.0, look_s=3600.0)
    looks: list[int] = []
    made = Autosave(tmp_path, FileStamps(), timing, on_look=lambda: looks.append(1))
    made.looks = looks
    yield made
    made.stop()


@pytest.fixture
def held(patient):
    """What is being written by it just now."""
    writer = Held()
    patient.submit(writer.name, writer)
    assert writer.begun.wait(5.0)
    yield writer
    writer.goes_on.set()


def test_until_all_is_written_it_says_that_it_saves(patient, held):
    assert patient.state is SaveState.SAVING
    after = Autosave(patient.folder, FileStamps(), patient.timing)  # which waits for the one before
    after.submit("a.json", writer_of("a.json"))
    assert after.state is SaveState.SAVING
    patient.stop()
    held.goes_on.set()
    assert after.flush(5.0)
    assert after.state is SaveState.SAVED
    after.stop()


@pytest.mark.usefixtures("held")
def test_what_is_being_written_when_time_is_up_is_not_called_saved(patient):
    assert not patient.flush(0.05)


def test_a_newer_version_of_a_file_that_failed_is_written_at_once(patient):
    failing = Failing(OSError(28, "No space left on device"))
    patient.submit("a.json", failing)
    assert until(lambda: patient.state is SaveState.FAILED)
    patient.submit("a.json", writer_of("a.json", "newer"))
    assert until((patient.folder / "a.json").exists)
    assert failing.tries == 1, "after a pause it is tried again, not before"


def test_what_waits_for_its_next_try_is_tried_when_all_is_to_be_saved(patient):
    failing = Failing(OSError(28, "No space left on device"))
    patient.submit("a.json", failing)
    assert until(lambda: patient.state is SaveState.FAILED)
    failing.works = True
    assert ends(lambda: patient.flush(3600.0))
    assert (patient.state, failing.tries) == (SaveState.SAVED, 2)


def test_saving_all_ends_when_it_is_saved_or_when_the_thread_is_ended(patient, held):
    threading.Timer(0.05, held.goes_on.set).start()
    assert ends(lambda: patient.flush(3600.0))
    again, said = Held(), []
    patient.submit(again.name, again)
    assert again.begun.wait(5.0)
    threading.Timer(0.05, patient.stop).start()
    assert ends(lambda: said.append(patient.flush(3600.0)))
    assert said == [False]
    again.goes_on.set()


def test_a_failed_file_is_tried_again_without_anybody_asking(tmp_path):
    autosave = Autosave(tmp_path, FileStamps(), SaveTiming(first_retry_s=0.01, retry_s=0.01, look_s=3600.0))
    failing = Failing(OSError(28, "No space left on device"))
    autosave.submit("a.json", failing)
    assert until(lambda: failing.tries >= 20)
    autosave.stop()


def test_the_pause_until_the_next_try_doubles_up_to_the_longest_and_begins_anew_after_a_success(tmp_path):
    autosave = Autosave(tmp_path, FileStamps())
    pauses = [autosave._pause("a.json") for _ in range(6)]
    assert pauses == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 2.0])
    assert [autosave._pause("a.json") for _ in range(2000)][-1] == 2.0, "however many hours the disk is full"
    autosave.submit("a.json", writer_of("a.json"))
    assert autosave.flush(5.0)
    assert autosave._pause("a.json") == pytest.approx(0.1)
    autosave.stop()


def test_a_tick_lets_the_thread_finish_what_it_writes(patient, held):
    threading.Timer(0.1, held.goes_on.set).start()
    patient.share()
    assert (patient.folder / held.name).exists()


def test_a_tick_lets_the_thread_write_what_waits_for_it(patient, held):
    after = Autosave(patient.folder, FileStamps(), patient.timing)
    after.submit("a.json", writer_of("a.json"))
    patient.stop()
    threading.Timer(0.1, held.goes_on.set).start()
    after.share()
    assert (patient.folder / "a.json").exists()
    after.stop()


def test_a_tick_is_given_back_though_a_write_hangs(tmp_path):
    autosave, hanging = Autosave(tmp_path, FileStamps()), Held()
    autosave.submit(hanging.name, hanging)
    assert hanging.begun.wait(5.0)
    ticks = []
    assert not ends(lambda: [ticks.append(autosave.share()) for _ in range(10_000)], 0.5)
    assert len(ticks) > 3, "a tick takes a hundredth of a second"
    hanging.goes_on.set()
    autosave.stop()


def test_one_thread_writes_however_often_something_is_submitted(tmp_path):
    autosave = Autosave(tmp_path, FileStamps(), SaveTiming(silent_s=0.05))
    for number in range(5):
        autosave.submit(f"{number}.json", writer_of(f"{number}.json"))
        assert autosave.flush(5.0)
    named = [each for each in threading.enumerate() if each.name == f"autosave:{tmp_path}"]
    assert len(named) == 1
    assert named[0].daemon, "a disk that hangs does not keep Slicer from ending"
    autosave.stop()


def test_a_thread_that_ended_by_itself_is_begun_anew_and_one_that_was_ended_is_not(patient, monkeypatch):
    def broken():
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(threading, "excepthook", lambda _what: None)
    with monkeypatch.context() as patched:
        patched.setattr(patient, "_due", broken)
        patient.start()
        assert until(lambda: not patient._thread.is_alive())
    patient.submit("a.json", writer_of("a.json"))
    assert patient.flush(5.0)
    assert (patient.folder / "a.json").exists()
    patient.stop()
    assert until(lambda: not patient._thread.is_alive())
    patient.submit("b.json", writer_of("b.json"))
    time.sleep(0.05)
    assert not (patient.folder / "b.json").exists()
    assert not patient._thread.is_alive()


def test_a_thread_with_nothing_to_do_sleeps(patient, monkeypatch):
    patient.submit("a.json", writer_of("a.json"))
    assert patient.flush(5.0)
    asked, due = [], patient._due
    monkeypatch.setattr(patient, "_due", lambda: asked.append(1) or due())
    time.sleep(0.2)
    assert len(asked) < 10
    assert patient.looks == [], "files are looked at every so often, not at each write"


@pytest.fixture
def ahead(monkeypatch):
    """Seconds by which the clock is put forward."""
    clock, put = time.monotonic, [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock() + put[0])
    return put


@pytest.fixture
def hung(tmp_path):
    """A write that does not come to its end, and what saves it."""
    hanging, looks = Held(), []
    autosave = Autosave(tmp_path, FileStamps(), SaveTiming(share_s=0.001), on_look=lambda: looks.append(1))
    autosave.looks = looks
    autosave.submit(hanging.name, hanging)
    assert hanging.begun.wait(5.0)
    yield autosave, hanging
    hanging.goes_on.set()
    autosave.stop()


def tick(autosave, ahead, times, step_s):
    for _tick in range(times):
        ahead[0] += step_s
        autosave.share()


def test_a_write_of_more_than_five_seconds_is_told_and_the_files_are_looked_at_every_five(ahead, hung):
    autosave, hanging = hung
    tick(autosave, ahead, 40, 0.1)
    assert autosave.state is SaveState.SAVING
    tick(autosave, ahead, 11, 0.1)
    assert autosave.state is SaveState.FAILED
    assert "does not answer" in autosave.failure
    hanging.goes_on.set()
    assert autosave.flush(5.0)
    assert autosave.state is SaveState.SAVED
    assert until(lambda: autosave.looks == [1])


def test_a_slicer_that_stands_still_itself_does_not_blame_the_disk(ahead, hung):
    """Starved of the processor it ticks every few seconds, and the writing thread gets no more of it."""
    autosave, _hanging = hung
    tick(autosave, ahead, 3, 20.0)
    assert (autosave.state, autosave.failure) == (SaveState.SAVING, "")
    tick(autosave, ahead, 23, 20.0)
    assert autosave.state is SaveState.FAILED, "in the end a disk that hangs is told there, too"


def test_how_long_one_file_takes_is_not_counted_for_the_next(ahead, hung):
    autosave, hanging = hung
    tick(autosave, ahead, 40, 0.1)
    following = Held("next.json")
    autosave.submit(following.name, following)
    hanging.goes_on.set()
    assert following.begun.wait(5.0)
    tick(autosave, ahead, 40, 0.1)
    assert autosave.state is SaveState.SAVING
    following.goes_on.set()
    assert autosave.flush(5.0)


@pytest.fixture
def work(annotation, markers):
    write_annotation(markers, annotation, durable=False)
    opened = SubjectWork.open(Dataset.open(markers.parents[1]), "01", "A")
    opened.begin()
    yield opened
    opened.close()


def flag(work, remark):
    before = read_mark(work.annotation, POINT)
    work.do(Step((Edit(POINT, before, before.flagged(UNCERTAIN, True, remark)),)))


def test_a_remark_with_half_an_emoji_is_saved_with_a_sign_for_what_is_missing(work):
    flag(work, f"faint {HALF_AN_EMOJI} here, \U0001f600")
    assert work.save_now()
    path = work.folder / "sub-01_annotation.json"
    assert Provenance.read(path).at(POINT)["Remark"] == "faint \ufffd here, \U0001f600"
    assert (work.save_state, work.autosave.failure) == (SaveState.SAVED, "")


def test_what_the_thread_adds_to_the_sidecar_while_it_is_handed_over_is_saved(work, monkeypatch):
    from SpineRootAnnotatorLib.work import subject_work

    made = subject_work.sidecar_writer

    def then_images_are_described(subject, provenance):
        writer = made(subject, provenance)
        provenance.document["Images"] = {"CISS": {"File": "sub-01_CISS.nii.gz"}}
        work._sidecar_changed = True
        return writer

    flag(work, "faint")
    assert work.save_now()
    flag(work, "fainter")
    monkeypatch.setattr(subject_work, "sidecar_writer", then_images_are_described)
    work.save_changes()
    monkeypatch.setattr(subject_work, "sidecar_writer", made)
    assert work.is_waiting
    assert work.close() == []
    document = json.loads((work.folder / "sub-01_annotation.json").read_text())
    assert document["Images"] == {"CISS": {"File": "sub-01_CISS.nii.gz"}}


def test_the_images_described_while_it_closes_are_in_the_sidecar(work, monkeypatch):
    monkeypatch.setattr("SpineRootAnnotatorLib.work.subject_work.describe_image", lambda path: {"File": path.name})
    work.images["CISS"] = work.folder / "sub-01_CISS.nii.gz"
    flag(work, "faint")
    assert work.close() == []
    document = json.loads((work.folder / "sub-01_annotation.json").read_text())
    assert document["Images"] == {"CISS": {"File": "sub-01_CISS.nii.gz"}}


def test_a_place_that_cannot_be_handed_over_keeps_no_other(work, monkeypatch):
    from SpineRootAnnotatorLib.work import subject_work

    made, ganglion = subject_work.file_points, Place(GANGLIA, Root("L3", "L"))

    def not_of_roots(annotation, place):
        if place.structure == ROOTS:
            raise RuntimeError("no points")
        return made(annotation, place)

    flag(work, "faint")
    before = read_mark(work.annotation, ganglion)
    work.do(Step((Edit(ganglion, before, before.moved(before.points + 1.0, "corrected")),)))
    with monkeypatch.context() as patched:
        patched.setattr(subject_work, "file_points", not_of_roots)
        with pytest.raises(RuntimeError):
            work.save_changes()
    assert work.autosave.flush(5.0)
    assert np.allclose(read_annotation(work.markers, "01").ganglia[ganglion.root], before.points + 1.0)
    assert work.is_waiting, "the root is handed over next time"


def test_where_handing_over_fails_the_thread_ends_and_the_lock_is_given_back(work, monkeypatch):
    def fail(*_):
        raise RuntimeError("no points")

    flag(work, "faint")
    with monkeypatch.context() as patched:
        patched.setattr("SpineRootAnnotatorLib.work.subject_work.file_points", fail)
        unsaved = work.close()
    assert any("nerveroots_L3_L" in each for each in unsaved)
    assert not work.lock.path.exists()
    assert until(lambda: not work.autosave._thread.is_alive())
