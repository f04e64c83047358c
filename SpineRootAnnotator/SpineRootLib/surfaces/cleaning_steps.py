"""The steps by which interfaces are cleaned: what each would remove, and what would come instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import sqrt

from SpineRootLib.surfaces.interface_complex import Coordinates, Face, InterfaceComplex, edges_of
from SpineRootLib.surfaces.separation_settings import CleaningSettings
from SpineRootLib.surfaces.triangle_geometry import middle, nearest_on_segment, part_way, squared


@dataclass
class Step:
    """A change of the interfaces.

    Parameters
    ----------
    old, new : triangles to remove, and those that come instead with their interfaces.
    left : places where the old ones were, by interface.
    seams : places on a seam, and the straight piece that it runs along instead.
    """

    old: set[int]
    new: list[tuple[Face, int]]
    left: list[tuple[int, Coordinates]]
    seams: list[tuple[Coordinates, Coordinates, Coordinates]] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Steps:
    """The steps that may help a triangle of a complex; each leaves the topology as it is, or is not there."""

    interfaces: InterfaceComplex
    settings: CleaningSettings

    def of(self, number: int) -> Iterator[Step]:
        """The steps that may help a triangle, the likeliest first."""
        places, face = self.interfaces.places, self.interfaces.face(number)
        edges = sorted(edges_of(face), key=lambda edge: squared(places[edge[0]], places[edge[1]]))
        for one, other, _ in edges:
            for removed, kept in ((one, other), (other, one)):
                step = self._collapse(removed, kept)
                if step is not None:
                    yield step
        for one, other, apex in reversed(edges):
            step = self._taken_up(number, one, other, apex)
            if step is not None:
                yield step

    def slides(self, face: Face) -> Iterator[Step]:
        """Each corner of a triangle, part of the way along one of its edges: along its seam where it lies on one."""
        mesh = self.interfaces
        for vertex in face:
            seams = mesh.seam_neighbours(vertex)
            if len(seams) in (0, 2):
                for other in seams or mesh.neighbours(vertex):
                    for share in self.settings.slides:
                        yield self._slide(vertex, other, share, seams - {other})

    def cuts(self, number: int) -> Iterator[Step]:
        """A needle cut off from its tip: one of its long edges split, and the other turned to where that was."""
        places, face = self.interfaces.places, self.interfaces.face(number)
        one, other, tip = min(edges_of(face), key=lambda edge: squared(places[edge[0]], places[edge[1]]))
        short = sqrt(squared(places[one], places[other]))
        for split, turned in ((one, other), (other, one)):
            if self.interfaces.is_seam(turned, tip):
                continue
            length = sqrt(squared(places[split], places[tip]))
            for share in (*self.settings.slides[1:], 1.5 * short / length):
                if share < 1.0 and (step := self._cut(number, split, turned, tip, share)) is not None:
                    yield step

    def _cut(self, number: int, split: int, turned: int, tip: int, share: float) -> Step | None:
        """A triangle with the edge from `split` to its tip split, and that from `turned` to its tip turned there."""
        mesh = self.interfaces
        (beyond,) = mesh.at_edge(turned, tip) - {number}
        others = mesh.at_edge(split, tip) - {number}
        facing = {sum(mesh.face(each)) - split - tip for each in others}
        if sum(mesh.face(beyond)) - turned - tip in facing:
            return None
        added = mesh.new_vertex(part_way(mesh.places[split], mesh.places[tip], share))
        new = [(_exchanged(mesh.face(number), tip, added), mesh.interface(number))]
        for each, corners in [(beyond, (turned, tip)), *((each, (split, tip)) for each in others)]:
            new += [(_exchanged(mesh.face(each), corner, added), mesh.interface(each)) for corner in corners]
        start, end = mesh.places[turned], mesh.places[tip]
        left = [(mesh.interface(number), part_way(start, end, part)) for part in self.settings.slides[1:]]
        return Step({number, beyond, *others}, new, left)

    def _slide(self, vertex: int, towards: int, share: float, behind: set[int]) -> Step:
        """A vertex part of the way to a neighbour; the interface that it leaves behind on its seam stays near."""
        mesh = self.interfaces
        start, end = mesh.places[vertex], mesh.places[towards]
        place = part_way(start, end, share)
        added, old = mesh.new_vertex(place), set(mesh.around(vertex))
        new = [(_exchanged(mesh.face(each), vertex, added), mesh.interface(each)) for each in old]
        return Step(old, new, self._left_by(vertex, old), [(start, place, mesh.places[each]) for each in behind])

    def _collapse(self, removed: int, kept: int) -> Step | None:
        """A vertex drawn into a neighbour; None where that would change the topology."""
        mesh = self.interfaces
        gone = mesh.at_edge(removed, kept)
        apexes = {corner for each in gone for corner in mesh.face(each)} - {removed, kept}
        if mesh.neighbours(removed) & mesh.neighbours(kept) != apexes:
            return None
        seams = mesh.seam_neighbours(removed)
        length = sqrt(squared(mesh.places[removed], mesh.places[kept]))
        if seams:
            if kept not in seams:
                return None
            # what is smaller than any edge may be may go: the end of a seam, and a patch between three
            small = length <= self.settings.shortest_mm
            if not small and (len(seams) > 2 or any(x in seams and mesh.is_seam(kept, x) for x in apexes)):
                return None
        if self._grows(removed, kept):
            return None
        old = set(mesh.around(removed))
        moved = [each for each in old if each not in gone]
        new = [(_exchanged(mesh.face(each), removed, kept), mesh.interface(each)) for each in moved]
        there = {frozenset(mesh.face(each)) for each in mesh.around(kept) if each not in gone}
        if not new or any(frozenset(face) in there for face, _ in new):
            return None
        pieces = [(mesh.places[removed], mesh.places[kept], mesh.places[other]) for other in seams - {kept}]
        return Step(old, new, self._left_by(removed, old), pieces)

    def _grows(self, removed: int, kept: int) -> bool:
        """Whether a collapse makes edges longer than those around: a seam drawn straight leaves fans of needles."""
        places, around = self.interfaces.places, self.interfaces.neighbours(removed)
        longest = max(squared(places[removed], places[each]) for each in around)
        made = max(squared(places[kept], places[each]) for each in around)
        return made > self.settings.growth**2 * longest

    def _left_by(self, vertex: int, old: set[int]) -> list[tuple[int, Coordinates]]:
        """Where a vertex lay, and the middles of its edges, by interface."""
        mesh, left = self.interfaces, set()
        for each in old:
            interface = mesh.interface(each)
            left.add((interface, mesh.places[vertex]))
            for corner in mesh.face(each):
                if corner != vertex:
                    left.add((interface, middle(mesh.places[vertex], mesh.places[corner])))
        return list(left)

    def _taken_up(self, number: int, one: int, other: int, apex: int) -> Step | None:
        """A sliver over an edge gone, its apex put into the edge in the triangles beyond; None where that cannot be."""
        mesh = self.interfaces
        beyond = mesh.at_edge(one, other) - {number}
        if not beyond:
            return None
        if mesh.is_seam(one, other):
            along = mesh.is_seam(one, apex), mesh.is_seam(other, apex)
            if all(along) or (mesh.seam_neighbours(apex) and not any(along)):
                return None
        new = []
        near = mesh.neighbours(apex)
        for each in beyond:
            face = mesh.face(each)
            tip = sum(face) - one - other
            if tip in near:
                return None
            new.append((_exchanged(face, one, apex), mesh.interface(each)))
            new.append((_exchanged(face, other, apex), mesh.interface(each)))
        foot = nearest_on_segment(mesh.places[apex], mesh.places[one], mesh.places[other])
        old = beyond | {number}
        return Step(old, new, [(mesh.interface(each), foot) for each in old])


def _exchanged(face: Face, old: int, new: int) -> Face:
    a, b, c = (new if corner == old else corner for corner in face)
    return a, b, c
