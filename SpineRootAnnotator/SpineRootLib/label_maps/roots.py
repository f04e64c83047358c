"""Roots from a label map: a point on every slice, named by label and, where that does not say it, by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import ROOTS, SIDES, Root, segment_level
from SpineRootLib.frames import Points
from SpineRootLib.label_maps.label_tables import LabelTable
from SpineRootLib.label_maps.root_patches import RootPatch, at_depth, courses, one_course, patches_of, split
from SpineRootLib.label_maps.sections import LabelSections
from SpineRootLib.label_maps.shared_patches import separated
from SpineRootLib.slice_ranges import slices_text
from SpineRootLib.translation import _

# The middle of the cord, else of the sac, at a depth below slice 1: in-plane mm, (2,).
Middle = Callable[[float], NDArray[np.float64]]


@dataclass
class FoundRoots:
    """The points of roots, (n, 3) RAS mm from cranial to caudal, and what has to be said of them, sentences."""

    roots: dict[Root, Points] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class RootReader:
    """Reads the roots of one label map.

    Parameters
    ----------
    middle : tells left from right, and what lies in front of the cord; None where neither cord nor sac is known.
    """

    def __init__(self, sections: LabelSections, table: LabelTable, middle: Middle | None):
        self._sections, self._table, self._middle = sections, table, middle
        self._settings = sections.settings.course
        self._courses: dict[Root, list[RootPatch]] = {}
        self.found = FoundRoots()

    def read(self) -> FoundRoots:
        """All roots of the table that the label map has."""
        there = sorted(self._sections.numbers & set(self._table.numbers_of(ROOTS)))
        meant = [(number, self._table.meanings[number]) for number in there]
        names = {(each.segment, each.side) for _number, each in meant if each.segment is not None}
        for segment, side in sorted(names, key=lambda name: (segment_level(name[0]), name[1] or "")):
            numbers = [number for number, each in meant if (each.segment, each.side) == (segment, side)]
            patches = self._patches(numbers)
            if side is not None:
                self._add(Root(segment, side), patches)
            elif patches:
                self._add_both(segment, patches)
        self._courses, notes = separated(self._courses, self._sections.planes, self._settings)
        self.found.notes += notes
        for root, course in self._courses.items():
            self._put(root, course)
        return self.found

    def _patches(self, numbers: Sequence[int]) -> list[RootPatch]:
        found = []
        for section, depth in enumerate(self._sections.depths):
            mask = self._sections.mask(section, numbers)
            if mask.any():
                found += patches_of(section, float(depth), mask, self._sections.lattice(section))
        return found

    def _add(self, root: Root, patches: Sequence[RootPatch], apart: int = 0) -> None:
        """Join the patches of one root."""
        course = one_course(patches, self._settings)
        apart += len(patches) - len(course)
        if apart:
            text = _("{root}: {count} patches apart from its course were left out")
            self.found.notes.append(text.format(root=root, count=apart))
        self._courses[root] = course

    def _put(self, root: Root, course: Sequence[RootPatch]) -> None:
        """Put the points of a root on the slices."""
        planes = self._sections.planes
        points = {
            number: at for number in range(1, planes.count + 1) if (at := self._on_slice(course, number)) is not None
        }
        if not points:
            return
        self.found.roots[root] = np.concatenate([planes.lift(flat, number) for number, flat in points.items()])
        lacking = sorted(set(range(min(points), max(points) + 1)) - set(points))
        if lacking:
            text = _("no {root} on {slices}: the label map has none there")
            self.found.notes.append(text.format(root=root, slices=slices_text(lacking)))

    def _on_slice(self, course: Sequence[RootPatch], number: int) -> NDArray[np.float64] | None:
        """Where a course crosses a slice: at its section there, or between two neighbouring ones."""
        depth = (number - 1) * self._sections.planes.spacing
        depths = np.array([each.depth for each in course])
        if not len(depths):
            return None
        nearest = int(np.argmin(np.abs(depths - depth)))
        if abs(depths[nearest] - depth) <= self._sections.settings.on_plane * self._sections.planes.spacing:
            return course[nearest].centre
        step = self._sections.step
        above, below = depths[depths < depth], depths[depths >= depth]
        if len(above) and len(below) and below[0] - above[-1] <= 1.5 * step:
            return at_depth(course, depth, step)
        is_near = abs(depths[nearest] - depth) <= self._settings.beyond_steps * step
        return course[nearest].centre if is_near else None

    # -- labels that name a level and no side

    def _add_both(self, segment: str, patches: Sequence[RootPatch]) -> None:
        middle = self._middle_of(patches)
        if middle is None:
            text = _(
                "{segment}: its sides cannot be told, for nothing shows the midline: read the cord's labels as well"
            )
            self.found.notes.append(text.format(segment=segment))
            return
        merged = self._merged(patches, middle)
        rest = [each for each in patches if not any(each is other for other in merged)]
        by_side: dict[str, list[RootPatch]] = {side: [] for side in SIDES}
        ventral = sideless = 0
        for course in courses(rest, self._settings):
            right, front = np.median([each.centre - middle(each.depth) for each in course], axis=0)
            if self._table.ventral and front > 0:
                ventral += 1
            elif abs(right) < self._settings.midline_mm:
                sideless += 1
            else:
                by_side["R" if right > 0 else "L"] += course
        self._say(segment, ventral, sideless)
        found = {side: one_course(each, self._settings) for side, each in by_side.items()}
        self._split(segment, merged, found)
        for side, course in found.items():
            self._add(Root(segment, side), course, len(by_side[side]) - len(found[side]))

    def _split(self, segment: str, merged: Sequence[RootPatch], found: dict[str, list[RootPatch]]) -> None:
        """Give patches that hold both roots to both, by where their courses are expected there."""
        unsplit = []
        for patch in merged:
            expected = [at_depth(found[side], patch.depth, self._settings.gap_mm) for side in SIDES]
            there = [each for each in expected if each is not None]
            parts = split(patch, there) if len(there) == len(SIDES) else []
            for side, part in zip(SIDES, parts, strict=False):
                found[side] = sorted([*found[side], part], key=lambda each: each.depth)
            if not parts:
                unsplit.append(patch.depth)
        if unsplit:
            numbers = 1 + np.round(np.array(unsplit) / self._sections.planes.spacing).astype(int)
            text = _("no {segment} on {slices}: left and right are one patch there, and no course tells them apart")
            self.found.notes.append(text.format(segment=segment, slices=slices_text(numbers.tolist())))

    def _merged(self, patches: Sequence[RootPatch], middle: Middle) -> list[RootPatch]:
        """Patches that hold the roots of both sides: they lie across the midline, and are larger than is usual."""
        spans = []
        for each in patches:
            right = each.pixels[:, 0] - middle(each.depth)[0]
            spans.append(right.min() < -self._settings.across_mm and right.max() > self._settings.across_mm)
        usual = [each.size for each, across in zip(patches, spans, strict=True) if not across]
        least = self._settings.merged * float(np.median(usual)) if usual else 0.0
        return [each for each, across in zip(patches, spans, strict=True) if across and each.size >= least]

    def _middle_of(self, patches: Sequence[RootPatch]) -> Middle | None:
        """The middle that is known; else halfway between patches side by side, on a straight line."""
        if self._middle is not None:
            return self._middle
        by_section: dict[int, list[RootPatch]] = {}
        for each in patches:
            by_section.setdefault(each.section, []).append(each)
        pairs = [here for here in by_section.values() if len(here) > 1]
        if not pairs:
            return None
        depths = np.array([here[0].depth for here in pairs])
        centres = [np.array([each.centre for each in here]) for here in pairs]
        halfway = np.array([(each.min(axis=0) + each.max(axis=0)) / 2 for each in centres])
        line = np.polyfit(depths, halfway, 1 if len(np.unique(depths)) > 1 else 0)
        return lambda depth: np.array([np.polyval(axis, depth) for axis in line.T])

    def _say(self, segment: str, ventral: int, sideless: int) -> None:
        if ventral:
            text = _("{segment}: {count} courses in front of the cord, ventral rootlets, were left out")
            self.found.notes.append(text.format(segment=segment, count=ventral))
        if sideless:
            text = _("{segment}: {count} courses on the midline, of which no side can be told, were left out")
            self.found.notes.append(text.format(segment=segment, count=sideless))
