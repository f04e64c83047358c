"""Where annotators marked a structure, relative to each other, over the subjects of a cohort."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.raters import Raters
from SpineRootLib.agreement.repeat_links import first_of
from SpineRootLib.anatomy import DURA, ROOTS
from SpineRootLib.curves import centroid, closed_curve
from SpineRootLib.frames import Points
from SpineRootLib.hidden_repeats import repeat_label, repeated_marks
from SpineRootLib.place import Place
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.provenance import ACCEPTED, CORRECTED, UNAIDED, proposed_points

Array = NDArray[np.float64]
AXES = ("right", "anterior", "inferior")


@dataclass(frozen=True)
class MarkDeviation:
    """One mark, as a row of ``sub-XX_agreement-marks.tsv``.

    Parameters
    ----------
    deviation : (3,) mm from the mean of all who marked the place: to the right and to the front of the slice, and
        towards the feet; of contours between centres of area.
    from_dura : (2,) mm of that mean from the centre of the dura, in the slice; None without a dura there.
    marked_by : how many marked the place.
    aided : whether a proposal was shown there; None where that is not known.
    from_proposal : mm of a point from what was, or would have been, proposed; None where that is not known.
    """

    place: Place
    annotator: str
    deviation: Array
    from_dura: Array | None
    marked_by: int
    aided: bool | None = None
    from_proposal: float | None = None


def deviations(raters: Raters) -> Iterator[MarkDeviation]:
    """Every mark relative to the others of its place, place by place."""
    positions: dict[Place, dict[str, Array]] = {}
    for label, marks in raters.marks.items():
        for place, points in marks.items():
            positions.setdefault(place, {})[label] = _position(place, points, raters.planes)
    means = {place: np.mean(list(each.values()), axis=0) for place, each in positions.items()}
    for place in sorted(positions):
        dura = None if place.slice is None else means.get(Place(DURA, None, place.slice))
        from_dura = None if dura is None else (means[place] - dura)[:2]
        for label, position in positions[place].items():
            told = place, label, position - means[place], from_dura, len(positions[place])
            yield MarkDeviation(*told, *_aid(raters, label, place))
            yield from _hidden_repeat(raters, MarkDeviation(*told))


def _hidden_repeat(raters: Raters, mark: MarkDeviation) -> Iterator[MarkDeviation]:
    """The second mark of a place that was asked for again: from the first as it was then, wherever it was moved."""
    both = repeated_marks(raters.annotations[mark.annotator].provenance.at(mark.place))
    if both is not None and not mark.place.is_contour:
        first, second = (_position(mark.place, points, raters.planes) for points in both)
        label, deviation = repeat_label(mark.annotator), mark.deviation + second - first
        yield replace(mark, annotator=label, deviation=deviation, aided=False)


def _aid(raters: Raters, label: str, place: Place) -> tuple[bool | None, float | None]:
    """Whether a proposal was shown to an annotator, and how far his point lies from it."""
    record = raters.annotations[label].provenance.at(place)
    proposed = proposed_points(record)
    origin = record.get("Origin")
    known = proposed is not None or origin in (ACCEPTED, CORRECTED)
    aided = False if record.get(UNAIDED) is True else True if known else None
    if place.is_contour:
        return aided, None
    if proposed is not None and len(proposed) == 1:
        return aided, float(np.linalg.norm(raters.marks[label][place][0] - proposed[0]))
    return aided, 0.0 if origin == ACCEPTED else None


def repeats(raters: Raters) -> dict[str, str]:
    """Which annotation an annotator's repeats at last, as the sidecars link them (``RepeatOf``), whether that is
    compared or not; and whose an annotator's second marks of hidden repeats are."""
    stated = {label: each.provenance.repeat_of for label, each in raters.annotations.items()}
    linked = {label: of for label, of in stated.items() if of is not None}
    hidden = {repeat_label(label): label for label in raters.labels if _has_hidden(raters, label)}
    return {**{label: first_of(linked, label) for label in linked}, **hidden}


def _has_hidden(raters: Raters, label: str) -> bool:
    provenance = raters.annotations[label].provenance
    places = (place for place in raters.marks[label] if place.structure == ROOTS)
    return any(repeated_marks(provenance.at(place)) is not None for place in places)


@dataclass(frozen=True, eq=False)
class MarkedPlaces:
    """All places of a structure that anybody marked, in several subjects.

    Parameters
    ----------
    labels : the annotators, (k,).
    subjects : (n,) numbers of subjects, from 0.
    slices : (n,), 0 for a ganglion.
    marks : (n, k, 3) mm from any point of the place: right, front, feet; NaN where an annotator did not mark it.
    from_dura : (n, 2) mm, the mean of all marks from the dura's centre, NaN where that is not known.
    aided : (n, k) 1 where a proposal was shown, 0 where none was on purpose, NaN where that is not known.
    from_proposal : (n, k) mm, NaN where that is not known.
    took_part : (subjects, k) whether an annotator marked anything at all in a subject.
    """

    structure: Place
    labels: tuple[str, ...]
    subjects: NDArray[np.int64]
    slices: NDArray[np.int64]
    marks: Array
    from_dura: Array
    aided: Array
    from_proposal: Array
    took_part: NDArray[np.bool_]

    def of(self, labels: Sequence[str]) -> MarkedPlaces:
        """The same of some annotators only, in that order; one who marked nothing has nothing but NaN."""
        found: dict[str, Any] = {"labels": tuple(labels)}
        for name in ("marks", "aided", "from_proposal"):
            values = getattr(self, name)
            nobody = np.full((len(values), 1, *values.shape[2:]), np.nan)
            each = [values[:, [self.labels.index(label)]] if label in self.labels else nobody for label in labels]
            found[name] = np.concatenate(each, axis=1)
        absent = np.zeros((len(self.took_part), 1), dtype=bool)
        took = [self.took_part[:, [self.labels.index(label)]] if label in self.labels else absent for label in labels]
        found["took_part"] = np.concatenate(took, axis=1)
        return replace(self, **found)

    @property
    def there(self) -> NDArray[np.bool_]:
        """Who marked which place, (n, k)."""
        return np.asarray(~np.isnan(self.marks[..., 0]))

    @property
    def by_all(self) -> MarkedPlaces:
        """The places that all annotators marked."""
        return self._only(np.asarray(self.there.all(axis=1)))

    @property
    def worked_on(self) -> MarkedPlaces:
        """The places that anybody marked, of subjects that every annotator worked on."""
        by_all = np.asarray(self.took_part.all(axis=1))
        return self._only(by_all[self.subjects] & np.asarray(self.there.any(axis=1)))

    def _only(self, kept: NDArray[np.bool_]) -> MarkedPlaces:
        return MarkedPlaces(
            *(self.structure, self.labels, self.subjects[kept], self.slices[kept]),
            *(self.marks[kept], self.from_dura[kept], self.aided[kept], self.from_proposal[kept]),
            self.took_part,
        )


class MarkColumns:
    """Gathers marks of many subjects in little memory."""

    def __init__(self) -> None:
        self.subjects: dict[str, int] = {}
        self.labels: dict[str, int] = {}
        self._columns: dict[Place, array[float]] = {}

    def number_of(self, subject: str) -> int:
        """The number of a subject, from 0."""
        return self.subjects.setdefault(subject, len(self.subjects))

    def number_of_label(self, label: str) -> int:
        """The number of an annotator, from 0."""
        return self.labels.setdefault(label, len(self.labels))

    def extend(self, structure: Place, rows: Iterable[float]) -> None:
        """Add marks of a structure, ten numbers each.

        These are the numbers of subject, slice (0 for a ganglion) and annotator; the deviation, three lengths in mm;
        the place from the dura, two; whether it was aided (0 or 1), and how far it lies from what was proposed. Of the
        last four any may be NaN.
        """
        column = self._columns.get(structure)
        if column is None:
            column = self._columns[structure] = array("d")
        column.extend(rows)

    def put_mark(self, subject: str, mark: MarkDeviation) -> None:
        """Add a mark."""
        from_dura = _UNKNOWN if mark.from_dura is None else mark.from_dura
        aid = (math.nan if each is None else float(each) for each in (mark.aided, mark.from_proposal))
        numbers = self.number_of(subject), mark.place.slice or 0, self.number_of_label(mark.annotator)
        self.extend(mark.place.without_slice, (*numbers, *mark.deviation, *from_dura, *aid))

    def places(self) -> dict[Place, MarkedPlaces]:
        """All places, structure by structure."""
        took_part = np.zeros((len(self.subjects), len(self.labels)), dtype=bool)
        for column in self._columns.values():
            rows = np.frombuffer(column).reshape(-1, 10)
            took_part[rows[:, 0].astype(int), rows[:, 2].astype(int)] = True
        return {structure: self._of(structure, column, took_part) for structure, column in self._columns.items()}

    def _of(self, structure: Place, column: array[float], took_part: NDArray[np.bool_]) -> MarkedPlaces:
        rows = np.frombuffer(column).reshape(-1, 10)
        keys, number = np.unique(rows[:, :2].astype(np.int64), axis=0, return_inverse=True)
        marks = np.full((len(keys), len(self.labels), 3), np.nan)
        marks[number, rows[:, 2].astype(int)] = rows[:, 3:6]
        from_dura = np.full((len(keys), 2), np.nan)
        from_dura[number] = rows[:, 6:8]
        aided, off = np.full((2, len(keys), len(self.labels)), np.nan)
        aided[number, rows[:, 2].astype(int)], off[number, rows[:, 2].astype(int)] = rows[:, 8], rows[:, 9]
        found = keys[:, 0], keys[:, 1], marks, from_dura, aided, off, took_part
        return MarkedPlaces(structure, tuple(self.labels), *found)


_UNKNOWN = (math.nan, math.nan)


def _position(place: Place, points: Points, planes: SlicePlanes | None) -> Array:
    """A mark, of a contour its centre of area: right, front and feet of the slices."""
    if planes is None:
        return np.array([1.0, 1.0, -1.0]) * points[0]
    flat = planes.flatten(closed_curve(points)) if place.is_contour else planes.flatten(points)
    middle = centroid(flat) if place.is_contour else flat[0]
    return np.array([*middle, float(planes.depth(points).mean())])
