"""An annotator who looks at each proposal, corrects what is wrong, and counts the clicks.

What is right is known from the phantom's truth. The annotator starts sparse, goes through the slices from cranial to
caudal, accepts what is near enough, and corrects the rest; a correction has the proposals of the slices after it made
anew. A click misses its place by the hand's jitter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from guesses import Guesses
from numpy.typing import NDArray

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import centroid, closed_curve, distance_to_polygon
from SpineRootLib.planes import SlicePlanes

Places = NDArray[np.float64]


@dataclass(frozen=True)
class Habits:
    """How the annotator works, in mm.

    Parameters
    ----------
    root_limit, contour_limit : what is farther off (a root point; a contour, in the mean) is corrected.
    jitter : standard deviation per coordinate of a click for a point (0.12 in published annotations).
    contour_jitter : of a control point drawn by hand (0.12 in published annotations).
    inner_jitter : of a click into the middle of dura or cord.
    every : seeds are placed on every so manieth slice.
    only_ends : of the roots only the first and the last point are placed at the start.
    """

    root_limit: float = 0.5
    contour_limit: float = 0.4
    jitter: float = 0.12
    contour_jitter: float = 0.12
    inner_jitter: float = 1.0
    every: int = 10
    only_ends: bool = True


@dataclass
class Tally:
    """Clicks by structure: to start with, and to correct; errors in mm of what was proposed at first, unconfirmed."""

    start: Counter[str] = field(default_factory=Counter)
    corrections: Counter[str] = field(default_factory=Counter)
    errors: dict[str, list[float]] = field(default_factory=dict)

    @property
    def clicks(self) -> int:
        """All clicks."""
        return self.start.total() + self.corrections.total()


class SimulatedAnnotator:
    """Works on one phantom with one way of guessing what was not clicked."""

    def __init__(self, truth: Annotation, planes: SlicePlanes, guesses: Guesses, habits: Habits, seed: int):
        self.truth, self.planes, self.guesses, self.habits = truth, planes, guesses, habits
        self.random = np.random.default_rng(seed)
        self.tally = Tally()
        self.work = Annotation(truth.subject, planes=planes, segments=truth.segments)

    def annotate(self) -> Tally:
        """The whole subject."""
        self.tally.start[GANGLIA] = len(self.truth.ganglia)
        contours = {structure: self.contours(structure) for structure in CONTOUR_STRUCTURES}
        self._roots(contours)
        return self.tally

    def contours(self, structure: str) -> dict[int, Places]:
        """Contours of a structure, right or corrected, by slice."""
        curves = {number: contour.curve() for number, contour in self.truth.contours_by_slice(structure).items()}
        seeds = {
            number: self.truth.contours_by_slice(structure)[number].points
            for number in list(curves)[:: self.habits.every]
        }
        inner = {number: self.inner_click(points) for number, points in seeds.items()}
        self.tally.start[structure] = self.guesses.contour_clicks(seeds)
        drawn = {number: self.drawn(points) for number, points in seeds.items()}
        found = self.guesses.contours(structure, inner, drawn)
        errors = self.tally.errors.setdefault(structure, [])
        for number in sorted({*curves, *found}):
            if number not in curves:
                self.tally.corrections[structure] += 1
                found.pop(number)
            elif number not in found:
                self.tally.corrections[structure] += len(self.truth.contours_by_slice(structure)[number].points)
                found[number] = self.truth.contours_by_slice(structure)[number].points
            else:
                errors.append(contour_distance(curves[number], found[number]))
                found[number] = self._corrected(structure, number, found[number], curves[number])
        return found

    def drawn(self, points: Places) -> Places:
        """A contour as a hand draws it."""
        return np.array([point + self.shake(self.habits.contour_jitter) for point in points])

    def _corrected(self, structure: str, number: int, points: Places, truth: Places) -> Places:
        """The control points moved onto the truth, the worst first, until the contour is near enough; one that is not
        near even then is drawn anew."""
        points, moved = points.copy(), set[int]()
        while contour_distance(truth, points) > self.habits.contour_limit:
            worst = int(distance_to_polygon(truth, points).argmax())
            if worst in moved:
                anew = self.truth.contours_by_slice(structure)[number].points
                self.tally.corrections[structure] += len(anew)
                return anew
            points[worst] = truth[np.linalg.norm(truth - points[worst], axis=1).argmin()]
            moved.add(worst)
            self.tally.corrections[structure] += 1
        return points

    def place_roots(self) -> None:
        """The points with which the work on the roots starts."""
        for root in self.truth.roots:
            points = self.truth.root_by_slice(root)
            numbers = sorted(points)
            chosen = (
                {numbers[0], numbers[-1]} if self.habits.only_ends else {*numbers[:: self.habits.every], numbers[-1]}
            )
            for number in sorted(chosen):
                self.work.set_root_point(root, number, self._root_click(points[number]))
            self.tally.start[ROOTS] += len(chosen)

    def _roots(self, contours: Mapping[str, Mapping[int, Places]]) -> None:
        self.place_roots()
        truth = {root: self.truth.root_by_slice(root) for root in self.truth.roots}
        proposed = self.guesses.roots(self.work, contours)
        errors = self.tally.errors.setdefault(ROOTS, [])
        for root, points in truth.items():
            errors.extend(_off(place, points[number]) for number, place in proposed[root].items() if number in points)
        for number in range(1, self.planes.count + 1):
            if self._slice(number, truth, proposed):
                proposed = self.guesses.roots(self.work, contours)

    def _slice(
        self, number: int, truth: Mapping[Root, Mapping[int, Places]], proposed: Mapping[Root, Mapping[int, Places]]
    ) -> bool:
        """Accept or correct the roots of a slice; whether anything was corrected."""
        corrected = False
        for root, points in truth.items():
            if number not in points or number in self.work.root_by_slice(root):
                continue
            place = proposed[root].get(number)
            if place is None or _off(place, points[number]) > self.habits.root_limit:
                place = self._root_click(points[number])
                self.tally.corrections[ROOTS] += 1
                corrected = True
            self.work.set_root_point(root, number, place)
        return corrected

    def _root_click(self, place: Places) -> Places:
        return self.guesses.snapped(place + self.shake(self.habits.jitter))

    def inner_click(self, points: Places) -> Places:
        """A click into the middle of a contour."""
        number = self.planes.number_of_contour(points)
        middle = self.planes.lift(centroid(self.planes.flatten(closed_curve(points))), number)[0]
        return middle + self.shake(self.habits.inner_jitter)

    def shake(self, deviation: float) -> Places:
        """By how much a click misses, in the slice's plane."""
        right, front = self.random.normal(0, deviation, 2)
        return right * self.planes.right + front * self.planes.anterior


def contour_distance(truth: Places, points: Places) -> float:
    """Mean symmetric distance of a closed curve, (n, 3) dense, and the curve through control points, mm."""
    curve = closed_curve(points)
    both = np.concatenate([distance_to_polygon(truth, curve), distance_to_polygon(curve, truth)])
    return float(both.mean())


def _off(place: Places, truth: Places) -> float:
    return float(np.linalg.norm(place - truth))
