"""Review: findings, the order of the roots, what is missing; nothing is placed."""

from __future__ import annotations

from collections.abc import Mapping

from SpineRootAnnotatorLib.keys import REVIEW_MODE
from SpineRootAnnotatorLib.modes.gap_navigation import next_finding
from SpineRootAnnotatorLib.modes.mode import Mode
from SpineRootLib.place import Place
from SpineRootLib.translation import _


class ReviewMode(Mode):
    """Steps through slices and roots; everything is shown, nothing is edited."""

    name = REVIEW_MODE

    @property
    def title(self) -> str:
        """The slice."""
        return _("Slice {number}").format(number=self.subject.number)

    def hint(self, keys: Mapping[str, str]) -> str:
        """How to go through the findings."""
        count = len(self.subject.checks.findings)
        if not count:
            return _("There are no findings. Open 'Sign off' when the subject is finished.")
        text = _("Findings: {count}. {next_structure} goes to the next; {previous_structure} goes back.")
        return text.format(count=count, **keys)

    def go_to(self, place: Place) -> None:
        """Show a place."""
        if place.root is not None:
            self.subject.root = place.root
        if place.slice is not None:
            self.subject.go_to(place.slice)

    def next_structure(self) -> None:
        """The next finding."""
        next_finding(self.subject, 1)

    def previous_structure(self) -> None:
        """The previous finding."""
        next_finding(self.subject, -1)
