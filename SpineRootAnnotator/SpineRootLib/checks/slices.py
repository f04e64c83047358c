"""Rules on slices: one contour and one point of a root on each, on its plane, and none left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from SpineRootLib.anatomy import ROOTS, Root
from SpineRootLib.checks.limits import Limits
from SpineRootLib.checks.rule import Rule
from SpineRootLib.checks.traced import Traced
from SpineRootLib.findings import Finding, Severity
from SpineRootLib.frames import Points
from SpineRootLib.slice_ranges import runs, slices_text
from SpineRootLib.translation import _


class Duplicate(Rule):
    """Several points of a root on one slice: the same click twice, or one of them in a wrong place."""

    name = "duplicate"
    limit = "duplicate_mm"
    needs = ("planes", ROOTS)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("a root has one point on a slice")

    def check(self, traced: Traced, limits: Limits) -> Iterator[Finding]:
        """One finding a slice; its value is how far the points lie apart, mm."""
        limit = self.limit_in(limits)
        for root, path in traced.paths.items():
            points = traced.annotation.roots[root]
            numbers = traced.planes.number(points)
            for number in path.numbers if len(points) > len(path.numbers) else ():
                here = points[numbers == number]
                if len(here) < 2:
                    continue
                apart = float(np.linalg.norm(here - here[0], axis=1).max())
                message = _("{root} has {count} points on slice {number}, {apart:.2f} mm apart").format(
                    root=root, count=len(here), number=number, apart=apart
                )
                severity = Severity.ERROR if apart > limit else Severity.WARNING
                yield self.finding(message, ROOTS, root, int(number), apart, limit, here[-1], severity)


class DuplicateContour(Rule):
    """Several contours of a structure on one slice."""

    name = "duplicate-contour"
    needs = ("planes",)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("a structure has one contour on a slice")

    def check(self, traced: Traced, _limits: Limits) -> Iterator[Finding]:
        """One finding a slice; its value is the number of contours."""
        for structure, outlines in traced.outlines.items():
            if len(outlines) == len(traced.by_slice[structure]):
                continue
            for number in traced.by_slice[structure]:
                here = [outline.contour for outline in outlines if outline.number == number]
                if len(here) > 1:
                    names = ", ".join(contour.source or _("not yet saved") for contour in here)
                    message = _("the {structure} has {count} contours on slice {number} ({names})").format(
                        structure=structure, count=len(here), number=number, names=names
                    )
                    yield self.finding(message, structure, None, number, float(len(here)), 1.0, here[1].points[0])


class Gap(Rule):
    """Slices left out between the first and the last of a root, or of a structure's contours."""

    name = "gap"
    severity = Severity.WARNING
    needs = ("planes",)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("no slice is left out")

    def check(self, traced: Traced, _limits: Limits) -> Iterator[Finding]:
        """One finding a stretch; its value is the number of slices."""
        for structure, found in traced.by_slice.items():
            for first, last in left_out(found):
                message = _("the {structure} has no contour on {slices}").format(
                    structure=structure, slices=slices_text(range(first, last + 1))
                )
                position = found[first - 1].contour.points[0]
                yield self.finding(message, structure, None, first, float(last - first + 1), 0.0, position)
        for root, path in traced.paths.items():
            for first, last in left_out(path.row):
                message = _("{root} has no point on {slices}").format(
                    root=root, slices=slices_text(range(first, last + 1))
                )
                position = path.points[path.row[first - 1]]
                yield self.finding(message, ROOTS, root, first, float(last - first + 1), 0.0, position)


class OffSlice(Rule):
    """Points that do not lie on the plane of a slice, or lie beyond the image."""

    name = "off-slice"
    severity = Severity.WARNING
    limit = "off_slice_mm"
    needs = ("planes",)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("points lie on their slice")

    def check(self, traced: Traced, limits: Limits) -> Iterator[Finding]:
        """One finding a contour or root; its value is the largest distance, mm."""
        planes, limit = traced.planes, self.limit_in(limits)
        for what, structure, root, points in _marked(traced):
            numbers = np.clip(planes.number(points), 1, planes.count)
            distances = np.abs(planes.depth(points) - (numbers - 1) * planes.spacing)
            count = int(np.sum(distances > limit))
            if count:
                worst = int(np.argmax(distances))
                distance, number = float(distances[worst]), int(numbers[worst])
                message = _(
                    "{what} has {count} of {all} points off their slice, by {distance:.2f} mm at {number}"
                ).format(what=what, count=count, all=len(points), distance=distance, number=number)
                severity = Severity.ERROR if distance > planes.spacing / 2 else None
                yield self.finding(message, structure, root, number, distance, limit, points[worst], severity)


def _marked(traced: Traced) -> Iterator[tuple[str, str, Root | None, Points]]:
    """What to call it, structure, root and points, (n, 3), of every contour and root."""
    for structure, outlines in traced.outlines.items():
        for outline in outlines:
            yield _("a contour of the {structure}").format(structure=structure), structure, None, outline.contour.points
    for root, points in traced.annotation.roots.items():
        yield str(root), ROOTS, root, points


def left_out(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """First and last of each stretch that is missing between the least and the greatest number."""
    stretches = runs(numbers)
    return [(before[1] + 1, after[0] - 1) for before, after in zip(stretches, stretches[1:], strict=False)]


RULES = (Duplicate(), DuplicateContour(), Gap(), OffSlice())
