"""The reliability of marks as tables: every mark beside the others, and every figure with its interval."""

from __future__ import annotations

import csv
import math
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.aid import all_aid_figures
from SpineRootLib.agreement.columns import MEANINGS, OF_FIGURES
from SpineRootLib.agreement.distances import PairAgreement
from SpineRootLib.agreement.figure_of_agreement import (
    COLUMNS,
    MARGINS_MM,
    AgreementFigure,
    described_figures,
    pair_title,
)
from SpineRootLib.agreement.level_groups import level_figures
from SpineRootLib.agreement.marked_places import MarkColumns, MarkDeviation, deviations, repeats
from SpineRootLib.agreement.pair_reliability import compared_pairs
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.agreement.reliability import Reliability, figures_of, first_annotations, hidden_pairs
from SpineRootLib.agreement.tables import write_exactly
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, ROOTS, STRUCTURES, Root
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.place import Place
from SpineRootLib.tables import MISSING

_SHIFT = ("right_mm", "anterior_mm", "inferior_mm")
_FROM_DURA = ("from_dura_right_mm", "from_dura_anterior_mm")
_AID = ("aided", "from_proposal_mm")
# of the last columns, which are numbers
_NUMBERS = len(_SHIFT) + len(_FROM_DURA) + len(_AID)
_MEANINGS = {**MEANINGS, **OF_FIGURES}
MARKS = ("annotator", "repeat_of", "structure", "segment", "side", "slice", "marked_by", *_SHIFT, *_FROM_DURA, *_AID)


def gathered(raters: Raters, pairs: Sequence[PairAgreement], margins: Sequence[float] = MARGINS_MM) -> Reliability:
    """What the figures of one subject's annotators are made from."""
    columns = MarkColumns()
    for mark in deviations(raters):
        columns.put_mark(raters.subject, mark)
    of = repeats(raters)
    named = compared_pairs([*((pair.a, pair.b) for pair in pairs), *hidden_pairs(of)], of, raters.programs)
    found = Reliability(named, first_annotations(raters.labels, of, raters.programs), columns.places(), margins)
    for pair in pairs:
        for each in pair.structures:
            if each.place.is_contour:
                for one in each.matched:
                    found.put_curve(pair.a, pair.b, each.place, (0, one.place.slice or 0, one.distance_mm))
    return found


def reliability_of(
    raters: Raters, pairs: Sequence[PairAgreement], margins: Sequence[float] = MARGINS_MM
) -> list[AgreementFigure]:
    """The figures of one subject's annotators: what proposals do, where any place was unaided; over the roots of
    several levels; then structure by structure."""
    found = gathered(raters, pairs, margins)
    over_roots = (each for pair in found.pairs for each in level_figures(pair, found.places, margins))
    aid = list(all_aid_figures(found))
    if all(each.estimate.value is None for each in aid if each.name == "unaided_distance"):
        aid = []
    return [*aid, *over_roots, *figures_of(found)]


def write_reliability(folder: Path, raters: Raters, figures: Sequence[AgreementFigure]) -> list[Path]:
    """Write a subject's marks and figures; the files written are returned."""
    name = f"sub-{raters.subject}_agreement"
    of = repeats(raters)
    rows = (mark_row(mark, of.get(mark.annotator)) for mark in deviations(raters))
    return [
        *write_exactly(folder / f"{name}-marks.tsv", MARKS, rows, _MEANINGS),
        *write_figures(folder / f"{name}-statistics.tsv", figures),
    ]


def write_figures(path: Path, figures: Sequence[AgreementFigure]) -> list[Path]:
    """Write figures with their intervals, and beside them what the columns mean."""
    levels = dict(described_figures(each.name for each in figures))
    figure = {"Description": OF_FIGURES["figure"][0], "Levels": levels}
    return write_exactly(path, COLUMNS, (each.row() for each in figures), _MEANINGS, {"figure": figure})


def mark_row(mark: MarkDeviation, repeat_of: str | None) -> dict[str, Any]:
    """The row of a mark."""
    from_dura = (None, None) if mark.from_dura is None else map(float, mark.from_dura)
    return {
        "annotator": mark.annotator,
        "repeat_of": repeat_of,
        **mark.place.cells(),
        "marked_by": mark.marked_by,
        **dict(zip(_SHIFT, map(float, mark.deviation), strict=True)),
        **dict(zip(_FROM_DURA, from_dura, strict=True)),
        "aided": None if mark.aided is None else int(mark.aided),
        "from_proposal_mm": mark.from_proposal,
    }


def read_marks(
    path: Path, subject: str, columns: MarkColumns, repeat_of: dict[str, str], left_out: Collection[str] = ()
) -> None:
    """Add the marks of a subject's table, and whose repeats they are.

    Parameters
    ----------
    left_out : labels whose marks are not added.

    Raises
    ------
    DatasetError
        if it cannot be read or is no such table.
    """
    found: dict[tuple[str, str, str], list[float]] = {}
    number_of_subject = columns.number_of(subject)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
            if tuple(next(rows, ())) != MARKS:
                raise DatasetError("is no table of marks", path)
            for annotator, repeats_what, structure, segment, side, number, _marked_by, *cells in rows:
                if annotator in left_out:
                    continue
                lengths = [math.nan if each == MISSING else float(each) for each in cells]
                if len(lengths) != _NUMBERS:
                    raise ValueError("a row of another length")
                numbers = number_of_subject, 0 if number == MISSING else int(number), columns.number_of_label(annotator)
                found.setdefault((structure, segment, side), []).extend((*numbers, *lengths))
                if repeats_what != MISSING:
                    repeat_of[annotator] = repeats_what
        for named, marks in found.items():
            _check_lengths(np.array(marks).reshape(-1, 3 + _NUMBERS))
            columns.extend(_structure(*named), marks)
    except OSError as error:
        raise DatasetError(f"cannot be read ({error.strerror})", path) from error
    except DatasetError:
        raise
    except (ValueError, csv.Error, SpineRootError) as error:
        raise DatasetError(f"is no table of marks ({getattr(error, 'fault', error)})", path) from None


def _structure(structure: str, segment: str, side: str) -> Place:
    if structure not in STRUCTURES:
        raise ValueError(f"'{structure}' is no structure")
    return Place(structure, None if structure in CONTOUR_STRUCTURES else Root(segment, side))


def _check_lengths(rows: NDArray[np.float64]) -> None:
    """A deviation is known; a place from the dura and the aid may be missing."""
    if not np.isfinite(rows[:, :6]).all() or np.isinf(rows).any():
        raise ValueError("a length that is no number")


_PRINTED = (
    ("distance", "mean_distance", "distance"),
    ("right", "bias", "bias right"),
    ("anterior", "bias", "bias front"),
    ("right", "smallest_change", "smallest change right"),
    ("anterior", "smallest_change", "front"),
)


def printed_figures(figures: Sequence[AgreementFigure]) -> list[str]:
    """The main figures as lines of text, a table each pair of annotators."""
    lines: list[str] = []
    for annotators, comparison in dict.fromkeys((each.annotators, each.comparison) for each in figures):
        if len(annotators) == 2:
            chosen = [each for each in figures if (each.annotators, each.comparison) == (annotators, comparison)]
            lines += _printed_pair(annotators, comparison, chosen)
    return lines


def _printed_pair(labels: Sequence[str], comparison: str, figures: Sequence[AgreementFigure]) -> list[str]:
    told: dict[tuple[Any, ...], dict[tuple[str | None, str], AgreementFigure]] = {}
    for each in figures:
        told.setdefault((each.structure, each.segment, each.side), {})[each.axis, each.name] = each
    rows = [["", *(title for *_key, title in _PRINTED), "effective"]]
    untold: dict[str, int] = {}
    for place, by_name in told.items():
        distance = by_name.get(("distance", "mean_distance"))
        if distance is None or distance.estimate.low is None:
            why = "" if distance is None else distance.estimate.why_not
            untold[why] = untold.get(why, 0) + 1
            continue
        effective = MISSING if distance.effective is None else f"{distance.effective:.0f} of {distance.places}"
        cells = (str(by_name[axis, name]) if (axis, name) in by_name else MISSING for axis, name, _title in _PRINTED)
        rows.append([_named(*place), *cells, effective])
    left = [f"Without interval: {count} structures ({why})" for why, count in untold.items() if why]
    if len(rows) == 1:
        return [*left, ""] if left else []
    subjects = max(each.subjects for each in figures)
    over = "its slices only: one subject" if subjects == 1 else f"{subjects} subjects"
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [f"{pair_title(labels, comparison)}, mm with 95 % intervals over {over}", *lines, *left, ""]


def _named(structure: str, segment: str | None, side: str | None) -> str:
    name = " ".join(each for each in (segment, side) if each)
    return {ROOTS: name, GANGLIA: f"ganglion {name}"}.get(structure, structure)
