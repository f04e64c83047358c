"""A lock file: two people, or one in two windows, are not to work on the same annotator's subject unawares."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from SpineRootAnnotatorLib.work.lock_holder import Holder
from SpineRootLib.translation import _

# A holder on another machine that has not shown itself for so long is gone.
STALE_AFTER_S = 300.0
# What each lock of this process that is held says of itself.
_HELD_HERE: set[str] = set()
_UNREADABLE = b"\0"


@dataclass(frozen=True)
class LockTiming:
    """Seconds.

    Parameters
    ----------
    written_s : a lock that says nobody is given so long to be written whole, where one cannot be made whole at once.
    guard_s : how long another who takes over or gives back is waited for.
    guard_stale_s : one who needs longer for it was killed at it.
    """

    written_s: float = 0.5
    guard_s: float = 2.0
    guard_stale_s: float = 10.0


class FolderLock:
    """The lock of one subject in one annotator's folder.

    It is made whole and at once, or not at all; it is taken over and given back under a guard, a second file. Ages are
    told by the clock of whoever keeps the folder, which may be a file server: both times are of files written there.

    Parameters
    ----------
    path : the lock file.
    """

    def __init__(self, path: Path, timing: LockTiming | None = None):
        self.path = path
        self.held = False
        self.taken_by: Holder | None = None
        self._timing = timing or LockTiming()
        self._ours = b""
        self._busy = threading.Lock()  # the autosave's thread refreshes, the main one takes and gives back

    def acquire(self, by_force: bool = False) -> Holder | None:
        """Take the lock; the answer is who holds it instead, None when it is ours.

        Raises
        ------
        OSError
            if the folder cannot be written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        me = Holder.here()
        _HELD_HERE.add(me.token)  # before it can be seen: who sees it must not take it for a leftover
        other: Holder | None = me
        try:
            with self._busy, self._written_beside(me.text()) as new:
                other = None if _appear(new, self.path) else self._take_over(new, by_force)
                if other is None:
                    self.held, self.taken_by, self._ours = True, None, me.text()
        finally:
            if other is not None:
                _HELD_HERE.discard(me.token)
        return other

    def refresh(self) -> None:
        """Show that we are still here; `taken_by` is who took the lock from us, if somebody did."""
        with self._busy:
            if not self.held:
                return
            try:
                # what is written is what was read: a lock that replaces ours meanwhile is another file
                with self.path.open("rb+") as stream:
                    found = stream.read()
                    if found == self._ours:
                        stream.seek(0)
                        stream.write(found)
            except FileNotFoundError:
                found = self._made_again()
            except OSError:  # the server does not answer for a moment
                return
            if found != self._ours:
                self._lose(found)

    def release(self) -> None:
        """Give the lock back, unless somebody took it from us."""
        free = self._busy.acquire(timeout=self._timing.guard_s)  # a server that does not answer may hang a refresh
        try:
            if not self.held:
                return
            with contextlib.suppress(OSError), self._guarded() as guarded:
                if guarded and _content(self.path) == self._ours:
                    self.path.unlink()
            self._lose(None)
        finally:
            if free:
                self._busy.release()

    def _lose(self, found: bytes | None) -> None:
        """It is ours no more; what the lock says now, None where nobody took it from us."""
        mine = Holder.parse(self._ours)
        if found is not None:
            self.taken_by = Holder.parse(found) or _somebody()
        self.held, self._ours = False, b""
        if mine is not None:
            _HELD_HERE.discard(mine.token)

    def _made_again(self) -> bytes | None:
        """Ours was deleted: it is made again, unless somebody else was faster; what the lock says then."""
        with contextlib.suppress(OSError), self._written_beside(self._ours) as new:
            _appear(new, self.path)
        return _content(self.path) or self._ours

    def _holder_in(self, found: bytes | None, probe: Path) -> Holder | None:
        """Who a lock says holds it, None if the one is gone; the probe was written beside it just now."""
        holder = self._named(found)
        if holder is None:
            return None
        if holder.is_this_process:
            return holder if holder.token in _HELD_HERE else None
        if holder.is_on_this_machine:
            return holder if holder.is_running else None
        try:
            age = probe.stat().st_mtime - self.path.stat().st_mtime
        except FileNotFoundError:
            return None
        return holder if age < STALE_AFTER_S else None

    def _named(self, found: bytes | None) -> Holder | None:
        """Who a lock names; one that names nobody may be written just now, and is waited for."""
        if found == _UNREADABLE:
            return _somebody()
        deadline = time.monotonic() + self._timing.written_s
        while found is not None and (holder := Holder.parse(found)) is None:
            if time.monotonic() > deadline:
                return None
            time.sleep(self._timing.written_s / 20)
            found = _content(self.path)
        return None if found is None else holder

    def _take_over(self, new: Path, by_force: bool) -> Holder | None:
        """Put ours in the place of a lock that is there, if its holder is gone; who holds it instead, None for us."""
        found = _content(self.path)
        other = None if by_force else self._holder_in(found, new)
        if other is not None:
            return other
        with self._guarded() as guarded:
            now = _content(self.path)
            if guarded and now is None and _appear(new, self.path):
                return None
            if guarded and now is not None and (by_force or now == found):
                new.replace(self.path)
                return None
            return Holder.parse(_content(self.path) or b"") or _somebody()  # faster than we by a moment

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[bool]:
        """Only one at a time is inside; False for who waited in vain."""
        guard, content = self.path.with_name(self.path.name + ".guard"), uuid.uuid4().bytes
        deadline = time.monotonic() + self._timing.guard_s
        with self._written_beside(content) as mine:
            while not (inside := _appear(mine, guard)) and time.monotonic() < deadline:
                self._break_stale(guard, mine)
                time.sleep(self._timing.guard_s / 200)
            try:
                yield inside
            finally:
                if inside and _content(guard) == content:
                    guard.unlink(missing_ok=True)

    def _break_stale(self, guard: Path, probe: Path) -> None:
        """Take away the guard of one who was killed inside."""
        with contextlib.suppress(OSError):
            found = _content(guard)
            if probe.stat().st_mtime - guard.stat().st_mtime > self._timing.guard_stale_s:
                aside = probe.with_name(probe.name + ".stale")
                guard.rename(aside)
                if _content(aside) != found:  # another was faster, and this is the guard of one who is inside
                    _appear(aside, guard)
                aside.unlink()

    @contextlib.contextmanager
    def _written_beside(self, content: bytes) -> Iterator[Path]:
        """A file with this content beside the lock, written now; it is gone afterwards."""
        path = self.path.with_name(f".lock-{uuid.uuid4().hex}")
        try:
            _written_if_none(content, path)
            yield path
        finally:
            path.unlink(missing_ok=True)


def _appear(new: Path, path: Path) -> bool:
    """Have a whole file appear under a name, unless there is one; whether it did."""
    try:
        os.link(new, path)
    except FileExistsError:
        return False
    except OSError:  # no hard links here: nobody else can make it, but it can be seen before it is whole
        return _written_if_none(new.read_bytes(), path)
    return True


def _written_if_none(content: bytes, path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    return True


def _content(path: Path) -> bytes | None:
    """What a file says; None if there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        return _UNREADABLE


def _somebody() -> Holder:
    return Holder(_("somebody"), _("another machine"), 0, _("a moment ago"))
