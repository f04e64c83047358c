"""What is done when the annotator pauses: nothing of it may be in a click's or a step's way."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from SpineRootAnnotatorLib.settings import Pace
from SpineRootAnnotatorLib.work.subject_work import SubjectWork


class Pausing(Protocol):
    """What can wait until the annotator pauses."""

    work: SubjectWork

    def restore(self) -> None:
        """Make nodes again that the user took out of the scene."""

    def frame(self) -> None:
        """Show what is worked on at its size, in views that were arranged anew."""

    def settle(self) -> None:
        """Do what a step leaves for later."""

    def save(self) -> None:
        """Hand what changed to the autosave."""

    def check(self) -> None:
        """Draw all in 3D, and look for findings again."""


class IdleTasks:
    """Remembers what is due, and does it.

    Parameters
    ----------
    pace : when.
    """

    def __init__(self, subject: Pausing, pace: Pace):
        self._subject, self._pace = subject, pace
        self._stepped_at: float | None = None
        self._edited_at: float | None = None
        self._unsaved_since: float | None = None
        self._node_was_lost = False
        self._was_arranged = False
        self._go_on: Callable[[], None] | None = None
        self._placed_at = 0.0

    def then(self, go_on: Callable[[], None]) -> None:
        """A point was placed; go on with this once it has been drawn."""
        self._go_on, self._placed_at = go_on, time.monotonic()

    def go_on(self) -> None:
        """Wait no longer for a point to be drawn."""
        go_on, self._go_on = self._go_on, None
        if go_on is not None:
            go_on()

    def stepped(self) -> None:
        """Another slice is shown."""
        self._go_on = None
        self._stepped_at = time.monotonic()

    def edited(self) -> None:
        """Something was edited."""
        self._edited_at = time.monotonic()
        self._unsaved_since = self._unsaved_since or self._edited_at

    def opened(self) -> None:
        """The subject was opened: nothing is to be saved, all is to be checked."""
        self._edited_at = time.monotonic()

    def node_lost(self) -> None:
        """A node of ours was taken out of the scene; it comes back at the next tick."""
        self._node_was_lost = True

    def arranged(self) -> None:
        """The views were arranged anew; what they show is framed once they have their sizes."""
        self._was_arranged = True

    def tick(self) -> None:
        """Do what is due; called about every tenth of a second."""
        now, subject = time.monotonic(), self._subject
        if self._node_was_lost:
            self._node_was_lost = False
            subject.restore()
        if now - self._placed_at >= self._pace.linger_s:
            self.go_on()
        if self._was_arranged:
            self._was_arranged = False
            subject.frame()
        if self._stepped_at is not None and now - self._stepped_at >= self._pace.settle_s:
            self._stepped_at = None
            subject.settle()
        self._save_if_due(now)
        if self._edited_at is not None and now - self._edited_at >= self._pace.check_s:
            self._edited_at = None
            subject.check()

    def _save_if_due(self, now: float) -> None:
        work = self._subject.work
        if self._unsaved_since is None and work.is_waiting:  # the images were described meanwhile
            self._unsaved_since = now
        if self._unsaved_since is not None and now - self._unsaved_since >= self._pace.save_s:
            self._unsaved_since = None
            self._subject.save()
        work.autosave.share()
