"""The status line, always in sight: what is wrong, what was done or refused, what to do next, how far work is."""

from __future__ import annotations

from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from SpineRootAnnotatorLib.changes import Change
from SpineRootAnnotatorLib.keys import ACTIONS, STOP
from SpineRootAnnotatorLib.saying import Kind
from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootAnnotatorLib.work.autosave import FileConflict

# Background and text of a sentence by its kind, readable on light and dark themes; a hint is in the theme's own.
_COLORS = {
    Kind.NOTE: ("#d5ead9", "#10331a"),
    Kind.REFUSED: ("#ffd86b", "#2b2000"),
    Kind.FAULT: ("#b3261e", "#ffffff"),
}
_NARROWEST = 150  # pixels of a sentence of an alarm, beside its button
_LINES = 3  # the height that is kept free, so that nothing below jumps
# may break after a path's separators
_BREAKS = (("/", "/\u200b"), ("\\", "\\\u200b"))


class StatusLine:
    """Shows the session's alarms, its status, conflicts to decide, and the progress of long work."""

    def __init__(self, ui: Any, session: AnnotationSession):
        self._ui, self._session = ui, session
        for label in (ui.alarmLabel, ui.messageLabel):
            label.setTextFormat(qt.Qt.PlainText)
        ui.messageLabel.setMinimumHeight(_LINES * ui.messageLabel.fontMetrics().height())
        font = ui.alarmLabel.font
        font.setBold(True)
        ui.alarmLabel.setFont(font)
        _paint(ui.alarmLabel, Kind.FAULT)
        self._stop_key = qt.QShortcut(qt.QKeySequence(), slicer.util.mainWindow() or ui.messageLabel)
        self._stop_key.connect("activated()", lambda: session.perform(STOP))
        ui.mendButton.connect("clicked(bool)", self.onMend)
        ui.stopButton.connect("clicked(bool)", lambda _checked: session.perform(STOP))
        ui.takeTheirsButton.connect("clicked(bool)", lambda _checked: self._decide(session.take_theirs))
        ui.keepMineButton.connect("clicked(bool)", lambda _checked: self._decide(session.keep_mine))
        session.show_progress = self.show_progress
        self.bind_stop()
        changes = session.changes
        changes.connect(self.bind_stop, Change.KEYS)
        changes.connect(
            self.show_status,
            *(Change.SUBJECT, Change.MODE, Change.PLACE, Change.SLICE, Change.MARKS, Change.PROPOSALS),
            *(Change.FINDINGS, Change.KEYS, Change.MESSAGE, Change.VIEW),
        )
        changes.connect(self.show_alarms, Change.SUBJECT, Change.MODE, Change.SAVING, Change.VIEW, Change.OTHERS)
        changes.connect(self.show_conflicts, Change.SUBJECT, Change.OTHERS)
        self.show_progress("", 1.0)

    def release(self) -> None:
        """The panel goes away."""
        self._session.show_progress = lambda _title, _fraction: None
        self._stop_key.setParent(None)
        self._stop_key.deleteLater()

    def bind_stop(self) -> None:
        """Stop what is going on by the key that was chosen for it."""
        stop = next(action for action in ACTIONS if action.name == STOP)
        self._stop_key.setKey(qt.QKeySequence(self._session.keys.key(stop)))

    def refresh(self) -> None:
        """Show all of it."""
        self.show_status()
        self.show_alarms()
        self.show_conflicts()

    def show_status(self) -> None:
        """Show what was said last, or else what to do next."""
        said = self._session.status
        self._ui.messageLabel.text = _breaking(said.text)
        _paint(self._ui.messageLabel, said.kind if said.text else Kind.HINT)

    def show_alarms(self) -> None:
        """Show what is wrong until it is mended."""
        alarms, subject = self._session.alarms, self._session.subject
        self._ui.alarmLabel.text = _breaking("\n".join(alarms))
        self._ui.mendButton.visible = subject is not None and bool(subject.view_fault)
        label = self._ui.alarmLabel
        label.visible = bool(alarms)
        label.setMinimumHeight(label.heightForWidth(max(label.width, _NARROWEST)) if alarms else 0)  # never cut off

    def show_conflicts(self) -> None:
        """List files that somebody else changed, where the work is."""
        ui, conflicts = self._ui, self._session.conflicts
        ui.conflictsList.clear()
        ui.conflictsList.addItems([f"{each.path.name}: {each.kept.name}" for each in conflicts])
        ui.conflictsWidget.visible = bool(conflicts)
        for button in (ui.takeTheirsButton, ui.keepMineButton):
            button.enabled = bool(conflicts)

    def show_progress(self, title: str, fraction: float) -> None:
        """Show how far long work is, and let the window live meanwhile; an empty title hides it."""
        ui = self._ui
        for widget in (ui.workProgress, ui.stopButton):
            widget.visible = bool(title)
        self._stop_key.enabled = bool(title)
        if title:
            ui.workProgress.value = round(100 * fraction)
            ui.messageLabel.text = _("{work} ...").format(work=title)
            _paint(ui.messageLabel, Kind.HINT)
            slicer.app.processEvents()
        else:
            self.show_status()

    def onMend(self) -> None:
        """Put the subject's images back into their views."""
        if self._session.subject is not None:
            self._session.subject.mend_view()

    def _decide(self, act: Any) -> None:
        conflicts: list[FileConflict] = self._session.conflicts
        row = max(self._ui.conflictsList.currentRow, 0)
        if row < len(conflicts):
            act(conflicts[row])


def _breaking(text: str) -> str:
    for separator, breaking in _BREAKS:
        text = text.replace(separator, breaking)
    return text


def _paint(label: Any, kind: Kind) -> None:
    """Colour a label by the kind of its sentence; a hint has the theme's own colours."""
    label.setAutoFillBackground(kind in _COLORS)
    palette = qt.QPalette()
    if kind in _COLORS:
        background, text = _COLORS[kind]
        palette.setColor(qt.QPalette.Window, qt.QColor(background))
        palette.setColor(qt.QPalette.WindowText, qt.QColor(text))
    label.setPalette(palette)
