"""Signing off."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from SpineRootAnnotatorLib.changes import Change
from SpineRootAnnotatorLib.session import AnnotationSession


class Finishing:
    """The section that is opened last."""

    def __init__(self, ui: Any, session: AnnotationSession):
        self._ui, self._session = ui, session
        ui.signOffButton.connect("clicked(bool)", lambda _checked: session.sign_off())
        ui.finishSection.connect("contentsCollapsed(bool)", lambda _collapsed: self.refresh())
        session.changes.connect(self.refresh, Change.SUBJECT, Change.MARKS, Change.SIGN_OFF)

    def refresh(self) -> None:
        """Show what is incomplete."""
        session, ui = self._session, self._ui
        if ui.finishSection.collapsed:
            return
        ui.incompleteList.clear()
        ui.signedLabel.text = ""
        if session.is_open:
            ui.incompleteList.addItems(session.incomplete() or [_("Nothing is incomplete.")])
            ui.signedLabel.text = _("Signed off") if session.signed_off else _("Not signed off")
