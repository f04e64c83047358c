"""Subjects in processes of this machine, which all end when the first one is stopped."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from SpineRootLib.cohort.job import FAILED, SubjectJob, SubjectOutcome
from SpineRootLib.cohort.participant import run_subject
from SpineRootLib.stopping_processes import deaf_to_ctrl_c, end_processes, leave_stopping_to_parent


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
    pool = ProcessPoolExecutor(n_jobs, multiprocessing.get_context("spawn"), leave_stopping_to_parent)
    try:
        with deaf_to_ctrl_c():
            futures = [pool.submit(_run_in_pool, job) for job in jobs]
        for future in as_completed(futures):
            try:
                yield future.result()
            except BrokenProcessPool:
                yield None
                return
    except BaseException:
        end_processes(others)
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _run_in_pool(job: SubjectJob) -> SubjectOutcome:
    """A subject's work; a process that is asked to end puts away what it has half-written, and begins no other."""
    try:
        return run_subject(job)
    except SystemExit:
        os._exit(1)
