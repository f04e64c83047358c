"""The interfaces between regions as one mesh: every triangle stands once, with the regions on both of its sides."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.surfaces.mesh import Surface, Triangles

Face = tuple[int, int, int]
Coordinates = tuple[float, float, float]


class InterfaceComplex:
    """Triangles that may meet three and more at an edge, and what changes them one at a time.

    An edge at which others than two triangles of one interface meet is a seam: there regions part.

    Parameters
    ----------
    vertices : (n, 3) RAS mm.
    regions : by name their closed surfaces, (m, 3) indices of vertices each; an interface is in two of them, turned
        round.
    """

    def __init__(self, vertices: NDArray[np.float64], regions: Mapping[str, Triangles]) -> None:
        self.vertices = vertices
        self.places: list[Coordinates] = list(zip(*vertices.T.tolist(), strict=True))
        self.names = list(regions)
        triangles, sides = _merged(list(regions.values()), len(vertices))
        self.triangles = triangles
        self._count = len(self.names) + 1
        self._interface = (sides[:, 0] * self._count + sides[:, 1]).tolist()
        self._rows: list[Face] = list(zip(*triangles.T.tolist(), strict=True))
        self._removed: set[int] = set()
        order = np.argsort(triangles.ravel(), kind="stable")
        self._at = (order // 3).tolist()
        self._first = np.concatenate([[0], np.cumsum(np.bincount(triangles.ravel(), minlength=len(vertices)))]).tolist()
        self._around: dict[int, set[int]] = {}

    def face(self, number: int) -> Face:
        """The corners of a triangle."""
        return self._rows[number]

    def is_there(self, number: int) -> bool:
        """Whether a triangle was not removed."""
        return number not in self._removed

    def interface(self, number: int) -> int:
        """The number of the interface that a triangle belongs to."""
        return int(self._interface[number])

    def sides(self, interface: int) -> tuple[int, int]:
        """The regions that the triangles of an interface face outwards of and inwards of, from 1; 0 for none."""
        return divmod(interface, self._count)

    def new_vertex(self, place: Coordinates) -> int:
        """Add a vertex; its number."""
        self.places.append(place)
        self._around[len(self.places) - 1] = set()
        return len(self.places) - 1

    def around(self, vertex: int) -> set[int]:
        """The triangles at a vertex."""
        known = self._around.get(vertex)
        if known is None:
            known = self._around[vertex] = set(self._at[self._first[vertex] : self._first[vertex + 1]])
        return known

    def at_edge(self, one: int, other: int) -> set[int]:
        """The triangles at an edge."""
        return self.around(one) & self.around(other)

    def neighbours(self, vertex: int) -> set[int]:
        """The vertices that share an edge with one."""
        return {each for number in self.around(vertex) for each in self._rows[number]} - {vertex}

    def near(self, vertices: set[int], without: set[int]) -> set[int]:
        """The triangles at vertices, and those that share a vertex with these, but some."""
        here = set().union(*map(self.around, vertices)) - without
        there = {each for number in here for each in self._rows[number]}
        return set().union(*map(self.around, there)) - without

    def is_seam(self, one: int, other: int) -> bool:
        """Whether an edge is one at which interfaces meet."""
        here = self.at_edge(one, other)
        return len(here) != 2 or len({self._interface[number] for number in here}) != 1

    def seam_neighbours(self, vertex: int) -> set[int]:
        """The vertices that a vertex is joined with by seams."""
        here = {self._interface[number] for number in self.around(vertex)}
        if len(here) == 1:
            return set()
        return {each for each in self.neighbours(vertex) if self.is_seam(vertex, each)}

    def replace(self, old: set[int], new: list[tuple[Face, int]]) -> list[int]:
        """Remove triangles and add others, each with the number of its interface; the numbers of the new ones."""
        for number in old:
            self._removed.add(number)
            for vertex in self._rows[number]:
                self.around(vertex).discard(number)
        numbers = []
        for corners, interface in new:
            # before the triangle has a number: what lay around its corners at first
            rings = [self.around(vertex) for vertex in corners]
            number = len(self._rows)
            self._rows.append(corners)
            self._interface.append(interface)
            for ring in rings:
                ring.add(number)
            numbers.append(number)
        return numbers

    def volumes(self) -> NDArray[np.float64]:
        """The volumes of the regions before anything is changed, (k,) mm3 (divergence theorem)."""
        a, b, c = (self.vertices - self.vertices.mean(axis=0))[self.triangles].transpose(1, 0, 2)
        parts = np.einsum("ij,ij->i", a, np.cross(b, c)) / 6
        front, back = np.divmod(self._interface, self._count)
        sums = np.bincount(front, parts, self._count) - np.bincount(back, parts, self._count)
        return np.asarray(sums[1:])

    def surfaces(self) -> dict[str, Surface]:
        """The surfaces of the regions as the interfaces are now, by name."""
        kept = np.ones(len(self._rows), dtype=bool)
        kept[list(self._removed)] = False
        rows, interface = np.array(self._rows)[kept], np.array(self._interface)[kept]
        front, back = interface // self._count, interface % self._count
        places = np.array(self.places)
        result = {}
        for rank, name in enumerate(self.names, start=1):
            triangles = np.concatenate([rows[front == rank], rows[back == rank][:, ::-1]])
            used, place = np.unique(triangles, return_inverse=True)
            result[name] = Surface(places[used], place.reshape(-1, 3))
        return result


def _merged(regions: list[Triangles], count: int) -> tuple[Triangles, NDArray[np.int64]]:
    """Each triangle once, (m, 3), and the regions that it faces outwards of and inwards of, (m, 2); 0 for none."""
    rows = np.concatenate(regions)
    owner = np.repeat(np.arange(1, len(regions) + 1), [len(each) for each in regions])
    turn = np.argmin(rows, axis=1)
    rows = rows[np.arange(len(rows))[:, None], (turn[:, None] + np.arange(3)) % 3]
    forward = rows[:, 1] < rows[:, 2]
    ordered = np.where(forward[:, None], rows, rows[:, [0, 2, 1]])
    key = (ordered[:, 0] * count + ordered[:, 1]) * count + ordered[:, 2]
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    sides = np.zeros((len(first), 2), dtype=np.int64)
    sides[place[forward], 0] = owner[forward]
    sides[place[~forward], 1] = owner[~forward]
    # all triangles of an interface look the same way
    rows, turned = ordered[first], sides[:, 0] < sides[:, 1]
    rows[turned], sides[turned] = rows[turned][:, ::-1], sides[turned][:, ::-1]
    return rows, sides


def edges_of(face: Face) -> list[tuple[int, int, int]]:
    """The edges of a triangle, each with the corner opposite."""
    return [(one, other, sum(face) - one - other) for one, other in combinations(face, 2)]
