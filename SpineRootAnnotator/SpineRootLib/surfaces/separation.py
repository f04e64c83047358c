"""Centrelines moved as little as possible until roots keep clear of each other, of the cord and of the dura.

The nodes minimise squared distance to the annotated points plus bending, subject to the clearances and to how far a
point may lie from its centreline, all linearised about the present nodes, again and again until they hold (sequential
quadratic programming). Before, people sculpted intersections away by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from SpineRootLib.curves import arc_length
from SpineRootLib.frames import Points
from SpineRootLib.surfaces.centreline import subdivided
from SpineRootLib.surfaces.contacts import WALLS, Contacts
from SpineRootLib.surfaces.obstacles import Obstacles
from SpineRootLib.surfaces.quadratic_program import Constraints, all_of

# Where the keys of the rows that hold the emergences begin: beyond those of all contacts.
_EMERGENCES = 1 << 60


@dataclass
class Separation:
    """Moves the nodes of a system off its obstacles."""

    obstacles: Obstacles
    released: NDArray[np.bool_] = field(init=False)
    solved: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.system, settings = self.obstacles.system, self.obstacles.settings
        self.settings, self.bends, self._margin_mm = settings.separation, settings.bends, settings.clearance.margin_mm
        # by node and partner; the last columns, reached by the walls' negative numbers, are theirs
        self.released = np.zeros((len(self.system.nodes), len(self.system.chains) + WALLS), dtype=bool)

    def run(self) -> None:
        """Move the nodes; contacts that cannot be met within the points' limits are given up."""
        for _ in range(self.settings.rounds):
            contacts = self._converge()
            tight = self.system.bend_radii() < self.bends.tightest * self.obstacles.reach
            broken = contacts.broken
            hopeless = broken > self.settings.hopeless_mm
            eased = self.obstacles.ease(contacts.chosen(broken > 0))
            astray = self.system.beyond_limit() > self.settings.astray_mm
            if not (eased or hopeless.any() or tight.any() or astray):
                break
            self.released[contacts.one[hopeless], contacts.partner[hopeless]] = True
            self.system.rigidity[self._beside(tight, 1)] *= self.bends.stiffening
        self._settle()
        self.unbend()

    def _converge(self) -> Contacts:
        """Solve until the contacts hold or nothing changes; those that are kept, as they are then."""
        settings = self.settings
        contacts, last, best, stalls = self._kept(), np.inf, np.inf, 0
        for step in range(settings.iterations):
            change = self._step(contacts)
            if step < settings.full_steps:
                self.system.respace()
            contacts = self._kept()
            worst = self._worst(contacts)
            if step and min(worst, change) < settings.tolerance_mm:
                break
            if step >= settings.full_steps:
                if worst > max(settings.hopeless_mm, settings.progress * last):
                    break
                self.obstacles.ease(contacts.chosen(contacts.broken > 0))
                stalls = stalls + 1 if worst > settings.stalled_share * best else 0
                if stalls >= settings.stalled_steps:
                    break
            last, best = worst, min(best, worst)
        return contacts

    def _step(self, contacts: Contacts) -> float:
        """Move the nodes to where the contacts hold, or part of the way; how far the farthest had to go, mm."""
        held, before = self.system.held.copy(), self.system.nodes
        held[self.system.starts] = self.system.settings.emergence_weight
        rows = [self.system.limits(), contacts.constraints(self.settings.force), self._emergences()]
        self.system.solve(all_of(rows), held)
        change = self.system.nodes - before
        self.solved += 1
        if self.solved > self.settings.full_steps:
            self.system.move_to(before + self.settings.full_steps / self.solved * change)
        return float(np.abs(change).max())

    def _worst(self, contacts: Contacts) -> float:
        """By how much what matters most does not hold, mm; 0 where all does."""
        beyond = self.system.beyond_limit()
        return max(float(contacts.broken.max(initial=0.0)), beyond if beyond > self._margin_mm else 0.0)

    def _kept(self) -> Contacts:
        contacts = self.obstacles.contacts()
        return contacts.chosen(~self.released[contacts.one, contacts.partner])

    def _emergences(self) -> Constraints:
        """Equations that hold each emergence on the cord's surface and on its level."""
        starts, walls = self.system.starts, self.obstacles.walls
        if walls.cord is None:
            starts = starts[:0]
            place = normal = np.empty((0, 3))
        else:
            _, place, normal = walls.cord.nearest(self.system.nodes[starts])
        down = np.broadcast_to(walls.planes.down, place.shape)
        directions, places = np.concatenate([normal, down]), np.concatenate([place, self.system.anchors[starts]])
        count = len(directions)
        where = np.repeat(np.tile(starts, 2)[:, None], 4, axis=1)
        weights = np.tile([1.0, 0.0, 0.0, 0.0], (count, 1))
        bound = np.einsum("kd,kd->k", directions, places)
        force = np.full(count, self.settings.emergence_force)
        return Constraints(where, weights, directions, bound, -force, force, _EMERGENCES + np.arange(count))

    def _settle(self) -> None:
        """Put the emergences exactly on the cord's surface."""
        starts, cord = self.system.starts, self.obstacles.walls.cord
        if cord is not None and len(starts):
            self.system.nodes[starts] = cord.nearest(self.system.nodes[starts])[1]

    def unbend(self) -> None:
        """Ease what still turns so sharply that the tube would touch itself.

        At first the neighbours follow a node as far as it draws back, so that a loop becomes wider and not shorter;
        what folds still is smoothed, and some nodes beside it, until it does not.
        """
        held, bends = self.system.held >= self.system.settings.held_weight, self.bends
        for step in range(bends.widenings + bends.shortenings):
            nodes = self.system.nodes
            tight = self._folded() & ~held
            if not tight.any():
                break
            lead = np.zeros_like(nodes)
            lead[1:-1] = (nodes[1:-1] - (nodes[:-2] + nodes[2:]) / 2) / 4
            lead[self.system.first[:-1]] = lead[self.system.first[1:] - 1] = 0.0
            if step < bends.widenings:
                moved = np.where(tight[:, None], -lead, 0.0)
                beside = np.where(tight[:, None], lead, 0.0)
                moved[:-1] += beside[1:]
                moved[1:] += beside[:-1]
            else:
                moved = np.where(self._beside(tight, bends.smoothed_beside)[:, None], -2 * lead, 0.0)
            moved[held] = 0.0
            self.system.move_to(nodes + moved)

    def _beside(self, which: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
        """Nodes, (n,), at most so many from those marked, on the same root."""
        system = self.system
        index = np.flatnonzero(which)
        first, last = system.first[system.owner[index]], system.first[system.owner[index] + 1] - 1
        around = index[:, None] + np.arange(-reach, reach + 1)
        found = np.zeros(len(which), dtype=bool)
        found[np.clip(around, first[:, None], last[:, None])] = True
        return found

    def _folded(self) -> NDArray[np.bool_]:
        """Nodes, (n,), at which the tube would touch itself: where it turns too sharply, and all along a loop."""
        system, reach = self.system, self.obstacles.reach
        folded = system.bend_radii() < self.bends.tightest * reach
        for chain, part in enumerate(system.parts(system.nodes)):
            begin = system.first[chain]
            for first, last in self._loops(part, float(reach[begin])):
                folded[begin + first : begin + last + 1] = True
        return np.asarray(folded)

    def _loops(self, nodes: Points, reach: float) -> list[tuple[int, int]]:
        """The first and last node of each piece of a centreline, (n, 3), that comes back beside itself.

        Segments are longer than a root is thick: places between the nodes are compared as well, but those beside one
        sharp turn, which `bend_radii` judges.
        """
        bends = self.bends
        places = subdivided(nodes, bends.loop_between)
        length = arc_length(places)
        pairs = np.sort(cKDTree(places).query_pairs(bends.loop_near * reach, output_type="ndarray"), axis=1)
        at_nodes = (pairs % bends.loop_between == 0).all(axis=1)
        least = np.where(at_nodes, bends.loop_along, bends.loop_along_between) * reach
        pairs = pairs[length[pairs[:, 1]] - length[pairs[:, 0]] > least]
        return [(first // bends.loop_between, -(-last // bends.loop_between)) for first, last in pairs.tolist()]
