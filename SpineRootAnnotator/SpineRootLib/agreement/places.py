"""Places of an annotation: what two annotators may both have marked, and so can be compared, settled and averaged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, ROOTS, Root, all_roots
from SpineRootLib.annotation import Annotation
from SpineRootLib.errors import SpineRootError
from SpineRootLib.frames import Points

# the order of the tables
_STRUCTURES = (ROOTS, GANGLIA, *CONTOUR_STRUCTURES)
_PLACE = re.compile(
    rf"(?P<contour>{'|'.join(CONTOUR_STRUCTURES)}):(?P<on>-?\d+)"
    rf"|{ROOTS}_(?P<root>[A-Z]\d+_[LR]):(?P<number>-?\d+)|{GANGLIA}_(?P<ganglion>[A-Z]\d+_[LR])"
)


@dataclass(frozen=True)
class Place:
    """A root's point or a contour on a slice, or a ganglion; without a slice a whole root or stack of contours.

    Written ``nerveroots_S2_L:40``, ``dura:12``, ``ganglions_L1_R``.
    """

    structure: str
    root: Root | None = None
    slice: int | None = None

    @classmethod
    def parse(cls, text: str) -> Place:
        """The place written as above.

        Raises
        ------
        SpineRootError
            if it is not written so.
        """
        match = _PLACE.fullmatch(text)
        if match is None:
            raise SpineRootError(f"'{text}' is no place such as nerveroots_S2_L:40, ganglions_L1_R or dura:12")
        if match["contour"]:
            return cls(match["contour"], None, int(match["on"]))
        if match["root"]:
            return cls(ROOTS, Root.parse(match["root"]), int(match["number"]))
        return cls(GANGLIA, Root.parse(match["ganglion"]))

    def __str__(self) -> str:
        name = self.structure if self.root is None else f"{self.structure}_{self.root}"
        return name if self.slice is None else f"{name}:{self.slice}"

    def __lt__(self, other: Place) -> bool:
        return self.sort_key < other.sort_key

    @cached_property  # sorting asks for it a dozen times a place
    def sort_key(self) -> tuple[int, tuple[int, int], int]:
        """Roots, ganglia, dura, cord; each cranial to caudal."""
        root = (0, 0) if self.root is None else self.root.sort_key
        return _STRUCTURES.index(self.structure), root, self.slice or 0

    @property
    def whole(self) -> Place:
        """The structure that it belongs to."""
        return replace(self, slice=None)

    @property
    def is_contour(self) -> bool:
        """Whether a curve is drawn here."""
        return self.structure in CONTOUR_STRUCTURES

    @property
    def sidecar_key(self) -> str:
        """The structure's key in the sidecar: ``nerveroots_S2_L``, ``ganglions_L1_R``, ``dura_12``."""
        if self.root is not None:
            return f"{self.structure}_{self.root}"
        return f"{self.structure}_{self.slice}"

    def cells(self) -> dict[str, str | int | None]:
        """The columns ``structure segment side slice`` of a table."""
        return {
            "structure": self.structure,
            "segment": self.root.segment if self.root else None,
            "side": self.root.side if self.root else None,
            "slice": self.slice,
        }


# Every marked place with its points, (n, 3) RAS mm: one point of a root or a ganglion, a contour's control points.
Marks = dict[Place, Points]


def marks_of(annotation: Annotation) -> Marks:
    """What is marked, place by place; several points of a root on one slice give their mean."""
    return dict(_marks(annotation))


def wholes(segments: Sequence[str]) -> tuple[Place, ...]:
    """All structures of a complete annotation in the order of the tables."""
    roots = all_roots(segments)
    pointed = [Place(structure, root) for structure in (ROOTS, GANGLIA) for root in roots]
    return (*pointed, *(Place(structure) for structure in CONTOUR_STRUCTURES))


def _marks(annotation: Annotation) -> Iterator[tuple[Place, Points]]:
    for root in annotation.roots:
        for number, point in annotation.root_by_slice(root).items():
            yield Place(ROOTS, root, number), point.reshape(1, 3)
    for root, point in annotation.ganglia.items():
        yield Place(GANGLIA, root), point.reshape(1, 3)
    for structure in CONTOUR_STRUCTURES:
        if annotation.contours[structure]:
            for number, contour in annotation.contours_by_slice(structure).items():
                yield Place(structure, None, number), contour.points
