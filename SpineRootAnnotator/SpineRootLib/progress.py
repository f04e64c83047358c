"""How long work tells how far it is, and how it is asked to stop."""

from __future__ import annotations

from collections.abc import Callable

from SpineRootLib.errors import Cancelled

# Called with the fraction done (0..1) and what is being done; returns False to stop the work.
Progress = Callable[[float, str], bool | None]


def report(progress: Progress | None, fraction: float, text: str) -> None:
    """Tell the caller.

    Raises
    ------
    Cancelled
        if the caller answers False.
    """
    if progress is not None and progress(fraction, text) is False:
        raise Cancelled


def part(progress: Progress | None, start: float, end: float) -> Progress | None:
    """The progress of a step whose own 0..1 is `start`..`end` of the whole."""
    if progress is None:
        return None
    return lambda fraction, text: progress(start + (end - start) * fraction, text)
