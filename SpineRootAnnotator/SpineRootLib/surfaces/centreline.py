"""Centrelines as chains of nodes, and the fit that balances the annotated points against bending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix, diags, kron
from scipy.sparse.linalg import splu

from SpineRootLib.frames import Points
from SpineRootLib.surfaces.settings import RootSettings

_SAME_DEPTH_MM = 0.05
# Weight that holds a node in place, against 1 for an annotated point.
_HELD = 1e7
_REFITS = 10
# A point looks for the nearest place on the centreline this many segments before and after where it was.
_WINDOW = 2


@dataclass(frozen=True, eq=False)
class Chain:
    """One root's centreline before it is fitted.

    Parameters
    ----------
    nodes : (n, 3) evenly spaced on the straight lines from the emergence through the points to the ganglion.
    points : (m, 3) annotated, from cranial to caudal, one a level.
    emerges, ends : whether the first node is held on the cord, and the last at the ganglion.
    """

    nodes: Points
    points: Points
    emerges: bool
    ends: bool


def chain_through(start: Points | None, points: Points, end: Points | None, step: float) -> Chain:
    """Nodes at most `step` mm apart from the emergence, (3,), through the points, (m, 3), to the ganglion, (3,)."""
    stops = [stop.reshape(-1, 3) for stop in (start, points, end) if stop is not None]
    corners = np.concatenate(stops)
    length = lengths_along(corners)
    count = max(2, int(np.ceil(length[-1] / step)))
    even = np.linspace(0.0, length[-1], count + 1)
    nodes = np.column_stack([np.interp(even, length, corners[:, axis]) for axis in range(3)])
    return Chain(nodes, points, start is not None, end is not None)


def merged_levels(points: Points, depth: NDArray[np.float64]) -> Points:
    """Points, (n, 3), from cranial to caudal, those on the same level replaced by their mean."""
    order = np.lexsort((points[:, 1], points[:, 0], depth))
    points, depth = points[order], depth[order]
    group = np.concatenate([[0], np.cumsum(np.diff(depth) > _SAME_DEPTH_MM)])
    count = np.bincount(group)
    return np.column_stack([np.bincount(group, points[:, axis]) / count for axis in range(3)])


def lengths_along(nodes: Points) -> NDArray[np.float64]:
    """Length from the first node to each, mm."""
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(nodes, axis=0), axis=1))])


class Bundle:
    """All chains of a subject in one system of equations, their nodes and points numbered through.

    Attributes
    ----------
    nodes : (n, 3) as they lie now; `owner`, (n,), the chain of each; `first[k]` the first node of chain k.
    points : (m, 3); `of_point`, (m,), the chain of each; `weights`, (m,), how much it counts.
    segment, fraction : (m,) where on its centreline each point's nearest place lies.
    starts : the first nodes of the chains that emerge from the cord.
    """

    def __init__(self, chains: Sequence[Chain], settings: RootSettings, spacing: float) -> None:
        self.chains = chains
        self.settings = settings
        self.stiffness, self.least_stiffness = settings.stiffness(spacing)
        self.first = np.concatenate([[0], np.cumsum([len(chain.nodes) for chain in chains])])
        ranks = np.arange(len(chains))
        self.owner = np.repeat(ranks, np.diff(self.first))
        self.nodes = np.concatenate([chain.nodes for chain in chains])
        self.points = np.concatenate([chain.points for chain in chains])
        self.of_point = np.repeat(ranks, [len(chain.points) for chain in chains])
        self.weights = np.ones(len(self.points))
        self.starts = self.first[:-1][[chain.emerges for chain in chains]]
        ends = self.first[1:][[chain.ends for chain in chains]] - 1
        self.anchors = self.nodes.copy()
        self.rigidity = np.ones(len(self.nodes))
        self.held = np.zeros(len(self.nodes))
        self.held[np.concatenate([self.starts, ends])] = _HELD
        self.segment = self._first_segments()
        self.tension = self._tension()
        self.fraction = np.zeros(len(self.points))
        self._attach()
        self.fit()

    def parts(self, values: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Values of all nodes, (n, ...), by chain."""
        return np.split(values, self.first[1:-1])

    def residual(self) -> NDArray[np.float64]:
        """Distance of each point from its centreline, (m,) mm."""
        return np.asarray(np.linalg.norm(self.points - self.places(self.nodes), axis=1))

    def places(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values of the nodes, (n, ...), at the points' places on the centrelines, (m, ...)."""
        share = self.fraction if values.ndim == 1 else self.fraction[:, None]
        return np.asarray((1 - share) * values[self.segment] + share * values[self.segment + 1])

    def bend_radii(self) -> NDArray[np.float64]:
        """The radius of a tube, (n,) mm, that would touch itself where the centreline turns at a node."""
        edges = np.diff(self.nodes, axis=0)
        lengths = np.linalg.norm(edges, axis=1)
        cosine = np.einsum("kd,kd->k", edges[1:], edges[:-1]) / np.maximum(lengths[1:] * lengths[:-1], 1e-12)
        half = np.tan(np.arccos(np.clip(cosine, -1.0, 1.0)) / 2)
        radii = np.full(len(self.nodes), np.inf)
        radii[1:-1] = np.minimum(lengths[1:], lengths[:-1]) / 2 / np.maximum(half, 1e-9)
        radii[self.first[:-1]] = radii[self.first[1:] - 1] = np.inf
        return radii

    def last_seen(self) -> list[int]:
        """Per chain the node, counted from its first, beside the last annotated point."""
        ends = np.cumsum(np.bincount(self.of_point, minlength=len(self.chains))) - 1
        nearest = np.rint(self.segment[ends] + self.fraction[ends]).astype(np.int64) - self.first[:-1]
        return [int(node) for node in nearest]

    def fit(self) -> None:
        """Put the nodes where the balance is best, the points no farther from them than the settings allow."""
        settings = self.settings
        for _ in range(_REFITS):
            system = csc_matrix(self._balance() + diags(self.held))
            right = self.held[:, None] * self.anchors + self._attached().T @ (self.weights[:, None] * self.points)
            self._moved(splu(system).solve(right), self.held)
            residual = self.residual()
            excess = residual / settings.point_limit_mm
            loose = max(residual.mean() / settings.mean_limit_mm, np.percentile(residual, 95) / settings.p95_limit_mm)
            self.weights = np.where(excess > 1, self.weights * np.minimum(excess * 1.2, 3.0) ** 2, self.weights)
            self.weights = np.minimum(self.weights, settings.heaviest)
            softer = max(self.stiffness / max(loose, 1.0) ** 2.5, self.least_stiffness)
            if excess.max(initial=0.0) <= 1.0 and softer == self.stiffness:
                break
            self.stiffness = softer

    def solve(self, rows: csr_matrix, bounds: NDArray[np.float64], stiffness: NDArray[np.float64]) -> None:
        """Put the nodes where the balance is best while ``rows @ nodes.ravel()`` is drawn to `bounds`.

        The emergences are held by the rows alone, so that they may slide on the cord.
        """
        held = self.held.copy()
        held[self.starts] = self.settings.emergence_weight
        base = kron(self._balance() + diags(held), np.eye(3))
        pull = csr_matrix(rows.T.multiply(stiffness))
        right = held[:, None] * self.anchors + self._attached().T @ (self.weights[:, None] * self.points)
        factors = splu(csc_matrix(base + pull @ rows), permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
        self._moved(factors.solve(right.ravel() + pull @ bounds).reshape(-1, 3), held)

    def move_to(self, nodes: Points) -> None:
        """Put the nodes elsewhere."""
        self._moved(nodes, self.held * 0.0)

    def _moved(self, nodes: Points, held: NDArray[np.float64]) -> None:
        fixed = held >= _HELD
        nodes[fixed] = self.anchors[fixed]
        self.nodes = nodes
        self._attach()

    def _balance(self) -> csr_matrix:
        bend, attached = self._bending(), self._attached()
        points = attached.T @ diags(self.weights) @ attached
        return csr_matrix(self.stiffness * (bend.T @ bend) + points + self.tension)

    def _tension(self) -> csr_matrix:
        """What pulls the centrelines straight beyond their last point.

        Without it the direction in which a root leaves the scan, uncertain by the jitter of a few points, would carry
        on through the 10 to 150 mm to its ganglion. Under tension a beam forgets its direction within the square root
        of bending over tension.
        """
        last = self.segment[np.cumsum(np.bincount(self.of_point)) - 1]
        start = np.arange(len(self.nodes) - 1)
        inside = self.owner[1:] == self.owner[:-1]
        beyond = start[inside & (start > last[self.owner[:-1]])]
        lengths = np.linalg.norm(self.nodes[beyond + 1] - self.nodes[beyond], axis=1)
        strength = np.sqrt(self.stiffness / self.settings.forgetting_mm**2 / np.maximum(lengths, 0.05))
        columns = np.column_stack([beyond, beyond + 1])
        values = strength[:, None] * [-1.0, 1.0]
        ends = 2 * np.arange(len(beyond) + 1)
        rows = csr_matrix((values.ravel(), columns.ravel(), ends), shape=(len(beyond), len(self.nodes)))
        return csr_matrix(rows.T @ rows)

    def _bending(self) -> csr_matrix:
        """The matrix B for which |B x|2 is the integral of the squared curvature, times the rigidity, of all chains.

        With one length for all edges of a chain, uneven spacing costs as bending does, so that nodes stay evenly
        spaced.
        """
        edges = np.linalg.norm(np.diff(self.nodes, axis=0), axis=1)
        same = self.owner[1:] == self.owner[:-1]
        sums = np.bincount(self.owner[1:][same], edges[same], len(self.chains))
        lengths = np.maximum(sums / (np.diff(self.first) - 1), 0.05)
        middle = np.flatnonzero(same[1:] & same[:-1]) + 1
        values = (np.sqrt(self.rigidity[middle]) * lengths[self.owner[middle]] ** -1.5)[:, None] * [1.0, -2.0, 1.0]
        columns = middle[:, None] + np.arange(-1, 2)
        ends = 3 * np.arange(len(middle) + 1)
        return csr_matrix((values.ravel(), columns.ravel(), ends), shape=(len(middle), len(self.nodes)))

    def _attached(self) -> csr_matrix:
        """The matrix, (m, n), that gives the points' places from the nodes."""
        columns = np.column_stack([self.segment, self.segment + 1])
        values = np.column_stack([1 - self.fraction, self.fraction])
        ends = 2 * np.arange(len(self.points) + 1)
        return csr_matrix((values.ravel(), columns.ravel(), ends), shape=(len(self.points), len(self.nodes)))

    def _first_segments(self) -> NDArray[np.int64]:
        """The segment of each point on the straight lines that the nodes were spread on."""
        found = []
        for chain, first in zip(self.chains, self.first, strict=False):
            stops = [chain.nodes[:1]] * chain.emerges + [chain.points] + [chain.nodes[-1:]] * chain.ends
            length = lengths_along(np.concatenate(stops))
            at = length[int(chain.emerges) :][: len(chain.points)] / length[-1] * (len(chain.nodes) - 1)
            found.append(first + np.minimum(at.astype(np.int64), len(chain.nodes) - 2))
        return np.concatenate(found)

    def _attach(self) -> None:
        """Find the place on its centreline nearest to each point."""
        last = self.first[1:][self.of_point] - 2
        tried = self.segment[:, None] + np.arange(-_WINDOW, _WINDOW + 1)
        tried = np.clip(tried, self.first[self.of_point][:, None], last[:, None])
        along, away = nearest_on_segments(self.points[:, None], self.nodes[tried], self.nodes[tried + 1])
        best = np.argmin(np.linalg.norm(away, axis=2), axis=1)
        row = np.arange(len(best))
        self.segment, self.fraction = tried[row, best], along[row, best]


def nearest_on_segments(points: Points, start: Points, end: Points) -> tuple[NDArray[np.float64], Points]:
    """Fraction along each segment nearest to its point, (...), and the vector from there to the point, (..., 3)."""
    step = end - start
    relative = points - start
    square = np.maximum(np.einsum("...d,...d->...", step, step), 1e-30)
    along = np.clip(np.einsum("...d,...d->...", relative, step) / square, 0.0, 1.0)
    return along, relative - along[..., None] * step
