"""One at a time works on an annotator's subject, on however many machines, whatever their clocks say."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from SpineRootAnnotatorLib.work import folder_lock, lock_holder
from SpineRootAnnotatorLib.work.autosave import Autosave, SaveTiming
from SpineRootAnnotatorLib.work.file_stamps import FileStamps
from SpineRootAnnotatorLib.work.folder_lock import STALE_AFTER_S, FolderLock, LockTiming
from SpineRootAnnotatorLib.work.lock_holder import Holder

posix = pytest.mark.skipif(os.name != "posix", reason="a process is asked for by a signal")
QUICK = LockTiming(written_s=0.05, guard_s=0.2, guard_stale_s=10.0)


def held_by(path, age_s=0.0, **changes):
    """A lock of somebody else, written some time ago."""
    holder = {"user": "jl", "host": "elsewhere", "process": 1, "since": "2026-01-01T09:00:00+00:00", **changes}
    path.write_text(json.dumps(holder))
    at = path.stat().st_mtime - age_s
    os.utime(path, (at, at))
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sub-01_annotation.lock"


def held(path):
    lock = FolderLock(path, QUICK)
    assert lock.acquire() is None
    return lock


def beside(path):
    """What else lies in the folder of a lock."""
    return sorted(each.name for each in path.parent.iterdir() if each != path)


def test_scripts_of_the_first_version_find_the_lock_where_it_was():
    assert importlib.import_module("SpineRootAnnotatorLib.folder_lock").FolderLock is FolderLock


def test_a_lock_of_somebody_else_is_not_taken_but_by_force(path):
    lock = FolderLock(held_by(path))
    assert lock.acquire().user == "jl"
    assert not lock.held
    assert json.loads(path.read_text())["user"] == "jl"
    assert lock.acquire(by_force=True) is None
    assert lock.held
    lock.release()
    assert not path.exists()


def test_a_lock_says_who_where_and_since_when_and_nothing_else_is_left_beside_it(path):
    held(path)
    said = Holder.parse(path.read_bytes())
    assert (said.process, said.host) == (os.getpid(), Holder.here().host)
    assert said.since <= Holder.here().since
    assert beside(path) == []


@pytest.mark.skipif(os.name != "posix", reason="rights")
def test_others_may_read_the_lock(path):
    before = os.umask(0o022)
    try:
        held(path)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(("age_s", "is_taken"), [(0, False), (STALE_AFTER_S - 20, False), (STALE_AFTER_S + 20, True)])
def test_a_lock_is_taken_over_when_its_holder_elsewhere_has_not_shown_itself_for_long(path, age_s, is_taken):
    other = FolderLock(held_by(path, age_s)).acquire()
    assert (other is None) == is_taken
    assert beside(path) == []


def test_a_lock_is_left_behind_from_that_age_on(path, monkeypatch):
    written, now = folder_lock._written_if_none, 1_700_000_000.0

    def stamped(content, at):
        done = written(content, at)
        os.utime(at, (now, now))
        return done

    monkeypatch.setattr(folder_lock, "_written_if_none", stamped)
    held_by(path)
    os.utime(path, (now - STALE_AFTER_S + 1.0,) * 2)
    assert FolderLock(path).acquire().user == "jl"
    os.utime(path, (now - STALE_AFTER_S,) * 2)
    assert FolderLock(path).acquire() is None


def test_the_folder_of_a_lock_is_made(tmp_path):
    assert FolderLock(tmp_path / "markers-A" / "sub-01" / "lock").acquire() is None
    assert (tmp_path / "markers-A" / "sub-01" / "lock").exists()


@pytest.mark.parametrize("ahead_s", [400.0, -400.0, 86400.0])
def test_the_clock_of_this_machine_says_nothing_of_a_lock_on_a_file_server(path, monkeypatch, ahead_s):
    held_by(path)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + ahead_s)
    assert FolderLock(path).acquire().user == "jl"


def test_the_clock_of_the_file_server_is_what_tells_how_old_a_lock_is(path, monkeypatch):
    # the server's clock is an hour behind ours: what it stamps now is an hour old to us
    written = folder_lock._written_if_none

    def stamped_by_the_server(content, at):
        done = written(content, at)
        earlier = time.time() - 3600.0
        os.utime(at, (earlier, earlier))
        return done

    monkeypatch.setattr(folder_lock, "_written_if_none", stamped_by_the_server)
    held_by(path, 3600.0)
    assert FolderLock(path).acquire().user == "jl"
    held_by(path, 3600.0 + STALE_AFTER_S + 20.0)
    assert FolderLock(path).acquire() is None


def others():
    """Holders with our process number who are not this process."""
    here = Holder.here()
    return {
        "another host": replace(here, host="elsewhere"),
        "another boot, or another container": replace(here, machine="another pid:[1]"),
        "a program of before that did not say": replace(here, machine="", started="", token=""),
    }


@pytest.mark.parametrize("holder", others().values(), ids=others())
def test_a_lock_with_our_process_number_on_another_machine_is_not_ours(path, holder):
    path.write_bytes(holder.text())
    lock = FolderLock(path)
    assert lock.acquire() == holder
    assert not lock.held


@posix
def test_a_lock_of_a_process_that_was_killed_here_is_taken_over(path):
    path.write_bytes(replace(Holder.here(), process=2**22 + 1).text())
    assert FolderLock(path).acquire() is None


@posix
def test_a_lock_of_a_process_that_runs_here_is_held_however_long_it_was_silent(path):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        path.write_bytes(replace(Holder.here(), process=child.pid, started=lock_holder._started(child.pid)).text())
        os.utime(path, (1.0, 1.0))
        assert FolderLock(path).acquire().process == child.pid
    finally:
        child.communicate(b"\n")
    assert FolderLock(path).acquire() is None


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="Linux tells when a process started")
def test_another_process_that_got_the_number_of_the_one_that_was_killed_holds_nothing(path):
    path.write_bytes(replace(Holder.here(), process=os.getppid(), started="1").text())
    assert FolderLock(path).acquire() is None


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="Linux tells when a process started")
def test_a_process_is_the_one_that_it_was_however_much_memory_it_takes():
    before = Holder.here()
    assert before.started
    taken = bytearray(2**27)
    assert before.is_this_process
    assert len(taken) == 2**27


def no_such_process(_process, _signal):
    raise ProcessLookupError


def of_somebody_else(_process, _signal):
    raise PermissionError


@posix
@pytest.mark.parametrize(("answer", "is_taken"), [(no_such_process, True), (of_somebody_else, False)])
def test_where_the_system_does_not_tell_when_a_process_started_it_is_asked_for(path, monkeypatch, answer, is_taken):
    monkeypatch.setattr(lock_holder, "_started", lambda _process: "")
    monkeypatch.setattr(os, "kill", answer)
    path.write_bytes(replace(Holder.here(), process=os.getppid()).text())
    assert (FolderLock(path).acquire() is None) == is_taken


@posix
def test_asking_for_a_process_does_nothing_to_it(path, monkeypatch):
    asked = []
    monkeypatch.setattr(os, "kill", lambda process, signal: asked.append((process, signal)))
    path.write_bytes(replace(Holder.here(), process=os.getppid()).text())
    FolderLock(path).acquire()
    assert asked == [(os.getppid(), 0)]


@posix
def test_a_number_that_no_process_can_have_runs_nowhere(path):
    path.write_bytes(replace(Holder.here(), process=2**70).text())
    assert FolderLock(path).acquire() is None


def test_what_this_process_left_behind_is_taken_over_and_what_it_holds_is_not(path):
    first = held(path)
    assert FolderLock(path).acquire().process == os.getpid()
    folder_lock._HELD_HERE.clear()  # as after the module was loaded anew
    again = held(path)
    first.refresh()
    assert (first.held, first.taken_by.token) == (False, Holder.parse(path.read_bytes()).token)
    assert again.held


def test_a_lock_that_was_taken_from_us_is_told_and_left_to_them(path):
    lock, other = held(path), FolderLock(path, QUICK)
    assert other.acquire(by_force=True) is None
    lock.refresh()
    assert (lock.held, lock.taken_by.process) == (False, os.getpid())
    lock.release()
    assert other.held
    assert Holder.parse(path.read_bytes()).token
    other.refresh()
    assert (other.held, other.taken_by) == (True, None)
    other.release()
    assert not path.exists()


def test_a_lock_that_was_taken_from_us_is_left_to_them_even_where_we_did_not_notice(path):
    lock, other = held(path), FolderLock(path, QUICK)
    assert other.acquire(by_force=True) is None
    lock.release()
    assert path.exists()
    assert not lock.held


def test_a_lock_that_somebody_spoiled_was_taken_by_somebody(path):
    lock = held(path)
    path.write_text("{")
    lock.refresh()
    assert (lock.held, lock.taken_by.user) == (False, "somebody")


def test_a_lock_that_was_deleted_is_made_again(path):
    lock = held(path)
    path.unlink()
    lock.refresh()
    assert (lock.held, lock.taken_by) == (True, None)
    assert FolderLock(path, QUICK).acquire().process == os.getpid()


def test_a_lock_that_was_deleted_and_taken_is_theirs(path):
    lock = held(path)
    held_by(path)
    lock.refresh()
    assert (lock.held, lock.taken_by.user) == (False, "jl")


def test_a_lock_that_was_deleted_and_taken_while_it_was_made_again_is_theirs(path, monkeypatch):
    lock = held(path)
    path.unlink()

    def faster(_new, at):
        held_by(at)
        return False

    monkeypatch.setattr(folder_lock, "_appear", faster)
    lock.refresh()
    assert not lock.held
    assert lock.taken_by.user == "jl"


def test_a_lock_that_cannot_be_read_is_somebodys(path):
    path.mkdir()
    assert FolderLock(path, QUICK).acquire().user == "somebody"


def test_a_lock_that_could_not_be_deleted_when_it_was_given_back_is_no_longer_held(path):
    lock, content = held(path), path.read_bytes()
    lock.release()
    path.write_bytes(content)  # as if its deletion had failed
    assert FolderLock(path, QUICK).acquire() is None


def test_a_lock_that_appeared_before_taking_it_failed_can_be_taken_again(path, monkeypatch):
    appear = folder_lock._appear

    def fails_afterwards(new, at):
        appear(new, at)
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(folder_lock, "_appear", fails_afterwards)
        with pytest.raises(OSError, match="Input/output"):
            FolderLock(path, QUICK).acquire()
    assert FolderLock(path, QUICK).acquire() is None


def after_the_first_look(monkeypatch, act):
    """Have something happen just after the lock was looked at for the first time."""
    content, looked = folder_lock._content, []

    def looking(at):
        found = content(at)
        if not looked:
            looked.append(at)
            act()
        return found

    monkeypatch.setattr(folder_lock, "_content", looking)


def test_a_lock_left_behind_that_is_deleted_meanwhile_is_taken(path, monkeypatch):
    held_by(path, STALE_AFTER_S + 20.0)
    after_the_first_look(monkeypatch, path.unlink)
    lock = FolderLock(path, QUICK)
    assert lock.acquire() is None
    assert Holder.parse(path.read_bytes()) == Holder.parse(lock._ours)


@pytest.mark.parametrize("by_force", [False, True])
def test_a_lock_left_behind_that_another_takes_meanwhile_is_theirs_but_by_force(path, monkeypatch, by_force):
    held_by(path, STALE_AFTER_S + 20.0)
    after_the_first_look(monkeypatch, lambda: held_by(path, user="mk", since="", process=2))
    # the age is that of the lock that was looked at
    monkeypatch.setattr(folder_lock, "STALE_AFTER_S", -1.0)
    other = FolderLock(path, QUICK).acquire(by_force)
    assert (other is None) == by_force
    if other is not None:
        assert other.user == "mk"


def test_a_lock_that_goes_while_it_is_waited_for_is_free(path):
    path.write_text("")
    timer = threading.Timer(0.1, path.unlink)
    timer.start()
    assert FolderLock(path, LockTiming(written_s=5.0)).acquire() is None
    timer.join()


def test_a_refresh_shows_that_the_holder_is_alive_and_changes_nothing_else(path):
    lock, before = held(path), path.read_bytes()
    os.utime(path, (1.0, 1.0))
    lock.refresh()
    assert path.stat().st_mtime > time.time() - 60.0
    assert path.read_bytes() == before


def test_a_lock_is_refreshed_while_there_is_always_something_to_write(tmp_path):
    looks, ended = [], threading.Event()
    autosave = Autosave(tmp_path, FileStamps(), SaveTiming(look_s=0.05), on_look=lambda: looks.append(1))

    def write_and_submit_again(_folder):
        if not ended.wait(0.002):
            autosave.submit("a.json", write_and_submit_again)

    autosave.submit("a.json", write_and_submit_again)
    deadline = time.monotonic() + 5.0
    while len(looks) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    ended.set()
    autosave.stop()
    assert len(looks) >= 2


def test_what_is_given_back_is_not_made_again(path):
    lock = held(path)
    lock.release()
    lock.refresh()
    lock.release()
    assert not path.exists()
    assert not lock.held


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", '{"user": "jl"}'),
        *(
            f'{{"user": {who}, "host": "h", "process": {process}, "since": ""}}'
            for who, process in ((1, 1), ('""', '"1"'))
        ),
    ],
)
def test_a_lock_file_that_says_nobody_stops_nobody(path, text):
    path.write_text(text)
    assert FolderLock(path, QUICK).acquire() is None


def test_a_lock_that_is_being_written_is_waited_for(path):
    path.write_text("")
    timer = threading.Timer(0.1, held_by, [path])
    timer.start()
    assert FolderLock(path, LockTiming(written_s=5.0)).acquire().user == "jl"
    timer.join()


def test_without_hard_links_it_is_taken_and_given_back_all_the_same(path, monkeypatch):
    def no_links(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", no_links)
    lock = held(path)
    assert FolderLock(path, QUICK).acquire().process == os.getpid()
    lock.release()
    assert beside(path) == []
    assert not path.exists()


def test_a_lock_of_a_later_version_with_more_to_say_is_held(path):
    held_by(path, colour="red")
    assert FolderLock(path).acquire().user == "jl"


def test_a_folder_that_is_a_file_is_an_error(tmp_path):
    (tmp_path / "in the way").write_text("")
    lock = FolderLock(tmp_path / "in the way" / "lock")
    with pytest.raises(OSError, match="in the way"):
        lock.acquire()
    assert not lock.held


def test_while_somebody_else_takes_over_nobody_does(path):
    held_by(path, STALE_AFTER_S + 20.0)
    guard = path.with_name(path.name + ".guard")
    guard.write_bytes(b"somebody")
    assert FolderLock(path, QUICK).acquire().user == "jl"
    os.utime(guard, (1.0, 1.0))  # who was killed at it is waited for no longer
    assert FolderLock(path, QUICK).acquire() is None
    assert beside(path) == []


def test_a_stale_guard_that_another_has_replaced_meanwhile_is_left_to_them(path, monkeypatch):
    held_by(path, STALE_AFTER_S + 20.0)
    guard = path.with_name(path.name + ".guard")
    guard.write_bytes(b"killed")
    os.utime(guard, (1.0, 1.0))
    rename, replaced = Path.rename, []

    def renamed_too_late(self, target):
        if self == guard and not replaced:
            replaced.append(guard.unlink())
            guard.write_bytes(b"inside")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", renamed_too_late)
    assert FolderLock(path, QUICK).acquire() is not None
    assert replaced
    assert guard.read_bytes() == b"inside"
    assert beside(path) == [guard.name]


def test_a_guard_that_is_taken_away_at_the_last_moment_stops_nobody(path, monkeypatch):
    held_by(path, STALE_AFTER_S + 20.0)
    guard, content = path.with_name(path.name + ".guard"), folder_lock._content

    def taken_away(at):
        found = content(at)
        if at == guard:
            guard.unlink()
        return found

    monkeypatch.setattr(folder_lock, "_content", taken_away)
    assert FolderLock(path, QUICK).acquire() is None


def test_a_guard_that_is_another_ones_by_now_is_left_to_them(path, monkeypatch):
    lock, guard, content = held(path), path.with_name(path.name + ".guard"), folder_lock._content

    def taken_meanwhile(at):
        if at == path:
            guard.write_bytes(b"somebody else")
        return content(at)

    monkeypatch.setattr(folder_lock, "_content", taken_meanwhile)
    lock.release()
    assert guard.read_bytes() == b"somebody else"


def start_together(count, act):
    """What each of several threads says that begin at the same moment."""
    said, together = [], threading.Barrier(count)

    def begin(number):
        together.wait()
        said.append(act(number))

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


@pytest.mark.parametrize("found", ["nothing", "a lock left behind"])
def test_of_several_who_begin_at_the_same_moment_exactly_one_holds_it(path, found):
    for _round in range(25):
        path.unlink(missing_ok=True)
        if found != "nothing":
            held_by(path, STALE_AFTER_S + 20.0)
        locks = [FolderLock(path) for _ in range(6)]
        answers = start_together(len(locks), lambda number, locks=locks: locks[number].acquire())
        assert [answer is None for answer in answers].count(True) == 1
        (holder,) = [lock for lock in locks if lock.held]
        holder.refresh()
        assert holder.held
        holder.release()


_CONTENDER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from SpineRootAnnotatorLib.work.folder_lock import FolderLock
print("ready", flush=True)
for line in sys.stdin:
    lock = FolderLock(Path(line.strip()))
    print("held" if lock.acquire() is None else "refused", flush=True)
"""


@posix
def test_of_several_processes_exactly_one_holds_a_lock_left_behind(tmp_path):
    room = str(Path(__file__).resolve().parents[2] / "SpineRootAnnotator")
    command = [sys.executable, "-c", _CONTENDER, room]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) for _ in range(3)
    ]
    try:
        assert [each.stdout.readline() for each in processes] == ["ready\n"] * 3
        for number in range(30):
            path = held_by(tmp_path / f"{number}.lock", STALE_AFTER_S + 20.0)
            for each in processes:
                each.stdin.write(f"{path}\n")
            assert sorted(each.stdout.readline() for each in processes) == ["held\n", "refused\n", "refused\n"]
    finally:
        for each in processes:
            each.communicate()


def test_two_who_take_over_and_give_back_again_and_again_never_both_hold_it(path):
    inside, both = [], []

    def work(_number):
        for _ in range(40):
            lock = FolderLock(path)
            if lock.acquire() is not None:
                continue
            inside.append(1)
            both.append(len(inside) > 1)
            inside.pop()
            lock.release()

    start_together(3, work)
    assert both.count(True) == 0
    assert both
    assert not path.exists()


def test_a_holder_is_read_from_what_it_wrote():
    here = Holder.here()
    assert Holder.parse(here.text()) == here
    assert asdict(Holder.here())["token"] != here.token
    assert here.is_this_process
    assert not replace(here, process=os.getppid()).is_this_process
