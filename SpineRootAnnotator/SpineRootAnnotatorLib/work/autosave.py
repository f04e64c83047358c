"""Saving off the click's path: a thread writes what changed, keeps what it could not write, and tries again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from SpineRootAnnotatorLib.work.file_stamps import FileStamps, keep_copy
from SpineRootLib.errors import SpineRootError
from SpineRootLib.translation import _

# Writes one file into a folder.
Writer = Callable[[Path], object]
_LOG = logging.getLogger(__name__)
# The thread that last wrote into a folder: one that hangs in an older version must not come out after a newer one.
_LAST_THREADS: dict[Path, threading.Thread] = {}


class SaveState(StrEnum):
    """What the annotator is told."""

    SAVED = "saved"
    SAVING = "saving"
    FAILED = "cannot save"


@dataclass(frozen=True)
class SaveTiming:
    """Seconds.

    Parameters
    ----------
    first_retry_s : pause before a failed file is tried again; it doubles with each try: most faults are over at once.
    retry_s : the longest such pause.
    share_s : how long the main thread lets the writing thread run at each tick. In Slicer, Python threads stand still
        while the event loop waits, so that a write would otherwise take many ticks.
    silent_s : a write that takes longer is told as a failure: a lost share does not answer at all.
    tick_s : at most so much of the time from tick to tick counts for that, twice what lies between them in a Slicer
        that runs freely: where the main thread stands still, the writing one does so too, and the disk is not to blame.
    look_s : how often the files are looked at for changes by others, and our lock is shown to be alive.
    """

    first_retry_s: float = 0.1
    retry_s: float = 2.0
    share_s: float = 0.01
    silent_s: float = 5.0
    tick_s: float = 0.2
    look_s: float = 5.0


@dataclass(frozen=True)
class FileConflict:
    """A file that somebody else changed; the copy of theirs that was kept beside ours."""

    path: Path
    kept: Path


class Autosave:
    """Writes files into a subject's folder from a thread of its own.

    Parameters
    ----------
    folder : the subject's folder of markups.
    files : the files as they were when read; what somebody else changes is kept as a copy.
    on_look : called in the thread whenever the files are looked at.
    """

    def __init__(
        self,
        folder: Path,
        files: FileStamps,
        timing: SaveTiming | None = None,
        on_look: Callable[[], None] | None = None,
    ):
        self.folder, self.files = folder, files
        self.timing = timing or SaveTiming()
        self._on_look = on_look
        self._pending: dict[str, Writer] = {}
        self._writing: tuple[str, Writer] | None = None
        # of what failed: why, and when it is tried again
        self._failures: dict[str, str] = {}
        self._retry_at: dict[str, float] = {}
        self._tries: dict[str, int] = {}
        self._look_fault = ""
        self._conflicts: list[FileConflict] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._held_up = False
        # how long what is written now has not come to its end, as counted from tick to tick
        self._silence_s, self._shared_at = 0.0, time.monotonic()
        self._stopping = False

    @property
    def state(self) -> SaveState:
        """Whether all that was submitted lies on the disk."""
        with self._changed:
            if self._failures or self._is_silent():
                return SaveState.FAILED
            return SaveState.SAVING if self._pending or self._writing else SaveState.SAVED

    @property
    def failure(self) -> str:
        """Why it cannot be saved, a sentence; empty when it can."""
        with self._changed:
            if not self._failures and self._is_silent():
                return _("{folder}: the disk does not answer").format(folder=self.folder)
            return next(iter(self._failures.values()), "")

    def submit(self, name: str, writer: Writer) -> None:
        """Have a file written; it takes the turn of an older version of it that still waits, which is dropped."""
        with self._changed:
            self._pending[name] = writer  # in its place: a file that changes all the time would never get its turn
            self._retry_at.pop(name, None)
            self._changed.notify_all()
        self.start()

    def start(self) -> None:
        """Begin to write and to look at the files; also again, should the thread have ended by itself."""
        if self._thread is None or not (self._thread.is_alive() or self._stopping):
            former = _LAST_THREADS.get(self.folder)
            name = f"autosave:{self.folder}"
            self._thread = threading.Thread(target=self._run, args=(former,), name=name, daemon=True)
            _LAST_THREADS[self.folder] = self._thread
            self._thread.start()

    def share(self) -> None:
        """Let the thread run for a moment if it has something to write, and count how long that does not end."""
        with self._changed:
            self._changed.wait_for(lambda: self._due() is None and not self._writing, self.timing.share_s)
            now = time.monotonic()
            self._silence_s += min(now - self._shared_at, self.timing.tick_s)
            self._shared_at = now

    def flush(self, timeout_s: float) -> bool:
        """Wait until all is written; False if it is not by then."""
        with self._changed:
            self._retry_at.clear()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._stopping or not (self._pending or self._writing), timeout_s)
            return not (self._pending or self._writing)

    def stop(self) -> dict[str, Writer]:
        """End the thread; the answer is what could not be written."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            unsaved = dict(self._pending)
            if self._writing is not None:
                unsaved.setdefault(*self._writing)
        return unsaved

    def take_conflicts(self) -> list[FileConflict]:
        """The conflicts since the last call."""
        with self._changed:
            taken, self._conflicts = self._conflicts, []
        return taken

    def _is_silent(self) -> bool:
        waits = self._held_up or self._writing is not None
        return waits and self._silence_s > self.timing.silent_s

    def _run(self, former: threading.Thread | None) -> None:
        if former is not None and former.is_alive():
            self._silence_s, self._held_up = 0.0, True
            former.join()
            self._held_up = False
        looked_at = time.monotonic()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._due() is not None or self._stopping, self._longest_wait(looked_at))
                if self._stopping:
                    return
                job = self._next()
            if job is not None:
                self._do(*job)
            if time.monotonic() - looked_at >= self.timing.look_s:
                self._look()
                looked_at = time.monotonic()

    def _due(self) -> str | None:
        """The first file that waits to be written and is not to be tried later; None for none."""
        now = time.monotonic()
        return next((name for name in self._pending if self._retry_at.get(name, now) <= now), None)

    def _longest_wait(self, looked_at: float) -> float:
        now = time.monotonic()
        waits = [self._retry_at.get(name, now) - now for name in self._pending]
        return max(0.0, min([looked_at + self.timing.look_s - now, *waits]))

    def _next(self) -> tuple[str, Writer] | None:
        name = self._due()
        if name is None:
            return None
        writer = self._pending.pop(name)
        self._writing, self._silence_s = (name, writer), 0.0
        return name, writer

    def _do(self, name: str, writer: Writer) -> None:
        failure = self._write(self.folder / name, writer)
        with self._changed:
            self._writing = None
            if failure:
                self._failures[name] = failure
                if name not in self._pending:  # else a newer version waits already
                    self._pending[name] = writer
                    self._retry_at[name] = time.monotonic() + self._pause(name)
            else:
                self._failures.pop(name, None)
                self._tries.pop(name, None)
            self._changed.notify_all()

    def _pause(self, name: str) -> float:
        """Until a file that failed is tried again; longer each time."""
        tries = self._tries[name] = self._tries.get(name, 0) + 1
        return min(self.timing.retry_s, self.timing.first_retry_s * 2.0 ** min(tries - 1, 30))

    def _write(self, path: Path, writer: Writer) -> str:
        """Write a file; the answer is why it could not be written, empty if it is."""
        try:
            if self.files.changed(path):
                self._keep_theirs(path)
            writer(self.folder)
            self.files.note([path])
        except SpineRootError as error:
            return str(error)
        except OSError as error:
            return _("{path}: cannot be written ({why})").format(path=path, why=error.strerror or _words(error))
        except BaseException as error:  # whatever it is, the thread goes on, or nothing would be saved any more
            why = f"{type(error).__name__}: {_words(error)}"
            why = _("{path}: cannot be written ({why})").format(path=path, why=why)
            _LOG.exception(why)
            return why
        return ""

    def _look(self) -> None:
        try:
            for path in self.files.all_changed():
                self._keep_theirs(path)
                self.files.note([path])
            if self._on_look is not None:
                self._on_look()
            self._look_fault = ""
        except OSError:  # what cannot be read now is looked at again
            return
        except BaseException as error:  # as above; what goes wrong at every look is logged once
            if _words(error) != self._look_fault:
                self._look_fault = _words(error)
                _LOG.exception(_("{folder}: its files cannot be looked at").format(folder=self.folder))

    def _keep_theirs(self, path: Path) -> None:
        conflict = FileConflict(path, keep_copy(path))
        with self._changed:
            self._conflicts.append(conflict)


def _words(error: BaseException) -> str:
    """What an exception says, and of one that fails at saying it, its kind."""
    try:
        return str(error)
    except Exception:
        return type(error).__name__
