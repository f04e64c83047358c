"""How reliable a cohort's marks are: figures over its subjects, from the subjects' tables."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from SpineRootLib.agreement.aid import all_aid_figures
from SpineRootLib.agreement.figure_of_agreement import MARGINS_MM, AgreementFigure
from SpineRootLib.agreement.level_groups import level_figures
from SpineRootLib.agreement.marked_places import MarkColumns
from SpineRootLib.agreement.pair_reliability import ComparedPair, compared_pairs
from SpineRootLib.agreement.reliability import Reliability, figures_of, first_annotations, hidden_pairs
from SpineRootLib.agreement.reliability_tables import read_marks
from SpineRootLib.agreement.roles import Roles
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, ROOTS
from SpineRootLib.cohort.participants import read_annotators
from SpineRootLib.errors import DatasetError
from SpineRootLib.place import Place
from SpineRootLib.progress import Progress, report
from SpineRootLib.statistics.estimate import Estimate
from SpineRootLib.statistics.proportion import proportion
from SpineRootLib.subject_folders import subject_files
from SpineRootLib.tables import read_table

_MARKS = "_agreement-marks.tsv"


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
    programs : the labels that are programs' throughout; of others the subjects are left out where they are a program's.
    """

    columns: MarkColumns = field(default_factory=MarkColumns)
    repeat_of: dict[str, str] = field(default_factory=dict)
    curves: list[tuple[str, str, Place, tuple[int, int, float]]] = field(default_factory=list)
    exchanged: dict[tuple[str, str], set[tuple[str, str]]] = field(default_factory=dict)
    compared: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    searched: set[str] = field(default_factory=set)
    programs: frozenset[str] = frozenset()

    def pairs(self) -> list[ComparedPair]:
        """What is compared: annotators, and each with his second marks of hidden repeats."""
        return compared_pairs([*sorted(self.compared), *hidden_pairs(self.repeat_of)], self.repeat_of, self.programs)


def read_cohort(agreement: Path, progress: Progress | None = None) -> CohortMarks:
    """Read ``sub-XX_agreement-marks.tsv`` and what lies beside it, of subjects in folders of their own or all in one.

    Raises
    ------
    DatasetError
        if a table cannot be read or is none of these.
    """
    tables = subject_files(agreement, _MARKS) or _in_one_folder(agreement)
    beside = {subject: _beside(path, ".json") for subject, path in tables.items()}
    roles = Roles.of_cohort({subject: read_annotators(path, []) or [] for subject, path in beside.items()})
    found = CohortMarks(programs=roles.program_labels)
    for count, (subject, path) in enumerate(tables.items()):
        report(progress, count / len(tables), path.name)
        left_out = roles.left_out(f"sub-{subject}")
        read_marks(path, subject, found.columns, found.repeat_of, left_out)
        _read_pairs(_beside(path, "-points.tsv"), subject, found, left_out)
        _read_exchanges(_beside(path, "-exchanges.tsv"), subject, found, left_out)
    return found


def _beside(marks: Path, ending: str) -> Path:
    return marks.with_name(marks.name.removesuffix("-marks.tsv") + ending)


def _in_one_folder(folder: Path) -> dict[str, Path]:
    paths = sorted(folder.glob(f"sub-*{_MARKS}"))
    return {path.name.removeprefix("sub-").removesuffix(_MARKS): path for path in paths}


def cohort_figures(cohort: CohortMarks, margins: Sequence[float] = MARGINS_MM) -> Iterator[AgreementFigure]:
    """All figures of a cohort: of every structure, of groups of levels, and of names.

    Parameters
    ----------
    margins : mm, within which biases are tested to lie.
    """
    places, pairs = cohort.columns.places(), cohort.pairs()
    labels = first_annotations(sorted(cohort.columns.labels), cohort.repeat_of, cohort.programs)
    found = Reliability(pairs, labels, places, margins)
    for a, b, structure, at in cohort.curves:
        found.put_curve(a, b, structure, at)
    yield from all_aid_figures(found)
    for pair in pairs:
        yield from level_figures(pair, places, margins)
        if not pair.is_hidden:
            yield from _naming(pair, cohort)
    yield from figures_of(found)


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


def _read_pairs(path: Path, subject: str, found: CohortMarks, left_out: Collection[str]) -> None:
    """Which annotators are compared, and the distances of their contours."""
    number = found.columns.subjects.get(subject, 0)
    if not path.exists():
        return
    try:
        for row in read_table(path):
            pair = row["annotator_a"], row["annotator_b"]
            if not set(left_out).isdisjoint(pair):
                continue
            found.compared.setdefault(pair, set()).add(subject)
            if row["structure"] in CONTOUR_STRUCTURES:
                at = number, int(row["slice"]), float(row["distance_mm"])
                found.curves.append((*pair, Place(row["structure"]), at))
    except (KeyError, ValueError) as error:
        raise DatasetError(f"is no table of distances ({error})", path) from None


def _read_exchanges(path: Path, subject: str, found: CohortMarks, left_out: Collection[str]) -> None:
    if not path.exists():
        return
    found.searched.add(subject)
    try:
        for row in read_table(path):
            pair = row["annotator_a"], row["annotator_b"]
            if not set(left_out).isdisjoint(pair):
                continue
            names = "-".join(sorted({row["segment"], row["lies_on"].split("_")[0]}, key=str))
            found.exchanged.setdefault(pair, set()).add((subject, names))
    except KeyError as error:
        raise DatasetError(f"is no table of exchanged names ({error})", path) from None
