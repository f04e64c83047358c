"""The page of keys: what they do now, choosing others, and what the marks in the views mean."""

from __future__ import annotations

import json
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from SpineRootAnnotatorLib.changes import Change
from SpineRootAnnotatorLib.keys import Action, KeyBindings
from SpineRootAnnotatorLib.saying import Kind
from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootLib.sentences import sentence

_SETTING = "SpineRoot/Keys"
_TALLEST = 0.8  # part of the main window's height
_WIDTH = 60  # of the page, in letters


def chosen_keys() -> KeyBindings:
    """The keys as the annotator chose them at some time."""
    try:
        return KeyBindings(json.loads(qt.QSettings().value(_SETTING) or "{}"))
    except (TypeError, ValueError):
        return KeyBindings()


class KeysWindow:
    """A small window beside the panel with the keys of the mode; a double click on one lets another be typed."""

    def __init__(self, ui: Any, session: AnnotationSession):
        self._session = session
        self._shown: list[tuple[Action, str]] = []
        self.window = qt.QDialog(slicer.util.mainWindow() or ui.keysButton, qt.Qt.Tool)
        self.window.setWindowTitle(_("SpineRoot Annotator: keys"))
        self.window.setAttribute(qt.Qt.WA_ShowWithoutActivating)  # keys go on to the views
        layout = qt.QVBoxLayout(self.window)
        self.table = qt.QTableWidget(0, 2)
        self.table.setToolTip(_("What keys do now; double-click a key to choose another"))
        layout.addWidget(self.table)
        self._legend = self._make_legend()
        layout.addWidget(self._legend)
        self._prepare()
        ui.keysButton.connect("clicked(bool)", lambda _checked: self.toggle())
        session.changes.connect(self.refresh, Change.SUBJECT, Change.MODE, Change.KEYS)

    def toggle(self) -> None:
        """Show the page, or put it away."""
        self.window.visible = not self.window.visible
        if self.window.visible:
            self._resize()

    def release(self) -> None:
        """The panel goes away."""
        self.window.setParent(None)
        self.window.deleteLater()

    def refresh(self) -> None:
        """Show the keys of the mode."""
        actions = self._session.actions()
        if actions == self._shown:
            return
        self._shown = actions
        was_blocked = self.table.blockSignals(True)
        self.table.setRowCount(len(actions))
        for row, (action, key) in enumerate(actions):
            self.table.setItem(row, 0, qt.QTableWidgetItem(key))
            title = qt.QTableWidgetItem(action.title)
            title.setFlags(qt.Qt.ItemIsEnabled)
            self.table.setItem(row, 1, title)
        self.table.resizeColumnToContents(0)
        self.table.blockSignals(was_blocked)
        self._resize()

    def onTyped(self, row: int, column: int) -> None:
        """Take over a key that was typed, such as ``Ctrl+Return``; one that cannot be had is said."""
        if column != 0 or row >= len(self._shown):
            return
        action, typed = self._shown[row][0], self.table.item(row, 0).text()
        self._shown = []  # what was typed is to be replaced by what the key is now
        fault = self._session.choose_key(action.name, qt.QKeySequence(typed).toString())
        if fault:
            self._session.say(sentence(fault), Kind.REFUSED)
        qt.QSettings().setValue(_SETTING, json.dumps(self._session.keys.chosen))

    def _prepare(self) -> None:
        table = self.table
        table.setHorizontalHeaderLabels([_("Key"), _("What it does")])
        table.horizontalHeader().setStretchLastSection(True)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 4)
        table.setSelectionMode(qt.QAbstractItemView.NoSelection)
        table.setEditTriggers(qt.QAbstractItemView.DoubleClicked)
        table.setMinimumWidth(_WIDTH * table.fontMetrics().averageCharWidth())
        table.connect("cellChanged(int,int)", self.onTyped)

    def _make_legend(self) -> Any:
        label = qt.QLabel(
            _(
                "Marked: a small ring on the left side, a small x on the right. Proposed: a large ring, whole where it"
                " is sure, broken where it is not, dim where it is most likely wrong. Small and dim: the mark on the"
                " slice above or below."
            )
        )
        label.setWordWrap(True)
        return label

    def _resize(self) -> None:
        """As high as its rows, as far as the screen is."""
        table = self.table
        rows = table.rowCount * table.verticalHeader().defaultSectionSize
        window = slicer.util.mainWindow()
        legend = self._legend.heightForWidth(table.minimumWidth)
        most = rows if window is None else round(_TALLEST * window.height) - legend
        table.setMinimumHeight(min(rows + table.horizontalHeader().height + 4, most))
        self.window.layout().activate()
        self.window.resize(self.window.sizeHint)
