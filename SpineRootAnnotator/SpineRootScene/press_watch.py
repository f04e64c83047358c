"""Where the mouse button went down in views, to tell a drag from a click."""

from __future__ import annotations

import math
from typing import Any

# a hand that clicks moves the mouse by some pixels
_STILL_A_CLICK_PX = 8.0


class PressWatch:
    """Listens to the interactors of views; what a view places, it places when the button comes up."""

    def __init__(self) -> None:
        self._tags: dict[Any, int] = {}
        self._last: tuple[Any, tuple[int, int]] | None = None

    def watch(self, interactor: Any) -> None:
        """Listen to a view, until `release`; once, however often it is asked for."""
        if interactor not in self._tags:
            high = 1.0  # before the view itself reacts
            self._tags[interactor] = interactor.AddObserver("LeftButtonPressEvent", self._pressed, high)

    def release(self) -> None:
        """Listen no more."""
        for interactor, tag in self._tags.items():
            interactor.RemoveObserver(tag)
        self._tags.clear()
        self._last = None

    @property
    def was_dragged(self) -> bool:
        """Whether the mouse has moved since the button went down last: no click, but a drag."""
        if self._last is None:
            return False
        interactor, pressed = self._last
        return math.dist(pressed, interactor.GetEventPosition()) > _STILL_A_CLICK_PX

    def _pressed(self, interactor: Any, _event: str) -> None:
        self._last = (interactor, interactor.GetEventPosition())
