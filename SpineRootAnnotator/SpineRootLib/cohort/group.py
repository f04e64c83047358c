"""What all subjects of a cohort say together: tables, figures, the gallery and the report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from SpineRootLib.agreement.bland_altman import draw_bland_altman
from SpineRootLib.agreement.columns import MEANINGS, OF_SUBJECTS
from SpineRootLib.agreement.planning_table import planning_rows, write_planning
from SpineRootLib.agreement.reliability import compared_pairs
from SpineRootLib.agreement.reliability_tables import write_figures
from SpineRootLib.agreement.tables import write_exactly
from SpineRootLib.cohort.gallery import write_gallery
from SpineRootLib.cohort.group_figures import draw_cohort
from SpineRootLib.cohort.reliability import cohort_figures, read_cohort
from SpineRootLib.cohort.report import Report, write_html
from SpineRootLib.cohort.summary import COHORT, SUMMARY, Summaries, read_agreements
from SpineRootLib.dataset import Dataset
from SpineRootLib.dataset_description import write_description
from SpineRootLib.errors import DatasetError
from SpineRootLib.progress import Progress, part, report
from SpineRootLib.quality.cohort import write_cohort as write_quality_cohort
from SpineRootLib.subject_folders import subject_files


def write_group(
    results: Dataset, segments: Sequence[str], progress: Progress | None = None
) -> tuple[list[Path], list[str]]:
    """Write the cohort's tables and pictures from what the subjects' runs left.

    Parameters
    ----------
    results : the folder that `run ... participant` wrote to.

    Returns
    -------
    files : those written.
    lines : what they say, in short.

    Raises
    ------
    DatasetError
        if no subject has results there.
    """
    tables = list(subject_files(results.derivatives / "agreement", "_agreement.tsv").values())
    pictures = subject_files(results.derivatives / "model", "_model.png")
    quality = results.derivatives / "anatqc"
    measured = bool(subject_files(quality, "_iqm.tsv"))
    if not (tables or pictures or measured):
        raise DatasetError("holds no subject's results: run the level 'participant' first", results.root)
    folder = results.derivatives / "group"
    made = [each for each in map(results.derivatives.joinpath, ("agreement", "anatqc", "model")) if each.is_dir()]
    passing = Summaries(segments)
    rows = passing.passed(read_agreements(tables, part(progress, 0.0, 0.4)))
    files = write_exactly(folder / "group_agreement.tsv", COHORT, rows)
    summaries = passing.by_structure()
    of_subjects = {**MEANINGS, **OF_SUBJECTS}
    marks = read_cohort(results.derivatives / "agreement", part(progress, 0.4, 0.5))
    told = list(cohort_figures(marks))
    planning = list(planning_rows(told))
    files += [
        *write_planning(folder / "group_agreement-planning.tsv", planning),
        *write_figures(folder / "group_agreement-statistics.tsv", told),
        *write_exactly(
            folder / "group_agreement-summary.tsv", SUMMARY, (each.row() for each in summaries), of_subjects
        ),
        write_description(folder, "What the cohort's subjects say together", sources=made),
    ]
    figures = [draw_cohort(folder / "group_agreement.png", summaries, segments)] if tables else []
    if told:
        pairs = compared_pairs(sorted(marks.compared), marks.repeat_of)
        path = folder / "group_agreement-bland-altman.png"
        figures += [each for each in [draw_bland_altman(path, pairs, marks.columns.places(), told)] if each is not None]
    gallery = write_gallery(folder, pictures, segments, part(progress, 0.5, 0.9))
    of_images = write_quality_cohort(quality) if measured else []
    content = Report(
        summaries, figures, gallery, [path for path in of_images if path.suffix == ".png"], read_runs(results), told,
        planning, read_participants(results), read_models(results),
    )  # fmt: skip
    files += [*figures, *gallery, *of_images, write_html(folder / "report.html", content)]
    report(progress, 1.0, "written")
    return files, [f"subjects with two or more annotators: {len(tables)}, models: {len(pictures)}"]


def read_participants(results: Dataset) -> dict[str, list[dict[str, Any]]]:
    """By subject who annotated, as the tables of agreement have it beside them; what cannot be read is left out."""
    found = {}
    for subject, path in subject_files(results.derivatives / "agreement", "_agreement.json").items():
        annotators = _document(path).get("Annotators")
        if isinstance(annotators, list):
            found[subject] = [each for each in annotators if isinstance(each, dict)]
    return found


def read_models(results: Dataset) -> dict[str, dict[str, Any]]:
    """By subject the report of the model; what cannot be read is left out."""
    paths = subject_files(results.derivatives / "model", "_model.json")
    return {subject: document for subject, path in paths.items() if (document := _document(path))}


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def read_runs(results: Dataset) -> list[dict[str, Any]]:
    """The records of the subjects' runs; one that cannot be read or is no record is left out."""
    found = []
    for path in sorted((results.root / "logs").glob("sub-*_run.json")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            record["seconds"] = {str(step): float(seconds) for step, seconds in record["seconds"].items()}
            record["asked"] = dict(record.get("asked") or {})
        except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            continue
        # what was written and from what inputs is of no use here, and most of a record
        found.append({key: record.get(key) for key in ("subject", "status", "message", "seconds", "asked")})
    return found
