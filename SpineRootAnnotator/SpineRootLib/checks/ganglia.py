"""Rules on ganglia: on their side, in the order of the segments, below the end of their root."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from SpineRootLib.anatomy import GANGLIA, ROOTS, SIDES
from SpineRootLib.checks.limits import Limits
from SpineRootLib.checks.rule import Rule
from SpineRootLib.checks.traced import Traced
from SpineRootLib.findings import Finding, Severity
from SpineRootLib.translation import _


class GanglionSide(Rule):
    """Left ganglia to the right of the right ones of the same segment."""

    name = "ganglion-side"
    limit = "side_mm"
    needs = ("planes", GANGLIA)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("ganglia lie on their side")

    def check(self, traced: Traced, limits: Limits) -> Iterator[Finding]:
        """One finding a pair; its value is how far they lie the wrong way round, mm."""
        limit, ganglia = self.limit_in(limits), traced.annotation.ganglia
        for root in ganglia:
            if root.side == "L" and root.opposite in ganglia:
                wrong = float((ganglia[root] - ganglia[root.opposite]) @ traced.planes.right)
                if wrong > limit:
                    message = _(
                        "the ganglion {root} lies {wrong:.1f} mm to the right of {opposite}: sides exchanged?"
                    ).format(root=root, wrong=wrong, opposite=root.opposite)
                    yield self.finding(message, GANGLIA, root, None, wrong, limit, ganglia[root])


class GanglionOrder(Rule):
    """Ganglia of a side that lie above one of a higher segment."""

    name = "ganglion-order"
    needs = ("planes", GANGLIA)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("ganglia lie in the order of the segments")

    def check(self, traced: Traced, _limits: Limits) -> Iterator[Finding]:
        """One finding a pair of neighbours; its value is how far the lower lies above the higher, mm."""
        ganglia = traced.annotation.ganglia
        for side in SIDES:
            for higher, lower in pairwise(root for root in sorted(ganglia) if root.side == side):
                above = float((ganglia[higher] - ganglia[lower]) @ traced.planes.down)
                if above >= 0:
                    message = _("the ganglion {lower} lies {above:.1f} mm above {higher}: segments exchanged?").format(
                        lower=lower, above=above, higher=higher
                    )
                    yield self.finding(message, GANGLIA, lower, None, above, 0.0, ganglia[lower])


class GanglionBelowRoot(Rule):
    """Ganglia above the last point of their root."""

    name = "ganglion-below-root"
    severity = Severity.WARNING
    limit = "ganglion_above_mm"
    needs = ("planes", ROOTS, GANGLIA)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("a ganglion lies below its root's last point")

    def check(self, traced: Traced, limits: Limits) -> Iterator[Finding]:
        """One finding a ganglion; its value is how far above it lies, mm."""
        limit, ganglia = self.limit_in(limits), traced.annotation.ganglia
        for root, path in traced.paths.items():
            if root in ganglia:
                above = float((path.points[-1] - ganglia[root]) @ traced.planes.down)
                if above > limit:
                    message = _("the ganglion {root} lies {above:.1f} mm above the last point of its root").format(
                        root=root, above=above
                    )
                    yield self.finding(message, GANGLIA, root, None, above, limit, ganglia[root])


RULES = (GanglionSide(), GanglionOrder(), GanglionBelowRoot())
