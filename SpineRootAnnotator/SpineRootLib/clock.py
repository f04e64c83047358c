"""The one clock: the moment in UTC, as records and names of files have it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """The moment as ISO 8601 in UTC, to the second, as the sidecars record it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def local(moment: str) -> str:
    """A recorded moment as a clock on the wall here shows it, to the minute; what is no moment as it is."""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return moment


def stamp() -> str:
    """The moment in UTC, to the microsecond, for the name of a file or folder that no other may bear."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
