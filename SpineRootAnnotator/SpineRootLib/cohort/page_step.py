"""The step that writes a subject's page, also where the work on it failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from SpineRootLib.agreement.reliability_tables import reliability_of
from SpineRootLib.annotation_files import sidecar_path, subject_folder
from SpineRootLib.cohort.subject_report import SubjectContent, write_subject_report
from SpineRootLib.cohort.work import Work
from SpineRootLib.dataset_settings import repeat_of
from SpineRootLib.errors import SpineRootError
from SpineRootLib.provenance import Provenance


def report_subject(work: Work) -> Iterator[str]:
    """Write the page, if there is anything to tell."""
    job, subject = work.job, work.job.subject
    kinds = ("agreement", "model", "anatqc")
    if not work.files and not any(any(job.results.derivative(kind, subject).glob("*")) for kind in kinds):
        yield "nothing to report"
        return
    yield f"written to {_write_page(work, '')}"


def report_failure(work: Work, message: str) -> Iterator[str]:
    """Write the page of a subject whose work failed, if one was asked for: why, and what was found until then."""
    if "report" in work.job.steps:
        yield f"written to {_write_page(work, message)}"


def _write_page(work: Work, failure: str) -> Path:
    job, subject = work.job, work.job.subject
    # the page tells the figures also where this run has not compared
    figures = work.figures
    if not figures and not failure and len(work.annotators) > 1:
        figures = reliability_of(work.raters, work.pairs, job.margins)
    content = SubjectContent(subject, _sidecars(work), figures, work.warnings, job.blind, failure)
    folder = job.results.derivative("report", subject)
    work.files.append(write_subject_report(folder / f"sub-{subject}_report.html", job.results, content))
    work.describe("report", "Reports on subjects")
    return folder


def _sidecars(work: Work) -> dict[str, dict[str, Any]]:
    """By annotator the document of the sidecar, as far as it can be read; what cannot is why the work failed."""
    found = {}
    for label in work.dataset.annotators(work.job.subject):
        folder = subject_folder(work.dataset.markers(label), work.job.subject)
        with suppress(SpineRootError):
            sidecar = Provenance.read(sidecar_path(folder, work.job.subject))
            if not sidecar.is_consensus:
                found[label] = sidecar.document
                asked = repeat_of(work.dataset.derivatives, label)
                if asked is not None:
                    found[label] = {"RepeatOf": asked, **sidecar.document}
    return found
