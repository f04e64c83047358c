"""The rule on where roots end: they leave the dural sac, or run on as far as it was scanned."""

from __future__ import annotations

from collections.abc import Iterator

from SpineRootLib.anatomy import DURA, ROOTS, Root
from SpineRootLib.checks.limits import Limits
from SpineRootLib.checks.rule import Rule
from SpineRootLib.checks.traced import Traced
from SpineRootLib.findings import Finding, Severity
from SpineRootLib.translation import _


class RootEndsInside(Rule):
    """Roots that end inside the sac although it goes on: well inside, or above the end of a higher root of their side.

    The latter tells it also where roots run along the wall, and all of the way lie near it.
    """

    name = "root-end"
    severity = Severity.WARNING
    limit = "end_inside_mm"
    needs = ("planes", DURA, ROOTS)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("a root ends where it leaves the dura, or where the dura ends")

    def check(self, traced: Traced, limits: Limits) -> Iterator[Finding]:
        """One finding a root; its value is how far inside the dura it ends, mm."""
        dura, limit = traced.by_slice[DURA], self.limit_in(limits)
        bottom = max(dura)
        for root, path in traced.paths.items():
            number, flat = int(path.numbers[-1]), path.flat[-1:]
            if number not in dura or bottom - number < limits.end_slices or not dura[number].holds(flat)[0]:
                continue
            inside = float(dura[number].distance(flat)[0])
            longer = self._longer(traced, root, number + limits.end_slices)
            words = {"root": root, "inside": inside, "number": number, "bottom": bottom, "longer": longer}
            if longer is not None:
                message = _("{root} ends inside the dura on slice {number}, and {longer} above it runs on")
            elif inside > limit:
                message = _("{root} ends {inside:.2g} mm inside the dura on slice {number}, which goes on to {bottom}")
            else:
                continue
            yield self.finding(message.format(**words), ROOTS, root, number, inside, limit, path.points[-1])

    @staticmethod
    def _longer(traced: Traced, root: Root, number: int) -> Root | None:
        """A higher root of the same side that runs on to this slice or farther; None for none."""
        return next(
            (
                higher
                for higher, lower in traced.pairs_of_a_side()
                if lower == root and traced.paths[higher].numbers[-1] >= number
            ),
            None,
        )


RULES = (RootEndsInside(),)
