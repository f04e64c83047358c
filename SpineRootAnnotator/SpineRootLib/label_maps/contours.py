"""Contours of cord and dura on the image's slices, from the sections of a label map."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from SpineRootLib.curves import centroid, signed_area
from SpineRootLib.frames import Points
from SpineRootLib.label_maps.outlines import between, control_points, main_patch
from SpineRootLib.label_maps.sections import LabelSections, Lattice, Mask
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.progress import Progress, report
from SpineRootLib.slice_ranges import slices_text
from SpineRootLib.translation import _

# A slice of the image lies between two of the label map that are no farther apart than so many of its usual steps.
_WIDEST_GAP = 1.5


@dataclass
class FoundContours:
    """Contours by slice, (n, 3) RAS mm, and what has to be said of them, sentences."""

    by_slice: dict[int, Points] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_contours(
    sections: LabelSections,
    structure: str,
    numbers: Collection[int],
    needed: Collection[int] | None = None,
    progress: Progress | None = None,
) -> FoundContours:
    """The contour around what bears one of the labels, on every slice of the image that the label map reaches.

    Parameters
    ----------
    structure : for the sentences.
    numbers : the labels that lie within the contour.
    needed : those of them of which a section must hold one, by default any.
    """
    found, planes = FoundContours(), sections.planes
    if not sections.numbers & set(needed or numbers):
        return found
    patches = _Patches(sections, numbers, needed or numbers)
    cut: list[int] = []
    untidy: list[int] = []
    for number in range(1, planes.count + 1):
        report(progress, number / planes.count, structure)
        patch = patches.at((number - 1) * planes.spacing)
        if patch is None:
            continue
        mask, lattice, is_cut, is_untidy = patch
        if is_cut:
            cut.append(number)
            continue
        if is_untidy:
            untidy.append(number)
        found.by_slice[number] = planes.lift(control_points(mask, lattice, sections.settings.outline), number)
    islands = _islands(found.by_slice, planes, sections.settings.outline.course_slope)
    for number in islands:
        del found.by_slice[number]
    found.notes += _notes(structure, sorted(found.by_slice), cut, [each for each in untidy if each not in islands])
    if islands:
        text = _("{structure} on {slices}: what lies apart from its course was left out")
        found.notes.append(text.format(structure=structure, slices=slices_text(islands)))
    return found


def _islands(by_slice: Mapping[int, Points], planes: SlicePlanes, slope: float) -> list[int]:
    """The slices that are none of the course: the chain of most slices on which each contour follows the one before.

    Of chains of as many slices the one of more area, found by dynamic programming. Two follow each other where the
    middle goes aside by no more than the radius of the larger and the slope allow.
    """
    numbers = sorted(by_slice)
    flat = [planes.flatten(by_slice[number]) for number in numbers]
    middles = np.array([centroid(points) for points in flat]).reshape(-1, 2)
    areas = np.array([abs(signed_area(points)) for points in flat])
    depths, radii = planes.spacing * np.array(numbers, dtype=float), np.sqrt(areas / np.pi)
    lengths, whole, before = np.ones(len(numbers)), areas.copy(), np.full(len(numbers), -1)
    for here in range(1, len(numbers)):
        away = np.linalg.norm(middles[:here] - middles[here], axis=1)
        reach = np.maximum(radii[:here], radii[here]) + slope * (depths[here] - depths[:here])
        for there in np.flatnonzero(away <= reach):
            if (lengths[there] + 1, whole[there] + areas[here]) > (lengths[here], whole[here]):
                lengths[here], whole[here] = lengths[there] + 1, whole[there] + areas[here]
                before[here] = there
    course, last = set(), max(range(len(numbers)), key=lambda at: (lengths[at], whole[at]), default=-1)
    while last >= 0:
        course.add(numbers[last])
        last = int(before[last])
    return [number for number in numbers if number not in course]


class _Patches:
    """The patches of the sections that are asked for, each found once."""

    def __init__(self, sections: LabelSections, numbers: Collection[int], needed: Collection[int]):
        self._sections, self._numbers, self._needed = sections, numbers, needed
        self._known: dict[int, tuple[Mask, bool, bool] | None] = {}

    def at(self, depth: float) -> tuple[Mask, Lattice, bool, bool] | None:
        """The patch at a depth, its lattice, whether it is cut off, and whether something was left out of it."""
        depths, sections = self._sections.depths, self._sections
        nearest = int(np.argmin(np.abs(depths - depth)))
        away = float(depth - depths[nearest])
        here = self._of(nearest)
        if abs(away) <= sections.settings.on_plane * sections.planes.spacing:
            return None if here is None else (here[0], sections.lattice(nearest), *here[1:])
        other = nearest + (1 if away > 0 else -1)
        if not 0 <= other < len(depths) or abs(depths[other] - depths[nearest]) > _WIDEST_GAP * sections.step:
            other = nearest
        beside = self._of(other)
        if here is None or beside is None or other == nearest:
            # beyond the last section that has it, half a step is still its own
            is_own = here is not None and abs(away) <= sections.step / 2
            return (here[0], sections.lattice(nearest), *here[1:]) if is_own and here is not None else None
        share = away / float(depths[other] - depths[nearest])
        lattice = _blended(sections.lattice(nearest), sections.lattice(other), share)
        return between(here[0], beside[0], share), lattice, here[1] or beside[1], here[2] or beside[2]

    def _of(self, section: int) -> tuple[Mask, bool, bool] | None:
        if section not in self._known:
            self._known[section] = self._found(section)
        return self._known[section]

    def _found(self, section: int) -> tuple[Mask, bool, bool] | None:
        mask = self._sections.mask(section, self._numbers)
        if not mask.any() or not self._sections.mask(section, self._needed).any():
            return None
        patch = main_patch(mask)
        if patch is None or patch.mask.sum() < self._sections.settings.outline.least_voxels:
            return None
        return patch.mask, self._sections.is_cut(section, patch.mask), patch.left_out > 0


def _blended(first: Lattice, second: Lattice, share: float) -> Lattice:
    """Sections of a sheared grid lie aside of each other."""
    return Lattice((1.0 - share) * first.origin + share * second.origin, first.steps)


def _notes(structure: str, found: Sequence[int], cut: Sequence[int], untidy: Sequence[int]) -> list[str]:
    notes = []
    if found:
        lacking = sorted(set(range(found[0], found[-1] + 1)) - set(found) - set(cut))
        if lacking:
            text = _("no {structure} on {slices}: the label map has none there")
            notes.append(text.format(structure=structure, slices=slices_text(lacking)))
    if cut:
        text = _("no {structure} on {slices}: the label map's side cuts it off there")
        notes.append(text.format(structure=structure, slices=slices_text(cut)))
    if untidy:
        text = _(
            "{structure} on {slices}: what lies apart from the largest patch, or hangs on it by one voxel, was left out"
        )
        notes.append(text.format(structure=structure, slices=slices_text(untidy)))
    return notes
