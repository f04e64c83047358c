"""An annotation seen slice by slice: what the rules look at, computed once for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, ROOTS, Root
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.curves import centroid, distance_to_polygon, inside, self_crossings
from SpineRootLib.frames import Points
from SpineRootLib.planes import SlicePlanes


class ContourOnSlice:
    """The curve of one contour on its slice.

    Parameters
    ----------
    contour : the control points.
    planes : the slices.
    """

    def __init__(self, contour: Contour, planes: SlicePlanes):
        self.contour = contour
        self.number = planes.number_of_contour(contour.points)
        self.flat = planes.flatten(contour.curve())
        self.center = centroid(self.flat)

    @cached_property
    def crossings(self) -> NDArray[np.int64]:
        """Pairs of the curve's edges that cross, (k, 2)."""
        return self_crossings(self.flat)

    @cached_property
    def posterior_midline(self) -> NDArray[np.float64]:
        """The curve's point behind its centre, (2,) in-plane mm."""
        beside, ahead = (self.flat - self.center).T
        behind = np.flatnonzero(
            ahead <= max(0.0, float(ahead.min()))
        )  # a curve that crosses itself may lie off its centre
        return np.asarray(self.flat[behind[np.argmin(np.abs(beside[behind]))]])

    def holds(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which in-plane points, (n, 2), lie inside the curve, (n,)."""
        return inside(self.flat, points)

    def distance(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Distance of in-plane points, (n, 2), from the curve, (n,) mm; slower than `holds`."""
        return distance_to_polygon(self.flat, points)


@dataclass(frozen=True, eq=False)
class RootPath:
    """The points of a root from cranial to caudal, one a slice.

    Parameters
    ----------
    numbers : (n,) slices, ascending.
    flat : (n, 2) in-plane mm; the mean where a slice has several points.
    points : (n, 3) RAS mm of the same.
    """

    numbers: NDArray[np.int64]
    flat: NDArray[np.float64]
    points: Points

    @cached_property
    def row(self) -> dict[int, int]:
        """The row of each slice number."""
        return {int(number): index for index, number in enumerate(self.numbers)}

    @classmethod
    def through(cls, points: Points, planes: SlicePlanes) -> RootPath:
        """The path of a root's points, (n, 3), in any order."""
        numbers, back, counts = np.unique(planes.number(points), return_inverse=True, return_counts=True)
        means = np.zeros((len(numbers), 3))
        np.add.at(means, back, points)
        means /= counts[:, None]
        return cls(numbers, planes.flatten(means), means)


class Traced:
    """An annotation with its outlines and paths on the slices.

    Parameters
    ----------
    annotation : what was marked.
    outlines : outlines already computed on the same planes, by contour; those that are missing are added.
    """

    def __init__(self, annotation: Annotation, outlines: dict[Contour, ContourOnSlice] | None = None):
        self.annotation = annotation
        self.outlines: dict[str, list[ContourOnSlice]] = {name: [] for name in CONTOUR_STRUCTURES}
        self.paths: dict[Root, RootPath] = {}
        if annotation.planes is None:
            return
        known = {} if outlines is None else outlines
        for structure in CONTOUR_STRUCTURES:
            for contour in annotation.contours[structure]:
                if contour not in known:
                    known[contour] = ContourOnSlice(contour, annotation.planes)
                self.outlines[structure].append(known[contour])
        for root in sorted(annotation.roots):
            self.paths[root] = RootPath.through(annotation.roots[root], annotation.planes)

    @property
    def planes(self) -> SlicePlanes:
        """The slices; only rules that need them ask."""
        return self.annotation.require_planes()

    def knows(self, what: str) -> bool:
        """Whether there are ``planes``, or anything of a structure."""
        if what == "planes":
            return self.annotation.planes is not None
        marked = {ROOTS: self.annotation.roots, GANGLIA: self.annotation.ganglia}
        return bool(marked[what] if what in marked else self.annotation.contours[what])

    @cached_property
    def by_slice(self) -> dict[str, dict[int, ContourOnSlice]]:
        """The outlines of each structure by slice, of several the first."""
        found: dict[str, dict[int, ContourOnSlice]] = {name: {} for name in CONTOUR_STRUCTURES}
        for structure, outlines in self.outlines.items():
            for outline in sorted(outlines, key=lambda each: each.number):
                found[structure].setdefault(outline.number, outline)
        return found

    def pairs_of_a_side(self) -> Iterator[tuple[Root, Root]]:
        """Every two annotated roots of one side, the higher first."""
        for first, second in combinations(self.paths, 2):
            if first.side == second.side:
                yield first, second

    def shared_slices(self, first: Root, second: Root) -> NDArray[np.int64]:
        """The slices with a point of both roots, ascending."""
        return np.intersect1d(self.paths[first].numbers, self.paths[second].numbers, assume_unique=True)

    def rows(self, root: Root, numbers: Iterable[int]) -> NDArray[np.intp]:
        """Rows of a root's path for slices that it has."""
        return np.searchsorted(self.paths[root].numbers, np.asarray(list(numbers)))

    def strays(self, structure: str, within: bool) -> Iterator[tuple[Root, int, float, Points]]:
        """Root points within, or not within, the contour of a structure on their slice: root, slice, mm from the curve
        and the point, (3,); slices without a contour are passed over."""
        for number, outline in self.by_slice[structure].items():
            here = [(root, path.row[number]) for root, path in self.paths.items() if number in path.row]
            if not here:
                continue
            flat = np.array([self.paths[root].flat[row] for root, row in here])
            stray = np.flatnonzero(outline.holds(flat) == within)
            for index, distance in zip(stray, outline.distance(flat[stray]) if len(stray) else (), strict=True):
                root, row = here[index]
                yield root, number, float(distance), self.paths[root].points[row]
