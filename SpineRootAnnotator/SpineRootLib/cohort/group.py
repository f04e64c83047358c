"""What all subjects of a cohort say together: tables, figures, the gallery and the report."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.places import Place, wholes
from SpineRootLib.agreement.tables import AGREEMENT, write_exactly
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, STRUCTURES, Root
from SpineRootLib.cohort.gallery import write_gallery
from SpineRootLib.cohort.group_figures import draw_cohort
from SpineRootLib.cohort.report import Report, write_html
from SpineRootLib.dataset import Dataset, write_description
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.progress import Progress, part, report
from SpineRootLib.quality.cohort import write_cohort as write_quality_cohort
from SpineRootLib.tables import MISSING, read_table

COHORT = ("participant_id", *AGREEMENT)
SUMMARY = (
    *("structure", "segment", "side", "n_subjects", "n_matched", "n_only_one"),
    *("mean_mm", "sd_mm", "median_mm", "min_mm", "max_mm"),
)


@dataclass
class StructureSummary:
    """The agreement on one structure over the cohort.

    Parameters
    ----------
    subjects : by subject, the mean distance of its annotators, mm.
    matched, only_one : places over all subjects and pairs of annotators.
    """

    whole: Place
    subjects: dict[str, float] = field(default_factory=dict)
    matched: int = 0
    only_one: int = 0

    @property
    def means(self) -> NDArray[np.float64]:
        """The subjects' means, (n,) mm."""
        return np.array(list(self.subjects.values()))

    def row(self) -> dict[str, Any]:
        """Its row of the table; the standard deviation is that between subjects (n - 1)."""
        counts = {"n_subjects": len(self.subjects), "n_matched": self.matched, "n_only_one": self.only_one}
        if not self.subjects:
            return {**self.whole.cells(), **counts}
        means = self.means
        values = {"mean_mm": means.mean(), "median_mm": np.median(means), "min_mm": means.min(), "max_mm": means.max()}
        spread = {"sd_mm": means.std(ddof=1)} if len(means) > 1 else {}
        return {**self.whole.cells(), **counts, **{name: float(value) for name, value in (values | spread).items()}}


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
    tables = sorted((results.derivatives / "agreement").glob("sub-*/sub-*_agreement.tsv"))
    pictures = sorted((results.derivatives / "model").glob("sub-*/sub-*_model.png"))
    quality = results.derivatives / "anatqc"
    measured = any(quality.glob("sub-*/sub-*_iqm.tsv"))
    if not (tables or pictures or measured):
        raise DatasetError("holds no subject's results: run the level 'participant' first", results.root)
    folder = results.derivatives / "group"
    rows = list(read_agreements(tables, part(progress, 0.0, 0.4)))
    summaries = summarize(rows, segments)
    files = [
        write_exactly(folder / "group_agreement.tsv", COHORT, rows),
        write_exactly(folder / "group_agreement-summary.tsv", SUMMARY, (each.row() for each in summaries)),
        write_description(folder, "What the cohort's subjects say together"),
    ]
    figures = [draw_cohort(folder / "group_agreement.png", summaries, segments)] if rows else []
    gallery = write_gallery(folder, pictures, segments, part(progress, 0.5, 0.9))
    of_images = write_quality_cohort(quality) if measured else []
    content = Report(
        summaries, figures, gallery, [path for path in of_images if path.suffix == ".png"], read_runs(results)
    )
    files += [*figures, *gallery, *of_images, write_html(folder / "report.html", content)]
    report(progress, 1.0, "written")
    return files, [f"{len(tables)} subjects with two or more annotators, {len(pictures)} models"]


def summarize(rows: Sequence[dict[str, Any]], segments: Sequence[str]) -> list[StructureSummary]:
    """The cohort's agreement, structure by structure in the order of the tables; several pairs of one subject's
    annotators give their mean."""
    found = {whole: StructureSummary(whole) for whole in wholes(segments)}
    means: dict[tuple[Place, str], list[float]] = {}
    for row in rows:
        root = None if row["structure"] in CONTOUR_STRUCTURES else Root(row["segment"], row["side"])
        whole = Place(row["structure"], root)
        summary = found.setdefault(whole, StructureSummary(whole))
        summary.matched += int(row["n_matched"])
        summary.only_one += int(row["n_only_a"]) + int(row["n_only_b"])
        if row["mean_mm"] != MISSING:
            means.setdefault((whole, row["participant_id"]), []).append(float(row["mean_mm"]))
    for (whole, subject), values in means.items():
        found[whole].subjects[subject] = sum(values) / len(values)
    return list(found.values())


def read_agreements(tables: Sequence[Path], progress: Progress | None = None) -> Iterator[dict[str, Any]]:
    """The rows of subjects' ``sub-XX_agreement.tsv``, each with its ``participant_id``.

    Raises
    ------
    DatasetError
        if one cannot be read or is no such table.
    """
    for count, path in enumerate(tables):
        report(progress, count / len(tables), path.parent.name)
        rows = read_table(path)
        if rows and set(AGREEMENT) - rows[0].keys():
            raise DatasetError("is no table of agreement", path)
        for row in rows:
            _check_row(row, path)
            yield {"participant_id": path.parent.name, **row}


def _check_row(row: dict[str, str], path: Path) -> None:
    """Refuse a row that holds no structure, no counts or no distance."""
    try:
        if row["structure"] not in CONTOUR_STRUCTURES:
            Root(row["segment"], row["side"])
        for count in ("n_matched", "n_only_a", "n_only_b"):
            int(row[count])
        is_distance = row["mean_mm"] == MISSING or math.isfinite(float(row["mean_mm"]))
    except (ValueError, SpineRootError) as error:
        raise DatasetError(f"is no table of agreement ({error})", path) from None
    if row["structure"] not in STRUCTURES or not is_distance:
        raise DatasetError(f"is no table of agreement ({row['structure']}: {row['mean_mm']} mm)", path)


def read_runs(results: Dataset) -> list[dict[str, Any]]:
    """The records of the subjects' runs; one that cannot be read or is no record is left out."""
    found = []
    for path in sorted((results.root / "logs").glob("sub-*_run.json")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            record["seconds"] = {str(step): float(seconds) for step, seconds in record["seconds"].items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            continue
        found.append(record)
    return found
