"""What is placed, proposed, uncertain and missing, by structure and slice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from SpineRootAnnotatorLib.work.marks import FEWEST_OF_CONTOUR, SKIPPED, UNCERTAIN, drafts
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, ROOTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.place import Place
from SpineRootLib.sentences import sentence
from SpineRootLib.slice_index import SliceIndex
from SpineRootLib.slice_ranges import slices_text
from SpineRootLib.translation import _


class Cell(IntEnum):
    """The state of one structure on one slice."""

    OUTSIDE = 0
    MISSING = 1
    PROPOSED = 2
    PLACED = 3
    UNCERTAIN = 4
    SKIPPED = 5


class Coverage:
    """The matrix of structures and slices.

    A structure is expected from its first to its last marked slice; the gaps between are missing. What is outdated is
    looked at again when somebody asks.

    Parameters
    ----------
    index : what is marked where.
    is_proposed : whether something is proposed in a place.
    """

    def __init__(self, index: SliceIndex, is_proposed: Callable[[Place], bool] | None = None):
        annotation = index.annotation
        self._index, self._is_proposed = index, is_proposed
        self.rows: list[Place] = [Place(name) for name in CONTOUR_STRUCTURES]
        self.rows += [Place(ROOTS, root) for root in annotation.expected_roots()]
        self.count = 0 if annotation.planes is None else annotation.planes.count
        self._cells: NDArray[np.uint8] = np.zeros((len(self.rows), self.count), dtype=np.uint8)
        self._missing: NDArray[np.bool_] = np.zeros((len(self.rows), self.count), dtype=bool)
        self._outdated = set(self.rows)

    @property
    def cells(self) -> NDArray[np.uint8]:
        """The `Cell` of each structure on each slice, (rows, slices)."""
        self._catch_up()
        return self._cells

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Where something is missing, (rows, slices): between the first and the last mark, neither marked nor skipped.

        What is only proposed is missing, too.
        """
        self._catch_up()
        return self._missing

    def place(self, row: int, number: int) -> Place:
        """The place of a cell; slices count from 1."""
        return replace(self.rows[row], slice=number)

    def outdate(self, whole: Place) -> None:
        """Something changed in a structure, given without a slice."""
        self._outdated.add(whole)

    def gaps(self) -> Iterator[Place]:
        """Every place that is missing, structure by structure, cranial to caudal."""
        for row, column in np.argwhere(self.missing):
            yield self.place(int(row), int(column) + 1)

    def _catch_up(self) -> None:
        outdated, self._outdated = self._outdated, set()
        for whole in outdated:
            self._look_at(self.rows.index(whole))

    def _look_at(self, row: int) -> None:
        whole = self.rows[row]
        numbers = [number for number in self._marked(whole) if 1 <= number <= self.count]
        inside = np.zeros(self.count, dtype=bool)
        if numbers:
            inside[min(numbers) - 1 : max(numbers)] = True
        line = np.where(inside, Cell.MISSING, Cell.OUTSIDE).astype(np.uint8)
        for number in range(1, self.count + 1):
            if self._is_proposed is not None and self._is_proposed(replace(whole, slice=number)):
                line[number - 1] = Cell.PROPOSED
        line[[number - 1 for number in numbers]] = Cell.PLACED
        for number, flags in self._flagged(whole):
            if 1 <= number <= self.count:
                line[number - 1] = Cell.UNCERTAIN if UNCERTAIN in flags else Cell.SKIPPED
        self._cells[row] = line
        self._missing[row] = inside & np.isin(line, (Cell.MISSING, Cell.PROPOSED))

    def _marked(self, whole: Place) -> Iterable[int]:
        """The slices on which a structure is marked."""
        if whole.root is None:
            return self._index.contours.get(whole.structure, {})
        marked, hidden = self._index.roots.get(whole.root, {}), self._index.hidden
        # what is hidden is marked all the same
        return marked if hidden is None or hidden.without_slice != whole else [*marked, hidden.slice or 0]

    def _flagged(self, whole: Place) -> Iterator[tuple[int, list[str]]]:
        """The slices on which a structure is uncertain or skipped, with its flags there."""
        provenance = self._index.annotation.provenance
        if whole.root is None:
            for number in range(1, self.count + 1):
                flags = provenance.at(replace(whole, slice=number)).get("Flags", [])
                if UNCERTAIN in flags or SKIPPED in flags:
                    yield number, flags
            return
        records = provenance.document.get("Structures", {}).get(whole.key, {}).get("Points", {})
        for number, record in records.items():
            flags = record.get("Flags", [])
            if UNCERTAIN in flags or SKIPPED in flags:
                yield int(number), flags


def incomplete(annotation: Annotation, coverage: Coverage) -> list[str]:
    """What a finished annotation would have and this one lacks, as sentences for the sign-off."""
    missing = [sentence(phrase) for phrase in annotation.missing()]
    for whole, missing_there in zip(coverage.rows, coverage.missing, strict=True):
        if missing_there.any():
            gaps = slices_text((np.flatnonzero(missing_there) + 1).tolist())
            missing.append(sentence(_("{name} is not marked on {slices}").format(name=whole.title, slices=gaps)))
    skipped = [
        _("The ganglion of {root} was skipped: {reason}.").format(
            root=root, reason=annotation.provenance.at(Place(GANGLIA, root)).get("Remark")
        )
        for root in annotation.expected_roots()
        if SKIPPED in annotation.provenance.at(Place(GANGLIA, root)).get("Flags", [])
    ]
    begun = [
        _("The {structure} of slice {slice} is only begun, with {count} of {fewest} points.").format(
            structure=key.rpartition("_")[0],
            slice=key.rpartition("_")[2],
            count=len(points),
            fewest=FEWEST_OF_CONTOUR,
        )
        for key, points in drafts(annotation).items()
    ]
    return missing + begun + skipped
