"""The cohort's report: one page that holds its tables and pictures in itself."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from SpineRootLib.agreement.figure_of_agreement import AgreementFigure
from SpineRootLib.agreement.program_spread import ProgramSpread
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, ROOTS
from SpineRootLib.cohort.job import FAILED
from SpineRootLib.cohort.page import picture, table, write_page
from SpineRootLib.cohort.report_methods import methods_section
from SpineRootLib.cohort.report_sections import (
    models_section,
    participants_section,
    planning_section,
    programs_section,
    statistics_section,
)
from SpineRootLib.cohort.summary import StructureSummary
from SpineRootLib.tables import MISSING

# Sheets of the gallery that are put into the page: 56 models; the others lie beside it.
_SHEETS = 4


@dataclass(frozen=True)
class Report:
    """What the page shows.

    Parameters
    ----------
    runs : the records of the subjects' runs.
    statistics : figures of agreement with their intervals.
    planning : how many subjects and annotators intervals of some widths take.
    participants : who annotated whom.
    models : the reports of the models, by subject.
    programs : how programs stand beside the annotators.
    """

    summaries: Sequence[StructureSummary]
    figures: Sequence[Path]
    gallery: Sequence[Path]
    quality: Sequence[Path]
    runs: Sequence[dict[str, Any]]
    statistics: Sequence[AgreementFigure] = ()
    planning: Sequence[Mapping[str, Any]] = ()
    participants: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    programs: Sequence[ProgramSpread] = ()


def write_html(path: Path, content: Report) -> Path:
    """Write the page; it needs no other file and no network."""
    body = [
        *_failures(content.runs),
        *participants_section(content.participants, content.runs),
        *statistics_section(content.statistics),
        *planning_section(content.planning),
        *_agreement(content),
        *programs_section(content.programs),
        *_gallery(content.gallery),
        *models_section(content.models),
        *_quality(content.quality),
        *_runs(content.runs),
        *methods_section(content.statistics, content.runs),
    ]
    return write_page(path, "SpineRoot: the cohort", "Spinal nerve roots: the cohort", body)


def _failures(runs: Sequence[dict[str, Any]]) -> Iterable[str]:
    """Who failed and why, before anything else, as their numbers are missing from all that follows."""
    failed = [run for run in runs if run.get("status") == FAILED]
    if failed:
        yield f"<p class='failed'>{len(failed)} of {len(runs)} subjects failed and are missing below:</p><ul>"
        for run in failed:
            why = html.escape(f"sub-{run.get('subject')}: {run.get('message')}")
            yield f"<li class='failed'>{why}</li>"
        yield "</ul>"


def _agreement(content: Report) -> Iterable[str]:
    if not content.figures:
        return
    yield "<h2>Agreement between annotators</h2>"
    captions = [
        "Mean distance between annotators, a dot a subject; bars: mean and standard deviation between subjects.",
        "Difference of two marks against their mean, a dot a slice (at most 20,000); lines: bias and limits of "
        "agreement over all levels; ellipses of 95 % of the differences, a root each.",
    ]
    yield from (picture(path, caption) for path, caption in zip(content.figures, captions, strict=False))
    names = {ROOTS: "root", GANGLIA: "ganglion", **{name: name for name in CONTOUR_STRUCTURES}}
    rows = []
    for each in content.summaries:
        if each.matched or each.only_one:
            row = each.row()
            name = f"{names[each.place.structure]} {str(each.place.root).replace('_', ' ') if each.place.root else ''}"
            counts = [row["n_subjects"], row["n_matched"], row["n_only_one"]]
            rows.append([name, *counts, *(_mm(row.get(f"{key}_mm")) for key in ("mean", "sd", "median", "min", "max"))])
    header = ["structure", "subjects", "marked by both", "by one only", "mean, mm", "sd", "median", "least", "most"]
    yield table(header, rows)


def _gallery(gallery: Sequence[Path]) -> Iterable[str]:
    if not gallery:
        return
    yield "<h2>Models</h2>"
    caption = "Seen from behind, one scale, the highest planes of the duras at one level."
    yield from (picture(path, caption) for path in gallery[:_SHEETS])
    if len(gallery) > _SHEETS:
        beside = ", ".join(html.escape(path.name) for path in gallery[_SHEETS:])
        yield f"<p>Beside this page: {beside}.</p>"


def _quality(figures: Sequence[Path]) -> Iterable[str]:
    if figures:
        yield "<h2>Image quality</h2>"
        yield from (
            picture(path, "Signal and contrast to noise of the slices, subject by subject.") for path in figures
        )


def _runs(runs: Sequence[dict[str, Any]]) -> Iterable[str]:
    if not runs:
        return
    failed = sum(run.get("status") == FAILED for run in runs)
    yield "<h2>Runs</h2>"
    yield f"<p>{len(runs)} subjects, {failed} failed.</p>"
    rows = []
    for run in sorted(runs, key=lambda each: each.get("status") != FAILED):
        seconds = sum(run.get("seconds", {}).values())
        steps = " ".join(run.get("seconds", {}))
        rows.append([f"sub-{run.get('subject')}", run.get("status"), steps, f"{seconds:.1f}", run.get("message")])
    yield table(["subject", "result", "steps", "seconds", "why"], rows)


def _mm(value: float | None) -> str:
    return MISSING if value is None else f"{value:.2f}"
