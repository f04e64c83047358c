"""The whole chain for one subject, with its log; a fault ends this subject's work and no other's."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TextIO

from SpineRootLib import __version__
from SpineRootLib.clock import now
from SpineRootLib.cohort.job import (
    DONE,
    FAILED,
    NOTHING,
    SKIPPED,
    SubjectJob,
    SubjectOutcome,
    already_done,
    relative_files,
    write_record,
)
from SpineRootLib.cohort.page_step import report_failure
from SpineRootLib.cohort.steps import STEPS
from SpineRootLib.cohort.work import Work
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.progress import Progress, report


def run_subject(job: SubjectJob, progress: Progress | None = None) -> SubjectOutcome:
    """Do a subject's work.

    Returns
    -------
    SubjectOutcome
        also where it failed: bad input is told in one sentence, anything unforeseen by its name, and the log has
        the rest.
    """
    if job.skip_existing and already_done(job):
        return SubjectOutcome(job.subject, SKIPPED)
    work = Work(job)
    seconds: dict[str, float] = {}
    try:
        with _log(job) as log:
            status, message = _worked(work, seconds, log, progress)
        files, warnings = relative_files(job, work.files), tuple(_relative(each, work) for each in work.warnings)
        outcome = SubjectOutcome(job.subject, status, message, seconds, files, warnings)
        write_record(job, outcome)
    except (OSError, DatasetError) as error:
        return SubjectOutcome(job.subject, FAILED, str(error), seconds)
    # the list of files stays in the record, so that a cohort's memory does not grow with its subjects
    return replace(outcome, files=())


def _worked(work: Work, seconds: dict[str, float], log: TextIO, progress: Progress | None) -> tuple[str, str]:
    """Go through the steps; the status, and why it failed."""
    try:
        for number, name in enumerate(work.job.steps):
            report(progress, number / len(work.job.steps), f"sub-{work.job.subject} {name}")
            _say(log, f"== {name}")
            start = time.perf_counter()
            told = len(work.warnings)
            for line in STEPS[name](work):
                _say(log, line)
            for warning in work.warnings[told:]:
                _say(log, f"warning: {warning}")
            seconds[name] = round(time.perf_counter() - start, 3)
            _say(log, f"{name}: {seconds[name]:.2f} s")
    except SpineRootError as error:
        _say(log, f"failed: {error}")
        return FAILED, _failed(work, _relative(str(error), work), log)
    except Exception as error:  # whatever it is, the other subjects go on
        _say(log, traceback.format_exc())
        return FAILED, _failed(work, f"unforeseen {type(error).__name__}: {error}", log)
    if not work.files:
        return NOTHING, "no annotation and no image that a step works on"
    return DONE, ""


def _failed(work: Work, message: str, log: TextIO) -> str:
    """Have the subject's page say why it failed; the message."""
    try:
        for line in report_failure(work, message):
            _say(log, line)
    except Exception:  # the first failure is the one that is told
        _say(log, traceback.format_exc())
    return message


def _relative(message: str, work: Work) -> str:
    """A sentence that names files from the dataset on, as the results may lie elsewhere when it is read."""
    for folder in (work.job.out, work.job.dataset):
        message = message.replace(f"{folder}/", "")
    return message


@contextmanager
def _log(job: SubjectJob) -> Iterator[TextIO]:
    try:
        job.log.parent.mkdir(parents=True, exist_ok=True)
        stream = job.log.open("w", encoding="utf-8")
    except OSError as error:
        raise DatasetError(f"cannot be written ({error.strerror})", job.log) from error
    with stream:
        _say(stream, f"SpineRoot {__version__}, sub-{job.subject} of {job.dataset}")
        yield stream


def _say(log: TextIO, line: str) -> None:
    log.write(f"{now()} {line}\n")
    log.flush()
