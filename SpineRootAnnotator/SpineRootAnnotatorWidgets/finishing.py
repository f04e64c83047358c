"""Signing off, and files that somebody else changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from SpineRootAnnotatorLib.changes import Change
from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootAnnotatorLib.work.autosave import FileConflict


class Finishing:
    """The section that is opened last."""

    def __init__(self, ui: Any, session: AnnotationSession):
        self._ui, self._session = ui, session
        ui.signOffButton.connect("clicked(bool)", lambda _checked: session.sign_off())
        ui.takeTheirsButton.connect("clicked(bool)", lambda _checked: self._decide(session.take_theirs))
        ui.keepMineButton.connect("clicked(bool)", lambda _checked: self._decide(session.keep_mine))
        ui.finishSection.connect("contentsCollapsed(bool)", lambda _collapsed: self.refresh())
        session.changes.connect(self.tell_conflicts, Change.OTHERS)
        session.changes.connect(self.refresh, Change.SUBJECT, Change.MARKS, Change.SIGN_OFF, Change.OTHERS)

    def tell_conflicts(self) -> None:
        """Say that somebody else changed a file, where the list of those is not seen."""
        if self._session.conflicts and self._ui.finishSection.collapsed:
            self._session.say(_("Somebody else changed a file of yours; see 'Sign off'."))

    def refresh(self) -> None:
        """Show what is incomplete, and what others changed."""
        session, ui = self._session, self._ui
        if ui.finishSection.collapsed:
            return
        ui.incompleteList.clear()
        ui.conflictsList.clear()
        ui.signedLabel.text = ""
        if session.is_open:
            ui.incompleteList.addItems(session.incomplete())
            ui.signedLabel.text = _("Signed off") if session.signed_off else _("Not signed off")
            ui.conflictsList.addItems([f"{each.path.name}: {each.kept.name}" for each in session.conflicts])
        for button in (ui.takeTheirsButton, ui.keepMineButton):
            button.enabled = bool(session.conflicts)

    def _decide(self, act: Callable[[FileConflict], None]) -> None:
        row = max(self._ui.conflictsList.currentRow, 0)
        if row < len(self._session.conflicts):
            act(self._session.conflicts[row])
