"""Where roots come too near to each other or to a wall, as linear constraints on the nodes of their centrelines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from SpineRootLib.frames import Points
from SpineRootLib.surfaces.centreline import nearest_on_segments

_COINCIDENT_MM = 1e-6


@dataclass(frozen=True, eq=False)
class Contacts:
    """Constraints ``direction . (nodes[one] - sum(weights * nodes[others])) >= bound``.

    Parameters
    ----------
    one : (k,) nodes.
    others : (k, 2) nodes of the neighbour with `weights`, (k, 2); weights 0 where the bound is a wall's.
    direction : (k, 3) unit vectors from the neighbour to the node.
    bound : (k,) mm.
    gap : (k,) the left side as it is now.
    """

    one: NDArray[np.int64]
    others: NDArray[np.int64]
    weights: NDArray[np.float64]
    direction: NDArray[np.float64]
    bound: NDArray[np.float64]
    gap: NDArray[np.float64]

    def chosen(self, which: NDArray[np.bool_]) -> Contacts:
        """The contacts marked."""
        return Contacts(*(getattr(self, name)[which] for name in self.__dataclass_fields__))

    def rows(self, nodes: int) -> csr_matrix:
        """The matrix of the left sides, (k, 3 nodes)."""
        count = len(self.one)
        columns = 3 * np.column_stack([self.one, self.others])[:, :, None] + np.arange(3)
        factor = np.column_stack([np.ones(count), -self.weights])
        values = factor[:, :, None] * self.direction[:, None, :]
        ends = 9 * np.arange(count + 1)
        return csr_matrix((values.ravel(), columns.ravel(), ends), shape=(count, 3 * nodes))


def together(parts: list[Contacts]) -> Contacts:
    """All contacts in one."""
    names = Contacts.__dataclass_fields__
    return Contacts(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def wall_contacts(
    which: NDArray[np.int64],
    nodes: Points,
    place: Points,
    direction: NDArray[np.float64],
    distance: NDArray[np.float64],
) -> Contacts:
    """Nodes that shall lie at least `distance` from a wall's point `place` along `direction`; arrays (k, ...)."""
    gap = np.einsum("kd,kd->k", nodes[which] - place, direction)
    offset = np.einsum("kd,kd->k", place, direction)
    zeros = np.zeros((len(which), 2))
    return Contacts(which, zeros.astype(np.int64), zeros, direction, offset + distance, offset + gap)


def neighbour_contacts(nodes: Points, owner: NDArray[np.int64], reach: NDArray[np.float64], slack: float) -> Contacts:
    """Each node against the nearest place on each other root that comes near it.

    Parameters
    ----------
    nodes : (n, 3) of all centrelines.
    owner : (n,) the centreline that each belongs to.
    reach : (n,) the radius that must stay free around each node.
    slack : how much farther than touching a contact is still looked at, mm.
    """
    step = np.linalg.norm(np.diff(nodes, axis=0), axis=1)[owner[1:] == owner[:-1]].max(initial=0.0)
    pairs = cKDTree(nodes).query_pairs(2 * reach.max() + slack + step / 2, output_type="ndarray")
    pairs = pairs[owner[pairs[:, 0]] != owner[pairs[:, 1]]]
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    node = np.repeat(pairs[:, 0], 2).astype(np.int64)
    start = np.repeat(pairs[:, 1], 2).astype(np.int64) - np.tile([1, 0], len(pairs))
    valid = (start >= 0) & (start + 1 < len(nodes))
    valid[valid] &= owner[start[valid]] == owner[start[valid] + 1]
    node, start = node[valid], start[valid]
    along, away = nearest_on_segments(nodes[node], nodes[start], nodes[start + 1])
    distance = np.linalg.norm(away, axis=1)
    order = np.lexsort((start, distance, owner[start], node))
    key = node[order] * (owner.max(initial=0) + 1) + owner[start[order]]
    kept = order[np.flatnonzero(np.diff(key, prepend=-1) > 0)]
    node, start = node[kept], start[kept]
    along, away, distance = along[kept], away[kept], distance[kept]
    direction = away / np.maximum(distance, _COINCIDENT_MM)[:, None]
    # two roots in one place: either way is as good, as long as they part
    direction[distance < _COINCIDENT_MM] = [1.0, 0.0, 0.0]
    direction[(distance < _COINCIDENT_MM) & (owner[node] > owner[start])] *= -1.0
    bound = reach[node] + reach[start]
    close = distance < bound + slack
    segments = np.column_stack([start, start + 1])
    found = Contacts(node, segments, np.column_stack([1 - along, along]), direction, bound, distance)
    return found.chosen(close)
