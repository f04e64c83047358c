"""The order of the roots along the slices, as a strip chart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt
from slicer.i18n import tr as _

from SpineRootAnnotatorLib.work.root_order import LateralOffset
from SpineRootLib.anatomy import ROOTS, color

_LINES = 11  # height, in lines of text


class OrderChart(qt.QWidget):
    """Draws each root's distance from the midline over the slices; a click calls `on_clicked` with the slice."""

    def __init__(self, on_clicked: Callable[[int], None]):
        qt.QWidget.__init__(self)
        self._on_clicked = on_clicked
        self._offsets: list[LateralOffset] = []
        self._count = 1
        self.setMinimumHeight(_LINES * self.fontMetrics().height())
        self.toolTip = _(
            "Distance of each root from the middle of the dura over the slices, the left roots above, the right ones"
            " below; a click goes to the slice"
        )

    def show_order(self, offsets: list[LateralOffset], count: int) -> None:
        """Draw the offsets of all roots over so many slices."""
        self._offsets, self._count = offsets, count
        self.update()

    def paintEvent(self, _event: Any) -> None:
        """Draw the axis and a line a root."""
        painter = qt.QPainter(self)
        painter.setPen(self.palette.color(qt.QPalette.WindowText))
        middle = self.height // 2
        painter.drawLine(0, middle, self.width, middle)
        painter.drawText(2, self.fontMetrics().ascent(), _("left"))
        painter.drawText(2, self.height - self.fontMetrics().descent(), _("right"))
        farthest = max((abs(value) for each in self._offsets for value in each.offsets_mm), default=1.0) or 1.0
        for each in self._offsets:
            red, green, blue = (int(255 * channel) for channel in color(ROOTS, each.root))
            painter.setPen(qt.QPen(qt.QColor(red, green, blue), 2))
            dots = [
                (int((number - 0.5) * self.width / self._count), int(middle - value / farthest * (middle - 6)))
                for number, value in zip(each.numbers, each.offsets_mm, strict=True)
            ]
            for (x, y), (x2, y2) in zip(dots, dots[1:], strict=False):
                painter.drawLine(x, y, x2, y2)
        painter.end()

    def mousePressEvent(self, event: Any) -> None:
        """Tell which slice was clicked."""
        self._on_clicked(int(event.pos().x() * self._count / max(self.width, 1)) + 1)
