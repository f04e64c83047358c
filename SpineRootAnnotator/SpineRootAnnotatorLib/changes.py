"""What changed in a session, so that a panel shows anew only what depends on it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

Reaction = Callable[[], None]


class Change(Enum):
    """One kind of change."""

    SUBJECT = auto()  # another subject is open, or none
    MODE = auto()
    PLACE = auto()  # another root or structure is worked on
    SLICE = auto()
    MARKS = auto()  # something was marked, moved, flagged, cleared, undone or done again
    PROPOSALS = auto()
    FINDINGS = auto()  # the rules were checked again
    SAVING = auto()  # the state of saving
    VIEW = auto()  # the CISS view was turned or given another image, or mended
    OTHERS = auto()  # somebody else changed a file of ours, or such a conflict was settled
    SIGN_OFF = auto()
    KEYS = auto()
    MESSAGE = auto()


class Changes:
    """Collects changes, and tells whoever depends on them, each once however many there are."""

    def __init__(self) -> None:
        self._reactions: list[tuple[Reaction, frozenset[Change]]] = []
        self._untold: set[Change] = set()
        self._telling = False

    def connect(self, react: Reaction, *kinds: Change) -> None:
        """Call a reaction after changes of these kinds; of every kind for none."""
        self._reactions.append((react, frozenset(kinds or Change)))

    def disconnect(self, react: Reaction) -> None:
        """Call a reaction no more."""
        self._reactions = [each for each in self._reactions if each[0] != react]

    def clear(self) -> None:
        """Call no reaction any more."""
        self._reactions = []

    def add(self, *changes: Change) -> None:
        """Something changed; it is told at the next `tell`."""
        self._untold.update(changes)

    def tell(self, *changes: Change) -> None:
        """Call the reactions to all that changed since the last call, and to these; also to what reactions change."""
        self.add(*changes)
        if self._telling:
            return
        self._telling = True
        try:
            while self._untold:
                told, self._untold = self._untold, set()
                for react, kinds in list(self._reactions):
                    if kinds & told:
                        react()
        finally:
            self._telling = False
