"""Rules on outlines: roots between the dura and the cord, the cord inside the dura, and curves that do not cross."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, CORD, DURA, ROOTS
from SpineRootLib.checks.limits import Limits
from SpineRootLib.checks.rule import Rule
from SpineRootLib.checks.traced import Traced, slices_text
from SpineRootLib.findings import Finding, Severity


class InsideDura(Rule):
    """Root points outside the dura's curve on their slice."""

    name = "inside-dura"
    title = "root points lie inside the dura"
    limit = "outside_mm"
    needs = ("planes", DURA, ROOTS)

    def check(self, traced: Traced, limits: Limits) -> Iterator[Finding]:
        """One finding a point; its value is how far outside it lies, mm. What cannot be told is said as one more."""
        limit = self.limit_in(limits)
        bare = marked_slices(traced) - traced.by_slice[DURA].keys()
        if bare:
            message = f"not checked on {slices_text(bare)}, where the dura has no contour: {self.title}"
            yield self.finding(message, DURA, None, min(bare), float(len(bare)), 0.0, severity=Severity.INFO)
        for root, number, outside, position in traced.strays(DURA, within=False):
            if outside > limit:
                message = f"{root} lies {outside:.2g} mm outside the dura on slice {number}"
                yield self.finding(message, ROOTS, root, number, outside, limit, position)


class OutsideCord(Rule):
    """Root points inside the cord's curve on their slice."""

    name = "outside-cord"
    title = "root points lie outside the cord"
    limit = "outside_mm"
    needs = ("planes", CORD, ROOTS)

    def check(self, traced: Traced, limits: Limits) -> Iterator[Finding]:
        """One finding a point; its value is how deep inside it lies, mm. What cannot be told is said as one more."""
        limit = self.limit_in(limits)
        # below its last contour there is no cord any more
        bare = {number for number in marked_slices(traced) if number < max(traced.by_slice[CORD])}
        bare -= traced.by_slice[CORD].keys()
        if bare:
            message = f"not checked on {slices_text(bare)}, where the cord has no contour: {self.title}"
            yield self.finding(message, CORD, None, min(bare), float(len(bare)), 0.0, severity=Severity.INFO)
        for root, number, depth, position in traced.strays(CORD, within=True):
            if depth > limit:
                message = f"{root} lies {depth:.2g} mm inside the cord on slice {number}"
                yield self.finding(message, ROOTS, root, number, depth, limit, position)


class CordInDura(Rule):
    """Parts of the cord's curve outside the dura's."""

    name = "cord-in-dura"
    title = "the cord lies inside the dura"
    limit = "cord_outside_mm"
    needs = ("planes", DURA, CORD)

    def check(self, traced: Traced, limits: Limits) -> Iterator[Finding]:
        """One finding a slice; its value is how far outside the curve reaches, mm."""
        limit = self.limit_in(limits)
        for number, cord in traced.by_slice[CORD].items():
            dura = traced.by_slice[DURA].get(number)
            if dura is None:
                continue
            strays = cord.flat[~dura.holds(cord.flat)]
            distances = dura.distance(strays) if len(strays) else np.zeros(1)
            value = float(distances.max())
            if value > limit:
                message = f"the cord reaches {value:.2g} mm outside the dura on slice {number}"
                position = traced.planes.lift(strays[np.argmax(distances)], number)[0]
                yield self.finding(message, CORD, None, number, value, limit, position)


class SelfCrossing(Rule):
    """Contours whose curve crosses itself."""

    name = "self-crossing"
    title = "a contour does not cross itself"
    needs = ("planes",)

    def check(self, traced: Traced, _limits: Limits) -> Iterator[Finding]:
        """One finding a contour; its value is the number of crossings."""
        for structure in CONTOUR_STRUCTURES:
            for outline in traced.outlines[structure]:
                count = len(outline.crossings)
                if count:
                    position = traced.planes.lift(outline.flat[outline.crossings[0, 0]], outline.number)[0]
                    message = f"the contour of the {structure} on slice {outline.number} crosses itself"
                    yield self.finding(message, structure, None, outline.number, float(count), 0.0, position)


def marked_slices(traced: Traced) -> set[int]:
    """The slices with a point of any root."""
    return {number for path in traced.paths.values() for number in path.row}


RULES = (InsideDura(), OutsideCord(), CordInDura(), SelfCrossing())
