"""Where roots come too near to each other or to a wall, as linear constraints on the nodes of their centrelines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from SpineRootLib.frames import Points
from SpineRootLib.surfaces.centreline import nearest_on_segments
from SpineRootLib.surfaces.programme import Constraints
from SpineRootLib.surfaces.proximity import Proximity

CORD_PART, DURA_PART = -1, -2
_COINCIDENT_MM = 1e-6
_MOST_ROOTS = 1 << 16


@dataclass(frozen=True, eq=False)
class Contacts:
    """Constraints ``direction . (place - sum(weights * nodes[others])) >= bound``.

    Parameters
    ----------
    one, share : (k,) the place lies at this share of the way from a node to the next one of its root.
    others : (k, 2) nodes of the neighbour with `weights`, (k, 2); weights 0 where the bound is a wall's.
    direction : (k, 3) unit vectors from the neighbour to the node.
    partner : (k,) the rank of the neighbour's root, `CORD_PART` or `DURA_PART`.
    bound : (k,) mm.
    gap : (k,) the left side as it is now.
    """

    one: NDArray[np.int64]
    share: NDArray[np.float64]
    others: NDArray[np.int64]
    weights: NDArray[np.float64]
    direction: NDArray[np.float64]
    partner: NDArray[np.int64]
    bound: NDArray[np.float64]
    gap: NDArray[np.float64]

    def chosen(self, which: NDArray[np.bool_]) -> Contacts:
        """The contacts marked."""
        return Contacts(*(getattr(self, name)[which] for name in self.__dataclass_fields__))

    def constraints(self, most: float) -> Constraints:
        """The same for the programme, each with at most so large a force."""
        ahead = self.one + (self.share > 0)
        where = np.column_stack([self.one, ahead, self.others])
        weights = np.column_stack([1 - self.share, self.share, -self.weights])
        zeros = np.zeros(len(self.one))
        key = (2 * self.one + (self.share > 0)) * _MOST_ROOTS + self.partner - DURA_PART
        return Constraints(where, weights, self.direction, self.bound, zeros, zeros + most, key)


def together(parts: list[Contacts]) -> Contacts:
    """All contacts in one."""
    names = Contacts.__dataclass_fields__
    return Contacts(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def wall_contacts(
    wall: Nearness | None, nodes: Points, wanted: NDArray[np.float64], side: NDArray[np.float64], look: float, part: int
) -> Contacts:
    """Nodes, (n, 3), that shall lie at least so far from a wall on its outer side (1) or inner side (-1); 0 on neither.

    Parameters
    ----------
    wall : how near it is to the nodes; None without a wall.
    wanted, side : (n,).
    look : how much farther a contact is still looked at, mm.
    part : the wall's number.
    """
    if wall is None:
        wanted = np.zeros(len(nodes))
        wall = Nearness(wanted, nodes, nodes)
    index = np.flatnonzero((side != 0) & (wanted > 0) & np.isfinite(wall.signed))
    index = index[side[index] * wall.signed[index] < wanted[index] + look]
    direction = side[index, None] * wall.normal[index]
    gap = np.einsum("kd,kd->k", nodes[index] - wall.place[index], direction)
    offset = np.einsum("kd,kd->k", wall.place[index], direction)
    none = np.zeros((len(index), 2))
    parts = np.full(len(index), part)
    others = none.astype(np.int64)
    return Contacts(index, none[:, 0], others, none, direction, parts, offset + wanted[index], offset + gap)


@dataclass(frozen=True, eq=False)
class Nearness:
    """How near a wall is to nodes.

    Parameters
    ----------
    signed : (n,) distance, negative inside; only roughly where it is far, infinite where it was not asked for.
    place, normal : (n, 3) the nearest place and the wall's normal there; 0 where the wall is far.
    """

    signed: NDArray[np.float64]
    place: Points
    normal: NDArray[np.float64]


def nearness(wall: Proximity, nodes: Points, reach: float, which: NDArray[np.bool_]) -> Nearness:
    """How near a wall is to the nodes marked, exactly as far as it is within `reach`, mm."""
    signed, place, normal = np.full(len(nodes), np.inf), np.zeros_like(nodes), np.zeros_like(nodes)
    signed[which] = wall.roughly(nodes[which])
    # a place in a triangle lies no farther from the nearest corner than this
    index = np.flatnonzero(np.abs(signed) < np.hypot(reach, wall.longest_edge / np.sqrt(3)))
    signed[index], place[index], normal[index] = wall.nearest(nodes[index])
    return Nearness(signed, place, normal)


def neighbour_contacts(nodes: Points, owner: NDArray[np.int64], reach: NDArray[np.float64], slack: float) -> Contacts:
    """Each node, and the middle to the next one, against the nearest place on each other root that comes near it.

    Parameters
    ----------
    nodes : (n, 3) of all centrelines.
    owner : (n,) the centreline that each belongs to.
    reach : (n,) the radius that must stay free around each node.
    slack : how much farther than touching a contact is still looked at, mm.
    """
    node, share, start = _candidates(nodes, owner, 2 * reach.max() + slack)
    ahead = node + (share > 0)
    place = (1 - share)[:, None] * nodes[node] + share[:, None] * nodes[ahead]
    along, away = nearest_on_segments(place, nodes[start], nodes[start + 1])
    distance = np.linalg.norm(away, axis=1)
    sample = 2 * node + (share > 0)
    order = np.lexsort((start, distance, owner[start], sample))
    key = sample[order] * (owner.max(initial=0) + 1) + owner[start[order]]
    kept = order[np.flatnonzero(np.diff(key, prepend=-1) > 0)]
    bound = np.maximum(reach[node], reach[ahead]) + np.maximum(reach[start], reach[start + 1])
    kept = kept[distance[kept] < bound[kept] + slack]
    node, share, start, bound = node[kept], share[kept], start[kept], bound[kept]
    along, away, distance = along[kept], away[kept], distance[kept]
    direction = away / np.maximum(distance, _COINCIDENT_MM)[:, None]
    # two roots in one place: either way is as good, as long as they part
    direction[distance < _COINCIDENT_MM] = [1.0, 0.0, 0.0]
    direction[(distance < _COINCIDENT_MM) & (owner[node] > owner[start])] *= -1.0
    segments, weights = np.column_stack([start, start + 1]), np.column_stack([1 - along, along])
    return Contacts(node, share, segments, weights, direction, owner[start], bound, distance)


def _candidates(
    nodes: Points, owner: NDArray[np.int64], near: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Places (a node, and the share of the way to the next) and first nodes of other roots' segments near them."""
    same = owner[1:] == owner[:-1]
    step = np.linalg.norm(np.diff(nodes, axis=0), axis=1)[same].max(initial=0.0)
    pairs = cKDTree(nodes).query_pairs(near + step / 2, output_type="ndarray")
    pairs = pairs[owner[pairs[:, 0]] != owner[pairs[:, 1]]]
    pairs = np.concatenate([pairs, pairs[:, ::-1]]).astype(np.int64)
    has_next = np.append(same, False)
    node, share = np.repeat(pairs[:, 0], 4), np.tile([0.0, 0.0, 0.5, 0.5], len(pairs))
    start = np.repeat(pairs[:, 1], 4) - np.tile([1, 0, 1, 0], len(pairs))
    valid = (start >= 0) & has_next[start] & (owner[start] == owner[np.repeat(pairs[:, 1], 4)])
    valid &= (share == 0) | has_next[node]
    return node[valid], share[valid], start[valid]
