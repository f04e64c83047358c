"""Comparing annotators: the table of distances, whose chart, and who is shown."""

from __future__ import annotations

from typing import Any

import qt
from slicer.i18n import tr as _

from SpineRootModelerLib.changes import ModelerChange
from SpineRootModelerLib.compare.rater_palette import rater_color
from SpineRootModelerLib.scene import layouts
from SpineRootModelerLib.work.marks_in_words import compared_text
from SpineRootModelerLib.work.sources import DISCUSSED
from SpineRootModelerWidgets.panel import (
    Panel,
    checked_data,
    checked_item,
    fill_selector,
    rows_react,
    select_row,
    show_node,
    swatch,
)
from SpineRootModelerWidgets.subject_section import SubjectSection


class CompareSection:
    """Has the session compare, and shows the table and who is seen."""

    shows = frozenset(
        {ModelerChange.SUBJECT, ModelerChange.COMPARISON, ModelerChange.DISCUSSION, ModelerChange.SURFACES}
    )

    def __init__(self, panel: Panel, subject: SubjectSection):
        self._panel, self._ui, self._session, self._subject = panel, panel.ui, panel.session, subject
        self._shown: Any = None
        ui = self._ui
        ui.compareButton.connect("clicked(bool)", self.onCompare)
        ui.saveTablesButton.connect("clicked(bool)", self.onSaveTables)
        ui.rootsChartButton.connect("clicked(bool)", self.onPair)
        ui.pairSelector.connect("activated(int)", self.onPair)
        ui.shownList.connect("itemChanged(QListWidgetItem*)", self.onShown)
        ui.spaceCheckBox.connect("toggled(bool)", self.onSpace)
        rows_react(ui.agreementTable, self.onRow)

    def onCompare(self) -> None:
        """Compare the annotators that are ticked."""
        self._subject.list_again()
        labels = checked_data(self._ui.annotatorsList)
        if self._subject.open_chosen() and self._panel.work(lambda: self._compare(labels)):
            self._subject.choose_source(DISCUSSED)
            self._session.say(compared_text(self._session.comparison.discussion))

    def onSaveTables(self) -> None:
        """Write the tables."""

        def write() -> None:
            files = self._session.write_agreement()
            self._session.say(_("Files written: {count}, such as {file}").format(count=len(files), file=files[0]))

        self._panel.act(write)

    def onPair(self, *_index: int) -> None:
        """Show all roots of a pair of annotators."""
        comparison = self._session.comparison
        if comparison is not None:
            comparison.roots_chart.show_pair(max(0, self._ui.pairSelector.currentIndex))
            comparison.roots_chart.chart.show()

    def onRow(self, row: int) -> None:
        """Go to where a row's structure differs most."""
        if self._session.comparison is not None:
            self._panel.act(lambda: self._session.comparison.go_to_row(row))

    def onShown(self, item: Any) -> None:
        """Show an annotator's marks, or hide them."""
        if self._session.comparison is not None:
            visible = item.checkState() == qt.Qt.Checked
            self._session.comparison.display.set_visible(item.data(qt.Qt.UserRole), visible)

    def onSpace(self, shown: bool) -> None:
        """Show marks in 3D, or leave it to the surfaces."""
        if self._session.comparison is not None:
            self._session.comparison.display.show_in_space(shown)

    def refresh(self) -> None:
        """Show the comparison that the session has."""
        comparison = self._session.comparison
        for button in (self._ui.saveTablesButton, self._ui.rootsChartButton):
            button.enabled = comparison is not None
        if comparison is not None:
            self._ui.spaceCheckBox.checked = comparison.display.in_space
        state = None if comparison is None else (comparison, comparison.display.shown)
        if state != self._shown:
            self._shown = state
            self._show(comparison)
        if comparison is not None:
            select_row(self._ui.agreementTable, comparison.table.row_of(comparison.gone_to))

    def _show(self, comparison: Any) -> None:
        show_node(self._ui.agreementTable, None if comparison is None else comparison.table.node)
        pairs = () if comparison is None else comparison.comparison.pairs
        fill_selector(self._ui.pairSelector, {f"{pair.a}-{pair.b}": f"{pair.a} - {pair.b}" for pair in pairs})
        self._list_shown(comparison)
        self._subject.refresh_sources()

    def _compare(self, labels: list[str]) -> None:
        self._session.compare(labels, self._panel.progress)
        if self._ui.layoutCheckBox.checked:
            layouts.arrange(self._session.scene, layouts.COMPARE)
            self._session.comparison.roots_chart.chart.show()  # in the plot view that came with the arrangement, too

    def _list_shown(self, comparison: Any) -> None:
        listing = self._ui.shownList
        blocked = listing.blockSignals(True)
        listing.clear()
        for label in () if comparison is None else comparison.display.shown:
            item = checked_item(label, label, comparison.display.is_visible(label))
            item.setIcon(swatch(rater_color(comparison.comparison.raters.labels, label)))
            listing.addItem(item)
        listing.blockSignals(blocked)
