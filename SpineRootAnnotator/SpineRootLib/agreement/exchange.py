"""Names that one annotator exchanged or shifted against another's: B's L5_L runs on A's S1_L."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from SpineRootLib.anatomy import GANGLIA, SPINAL_SEGMENTS, SUPERNUMERARY, Root
from SpineRootLib.place import Place
from SpineRootLib.translation import _

EXCHANGES = (
    *("annotator_a", "annotator_b", "structure", "segment", "side", "lies_on"),
    *("first_slice", "last_slice", "n_slices", "n_shared", "n_deciding", "own_mm"),
    "other_mm",
)


@dataclass(frozen=True)
class NamePair:
    """One root, or ganglion, that an annotator named otherwise than the other.

    Parameters
    ----------
    named : its name in the annotator's work.
    lies_on : the other's name of the root on which it runs.
    slices : where it does, ascending; of a ganglion none.
    shared : slices on which the annotator marked it and the other marked either root; of a ganglion 1.
    deciding : how many of them tell: where the two roots are farther apart than the annotators differ; of a ganglion 1.
    own_mm, other_mm : mean distance on these slices from the other's root of the same name (None where there is none),
        and from the one on which it runs.
    """

    structure: str
    named: Root
    lies_on: Root
    slices: tuple[int, ...]
    shared: int
    deciding: int
    own_mm: float | None
    other_mm: float

    @property
    def share(self) -> float:
        """The share of the shared slices on which it runs there, 0..1."""
        return len(self.slices) / self.shared if self.shared else 1.0

    @property
    def place(self) -> Place:
        """The root or ganglion under the annotator's name."""
        return Place(self.structure, self.named)


@dataclass(frozen=True)
class Exchange:
    """Names of roots that belong together: two exchanged, a row shifted, or left and right exchanged.

    Parameters
    ----------
    reference : the annotator (A) against whose names the other's are told.
    annotator : the other (B).
    pairs : the roots, then the ganglia.
    throughout : whether whole roots are meant, not a run of slices.
    """

    reference: str
    annotator: str
    pairs: tuple[NamePair, ...]
    throughout: bool

    @cached_property
    def slices(self) -> tuple[int, ...]:
        """The slices on which the names are exchanged, ascending."""
        return tuple(sorted({number for pair in self.pairs for number in pair.slices}))

    @property
    def share(self) -> float:
        """The share of the shared slices, 0..1."""
        return float(np.mean([pair.share for pair in self.pairs]))

    @property
    def place(self) -> Place:
        """Where it is listed and settled: its first root, or ganglion."""
        return self.pairs[0].place

    @property
    def size_mm(self) -> float | None:
        """The mean distance of the roots of the same name; None where neither has both."""
        own = [pair.own_mm for pair in self.pairs if pair.own_mm is not None]
        return float(np.mean(own)) if own else None

    @property
    def text(self) -> str:
        """A sentence that names it."""
        parts = [self._pair_text(pair) for pair in self.pairs]
        if self.pattern == "sides":
            return _("left and right are exchanged: {pairs}").format(pairs=", ".join(parts))
        if self.pattern == "levels":
            return _("the levels are shifted: {pairs}").format(pairs=", ".join(parts))
        return ", ".join(parts)

    @property
    def pattern(self) -> str:
        """``sides`` (left and right), ``levels`` (three or more roots, all by as many levels), or ``names``."""
        return pattern_of(self.pairs)[0]

    def _pair_text(self, pair: NamePair) -> str:
        words = {"b": self.annotator, "named": pair.named, "a": self.reference, "on": pair.lies_on}
        if pair.structure == GANGLIA:
            return _("{b}'s ganglion {named} lies on {a}'s {on}").format(**words)
        if pair.shared and not pair.slices:
            return _("{b}'s {named} is {a}'s {on} by the row of the others").format(**words)
        words |= {"count": len(pair.slices), "shared": pair.shared}
        return _("{b}'s {named} runs on {a}'s {on} on {count} of {shared} slices").format(**words)

    def rows(self) -> Iterator[dict[str, Any]]:
        """A row of the table for each root and ganglion."""
        for pair in self.pairs:
            ends = {"first_slice": pair.slices[0], "last_slice": pair.slices[-1]} if pair.slices else {}
            yield {
                **{"annotator_a": self.reference, "annotator_b": self.annotator},
                **{"structure": pair.structure, "segment": pair.named.segment, "side": pair.named.side},
                **{"lies_on": str(pair.lies_on), **ends, "n_slices": len(pair.slices), "n_shared": pair.shared},
                "n_deciding": pair.deciding,
                **{"own_mm": pair.own_mm, "other_mm": pair.other_mm},
            }

    def as_json(self) -> dict[str, Any]:
        """What a program is told."""
        pairs = [
            {"structure": pair.structure, "named": str(pair.named), "lies_on": str(pair.lies_on)}
            | {"slices": list(pair.slices), "shared": pair.shared, "deciding": pair.deciding}
            | {"own_mm": pair.own_mm, "other_mm": pair.other_mm}
            for pair in self.pairs
        ]
        head = {"place": str(self.place), "reference": self.reference, "annotator": self.annotator}
        return {**head, "pattern": self.pattern, "share": self.share, "text": self.text, "pairs": pairs}


def exchange_lines(exchanges: Sequence[Exchange]) -> Iterator[str]:
    """Sentences that name them, for whoever did not ask."""
    for each in exchanges:
        yield _("Names look exchanged: {text}").format(text=each.text)


def pattern_of(pairs: Sequence[NamePair]) -> tuple[str, int]:
    """What some pairs have in common, and by how many levels they are shifted.

    Returns
    -------
    ``sides`` (left and right), ``levels`` (three or more roots, all by as many levels), or ``names``; the levels, 0 but
    for a shifted row.
    """
    if all(pair.lies_on == pair.named.opposite for pair in pairs):
        return "sides", 0
    steps = {levels_between(pair.named, pair.lies_on) for pair in pairs}
    step = steps.pop()
    return ("levels", step) if not steps and step and len({pair.named for pair in pairs}) > 2 else ("names", 0)


def levels_between(named: Root, lies_on: Root) -> int | None:
    """How many levels farther down the other name is, -1 or 1 for neighbours; None for roots of different sides.

    A level that most people have not (T13, L6) counts only where it is one of the two.
    """
    if named.side != lies_on.side:
        return None
    levels = [
        level for level in SPINAL_SEGMENTS if level not in SUPERNUMERARY or level in (named.segment, lies_on.segment)
    ]
    return levels.index(lies_on.segment) - levels.index(named.segment)
