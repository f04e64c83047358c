"""A place of an annotation: where something is or could be marked."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, ROOTS, Root, contour_title
from SpineRootLib.errors import SpineRootError
from SpineRootLib.naming import MarkupsName
from SpineRootLib.translation import _

# the order of the tables
_STRUCTURES = (ROOTS, GANGLIA, *CONTOUR_STRUCTURES)
_PLACE = re.compile(
    rf"(?P<contour>{'|'.join(CONTOUR_STRUCTURES)}):(?P<on>-?\d+)"
    rf"|{ROOTS}_(?P<root>[A-Z]\d+_[LR])(?::(?P<number>-?\d+))?|{GANGLIA}_(?P<ganglion>[A-Z]\d+_[LR])"
)
_GANGLION_NUMBER = 1


@dataclass(frozen=True)
class Place:
    """A root's point or a contour on a slice, or a ganglion; without a slice a whole root or stack of contours.

    Written ``nerveroots_S2_L:40``, ``dura:12``, ``ganglions_L1_R``; a whole root ``nerveroots_S2_L``.
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
            fault = _("'{text}' is no place such as nerveroots_S2_L:40, ganglions_L1_R or dura:12")
            raise SpineRootError(fault.format(text=text))
        if match["contour"]:
            return cls(match["contour"], None, int(match["on"]))
        if match["root"]:
            number = match["number"]
            return cls(ROOTS, Root.parse(match["root"]), None if number is None else int(number))
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
    def without_slice(self) -> Place:
        """The structure that it belongs to."""
        return replace(self, slice=None)

    @property
    def is_contour(self) -> bool:
        """Whether a curve is drawn here."""
        return self.structure in CONTOUR_STRUCTURES

    def name_of(self, subject: str) -> MarkupsName:
        """The name of the file that it belongs to."""
        return MarkupsName(subject, self.structure, self.slice if self.is_contour else None, self.root)

    @property
    def key(self) -> str:
        """Its file's name without subject and ending, its key in the sidecar: ``nerveroots_S2_L``, ``dura_12``."""
        return self.name_of("").key

    @property
    def record_number(self) -> int:
        """The number under which the sidecar keeps it: its slice; a ganglion is one point, on whatever slice."""
        return _GANGLION_NUMBER if self.slice is None else self.slice

    @property
    def title(self) -> str:
        """What a user reads: ``L1_L, slice 40``."""
        name = contour_title(self.structure) if self.root is None else str(self.root)
        if self.structure == GANGLIA:
            return _("{root} ganglion").format(root=name)
        return name if self.slice is None else _("{name}, slice {number}").format(name=name, number=self.slice)

    def cells(self) -> dict[str, str | int | None]:
        """The columns ``structure segment side slice`` of a table."""
        return {
            "structure": self.structure,
            "segment": self.root.segment if self.root else None,
            "side": self.root.side if self.root else None,
            "slice": self.slice,
        }
