"""What is worked on, how, and whether it is saved."""

from __future__ import annotations

from typing import Any

import qt
from slicer.i18n import tr as _

from SpineRootAnnotatorLib.keys import MODES
from SpineRootAnnotatorLib.modes.mode import Mode
from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootAnnotatorLib.settings import AfterClick
from SpineRootAnnotatorLib.work.autosave import SaveState

_SNAP, _ARRANGE = "SpineRoot/Snap", "SpineRoot/ArrangeViews"


class Working:
    """The section that is looked at while working."""

    def __init__(self, ui: Any, session: AnnotationSession):
        self._ui, self._session = ui, session
        self._failed = False
        self._modes = dict(
            zip(MODES, (ui.gangliaButton, ui.contoursButton, ui.rootsButton, ui.reviewButton), strict=True)
        )
        for name, button in self._modes.items():
            button.connect("clicked(bool)", lambda _checked, name=name: session.perform(name))
        for name, button in (("undo", ui.undoButton), ("redo", ui.redoButton)):
            button.connect("clicked(bool)", lambda _checked, name=name: session.perform(name))
        self._fill_options()
        font = ui.titleLabel.font
        font.setPointSize(2 * font.pointSize())
        font.setBold(True)
        ui.titleLabel.setFont(font)
        ui.mendButton.connect("clicked(bool)", self.onMend)
        ui.remarkEdit.connect("textChanged(QString)", self.onRemark)

    def refresh(self) -> None:
        """Show what the session says."""
        ui, subject = self._ui, self._session.subject
        ui.messageLabel.text = self._session.message
        for section in (ui.workSection, ui.keysSection, ui.reviewSection, ui.finishSection):
            section.enabled = subject is not None
        ui.titleLabel.text = "" if subject is None else _titled(subject.mode)
        if subject is None:
            return
        self._modes[subject.mode.name].checked = True
        ui.undoButton.enabled = bool(subject.work.history.done)
        ui.redoButton.enabled = bool(subject.work.history.undone)

    def refresh_state(self) -> None:
        """Show what changes by itself: saving, and what the user did to the view."""
        ui, subject = self._ui, self._session.subject
        state = self._session.save_state
        words = {SaveState.SAVED: _("Saved"), SaveState.SAVING: _("Saving ..."), SaveState.FAILED: _("CANNOT SAVE")}
        ui.saveLabel.text = "" if subject is None else words[state]
        ui.saveLabel.toolTip = "" if subject is None else subject.work.autosave.failure or _("Your work is on the disk")
        failed = subject is not None and state is SaveState.FAILED
        if failed and not self._failed:
            why = _("CANNOT SAVE, your work is kept and tried again: {why}")
            self._session.say(why.format(why=subject.work.autosave.failure))
        self._failed = failed
        ui.faultLabel.text = "" if subject is None else subject.view_fault
        ui.mendButton.enabled = bool(ui.faultLabel.text)

    def onMend(self) -> None:
        """Put CISS back into its view."""
        if self._session.subject is not None:
            self._session.subject.display.show_ciss()

    def onRemark(self, text: str) -> None:
        """The remark for the next point that is flagged."""
        if self._session.subject is not None:
            self._session.subject.remark = text

    def _keep(self, name: str, box: Any) -> None:
        kept = qt.QSettings().value(name)
        if kept is not None:
            box.checked = str(kept).lower() == "true"

    def _fill_options(self) -> None:
        ui, settings, kept = self._ui, self._session.settings, qt.QSettings()
        titles = {
            AfterClick.DOWN: _("next slice down"),
            AfterClick.UP: _("next slice up"),
            AfterClick.ROUND: _("round all roots of the slice, then down"),
            AfterClick.STAY: _("stay"),
        }
        for choice, title in titles.items():
            ui.afterClickSelector.addItem(title, str(choice))
        settings.after_click = AfterClick(kept.value("SpineRoot/AfterClick") or "down")
        ui.afterClickSelector.currentIndex = ui.afterClickSelector.findData(str(settings.after_click))
        ui.afterClickSelector.connect("currentIndexChanged(int)", self.onOptions)
        self._keep(_SNAP, ui.snapCheckBox)
        self._keep(_ARRANGE, ui.arrangeCheckBox)
        settings.snap, settings.arrange_views = ui.snapCheckBox.checked, ui.arrangeCheckBox.checked
        for box in (ui.snapCheckBox, ui.arrangeCheckBox):
            box.connect("toggled(bool)", self.onOptions)

    def onOptions(self, *_value: Any) -> None:
        """Take over what the annotator set."""
        settings = self._session.settings
        settings.after_click = AfterClick(self._ui.afterClickSelector.currentData)
        settings.snap, settings.arrange_views = self._ui.snapCheckBox.checked, self._ui.arrangeCheckBox.checked
        kept = qt.QSettings()
        kept.setValue("SpineRoot/AfterClick", str(settings.after_click))
        kept.setValue(_SNAP, settings.snap)
        kept.setValue(_ARRANGE, settings.arrange_views)


def _titled(mode: Mode) -> str:
    """What is worked on, behind a square in its colour."""
    if mode.color is None:
        return mode.title
    red, green, blue = (round(255 * channel) for channel in mode.color)
    return f"<span style='color: #{red:02x}{green:02x}{blue:02x}'>&#9632;</span> {mode.title}"
