"""What is proposed for roots: their next point, all points between, and their ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from SpineRootLib.anatomy import Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.progress import Progress
from SpineRootLib.tracing.following import as_far_as_sure
from SpineRootLib.tracing.judging import misfit
from SpineRootLib.tracing.known import known_points, surroundings
from SpineRootLib.tracing.next_root import propose_next
from SpineRootLib.tracing.proposals import ContourProposal, PointProposal
from SpineRootLib.tracing.root_ends import RootEnd, expected_ends, find_last, find_starts
from SpineRootLib.tracing.roots import RootTracer, TracedRoot
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.tracing.views import Views

Contours = Mapping[str, Mapping[int, ContourProposal]]
_NONE_CONFIRMED = "no point of the root is confirmed"
_NO_COURSE = "no course was found between its points"


class RootProposals:
    """The proposals for roots on one image; see `Tracer` for what each is."""

    def __init__(self, views: Views, near: Views, settings: TracingSettings):
        self.views, self.near, self.settings = views, near, settings
        self.planes = views.planes
        self._tracer = RootTracer(views, settings)

    def next(self, annotation: Annotation, root: Root, number: int) -> PointProposal:
        """A root's point on one slice."""
        if number not in self.views.stack:
            return PointProposal(None, reason=f"there is no slice {number}", root=root, slice=number)
        confirmed = known_points(annotation, self.planes)
        found, confidence, reason = propose_next(self.near, confirmed, root, number, self.settings)
        position = None if found is None else self.planes.lift(found, number)[0]
        return PointProposal(position, confidence, reason, root, number)

    def between(
        self,
        annotation: Annotation,
        roots: Iterable[Root] | None,
        onward: bool,
        contours: Contours | None,
        progress: Progress | None,
    ) -> dict[Root, list[PointProposal]]:
        """Points on all slices between the confirmed ones, and beyond them where `onward`."""
        confirmed = known_points(annotation, self.planes)
        asked = sorted(confirmed if roots is None else roots)
        fault = misfit(self.views, annotation, self.settings)
        if fault:
            return {root: [PointProposal(None, reason=fault, root=root)] for root in asked}
        around = surroundings(annotation, contours or {}, self.planes)
        first, last = (1, self.planes.count) if onward else (None, None)
        ends = expected_ends(annotation, self.planes, self.settings.ends) if onward else {}
        traced = self._tracer.trace(confirmed, around, first, last, ends, progress)
        answers = {root: self._proposals(root, traced.get(root), confirmed.get(root, {})) for root in asked}
        if not onward:
            return answers
        least, count = self.settings.path.stop_confidence, self.planes.count
        return {
            root: as_far_as_sure(points, root, confirmed[root], count, least) if traced.get(root) else points
            for root, points in answers.items()
        }

    def ends(
        self, annotation: Annotation, roots: Iterable[Root] | None, contours: Contours | None, progress: Progress | None
    ) -> dict[Root, tuple[PointProposal, PointProposal]]:
        """The first and the last point of roots, beyond their confirmed ones."""
        confirmed = known_points(annotation, self.planes)
        asked = sorted(confirmed if roots is None else roots)
        fault = misfit(self.views, annotation, self.settings)
        if fault:
            return {root: (PointProposal(None, reason=fault, root=root),) * 2 for root in asked}
        around = surroundings(annotation, contours or {}, self.planes)
        ends = expected_ends(annotation, self.planes, self.settings.ends)
        traced = self._tracer.trace(confirmed, around, 1, self.planes.count, ends, progress)
        starts = find_starts(traced, confirmed, around, self.settings.ends)
        answers = {}
        for root in asked:
            if root not in starts:
                reason = _NO_COURSE if confirmed.get(root) else _NONE_CONFIRMED
                answers[root] = (PointProposal(None, reason=reason, root=root),) * 2
                continue
            last = find_last(traced[root], ends.get(root), confirmed[root], self.settings.ends)
            answers[root] = (self._end(root, starts[root]), self._end(root, last))
        return answers

    def _end(self, root: Root, end: RootEnd) -> PointProposal:
        place = self.planes.lift(end.flat, end.number)[0]
        return PointProposal(place, end.confidence, end.reason, root, end.number)

    def _proposals(self, root: Root, traced: TracedRoot | None, confirmed: Mapping[int, Flat]) -> list[PointProposal]:
        if traced is None or not len(traced.numbers):
            return [PointProposal(None, reason=_NO_COURSE if confirmed else _NONE_CONFIRMED, root=root)]
        points = self.planes.lift(traced.flat, traced.numbers)
        rows = zip(traced.numbers, points, traced.confidence, traced.seen, strict=True)
        return [
            PointProposal(point, float(sure), "" if seen else "no dark spot is seen here", root, int(number))
            for number, point, sure, seen in rows
            if int(number) not in confirmed
        ]
