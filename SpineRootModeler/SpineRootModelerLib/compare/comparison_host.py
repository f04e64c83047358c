"""What a comparison asks of the session that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from SpineRootLib.place import Place
from SpineRootModelerLib.changes import ModelerChange


class Host(Protocol):
    """The session that a comparison belongs to."""

    def settled(self, places: Sequence[Place]) -> None:
        """Something was settled or opened again at places of one structure."""

    def require_idle(self) -> None:
        """Raise a SpineRootError while work is running that reads what was settled."""

    def notify(self, change: ModelerChange) -> None:
        """Something changed that a panel shows."""

    def say(self, text: str) -> None:
        """Show a sentence to the user."""
