"""Clicks of the left button in slice and 3D views, as long as the pointer rests and nothing is being placed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer

# a hand that clicks moves the mouse this far at most; by eye
_REST_PX = 3
# before Slicer's own reaction, which may keep the event from those that come later
_PRIORITY = 1.0

Pixel = tuple[int, int]


class ViewClicks:
    """Hears clicks in the views that it is told of.

    Parameters
    ----------
    on_click : called with the view's node, its render window interactor, and the pixel from the lower left corner.
    """

    def __init__(self, on_click: Callable[[Any, Any, Pixel], None]):
        self._on_click = on_click
        self._heard: dict[Any, list[int]] = {}
        self._pressed: Pixel | None = None

    def listen(self, view_node: Any, interactor: Any) -> None:
        """Hear the clicks in a view; once is enough."""
        if interactor not in self._heard:
            self._heard[interactor] = [
                interactor.AddObserver("LeftButtonPressEvent", lambda *_: self._press(interactor), _PRIORITY),
                interactor.AddObserver(
                    "LeftButtonReleaseEvent", lambda *_: self._release(view_node, interactor), _PRIORITY
                ),
            ]

    def release(self) -> None:
        """Hear nothing more."""
        for interactor, tags in self._heard.items():
            for tag in tags:
                interactor.RemoveObserver(tag)
        self._heard, self._pressed = {}, None

    def _press(self, interactor: Any) -> None:
        interaction = slicer.app.applicationLogic().GetInteractionNode()
        plain = not (interactor.GetControlKey() or interactor.GetShiftKey() or interactor.GetAltKey())
        free = plain and interaction.GetCurrentInteractionMode() != interaction.Place
        self._pressed = interactor.GetEventPosition() if free else None

    def _release(self, view_node: Any, interactor: Any) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is None:
            return
        pixel = interactor.GetEventPosition()
        if max(abs(pixel[0] - pressed[0]), abs(pixel[1] - pressed[1])) <= _REST_PX:
            self._on_click(view_node, interactor, pixel)
