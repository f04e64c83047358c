"""Charts with a place on the horizontal axis for each segment, left and right beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.translation import _
from SpineRootModelerLib.scene.chart import INK, RULE, SILVER, Chart, Look
from SpineRootModelerLib.scene.folder import ModelerFolder

Numbers = NDArray[np.float64]

# by shade: hues are the roots' and the annotators'
SIDE_COLORS = {"L": INK, "R": SILVER}
# half the width of a whisker's cap, in steps of the horizontal axis; by eye
_CAP = 0.05
# free above the highest whisker, of its height; by eye
_HEADROOM = 0.1


class PerRootChart:
    """Mean distances and their spread at each segment, by side.

    Parameters
    ----------
    role : of the chart's node.
    side_shift : how far aside of a segment's number each side stands, in steps of the axis.
    """

    def __init__(
        self, folder: ModelerFolder, role: str, title: str, segments: Sequence[str], side_shift: dict[str, float]
    ):
        self.chart = Chart(folder, role, title, "", _("distance (mm)"))
        self.name_segments(segments)
        self._side_shift = side_shift
        self._top: dict[str, float] = {}

    def name_segments(self, segments: Sequence[str]) -> None:
        """A place for each segment, and its name."""
        self.chart.set_x_title(", ".join(f"{number} {segment}" for number, segment in enumerate(segments, start=1)))
        self.chart.limit_x(0.4, len(segments) + 0.6)

    def put(
        self,
        side: str,
        at: Numbers,
        values: Numbers,
        look: Look,
        places: Sequence[Any],
        labels: Sequence[str],
        whiskers: tuple[Numbers, Numbers],
    ) -> None:
        """Draw one side: its values, (n,) mm, and at each segment the mean and the spread, (m,) mm, as a whisker.

        Parameters
        ----------
        at : (n,) where the values stand.
        places, labels : what a click on each value leads to, and its tool tip.
        whiskers : means, NaN for none, and spreads.
        """
        title, (mean, spread) = (_("left") if side == "L" else _("right")), whiskers
        self.chart.put(side, title, at, values, look, places, labels)
        x, y = whisker_lines(np.arange(1.0, len(mean) + 1.0) + self._side_shift[side], mean, spread)
        self.chart.put(f"{side}-spread", _("{title}, SD").format(title=title), x, y, Look("line", RULE))
        tops = [*values, *(mean + spread)]
        self._top[side] = float(np.max(tops, initial=0.0, where=np.isfinite(tops)))
        self.chart.limit_y(0.0, (1.0 + _HEADROOM) * max(self._top.values()) or 1.0)


def whisker_lines(x: Numbers, middle: Numbers, reach: Numbers) -> tuple[Numbers, Numbers]:
    """One broken line of whiskers with caps around values, each (n,): the points of the line, (7 n,) each."""
    across = np.array([-_CAP, _CAP, 0.0, 0.0, -_CAP, _CAP, np.nan])
    along = np.array([-1.0, -1.0, -1.0, 1.0, 1.0, 1.0, np.nan])
    return (x[:, None] + across).ravel(), (middle[:, None] + reach[:, None] * along).ravel()
