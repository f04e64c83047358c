"""Where roots detach from the cord and leave the dura."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import signed_distance
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.tracing.confirmed import ConfirmedWalls
from SpineRootLib.tracing.courses import Course
from SpineRootLib.tracing.outline import Outline
from SpineRootLib.tracing.root_settings import EndSettings
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.translation import _


@dataclass(frozen=True, eq=False)
class RootEnd:
    """A proposed first or last point: slice, (2,) in-plane mm, confidence, and why it is doubtful, else empty."""

    number: int
    flat: Flat
    confidence: float
    reason: str = ""


def expected_ends(annotation: Annotation, planes: SlicePlanes, settings: EndSettings) -> dict[Root, int]:
    """By root the slice on which it leaves the dura, or the last one where it leaves below, from its ganglion.

    A root whose own ganglion is not known takes that of its other side.
    """
    found = {}
    for root in annotation.roots:
        ganglion = annotation.ganglia.get(root, annotation.ganglia.get(root.opposite))
        if ganglion is not None:
            above = planes.depth(ganglion)[0] - settings.above_ganglion_mm
            found[root] = int(np.clip(round(above / planes.spacing) + 1, 1, planes.count))
    return found


def find_starts(
    traced: Mapping[Root, Course],
    confirmed: Mapping[Root, Mapping[int, Flat]],
    around: ConfirmedWalls,
    settings: EndSettings,
) -> dict[Root, RootEnd]:
    """Where each root detaches from the cord.

    A root hugs the cord on its first slices and is no spot of its own there: its approach to the cord is extrapolated,
    and the two roots of a segment begin together.
    """
    courses = {
        root: _up_to_cord(each, min(confirmed[root]), around, settings)
        for root, each in traced.items()
        if len(each.numbers)
    }
    reached = {root: _reaches_cord(course, around, settings) for root, course in courses.items()}
    starts = {}
    for root, course in courses.items():
        wanted = _together(reached[root], reached.get(root.opposite, reached[root]))
        starts[root] = _start(course, min(wanted, min(confirmed[root]), int(course.numbers[0])), around, settings)
    return starts


def _up_to_cord(traced: Course, known: int, around: ConfirmedWalls, settings: EndSettings) -> Course:
    """The course from where it meets the cord.

    What leads away from the cord again, along it or through it is another structure, and so is what follows on a
    stretch of doubt.
    """
    distance = cord_distance(traced, around)
    top = int(np.searchsorted(traced.numbers, known))
    if not np.isfinite(distance[top]):
        return traced
    least, first, touching, near = float(distance[top]), top, 0, 0
    for index in range(top - 1, -1, -1):
        away = float(distance[index])
        touching += least <= settings.on_cord_mm
        near += away <= settings.free_mm
        is_other = not -settings.inside_mm <= away <= max(least, settings.on_cord_mm) + settings.away_mm  # nor unknown
        is_other |= touching > settings.most_touching or near > settings.most_near
        if is_other or traced.confidence[index] < settings.least_confidence:
            break
        least, first = min(least, away), index
    return traced.part(slice(first, None))


def _together(own: tuple[int, bool], other: tuple[int, bool]) -> int:
    """Where a root begins that reaches the cord on a slice, seen or extrapolated, and its other side on another.

    What is seen is believed; of two, the upper: the root of the other side hugs the cord and is no spot of its own.
    """
    if own[1] != other[1]:
        return own[0] if own[1] else other[0]
    return min(own[0], other[0]) if own[1] else round((own[0] + other[0]) / 2)


def _start(traced: Course, wanted: int, around: ConfirmedWalls, s: EndSettings) -> RootEnd:
    number = int(traced.numbers[0])
    if wanted >= number:
        return RootEnd(number, traced.flat[0], float(traced.confidence[0]))
    place = traced.flat[0]
    if wanted in around.cord:
        place = _beside(around.cord[wanted], place, s.on_cord_mm)
    return RootEnd(wanted, place, s.extrapolated, _("it hugs the cord here and is no dot of its own"))


def _reaches_cord(traced: Course, around: ConfirmedWalls, s: EndSettings) -> tuple[int, bool]:
    """The slice on which the root detaches from the cord, and whether that is seen.

    Where its distance from the cord is never that of its detachment, it is extrapolated upwards.
    """
    number = int(traced.numbers[0])
    distance = cord_distance(traced, around)[: s.slope_slices]
    if not len(distance) or not np.all(np.isfinite(distance)):
        return number, False
    if distance[0] <= s.free_mm:
        return number, True
    slope = float(np.polyfit(np.arange(len(distance)), distance, 1)[0]) if len(distance) > 1 else 0.0
    more = (distance[0] - s.on_cord_mm) / max(slope, (distance[0] - s.on_cord_mm) / s.slope_slices)
    return max(1, number - round(float(more))), False


def cord_distance(traced: Course, around: ConfirmedWalls) -> NDArray[np.float64]:
    """Distance of the root from the cord's outline on its slices, (k,) mm, NaN where that is not known."""
    return np.array(
        [
            signed_distance(around.cord[int(number)].flat, flat[None])[0] if int(number) in around.cord else np.nan
            for number, flat in zip(traced.numbers, traced.flat, strict=True)
        ]
    )


def _beside(cord: Outline, place: Flat, distance: float) -> Flat:
    """The place so far outside of the cord on the ray from its middle through a place."""
    away = cord.flat - cord.centre
    towards = (place - cord.centre) / np.linalg.norm(place - cord.centre)
    nearest = int(np.argmax(away @ towards / np.linalg.norm(away, axis=1)))
    return np.asarray(cord.centre + towards * (np.linalg.norm(away[nearest]) + distance))


def find_last(traced: Course, expected: int | None, confirmed: Mapping[int, Flat], settings: EndSettings) -> RootEnd:
    """Where a root leaves the dura: the lowest point of its course, not below where its ganglion lets it be.

    A course that ends above is extrapolated.
    """
    bottom = int(traced.numbers[-1])
    lowest = bottom if expected is None else max(min(bottom, expected + settings.tolerance_slices), max(confirmed))
    if expected is None or lowest >= expected - settings.tolerance_slices:
        at = int(np.searchsorted(traced.numbers, lowest))
        return RootEnd(lowest, traced.flat[at], float(traced.confidence[at]))
    last = slice(-min(len(traced.numbers), 2 * settings.slope_slices), None)
    line = np.polyfit(traced.numbers[last] - bottom, traced.flat[last], 1 if len(traced.numbers) > 1 else 0)
    place = traced.flat[-1] + (line[0] * (expected - bottom) if len(line) > 1 else 0.0)
    return RootEnd(
        expected,
        place,
        settings.extrapolated,
        _("it is not seen down to where it leaves the dura, judging by its ganglion"),
    )
