"""What could not be cleared: named, with its place, never hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.surfaces.obstacles import Obstacles

# Violations on the same two parts nearer than this belong to one conflict.
_SAME_PLACE_MM = 4.0
_ROUNDING_MM = 0.003


@dataclass(frozen=True, eq=False)
class Conflict:
    """Two parts that come nearer to each other than the clearance.

    Parameters
    ----------
    parts : their indices: a root's rank, or -1 for the cord and -2 for the dura.
    position : (3,) RAS mm of the worst place.
    clearance_mm : what is between them there; negative where they overlap.
    """

    parts: tuple[int, int]
    position: NDArray[np.float64]
    clearance_mm: float


def find_conflicts(obstacles: Obstacles) -> list[Conflict]:
    """The places where a clearance does not hold, the worst of each."""
    owner, settings = obstacles.bundle.owner, obstacles.settings
    contacts = obstacles.contacts()
    between = contacts.partner >= 0
    # what lies beyond the surfaces of two roots, or of what is kept to a wall
    gap = contacts.gap - contacts.bound + settings.clearance_mm + settings.margin_mm
    own = owner[contacts.one]
    first = np.where(between, np.minimum(own, contacts.partner), own)
    second = np.where(between, np.maximum(own, contacts.partner), contacts.partner)
    broken = np.flatnonzero(gap < settings.clearance_mm - _ROUNDING_MM)
    places = obstacles.bundle.nodes[contacts.one]
    found: list[Conflict] = []
    for index in broken[np.argsort(gap[broken], kind="stable")].tolist():
        pair = (int(first[index]), int(second[index]))
        if not _told(found, pair, places[index]):
            found.append(Conflict(pair, places[index], float(gap[index])))
    return found


def _told(found: Sequence[Conflict], parts: tuple[int, int], place: NDArray[np.float64]) -> bool:
    return any(each.parts == parts and np.linalg.norm(each.position - place) < _SAME_PLACE_MM for each in found)
