"""What can change in the modeler's session, so that a panel shows anew only what did."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto


class ModelerChange(Enum):
    """What is new in a session."""

    # another subject is open, or none
    SUBJECT = auto()
    # others are compared, or the consensus is shown beside them
    COMPARISON = auto()
    # another place is looked at, or something was settled, remarked or opened again
    DISCUSSION = auto()
    # surfaces were built
    SURFACES = auto()
    # something that takes its time began or ended
    WORK = auto()
    # there is another sentence for the user
    MESSAGE = auto()


Listener = Callable[[ModelerChange], None]
