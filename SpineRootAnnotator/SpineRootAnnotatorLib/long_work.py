"""Work that may take longer than a moment: done piece by piece, with its progress shown, and stopped by a key."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from SpineRootAnnotatorLib.settings import Pace
from SpineRootLib.errors import Cancelled
from SpineRootLib.progress import Progress

Result = TypeVar("Result")
# Called with what is being done, empty once it is done, and the fraction done; it lets the window live meanwhile.
Show = Callable[[str, float], None]


class StoppableWork:
    """Does one piece of long work at a time.

    Parameters
    ----------
    show : shows the progress; see `Show`.
    pace : after how long, and how often.
    """

    def __init__(self, show: Show, pace: Pace):
        self._show, self._pace = show, pace
        self._stopped = False
        self._next_look = 0.0
        # what is being done, as the annotator reads it; empty while nothing is
        self.title = ""

    @property
    def is_running(self) -> bool:
        """Whether something is being done."""
        return bool(self.title)

    def stop(self) -> None:
        """Have it end at its next piece."""
        self._stopped = True

    def run(self, title: str, work: Callable[[Progress], Result]) -> Result | None:
        """Do it; None if it was stopped, or if something else is being done.

        Parameters
        ----------
        work : is given what it tells of each piece, and raises `Cancelled` when that answers False.
        """
        if self.is_running:
            return None
        self.title, self._stopped = title, False
        self._next_look = time.monotonic() + self._pace.silent_s
        try:
            return work(self._told)
        except Cancelled:
            return None
        finally:
            self.title = ""
            self._show("", 1.0)

    def _told(self, fraction: float, _text: str) -> bool:
        if time.monotonic() >= self._next_look:
            self._show(self.title, fraction)
            self._next_look = time.monotonic() + self._pace.between_s
        return not self._stopped
