"""Figures for print: one look for all of them, drawn without a screen."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from SpineRootLib.atomic import replacing
from SpineRootLib.errors import MissingExtraError

# Widths of a column and of a page of a journal, mm (Scientific Data: 89 and 183).
COLUMN_MM, PAGE_MM = 89.0, 183.0
_DPI = 200
# letters are drawn on whole pixels, which makes smaller ones up to this much wider than in proportion
_HINTED = 0.95
Layout = Literal["constrained"]
# matplotlib's settings belong to the process, and the threads of a Dask worker share one
_DRAWING = threading.Lock()
INK, PALE = "#333333", "#d9d9d9"
_STYLE: dict[str, Any] = {
    "font.size": 7.0,
    "axes.titlesize": 8.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    # a fixed place, which needs no search for what lies in its way
    "axes.titley": 1.0,
    "axes.labelsize": 7.0,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": PALE,
    "grid.linewidth": 0.4,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.frameon": False,
    "legend.fontsize": 7.0,
    "lines.linewidth": 1.0,
    "text.color": INK,
}


@contextmanager
def drawn(path: Path, width_mm: float, height_mm: float, layout: Layout | None = "constrained") -> Iterator[Any]:
    """A matplotlib figure to draw on, written to `path` (its ending decides the format) when the block succeeds.

    Parameters
    ----------
    layout : ``constrained`` finds room for all texts; None, with `panels`, takes half the time.

    Raises
    ------
    MissingExtraError
        if matplotlib is not installed, as in 3D Slicer.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("matplotlib", "", "drawing figures") from None
    with _DRAWING, rc_context(_STYLE):
        figure = Figure(figsize=(width_mm / 25.4, height_mm / 25.4), dpi=_DPI, layout=layout)
        FigureCanvasAgg(figure)
        yield figure
        with replacing(path) as temporary:
            figure.savefig(temporary, metadata=None)


def fit(text: Any, room_mm: float) -> None:
    """Make the letters of a text smaller, if it must be, so that it keeps to its room along its line."""
    box = text.get_window_extent()
    longest = 25.4 * max(box.width, box.height) / text.figure.dpi
    if longest > room_mm:
        text.set_fontsize(_HINTED * text.get_fontsize() * room_mm / longest)


def panels(
    figure: Any,
    rows: int,
    widths: Sequence[float],
    margins_mm: tuple[float, float, float, float],
    gaps_mm: tuple[float, float],
) -> Any:
    """Axes in a grid, (rows, columns), at fixed places.

    Parameters
    ----------
    widths : of the columns, relative to each other.
    margins_mm : left, right, bottom, top.
    gaps_mm : between columns and between rows.
    """
    width, height = (25.4 * size for size in figure.get_size_inches())
    left, right, bottom, top = margins_mm
    across = (width - left - right - gaps_mm[0] * (len(widths) - 1)) / len(widths)
    down = (height - bottom - top - gaps_mm[1] * (rows - 1)) / rows
    place = {"left": left / width, "right": 1 - right / width, "bottom": bottom / height, "top": 1 - top / height}
    place |= {"wspace": gaps_mm[0] / across, "hspace": gaps_mm[1] / down}
    return figure.subplots(rows, len(widths), width_ratios=widths, gridspec_kw=place, squeeze=False)
