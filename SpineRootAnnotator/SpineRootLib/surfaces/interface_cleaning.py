"""Takes the slivers out of interfaces that booleans cut, so that volume meshers and solvers take them.

One triangle at a time, the worst first: an edge is collapsed, the sliver over an edge is taken up by its neighbours
(for an edge with two triangles that is an edge flip), a needle is cut off from its tip (an edge split and a flip), or a
vertex slides along one of its edges. A step is taken only if bad triangles become fewer or better, the topology stays
(the link condition: Dey et al., 1999), no triangle turns over, no region's volume changes by more than a share, and the
interface stays within a distance of where it was cut.
As each triangle stands once for both of its regions, interfaces stay shared vertex for vertex.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from math import acos, cos, degrees, radians, sqrt

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.surfaces.cleaning_steps import Step, Steps
from SpineRootLib.surfaces.interface_complex import Coordinates, Face, InterfaceComplex, edges_of
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.surfaces.separation_settings import CleaningSettings
from SpineRootLib.surfaces.triangle_geometry import (
    box,
    cosine_at_edge,
    cross,
    cross_each_other,
    dot,
    minus,
    overlap,
    six_volumes,
    squared_to_segment,
    squared_to_triangle,
)

# a step that takes away less badness changes nothing: rounding
_LEAST_HELP = 1e-9


class Cleaning:
    """Cleans the interfaces of a complex."""

    def __init__(self, interfaces: InterfaceComplex, settings: CleaningSettings | None = None) -> None:
        self.interfaces, self.settings = interfaces, settings or CleaningSettings()
        self.steps = Steps(interfaces, self.settings)
        self._left: dict[int, list[tuple[int, Coordinates]]] = {}
        self._badnesses: dict[int, float] = {}
        self._changed = False
        self._sharpest = cos(radians(self.settings.least_angle_deg))
        # by region, mm3: how far its volume is off, and how far it may be; the outside of all may be anything
        self._off = [0.0] * (len(interfaces.names) + 1)
        volumes = interfaces.volumes().tolist()
        self._most_off = [float("inf"), *(self.settings.volume_share * volume for volume in volumes)]

    def run(self) -> None:
        """Take steps until all is clean or nothing helps."""
        left = self._bad()
        for _ in range(self.settings.passes):
            before = len(left)
            left = self._one_pass(left)
            if not left or len(left) == before and not self._changed:
                break

    def _bad(self) -> list[int]:
        angle, edge = worst_of(self.interfaces.vertices[self.interfaces.triangles])
        bad = (angle < self.settings.least_angle_deg) | (edge < self.settings.shortest_mm)
        return [int(number) for number in np.flatnonzero(bad)]

    def _one_pass(self, bad: list[int]) -> list[int]:
        """Try each triangle, and those that come of it; the ones that nothing helps."""
        self._changed = False
        mesh = self.interfaces
        heap = [(self._score(mesh.face(number)), number) for number in bad if mesh.is_there(number)]
        heapq.heapify(heap)
        left = []
        while heap:
            score, number = heapq.heappop(heap)
            if not self.interfaces.is_there(number):
                continue
            new = self._improve(number)
            if new is None:
                left.append(number)
                continue
            self._changed = True
            for each in new:
                score = self._score(self.interfaces.face(each))
                if score < 1.0:
                    heapq.heappush(heap, (score, each))
        return left

    def _improve(self, number: int) -> list[int] | None:
        """Take the step that helps most; the triangles that come of it, or None."""
        kinds = (self.steps.of(number), self.steps.cuts(number), self.steps.slides(self.interfaces.face(number)))
        best = next(filter(None, map(self._best, kinds)), None)
        if best is None:
            return None
        step, placed = best
        for region, change in self._volume_changes(step).items():
            self._off[region] += change
        new = self.interfaces.replace(step.old, step.new)
        for rank, left in placed.items():
            self._left[new[rank]] = left
        return new

    def _best(self, steps: Iterator[Step]) -> tuple[Step, dict[int, list[tuple[int, Coordinates]]]] | None:
        """The first step that leaves nothing bad, or else the one that helps most, with what it leaves behind."""
        helpful = []
        for step in steps:
            before, after = self._badness_of(step)
            if before - after > _LEAST_HELP and self._keeps_sides(step) and self._keeps_volumes(step):
                if after > 0.0:
                    helpful.append((before - after, step))
                elif (placed := self._fits(step)) is not None:
                    return step, placed
        # whether a step fits costs most to find out
        for _, step in sorted(helpful, key=lambda each: -each[0]):
            if (placed := self._fits(step)) is not None:
                return step, placed
        return None

    def _fits(self, step: Step) -> dict[int, list[tuple[int, Coordinates]]] | None:
        """What a step leaves behind, by the new triangle nearest to it; None if it is too far, or triangles meet."""
        placed = self._placed(step)
        if placed is None or not self._parts(step) or self._folds(step) or self._crosses(step):
            return None
        return placed

    def _badness_of(self, step: Step) -> tuple[float, float]:
        """How many triangles are bad, and how bad, before and after a step."""
        before = sum(self._known_badness(each) for each in step.old)
        return before, sum(self._badness(face) for face, _ in step.new)

    def _known_badness(self, number: int) -> float:
        """That of a triangle that is there: its corners never move."""
        known = self._badnesses.get(number)
        if known is None:
            known = self._badnesses[number] = self._badness(self.interfaces.face(number))
        return known

    def _badness(self, face: Face) -> float:
        return max(0.0, 1.0 - self._score(face))

    def _placed(self, step: Step) -> dict[int, list[tuple[int, Coordinates]]] | None:
        """What was left behind by this and earlier steps, by the new triangle nearest to it; None if it is too far."""
        limit = (self.settings.watched_share * self.settings.deviation_mm) ** 2
        if any(squared_to_segment(*piece) > limit for piece in step.seams):
            return None
        placed: dict[int, list[tuple[int, Coordinates]]] = {}
        for interface, place in [*step.left, *(each for number in step.old for each in self._left.get(number, ()))]:
            own = [rank for rank, (_, other) in enumerate(step.new) if other == interface] or range(len(step.new))
            near, rank = min((squared_to_triangle(place, *self._corners(step.new[rank][0])), rank) for rank in own)
            if near > limit:
                return None
            placed.setdefault(rank, []).append((interface, place))
        return placed

    def _parts(self, step: Step) -> bool:
        """Whether each region around a new edge lies there once, between two triangles: where seams meet it may not."""
        mesh, new = self.interfaces, step.new
        for edge in {tuple(sorted(edge[:2])) for face, _ in new for edge in edges_of(face)}:
            interfaces = [mesh.interface(each) for each in mesh.at_edge(*edge) - step.old]
            interfaces += [interface for face, interface in new if edge[0] in face and edge[1] in face]
            if len(interfaces) != 2:
                around = [region for each in interfaces for region in mesh.sides(each)]
                if any(around.count(region) != 2 for region in around):
                    return False
        return True

    def _folds(self, step: Step) -> bool:
        """Whether a new triangle would lie on one that it shares an edge with, more than an old one did already.

        No mesher gets between the two.
        """
        mesh, places = self.interfaces, self.interfaces.places
        new = [face for face, _ in step.new]
        for rank, face in enumerate(new):
            for one, other, apex in edges_of(face):
                ends, here = (places[one], places[other]), mesh.at_edge(one, other)
                beside = [mesh.face(each) for each in here - step.old]
                tips = [sum(each) - one - other for each in beside]
                old = [sum(mesh.face(each)) - one - other for each in here & step.old]
                for tip in (*tips, *(sum(each) - one - other for each in new[:rank] if one in each and other in each)):
                    cosine = cosine_at_edge(*ends, places[apex], places[tip])
                    before = (cosine_at_edge(*ends, places[gone], places[tip]) for gone in old)
                    if cosine > max((self._sharpest, *before)):
                        return True
        return False

    def _crosses(self, step: Step) -> bool:
        """Whether a new triangle passes through one around it: where interfaces part at a sharp angle it could."""
        mesh, places = self.interfaces, self.interfaces.places
        ring = {corner for face, _ in step.new for corner in face}
        low, high = box([places[corner] for corner in ring])
        beside = []
        for each in mesh.near(ring, step.old):
            a, b, c = other = mesh.face(each)
            corners = places[a], places[b], places[c]
            if overlap(corners, low, high):
                beside.append((other, corners))
        for face, _ in step.new:
            a, b, c = face
            corners = places[a], places[b], places[c]
            low, high = box(corners)
            for other, against in beside:
                if a in other or b in other or c in other or not overlap(against, low, high):
                    continue
                if cross_each_other(corners, against):
                    return True
        return False

    def _keeps_volumes(self, step: Step) -> bool:
        """Whether no region's volume gets too far off, or farther off than it is."""
        for region, change in self._volume_changes(step).items():
            after = abs(self._off[region] + change)
            if after > self._most_off[region] and after > abs(self._off[region]):
                return False
        return True

    def _volume_changes(self, step: Step) -> dict[int, float]:
        """By how much a step changes the volumes of regions, mm3."""
        mesh = self.interfaces
        changes: dict[int, float] = {}
        origin = mesh.places[mesh.face(next(iter(step.old)))[0]]
        faces = [(mesh.face(each), mesh.interface(each), -1.0) for each in step.old]
        faces += [(face, interface, 1.0) for face, interface in step.new]
        places = mesh.places
        for (a, b, c), interface, sign in faces:
            volume = sign * six_volumes(origin, places[a], places[b], places[c]) / 6
            front, back = mesh.sides(interface)
            changes[front] = changes.get(front, 0.0) + volume
            changes[back] = changes.get(back, 0.0) - volume
        return changes

    def _keeps_sides(self, step: Step) -> bool:
        """Whether no triangle turns too far from those of its interface that it replaces."""
        total: dict[int, list[float]] = {}
        for each in step.old:
            sums = total.setdefault(self.interfaces.interface(each), [0.0, 0.0, 0.0])
            for axis, value in enumerate(self._normal(self.interfaces.face(each))):
                sums[axis] += value
        for face, interface in step.new:
            normal, before = self._normal(face), total[interface]
            size = sqrt(dot(normal, normal) * dot(before, before))
            if dot(normal, before) < self.settings.least_cosine * size:
                return False
        return True

    def _score(self, face: Face) -> float:
        """How near a triangle is to being clean: 1 and more if it is."""
        (ax, ay, az), (bx, by, bz), (cx, cy, cz) = self._corners(face)
        one = (bx - ax) ** 2 + (by - ay) ** 2 + (bz - az) ** 2
        two = (cx - bx) ** 2 + (cy - by) ** 2 + (cz - bz) ** 2
        three = (ax - cx) ** 2 + (ay - cy) ** 2 + (az - cz) ** 2
        shortest = min(one, two, three)
        if shortest <= 0.0:
            return 0.0
        # the two sides at the smallest angle are those other than the shortest
        cosine = (one + two + three - 2 * shortest) / (2 * sqrt(one * two * three / shortest))
        angle = degrees(acos(min(1.0, cosine)))
        return min(angle / self.settings.least_angle_deg, sqrt(shortest) / self.settings.shortest_mm)

    def _corners(self, face: Face) -> tuple[Coordinates, Coordinates, Coordinates]:
        places = self.interfaces.places
        return places[face[0]], places[face[1]], places[face[2]]

    def _normal(self, face: Face) -> Coordinates:
        a, b, c = self._corners(face)
        return cross(minus(b, a), minus(c, a))


def worst_of(corners: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of triangles, (m, 3, 3), the smallest angle of each, (m,) degrees, and its shortest edge, (m,) mm."""
    squares = np.sort(((np.roll(corners, -1, axis=1) - corners) ** 2).sum(axis=2), axis=1)
    longer = 2 * np.sqrt(squares[:, 1] * squares[:, 2])
    cosine = (squares[:, 1] + squares[:, 2] - squares[:, 0]) / np.maximum(longer, 1e-300)
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))), np.sqrt(squares[:, 0])


def quality(surface: Surface) -> dict[str, float]:
    """The smallest angle of a surface's triangles, and its shortest edge."""
    angle, edge = worst_of(surface.corners)
    return {"min_angle_deg": round(float(angle.min()), 4), "shortest_edge_mm": round(float(edge.min()), 5)}
