"""What is placed, proposed, uncertain and missing, by structure and slice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from SpineRootAnnotatorLib.work.marks import FEWEST_OF_CONTOUR, SKIPPED, UNCERTAIN, drafts
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.place import Place
from SpineRootLib.slice_index import SliceIndex
from SpineRootLib.translation import _


class Cell(IntEnum):
    """The state of one structure on one slice."""

    OUTSIDE = 0
    MISSING = 1
    PROPOSED = 2
    PLACED = 3
    UNCERTAIN = 4
    SKIPPED = 5


Row = tuple[str, Root | None]


class Coverage:
    """The matrix of structures and slices.

    A structure is expected from its first to its last marked slice; the gaps between are missing.

    Parameters
    ----------
    index : what is marked where.
    is_proposed : whether something is proposed in a place.
    """

    def __init__(self, index: SliceIndex, is_proposed: Callable[[Place], bool] | None = None):
        annotation = index.annotation
        self._index, self._is_proposed = index, is_proposed
        self.rows: list[Row] = [(name, None) for name in CONTOUR_STRUCTURES]
        self.rows += [(ROOTS, root) for root in annotation.expected_roots()]
        self.count = 0 if annotation.planes is None else annotation.planes.count
        self.cells: NDArray[np.uint8] = np.zeros((len(self.rows), self.count), dtype=np.uint8)
        # between the first and the last mark, and neither marked nor skipped; proposals do not count
        self.missing: NDArray[np.bool_] = np.zeros((len(self.rows), self.count), dtype=bool)
        for number in range(len(self.rows)):
            self.refresh(number)

    def place(self, row: int, number: int) -> Place:
        """The place of a cell; slices count from 1."""
        structure, root = self.rows[row]
        return Place(structure, root, number)

    def refresh(self, row: int) -> None:
        """Look at one structure again."""
        structure, root = self.rows[row]
        marked = self._index.contours.get(structure, {}) if root is None else self._index.roots.get(root, {})
        numbers = [number for number in marked if 1 <= number <= self.count]
        line = np.zeros(self.count, dtype=np.uint8)
        if numbers:
            line[min(numbers) - 1 : max(numbers)] = Cell.MISSING
        if self._is_proposed is not None:
            for number in range(1, self.count + 1):
                if number not in marked and self._is_proposed(Place(structure, root, number)):
                    line[number - 1] = Cell.PROPOSED
        line[[number - 1 for number in numbers]] = Cell.PLACED
        for number, flags in self._flagged(structure, root):
            if 1 <= number <= self.count:
                line[number - 1] = Cell.UNCERTAIN if UNCERTAIN in flags else Cell.SKIPPED
        self.cells[row] = line
        inside = np.zeros(self.count, dtype=bool)
        if numbers:
            inside[min(numbers) - 1 : max(numbers)] = True
        self.missing[row] = inside & np.isin(line, (Cell.MISSING, Cell.PROPOSED))

    def gaps(self) -> Iterator[Place]:
        """Every place that is missing, structure by structure, cranial to caudal."""
        for row, column in np.argwhere(self.missing):
            yield self.place(int(row), int(column) + 1)

    def _flagged(self, structure: str, root: Root | None) -> Iterator[tuple[int, list[str]]]:
        provenance = self._index.annotation.provenance
        if root is None:
            for number in range(1, self.count + 1):
                flags = provenance.at(Place(structure, slice=number)).get("Flags", [])
                if UNCERTAIN in flags or SKIPPED in flags:
                    yield number, flags
            return
        records = provenance.document.get("Structures", {}).get(f"{structure}_{root}", {}).get("Points", {})
        for number, record in records.items():
            flags = record.get("Flags", [])
            if UNCERTAIN in flags or SKIPPED in flags:
                yield int(number), flags


def incomplete(annotation: Annotation, coverage: Coverage) -> list[str]:
    """What a finished annotation would have and this one lacks, as sentences for the sign-off."""
    missing = [f"{phrase[0].upper()}{phrase[1:]}." for phrase in annotation.missing()]
    for row, (structure, root) in enumerate(coverage.rows):
        columns = np.flatnonzero(coverage.missing[row]) + 1
        if len(columns):
            name = structure if root is None else str(root)
            gaps = _ranges(columns.tolist())
            missing.append(_("{name} is not marked on slice {numbers}.").format(name=name, numbers=gaps))
    skipped = [
        _("The ganglion of {root} was skipped: {reason}.").format(
            root=root, reason=annotation.provenance.at(Place(GANGLIA, root)).get("Remark")
        )
        for root in annotation.expected_roots()
        if SKIPPED in annotation.provenance.at(Place(GANGLIA, root)).get("Flags", [])
    ]
    begun = [
        _("The contour {key} is only begun, with {count} of {fewest} points.").format(
            key=key, count=len(points), fewest=FEWEST_OF_CONTOUR
        )
        for key, points in drafts(annotation).items()
    ]
    return missing + begun + skipped


def _ranges(numbers: list[int]) -> str:
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)
