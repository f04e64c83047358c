"""The centreline of a root: from the cord through its points to the ganglion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix, diags
from scipy.sparse.linalg import splu

from SpineRootLib.frames import Points

_SAME_DEPTH_MM = 0.05


@dataclass(frozen=True, eq=False)
class Chain:
    """The nodes of a centreline before it is fitted.

    Parameters
    ----------
    nodes : (n, 3) a first guess.
    targets : (n, 3) annotated points, where `weights` is not 0.
    weights : (n,) of the squared distance to the target.
    fixed : (n,) which nodes stay where they are.
    beyond : index of the last annotated point; nodes after it are extrapolated.
    """

    nodes: Points
    targets: Points
    weights: NDArray[np.float64]
    fixed: NDArray[np.bool_]
    beyond: int


def chain_through(
    start: Points | None, points: Points, depth: NDArray[np.float64], end: Points | None, step: float
) -> Chain:
    """Nodes from the emergence through the annotated points, (n, 3) cranial to caudal, to the ganglion."""
    points, depth = _merged(points, depth)
    stops = [points]
    fixed = [np.zeros(len(points), bool)]
    if start is not None:
        stops.insert(0, start.reshape(1, 3))
        fixed.insert(0, np.ones(1, bool))
    if end is not None:
        stops.append(end.reshape(1, 3))
        fixed.append(np.ones(1, bool))
    corners, held = np.concatenate(stops), np.concatenate(fixed)
    lengths = np.linalg.norm(np.diff(corners, axis=0), axis=1)
    parts = np.maximum(1, np.ceil(lengths / step - 1e-6)).astype(int)
    place = np.concatenate([[0], np.cumsum(parts)])
    nodes = np.empty((place[-1] + 1, 3))
    for axis in range(3):
        nodes[:, axis] = np.interp(np.arange(place[-1] + 1), place, corners[:, axis])
    weights, still = np.zeros(len(nodes)), np.zeros(len(nodes), bool)
    weights[place[~held]] = 1.0
    still[place[held]] = True
    return Chain(nodes, nodes.copy(), weights, still, int(place[~held][-1]))


def bending(lengths: NDArray[np.float64]) -> csr_matrix:
    """The matrix B for which B x is the square root of the bending density of a chain with these edge lengths."""
    before, after = lengths[:-1], lengths[1:]
    width = (before + after) / 2
    scale = np.sqrt(width) / width
    rows = [scale / before, -scale * (1 / before + 1 / after), scale / after]
    return csr_matrix(diags(rows, [0, 1, 2], shape=(len(lengths) - 1, len(lengths) + 1)))


def fitted(chain: Chain, stiffness: float) -> Points:
    """The chain's nodes where squared distance to the targets plus `stiffness` times the bending is least."""
    nodes = chain.nodes
    for _ in range(2):
        bend = bending(np.maximum(np.linalg.norm(np.diff(nodes, axis=0), axis=1), 1e-3))
        weight = chain.weights + 1e8 * chain.fixed
        matrix = csc_matrix(stiffness * (bend.T @ bend) + diags(weight))
        nodes = splu(matrix).solve(weight[:, None] * chain.targets)
        nodes[chain.fixed] = chain.targets[chain.fixed]
    return np.asarray(nodes)


def _merged(points: Points, depth: NDArray[np.float64]) -> tuple[Points, NDArray[np.float64]]:
    """Points on the same level replaced by their mean."""
    order = np.lexsort((points[:, 1], points[:, 0], depth))
    points, depth = points[order], depth[order]
    group = np.concatenate([[0], np.cumsum(np.diff(depth) > _SAME_DEPTH_MM)])
    count = np.bincount(group)
    merged = np.column_stack([np.bincount(group, points[:, axis]) / count for axis in range(3)])
    return merged, np.bincount(group, depth) / count
