"""What roots keep clear of: each other, the cord but where they leave it, the dura but where they pass it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.planes import SlicePlanes
from SpineRootLib.surfaces.centreline import Bundle, lengths_along
from SpineRootLib.surfaces.contacts import (
    CORD_PART,
    DURA_PART,
    Contacts,
    Nearness,
    nearness,
    neighbour_contacts,
    together,
    wall_contacts,
)
from SpineRootLib.surfaces.exits import Exit, find_exit
from SpineRootLib.surfaces.proximity import Proximity
from SpineRootLib.surfaces.settings import ClearanceSettings

# Longer than any root; a number and not infinity, so that it may be multiplied by 0.
_ENDLESS_MM = 1e6


@dataclass(frozen=True, eq=False)
class Walls:
    """Cord and dura.

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


@dataclass
class Obstacles:
    """The contacts of a bundle as its nodes lie now.

    Parameters
    ----------
    reach : (n,) per node the radius that the root's surface reaches at most.
    """

    bundle: Bundle
    reach: NDArray[np.float64]
    walls: Walls
    settings: ClearanceSettings
    slopes: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self.slopes = self._emergence_slopes()

    @property
    def full(self) -> NDArray[np.float64]:
        """From a node to a wall, at least, (n,) mm."""
        return self.reach + self.settings.clearance_mm + self.settings.margin_mm

    def contacts(self) -> Contacts:
        """With the neighbours, with the cord, with the dura."""
        reach = self.reach + (self.settings.clearance_mm + self.settings.margin_mm) / 2
        roots = neighbour_contacts(self.bundle.nodes, self.bundle.owner, reach, self.settings.look_mm)
        return together([roots, self._cord_contacts(), self._dura_contacts()])

    def exits(self) -> list[Exit | None]:
        """Per root where it leaves the dura, None where it does not."""
        dura = self._near_dura()
        return self._exits(np.full(len(self.bundle.nodes), np.inf) if dura is None else dura.signed)

    def ease(self, broken: Contacts) -> None:
        """Let roots leave the cord less steeply whose contacts with it near the emergence do not hold."""
        wanted = self.slopes[self.bundle.owner] * self._from_emergence()
        roots = self.bundle.owner[broken.one]
        near = (broken.partner == CORD_PART) & (wanted[broken.one] < 2 * self.full[broken.one])
        self.slopes[np.unique(roots[near])] *= self.settings.easing
        self.slopes = np.maximum(self.slopes, self.settings.emergence_slope[0])

    def _cord_contacts(self) -> Contacts:
        """Full clearance from the cord, but near the emergence only what a root leaving it at an angle can have."""
        nodes, cord, look = self.bundle.nodes, self.walls.cord, self.settings.look_mm
        wanted = np.minimum(self.full, self.slopes[self.bundle.owner] * self._from_emergence())
        everywhere = np.ones(len(nodes))
        near = None if cord is None else nearness(cord, nodes, self.full.max() + look, everywhere > 0)
        return wall_contacts(near, nodes, wanted, everywhere, look, CORD_PART)

    def _emergence_slopes(self) -> NDArray[np.float64]:
        """Per root the steepest way off the cord that its points allow."""
        least, most = self.settings.emergence_slope
        slopes = np.full(len(self.bundle.chains), most)
        if self.walls.cord is None or not len(self.bundle.starts):
            return slopes
        length = self.bundle.places(self._from_emergence())
        reach = self.bundle.places(self.reach)
        near = np.flatnonzero((length > 0.5) & (length < reach / least))
        limit = self.bundle.settings.limits[-1][0] - self.settings.emergence_room_mm
        allowed = self.walls.cord.nearest(self.bundle.points[near])[0] + limit
        wanted = np.where(allowed < reach[near] + self.settings.clearance_mm, allowed / length[near], most)
        np.minimum.at(slopes, self.bundle.of_point[near], wanted)
        return np.maximum(slopes, least)

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
        dura = self._near_dura()
        signed = np.full(len(self.bundle.nodes), np.inf) if dura is None else dura.signed
        along = self._past_exit(signed)
        wanted = np.minimum(self.full, self.settings.exit_slope * np.abs(along))
        side = np.where(np.isfinite(signed), np.sign(along), 0.0)
        return wall_contacts(dura, self.bundle.nodes, wanted, side, self.settings.look_mm, DURA_PART)

    def _near_dura(self) -> Nearness | None:
        """The dura's side to the nodes that are neither above nor below it."""
        if self.walls.dura is None:
            return None
        depth = self.walls.planes.depth(self.bundle.nodes)
        first, last = self.walls.dura_depth
        reach = self.full.max() + self.settings.look_mm
        return nearness(self.walls.dura, self.bundle.nodes, reach, (depth >= first) & (depth <= last))

    def _exits(self, signed: NDArray[np.float64]) -> list[Exit | None]:
        nodes = self.bundle.nodes
        below = self.walls.planes.depth(nodes) - self.walls.dura_depth[1]
        columns = (self.bundle.parts(values) for values in (nodes, signed, below))
        return [find_exit(*values) for values in zip(*columns, strict=True)]

    def _past_exit(self, signed: NDArray[np.float64]) -> NDArray[np.float64]:
        """Length from the exit to each node, negative before it; endless where the exit is the open end."""
        found = []
        for nodes, leaves in zip(self.bundle.parts(self.bundle.nodes), self._exits(signed), strict=True):
            if leaves is None:
                found.append(np.full(len(nodes), -np.inf))
            else:
                along = lengths_along(nodes) - leaves.length
                found.append(along if leaves.through_side else np.where(along < 0, -np.inf, np.inf))
        return np.concatenate(found)
