"""The findings of all rules, kept current while the annotator works."""

from __future__ import annotations

from SpineRootLib.annotation import Annotation
from SpineRootLib.checks import Checker
from SpineRootLib.errors import SpineRootError
from SpineRootLib.findings import Finding
from SpineRootLib.place import Place


class LiveChecks:
    """Findings, looked for again when work pauses."""

    def __init__(self, annotation: Annotation):
        self._annotation = annotation
        self._checker = Checker()
        self.findings: list[Finding] = []
        self.current = -1

    def run(self) -> None:
        """Look for findings now."""
        try:
            self.findings = self._checker(self._annotation)
        except SpineRootError:  # of what cannot be checked yet, such as a contour in the making, nothing is said
            return
        self.current = min(self.current, len(self.findings) - 1)

    def turn(self, by: int) -> Finding | None:
        """The next or previous finding; None if there is none."""
        if not self.findings:
            return None
        self.current = (self.current + by) % len(self.findings)
        return self.findings[self.current]


def place_of(finding: Finding) -> Place | None:
    """The place that a finding is about; None for one about the whole."""
    if not finding.structure:
        return None
    return Place(finding.structure, finding.root, finding.slice)
