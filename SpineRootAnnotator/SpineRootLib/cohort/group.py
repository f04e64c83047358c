"""What all subjects of a cohort say together: tables, figures, the gallery and the report."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SpineRootLib.agreement.bland_altman import draw_bland_altman
from SpineRootLib.agreement.columns import MEANINGS, OF_SUBJECTS
from SpineRootLib.agreement.figure_of_agreement import MARGINS_MM, AgreementFigure
from SpineRootLib.agreement.planning_table import planning_rows, write_planning
from SpineRootLib.agreement.program_spread import COLUMNS as SPREAD
from SpineRootLib.agreement.program_spread import ProgramSpread, ProgramSpreads, spread_sentences
from SpineRootLib.agreement.reliability_tables import write_figures
from SpineRootLib.agreement.roles import Roles
from SpineRootLib.agreement.tables import write_exactly
from SpineRootLib.cohort.gallery import write_gallery
from SpineRootLib.cohort.group_figures import draw_cohort
from SpineRootLib.cohort.participants import read_annotators, read_document
from SpineRootLib.cohort.reliability import cohort_figures, read_cohort
from SpineRootLib.cohort.report import Report, write_html
from SpineRootLib.cohort.summary import COHORT, SUMMARY, StructureSummary, Summaries, read_agreements
from SpineRootLib.dataset import Dataset
from SpineRootLib.dataset_description import write_description
from SpineRootLib.errors import DatasetError
from SpineRootLib.progress import Progress, part, report
from SpineRootLib.quality.cohort import write_cohort as write_quality_cohort
from SpineRootLib.subject_folders import subject_files


def write_group(
    results: Dataset,
    segments: Sequence[str],
    margins: Sequence[float] = MARGINS_MM,
    progress: Progress | None = None,
) -> tuple[list[Path], list[str]]:
    """Write the cohort's tables and pictures from what the subjects' runs left.

    Parameters
    ----------
    results : the folder that `run ... participant` wrote to.
    margins : mm, within which biases are tested to lie.

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
    unread: list[str] = []
    participants = read_participants(results, unread)
    agreement, roles = results.derivatives / "agreement", Roles.of_cohort(participants)
    agreed = _write_agreement(agreement, folder, tables, segments, margins, roles, part(progress, 0.0, 0.5))
    gallery = write_gallery(folder, pictures, segments, part(progress, 0.5, 0.9))
    of_images = write_quality_cohort(quality) if measured else []
    content = Report(
        agreed.summaries, agreed.figures, gallery, [path for path in of_images if path.suffix == ".png"],
        read_runs(results, unread), agreed.told, agreed.planning, participants,
        read_models(results, unread), agreed.programs,
    )  # fmt: skip
    files = [*agreed.files, write_description(folder, "What the cohort's subjects say together", sources=made)]
    files += [*agreed.figures, *gallery, *of_images, write_html(folder / "report.html", content)]
    report(progress, 1.0, "written")
    lines = [f"subjects with two or more annotators: {len(tables)}, models: {len(pictures)}"]
    lines += [*spread_sentences(agreed.programs), *_of_both_kinds(roles)]
    lines += [f"the page leaves out what cannot be read: {', '.join(unread)}"] * bool(unread)
    return files, lines


@dataclass(frozen=True)
class _Agreed:
    """The cohort's agreement, and the files that were written of it; `figures` are those that are pictures."""

    summaries: list[StructureSummary]
    told: list[AgreementFigure]
    planning: list[dict[str, Any]]
    programs: list[ProgramSpread]
    files: list[Path]
    figures: list[Path]


def _write_agreement(
    agreement: Path,
    folder: Path,
    tables: list[Path],
    segments: Sequence[str],
    margins: Sequence[float],
    roles: Roles,
    progress: Progress | None,
) -> _Agreed:
    passing, spreads = Summaries(segments, roles), ProgramSpreads(roles)
    rows = spreads.passed(passing.passed(read_agreements(tables, part(progress, 0.0, 0.8))))
    files = write_exactly(folder / "group_agreement.tsv", COHORT, rows)
    summaries = passing.by_structure()
    marks = read_cohort(agreement, part(progress, 0.8, 1.0))
    told = list(cohort_figures(marks, margins))
    planning = list(planning_rows(told))
    of_all, of_subjects = (each.row() for each in summaries), {**MEANINGS, **OF_SUBJECTS}
    files += [
        *write_planning(folder / "group_agreement-planning.tsv", planning),
        *write_figures(folder / "group_agreement-statistics.tsv", told),
        *write_exactly(folder / "group_agreement-summary.tsv", SUMMARY, of_all, of_subjects),
    ]
    beside = spreads.found()
    if beside:
        rows = (each.row() for each in beside)
        files += write_exactly(folder / "group_agreement-programs.tsv", list(SPREAD), rows, SPREAD)
    figures = [draw_cohort(folder / "group_agreement.png", summaries, segments)] if tables else []
    if told:
        path = folder / "group_agreement-bland-altman.png"
        drawn = draw_bland_altman(path, marks.pairs(), marks.columns.places(), told)
        figures += [] if drawn is None else [drawn]
    return _Agreed(summaries, told, planning, beside, files, figures)


def read_participants(results: Dataset, unread: list[str]) -> dict[str, list[dict[str, Any]]]:
    """By subject who annotated, as the tables of agreement have it beside them; names of files that cannot be read
    are added to `unread`."""
    found = {}
    for subject, path in subject_files(results.derivatives / "agreement", "_agreement.json").items():
        annotators = read_annotators(path, unread)
        if annotators is not None:
            found[subject] = annotators
    return found


def _of_both_kinds(roles: Roles) -> Iterator[str]:
    """Sentences on labels that are a program's in some subjects and a person's in others."""
    for label in sorted({label for _participant, label in roles.programs} & roles.people):
        where = ", ".join(sorted(participant for participant, each in roles.programs if each == label))
        yield f"nobody confirmed anything that {label} has in {where}: it counts as a program's there, and only there"


def read_models(results: Dataset, unread: list[str]) -> dict[str, dict[str, Any]]:
    """By subject the report of the model; names of files that cannot be read are added to `unread`."""
    paths = subject_files(results.derivatives / "model", "_model.json")
    return {subject: document for subject, path in paths.items() if (document := read_document(path, unread))}


def read_runs(results: Dataset, unread: list[str]) -> list[dict[str, Any]]:
    """The records of the subjects' runs; names of those that cannot be read or are no records are added to `unread`."""
    found = []
    for path in sorted((results.root / "logs").glob("sub-*_run.json")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            record["seconds"] = {str(step): float(seconds) for step, seconds in record["seconds"].items()}
            record["asked"] = dict(record.get("asked") or {})
        except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            unread.append(path.name)
            continue
        # what was written and from what inputs is of no use here, and most of a record
        found.append({key: record.get(key) for key in ("subject", "status", "message", "seconds", "asked")})
    return found
