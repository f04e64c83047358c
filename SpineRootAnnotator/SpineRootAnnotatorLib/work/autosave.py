"""Saving off the click's path: a thread writes what changed, keeps what it could not write, and tries again."""

from __future__ import annotations

import contextlib
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
    retry_s : pause before a failed file is tried again.
    share_s : how long the main thread lets the writing thread run at each tick. In Slicer, Python threads stand still
        while the event loop waits, so that a write would otherwise take many ticks.
    silent_s : a write that takes longer is told as a failure: a lost share does not answer at all.
    look_s : how often, while there is nothing to write, the files are looked at for changes by others.
    """

    retry_s: float = 2.0
    share_s: float = 0.01
    silent_s: float = 5.0
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
        self._writing: tuple[str, Writer, float] | None = None
        self._failure = ""
        self._conflicts: list[FileConflict] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopping = False

    @property
    def state(self) -> SaveState:
        """Whether all that was submitted lies on the disk."""
        with self._changed:
            if self._failure or self._is_silent():
                return SaveState.FAILED
            return SaveState.SAVING if self._pending or self._writing else SaveState.SAVED

    @property
    def failure(self) -> str:
        """Why it cannot be saved, a sentence; empty when it can."""
        with self._changed:
            if not self._failure and self._is_silent():
                return _("{folder}: the disk does not answer").format(folder=self.folder)
            return self._failure

    def submit(self, name: str, writer: Writer) -> None:
        """Have a file written; an older version of it that still waits is dropped."""
        with self._changed:
            self._pending.pop(name, None)
            self._pending[name] = writer
            self._changed.notify_all()
        self.start()

    def start(self) -> None:
        """Begin to write and to look at the files."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="SpineRoot autosave", daemon=True)
            self._thread.start()

    def share(self) -> None:
        """Let the thread run for a moment if it has something to write."""
        with self._changed:
            if self._thread is not None and (self._writing or (self._pending and not self._failure)):
                self._changed.wait_for(lambda: not self._pending and not self._writing, self.timing.share_s)

    def flush(self, timeout_s: float) -> bool:
        """Wait until all is written; False if it is not by then."""
        with self._changed:
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not self._pending and not self._writing, timeout_s)

    def stop(self) -> dict[str, Writer]:
        """End the thread; the answer is what could not be written."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            unsaved = dict(self._pending)
            if self._writing is not None:
                unsaved.setdefault(self._writing[0], self._writing[1])
        return unsaved

    def take_conflicts(self) -> list[FileConflict]:
        """The conflicts since the last call."""
        with self._changed:
            taken, self._conflicts = self._conflicts, []
        return taken

    def _is_silent(self) -> bool:
        return self._writing is not None and time.monotonic() - self._writing[2] > self.timing.silent_s

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pending or self._stopping, self.timing.look_s)
                if self._stopping:
                    return
                job = self._next()
            if job is None:
                self._look()
            else:
                self._do(*job)

    def _next(self) -> tuple[str, Writer] | None:
        if not self._pending:
            return None
        name = next(iter(self._pending))
        writer = self._pending.pop(name)
        self._writing = (name, writer, time.monotonic())
        return name, writer

    def _do(self, name: str, writer: Writer) -> None:
        failure = self._write(self.folder / name, writer)
        with self._changed:
            self._writing, self._failure = None, failure
            if failure:
                self._pending.setdefault(name, writer)
            self._changed.notify_all()
            if failure and not self._stopping:
                self._changed.wait(self.timing.retry_s)

    def _write(self, path: Path, writer: Writer) -> str:
        try:
            if self.files.changed(path):
                self._keep_theirs(path)
            writer(self.folder)
            self.files.note([path])
        except SpineRootError as error:
            return str(error)
        except OSError as error:
            return _("{path}: cannot be written ({why})").format(path=path, why=error.strerror or error)
        return ""

    def _look(self) -> None:
        with contextlib.suppress(OSError):  # what cannot be read now is looked at again
            for path in self.files.all_changed():
                self._keep_theirs(path)
                self.files.note([path])
        if self._on_look is not None:
            self._on_look()

    def _keep_theirs(self, path: Path) -> None:
        conflict = FileConflict(path, keep_copy(path))
        with self._changed:
            self._conflicts.append(conflict)
