"""The table of the series of a DICOM folder: what each becomes, and choosing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import qt
from slicer.i18n import tr as _

from SpineRootAnnotatorLib.dicom_intake import SeriesRow

_ROW_HEIGHT, _MOST_ROWS = 24, 8
# A panel is narrow: what does not fit is in the tool tips.
_WIDEST = 120
_CHOICE = 3


class SeriesTable:
    """Shows series in a table.

    Parameters
    ----------
    on_chosen : called with the key of a series and the image that it is taken as, empty for what the rules say.
    """

    def __init__(self, table: Any, on_chosen: Callable[[str, str], None]):
        self._table, self._on_chosen = table, on_chosen
        self._shown: tuple[Any, ...] = ()
        table.setHorizontalHeaderLabels([_("No."), _("Series"), _("Becomes"), _("Take as")])
        table.horizontalHeader().setStretchLastSection(True)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        table.setSelectionMode(qt.QAbstractItemView.NoSelection)
        table.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
        table.hide()

    def show(self, rows: Sequence[SeriesRow], images: Sequence[str]) -> None:
        """Show series, and which images there are to choose from."""
        if (tuple(rows), tuple(images)) == self._shown:
            return
        self._shown = (tuple(rows), tuple(images))
        table = self._table
        table.visible = bool(rows)
        table.setRowCount(0)
        table.setRowCount(len(rows))
        for number, row in enumerate(rows):
            self._show_row(number, row)
            table.setCellWidget(number, _CHOICE, self._selector(row, images))
        for column in range(_CHOICE):
            table.resizeColumnToContents(column)
            table.setColumnWidth(column, min(table.columnWidth(column), _WIDEST))
        table.setMinimumHeight(_ROW_HEIGHT * (min(len(rows), _MOST_ROWS) + 2))

    def _show_row(self, number: int, row: SeriesRow) -> None:
        becomes = row.file or _("left over")
        summary = _("{description}, {count} slices").format(description=row.description, count=row.slices)
        why = f"{becomes}: {row.remark}" if row.remark else becomes
        shown = why if row.remark else becomes.removesuffix(".nii.gz")
        for column, text, tip in ((0, row.key, summary), (1, row.description, summary), (2, shown, why)):
            item = qt.QTableWidgetItem(text)
            item.setToolTip(tip)
            self._table.setItem(number, column, item)

    def _selector(self, row: SeriesRow, images: Sequence[str]) -> Any:
        selector = qt.QComboBox()
        selector.toolTip = _("What this series is, where the rules do not tell or tell wrong")
        selector.addItem(_("by the rules"), "")
        for image in images:
            selector.addItem(image, image)
        selector.currentIndex = selector.findData(row.choice)
        selector.connect("activated(int)", lambda index: self._on_chosen(row.key, ["", *images][index]))
        return selector
