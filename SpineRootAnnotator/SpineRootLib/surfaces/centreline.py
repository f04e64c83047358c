"""Centrelines as chains of nodes, and the fit that balances the annotated points against bending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from SpineRootLib.curves import arc_length, nearest_on_segments
from SpineRootLib.frames import Points
from SpineRootLib.surfaces.quadratic_program import NO_FORCES, Constraints, all_of, block_inverse, solve
from SpineRootLib.surfaces.root_settings import CentrelineSettings, SolverSettings


@dataclass(frozen=True, eq=False)
class Chain:
    """One root's centreline before it is fitted.

    Parameters
    ----------
    nodes : (n, 3) evenly spaced on the straight lines from the emergence through the points to the ganglion.
    points : (m, 3) annotated, from cranial to caudal, one a level.
    emerges, ends : whether the first node is held on the cord, and the last at the ganglion.
    guides : (g, 3) places that it is led through beyond its last point.
    """

    nodes: Points
    points: Points
    emerges: bool
    ends: bool
    guides: Points = field(default_factory=lambda: np.empty((0, 3)))


def chain_through(
    start: Points | None, points: Points, end: Points | None, step: float, guides: Points | None = None
) -> Chain:
    """Nodes at most `step` mm apart from the emergence, (3,), through points and guides, (m, 3), to the ganglion."""
    guides = np.empty((0, 3)) if guides is None else guides
    stops = [stop.reshape(-1, 3) for stop in (start, points, guides, end) if stop is not None]
    corners = np.concatenate(stops)
    length = arc_length(corners)
    count = max(2, int(np.ceil(length[-1] / step)))
    even = np.linspace(0.0, length[-1], count + 1)
    nodes = np.column_stack([np.interp(even, length, corners[:, axis]) for axis in range(3)])
    return Chain(nodes, points, start is not None, end is not None, guides)


def merged_levels(points: Points, depth: NDArray[np.float64], same_depth_mm: float) -> Points:
    """Points, (n, 3), from cranial to caudal, those on the same level replaced by their mean."""
    order = np.lexsort((points[:, 1], points[:, 0], depth))
    points, depth = points[order], depth[order]
    group = np.concatenate([[0], np.cumsum(np.diff(depth) > same_depth_mm)])
    count = np.bincount(group)
    return np.column_stack([np.bincount(group, points[:, axis]) / count for axis in range(3)])


def subdivided(nodes: Points, times: int) -> Points:
    """Nodes, (n, 3), and places evenly between them: the same polyline of ``times * (n - 1) + 1`` points."""
    at = np.arange(times * (len(nodes) - 1) + 1) / times
    return np.column_stack([np.interp(at, np.arange(len(nodes)), column) for column in nodes.T])


class ChainSystem:
    """All chains of a subject in one system of equations, their nodes and points numbered through.

    Attributes
    ----------
    nodes : (n, 3) as they lie now; `owner`, (n,), the chain of each; `first[k]` the first node of chain k.
    points : (m, 3); `of_point`, (m,), the chain of each.
    segment, fraction : (m,) where on its centreline each point's nearest place lies.
    starts : the first nodes of the chains that emerge from the cord.
    """

    def __init__(
        self,
        chains: Sequence[Chain],
        spacing: float,
        settings: CentrelineSettings | None = None,
        solver: SolverSettings | None = None,
    ) -> None:
        self.chains = chains
        self.settings = settings = settings or CentrelineSettings()
        self.solver = solver or SolverSettings()
        self.stiffness, self.least_stiffness = settings.stiffness(spacing)
        self.first = np.concatenate([[0], np.cumsum([len(chain.nodes) for chain in chains])])
        ranks = np.arange(len(chains))
        self.owner = np.repeat(ranks, np.diff(self.first))
        self.nodes = np.concatenate([chain.nodes for chain in chains])
        self.points = np.concatenate([chain.points for chain in chains])
        self.of_point = np.repeat(ranks, [len(chain.points) for chain in chains])
        self.starts = self.first[:-1][[chain.emerges for chain in chains]]
        ends = self.first[1:][[chain.ends for chain in chains]] - 1
        self.anchors = self.nodes.copy()
        self.rigidity = self._rigidity()
        self.held = np.zeros(len(self.nodes))
        self.held[np.concatenate([self.starts, ends])] = settings.held_weight
        self.segment = self._first_segments()
        self._lead()
        self.beyond, self.tension = self._tension()
        self.fraction = np.zeros(len(self.points))
        self.forces = NO_FORCES
        self._attach()
        self.fit()

    def parts(self, values: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Values of all nodes, (n, ...), by chain."""
        return np.split(values, self.first[1:-1])

    def residual(self) -> NDArray[np.float64]:
        """Distance of each point from its centreline, (m,) mm."""
        return np.asarray(np.linalg.norm(self.points - self.places(self.nodes), axis=1))

    def beyond_limit(self) -> float:
        """How much farther a point lies from its centreline than any may, mm; 0 where none does."""
        return max(0.0, float(self.residual().max(initial=0.0)) - self.settings.utmost_mm)

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
        for _ in range(settings.refits):
            self.solve(self.limits(), self.held)
            residual = self.residual()
            loose = max(residual.mean() / settings.mean_limit_mm, np.percentile(residual, 95) / settings.p95_limit_mm)
            softer = max(self.stiffness / max(loose, 1.0) ** 2.5, self.least_stiffness)
            if residual.max(initial=0.0) <= settings.point_limit_mm and softer == self.stiffness:
                break
            self.stiffness = softer

    def limits(self) -> Constraints:
        """How far points may lie from their centreline: each limit holds unless something pushes harder.

        A limit is a half-space on the far side of the centreline as it lies; the last one, which always holds, is cut
        to a polygon about the point, so that the centreline cannot go round it.
        """
        away = self.points - self.places(self.nodes)
        distance = np.linalg.norm(away, axis=1)
        direction = away / np.maximum(distance, self.settings.directed_mm)[:, None]
        along = self.nodes[self.segment + 1] - self.nodes[self.segment]
        across = np.cross(along / np.linalg.norm(along, axis=1, keepdims=True), direction)
        angles = np.arange(self.settings.polygon_sides) * 2 * np.pi / self.settings.polygon_sides
        *soft, last = self.settings.limits
        near = [np.flatnonzero(distance > share * last[0]) for share in (0.2, 0.4)]
        rows = [(near[0], direction, *limit) for limit in soft]
        rows += [(near[1], np.cos(angle) * direction + np.sin(angle) * across, *last) for angle in angles]
        return all_of([self._within(*row, layer) for layer, row in enumerate(rows)])

    def _within(
        self, which: NDArray[np.int64], direction: Points, limit: float, force: float, layer: int
    ) -> Constraints:
        """Points that lie at most so far beyond their place on the centreline along a direction each."""
        share, none, segment = self.fraction[which], np.zeros(len(which)), self.segment[which]
        where = np.column_stack([segment, segment + 1, segment, segment])
        weights = np.column_stack([1 - share, share, none, none])
        bound = np.einsum("md,md->m", direction[which], self.points[which]) - limit
        key = -1 - layer * len(self.points) - which
        return Constraints(where, weights, direction[which], bound, none, none + force, key)

    def solve(self, constraints: Constraints, held: NDArray[np.float64]) -> None:
        """Put the nodes where the balance is best under constraints.

        Parameters
        ----------
        held : (n,) how strongly each node is held where it was at first.
        """
        attached = held[:, None] * self.anchors
        for end in range(2):
            share = self.fraction if end else 1 - self.fraction
            np.add.at(attached, self.segment + end, share[:, None] * self.points)
        inverse = block_inverse(self._bands(held), self.first)
        nodes, self.forces = solve(inverse, attached, constraints, self.nodes, self.forces, self.solver)
        fixed = held >= self.settings.held_weight
        nodes[fixed] = self.anchors[fixed]
        self.move_to(nodes)

    def move_to(self, nodes: Points) -> None:
        """Put the nodes elsewhere."""
        self.nodes = nodes
        self._attach()

    def respace(self) -> None:
        """Spread the nodes of chains evenly, on the same curves, whose edges have grown too unlike each other.

        What pushes a node at an angle to its centreline also slides it along.
        """
        edges = np.linalg.norm(np.diff(self.nodes, axis=0), axis=1)
        moved = self.nodes.copy()
        for first, end in zip(self.first[:-1].tolist(), self.first[1:].tolist(), strict=True):
            own = edges[first : end - 1]
            if own.max() > self.settings.unevenness * own.min() > 0:
                length = np.concatenate([[0.0], np.cumsum(own)])
                curve = CubicSpline(length, self.nodes[first:end])
                moved[first:end] = curve(np.linspace(0.0, length[-1], end - first))
        self.move_to(moved)

    def _bands(self, held: NDArray[np.float64]) -> NDArray[np.float64]:
        """Lower bands, (3, n), of the matrix of the balance: points, bending, tension, and what is held.

        Bending is the integral of the squared curvature, times the rigidity. With one length for all edges of a chain,
        uneven spacing costs as bending does, so that nodes stay evenly spaced.
        """
        bands = np.zeros((3, len(self.nodes)))
        bands[0] += held
        edges = np.linalg.norm(np.diff(self.nodes, axis=0), axis=1)
        same = self.owner[1:] == self.owner[:-1]
        sums = np.bincount(self.owner[1:][same], edges[same], len(self.chains))
        lengths = np.maximum(sums / (np.diff(self.first) - 1), 0.05)
        middle = np.flatnonzero(same[1:] & same[:-1]) + 1
        bending = self.stiffness * self.rigidity[middle] * lengths[self.owner[middle]] ** -3.0
        _add_squares(bands, middle - 1, np.array([1.0, -2.0, 1.0]), bending)
        _add_squares(bands, self.beyond, np.array([-1.0, 1.0]), self.tension)
        for column, factor in ((self.segment, (1 - self.fraction) ** 2), (self.segment + 1, self.fraction**2)):
            bands[0] += np.bincount(column, factor, len(self.nodes))
        bands[1] += np.bincount(self.segment, self.fraction * (1 - self.fraction), len(self.nodes))
        return bands

    def _rigidity(self) -> NDArray[np.float64]:
        """How much more rigid each node is than a root is along its course: more where it emerges."""
        settings, rigidity = self.settings, np.ones(len(self.nodes))
        for chain, first in zip(self.chains, self.first, strict=False):
            if chain.emerges:
                near = np.maximum(1.0 - arc_length(chain.nodes) / settings.emergence_mm, 0.0)
                rigidity[first : first + len(near)] = settings.emergence_rigidity**near
        return rigidity

    def _lead(self) -> None:
        """Hold the nodes of chains with guides weakly on the way that they are led, from their last point on."""
        last = self.segment[np.cumsum(np.bincount(self.of_point)) - 1]
        for rank, chain in enumerate(self.chains):
            if len(chain.guides):
                self.held[last[rank] + 1 : self.first[rank + 1] - 1] = self.settings.guide_weight

    def _tension(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """What pulls the centrelines straight beyond their last point: segments, (t,), and how strongly.

        Without it the direction in which a root leaves the scan, uncertain by the jitter of a few points, would carry
        on through the 10 to 150 mm to its ganglion. Under tension a beam forgets its direction within the square root
        of bending over tension.
        """
        last = self.segment[np.cumsum(np.bincount(self.of_point)) - 1]
        start = np.arange(len(self.nodes) - 1)
        inside = self.owner[1:] == self.owner[:-1]
        beyond = start[inside & (start > last[self.owner[:-1]])]
        lengths = np.linalg.norm(self.nodes[beyond + 1] - self.nodes[beyond], axis=1)
        return beyond, self.stiffness / self.settings.forgetting_mm**2 / np.maximum(lengths, 0.05)

    def _first_segments(self) -> NDArray[np.int64]:
        """The segment of each point on the straight lines that the nodes were spread on."""
        found = []
        for chain, first in zip(self.chains, self.first, strict=False):
            stops = [chain.nodes[:1]] * chain.emerges + [chain.points, chain.guides] + [chain.nodes[-1:]] * chain.ends
            length = arc_length(np.concatenate(stops))
            at = length[int(chain.emerges) :][: len(chain.points)] / length[-1] * (len(chain.nodes) - 1)
            found.append(first + np.minimum(at.astype(np.int64), len(chain.nodes) - 2))
        return np.concatenate(found)

    def _attach(self) -> None:
        """Find the place on its centreline nearest to each point."""
        last = self.first[1:][self.of_point] - 2
        tried = self.segment[:, None] + np.arange(-self.settings.window, self.settings.window + 1)
        tried = np.clip(tried, self.first[self.of_point][:, None], last[:, None])
        along, away = nearest_on_segments(self.points[:, None], self.nodes[tried], self.nodes[tried + 1])
        best = np.argmin(np.linalg.norm(away, axis=2), axis=1)
        row = np.arange(len(best))
        self.segment, self.fraction = tried[row, best], along[row, best]


def _add_squares(
    bands: NDArray[np.float64], first: NDArray[np.int64], stencil: NDArray[np.float64], factors: NDArray[np.float64]
) -> None:
    """Add ``factor * |stencil . x[first:]|**2`` of each row to the lower bands of a symmetric matrix."""
    for row, one in enumerate(stencil):
        for column, other in enumerate(stencil[: row + 1]):
            bands[row - column] += np.bincount(first + column, one * other * factors, bands.shape[1])
