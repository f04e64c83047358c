"""Quality control: what is wrong or doubtful in an annotation, as findings with a place to jump to."""

from __future__ import annotations

from collections.abc import Sequence

from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.checks import completeness, ends, ganglia, outlines, paths, sides, slices
from SpineRootLib.checks.limits import Limits
from SpineRootLib.checks.rule import Rule
from SpineRootLib.checks.traced import ContourOnSlice, Traced
from SpineRootLib.findings import Finding, Severity
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.translation import _

__all__ = ["RULES", "Checker", "Limits", "Rule", "check"]

RULES: tuple[Rule, ...] = (
    *completeness.RULES,
    *slices.RULES,
    *outlines.RULES,
    *paths.RULES,
    *ends.RULES,
    *sides.RULES,
    *ganglia.RULES,
)
_SEVERITIES = list(Severity)


class Checker:
    """Checks an annotation, also again and again while it is edited: the outlines of contours that did not change
    are kept, which is most of the work.

    Parameters
    ----------
    limits : what the rules compare with.
    rules : which rules.
    """

    def __init__(self, limits: Limits | None = None, rules: Sequence[Rule] = RULES):
        self.limits = limits or Limits()
        self.rules = tuple(rules)
        self._planes: SlicePlanes | None = None
        self._outlines: dict[Contour, ContourOnSlice] = {}

    def __call__(self, annotation: Annotation) -> list[Finding]:
        """Every finding, errors first, then in the order of the rules; what could not be checked is said as one."""
        traced = self._traced(annotation)
        found: list[Finding] = []
        unchecked: dict[str, list[str]] = {}
        for rule in self.rules:
            lacking = next((what for what in rule.needs if not traced.knows(what)), None)
            if lacking is None:
                found.extend(rule.check(traced, self.limits))
            else:
                unchecked.setdefault(lacking, []).append(rule.title)
        found.extend(_unchecked(what, titles) for what, titles in unchecked.items())
        return sorted(found, key=lambda finding: _SEVERITIES.index(finding.severity))

    def _traced(self, annotation: Annotation) -> Traced:
        if annotation.planes is not self._planes:
            self._planes, self._outlines = annotation.planes, {}
        traced = Traced(annotation, self._outlines)
        self._outlines = {each.contour: each for outlines in traced.outlines.values() for each in outlines}
        return traced


def check(annotation: Annotation, limits: Limits | None = None) -> list[Finding]:
    """Every finding of all rules in an annotation, errors first."""
    return Checker(limits)(annotation)


def _unchecked(lacking: str, titles: Sequence[str]) -> Finding:
    what = _("there is no {structure}").format(structure=lacking)
    if lacking == "planes":
        what = _("the slices are not known (give the CISS image)")
    message = _("not checked, as {what}: {rules}").format(what=what, rules="; ".join(titles))
    return Finding(Severity.INFO, "unchecked", message, "" if lacking == "planes" else lacking)
