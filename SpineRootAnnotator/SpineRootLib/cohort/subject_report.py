"""A subject's report: one page that holds its tables and pictures in itself."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SpineRootLib.agreement.consensus_files import disagreements_path
from SpineRootLib.agreement.figure_of_agreement import AgreementFigure
from SpineRootLib.cohort.page import paragraph, picture, table, write_page
from SpineRootLib.cohort.report_methods import methods_section
from SpineRootLib.cohort.report_sections import models_section, statistics_section, told_findings
from SpineRootLib.dataset import Dataset
from SpineRootLib.tables import MISSING, read_table

# what is discussed first is shown; the rest stands in the table
_MOST_DISAGREEMENTS = 20
_DECIMALS = re.compile(r"-?[0-9]+\.[0-9]+")


@dataclass(frozen=True)
class SubjectContent:
    """What the page shows beside what lies in the folders of results.

    Parameters
    ----------
    annotators : by label, the documents of their sidecars.
    figures : of agreement, with their intervals.
    warnings : sentences on what is to be looked after.
    blind : whether nobody's work was compared before all had signed off.
    failure : why the work on the subject failed; empty if it did not.
    """

    subject: str
    annotators: Mapping[str, Mapping[str, Any]]
    figures: Sequence[AgreementFigure]
    warnings: Sequence[str]
    blind: bool
    failure: str = ""


def write_subject_report(path: Path, results: Dataset, content: SubjectContent) -> Path:
    """Write the page from what a subject's steps have written; it needs no other file and no network."""
    body = [
        *_failure(content.failure),
        *_participants(content),
        *statistics_section(content.figures),
        *_pictures(results, content.subject),
        *_disagreements(results, content.subject),
        *_model(results, content.subject),
        *_quality(results, content.subject),
        *methods_section(content.figures),
    ]
    heading = f"Spinal nerve roots: sub-{content.subject}"
    return write_page(path, f"SpineRoot: sub-{content.subject}", heading, body)


def _failure(why: str) -> Iterator[str]:
    """Why the work failed, before anything else: what follows is what was found until then."""
    if why:
        yield f"<p class='failed'>The work on this subject failed: {html.escape(why)}</p>"
        yield paragraph("Below stands what was found until then, and what earlier runs left.")


def _participants(content: SubjectContent) -> Iterator[str]:
    yield "<h2>Annotators and blinding</h2>"
    rows = []
    for label, document in content.annotators.items():
        signed = document.get("SignOff")
        date = signed.get("Date") if isinstance(signed, dict) else None
        software = document.get("Software")
        version = software.get("Version") if isinstance(software, dict) else None
        controls = "yes" if document.get("Controls") else "no"
        rows.append([label, date or "not signed off", version or MISSING, document.get("RepeatOf") or "", controls])
    yield table(["annotator", "signed off", "version", "repeat of", "unaided controls"], rows)
    blind = (
        "No work was compared before all had signed off." if content.blind else "Work was compared without sign-off."
    )
    yield paragraph(blind)
    yield from (paragraph(each) for each in content.warnings)


def _pictures(results: Dataset, subject: str) -> Iterator[str]:
    folder = results.derivative("agreement", subject)
    captions = {
        "": "Distance of the marks of each root, a dot a slice; bars: mean and standard deviation; and the mean shift.",
        "-slices": "Distance along the slices.",
        "-bland-altman": "Difference of two marks against their mean, a dot a slice; lines: bias and limits of "
        "agreement over all levels; ellipses of 95 % of the differences, a root each.",
    }
    for ending, caption in captions.items():
        path = folder / f"sub-{subject}_agreement{ending}.png"
        if path.exists():
            yield picture(path, caption)


def _disagreements(results: Dataset, subject: str) -> Iterator[str]:
    path = disagreements_path(results.markers(), subject)
    rows = read_table(path) if path.exists() else []
    if rows:
        yield "<h2>What the annotators have to discuss</h2>"
        yield paragraph(f"{len(rows)} places, what matters most first.")
        columns = [name for name in rows[0] if name not in ("said", "flags")]
        shown = ([_short(row[name]) for name in columns] for row in rows[:_MOST_DISAGREEMENTS])
        yield table([name.replace("_", " ") for name in columns], shown)


def _short(cell: str) -> str:
    """A number of a table with two decimals, as far as it has any; all else as it is."""
    return f"{float(cell):z.2f}" if _DECIMALS.fullmatch(cell) else cell


def _model(results: Dataset, subject: str) -> Iterator[str]:
    folder = results.derivative("model", subject)
    try:
        report = json.loads((folder / f"sub-{subject}_model.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return
    if not isinstance(report, dict):
        return
    yield "<h2>Model</h2>"
    if (rendering := folder / f"sub-{subject}_model.png").exists():
        yield picture(rendering, "Seen from behind and from the side.")
    yield from models_section({subject: report})
    if findings := [each for each in report.get("findings", ()) if isinstance(each, dict)]:
        yield told_findings(findings)


def _quality(results: Dataset, subject: str) -> Iterator[str]:
    path = results.derivative("anatqc", subject) / f"sub-{subject}_iqm.png"
    if path.exists():
        yield "<h2>Image quality</h2>"
        yield picture(path, "Signal and contrast to noise of the slices.")
