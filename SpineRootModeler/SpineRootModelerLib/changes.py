"""What can change in the modeler's session, so that a panel shows anew only what did."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto


class Change(Enum):
    """What is new in a session."""

    SUBJECT = auto()
    """Another subject is open, or none."""
    COMPARISON = auto()
    """Others are compared, or nobody; or the consensus is shown beside them."""
    DISCUSSION = auto()
    """Another place is looked at, or something was settled, remarked or opened again."""
    SURFACES = auto()
    """Surfaces were built, or are there no more."""
    WORK = auto()
    """Something that takes its time began or ended."""
    MESSAGE = auto()
    """There is another sentence for the user."""


Listener = Callable[[Change], None]
