"""Where the subjects are worked on: here one after the other, in processes, or on a Dask cluster."""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from contextlib import closing

from SpineRootLib.cohort.job import DONE, FAILED, SKIPPED, SubjectJob, SubjectOutcome
from SpineRootLib.cohort.participant import run_subject
from SpineRootLib.cohort.processes import in_processes
from SpineRootLib.errors import MissingExtraError, SpineRootError
from SpineRootLib.progress import Progress, part, report

# How long a scheduler may take to answer, s.
_TIMEOUT_S = 10


def run_all(
    jobs: Sequence[SubjectJob], n_jobs: int = 1, scheduler: str | None = None, progress: Progress | None = None
) -> list[SubjectOutcome]:
    """Do the work of all subjects; where it is interrupted, what is kept of it is said.

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
    running = _outcomes(jobs, n_jobs, scheduler, progress)
    found: dict[str, SubjectOutcome] = {}
    try:
        with closing(running):
            report(progress, 0.0, f"0 of {len(jobs)} subjects")
            for outcome in running:
                found[outcome.subject] = outcome
                text = f"{len(found)} of {len(jobs)} subjects, sub-{outcome.subject} {outcome.status}"
                report(progress, len(found) / len(jobs), text)
    except KeyboardInterrupt as stop:
        done = sum(each.status in (DONE, SKIPPED) for each in found.values())
        kept = f"{done} of {len(jobs)} subjects are done and kept, nothing is half-written"
        raise type(stop)(f"{kept}; with --skip-existing the same command goes on from there") from None
    return [found[job.subject] for job in jobs]


def _outcomes(
    jobs: Sequence[SubjectJob], n_jobs: int, scheduler: str | None, progress: Progress | None
) -> Generator[SubjectOutcome, None, None]:
    if scheduler is not None:
        yield from _on_cluster(jobs, scheduler)
    elif n_jobs > 1 and len(jobs) > 1:
        yield from in_processes(jobs, min(n_jobs, len(jobs)))
    else:
        for number, job in enumerate(jobs):
            yield run_subject(job, part(progress, number / len(jobs), (number + 1) / len(jobs)))


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
        try:
            for future in as_completed_there(futures, loop=client.loop):
                if future.status == "finished":
                    yield future.result()
                else:
                    failed = future.status == "error"
                    fault = f"its worker failed ({future.exception()})" if failed else "the Dask cluster was lost"
                    yield SubjectOutcome(futures[future].subject, FAILED, fault)
        except BaseException:
            client.cancel(list(futures), force=True)
            raise
