"""Peeking at the image alone: annotations are hidden for as long as a key is held."""

from __future__ import annotations

from typing import Any

import qt
import slicer

from SpineRootAnnotatorLib.session import AnnotationSession


class _ReleaseFilter(qt.QObject):
    """Sees the release of a key wherever it goes: a shortcut itself tells only of the press."""

    def __init__(self, released: Any):
        qt.QObject.__init__(self)
        self._released = released

    def eventFilter(self, _watched: Any, event: Any) -> bool:
        if event.type() == qt.QEvent.KeyRelease and not event.isAutoRepeat():
            self._released()
        return False


class Peek:
    """Hides all annotations from the press of a key to its release."""

    def __init__(self, session: AnnotationSession):
        self._session = session
        self._filter = _ReleaseFilter(self.released)
        self._held = False

    def pressed(self) -> None:
        """The key went down."""
        if self._session.subject is not None and not self._held:
            self._held = True
            self._session.subject.hide(True)
            slicer.app.installEventFilter(self._filter)

    def released(self) -> None:
        """The key came up."""
        if self._held:
            self._held = False
            slicer.app.removeEventFilter(self._filter)
            if self._session.subject is not None:
                self._session.subject.hide(False)
