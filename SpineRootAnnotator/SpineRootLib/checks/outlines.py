"""Rules on outlines: roots between the dura and the cord, the cord inside the dura, and curves that do not cross."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, CORD, DURA, ROOTS
from SpineRootLib.checks.limits import Limits
from SpineRootLib.checks.rule import Rule
from SpineRootLib.checks.traced import Traced
from SpineRootLib.findings import Finding, Severity
from SpineRootLib.slice_ranges import slices_text
from SpineRootLib.translation import _


class InsideDura(Rule):
    """Root points outside the dura's curve on their slice."""

    name = "inside-dura"
    limit = "outside_mm"
    needs = ("planes", DURA, ROOTS)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("root points lie inside the dura")

    def check(self, traced: Traced, limits: Limits) -> Iterator[Finding]:
        """One finding a point; its value is how far outside it lies, mm. What cannot be told is said as one more."""
        limit = self.limit_in(limits)
        bare = marked_slices(traced) - traced.by_slice[DURA].keys()
        if bare:
            message = _("not checked on {slices}, where the dura has no contour: {title}").format(
                slices=slices_text(bare), title=self.title
            )
            yield self.finding(message, DURA, None, min(bare), float(len(bare)), 0.0, severity=Severity.INFO)
        for root, number, outside, position in traced.strays(DURA, within=False):
            if outside > limit:
                message = _("{root} lies {outside:.2g} mm outside the dura on slice {number}").format(
                    root=root, outside=outside, number=number
                )
                yield self.finding(
                    message, ROOTS, root, number, outside, limit, position, limits.severity_outside(outside)
                )


class OutsideCord(Rule):
    """Root points inside the cord's curve on their slice."""

    name = "outside-cord"
    limit = "outside_mm"
    needs = ("planes", CORD, ROOTS)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("root points lie outside the cord")

    def check(self, traced: Traced, limits: Limits) -> Iterator[Finding]:
        """One finding a point; its value is how deep inside it lies, mm. What cannot be told is said as one more."""
        limit = self.limit_in(limits)
        # below its last contour there is no cord any more
        bare = {number for number in marked_slices(traced) if number < max(traced.by_slice[CORD])}
        bare -= traced.by_slice[CORD].keys()
        if bare:
            message = _("not checked on {slices}, where the cord has no contour: {title}").format(
                slices=slices_text(bare), title=self.title
            )
            yield self.finding(message, CORD, None, min(bare), float(len(bare)), 0.0, severity=Severity.INFO)
        for root, number, depth, position in traced.strays(CORD, within=True):
            if depth > limit:
                message = _("{root} lies {depth:.2g} mm inside the cord on slice {number}").format(
                    root=root, depth=depth, number=number
                )
                yield self.finding(message, ROOTS, root, number, depth, limit, position, limits.severity_outside(depth))


class CordInDura(Rule):
    """Parts of the cord's curve outside the dura's."""

    name = "cord-in-dura"
    limit = "cord_outside_mm"
    needs = ("planes", DURA, CORD)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("the cord lies inside the dura")

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
                message = _("the cord reaches {value:.2g} mm outside the dura on slice {number}").format(
                    value=value, number=number
                )
                position = traced.planes.lift(strays[np.argmax(distances)], number)[0]
                yield self.finding(message, CORD, None, number, value, limit, position, limits.severity_outside(value))


class SelfCrossing(Rule):
    """Contours whose curve crosses itself."""

    name = "self-crossing"
    needs = ("planes",)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("a contour does not cross itself")

    def check(self, traced: Traced, _limits: Limits) -> Iterator[Finding]:
        """One finding a contour; its value is the number of crossings."""
        for structure in CONTOUR_STRUCTURES:
            for outline in traced.outlines[structure]:
                count = len(outline.crossings)
                if count:
                    position = traced.planes.lift(outline.flat[outline.crossings[0, 0]], outline.number)[0]
                    message = _("the contour of the {structure} on slice {number} crosses itself").format(
                        structure=structure, number=outline.number
                    )
                    yield self.finding(message, structure, None, outline.number, float(count), 0.0, position)


def marked_slices(traced: Traced) -> set[int]:
    """The slices with a point of any root."""
    return {number for path in traced.paths.values() for number in path.row}


RULES = (InsideDura(), OutsideCord(), CordInDura(), SelfCrossing())
