"""The cohort's figure, as in Liu et al. 2024, Figure 2."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from SpineRootLib.agreement.figures import SIDE_COLORS, SIDE_NAMES, draw_bars
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, ROOTS, SIDES, Root
from SpineRootLib.cohort.summary import StructureSummary
from SpineRootLib.figures import PAGE_MM, drawn
from SpineRootLib.place import Place

_SIDE_SHIFT = {"L": -0.18, "R": 0.18}
_GREY = "#666666"


def draw_cohort(path: Path, summaries: Sequence[StructureSummary], segments: Sequence[str]) -> Path:
    """Draw the mean distance between annotators per root, per ganglion and of the contours: a dot a subject, the mean
    and the standard deviation between subjects."""
    by_whole = {each.whole: each for each in summaries}
    with drawn(path, PAGE_MM, 74) as figure:
        axes = figure.subplots(1, 3, width_ratios=(7, 7, 2.6))
        for axis, structure, title in ((axes[0], ROOTS, "Nerve roots"), (axes[1], GANGLIA, "Ganglia")):
            for side in SIDES:
                for index, segment in enumerate(segments):
                    each = by_whole.get(Place(structure, Root(segment, side)))
                    _draw_dots(axis, index + _SIDE_SHIFT[side], each, SIDE_COLORS[side], 0.15)
            _finish(axis, title, segments)
        for index, structure in enumerate(CONTOUR_STRUCTURES):
            _draw_dots(axes[2], index, by_whole.get(Place(structure)), _GREY, 0.3)
        _finish(axes[2], "Contours", CONTOUR_STRUCTURES)
        axes[0].set_ylabel("distance between annotators (mm)")
        for side in SIDES:
            axes[0].scatter([], [], s=12, color=SIDE_COLORS[side], label=SIDE_NAMES[side])
        axes[0].legend(loc="upper left", ncols=2, handletextpad=0.1, columnspacing=1.0)
    return path


def _draw_dots(axis: Any, x: float, summary: StructureSummary | None, color: str, half_width: float) -> None:
    if summary is None or not summary.subjects:
        return
    means = summary.means
    sideways = ((np.arange(len(means)) * 0.6180339887) % 1.0 - 0.5) * 1.6 * half_width
    size, alpha = (9, 0.7) if len(means) <= 40 else (2, 0.3)
    axis.scatter(x + sideways, means, s=size, color=color, alpha=alpha, linewidths=0)
    draw_bars(axis, x, means.mean(), means.std(ddof=1) if len(means) > 1 else 0.0, half_width)


def _finish(axis: Any, title: str, names: Sequence[str]) -> None:
    axis.grid(axis="y")
    axis.set_title(title)
    axis.set_xticks(range(len(names)), names)
    axis.set_xlim(-0.6, len(names) - 0.4)
    axis.set_ylim(0, 1.06 * axis.get_ylim()[1])
