"""What could not be cleared: named, with its place, never hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.frames import Points
from SpineRootLib.surfaces.centreline import subdivided
from SpineRootLib.surfaces.contacts import CORD_PART, DURA_PART, Places, neighbour_contacts
from SpineRootLib.surfaces.obstacles import Obstacles

# Violations on the same two parts nearer than this belong to one conflict.
_SAME_PLACE_MM = 4.0
_ROUNDING_MM = 0.003
# Beside where a root meets a wall, so far along, its clearance opens.
_BESIDE_MM = 1.0
# Places between two nodes at which roots are compared.
_BETWEEN = 4


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
    """The places where a clearance does not hold, the worst of each.

    Of a root against the cord, what lies before it has come off and a little beyond does not count; against the dura,
    what is joined with its exit.
    """
    near = [_between_roots(obstacles), _at_cord(obstacles), _at_dura(obstacles)]
    first, second, gap, places = (np.concatenate(columns) for columns in zip(*near, strict=True))
    broken = np.flatnonzero(gap < obstacles.settings.clearance_mm - _ROUNDING_MM)
    found: list[Conflict] = []
    for index in broken[np.argsort(gap[broken], kind="stable")].tolist():
        pair = (int(first[index]), int(second[index]))
        if not _told(found, pair, places[index]):
            found.append(Conflict(pair, places[index], float(gap[index])))
    return found


# Of places, (k,): the two parts, what is between them, and where that is, (k, 3).
_Gaps = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], Points]


def _between_roots(obstacles: Obstacles) -> _Gaps:
    """Of each two roots, at places between their nodes as well."""
    bundle = obstacles.bundle
    nodes = np.concatenate([subdivided(part, _BETWEEN) for part in bundle.parts(bundle.nodes)])
    counts = _BETWEEN * (np.diff(bundle.first) - 1) + 1
    owner = np.repeat(np.arange(len(counts)), counts)
    reach = np.repeat(obstacles.reach[bundle.first[:-1]], counts)
    contacts = neighbour_contacts(nodes, owner, reach, obstacles.settings.clearance_mm)
    own = owner[contacts.one]
    parts = np.minimum(own, contacts.partner), np.maximum(own, contacts.partner)
    return *parts, contacts.gap - contacts.bound, nodes[contacts.one]


def _at_cord(obstacles: Obstacles) -> _Gaps:
    near, emergences = obstacles.near_cord(), obstacles.emergences
    owner, lengths = obstacles.bundle.owner[near.node], near.of(emergences.lengths())
    off = np.minimum(obstacles.joined(), emergences.longest())
    which = (lengths > off[owner] + _BESIDE_MM) & np.isfinite(near.signed)
    return _of_wall(obstacles, near, which, near.signed, CORD_PART)


def _at_dura(obstacles: Obstacles) -> _Gaps:
    near, nodes = obstacles.near_dura(), obstacles.bundle.nodes
    signed = near.signed[: len(nodes)]
    past = obstacles.past_exit(signed)
    begin, end = obstacles.exit_span(signed, past)
    along, owner = near.of(past), obstacles.bundle.owner[near.node]
    inside = along < 0
    apart = (along < begin[owner] - _BESIDE_MM) | (along > end[owner] + _BESIDE_MM)
    wrong = (np.abs(along) > _BESIDE_MM) & (near.signed * np.sign(along) < 0)
    which = np.isfinite(near.signed) & (apart | wrong)
    return _of_wall(obstacles, near, which, np.where(inside, -near.signed, near.signed), DURA_PART)


def _of_wall(
    obstacles: Obstacles, near: Places, which: NDArray[np.bool_], free: NDArray[np.float64], part: int
) -> _Gaps:
    """Of the places marked what is between the root's surface and a wall, at distances (k,) on its free side."""
    index = np.flatnonzero(which)
    owner, places = obstacles.bundle.owner[near.node[index]], near.of(obstacles.bundle.nodes)[index]
    return owner, np.full(len(index), part), (free - near.of(obstacles.reach))[index], places


def _told(found: Sequence[Conflict], parts: tuple[int, int], place: NDArray[np.float64]) -> bool:
    return any(each.parts == parts and np.linalg.norm(each.position - place) < _SAME_PLACE_MM for each in found)
