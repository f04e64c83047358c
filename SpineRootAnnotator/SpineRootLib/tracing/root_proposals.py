"""What is proposed for roots: one point, all points between their marks and beyond, and their ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from SpineRootLib.anatomy import Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.progress import Progress, part
from SpineRootLib.tracing.confirmed import ConfirmedWalls, confirmed_points, surroundings
from SpineRootLib.tracing.consistency import misfit
from SpineRootLib.tracing.courses import Course, CourseTracer
from SpineRootLib.tracing.extent import beyond_marks, ended, followed
from SpineRootLib.tracing.proposals import ContourProposal, PointProposal
from SpineRootLib.tracing.root_ends import RootEnd, expected_ends, find_last, find_starts
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.tracing.views import Views
from SpineRootLib.translation import _

Contours = Mapping[str, Mapping[int, ContourProposal]]
Marks = Mapping[Root, Mapping[int, Flat]]
# How far work is when it is known that annotation and image belong together.
_COMPARED = 0.1
_NONE_CONFIRMED = _("no point of the root is confirmed")
_NO_START = _("no point of the root is confirmed from which to start")
_UNSEEN = _("no dark dot is told apart here: the place follows from the marks and from what moves about it")


@dataclass(frozen=True, eq=False)
class _Asked:
    """A question: the marks, what is known of dura and cord, and the roots asked for."""

    marks: Marks
    around: ConfirmedWalls
    roots: tuple[Root, ...]
    ends: Mapping[Root, int]


class RootProposals:
    """The proposals for roots on one image; see `Tracer` for what each is."""

    def __init__(self, views: Views, near: Views, settings: TracingSettings):
        self.views, self.settings = views, settings
        self.planes = views.planes
        self._tracer = CourseTracer(views, settings)
        self._near_tracer = CourseTracer(near, settings)

    def next(self, annotation: Annotation, root: Root, number: int) -> PointProposal:
        """A root's point on one slice."""
        fault = self.views.image_fault
        if number not in self.views.stack:
            fault = _("there is no slice {number}").format(number=number)
        marks = confirmed_points(annotation, self.planes)
        own = marks.get(root, {})
        if not fault and not own:
            fault = _NO_START
        nearest = min((abs(number - marked) for marked in own), default=0)
        within = min(own, default=0) <= number <= max(own, default=0)
        if not fault and not within and nearest > self.settings.onward.nearest:
            fault = _("the nearest confirmed point of the root is too many slices away")
        if fault:
            return PointProposal(None, reason=fault, root=root, slice=number)
        return self._point(root, self._course_about(marks, root, number), number)

    def between(
        self,
        annotation: Annotation,
        roots: Iterable[Root] | None,
        onward: bool,
        contours: Contours | None,
        progress: Progress | None,
    ) -> dict[Root, list[PointProposal]]:
        """Points on all slices between the confirmed ones, and beyond them where `onward`."""
        asked = self._asked(annotation, roots, contours)
        fault = misfit(self.views, annotation, self.settings, part(progress, 0.0, _COMPARED))
        if fault:
            return {root: [PointProposal(None, reason=fault, root=root)] for root in asked.roots}
        extents = beyond_marks(asked.marks, asked.roots, self.planes.count, self.settings.onward) if onward else {}
        courses = self._tracer.trace(asked.marks, extents, asked.roots, part(progress, _COMPARED, 1.0))
        return {root: self._points(root, courses.get(root), asked, onward) for root in asked.roots}

    def ends(
        self, annotation: Annotation, roots: Iterable[Root] | None, contours: Contours | None, progress: Progress | None
    ) -> dict[Root, tuple[PointProposal, PointProposal]]:
        """The first and the last point of roots, beyond their confirmed ones."""
        asked = self._asked(annotation, roots, contours)
        fault = misfit(self.views, annotation, self.settings)
        if fault:
            return {root: (PointProposal(None, reason=fault, root=root),) * 2 for root in asked.roots}
        extents = beyond_marks(asked.marks, tuple(asked.marks), self.planes.count, self.settings.onward)
        courses = {
            root: followed(course, asked.marks[root], self.settings.onward)
            for root, course in self._tracer.trace(asked.marks, extents, None, progress).items()
        }
        starts = find_starts(courses, asked.marks, asked.around, self.settings.ends)
        answers = {}
        for root in asked.roots:
            if root not in starts:
                answers[root] = (PointProposal(None, reason=_NONE_CONFIRMED, root=root),) * 2
                continue
            last = find_last(courses[root], asked.ends.get(root), asked.marks[root], self.settings.ends)
            answers[root] = (self._end(root, starts[root]), self._end(root, last))
        return answers

    def _asked(self, annotation: Annotation, roots: Iterable[Root] | None, contours: Contours | None) -> _Asked:
        marks = confirmed_points(annotation, self.planes)
        around = surroundings(annotation, contours or {}, self.planes)
        ends = expected_ends(annotation, self.planes, self.settings.ends)
        return _Asked(marks, around, tuple(sorted(marks if roots is None else roots)), ends)

    def _course_about(self, marks: Marks, root: Root, number: int) -> Course:
        """The course about one slice, from the marks nearest to it."""
        own = marks[root]
        above = max((marked for marked in own if marked <= number), default=number)
        below = min((marked for marked in own if marked >= number), default=number)
        others = {other: {number: places[number]} for other, places in marks.items() if number in places}
        return self._near_tracer.trace({**others, root: own}, {root: (above, below)}, (root,))[root]

    def _points(self, root: Root, course: Course | None, asked: _Asked, onward: bool) -> list[PointProposal]:
        marks = asked.marks.get(root, {})
        if course is None:
            return [PointProposal(None, reason=_NONE_CONFIRMED, root=root)]
        reasons: dict[int, str] = {}
        if onward:
            course, reasons = self._followed(root, course, asked)
        found = [self._point(root, course, int(number)) for number in course.numbers if int(number) not in marks]
        found += [PointProposal(None, reason=why, root=root, slice=number) for number, why in reasons.items()]
        return sorted(found, key=lambda each: each.slice or 0)

    def _followed(self, root: Root, course: Course, asked: _Asked) -> tuple[Course, dict[int, str]]:
        """The course as far as it is sure beyond its marks, and by slice why it goes no farther."""
        course = followed(course, asked.marks[root], self.settings.onward)
        return ended(course, asked.marks[root], asked.around, asked.ends.get(root), self.planes.count, self.settings)

    def _point(self, root: Root, course: Course, number: int) -> PointProposal:
        row = int(np.searchsorted(course.numbers, number))
        seen = bool(course.by_image[row])
        return PointProposal(
            self.planes.lift(course.flat[row], number)[0],
            float(course.confidence[row]),
            "" if seen else _UNSEEN,
            root,
            number,
            seen,
            float(course.deviation[row]),
        )

    def _end(self, root: Root, end: RootEnd) -> PointProposal:
        place = self.planes.lift(end.flat, end.number)[0]
        return PointProposal(place, end.confidence, end.reason, root, end.number, not end.reason)
