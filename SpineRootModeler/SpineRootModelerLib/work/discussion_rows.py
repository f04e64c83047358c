"""The rows of a discussion: a place each, or neighbouring slices of one structure that differ alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from SpineRootLib.agreement.disagreements import Disagreement
from SpineRootLib.agreement.resolutions import Resolutions
from SpineRootLib.place import Place


@dataclass(frozen=True, eq=False)
class DiscussionRow:
    """What is listed as one row.

    Parameters
    ----------
    members : the disagreements, the largest first.
    """

    members: tuple[Disagreement, ...]

    @property
    def first(self) -> Disagreement:
        """The largest."""
        return self.members[0]

    @property
    def places(self) -> tuple[Place, ...]:
        """The places, the largest disagreement first."""
        return tuple(each.place for each in self.members)

    @property
    def slices(self) -> str:
        """The slices, ``12`` or ``12-40``; empty where it lies on none."""
        numbers = [place.slice for place in self.places if place.slice is not None]
        if not numbers:
            return ""
        return f"{min(numbers)}-{max(numbers)}" if len(numbers) > 1 else f"{numbers[0]}"

    def cells(self, rank: int, resolutions: Resolutions) -> dict[str, Any]:
        """Its row of the table: the largest disagreement, and how many of its places are settled."""
        states = [resolutions.state(place) or "" for place in self.places]
        settled = sum(place in resolutions.by_place for place in self.places)
        state = states[0] if len(set(states)) == 1 else f"{settled} / {len(states)}"
        needs = any(each.needs_resolution for each in self.members)
        cells = {**self.first.row(rank, state), "slice": self.slices, "needs_resolution": "yes" if needs else "no"}
        return {**cells, "flags": "; ".join(dict.fromkeys(filter(None, self._flags(rank))))}

    def sort_key(self, column: str, resolutions: Resolutions) -> tuple[Any, ...]:
        """What orders rows by a column of the table: places as in the body, numbers by size, what is empty last."""
        if column == "place":
            return (0, self.first.place)
        numbers = [place.slice for place in self.places if place.slice is not None]
        value = min(numbers, default=None) if column == "slice" else self.cells(0, resolutions).get(column)
        return (1, "") if value in (None, "") else (0, value)

    def _flags(self, rank: int) -> Iterable[str]:
        return (str(each.row(rank, None)["flags"]) for each in self.members)


def rows_of(disagreements: Sequence[Disagreement], marked: Iterable[Place]) -> list[DiscussionRow]:
    """The rows, in the order of their largest disagreements; names that look exchanged come first as they do there.

    Parameters
    ----------
    disagreements : ranked.
    marked : all places that somebody marked: one of them between two listed ones that is not listed parts a run.
    """
    rank = {id(each): number for number, each in enumerate(disagreements)}
    listed = {each.place: each for each in disagreements if each.exchange is None}
    order = sorted({*marked, *listed})
    runs = groupby(order, lambda place: (place.without_slice, _alike(listed.get(place))))
    members = [[listed[place] for place in places] for (_structure, alike), places in runs if alike is not None]
    rows = [(each,) for each in disagreements if each.exchange is not None]
    rows += [tuple(sorted(run, key=lambda each: rank[id(each)])) for run in members]
    return [DiscussionRow(each) for each in sorted(rows, key=lambda row: rank[id(row[0])])]


def _alike(disagreement: Disagreement | None) -> tuple[str, ...] | None:
    """What neighbours have in common that are settled alike: the kind, and who marked something."""
    if disagreement is None:
        return None
    return disagreement.kind, *(label for label, points in disagreement.said.items() if points is not None)
