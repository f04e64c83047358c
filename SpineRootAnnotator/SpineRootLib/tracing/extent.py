"""How far roots are followed beyond their marks, and why no farther."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from SpineRootLib.anatomy import Root
from SpineRootLib.curves import signed_distance
from SpineRootLib.tracing.confirmed import ConfirmedWalls
from SpineRootLib.tracing.courses import Course
from SpineRootLib.tracing.outline import Outline
from SpineRootLib.tracing.root_settings import OnwardSettings
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.translation import _

_UNSURE = _("the root is followed no farther: nothing continues it with enough certainty")
_AT_CORD = _("the root is followed no farther: it has reached the cord")
_NO_CORD = _("the root is followed no farther upwards: no cord is known at which it would end")
_LEFT = _("the root is followed no farther: it has left the dura")
_AT_EXIT = _("the root is followed no farther: judging by its ganglion, it has left the dura here")


def beyond_marks(
    marks: Mapping[Root, Mapping[int, Flat]], roots: Iterable[Root], count: int, settings: OnwardSettings
) -> dict[Root, tuple[int, int]]:
    """First and last slice on which each root is looked for, in an image of `count` slices."""
    reach = settings.farthest
    return {
        root: (max(1, min(marks[root]) - reach), min(count, max(marks[root]) + reach))
        for root in roots
        if marks.get(root)
    }


def followed(course: Course, marks: Mapping[int, Flat], settings: OnwardSettings) -> Course:
    """The course as far as it is certain enough beyond its marks; the confidence falls with the distance from them."""
    beyond = np.maximum(min(marks) - course.numbers, course.numbers - max(marks)).clip(0)
    confidence = course.confidence * settings.per_slice**beyond
    unsure = course.numbers[(beyond > 0) & (confidence < settings.least_confidence)]
    first = max(unsure[unsure < min(marks)], default=int(course.numbers[0]) - 1) + 1
    last = min(unsure[unsure > max(marks)], default=int(course.numbers[-1]) + 1) - 1
    start = int(course.numbers[0])
    return replace(course, confidence=confidence).part(slice(int(first) - start, int(last) - start + 1))


def ended(
    course: Course,
    marks: Mapping[int, Flat],
    around: ConfirmedWalls,
    exit_slice: int | None,
    count: int,
    settings: TracingSettings,
) -> tuple[Course, dict[int, str]]:
    """The course from the cord to the dura, and by slice, where it stops inside the image, why it goes no farther.

    Parameters
    ----------
    course : as far as it is certain enough.
    exit_slice : where the ganglion lets expect that it leaves the dura, if that is known.
    """
    first, top = _start(course, marks, around, settings)
    last, bottom = _exit(course, marks, around, exit_slice, settings)
    start = int(course.numbers[0])
    reasons = {first - 1: top} if first > 1 else {}
    if last < count:
        reasons[last + 1] = bottom
    course = course.part(slice(first - start, last - start + 1))
    # along the cord roots of other levels run where this one would: whether it still is this one is not seen
    far_up = course.numbers < min(marks) - settings.onward.unguided
    confidence = np.where(far_up, np.minimum(course.confidence, settings.onward.least_confidence), course.confidence)
    return replace(course, confidence=confidence), reasons


def _start(
    course: Course, marks: Mapping[int, Flat], around: ConfirmedWalls, settings: TracingSettings
) -> tuple[int, str]:
    """The uppermost slice of a course, and why it is."""
    marked, first, s = min(marks), int(course.numbers[0]), settings.ends
    nearest, top, near = np.inf, marked, 0
    for number in range(marked, first - 1, -1):
        if number not in around.cord:
            if marked - number > settings.onward.unguided:
                return number + 1, _NO_CORD
            continue
        away = _beyond(around.cord[number], course.flat[number - first])
        near += away <= s.free_mm
        if away < s.on_cord_mm:
            return number, _AT_CORD
        # it has detached below: what runs along the cord or leads away from it again is another structure
        if near > settings.onward.unguided or (near and away > nearest + s.away_mm):
            return top, _AT_CORD
        if away < nearest:
            nearest, top = away, number
    return first, _UNSURE


def _exit(
    course: Course,
    marks: Mapping[int, Flat],
    around: ConfirmedWalls,
    exit_slice: int | None,
    settings: TracingSettings,
) -> tuple[int, str]:
    marked, first = max(marks), int(course.numbers[0])
    for number in range(marked + 1, int(course.numbers[-1]) + 1):
        place = course.flat[number - first]
        if number in around.dura and _beyond(around.dura[number], place) > settings.onward.outside_mm:
            return number - 1, _LEFT
        if exit_slice is not None and number > exit_slice + settings.ends.tolerance_slices:
            return number - 1, _AT_EXIT
    return int(course.numbers[-1]), _UNSURE


def _beyond(outline: Outline, place: Flat) -> float:
    """How far a place, (2,), lies outside of an outline, mm."""
    return float(signed_distance(outline.flat, place[None])[0])
