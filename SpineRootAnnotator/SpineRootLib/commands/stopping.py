"""How a command is stopped from outside: by Ctrl+C, or by whoever ends a job or a container."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from SpineRootLib.atomic import Written

# what a shell makes of a process that these signals end
INTERRUPTED, TERMINATED = 130, 143


class Terminated(KeyboardInterrupt):
    """The process is asked to end by SIGTERM."""


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Within it SIGTERM stops work as Ctrl+C does; in a container nothing else would."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def status_of(stop: KeyboardInterrupt) -> int:
    """The exit status of work that was stopped."""
    return TERMINATED if isinstance(stop, Terminated) else INTERRUPTED


def kept_sentence(stop: KeyboardInterrupt, written: Written) -> str:
    """What is kept of work that was stopped.

    Parameters
    ----------
    stop : with the sentence of the work itself, if it knows better.
    written : what was written whole before.
    """
    if stop.args:
        return f"interrupted: {stop.args[0]}"
    if not written.count:
        return "interrupted: nothing was written"
    files = "1 file was" if written.count == 1 else f"{written.count} files were"
    place = f" in {written.folder}" if written.folder else ""
    return f"interrupted: {files} written whole before and kept{place}, nothing is half-written"


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated
