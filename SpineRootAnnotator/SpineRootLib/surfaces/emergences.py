"""How roots come off the cord: how long they stay joined to it, and from where on they keep clear of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.curves import arc_length
from SpineRootLib.surfaces.centreline import ChainSystem
from SpineRootLib.surfaces.proximity import Proximity
from SpineRootLib.surfaces.separation_settings import EmergenceSettings

# Longer than any root; a number and not infinity, so that it may be multiplied by 0.
ENDLESS_MM = 1e6


@dataclass
class Emergences:
    """The emergences of a system as its nodes lie now.

    A root rises from the cord by its slope, over its length from the emergence. The slope is the steepest that the
    root's points allow. Where that is the steepest of all, the root may come off sooner, and keeps clear from there on;
    where its points lie so deep that it is less, the root stays joined until it has risen.

    Parameters
    ----------
    reach : (n,) per node the radius that the root's surface reaches at most.
    clearance_mm : that a root keeps from the cord where it has come off it.
    """

    system: ChainSystem
    cord: Proximity | None
    reach: NDArray[np.float64]
    settings: EmergenceSettings
    clearance_mm: float
    slopes: NDArray[np.float64] = field(init=False)
    parted: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self.slopes = self._steepest()
        self.parted = np.full(len(self.slopes), ENDLESS_MM)

    def lengths(self) -> NDArray[np.float64]:
        """Length from the emergence to each node, (n,) mm; endless on roots that do not come from the cord."""
        parts = self.system.parts(self.system.nodes)
        lengths = [
            arc_length(part) if chain.emerges else np.full(len(part), ENDLESS_MM)
            for part, chain in zip(parts, self.system.chains, strict=True)
        ]
        return np.concatenate(lengths)

    def ease(self, roots: NDArray[np.int64]) -> bool:
        """Let roots, by their ranks, come off less steeply; whether any still can."""
        before = self.slopes[roots]
        self.slopes[roots] = np.maximum(before * self.settings.easing, self.settings.slopes[0])
        return bool(np.any(self.slopes[roots] < before))

    def part(self, signed: NDArray[np.float64]) -> None:
        """Let roots keep off the cord from where they have come off it, at the nodes' distances, (n,), from it.

        A root that has once come off sooner does not join the cord again, or it would go to and fro.
        """
        self.parted = np.minimum(self.parted, self.come_off(signed))

    def least(self, lengths: NDArray[np.float64], owner: NDArray[np.int64]) -> NDArray[np.float64]:
        """How far from the cord places lie at least, (k,) mm, until they keep clear of it.

        Parameters
        ----------
        lengths, owner : (k,) from the emergence, and the root of each.
        """
        reach = self.reach[self.system.first[:-1]]
        shallow = self.slopes < self.settings.slopes[1]
        off = np.where(shallow, np.maximum(self.parted, self.settings.risen * reach / self.slopes), self.parted)
        ramp = self.slopes[owner] * lengths
        parting = reach[owner] + self.settings.parting_slope * (lengths - off[owner])
        return np.where(lengths > off[owner], np.maximum(ramp, parting), ramp)

    def come_off(self, signed: NDArray[np.float64]) -> NDArray[np.float64]:
        """Per root the length at which its surface first lies off the cord, mm; endless where it never does.

        Parameters
        ----------
        signed : (n,) of the nodes, from the cord.
        """
        lengths, above = self.system.parts(self.lengths()), self.system.parts(signed - self.reach)
        emerges = [chain.emerges for chain in self.system.chains]
        return np.array([_first_above(*each) for each in zip(lengths, above, emerges, strict=True)])

    def longest(self) -> NDArray[np.float64]:
        """Per root the longest that it may stay joined, mm."""
        return self.reach[self.system.first[:-1]] / self.settings.slopes[0]

    def _steepest(self) -> NDArray[np.float64]:
        """Per root the steepest way off the cord that its points allow."""
        least, most = self.settings.slopes
        slopes = np.full(len(self.system.chains), most)
        if self.cord is None or not len(self.system.starts):
            return slopes
        length, reach = self.system.places(self.lengths()), self.system.places(self.reach)
        near = np.flatnonzero((length > self.settings.unsaid_mm) & (length < reach / least))
        limit = self.system.settings.utmost_mm - self.settings.room_mm
        allowed = self.cord.nearest(self.system.points[near])[0] + limit
        wanted = np.where(allowed < reach[near] + self.clearance_mm, allowed / length[near], most)
        np.minimum.at(slopes, self.system.of_point[near], wanted)
        return np.maximum(slopes, least)


def _first_above(lengths: NDArray[np.float64], above: NDArray[np.float64], emerges: bool) -> float:
    """The length at which values, (n,), first become positive, straight between nodes."""
    if not emerges:
        return 0.0
    free = np.flatnonzero(above[1:] > 0) + 1
    if not len(free):
        return ENDLESS_MM
    node = int(free[0])
    share = np.clip(above[node] / max(above[node] - above[node - 1], 1e-9), 0.0, 1.0)
    return float(lengths[node] - share * (lengths[node] - lengths[node - 1]))
