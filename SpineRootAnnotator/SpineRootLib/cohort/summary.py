"""The cohort's agreement, structure by structure, from the subjects' tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.corresponding_places import all_structures
from SpineRootLib.agreement.roles import Roles
from SpineRootLib.agreement.tables import AGREEMENT
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, STRUCTURES, Root
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.place import Place
from SpineRootLib.progress import Progress, report
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

    place: Place
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
            return {**self.place.cells(), **counts}
        means = self.means
        values = {"mean_mm": means.mean(), "median_mm": np.median(means), "min_mm": means.min(), "max_mm": means.max()}
        spread = {"sd_mm": means.std(ddof=1)} if len(means) > 1 else {}
        return {**self.place.cells(), **counts, **{name: float(value) for name, value in (values | spread).items()}}


class Summaries:
    """The cohort's agreement, put together while the rows of its table pass by; the rows are not kept.

    Parameters
    ----------
    roles : who is no person, or a repeat of one: their pairs say nothing of how annotators agree.
    """

    def __init__(self, segments: Sequence[str], roles: Roles | None = None):
        self._roles = roles or Roles()
        self._found = {structure: StructureSummary(structure) for structure in all_structures(segments)}
        # by structure and subject, the sum of the means of its pairs of annotators, and how many these are
        self._means: dict[tuple[Place, str], tuple[float, int]] = {}

    def passed(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The rows, each counted as it passes."""
        for row in rows:
            self.add(row)
            yield row

    def add(self, row: Mapping[str, Any]) -> None:
        """Count a row of two people."""
        labels = row["annotator_a"], row["annotator_b"]
        if not all(self._roles.is_persons(row["participant_id"], label) for label in labels):
            return
        root = None if row["structure"] in CONTOUR_STRUCTURES else Root(row["segment"], row["side"])
        structure = Place(row["structure"], root)
        summary = self._found.setdefault(structure, StructureSummary(structure))
        summary.matched += int(row["n_matched"])
        summary.only_one += int(row["n_only_a"]) + int(row["n_only_b"])
        if row["mean_mm"] != MISSING:
            total, count = self._means.get((structure, row["participant_id"]), (0.0, 0))
            self._means[structure, row["participant_id"]] = total + float(row["mean_mm"]), count + 1

    def by_structure(self) -> list[StructureSummary]:
        """What was found, in the order of the tables; several pairs of one subject's annotators give their mean."""
        for (structure, subject), (total, count) in self._means.items():
            self._found[structure].subjects[subject] = total / count
        return list(self._found.values())


def summarize(rows: Iterable[dict[str, Any]], segments: Sequence[str]) -> list[StructureSummary]:
    """The cohort's agreement, structure by structure."""
    found = Summaries(segments)
    for row in rows:
        found.add(row)
    return found.by_structure()


def read_agreements(tables: Sequence[Path], progress: Progress | None = None) -> Iterator[dict[str, Any]]:
    """The rows of subjects' ``sub-XX_agreement.tsv``, each with its ``participant_id``.

    Raises
    ------
    DatasetError
        if one cannot be read or is no such table.
    """
    for count, path in enumerate(tables):
        report(progress, count / len(tables), path.name.removesuffix("_agreement.tsv"))
        rows = read_table(path)
        if rows and set(AGREEMENT) - rows[0].keys():
            raise DatasetError("is no table of agreement", path)
        for row in rows:
            _check_row(row, path)
            yield {"participant_id": path.name.removesuffix("_agreement.tsv"), **row}


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
