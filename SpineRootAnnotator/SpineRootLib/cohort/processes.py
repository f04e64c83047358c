"""Subjects in processes of this machine, which all end when the first one is stopped."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Collection, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from types import FrameType

from SpineRootLib.cohort.job import FAILED, SubjectJob, SubjectOutcome
from SpineRootLib.cohort.participant import run_subject

# How long processes that are ended may take to put away what they have half-written, s; a user waits for it.
_CLEANING_UP_S = 0.4


def in_processes(jobs: Sequence[SubjectJob], n_jobs: int) -> Generator[SubjectOutcome, None, None]:
    """Outcomes as they come; the subjects left by a process that died are tried again, each in its own."""
    left = {job.subject: job for job in jobs}
    for outcome in _in_pool(jobs, n_jobs):
        if outcome is None:
            break
        del left[outcome.subject]
        yield outcome
    for job in left.values():
        yield next(_in_pool([job], 1)) or SubjectOutcome(job.subject, FAILED, "its process died (was memory short?)")


def _in_pool(jobs: Sequence[SubjectJob], n_jobs: int) -> Generator[SubjectOutcome | None, None, None]:
    """Outcomes as they come; None once a process died, which takes all others of the pool with it."""
    # spawned, not forked: VTK and SimpleITK keep threads, which a fork does not copy
    others = multiprocessing.active_children()
    pool = ProcessPoolExecutor(n_jobs, multiprocessing.get_context("spawn"), _leave_stopping_to_parent)
    try:
        with _deaf_to_ctrl_c():
            futures = [pool.submit(_run_in_pool, job) for job in jobs]
        for future in as_completed(futures):
            try:
                yield future.result()
            except BrokenProcessPool:
                yield None
                return
    except BaseException:
        _end_processes(others)
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Processes that are started within it do not hear Ctrl+C from their first moment on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _leave_stopping_to_parent() -> None:
    """In a process of the pool: Ctrl+C reaches all processes of a terminal, and the first one ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _clean_up_and_end)


def _clean_up_and_end(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(1)


def _run_in_pool(job: SubjectJob) -> SubjectOutcome:
    """A subject's work; a process that is asked to end puts away what it has half-written, and begins no other."""
    try:
        return run_subject(job)
    except SystemExit:
        os._exit(1)


def _end_processes(others: Collection[BaseProcess]) -> None:
    """End all processes but others at once; what they have half-written they take away if they can."""
    running = [each for each in multiprocessing.active_children() if each not in others]
    for end in (BaseProcess.terminate, BaseProcess.kill):
        for process in running:
            end(process)
        until = time.monotonic() + _CLEANING_UP_S
        for process in running:
            process.join(max(0.0, until - time.monotonic()))
