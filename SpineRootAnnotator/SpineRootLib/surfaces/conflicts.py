"""What could not be kept clear: named, with its place, never hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.frames import Points
from SpineRootLib.surfaces.centreline import subdivided
from SpineRootLib.surfaces.contacts import CORD_PART, DURA_PART, Places, neighbour_contacts
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.surfaces.obstacles import Obstacles
from SpineRootLib.surfaces.proximity import Proximity
from SpineRootLib.surfaces.tube import surface_rings


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


@dataclass(frozen=True, eq=False)
class _Near:
    """Places on the centrelines of roots, and how near another part is.

    Parameters
    ----------
    root, node, share : (k,) each place lies at this share of the way from a node, counted from its root's first, on.
    other : (k,) the other part.
    side : (k,) of the other part that is free: 1 outside, -1 inside.
    gap : (k,) what is between the two at least, by the widest that the root reaches, mm.
    position : (k, 3).
    """

    root: NDArray[np.int64]
    node: NDArray[np.int64]
    share: NDArray[np.float64]
    other: NDArray[np.int64]
    side: NDArray[np.float64]
    gap: NDArray[np.float64]
    position: Points

    def chosen(self, which: NDArray[np.bool_]) -> _Near:
        """The places marked."""
        return _Near(*(getattr(self, each.name)[which] for each in fields(self)))


def find_conflicts(obstacles: Obstacles, tubes: Sequence[Surface], sides: int) -> list[Conflict]:
    """The places where a clearance does not hold, the worst of each.

    Of a root against the cord, what lies before it has come off and a little beyond does not count; against the dura,
    what is joined with its exit.

    Parameters
    ----------
    tubes : the surface of each root, by its rank; `sides` of their cross-sections.
    """
    settings = obstacles.settings.conflicts
    limit = obstacles.clearance.clearance_mm - settings.rounding_mm
    parts = [_between_roots(obstacles), _at_cord(obstacles), _at_dura(obstacles)]
    near = _Near(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(_Near)))
    near = near.chosen(near.gap < limit)
    gap = _between_surfaces(near, obstacles, tubes, sides)
    conflicts: list[Conflict] = []
    named: dict[tuple[int, int], list[NDArray[np.float64]]] = {}
    for index in np.argsort(gap, kind="stable").tolist():
        if gap[index] >= limit:
            break
        pair = (int(near.root[index]), int(near.other[index]))
        pair = pair if pair[1] < 0 else (min(pair), max(pair))
        known, place = named.setdefault(pair, []), near.position[index]
        if not known or (((np.array(known) - place) ** 2).sum(axis=1) >= settings.same_place_mm**2).all():
            known.append(place)
            conflicts.append(Conflict(pair, place, float(gap[index])))
    return conflicts


def _between_surfaces(near: _Near, obstacles: Obstacles, tubes: Sequence[Surface], sides: int) -> NDArray[np.float64]:
    """What is between a root's surface around each place and the other part, (k,) mm; negative where they overlap."""
    walls = {CORD_PART: obstacles.walls.cord, DURA_PART: obstacles.walls.dura}
    gap = np.empty(len(near.gap))
    for other in np.unique(near.other).tolist():
        index = np.flatnonzero(near.other == other)
        wall = walls.get(other) or Proximity(tubes[other])
        for root in np.unique(near.root[index]).tolist():
            own = index[near.root[index] == root]
            rings = surface_rings(tubes[root], sides, near.node[own], near.share[own])
            signed = wall.nearest(rings.reshape(-1, 3))[0].reshape(rings.shape[:2])
            gap[own] = (near.side[own, None] * signed).min(axis=1)
    return gap


def _between_roots(obstacles: Obstacles) -> _Near:
    """Of each two roots, at places between their nodes as well."""
    system, between = obstacles.system, obstacles.settings.conflicts.between
    nodes = np.concatenate([subdivided(part, between) for part in system.parts(system.nodes)])
    counts = between * (np.diff(system.first) - 1) + 1
    owner = np.repeat(np.arange(len(counts)), counts)
    reach = np.repeat(obstacles.reach[system.first[:-1]], counts)
    contacts = neighbour_contacts(nodes, owner, reach, obstacles.clearance.clearance_mm)
    root = owner[contacts.one]
    along = (contacts.one - np.concatenate([[0], np.cumsum(counts)[:-1]])[root] + contacts.share) / between
    node = along.astype(np.int64)
    gap, outside = contacts.gap - contacts.bound, np.ones(len(root))
    ahead, share = nodes[contacts.one + (contacts.share > 0)], contacts.share[:, None]
    position = (1 - share) * nodes[contacts.one] + share * ahead
    return _Near(root, node, along - node, contacts.partner, outside, gap, position)


def _at_cord(obstacles: Obstacles) -> _Near:
    near = obstacles.near_cord()
    return _of_wall(obstacles, near, off_cord(obstacles, near), np.ones(len(near.node)), CORD_PART)


def off_cord(obstacles: Obstacles, near: Places) -> NDArray[np.bool_]:
    """Which places, (k,), have to lie off the cord: beyond where their root has come off it."""
    owner, lengths = obstacles.system.owner[near.node], near.of(obstacles.emergences.lengths())
    off = np.minimum(obstacles.joined(), obstacles.emergences.longest())
    return np.asarray((lengths > off[owner] + obstacles.settings.conflicts.beside_mm) & np.isfinite(near.signed))


def _at_dura(obstacles: Obstacles) -> _Near:
    near = obstacles.near_dura()
    which, side = at_dura(obstacles, near)
    return _of_wall(obstacles, near, which, side, DURA_PART)


def at_dura(obstacles: Obstacles, near: Places) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which places, (k,), have to lie off the dura, and on which side of it: those beside the exits do not."""
    nodes, beside_mm = obstacles.system.nodes, obstacles.settings.conflicts.beside_mm
    signed = near.signed[: len(nodes)]
    past = obstacles.past_exit(signed)
    begin, end = obstacles.exit_span(signed, past)
    along, owner = near.of(past), obstacles.system.owner[near.node]
    side = np.where(along < 0, -1.0, 1.0)
    apart = (along < begin[owner] - beside_mm) | (along > end[owner] + beside_mm)
    wrong = (np.abs(along) > beside_mm) & (near.signed * side < 0)
    return np.isfinite(near.signed) & (apart | wrong), side


def _of_wall(
    obstacles: Obstacles, near: Places, which: NDArray[np.bool_], side: NDArray[np.float64], part: int
) -> _Near:
    """Of the places marked, (k,), what is between the root and a wall on its free side."""
    system = obstacles.system
    root, position = system.owner[near.node], near.of(system.nodes)
    gap = side * near.signed - near.of(obstacles.reach)
    parts = np.full(len(root), part)
    return _Near(root, near.node - system.first[root], near.share, parts, side, gap, position).chosen(which)
