"""Keys, bound to Slicer's main window only while the module is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt
import slicer

from SpineRootAnnotatorLib.keys import STOP
from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootAnnotatorWidgets.peek import Peek


class Shortcuts:
    """The shortcuts of the mode that the session is in.

    Parameters
    ----------
    show_keys : shows the page of keys, or puts it away.
    """

    def __init__(self, session: AnnotationSession, show_keys: Callable[[], None]):
        self._session, self._show_keys = session, show_keys
        self._bound: list[Any] = []
        self._keys: list[tuple[str, str]] = []
        self._hidden = Peek(session)

    def bind(self) -> None:
        """Bind the keys of the mode; those of another are let go."""
        keys = [(action.name, key) for action, key in self._session.actions()]
        if keys == self._keys:
            return
        self.release()
        self._keys = keys
        window = slicer.util.mainWindow()
        for name, key in keys if window is not None else ():
            if name == STOP:  # bound while there is something to stop: Escape is Slicer's otherwise
                continue
            shortcut = qt.QShortcut(qt.QKeySequence(key), window)
            shortcut.setAutoRepeat(name in ("next_slice", "previous_slice", "undo", "redo"))
            shortcut.connect("activated()", self._reaction(name))
            self._bound.append(shortcut)

    def release(self) -> None:
        """Let all keys go."""
        for shortcut in self._bound:
            shortcut.disconnect("activated()")
            shortcut.setParent(None)
            shortcut.deleteLater()
        self._bound, self._keys = [], []

    def _reaction(self, name: str) -> Any:
        if name == "hide":
            return self._hidden.pressed
        if name == "keys":
            return self._show_keys
        return lambda: self._session.perform(name)
