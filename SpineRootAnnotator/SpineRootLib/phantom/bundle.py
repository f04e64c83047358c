"""A bundle of rootlets."""

from __future__ import annotations

from dataclasses import dataclass

from SpineRootLib.phantom.centreline import Centreline
from SpineRootLib.phantom.levels import DORSAL


@dataclass(frozen=True, eq=False)
class Bundle:
    """A bundle of rootlets: a part of a root, or the filum.

    Parameters
    ----------
    level, side : of the root: ``L5``, ``L``.
    kind : ``dorsal``, ``ventral`` or ``filum``.
    number : 0 for the bundle that the root is marked on.
    centreline : where it runs, from the cord to its ganglion.
    """

    level: str
    side: str
    kind: str
    number: int
    centreline: Centreline

    @property
    def principal(self) -> bool:
        """Whether its root is marked on it."""
        return self.kind == DORSAL and self.number == 0
