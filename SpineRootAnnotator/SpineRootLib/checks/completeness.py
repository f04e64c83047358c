"""Rules on names, labels, the order in which things are listed, and what is there at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, ROOTS
from SpineRootLib.checks.limits import Limits
from SpineRootLib.checks.rule import Rule
from SpineRootLib.checks.traced import ContourOnSlice, Traced
from SpineRootLib.findings import Finding, Severity
from SpineRootLib.naming import parse_markups_name
from SpineRootLib.slice_ranges import slices_text
from SpineRootLib.translation import _


class Reading(Rule):
    """What disagreed while the files were read, each under the name that it was given there."""

    name = "reading"

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("file names and labels agree")

    def check(self, traced: Traced, _limits: Limits) -> Iterator[Finding]:
        """The findings of the reader."""
        yield from traced.annotation.findings


class Missing(Rule):
    """Structures, roots and ganglia of which nothing is marked."""

    name = "missing"
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("every structure is marked")

    def check(self, traced: Traced, _limits: Limits) -> Iterator[Finding]:
        """One finding a structure, root or ganglion."""
        annotation = traced.annotation
        for structure in CONTOUR_STRUCTURES:
            if not annotation.contours[structure]:
                yield self.finding(_("no contour of the {structure} is drawn").format(structure=structure), structure)
        for structure, name, marked in (
            (ROOTS, _("root"), annotation.roots),
            (GANGLIA, _("ganglion"), annotation.ganglia),
        ):
            for root in annotation.expected_roots():
                if root not in marked:
                    yield self.finding(
                        _("the {name} {root} is not marked").format(name=name, root=root), structure, root
                    )


class Order(Rule):
    """Points of a root's file listed neither from the top down nor from the bottom up."""

    name = "order"
    severity = Severity.WARNING
    needs = ("planes", ROOTS)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("the points of a root are listed along it")

    def check(self, traced: Traced, _limits: Limits) -> Iterator[Finding]:
        """One finding a root; its value is the number of steps against the direction of the rest."""
        for root, points in traced.annotation.roots.items():
            numbers = traced.planes.number(points)
            steps = np.sign(np.diff(numbers))
            down = steps.sum() >= 0
            back = np.flatnonzero(steps == (-1 if down else 1))
            if not len(back):
                continue
            swapped = np.concatenate([numbers[back], numbers[back + 1]])
            listed = _("top down") if down else _("bottom up")
            message = _("the points of {root} are listed from the {listed}, but not on {slices}").format(
                root=root, listed=listed, slices=slices_text(swapped)
            )
            first = int(back[0])
            yield self.finding(message, ROOTS, root, int(numbers[first]), float(len(back)), 0.0, points[first])


class Numbering(Rule):
    """Contour files whose number is not their slice's; the points decide."""

    name = "numbering"
    severity = Severity.INFO
    needs = ("planes",)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("contour files bear the number of their slice")

    def check(self, traced: Traced, _limits: Limits) -> Iterator[Finding]:
        """One finding a structure; its value is the number of such files."""
        for structure, outlines in traced.outlines.items():
            other = [outline for outline in outlines if _number_in_name(outline) not in (None, outline.number)]
            if other:
                yield self._disagreement(structure, other, len(outlines))

    def _disagreement(self, structure: str, other: Sequence[ContourOnSlice], count: int) -> Finding:
        first = other[0]
        message = _(
            "{count} of {all} files of the {structure} bear another number than their "
            "slice's, such as {source} on slice {number}; the points decide"
        ).format(count=len(other), all=count, structure=structure, source=first.contour.source, number=first.number)
        value = float(len(other))
        return self.finding(message, structure, None, first.number, value, 0.0, first.contour.points[0])


def _number_in_name(outline: ContourOnSlice) -> int | None:
    name = parse_markups_name(outline.contour.source)
    return None if name is None else name.number


RULES = (Reading(), Missing(), Order(), Numbering())
