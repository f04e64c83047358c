"""What is worked on, how, and whether it is saved."""

from __future__ import annotations

from typing import Any

import qt
from slicer.i18n import tr as _

from SpineRootAnnotatorLib.changes import Change
from SpineRootAnnotatorLib.keys import MODES
from SpineRootAnnotatorLib.modes.mode import Mode
from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootAnnotatorLib.settings import AfterClick
from SpineRootAnnotatorLib.work.autosave import SaveState

_TITLE = 1.7  # size of what a click marks now, times that of the other words
_SNAP, _ARRANGE = "SpineRoot/Snap", "SpineRoot/ArrangeViews"


class Working:
    """The section that is looked at while working."""

    def __init__(self, ui: Any, session: AnnotationSession):
        self._ui, self._session = ui, session
        self._modes = dict(
            zip(MODES, (ui.gangliaButton, ui.contoursButton, ui.rootsButton, ui.reviewButton), strict=True)
        )
        for name, button in self._modes.items():
            button.connect("clicked(bool)", lambda _checked, name=name: session.perform(name))
        for name, button in (("undo", ui.undoButton), ("redo", ui.redoButton)):
            button.connect("clicked(bool)", lambda _checked, name=name: session.perform(name))
        for button in (*self._modes.values(), ui.undoButton, ui.redoButton, ui.keysButton, ui.closeButton):
            words = button.fontMetrics().boundingRect(button.text).width()
            button.setMinimumWidth(words + 2 * button.fontMetrics().averageCharWidth())  # whatever the font's size
        self._fill_options()
        font = ui.titleLabel.font
        font.setPointSizeF(_TITLE * font.pointSizeF())
        font.setBold(True)
        ui.titleLabel.setFont(font)
        ui.remarkEdit.connect("textChanged(QString)", self.onRemark)
        changes = session.changes
        changes.connect(self.show_whether_open, Change.SUBJECT)
        changes.connect(self.show_mode, Change.SUBJECT, Change.MODE)
        changes.connect(self.show_place, Change.SUBJECT, Change.MODE, Change.PLACE, Change.SLICE)
        changes.connect(self.show_history, Change.SUBJECT, Change.MARKS)
        changes.connect(self.show_saving, Change.SUBJECT, Change.SAVING)

    def refresh(self) -> None:
        """Show all of it."""
        self.show_whether_open()
        self.show_mode()
        self.show_place()
        self.show_history()
        self.show_saving()

    def show_whether_open(self) -> None:
        """Without a subject there is nothing to work on."""
        ui = self._ui
        for section in (ui.controlsWidget, ui.workSection, ui.reviewSection, ui.finishSection):
            section.enabled = self._session.is_open

    def show_mode(self) -> None:
        """Show how the annotator works."""
        if self._session.subject is not None:
            self._modes[self._session.subject.mode.name].checked = True

    def show_place(self) -> None:
        """Show what is worked on."""
        subject = self._session.subject
        self._ui.titleLabel.text = _("No subject is open") if subject is None else _titled(subject.mode)

    def show_history(self) -> None:
        """Show whether something can be undone, and done again."""
        subject = self._session.subject
        if subject is not None:
            self._ui.undoButton.enabled = bool(subject.work.history.done)
            self._ui.redoButton.enabled = bool(subject.work.history.undone)

    def show_saving(self) -> None:
        """Show whether all is on the disk."""
        ui, subject = self._ui, self._session.subject
        if subject is None:
            ui.saveLabel.text = ui.saveLabel.toolTip = ""
            return
        words = {SaveState.SAVED: _("Saved"), SaveState.SAVING: _("Saving ..."), SaveState.FAILED: _("CANNOT SAVE")}
        ui.saveLabel.text = words[self._session.save_state]
        ui.saveLabel.toolTip = subject.work.autosave.failure or _("Your work is on the disk")

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
