"""How reliable a cohort's marks are: figures over its subjects, from the subjects' tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from SpineRootLib.agreement.aid import aid_figures
from SpineRootLib.agreement.figure_of_agreement import AgreementFigure
from SpineRootLib.agreement.marked_places import AXES, MarkColumns, MarkedPlaces
from SpineRootLib.agreement.reliability import (
    ComparedPair,
    Reliability,
    compared_pairs,
    figures_of,
    first_annotations,
)
from SpineRootLib.agreement.reliability_tables import read_marks
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, ROOTS
from SpineRootLib.errors import DatasetError
from SpineRootLib.place import Place
from SpineRootLib.progress import Progress, report
from SpineRootLib.statistics.cluster_bootstrap import bootstrap_interval
from SpineRootLib.statistics.estimate import Estimate
from SpineRootLib.statistics.limits_of_agreement import mean_along_slices
from SpineRootLib.statistics.proportion import proportion
from SpineRootLib.statistics.slice_series import SliceSeries
from SpineRootLib.subject_folders import subject_files
from SpineRootLib.tables import read_table

_MARKS = "_agreement-marks.tsv"
# groups of levels as they are told of, and the letters that their levels begin with
LEVEL_GROUPS = {"all levels": "TLS", "thoracic": "T", "lumbar": "L", "sacral": "S"}


@dataclass
class CohortMarks:
    """The subjects' tables, read.

    Parameters
    ----------
    repeat_of : by label, of which annotation it is a repeat.
    curves : of each pair of labels and structure: number of the subject, slice, mm.
    exchanged : of each pair of labels, in which subjects names look exchanged, and which names.
    compared : of each pair of labels, the subjects whom both annotated.
    searched : the subjects in whom exchanged names were looked for.
    """

    columns: MarkColumns = field(default_factory=MarkColumns)
    repeat_of: dict[str, str] = field(default_factory=dict)
    curves: list[tuple[str, str, Place, tuple[int, int, float]]] = field(default_factory=list)
    exchanged: dict[tuple[str, str], set[tuple[str, str]]] = field(default_factory=dict)
    compared: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    searched: set[str] = field(default_factory=set)


def read_cohort(agreement: Path, progress: Progress | None = None) -> CohortMarks:
    """Read ``sub-XX_agreement-marks.tsv`` and what lies beside it, of subjects in folders of their own or all in one.

    Raises
    ------
    DatasetError
        if a table cannot be read or is none of these.
    """
    found = CohortMarks()
    tables = subject_files(agreement, _MARKS) or _in_one_folder(agreement)
    for count, (subject, path) in enumerate(tables.items()):
        report(progress, count / len(tables), path.name)
        read_marks(path, subject, found.columns, found.repeat_of)
        stem = path.name.removesuffix("-marks.tsv")
        _read_pairs(path.with_name(f"{stem}-points.tsv"), subject, found)
        _read_exchanges(path.with_name(f"{stem}-exchanges.tsv"), subject, found)
    return found


def _in_one_folder(folder: Path) -> dict[str, Path]:
    paths = sorted(folder.glob(f"sub-*{_MARKS}"))
    return {path.name.removeprefix("sub-").removesuffix(_MARKS): path for path in paths}


def cohort_figures(cohort: CohortMarks) -> Iterator[AgreementFigure]:
    """All figures of a cohort: of every structure, of groups of levels, and of names."""
    places = cohort.columns.places()
    pairs = compared_pairs(sorted(cohort.compared), cohort.repeat_of)
    labels = first_annotations(sorted(cohort.columns.labels), cohort.repeat_of)
    found = Reliability(pairs, labels, places)
    for a, b, structure, at in cohort.curves:
        found.put_curve(a, b, structure, at)
    roots = [each for structure, each in sorted(places.items()) if structure.structure == ROOTS]
    for pair in pairs:
        yield from aid_figures(pair, roots)
    yield from figures_of(found)
    for pair in pairs:
        for name, letters in LEVEL_GROUPS.items():
            chosen = [each for each in places.values() if _is_in(each.structure, letters)]
            yield from _group_figures(pair, name, [each.of(pair.labels).by_all for each in chosen])
        yield from _naming(pair, cohort)


def _is_in(structure: Place, letters: str) -> bool:
    return structure.structure == ROOTS and structure.root is not None and structure.root.segment[0] in letters


def _group_figures(pair: ComparedPair, name: str, roots: Sequence[MarkedPlaces]) -> Iterator[AgreementFigure]:
    """The mean distance and the bias over several roots; every subject counts alike, and so do its slices."""
    if not sum(len(each.subjects) for each in roots):
        return
    subjects = np.concatenate([each.subjects for each in roots])
    apart = np.concatenate([each.marks[:, 1] - each.marks[:, 0] for each in roots])
    numbers = np.unique(subjects, return_inverse=True)[1]
    counts = np.bincount(numbers)

    def means(values: np.ndarray) -> np.ndarray:
        return np.bincount(numbers, weights=values) / counts

    told = AgreementFigure(pair.labels, pair.comparison, ROOTS, name, None, "distance", "mean_distance", Estimate(None))
    told = replace(told, subjects=len(counts), places=len(subjects), effective=float(len(counts)))
    distance = bootstrap_interval(means(np.linalg.norm(apart, axis=1))[:, None], lambda each: each[..., 0])
    yield replace(told, estimate=distance)
    for axis in range(2):
        of_subjects = means(apart[:, axis])
        yield replace(told, axis=AXES[axis], name="bias", estimate=_mean(of_subjects))


def _mean(of_subjects: np.ndarray) -> Estimate:
    """The mean of subjects, each with one value."""
    if len(of_subjects) < 3:
        return Estimate(float(of_subjects.mean()), why_not="fewer than 3 subjects")
    if float(np.ptp(of_subjects)) < 1e-9:
        return Estimate(float(of_subjects.mean()), why_not="all subjects are the same: nothing varies")
    numbers = np.arange(len(of_subjects))
    return mean_along_slices(SliceSeries(of_subjects, np.zeros_like(numbers), numbers))[0]


def _naming(pair: ComparedPair, cohort: CohortMarks) -> Iterator[AgreementFigure]:
    """In how many subjects names look exchanged: any at all, and the same two."""
    subjects = cohort.compared[pair.labels] & cohort.searched
    cases: dict[str | None, set[str]] = {None: set()}
    for subject, exchanged in sorted(cohort.exchanged.get(pair.labels, ())):
        cases[None].add(subject)
        cases.setdefault(exchanged, set()).add(subject)
    for names, those in cases.items():
        told = AgreementFigure(pair.labels, pair.comparison, ROOTS, names, None, None, "exchanged", Estimate(None))
        share = proportion(len(those), len(subjects)) if subjects else Estimate.missing("nobody looked for them")
        yield replace(told, estimate=share, subjects=len(subjects))


def _read_pairs(path: Path, subject: str, found: CohortMarks) -> None:
    """Which annotators are compared, and the distances of their contours."""
    number = found.columns.subjects.get(subject, 0)
    if not path.exists():
        return
    try:
        for row in read_table(path):
            pair = row["annotator_a"], row["annotator_b"]
            found.compared.setdefault(pair, set()).add(subject)
            if row["structure"] in CONTOUR_STRUCTURES:
                at = number, int(row["slice"]), float(row["distance_mm"])
                found.curves.append((*pair, Place(row["structure"]), at))
    except (KeyError, ValueError) as error:
        raise DatasetError(f"is no table of distances ({error})", path) from None


def _read_exchanges(path: Path, subject: str, found: CohortMarks) -> None:
    if not path.exists():
        return
    found.searched.add(subject)
    try:
        for row in read_table(path):
            pair = row["annotator_a"], row["annotator_b"]
            names = "-".join(sorted({row["segment"], row["lies_on"].split("_")[0]}, key=str))
            found.exchanged.setdefault(pair, set()).add((subject, names))
    except KeyError as error:
        raise DatasetError(f"is no table of exchanged names ({error})", path) from None
