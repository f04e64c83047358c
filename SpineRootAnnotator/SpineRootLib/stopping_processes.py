"""How processes of a pool stop: the one that started them ends them, whoever presses Ctrl+C."""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from types import FrameType

# How long processes that are ended may take to put away what they have half-written, s; a user waits for it.
_CLEANING_UP_S = 0.4


@contextmanager
def deaf_to_ctrl_c() -> Iterator[None]:
    """Processes that are started within it do not hear Ctrl+C from their first moment on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def leave_stopping_to_parent() -> None:
    """In a process of the pool: Ctrl+C reaches all processes of a terminal, and the first one ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _clean_up_and_end)


def _clean_up_and_end(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(1)


def end_processes(others: Collection[BaseProcess]) -> None:
    """End all processes but others at once; what they have half-written they take away if they can."""
    running = [each for each in multiprocessing.active_children() if each not in others]
    for end in (BaseProcess.terminate, BaseProcess.kill):
        for process in running:
            end(process)
        until = time.monotonic() + _CLEANING_UP_S
        for process in running:
            process.join(max(0.0, until - time.monotonic()))
