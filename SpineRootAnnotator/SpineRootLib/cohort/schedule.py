"""Where the subjects are worked on: here one after the other, in processes, or on a Dask cluster."""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing

from SpineRootLib.cohort.job import FAILED, SubjectJob, SubjectOutcome
from SpineRootLib.cohort.participant import run_subject
from SpineRootLib.errors import MissingExtraError, SpineRootError
from SpineRootLib.progress import Progress, report

# How long a scheduler may take to answer, s.
_TIMEOUT_S = 10


def run_all(
    jobs: Sequence[SubjectJob], n_jobs: int = 1, scheduler: str | None = None, progress: Progress | None = None
) -> list[SubjectOutcome]:
    """Do the work of all subjects.

    Parameters
    ----------
    n_jobs : processes on this machine.
    scheduler : address of a running Dask scheduler (``tcp://host:8786``), whose workers see the same folders.

    Returns
    -------
    list of SubjectOutcome
        in the order of the jobs.

    Raises
    ------
    MissingExtraError
        if a scheduler is named and Dask is not installed.
    SpineRootError
        if the scheduler does not answer.
    """
    running = _outcomes(jobs, n_jobs, scheduler)
    found: dict[str, SubjectOutcome] = {}
    with closing(running):
        report(progress, 0.0, f"0 of {len(jobs)} subjects")
        for outcome in running:
            found[outcome.subject] = outcome
            text = f"{len(found)} of {len(jobs)} subjects, sub-{outcome.subject} {outcome.status}"
            report(progress, len(found) / len(jobs), text)
    return [found[job.subject] for job in jobs]


def _outcomes(jobs: Sequence[SubjectJob], n_jobs: int, scheduler: str | None) -> Generator[SubjectOutcome, None, None]:
    if scheduler is not None:
        yield from _on_cluster(jobs, scheduler)
    elif n_jobs > 1 and len(jobs) > 1:
        yield from _in_processes(jobs, min(n_jobs, len(jobs)))
    else:
        yield from map(run_subject, jobs)


def _in_processes(jobs: Sequence[SubjectJob], n_jobs: int) -> Generator[SubjectOutcome, None, None]:
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
    pool = ProcessPoolExecutor(n_jobs, multiprocessing.get_context("spawn"))
    try:
        for future in as_completed([pool.submit(run_subject, job) for job in jobs]):
            try:
                yield future.result()
            except BrokenProcessPool:
                yield None
                return
    finally:
        pool.shutdown(cancel_futures=True)


def _on_cluster(jobs: Sequence[SubjectJob], scheduler: str) -> Generator[SubjectOutcome, None, None]:
    try:
        from distributed import Client
        from distributed import as_completed as as_completed_there
    except ImportError:
        raise MissingExtraError("distributed", "cluster", "running on a Dask cluster") from None
    # what goes wrong becomes an outcome; Dask would write a page about it beside the progress bar
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(scheduler, timeout=_TIMEOUT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SpineRootError(f"no Dask scheduler answers at {scheduler} ({error})") from error
    with closing(client):
        futures = {client.submit(run_subject, job, pure=False): job for job in jobs}
        for future in as_completed_there(futures, loop=client.loop):
            if future.status == "finished":
                yield future.result()
            else:
                failed = future.status == "error"
                fault = f"its worker failed ({future.exception()})" if failed else "the Dask cluster was lost"
                yield SubjectOutcome(futures[future].subject, FAILED, fault)
