"""Roots flattened where a round tube does not fit between its neighbours and the walls: their areas are kept.

About each node a root may fill its own cell: the half-spaces that part it from places on other roots, each in
proportion to the radii (a power diagram's planes, Aurenhammer, 1987), and what the walls leave. In the cell its
cross-section reaches as far as a circle, but no farther than the cell; the circle is widened until the area is that
of the round root.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from SpineRootLib.surfaces.centreline import subdivided
from SpineRootLib.surfaces.conflicts import at_dura, off_cord
from SpineRootLib.surfaces.obstacles import Obstacles
from SpineRootLib.surfaces.proximity import Proximity
from SpineRootLib.surfaces.separation_settings import FlatteningSettings
from SpineRootLib.surfaces.tube import corner_reach, ring_directions

# a cell that is nearer than the round section by less is rounding
_TOUCHING_MM = 1e-3
_COINCIDENT_MM = 1e-6


class Flattening:
    """The cross-sections of all roots of a system.

    Parameters
    ----------
    radius : (n,) per node, mm, of the round section whose area is kept.
    sides : corners of a cross-section.
    """

    def __init__(self, obstacles: Obstacles, radius: NDArray[np.float64], sides: int) -> None:
        self._obstacles, self._sides = obstacles, sides
        self._settings: FlatteningSettings = obstacles.settings.flattening
        self._nodes, self._owner = obstacles.system.nodes, obstacles.system.owner
        self._radius, self._round = radius, radius * corner_reach(sides)
        self._least = obstacles.clearance.clearance_mm
        self._walls = self._sides_of_walls()

    def reaches(self) -> NDArray[np.float64]:
        """From each node to the corners of its section, (n, sides) mm."""
        settings = self._settings
        found = np.repeat(self._round[:, None], self._sides, axis=1)
        if not settings.flatten:
            return found
        which = self._pressed()
        index = np.flatnonzero(which)
        if not len(index):
            return found
        parts = [ring_directions(part, self._sides) for part in self._obstacles.system.parts(self._nodes)]
        self._directions = np.concatenate(parts)
        least = settings.least_share * self._obstacles.reach[index, None]
        cell = np.minimum(self._cells(index), self._widest(index)[:, None])
        cell = np.maximum(self._within_walls(index, cell), least)
        found[index] = self._with_area(cell, self._radius[index], self._round[index])
        return found

    def areas(self, reaches: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of the sections, (n,), relative to the round ones."""
        return _polygon_areas(reaches) / (np.pi * self._radius**2)

    def _pressed(self) -> NDArray[np.bool_]:
        """Nodes, (n,), about which the round section does not fit, and those beside them."""
        one, room, _across = self._planes(2.0 * float(self._round.max()), self._least)
        pressed = np.zeros(len(self._nodes), dtype=bool)
        pressed[one[room < self._round[one] - _TOUCHING_MM]] = True
        for _wall, side, signed in self._walls:
            pressed |= (side != 0) & (side * signed - self._least < self._round - _TOUCHING_MM)
        for _ in range(self._settings.beside):
            same = self._owner[1:] == self._owner[:-1]
            ahead, back = pressed[1:] & same, pressed[:-1] & same
            pressed[:-1] |= ahead
            pressed[1:] |= back
        return pressed

    def _sides_of_walls(self) -> list[tuple[Proximity, NDArray[np.float64], NDArray[np.float64]]]:
        """The walls, on which side of each the nodes keep clear of it, (n,), 0 on neither, and how far they lie off."""
        count, found = len(self._nodes), []
        walls, obstacles = self._obstacles.walls, self._obstacles
        if walls.cord is not None:
            near = obstacles.near_cord()
            found.append((walls.cord, off_cord(obstacles, near)[:count].astype(np.float64), near.signed[:count]))
        if walls.dura is not None:
            near = obstacles.near_dura()
            which, side = at_dura(obstacles, near)
            found.append((walls.dura, np.where(which, side, 0.0)[:count], near.signed[:count]))
        return [(wall, side, np.where(np.isfinite(signed), signed, 1e6 * side)) for wall, side, signed in found]

    def _planes(
        self, reach: float, clearance: float, which: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Planes that part places on roots from those on others nearer than `reach` beyond the clearance, mm.

        Returns
        -------
        The nodes, (k,), beside the places; the room that they have along the plane's normal, (k,) mm; the normals,
        (k, 3).
        """
        times = self._settings.between
        parts = self._obstacles.system.parts(self._nodes)
        places = np.concatenate([subdivided(part, times) for part in parts])
        counts = np.array([times * (len(part) - 1) + 1 for part in parts])
        owner = np.repeat(np.arange(len(parts)), counts)
        first = np.repeat(np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
        node = self._obstacles.system.first[owner] + np.rint((np.arange(len(places)) - first) / times).astype(np.int64)
        pairs = cKDTree(places).query_pairs(reach + clearance, output_type="ndarray")
        pairs = pairs[owner[pairs[:, 0]] != owner[pairs[:, 1]]]
        pairs = np.concatenate([pairs, pairs[:, ::-1]])
        if which is not None:
            pairs = pairs[which[node[pairs[:, 0]]]]
        one, other = pairs.T
        between = places[other] - places[one]
        apart = np.linalg.norm(between, axis=1)
        kept = apart > _COINCIDENT_MM
        one, other, between, apart = one[kept], other[kept], between[kept], apart[kept]
        across = between / apart[:, None]
        share = self._radius[node[one]] / (self._radius[node[one]] + self._radius[node[other]])
        offset = np.einsum("kd,kd->k", places[one] - self._nodes[node[one]], across)
        return node[one], offset + share * apart - clearance / 2, across

    def _cells(self, index: NDArray[np.int64]) -> NDArray[np.float64]:
        """How far the planes to other roots let each corner be, (k, sides) mm, of nodes (k,)."""
        which = np.zeros(len(self._nodes), dtype=bool)
        which[index] = True
        widest = self._settings.widest * float(self._round[index].max())
        one, room, across = self._planes(2.0 * widest, self._least + self._settings.margin_mm, which)
        limit = np.full((len(self._nodes), self._sides), np.inf)
        along = np.einsum("ksd,kd->ks", self._directions[one], across)
        reach = np.where(along > 1e-3, np.maximum(room, 0.0)[:, None] / np.maximum(along, 1e-3), np.inf)
        np.minimum.at(limit, one, reach)
        return limit[index]

    def _widest(self, index: NDArray[np.int64]) -> NDArray[np.float64]:
        """How far sections may reach at most, (k,) mm, so that the tube does not fold where it bends."""
        bends = self._obstacles.system.bend_radii() / self._obstacles.settings.bends.tightest
        bends[1:-1] = np.minimum(bends[1:-1], np.minimum(bends[:-2], bends[2:]))
        return np.minimum(self._settings.widest * self._round[index], np.maximum(bends[index], self._round[index]))

    def _within_walls(self, index: NDArray[np.int64], cell: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cells, (k, sides), drawn in until their corners keep clear of the walls."""
        cell, nodes, directions = cell.copy(), self._nodes[index], self._directions[index]
        for wall, side, signed in self._walls:
            wanted = self._least + self._settings.margin_mm
            near = np.flatnonzero((side[index] != 0) & (np.abs(signed[index]) < cell.max(axis=1) + wanted))
            if not len(near):
                continue
            free, reach = side[index[near], None], cell[near]
            for _ in range(self._settings.draws):
                corners = nodes[near, None] + reach[..., None] * directions[near]
                away, _place, normal = wall.nearest(corners.reshape(-1, 3))
                missing = wanted - free * away.reshape(reach.shape)
                slope = np.abs(np.einsum("ksd,ksd->ks", normal.reshape(corners.shape), directions[near]))
                reach = np.where(missing > 0, reach - missing / np.maximum(slope, self._settings.least_slope), reach)
                reach = np.maximum(reach, 0.0)
            cell[near] = reach
        return cell

    def _with_area(
        self, cell: NDArray[np.float64], radius: NDArray[np.float64], around: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Sections within cells, (k, sides), that have the area of the round ones where that can be."""
        low, high = around, cell.max(axis=1)
        wanted = np.pi * radius**2
        for _ in range(self._settings.halvings):
            middle = (low + high) / 2
            small = _polygon_areas(np.minimum(cell, middle[:, None])) < wanted
            low, high = np.where(small, middle, low), np.where(small, high, middle)
        return np.minimum(cell, high[:, None])


def _polygon_areas(reaches: NDArray[np.float64]) -> NDArray[np.float64]:
    """Areas, (k,) mm2, of polygons with corners at even angles, (k, sides) mm from their middles."""
    around = np.roll(reaches, -1, axis=1)
    return np.asarray(np.sin(2 * np.pi / reaches.shape[1]) / 2 * (reaches * around).sum(axis=1))
