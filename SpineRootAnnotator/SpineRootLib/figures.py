"""Figures for print: one look for all of them, drawn without a screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from SpineRootLib.atomic import replacing
from SpineRootLib.errors import MissingExtraError

# Widths of a column and of a page of a journal, mm (Scientific Data: 89 and 183).
COLUMN_MM, PAGE_MM = 89.0, 183.0
_DPI = 200
_INK, _PALE = "#333333", "#d9d9d9"
_STYLE: dict[str, Any] = {
    "font.size": 7.0,
    "axes.titlesize": 8.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 7.0,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "axes.titlecolor": _INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": _PALE,
    "grid.linewidth": 0.4,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.frameon": False,
    "legend.fontsize": 7.0,
    "lines.linewidth": 1.0,
    "text.color": _INK,
}


@contextmanager
def drawn(path: Path, width_mm: float, height_mm: float) -> Iterator[Any]:
    """A matplotlib figure to draw on, written to `path` (its ending decides the format) when the block succeeds.

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
        raise MissingExtraError("matplotlib", "figures", "drawing figures") from None
    with rc_context(_STYLE):
        figure = Figure(figsize=(width_mm / 25.4, height_mm / 25.4), dpi=_DPI, layout="constrained")
        FigureCanvasAgg(figure)
        yield figure
        with replacing(path) as temporary:
            figure.savefig(temporary, metadata=None)
