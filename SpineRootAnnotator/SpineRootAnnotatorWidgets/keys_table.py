"""The table of keys: what they do now, and choosing others."""

from __future__ import annotations

import json
from typing import Any

import qt
from slicer.i18n import tr as _

from SpineRootAnnotatorLib.changes import Change
from SpineRootAnnotatorLib.keys import Action, KeyBindings
from SpineRootAnnotatorLib.session import AnnotationSession

_ROW_HEIGHT = 20
_SETTING = "SpineRoot/Keys"


def chosen_keys() -> KeyBindings:
    """The keys as the annotator chose them at some time."""
    try:
        return KeyBindings(json.loads(qt.QSettings().value(_SETTING) or "{}"))
    except (TypeError, ValueError):
        return KeyBindings()


class KeysTable:
    """Shows the keys of the mode; a double click on one lets another be typed."""

    def __init__(self, ui: Any, session: AnnotationSession):
        self._table, self._session = ui.keysTable, session
        self._shown: list[tuple[Action, str]] = []
        self._table.setHorizontalHeaderLabels([_("Key"), _("What it does")])
        self._table.horizontalHeader().setStretchLastSection(True)
        self._table.verticalHeader().hide()
        self._table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self._table.setSelectionMode(qt.QAbstractItemView.NoSelection)
        self._table.setEditTriggers(qt.QAbstractItemView.DoubleClicked)
        self._table.connect("cellChanged(int,int)", self.onTyped)
        session.changes.connect(self.refresh, Change.SUBJECT, Change.MODE, Change.KEYS)

    def refresh(self) -> None:
        """Show the keys of the mode."""
        actions = self._session.actions()
        if actions == self._shown:
            return
        self._shown = actions
        was_blocked = self._table.blockSignals(True)
        self._table.setRowCount(len(actions))
        for row, (action, key) in enumerate(actions):
            self._table.setItem(row, 0, qt.QTableWidgetItem(key))
            title = qt.QTableWidgetItem(action.title)
            title.setFlags(qt.Qt.ItemIsEnabled)
            self._table.setItem(row, 1, title)
        self._table.blockSignals(was_blocked)

    def onTyped(self, row: int, column: int) -> None:
        """Take over a key that was typed, such as ``Ctrl+Return``; one that cannot be had is said."""
        if column != 0 or row >= len(self._shown):
            return
        action, typed = self._shown[row][0], self._table.item(row, 0).text()
        self._shown = []  # what was typed is to be replaced by what the key is now
        fault = self._session.choose_key(action.name, qt.QKeySequence(typed).toString())
        if fault:
            self._session.say(fault)
        qt.QSettings().setValue(_SETTING, json.dumps(self._session.keys.chosen))
