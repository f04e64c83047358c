"""Roots on all slices between their confirmed points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import Root
from SpineRootLib.curves import signed_distance
from SpineRootLib.progress import Progress, part, report
from SpineRootLib.tracing.assignment import Course, Field, Layer
from SpineRootLib.tracing.confidence import root_confidence
from SpineRootLib.tracing.course_smoothing import smooth_course
from SpineRootLib.tracing.order import order_costs, posterior_midline
from SpineRootLib.tracing.outline import Outline
from SpineRootLib.tracing.root_settings import PathSettings
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.tracing.spots import Spots
from SpineRootLib.tracing.views import Views

Confirmed = Mapping[int, Flat]


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Dura and cord as far as they are known, by slice number, from confirmed contours or proposals."""

    dura: Mapping[int, Outline]
    cord: Mapping[int, Outline]


@dataclass(frozen=True, eq=False)
class TracedRoot:
    """A root on consecutive slices.

    Parameters
    ----------
    numbers : (k,) slice numbers.
    flat : (k, 2) in-plane mm.
    confidence : (k,) 0..1.
    seen : (k,) whether a dark spot was found there.
    """

    numbers: NDArray[np.int64]
    flat: Flat
    confidence: NDArray[np.float64]
    seen: NDArray[np.bool_]


class RootTracer:
    """Finds the courses of roots, all together."""

    def __init__(self, views: Views, settings: TracingSettings):
        self.views, self.settings = views, settings

    def trace(
        self,
        confirmed: Mapping[Root, Confirmed],
        around: Surroundings,
        first: int | None = None,
        last: int | None = None,
        ends: Mapping[Root, int] | None = None,
        progress: Progress | None = None,
    ) -> dict[Root, TracedRoot]:
        """The courses of all roots from their first to their last confirmed point.

        Parameters
        ----------
        confirmed : by root the confirmed points, in-plane mm, by slice number.
        first, last : slices from and to which roots are followed beyond these.
        ends : by root the slice about which it is expected to end, where that is known.
        """
        roots = [root for root in sorted(confirmed) if confirmed[root]]
        if not roots:
            return {}
        known = [number for root in roots for number in confirmed[root]]
        start, end = min([*known, first or known[0]]), max([*known, last or known[0]])
        centre = _centres([confirmed[root] for root in roots], start, end)
        usual = self._usual_contrast(confirmed, centre, start) or self.settings.path.usual_contrast
        spots, noise = [], []
        for number, middle in zip(range(start, end + 1), centre, strict=True):
            report(progress, 0.7 * (number - start) / (end - start + 1), f"Looking at slice {number}")
            spots.append(self._possible(number, middle, around, usual))
            noise.append(self.views.view(number, middle).noise)
        fixed = [{number - start: flat for number, flat in confirmed[root].items()} for root in roots]
        open_ends = first is not None or last is not None
        layers = self._layers(roots, fixed, spots, around, start)
        expected = [None if root not in (ends or {}) else (ends or {})[root] - start for root in roots]
        field = Field(layers, fixed, self.views.planes.spacing, self.settings.path, open_ends, expected)
        courses = field.courses(part(progress, 0.7, 1.0))
        return {
            root: self._traced(course, points, start, float(np.median(noise)))
            for root, course, points in zip(roots, courses, fixed, strict=True)
        }

    def _possible(self, number: int, middle: Flat, around: Surroundings, usual: float) -> tuple[Flat, Flat]:
        """The spots of a slice where a root can be, (n, 2) in-plane mm, and what they cost any root, (n,)."""
        spots = self.views.spots(number, middle)
        cost, possible = spot_cost(spots, number, around, self.settings.path, usual)
        return spots.flat[possible], cost[possible]

    def _layers(
        self,
        roots: Sequence[Root],
        fixed: Sequence[Confirmed],
        spots: Sequence[tuple[Flat, Flat]],
        around: Surroundings,
        start: int,
    ) -> list[Layer]:
        """The spots with what they cost each root, the order of the segments included."""
        numbers = range(start, start + len(spots))
        midline = [posterior_midline(around.dura[n]) if n in around.dura else None for n in numbers]
        order = order_costs(roots, fixed, [flat for flat, _ in spots], midline, self.settings.order)
        return [Layer(flat, cost + own) for (flat, cost), own in zip(spots, order, strict=True)]

    def _usual_contrast(self, confirmed: Mapping[Root, Confirmed], centre: Flat, start: int) -> float | None:
        """The median contrast of the spots at the confirmed points, if there are enough of them."""
        found = []
        for points in confirmed.values():
            for number, flat in points.items():
                spots = self.views.spots(number, centre[number - start])
                away = np.linalg.norm(spots.flat - flat, axis=1)
                if len(spots) and away.min() < self.settings.path.own_mm:
                    found.append(float(spots.contrast[away.argmin()]))
        return float(np.median(found)) if len(found) >= self.settings.path.fewest_known else None

    def _traced(self, course: Course, points: Mapping[int, Flat], start: int, noise: float) -> TracedRoot:
        path = self.settings.path
        fixed = np.isin(course.layers, list(points))
        deviation = np.where(course.seen, path.measured_mm, np.inf)
        deviation[fixed] = 0.0
        flat = smooth_course(course.flat, deviation, path.course_bend_mm)
        moved = np.linalg.norm(flat - course.flat, axis=1)
        apart = np.abs(course.layers[:, None] - np.array(list(points))).min(axis=1)
        confidence = root_confidence(course.margin, course.seen, moved, apart, noise, self.settings.confidence)
        return TracedRoot(course.layers + start, flat, np.where(fixed, 1.0, confidence), course.seen)


def spot_cost(
    spots: Spots, number: int, around: Surroundings, path: PathSettings, usual: float | None = None
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """What each spot costs any root, (n,): faint, long, on the wrong side of dura or cord; and which are possible.

    `usual` is the contrast that roots have in this image, where that is known.
    """
    usual = path.usual_contrast if usual is None else usual
    lacking = np.maximum(0.0, usual - spots.contrast) / (path.contrast_deviation * usual)
    long = np.maximum(0.0, path.usual_roundness - spots.roundness) / path.roundness_deviation
    cost = 0.5 * lacking**2 + 0.5 * np.minimum(long, 3.0) ** 2
    possible = np.ones(len(spots), dtype=bool)
    for outlines, sign, wall_mm in ((around.dura, 1, path.wall_mm), (around.cord, -1, 0.0)):
        if number in outlines and len(spots):
            beyond = sign * signed_distance(outlines[number].flat, spots.flat)
            possible &= beyond < path.outside_mm
            cost += 0.5 * np.maximum(0.0, (beyond + wall_mm) / path.wall_deviation_mm) ** 2
    return cost, possible & (cost < path.hidden_cost + path.share_cost)


def _centres(points: Sequence[Confirmed], first: int, last: int) -> Flat:
    """The middle of what is known, on each slice from first to last, (n, 2) mm."""
    numbers = np.arange(first, last + 1)
    courses = np.full((len(points), len(numbers), 2), np.nan)
    for index, known in enumerate(points):
        at = sorted(known)
        flat = np.array([known[number] for number in at])
        for axis in range(2):
            courses[index, :, axis] = np.interp(numbers, at, flat[:, axis])
    return np.asarray((courses.max(axis=0) + courses.min(axis=0)) / 2)
