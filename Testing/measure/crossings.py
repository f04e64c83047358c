"""Which triangles of surfaces cross each other: a test of its own, independent of how the surfaces were made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

_BLOCK = 500_000


def crossing_pairs(
    one: NDArray[np.float64], other: NDArray[np.float64] | None = None, shared: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Pairs of triangles, (k, 2), of which an edge of one passes through the other.

    Parameters
    ----------
    one, other : (m, 3, 3) corners; without `other`, pairs within `one`.
    shared : (m, 3) vertex indices of `one`, so that triangles with a common vertex are left out.
    """
    pairs = _close_pairs(one, other)
    second = one if other is None else other
    if shared is not None:
        common = (shared[pairs[:, 0], :, None] == shared[pairs[:, 1], None, :]).any(axis=(1, 2))
        pairs = pairs[~common]
    found = [
        block[_cross(one[block[:, 0]], second[block[:, 1]])]
        for block in np.array_split(pairs, max(1, len(pairs) // _BLOCK))
    ]
    return np.concatenate(found)


def _close_pairs(one: NDArray[np.float64], other: NDArray[np.float64] | None) -> NDArray[np.int64]:
    middle = one.mean(axis=1)
    reach = np.linalg.norm(one - middle[:, None], axis=2).max()
    if other is None:
        pairs = cKDTree(middle).query_pairs(2 * reach, output_type="ndarray")
        second = one
    else:
        centres = other.mean(axis=1)
        reach += np.linalg.norm(other - centres[:, None], axis=2).max()
        lists = cKDTree(centres).query_ball_point(middle, reach)
        pairs = np.array([(i, j) for i, row in enumerate(lists) for j in row], dtype=np.int64).reshape(-1, 2)
        second = other
    low, high = one.min(axis=1), one.max(axis=1)
    low2, high2 = second.min(axis=1), second.max(axis=1)
    overlap = np.all((low[pairs[:, 0]] <= high2[pairs[:, 1]]) & (low2[pairs[:, 1]] <= high[pairs[:, 0]]), axis=1)
    return pairs[overlap]


def _cross(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.bool_]:
    hit = np.zeros(len(first), dtype=bool)
    for edges, faces in ((first, second), (second, first)):
        for k in range(3):
            hit |= _pierces(edges[:, k], edges[:, (k + 1) % 3], faces)
    return hit


def _pierces(start: NDArray[np.float64], end: NDArray[np.float64], face: NDArray[np.float64]) -> NDArray[np.bool_]:
    a, b, c = face.transpose(1, 0, 2)
    normal = np.cross(b - a, c - a)
    above, below = _dot(start - a, normal), _dot(end - a, normal)
    apart = above * below < 0
    with np.errstate(divide="ignore", invalid="ignore"):
        place = start + np.where(apart, above / (above - below), 0.0)[:, None] * (end - start)
    sides = [_dot(np.cross(q - p, place - p), normal) for p, q in ((a, b), (b, c), (c, a))]
    return apart & (sides[0] > 0) & (sides[1] > 0) & (sides[2] > 0)


def _dot(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.einsum("nd,nd->n", one, other)
