"""The patches of roots on the sections of a label map, and how they join from section to section."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.optimize import linear_sum_assignment

from SpineRootLib.label_maps.sections import Lattice, Mask
from SpineRootLib.label_maps.settings import CourseSettings

Flat = NDArray[np.float64]
_EIGHT = np.ones((3, 3), dtype=bool)
_NEVER = 1e9  # the cost of joining what cannot belong together


@dataclass(frozen=True, eq=False)
class RootPatch:
    """A patch of a root's label on a section.

    Parameters
    ----------
    section : its place among the sections.
    depth : of the section, mm below slice 1.
    pixels : (n, 2) in-plane mm of the pixels' centres.
    """

    section: int
    depth: float
    pixels: Flat

    @property
    def size(self) -> int:
        """The number of pixels."""
        return len(self.pixels)

    @property
    def centre(self) -> Flat:
        """The mean of the pixels, (2,) mm."""
        return np.asarray(self.pixels.mean(axis=0))


def patches_of(section: int, depth: float, mask: Mask, lattice: Lattice) -> list[RootPatch]:
    """The patches of a section, each of pixels that touch, if only by a corner."""
    labelled, count = ndimage.label(mask, _EIGHT)
    pixels = [np.argwhere(labelled == number) for number in range(1, count + 1)]
    return [RootPatch(section, depth, lattice.flat(each.astype(np.float64))) for each in pixels]


def one_course(patches: Iterable[RootPatch], settings: CourseSettings) -> list[RootPatch]:
    """The patches of one root, at most one a section: those that are large and follow each other closely.

    The best of all chains, found by dynamic programming; what is left out of it are islands.
    """
    ordered = sorted(patches, key=lambda each: each.depth)
    if not ordered:
        return []
    largest: dict[int, int] = {}
    for each in ordered:
        largest[each.section] = max(each.size, largest.get(each.section, 0))
    score = np.array([each.size / largest[each.section] for each in ordered])
    before = np.full(len(ordered), -1)
    for here, patch in enumerate(ordered):
        own = score[here]
        for there in range(here - 1, -1, -1):
            earlier = ordered[there]
            if patch.depth - earlier.depth > settings.gap_mm:
                break
            away = _away(earlier, patch, settings)
            gained = score[there] + own - settings.away_cost * away
            if earlier.section != patch.section and away < _NEVER and gained > score[here]:
                score[here], before[here] = gained, there
    chain = []
    place = int(np.argmax(score))
    while place >= 0:
        chain.append(ordered[place])
        place = int(before[place])
    return _without_caps(chain[::-1], settings)


def courses(patches: Iterable[RootPatch], settings: CourseSettings) -> list[list[RootPatch]]:
    """All patches, joined from section to section to the nearest: one list a course, the longest first."""
    by_section: dict[int, list[RootPatch]] = {}
    for each in patches:
        by_section.setdefault(each.section, []).append(each)
    found: list[list[RootPatch]] = []
    for section in sorted(by_section):
        here = by_section[section]
        cost = np.array([[_away(course[-1], each, settings) for each in here] for course in found]).reshape(
            -1, len(here)
        )
        joined = {int(j): int(i) for i, j in zip(*linear_sum_assignment(cost), strict=True) if cost[i, j] < _NEVER}
        for rank, each in enumerate(here):
            if rank in joined:
                found[joined[rank]].append(each)
            else:
                found.append([each])
    return sorted(found, key=len, reverse=True)


def at_depth(course: Sequence[RootPatch], depth: float, gap_mm: float) -> Flat | None:
    """Where a course is, (2,) mm, between its patches; beyond its ends that of the nearest; None across a wide gap."""
    if not course:
        return None
    depths = np.array([each.depth for each in course])
    if np.abs(depths - depth).min() > gap_mm:
        return None
    centres = np.array([each.centre for each in course])
    return np.array([np.interp(depth, depths, axis) for axis in centres.T])


def split(patch: RootPatch, expected: Sequence[Flat], rounds: int = 3) -> list[RootPatch]:
    """A patch that holds several roots, each pixel given to the nearest of where they are expected; none may go empty.

    A few rounds of k-means from there on: the places that were expected lie on other sections.
    """
    places = np.array(expected)
    for _round in range(rounds):
        nearest = np.argmin(np.linalg.norm(patch.pixels[:, None] - places, axis=2), axis=1)
        parts = [patch.pixels[nearest == rank] for rank in range(len(places))]
        if not all(len(part) for part in parts):
            return []
        places = np.array([part.mean(axis=0) for part in parts])
    return [RootPatch(patch.section, patch.depth, part) for part in parts]


def _away(earlier: RootPatch, later: RootPatch, settings: CourseSettings) -> float:
    """How far aside a patch lies of an earlier one, mm; `_NEVER` where they cannot be one root's."""
    deeper = later.depth - earlier.depth
    away = float(np.linalg.norm(later.centre - earlier.centre))
    can_be = deeper <= settings.gap_mm and away <= settings.aside_mm + settings.aside_slope * deeper
    return away if can_be else _NEVER


def _without_caps(chain: list[RootPatch], settings: CourseSettings) -> list[RootPatch]:
    least = settings.least_share * float(np.median([each.size for each in chain]))
    while len(chain) > 2 and chain[0].size < least:
        chain = chain[1:]
    while len(chain) > 2 and chain[-1].size < least:
        chain = chain[:-1]
    return chain
