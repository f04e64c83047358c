"""What could not be cleared: named, with its place, never hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.surfaces.clearing import Clearing
from SpineRootLib.surfaces.contacts import Contacts

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


CORD_PART, DURA_PART = -1, -2


def find_conflicts(clearing: Clearing) -> list[Conflict]:
    """The places where a clearance does not hold, the worst of each."""
    owner, reach = clearing.bundle.owner, clearing.reach
    found: list[Conflict] = []
    roots, cord, dura = clearing.present()
    partner = owner[roots.others[:, 0]]
    first, second = np.minimum(owner[roots.one], partner), np.maximum(owner[roots.one], partner)
    gap = roots.gap - reach[roots.one] - reach[roots.others[:, 0]]
    found += _grouped(clearing, roots, np.column_stack([first, second]), gap)
    for contacts, part in ((cord, CORD_PART), (dura, DURA_PART)):
        gap = contacts.gap - contacts.bound + clearing.settings.clearance_mm + clearing.settings.margin_mm
        parts = np.column_stack([owner[contacts.one], np.full(len(contacts.one), part)])
        found += _grouped(clearing, contacts, parts, gap)
    return found


def _grouped(
    clearing: Clearing, contacts: Contacts, parts: NDArray[np.int64], gap: NDArray[np.float64]
) -> list[Conflict]:
    broken = np.flatnonzero(gap < clearing.settings.clearance_mm - _ROUNDING_MM)
    places = clearing.bundle.nodes[contacts.one]
    found: list[Conflict] = []
    for index in broken[np.argsort(gap[broken], kind="stable")].tolist():
        pair = (int(parts[index, 0]), int(parts[index, 1]))
        if not _told(found, pair, places[index]):
            found.append(Conflict(pair, places[index], float(gap[index])))
    return found


def _told(found: Sequence[Conflict], parts: tuple[int, int], place: NDArray[np.float64]) -> bool:
    return any(each.parts == parts and np.linalg.norm(each.position - place) < _SAME_PLACE_MM for each in found)
