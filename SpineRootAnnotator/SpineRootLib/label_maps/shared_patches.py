"""Patches that bear one root's label and hold another root as well, which has none there: split by their courses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from SpineRootLib.anatomy import Root
from SpineRootLib.label_maps.root_patches import Flat, RootPatch, at_depth, split
from SpineRootLib.label_maps.settings import CourseSettings
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.slice_ranges import slices_text
from SpineRootLib.translation import _

Courses = Mapping[Root, Sequence[RootPatch]]


def separated(
    courses: Courses, planes: SlicePlanes, settings: CourseSettings
) -> tuple[dict[Root, list[RootPatch]], list[str]]:
    """The courses of roots with such patches given to both roots, and sentences that say where.

    A patch holds a second root if it is much larger than is usual of its own, and the second has a patch above and
    below, none on its section, and its line between these leads through the patch.
    """
    parted: dict[Root, list[RootPatch]] = {root: list(course) for root, course in courses.items()}
    told: dict[tuple[Root, Root], list[float]] = {}
    for root, patch in _swollen(courses, settings):
        own = at_depth([each for each in courses[root] if each is not patch], patch.depth, settings.gap_mm)
        lacking = (
            (other, at) for other in courses if (at := _led_through(courses[other], patch, settings)) is not None
        )
        other, expected = next(lacking, (None, None))
        parts = split(patch, [own, expected]) if own is not None and expected is not None else []
        if other is not None and parts:
            parted[root][parted[root].index(patch)] = parts[0]
            parted[other] = sorted([*parted[other], parts[1]], key=lambda each: each.depth)
            told.setdefault((root, other), []).append(patch.depth)
    text = _("{slices}: the label of {root} holds {other} as well; the patch was split where their courses lead")
    notes = []
    for (root, other), depths in told.items():
        numbers = 1 + np.round(np.array(depths) / planes.spacing).astype(int)
        notes.append(text.format(slices=slices_text(numbers.tolist()), root=root, other=other))
    return parted, notes


def _swollen(courses: Courses, settings: CourseSettings) -> Iterator[tuple[Root, RootPatch]]:
    for root, course in courses.items():
        usual = float(np.median([each.size for each in course])) if course else 0.0
        yield from ((root, each) for each in course if each.size >= settings.swollen * usual)


def _led_through(course: Sequence[RootPatch], patch: RootPatch, settings: CourseSettings) -> Flat | None:
    """Where a course that has no patch on a section leads through another's there; None where it does not."""
    depths = [each.depth for each in course]
    if any(each.section == patch.section for each in course) or not depths:
        return None
    if not min(depths) < patch.depth < max(depths):
        return None
    at = at_depth(course, patch.depth, settings.gap_mm)
    if at is None or np.linalg.norm(patch.pixels - at, axis=1).min() > settings.through_mm:
        return None
    return at
