"""What all sections of the panel share: the session, errors as sentences, work that can be cancelled."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any, Protocol

import qt
import slicer

from SpineRootLib.errors import SpineRootError
from SpineRootLib.sentences import for_panel
from SpineRootModelerLib.changes import ModelerChange
from SpineRootModelerLib.session import ModelSession

# work tells of its progress up to a thousand times a second, and letting Slicer draw takes 5 ms and more
_SHOW_S = 0.1
# of the screen's width that the panel takes at most, by eye: the views need the rest, whatever the font's size
_WIDEST = 0.4


class Section(Protocol):
    """A part of the panel."""

    # upon which changes of the session it is shown anew
    shows: frozenset[ModelerChange]

    def refresh(self) -> None:
        """Show what the session says."""


class Panel:
    """The panel as its sections see it.

    Parameters
    ----------
    ui : the panel's widgets.
    """

    def __init__(self, ui: Any, session: ModelSession):
        self.ui, self.session = ui, session
        self._cancelled = False
        self._shown_at = 0.0
        self._sections = (
            *(ui.subjectSection, ui.compareSection, ui.discussSection, ui.surfacesSection),
            *(ui.exportSection, ui.cohortSection, ui.qualitySection),
        )
        for section in self._sections:
            section.connect("contentsCollapsed(bool)", lambda closed, section=section: self._see(section, closed))
        self.keep_width()

    def _see(self, section: Any, closed: bool) -> None:
        """Bring a section that was opened into sight, once it has its size."""
        if not closed:
            qt.QTimer.singleShot(0, lambda: self.ui.sectionsArea.ensureWidgetVisible(section, 0, 0))

    def keep_width(self) -> None:
        """Be as wide as the sections with their scroll bar, as far as the screen has room.

        Never narrower again, so that the panel does not jump.
        """
        area = self.ui.sectionsArea
        self.ui.sectionsWidget.layout().activate()
        needed = self.ui.sectionsWidget.minimumSizeHint.width() + area.verticalScrollBar().sizeHint.width()
        window = slicer.util.mainWindow()
        most = needed if window is None else int(_WIDEST * window.screen().availableGeometry.width())
        area.setMinimumWidth(max(area.minimumWidth, min(needed, most)))

    def act(self, work: Callable[[], Any]) -> bool:
        """Do something; a fault is said in the panel. Whether it was done."""
        try:
            work()
        except SpineRootError as error:
            self.session.say(for_panel(error))
            return False
        except OSError as error:
            self.session.say(for_panel(f"{error.filename}: {os.strerror(error.errno or 0)}"))
            return False
        return True

    def work(self, work: Callable[[], Any]) -> bool:
        """Do something long, which tells of its `progress` and can be cancelled; whether it was done."""
        self._cancelled = False
        self._shown_at = 0.0
        return self.act(work)

    def lock(self, working: bool) -> None:
        """While work is running nothing can be pressed but the button that cancels it."""
        for section in self._sections:
            section.enabled = not working
        self.ui.cancelButton.enabled = working
        self.ui.progressBar.value = 0

    def progress(self, fraction: float, _text: str) -> bool:
        """Show how far the work is; False asks it to stop."""
        now = time.monotonic()
        if now - self._shown_at > _SHOW_S:
            self._shown_at = now
            self.ui.progressBar.value = int(100 * fraction)
            slicer.app.processEvents(qt.QEventLoop.ExcludeSocketNotifiers)
        return not self._cancelled

    def cancel(self) -> None:
        """Have the running work stop."""
        self._cancelled = True


def rows_react(view: Any, react: Callable[[int], None]) -> None:
    """Call back with the row of the table node whenever a row of its view is clicked."""
    view.setSelectionBehavior(qt.QAbstractItemView.SelectRows)
    view.setSelectionMode(qt.QAbstractItemView.SingleSelection)
    view.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
    view.connect("clicked(QModelIndex)", lambda index: react(view.sortFilterProxyModel().mapToSource(index).row()))


def show_node(view: Any, node: Any) -> None:
    """Show a table node, its columns as wide as they need to be."""
    view.setMRMLTableNode(node)
    view.resizeColumnsToContents()


def select_row(view: Any, row: int | None) -> None:
    """Mark a row of the table node in its view and bring it into sight; None for no row."""
    if row is None:
        view.clearSelection()
        return
    model = view.sortFilterProxyModel()
    index = model.mapFromSource(model.sourceModel.index(row, 0))
    if index.isValid() and view.currentIndex().row() != index.row():
        view.setCurrentIndex(index)
        view.scrollTo(index)


def checked_item(text: str, data: str, checked: bool, enabled: bool = True) -> Any:
    """An item of a list that can be ticked."""
    item = qt.QListWidgetItem(text)
    item.setData(qt.Qt.UserRole, data)
    flags = qt.Qt.ItemIsUserCheckable | qt.Qt.ItemIsSelectable
    item.setFlags(flags | qt.Qt.ItemIsEnabled if enabled else flags)
    item.setCheckState(qt.Qt.Checked if checked else qt.Qt.Unchecked)
    return item


def checked_data(listing: Any) -> list[str]:
    """What is ticked in a list."""
    items = [listing.item(row) for row in range(listing.count)]
    return [item.data(qt.Qt.UserRole) for item in items if item.checkState() == qt.Qt.Checked]


def fill_selector(selector: Any, choices: dict[str, str]) -> None:
    """Offer titles by their data; what was chosen stays chosen."""
    chosen = selector.currentData
    selector.clear()
    for data, title in choices.items():
        selector.addItem(title, data)
    selector.currentIndex = max(0, selector.findData(chosen))


def swatch(color: tuple[float, float, float]) -> Any:
    """An icon of one colour."""
    pixels = qt.QPixmap(12, 12)
    pixels.fill(qt.QColor(*(round(255 * channel) for channel in color)))
    return qt.QIcon(pixels)
