"""Where roots come too near to each other or to a wall, as linear constraints on the nodes of their centrelines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from SpineRootLib.curves import nearest_on_segments
from SpineRootLib.frames import Points
from SpineRootLib.surfaces.proximity import Proximity
from SpineRootLib.surfaces.quadratic_program import Constraints

CORD_PART, DURA_PART = -1, -2
WALLS = 2
_COINCIDENT_MM = 1e-6
_MOST_ROOTS = 1 << 16
# Of the way from one node to the next, where places between them lie.
_BETWEEN = 0.2, 0.8


@dataclass(frozen=True, eq=False)
class Contacts:
    """Constraints ``direction . (place - sum(weights * nodes[others])) >= bound``.

    Parameters
    ----------
    one, share : (k,) the place lies at this share of the way from a node to the next one of its root.
    others : (k, 2) nodes of the neighbour with `weights`, (k, 2); weights 0 where the bound is a wall's.
    direction : (k, 3) unit vectors from the neighbour to the place.
    partner : (k,) the rank of the neighbour's root, `CORD_PART` or `DURA_PART`.
    bound : (k,) mm.
    gap : (k,) the left side as it is now.
    least : (k,) the left side with less of which surfaces come too near, mm; minus infinity where a root is joined to
        the wall.
    """

    one: NDArray[np.int64]
    share: NDArray[np.float64]
    others: NDArray[np.int64]
    weights: NDArray[np.float64]
    direction: NDArray[np.float64]
    partner: NDArray[np.int64]
    bound: NDArray[np.float64]
    gap: NDArray[np.float64]
    least: NDArray[np.float64]

    @property
    def broken(self) -> NDArray[np.float64]:
        """By how much each does not hold, (k,) mm; at most 0 where it does, or does not matter."""
        return np.where(self.gap < self.least, self.bound - self.gap, 0.0)

    def chosen(self, which: NDArray[np.bool_]) -> Contacts:
        """The contacts marked."""
        return Contacts(*(getattr(self, name)[which] for name in self.__dataclass_fields__))

    def constraints(self, most: float) -> Constraints:
        """The same for the program, each with at most so large a force."""
        ahead = self.one + (self.share > 0)
        where = np.column_stack([self.one, ahead, self.others])
        weights = np.column_stack([1 - self.share, self.share, -self.weights])
        zeros = np.zeros(len(self.one))
        key = (2 * self.one + (self.share > 0)) * _MOST_ROOTS + self.partner + WALLS
        return Constraints(where, weights, self.direction, self.bound, zeros, zeros + most, key)


def together(parts: list[Contacts]) -> Contacts:
    """All contacts in one."""
    names = Contacts.__dataclass_fields__
    return Contacts(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True, eq=False)
class Places:
    """Nodes, and places between some of them and the next ones, beside a wall.

    Parameters
    ----------
    node, share : (k,) each place lies at this share of the way from a node to the next one of its root.
    signed : (k,) distance from a wall, negative inside; only roughly where it is far, infinite where it was not asked.
    nearest, normal : (k, 3) the nearest place on the wall and its normal there; 0 where the wall is far.
    """

    node: NDArray[np.int64]
    share: NDArray[np.float64]
    signed: NDArray[np.float64]
    nearest: Points
    normal: NDArray[np.float64]

    def of(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values of the nodes, (n, ...), at the places, (k, ...)."""
        share = self.share if values.ndim == 1 else self.share[:, None]
        return np.asarray((1 - share) * values[self.node] + share * values[self.node + (self.share > 0)])

    def contacts(
        self,
        nodes: Points,
        wanted: NDArray[np.float64],
        least: NDArray[np.float64],
        side: NDArray[np.float64],
        look: float,
        part: int,
    ) -> Contacts:
        """Places that shall lie at least so far from the wall on its outer side (1) or inner side (-1); 0 on neither.

        Parameters
        ----------
        nodes : (n, 3).
        wanted, least, side : (k,); with less than `least` surfaces come too near.
        look : how much farther a contact is still looked at, mm.
        part : the wall's number.
        """
        index = np.flatnonzero((side != 0) & self.normal.any(axis=1))
        index = index[side[index] * self.signed[index] < wanted[index] + look]
        direction = side[index, None] * self.normal[index]
        gap = np.einsum("kd,kd->k", self.of(nodes)[index] - self.nearest[index], direction)
        offset = np.einsum("kd,kd->k", self.nearest[index], direction)
        none = np.zeros((len(index), 2))
        parts = np.full(len(index), part)
        return Contacts(
            self.node[index],
            self.share[index],
            none.astype(np.int64),
            none,
            direction,
            parts,
            offset + wanted[index],
            offset + gap,
            offset + least[index],
        )


def places_near(
    wall: Proximity | None,
    nodes: Points,
    owner: NDArray[np.int64],
    reach: float,
    close: float,
    which: NDArray[np.bool_],
) -> Places:
    """How near a wall is to the nodes marked, and to the middles beside those that are `close`, mm.

    It is exact as far as it is within `reach`, mm.
    """
    index, none = np.arange(len(nodes)), np.zeros(len(nodes))
    if wall is None:
        return Places(index, none, none + np.inf, np.zeros_like(nodes), np.zeros_like(nodes))
    signed = np.full(len(nodes), np.inf)
    signed[which] = wall.roughly(nodes[which])
    near = np.abs(signed) < close
    middle = np.flatnonzero((near[1:] | near[:-1]) & (owner[1:] == owner[:-1]) & which[1:] & which[:-1])
    between = (nodes[middle] + nodes[middle + 1]) / 2
    points = np.concatenate([nodes, between])
    signed = np.concatenate([signed, wall.roughly(between)])
    # a place in a triangle lies no farther from the nearest corner than this
    exact = np.flatnonzero(np.abs(signed) < np.hypot(reach, wall.longest_edge / np.sqrt(3)))
    place, normal = np.zeros_like(points), np.zeros_like(points)
    signed[exact], place[exact], normal[exact] = wall.nearest(points[exact])
    share = np.concatenate([none, np.full(len(middle), 0.5)])
    return Places(np.concatenate([index, middle]), share, signed, place, normal)


def neighbour_contacts(
    nodes: Points, owner: NDArray[np.int64], reach: NDArray[np.float64], look: float, margin: float = 0.0
) -> Contacts:
    """Each node, and a place between it and the next one, against the nearest place on each other root near them.

    The place between is where the two straight pieces come nearest, but not next to a node.

    Parameters
    ----------
    nodes : (n, 3) of all centrelines.
    owner : (n,) the centreline that each belongs to.
    reach : (n,) the radius that must stay free around each node.
    look : how much farther than touching a contact is still looked at, mm.
    margin : by how much the reaches exceed what is needed, mm.
    """
    node, share, start = _candidates(nodes, owner, 2 * reach.max() + look)
    ahead, between = node + (share > 0), share > 0
    ends = (each[between] for each in (node, ahead, start, start + 1))
    share[between] = np.clip(_nearest_share(*(nodes[each] for each in ends)), *_BETWEEN)
    place = (1 - share)[:, None] * nodes[node] + share[:, None] * nodes[ahead]
    along, away = nearest_on_segments(place, nodes[start], nodes[start + 1])
    distance = np.linalg.norm(away, axis=1)
    sample = 2 * node + (share > 0)
    order = np.lexsort((start, distance, owner[start], sample))
    key = sample[order] * (owner.max(initial=0) + 1) + owner[start[order]]
    kept = order[np.flatnonzero(np.diff(key, prepend=-1) > 0)]
    bound = np.maximum(reach[node], reach[ahead]) + np.maximum(reach[start], reach[start + 1])
    kept = kept[distance[kept] < bound[kept] + look]
    node, share, start, bound = node[kept], share[kept], start[kept], bound[kept]
    along, away, distance = along[kept], away[kept], distance[kept]
    direction = away / np.maximum(distance, _COINCIDENT_MM)[:, None]
    # two roots in one place: either way is as good, as long as they part
    direction[distance < _COINCIDENT_MM] = [1.0, 0.0, 0.0]
    direction[(distance < _COINCIDENT_MM) & (owner[node] > owner[start])] *= -1.0
    segments, weights = np.column_stack([start, start + 1]), np.column_stack([1 - along, along])
    return Contacts(node, share, segments, weights, direction, owner[start], bound, distance, bound - margin)


def _nearest_share(a: Points, b: Points, c: Points, d: Points) -> NDArray[np.float64]:
    """Fraction of the way from a to b, (k, 3) each, nearest to the straight pieces from c to d.

    As by Ericson, Real-Time Collision Detection (2005), 5.1.9; halfway where the two are parallel.
    """
    one, other, apart = b - a, d - c, a - c
    aa, bb, ab = (np.einsum("kd,kd->k", *pair) for pair in ((one, one), (other, other), (one, other)))
    from_one, from_other = np.einsum("kd,kd->k", one, apart), np.einsum("kd,kd->k", other, apart)
    square = aa * bb - ab**2
    parallel = square <= _COINCIDENT_MM * aa * bb
    free = (ab * from_other - from_one * bb) / np.where(parallel, 1.0, square)
    share = np.where(parallel, 0.5, np.clip(free, 0.0, 1.0))
    along = (ab * share + from_other) / np.maximum(bb, 1e-30)
    ended = (np.clip(along, 0.0, 1.0) * ab - from_one) / np.maximum(aa, 1e-30)
    return np.where((along < 0) | (along > 1), np.clip(ended, 0.0, 1.0), share)


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
