"""How the annotator is told something: a sentence, and how it is meant."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """How a sentence is meant."""

    HINT = "hint"  # what to do next, while nothing else is said
    NOTE = "note"  # what was done
    REFUSED = "refused"  # what was not done, and why
    FAULT = "fault"  # what went wrong


@dataclass(frozen=True)
class Said:
    """A sentence and how it is meant."""

    text: str = ""
    kind: Kind = Kind.NOTE


class Say(Protocol):
    """Shows a sentence to the annotator; an empty one takes the last one away."""

    def __call__(self, text: str, kind: Kind = Kind.NOTE) -> None: ...
