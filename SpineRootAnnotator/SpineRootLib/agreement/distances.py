"""Distances between two annotators, place by place and structure by structure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.corresponding_places import Marks, all_structures
from SpineRootLib.agreement.curve_distance import CurveDistance, curve_distance, dice, distance_to_curve, evenly
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.anatomy import ROOTS
from SpineRootLib.curves import centroid, closed_curve
from SpineRootLib.frames import Points
from SpineRootLib.place import Place
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.progress import Progress, report


@dataclass(frozen=True, eq=False)
class Distance:
    """How far two annotators are apart at a place that both marked.

    Parameters
    ----------
    distance_mm : between the two points; between two contours the mean symmetric distance of their curves.
    offset : (3,) mm from the first to the second to the right, to the front and towards the feet of the slice; of
        contours between their centres of area.
    hausdorff_mm, dice : of contours.
    """

    place: Place
    distance_mm: float
    offset: NDArray[np.float64]
    hausdorff_mm: float | None = None
    dice: float | None = None


@dataclass(frozen=True, eq=False)
class StructureAgreement:
    """The agreement of two annotators on a root, a ganglion, the dura or the cord.

    Parameters
    ----------
    matched : the places that both marked, cranial to caudal.
    only_a, only_b : the places that one of them marked.
    curve : of a root, the distance between the two traced lines over the depth that both cover, whichever slices the
        points lie on.
    """

    place: Place
    matched: tuple[Distance, ...] = ()
    only_a: tuple[Place, ...] = ()
    only_b: tuple[Place, ...] = ()
    curve: CurveDistance | None = None

    @property
    def distances(self) -> NDArray[np.float64]:
        """The distances of the matched places, (n,) mm."""
        return np.array([each.distance_mm for each in self.matched])

    @property
    def bias(self) -> NDArray[np.float64] | None:
        """Mean offset of the second annotator, (3,) mm: right, front, feet."""
        return np.mean([each.offset for each in self.matched], axis=0) if self.matched else None


@dataclass(frozen=True, eq=False)
class PairAgreement:
    """The agreement of two annotators, structure by structure in the order of the tables."""

    a: str
    b: str
    structures: tuple[StructureAgreement, ...]

    def of(self, structure: Place) -> StructureAgreement:
        """The agreement on one structure."""
        return next((each for each in self.structures if each.place == structure), StructureAgreement(structure))


def compare(raters: Raters, progress: Progress | None = None) -> list[PairAgreement]:
    """Measure the distances between every two annotators.

    Two annotations correspond where they mark the same slice; the distance of two points is the Euclidean one in 3D.
    """
    pairs = list(itertools.combinations(raters.labels, 2))
    drawn = {label: _by_structure(marks) for label, marks in raters.marks.items()}
    found = []
    for number, (a, b) in enumerate(pairs):
        report(progress, number / len(pairs), f"{a} and {b}")
        structures = (
            _structure(structure, drawn[a].get(structure, {}), drawn[b].get(structure, {}), raters.planes)
            for structure in all_structures(raters.segments)
        )
        found.append(PairAgreement(a, b, tuple(structures)))
    report(progress, 1.0, "compared")
    return found


def _by_structure(marks: Marks) -> dict[Place, Marks]:
    """What is marked, structure by structure; contours as Slicer draws them."""
    found: dict[Place, Marks] = {}
    for place, points in marks.items():
        found.setdefault(place.without_slice, {})[place] = closed_curve(points) if place.is_contour else points
    return found


def _structure(structure: Place, a: Marks, b: Marks, planes: SlicePlanes | None) -> StructureAgreement:
    measure = _contour_distance if structure.is_contour else _point_distance
    matched = tuple(measure(place, a[place], b[place], planes) for place in sorted(a.keys() & b.keys()))
    only_a, only_b = (tuple(sorted(places)) for places in (a.keys() - b.keys(), b.keys() - a.keys()))
    curve = None
    if structure.structure == ROOTS and a and b and planes is not None:
        curve = _line_distance([np.concatenate([line[place] for place in sorted(line)]) for line in (a, b)], planes)
    return StructureAgreement(structure, matched, only_a, only_b, curve)


def _point_distance(place: Place, a: Points, b: Points, planes: SlicePlanes | None) -> Distance:
    apart = b[0] - a[0]
    return Distance(place, float(np.linalg.norm(apart)), _axes(planes) @ apart)


def _contour_distance(place: Place, a: Points, b: Points, planes: SlicePlanes | None) -> Distance:
    assert planes is not None
    apart = curve_distance(a, b, closed=True)
    flat = [planes.flatten(curve) for curve in (a, b)]
    shift = centroid(flat[1]) - centroid(flat[0])
    offset = np.array([*shift, float(planes.depth(b).mean() - planes.depth(a).mean())])
    return Distance(place, apart.mean, offset, apart.hausdorff, dice(*flat))


def _axes(planes: SlicePlanes | None) -> NDArray[np.float64]:
    if planes is None:
        return np.diag([1.0, 1.0, -1.0])
    return np.stack([planes.right, planes.anterior, planes.down])


def _line_distance(lines: Sequence[Points], planes: SlicePlanes) -> CurveDistance | None:
    """Distance between two traced lines where their depths overlap, each measured to the whole of the other."""
    depths = [planes.depth(line) for line in lines]
    top, bottom = max(depth.min() for depth in depths), min(depth.max() for depth in depths)
    sampled = [evenly(line, closed=False) for line in lines]
    within = [line[(planes.depth(line) >= top - 1e-9) & (planes.depth(line) <= bottom + 1e-9)] for line in sampled]
    if min(map(len, within)) == 0 or min(map(len, lines)) < 2:
        return None
    there = distance_to_curve(sampled[1], within[0], closed=False)
    back = distance_to_curve(sampled[0], within[1], closed=False)
    return CurveDistance(float((there.mean() + back.mean()) / 2), float(max(there.max(), back.max())))
