"""Time spent on each structure, counted only while the annotator is active."""

from __future__ import annotations

import time
from collections.abc import Callable


class Stopwatch:
    """Adds the time between two actions to the structure that was worked on, unless the pause was long.

    Parameters
    ----------
    idle_after_s : a longer pause counts as none of the work.
    clock : seconds, monotonic.
    """

    def __init__(self, idle_after_s: float = 30.0, clock: Callable[[], float] = time.monotonic):
        self.idle_after_s = idle_after_s
        self._clock = clock
        self._key: str | None = None
        self._last = clock()
        self._seconds: dict[str, float] = {}

    def touch(self, key: str | None) -> None:
        """The annotator did something, and works on a structure (``nerveroots_L1_L``) from now on."""
        now = self._clock()
        elapsed = now - self._last
        if self._key is not None and elapsed <= self.idle_after_s:
            self._seconds[self._key] = self._seconds.get(self._key, 0.0) + elapsed
        self._key, self._last = key, now

    def take(self) -> dict[str, float]:
        """The seconds by structure since the last call."""
        taken, self._seconds = self._seconds, {}
        return taken
