"""How the annotator is told something: a sentence, and how it is meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

# a path with which a sentence of the domain begins
_PATH_FIRST = re.compile(r"((?:/|[A-Za-z]:[\\/]|\\\\).+?): (.+)", re.DOTALL)


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


def path_last(text: str) -> str:
    """A sentence that begins with a file's path, with the path at its end: what is wrong is read first."""
    found = _PATH_FIRST.fullmatch(text)
    return text if found is None else f"{sentence(found[2])} ({found[1]})"


def sentence(text: str) -> str:
    """What the domain says in lower case and without a full stop, as a sentence."""
    return text and text[0].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")
