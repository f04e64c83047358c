"""Signing off, and files that somebody else changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootAnnotatorLib.work.autosave import Conflict


class Finishing:
    """The section that is opened last."""

    def __init__(self, ui: Any, session: AnnotationSession):
        self._ui, self._session = ui, session
        self._shown: tuple[Any, ...] = ()
        ui.signOffButton.connect("clicked(bool)", lambda _checked: session.sign_off())
        ui.takeTheirsButton.connect("clicked(bool)", lambda _checked: self._decide(session.take_theirs))
        ui.keepMineButton.connect("clicked(bool)", lambda _checked: self._decide(session.keep_mine))
        ui.finishSection.connect("contentsCollapsed(bool)", lambda _collapsed: self.refresh())

    def refresh(self) -> None:
        """Show what is incomplete, and what others changed."""
        session, ui = self._session, self._ui
        if session.conflicts and ui.finishSection.collapsed:
            session.say(_("Somebody else changed a file of yours; see 'Sign off'."))
        if ui.finishSection.collapsed:
            return
        if session.subject is None:
            self._clear()
            return
        state = (session.subject, session.subject.revision, session.signed_off, tuple(session.conflicts))
        if state == self._shown:
            return
        self._shown = state
        ui.incompleteList.clear()
        ui.incompleteList.addItems(session.incomplete())
        ui.signedLabel.text = _("Signed off") if session.signed_off else _("Not signed off")
        ui.conflictsList.clear()
        ui.conflictsList.addItems([f"{each.path.name}: {each.kept.name}" for each in session.conflicts])
        for button in (ui.takeTheirsButton, ui.keepMineButton):
            button.enabled = bool(session.conflicts)

    def _clear(self) -> None:
        self._shown = ()
        self._ui.incompleteList.clear()
        self._ui.conflictsList.clear()
        self._ui.signedLabel.text = ""

    def _decide(self, act: Callable[[Conflict], None]) -> None:
        row = max(self._ui.conflictsList.currentRow, 0)
        if row < len(self._session.conflicts):
            act(self._session.conflicts[row])
            self._shown = ()
            self.refresh()
