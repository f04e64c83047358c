"""Numbers for the regions of a label map other than our own: a table's, or consecutive ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CORD, CSF, DURA, ROOTS, SIDES, Root, all_roots, color
from SpineRootLib.errors import SpineRootError
from SpineRootLib.label_maps.label_tables import LabelTable
from SpineRootLib.regions import region_of, root_region
from SpineRootLib.translation import _

# how roots are told apart: each by itself, by level on both sides together, or not at all
EACH_ROOT, BY_LEVEL, ALL_ALIKE = "roots", "levels", "one"
TOLD_APART = (EACH_ROOT, BY_LEVEL, ALL_ALIKE)


@dataclass(frozen=True)
class LabelNumbers:
    """The numbers of one kind of label map.

    Parameters
    ----------
    names : by number, as tables of labels name them (`label_maps.meanings`).
    of_region : by our own number of a region its number here; a region that is not there is background.
    """

    names: Mapping[int, str]
    of_region: Mapping[int, int]

    @classmethod
    def from_table(cls, table: LabelTable, segments: Sequence[str]) -> LabelNumbers:
        """The numbers of a table, as far as it has structures that we mark; fluid may be all of the sac's label.

        Raises
        ------
        SpineRootError
            if it has two numbers for one structure, or none for any.
        """
        names: dict[int, str] = {}
        of_region: dict[int, int] = {}
        for number, meaning in sorted(table.meanings.items()):
            regions: list[int] = []
            if meaning.structure in (CORD, CSF, DURA):
                regions = [region_of(CORD if meaning.structure == CORD else CSF).number]
            elif meaning.structure == ROOTS and meaning.segment is not None and meaning.segment in segments:
                sides = SIDES if meaning.side is None else (meaning.side,)
                parts = (True,) if meaning.beyond else (False, True)
                regions = [root_region(Root(meaning.segment, side), part).number for side in sides for part in parts]
            if meaning.beyond:
                of_region.update(dict.fromkeys(regions, number))
            elif twice := [region for region in regions if of_region.get(region, number) != number]:
                fault = _("table '{name}' has the numbers {first} and {second} for one structure")
                raise SpineRootError(fault.format(name=table.name, first=of_region[twice[0]], second=number))
            else:
                of_region.update({region: number for region in regions if region not in of_region})
            if regions:
                names[number] = _name(meaning.structure, meaning.segment, meaning.side, meaning.beyond)
        if not names:
            raise SpineRootError(_("table '{name}' has no number for anything that is marked").format(name=table.name))
        return cls(names, of_region)

    @classmethod
    def consecutive(cls, segments: Sequence[str], told_apart: str = EACH_ROOT) -> LabelNumbers:
        """1 cord, 2 fluid, and from 3 on the roots, within and beyond the dura alike, without gaps."""
        names = {1: CORD, 2: CSF}
        of_region = {region_of(CORD).number: 1, region_of(CSF).number: 2}
        for root in all_roots(segments):
            name = {EACH_ROOT: f"{ROOTS}_{root}", BY_LEVEL: f"{ROOTS}_{root.segment}"}.get(told_apart, ROOTS)
            number = next((each for each, known in names.items() if known == name), len(names) + 1)
            names[number] = name
            of_region.update({root_region(root, beyond).number: number for beyond in (False, True)})
        return cls(names, of_region)

    def apply(self, labels: NDArray[Any]) -> NDArray[Any]:
        """A label map with our own numbers, (i, j, k), in these."""
        kind = np.uint8 if max(self.names) < 256 else np.uint16
        lookup = np.zeros(256, dtype=kind)
        lookup[list(self.of_region)] = list(self.of_region.values())
        found = np.zeros_like(labels, dtype=kind)
        # most of an image is background
        there = [np.flatnonzero(labels.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
        if all(map(len, there)):
            box = tuple(slice(each[0], each[-1] + 1) for each in there)
            found[box] = lookup[labels[box]]
        return found

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of a look-up table as BIDS has it: index, name, abbreviation, color."""
        for number, name in sorted(self.names.items()):
            structure, _mark, rest = name.partition("_")
            yield {"index": number, "name": name, "abbreviation": rest or name, "color": _shade(structure, rest)}


def side_labels(labels: NDArray[Any], segments: Sequence[str]) -> NDArray[np.uint8]:
    """1 where a root of the left lies in a label map with our own numbers, 2 for the right, else 0."""
    lookup = np.zeros(256, dtype=np.uint8)
    for root in all_roots(segments):
        for beyond in (False, True):
            lookup[root_region(root, beyond).number] = 1 + SIDES.index(root.side)
    return np.asarray(lookup[labels])


def _name(structure: str, segment: str | None, side: str | None, beyond: bool) -> str:
    words = [structure, *([segment] if segment else []), *([side] if side else []), *(["outside"] if beyond else [])]
    return "_".join(words)


def _shade(structure: str, rest: str) -> str:
    segment, _mark, side = rest.removesuffix("_outside").partition("_")
    root = Root(segment, side or SIDES[0]) if segment else None
    rgb = (0.94, 0.89, 0.26) if root is None and structure == ROOTS else color(structure, root)
    return "#" + "".join(f"{round(255 * channel):02X}" for channel in rgb)
