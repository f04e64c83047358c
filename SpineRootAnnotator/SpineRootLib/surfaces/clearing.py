"""Centrelines moved as little as possible until roots keep clear of each other, of the cord and of the dura.

The nodes minimise squared distance to the annotated points plus bending, subject to the clearances, which are
linearised about the present nodes and solved by a penalty active set, again and again until they hold (sequential
quadratic programming). Before, people sculpted intersections away by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from SpineRootLib.frames import Points
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.surfaces.centreline import Bundle, lengths_along
from SpineRootLib.surfaces.contacts import Contacts, neighbour_contacts, together, wall_contacts
from SpineRootLib.surfaces.proximity import Proximity
from SpineRootLib.surfaces.settings import ClearanceSettings


@dataclass(frozen=True, eq=False)
class Walls:
    """What roots keep clear of.

    Parameters
    ----------
    cord : the whole cord.
    dura : the dura's side, without flat caps.
    dura_depth : first and last depth of the side below slice 1, mm.
    """

    planes: SlicePlanes
    cord: Proximity | None = None
    dura: Proximity | None = None
    dura_depth: tuple[float, float] = (-np.inf, np.inf)


# Longer than any root; a number and not infinity, so that it may be multiplied by 0.
_ENDLESS_MM = 1e6
# Nodes over which a root goes from where it was cleared to back where it was.
_RAMP = 4
# Rows of a matrix over the nodes' coordinates, what they shall equal, and how stiffly.
_Equations = tuple[csr_matrix, NDArray[np.float64], NDArray[np.float64]]


@dataclass
class Clearing:
    """Works on the nodes of a bundle.

    Parameters
    ----------
    reach : (n,) per node the radius that the root's surface reaches at most.
    """

    bundle: Bundle
    reach: NDArray[np.float64]
    walls: Walls
    settings: ClearanceSettings
    released: NDArray[np.bool_] = field(init=False)
    slopes: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self.released = np.zeros(len(self.bundle.nodes), dtype=bool)
        self.slopes = self._emergence_slopes()

    def run(self) -> None:
        """Move the nodes; what cannot be cleared within the limit is released, so that it stays as annotated."""
        free = self.bundle.nodes.copy()
        for _ in range(self.settings.releases):
            self._converge()
            self._settle()
            excess = self.bundle.residual() / self._limit
            tight = self.bundle.bend_radii() < self.settings.tightest_bend * self.reach
            if excess.max(initial=0.0) <= 1.0 and not tight.any():
                return
            self.bundle.rigidity[tight] *= self.settings.stiffening
            self.bundle.weights[excess > 1.0] *= self.settings.firmness
            self._release(excess > self.settings.hopeless)
        self._release(excess > 1.0)
        self._converge()
        self._return(free)
        self._settle()
        self._unbend()

    def _return(self, free: Points) -> None:
        """Put the nodes back, with a ramp to either side, whose points are too far away all the same."""
        beside = self.bundle.segment[self.bundle.residual() > self._limit]
        share = np.zeros(len(free))
        for step in range(-_RAMP, _RAMP + 1):
            ramp = 1.0 - max(0, abs(step) - 1) / _RAMP
            near = np.clip(np.concatenate([beside, beside + 1]) + step, 0, len(free) - 1)
            near = near[self.bundle.owner[near] == self.bundle.owner[np.concatenate([beside, beside + 1])]]
            np.maximum.at(share, near, ramp)
        self.bundle.move_to(self.bundle.nodes + share[:, None] * (free - self.bundle.nodes))

    def _release(self, points: NDArray[np.bool_]) -> None:
        """Give up all contacts of the nodes beside these points."""
        beside = self.bundle.segment[points]
        self.released[beside] = True
        self.released[beside + 1] = True

    def _converge(self) -> None:
        for step in range(self.settings.iterations):
            contacts = self._kept(together(list(self.present())))
            worst = float((contacts.bound - contacts.gap).max(initial=0.0))
            if step > 1 and worst < self.settings.tolerance_mm:
                break
            self._solve(contacts)

    def _solve(self, contacts: Contacts) -> None:
        """One quadratic programme: contacts that pull instead of push are dropped, violated ones added."""
        nodes = self.bundle.nodes
        rows = contacts.rows(len(nodes))
        now = rows @ nodes.ravel()
        active = now < contacts.bound + self.settings.tolerance_mm
        held, places, firm = self._emergence_rows()
        for _ in range(self.settings.active_sets):
            bounds = np.concatenate([contacts.bound[active], places])
            stiffness = np.concatenate([np.full(int(active.sum()), self.settings.stiffness), firm])
            self.bundle.solve(csr_matrix(vstack([rows[active], held])), bounds, stiffness)
            gap = rows @ self.bundle.nodes.ravel() - contacts.bound
            wanted = gap < np.where(active, 0.0, -self.settings.tolerance_mm / 2)
            if np.array_equal(wanted, active):
                break
            active = wanted

    def _emergence_rows(self) -> _Equations:
        """Equations that hold each emergence on the cord's surface and on its level."""
        starts = self.bundle.starts
        if self.walls.cord is None:
            return _equations(starts[:0], np.empty((0, 3)), np.empty((0, 3)), self.bundle, 1.0)
        _, place, normal = self.walls.cord.nearest(self.bundle.nodes[starts])
        down = np.broadcast_to(self.walls.planes.down, place.shape)
        directions, places = np.concatenate([normal, down]), np.concatenate([place, self.bundle.anchors[starts]])
        return _equations(np.tile(starts, 2), directions, places, self.bundle, self.settings.stiffness)

    def _settle(self) -> None:
        """Put the emergences exactly on the cord's surface."""
        starts = self.bundle.starts
        if self.walls.cord is not None and len(starts):
            self.bundle.nodes[starts] = self.walls.cord.nearest(self.bundle.nodes[starts])[1]

    def _unbend(self) -> None:
        """Ease what still turns so sharply that the tube would touch itself."""
        held = self.bundle.held > 0
        for _ in range(self.settings.easings):
            tight = np.flatnonzero((self.bundle.bend_radii() < 1.1 * self.reach) & ~held)
            if not len(tight):
                break
            nodes = self.bundle.nodes
            nodes[tight] = (nodes[tight - 1] + 2 * nodes[tight] + nodes[tight + 1]) / 4

    def _neighbours(self) -> Contacts:
        reach = self.reach + (self.settings.clearance_mm + self.settings.margin_mm) / 2
        return neighbour_contacts(self.bundle.nodes, self.bundle.owner, reach, self.settings.look_mm)

    def _kept(self, contacts: Contacts) -> Contacts:
        touched = self.released[contacts.one] | (self.released[contacts.others] & (contacts.weights > 0)).any(axis=1)
        return contacts.chosen(~touched)

    def present(self) -> tuple[Contacts, Contacts, Contacts]:
        """All contacts as the nodes lie now: between roots, with the cord, with the dura."""
        return self._neighbours(), self._cord_contacts(), self._dura_contacts()

    def _cord_contacts(self) -> Contacts:
        """Full clearance from the cord, but near the emergence only what a root leaving it at an angle can have."""
        nodes, cord = self.bundle.nodes, self.walls.cord
        full = self.reach + self.settings.clearance_mm + self.settings.margin_mm
        wanted = np.minimum(full, self.slopes[self.bundle.owner] * self._from_emergence())
        return _against(cord, nodes, wanted, self.settings.look_mm, np.ones(len(nodes)))

    def _emergence_slopes(self) -> NDArray[np.float64]:
        """Per root the steepest way off the cord that its points allow."""
        least, most = self.settings.emergence_slope
        slopes = np.full(len(self.bundle.chains), most)
        if self.walls.cord is None or not len(self.bundle.starts):
            return slopes
        length = self.bundle.places(self._from_emergence())
        reach = self.bundle.places(self.reach)
        near = np.flatnonzero((length > 0.5) & (length < reach / least))
        allowed = self.walls.cord.nearest(self.bundle.points[near])[0] + self._limit - self.settings.margin_mm
        wanted = np.where(allowed < reach[near] + self.settings.clearance_mm, allowed / length[near], most)
        np.minimum.at(slopes, self.bundle.of_point[near], wanted)
        return np.maximum(slopes, least)

    @property
    def _limit(self) -> float:
        return self.bundle.settings.point_limit_mm + self.settings.limit_mm

    def _from_emergence(self) -> NDArray[np.float64]:
        """Length from the cord's surface to each node, mm; endless on roots that do not come from it."""
        parts = self.bundle.parts(self.bundle.nodes)
        lengths = [
            lengths_along(part) if chain.emerges else np.full(len(part), _ENDLESS_MM)
            for part, chain in zip(parts, self.bundle.chains, strict=True)
        ]
        return np.concatenate(lengths)

    def _dura_contacts(self) -> Contacts:
        """Before its exit a root keeps inside the dura, after it outside; at the exit it passes once."""
        nodes, dura = self.bundle.nodes, self.walls.dura
        if dura is None:
            return _against(None, nodes, self.reach, 0.0, np.zeros(len(nodes)))
        along = self._past_exit()
        level = self._beside_dura(nodes)
        full = self.reach + self.settings.clearance_mm + self.settings.margin_mm
        wanted = np.minimum(full, self.settings.exit_slope * np.abs(along))
        return _against(dura, nodes, wanted, self.settings.look_mm, np.where(level, np.sign(along), 0.0))

    def _beside_dura(self, nodes: Points) -> NDArray[np.bool_]:
        """Which nodes are neither above nor below the dura's side."""
        depth = self.walls.planes.depth(nodes)
        first, last = self.walls.dura_depth
        return np.asarray((depth >= first) & (depth <= last))

    def dura_distance(self, nodes: Points) -> NDArray[np.float64]:
        """Signed distance to the dura's side, negative inside; infinite above and below it."""
        level = self._beside_dura(nodes)
        signed = np.full(len(nodes), np.inf)
        if self.walls.dura is not None:
            signed[level] = self.walls.dura.nearest(nodes[level])[0]
        return signed

    def exits(self) -> list[Exit | None]:
        """Per root where it leaves the dura, None where it does not."""
        nodes = self.bundle.nodes
        below = self.walls.planes.depth(nodes) - self.walls.dura_depth[1]
        columns = (self.bundle.parts(values) for values in (nodes, self.dura_distance(nodes), below))
        return [find_exit(*values) for values in zip(*columns, strict=True)]

    def _past_exit(self) -> NDArray[np.float64]:
        """Length from the exit to each node, negative before it; endless where the exit is the open end."""
        found = []
        for nodes, leaves in zip(self.bundle.parts(self.bundle.nodes), self.exits(), strict=True):
            if leaves is None:
                found.append(np.full(len(nodes), -np.inf))
            else:
                along = lengths_along(nodes) - leaves.length
                found.append(along if leaves.through_side else np.where(along < 0, -np.inf, np.inf))
        return np.concatenate(found)


def _equations(
    nodes: NDArray[np.int64], directions: NDArray[np.float64], places: Points, bundle: Bundle, stiffness: float
) -> _Equations:
    """Each node lies, along its direction, where its place does."""
    count = len(nodes)
    columns = 3 * nodes[:, None] + np.arange(3)
    row = np.repeat(np.arange(count), 3)
    rows = csr_matrix((directions.ravel(), (row, columns.ravel())), shape=(count, bundle.nodes.size))
    return rows, np.einsum("kd,kd->k", directions, places), np.full(count, stiffness)


@dataclass(frozen=True, eq=False)
class Exit:
    """Where a root leaves the dura.

    Parameters
    ----------
    position : (3,) RAS mm; `length` along the root to there, mm.
    through_side : through the dura's side, or else out of its open end.
    """

    position: NDArray[np.float64]
    length: float
    through_side: bool


def find_exit(nodes: Points, signed: NDArray[np.float64], below: NDArray[np.float64]) -> Exit | None:
    """Where a root last leaves the dura; None if it does not.

    Parameters
    ----------
    nodes : (n, 3) of the root.
    signed : (n,) their distance from the dura's side, negative inside, infinite above and below it.
    below : (n,) how far they lie below the dura's lower end.
    """
    inside = np.flatnonzero(signed < 0)
    if not len(inside) or inside[-1] == len(signed) - 1:
        return None
    last = int(inside[-1])
    through_side = bool(np.isfinite(signed[last + 1]))
    passed = signed if through_side else below
    share = float(np.clip(passed[last] / (passed[last] - passed[last + 1]), 0.0, 1.0))
    position = (1 - share) * nodes[last] + share * nodes[last + 1]
    length = lengths_along(nodes)
    return Exit(position, float((1 - share) * length[last] + share * length[last + 1]), through_side)


def _against(
    wall: Proximity | None, nodes: Points, wanted: NDArray[np.float64], look: float, side: NDArray[np.float64]
) -> Contacts:
    """Contacts of nodes with a wall, on its outer side (1), its inner side (-1), or none (0); `side` is (n,)."""
    if wall is None:
        return wall_contacts(np.empty(0, np.int64), nodes, np.empty((0, 3)), np.empty((0, 3)), np.empty(0))
    index = np.flatnonzero((side != 0) & (wanted > 0))
    index = index[wall.vertex_distance(nodes[index]) < wanted[index] + look + 1.0]
    signed, place, normal = wall.nearest(nodes[index])
    close = side[index] * signed < wanted[index] + look
    index, place, normal = index[close], place[close], normal[close]
    return wall_contacts(index, nodes, place, side[index, None] * normal, wanted[index])
