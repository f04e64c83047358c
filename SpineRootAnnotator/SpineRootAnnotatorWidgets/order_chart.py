"""The order of the roots along the slices, as a strip chart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt
from slicer.i18n import tr as _

from SpineRootAnnotatorLib.work.root_order import Course
from SpineRootLib.anatomy import ROOTS, color

_HEIGHT = 150


class OrderChart(qt.QWidget):
    """Draws each root's distance from the midline over the slices; a click calls `on_clicked` with the slice."""

    def __init__(self, on_clicked: Callable[[int], None]):
        qt.QWidget.__init__(self)
        self._on_clicked = on_clicked
        self._courses: list[Course] = []
        self._count = 1
        self.setMinimumHeight(_HEIGHT)
        self.toolTip = _(
            "Distance of each root from the middle of the dura over the slices, the left roots above, the right ones"
            " below; a click goes to the slice"
        )

    def show_order(self, courses: list[Course], count: int) -> None:
        """Draw courses over so many slices."""
        self._courses, self._count = courses, count
        self.update()

    def paintEvent(self, _event: Any) -> None:
        """Draw the axis and a line a root."""
        painter = qt.QPainter(self)
        painter.setPen(self.palette.color(qt.QPalette.WindowText))
        middle = self.height // 2
        painter.drawLine(0, middle, self.width, middle)
        painter.drawText(2, 12, _("left"))
        painter.drawText(2, self.height - 4, _("right"))
        farthest = max((abs(value) for course in self._courses for value in course.sideways), default=1.0) or 1.0
        for course in self._courses:
            red, green, blue = (int(255 * channel) for channel in color(ROOTS, course.root))
            painter.setPen(qt.QPen(qt.QColor(red, green, blue), 2))
            dots = [
                (int((number - 0.5) * self.width / self._count), int(middle - value / farthest * (middle - 6)))
                for number, value in zip(course.numbers, course.sideways, strict=True)
            ]
            for (x, y), (x2, y2) in zip(dots, dots[1:], strict=False):
                painter.drawLine(x, y, x2, y2)
        painter.end()

    def mousePressEvent(self, event: Any) -> None:
        """Tell which slice was clicked."""
        self._on_clicked(int(event.pos().x() * self._count / max(self.width, 1)) + 1)
