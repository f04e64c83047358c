"""The matrix of structures and slices, as a picture that can be clicked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt
from slicer.i18n import tr as _

from SpineRootAnnotatorLib.work.coverage import Cell, Coverage

# Readable on light and dark backgrounds, and by colour-blind readers.
_COLORS = {
    Cell.MISSING: "#d55e00",
    Cell.PROPOSED: "#56b4e9",
    Cell.PLACED: "#009e73",
    Cell.UNCERTAIN: "#f0e442",
    Cell.SKIPPED: "#888888",
}


class MatrixView(qt.QWidget):
    """Draws a coverage; a click in a cell calls `on_clicked` with its row and slice."""

    def __init__(self, on_clicked: Callable[[int, int], None]):
        qt.QWidget.__init__(self)
        self._on_clicked = on_clicked
        self._coverage: Coverage | None = None
        self._number = 0
        self.toolTip = _("Green: placed, blue: proposed, orange: missing, yellow: uncertain, grey: skipped")

    def show_coverage(self, coverage: Coverage | None) -> None:
        """Draw a coverage, or none; the room for it stays."""
        self._coverage = coverage
        if coverage is not None:
            self.setMinimumHeight(self._row_height() * len(coverage.rows) + 4)
        self.update()

    def mark_slice(self, number: int) -> None:
        """Show which slice is looked at."""
        if number != self._number:
            self._number = number
            self.update()

    def paintEvent(self, _event: Any) -> None:
        """Draw row by row, runs of equal cells as one bar."""
        coverage = self._coverage
        if coverage is None or not coverage.count:
            return
        painter = qt.QPainter(self)
        height, names, width = self._row_height(), self._names_width(), self._cell_width()
        cells = coverage.cells
        for row, whole in enumerate(coverage.rows):
            top = row * height
            painter.setPen(self.palette.color(qt.QPalette.WindowText))
            painter.drawText(0, top + height - self.fontMetrics().descent(), whole.title)
            for start, end, cell in _runs(cells[row].tolist()):
                if cell in _COLORS:
                    left, right = (int(names + width * column) for column in (start, end))
                    painter.fillRect(left, top + 1, max(right - left, 1), height - 2, qt.QColor(_COLORS[cell]))
        painter.setPen(self.palette.color(qt.QPalette.Highlight))
        across = int(names + width * (self._number - 0.5))
        painter.drawLine(across, 0, across, height * len(coverage.rows))
        painter.end()

    def mousePressEvent(self, event: Any) -> None:
        """Tell which cell was clicked."""
        if self._coverage is None or not self._coverage.count:
            return
        row = event.pos().y() // self._row_height()
        number = int((event.pos().x() - self._names_width()) / self._cell_width()) + 1
        if 0 <= row < len(self._coverage.rows) and 1 <= number <= self._coverage.count:
            self._on_clicked(row, number)

    def _row_height(self) -> int:
        """Names of successive rows do not touch, whatever the font's size."""
        return int(self.fontMetrics().ascent() + self.fontMetrics().descent())

    def _names_width(self) -> int:
        titles = [] if self._coverage is None else [whole.title for whole in self._coverage.rows]
        words = max((self.fontMetrics().boundingRect(title).width() for title in titles), default=0)
        return int(words + self.fontMetrics().averageCharWidth())

    def _cell_width(self) -> float:
        assert self._coverage is not None
        return (self.width - self._names_width()) / self._coverage.count


def _runs(cells: list[int]) -> list[tuple[int, int, int]]:
    """Start, end and value of runs of equal values."""
    runs: list[tuple[int, int, int]] = []
    for index, cell in enumerate(cells):
        if runs and runs[-1][2] == cell:
            runs[-1] = (runs[-1][0], index + 1, cell)
        else:
            runs.append((index, index + 1, cell))
    return runs
