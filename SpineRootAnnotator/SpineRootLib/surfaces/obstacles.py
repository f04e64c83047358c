"""What roots keep clear of: each other, the cord but where they leave it, the dura but where they pass it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.curves import arc_length
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.surfaces.centreline import ChainSystem
from SpineRootLib.surfaces.contacts import (
    CORD_PART,
    DURA_PART,
    Contacts,
    Places,
    neighbour_contacts,
    places_near,
    together,
)
from SpineRootLib.surfaces.emergences import ENDLESS_MM, Emergences
from SpineRootLib.surfaces.exits import Exit, find_exit
from SpineRootLib.surfaces.proximity import Proximity
from SpineRootLib.surfaces.separation_settings import ClearanceSettings
from SpineRootLib.surfaces.settings import ModelSettings


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
    """The contacts of a system as its nodes lie now.

    Parameters
    ----------
    reach : (n,) per node the radius that the root's surface reaches at most.
    """

    system: ChainSystem
    reach: NDArray[np.float64]
    walls: Walls
    settings: ModelSettings
    emergences: Emergences = field(init=False)

    def __post_init__(self) -> None:
        self.emergences = Emergences(
            self.system, self.walls.cord, self.reach, self.settings.emergences, self.clearance.clearance_mm
        )

    @property
    def clearance(self) -> ClearanceSettings:
        """How far surfaces keep apart."""
        return self.settings.clearance

    @property
    def full(self) -> NDArray[np.float64]:
        """From a node to a wall, at least, (n,) mm."""
        return self.reach + self.clearance.clearance_mm + self.clearance.margin_mm

    def contacts(self) -> Contacts:
        """With the neighbours, with the cord, with the dura; roots that lie off the cord are kept off from now on."""
        settings = self.clearance
        reach = self.reach + (settings.clearance_mm + settings.margin_mm) / 2
        roots = neighbour_contacts(self.system.nodes, self.system.owner, reach, settings.look_mm, settings.margin_mm)
        return together([roots, self._cord_contacts(), self._dura_contacts()])

    def exits(self) -> list[Exit | None]:
        """Per root where it leaves the dura, None where it does not."""
        return self._exits(self.near_dura().signed)

    def joined(self) -> NDArray[np.float64]:
        """Per root how long it stays joined to the cord from its emergence on, mm."""
        return self.emergences.come_off(self.near_cord().signed[: len(self.system.nodes)])

    def exit_span(
        self, signed: NDArray[np.float64], past: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Per root from where to where its surface passes the dura's side, mm along from its exit; 0 where it does not.

        No longer than a root that leaves at the least slope needs: what pokes out farther off is no exit.

        Parameters
        ----------
        signed, past : (n,) distances of the nodes from the dura, and lengths from the exit.
        """
        begin, end = np.zeros(len(self.system.chains)), np.zeros(len(self.system.chains))
        longest = self.reach[self.system.first[:-1]] / self.settings.exits.least_slope
        parts = self.system.parts(past), self.system.parts(np.abs(signed) - self.reach)
        for rank, (along, apart) in enumerate(zip(*parts, strict=True)):
            if np.abs(along).max() < ENDLESS_MM:
                begin[rank] = along[(apart >= 0) & (along < 0)].max(initial=-longest[rank])
                end[rank] = along[(apart >= 0) & (along > 0)].min(initial=longest[rank])
        return begin, end

    def ease(self, broken: Contacts) -> bool:
        """Let roots leave the cord less steeply whose contacts with it near the emergence do not hold; whether any."""
        roots = self.system.owner[broken.one]
        rise = self.emergences.slopes[roots] * self.emergences.lengths()[broken.one]
        near = (broken.partner == CORD_PART) & (rise < 2 * self.full[broken.one])
        return self.emergences.ease(np.unique(roots[near]))

    def near_cord(self) -> Places:
        """The cord as it lies to the nodes."""
        return self._near(self.walls.cord, np.ones(len(self.system.nodes), dtype=bool))

    def near_dura(self) -> Places:
        """The dura's side as it lies to the nodes that are neither above nor below it."""
        depth = self.walls.planes.depth(self.system.nodes)
        first, last = self.walls.dura_depth
        return self._near(self.walls.dura, (depth >= first) & (depth <= last))

    def _near(self, wall: Proximity | None, which: NDArray[np.bool_]) -> Places:
        full, settings = float(self.full.max()), self.clearance
        nodes, owner = self.system.nodes, self.system.owner
        return places_near(wall, nodes, owner, full + settings.look_mm, full + settings.close_mm, which)

    def _cord_contacts(self) -> Contacts:
        """Full clearance from the cord, but near the emergence only what a root leaving it at an angle can have."""
        near, emergences, nodes = self.near_cord(), self.emergences, self.system.nodes
        owner, lengths = self.system.owner[near.node], near.of(emergences.lengths())
        emergences.part(near.signed[: len(nodes)])
        wanted = np.minimum(near.of(self.full), emergences.least(lengths, owner))
        outside = (lengths > 0).astype(np.float64)
        return near.contacts(nodes, wanted, self._least(near, wanted), outside, self.clearance.look_mm, CORD_PART)

    def _dura_contacts(self) -> Contacts:
        """Before its exit a root keeps inside the dura, after it outside; at the exit it passes once."""
        near, nodes = self.near_dura(), self.system.nodes
        along = near.of(self.past_exit(near.signed[: len(nodes)]))
        wanted = np.minimum(near.of(self.full), self.settings.exits.slope * np.abs(along))
        least = self._least(near, wanted)
        return near.contacts(nodes, wanted, least, np.sign(along), self.clearance.look_mm, DURA_PART)

    def _least(self, near: Places, wanted: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far places lie at least from a wall, (k,) mm, but where the root is joined to it."""
        return np.where(wanted < near.of(self.reach), -np.inf, wanted - self.clearance.margin_mm)

    def _exits(self, signed: NDArray[np.float64]) -> list[Exit | None]:
        """The exits, at the nodes' distances from the dura's side, (n,) or more."""
        nodes = self.system.nodes
        below = self.walls.planes.depth(nodes) - self.walls.dura_depth[1]
        columns = (self.system.parts(values) for values in (nodes, signed[: len(nodes)], below))
        return [find_exit(*values) for values in zip(*columns, strict=True)]

    def past_exit(self, signed: NDArray[np.float64]) -> NDArray[np.float64]:
        """Length from the exit to each node, (n,), negative before it; endless where the exit is the open end."""
        found = []
        for nodes, leaves in zip(self.system.parts(self.system.nodes), self._exits(signed), strict=True):
            if leaves is None:
                found.append(np.full(len(nodes), -ENDLESS_MM))
            else:
                along = arc_length(nodes) - leaves.length
                found.append(along if leaves.through_side else np.where(along < 0, -ENDLESS_MM, ENDLESS_MM))
        return np.concatenate(found)
