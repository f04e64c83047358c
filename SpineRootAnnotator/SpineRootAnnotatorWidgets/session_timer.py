"""The timer that asks the session ten times a second what is due, and at once after a click."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer

from SpineRootAnnotatorLib.session import AnnotationSession

_TICK_MS = 100


class SessionTimer:
    """Calls `on_tick` until it is stopped.

    Parameters
    ----------
    on_tick : lets the session do what is due.
    """

    def __init__(self, session: AnnotationSession, on_tick: Callable[[], None]):
        self._on_tick = on_tick
        self._linger_ms = int(1000 * session.pace.linger_s) + 1
        self._timer = qt.QTimer()
        self._timer.setInterval(_TICK_MS)
        self._timer.connect("timeout()", on_tick)
        self._timer.start()
        session.on_placed.append(self.onPlaced)

    def stop(self) -> None:
        """No more ticks."""
        self._timer.stop()

    def onPlaced(self, view: str | None) -> None:
        """A click placed a point: its view draws it before any other view draws, and before the session goes on."""
        qt.QTimer.singleShot(0, lambda: self._draw(view))

    def _draw(self, view: str | None) -> None:
        layout = slicer.app.layoutManager()
        widget = None if view is None or layout is None else layout.sliceWidget(view)
        if widget is not None:
            widget.sliceView().forceRender()
        qt.QTimer.singleShot(self._linger_ms, self._tick)

    def _tick(self) -> None:
        if self._timer.active:
            self._on_tick()
