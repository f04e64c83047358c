"""Bland and Altman's figure of two annotators' marks of roots, and the ellipses of their differences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.figure_of_agreement import AgreementFigure
from SpineRootLib.agreement.figures import SIDE_COLORS, SIDE_NAMES
from SpineRootLib.agreement.level_groups import ALL_LEVELS
from SpineRootLib.agreement.marked_places import AXES, MarkedPlaces
from SpineRootLib.agreement.pair_reliability import ComparedPair
from SpineRootLib.anatomy import ROOTS, SIDES, Root
from SpineRootLib.figures import INK, PAGE_MM, drawn, fit, panels
from SpineRootLib.place import Place

Array = NDArray[np.float64]
_ROW_MM = 58.0
_TITLE_MM = 50.0
# pairs in one picture, and dots in a panel: more would not be seen apart
_MOST_PAIRS, _MOST_DOTS = 10, 20_000
# few dots, as of hidden repeats, are drawn larger; by eye
_FEW_DOTS, _DOT, _LARGER_DOT = 100, 1.5, 3.0
_DIRECTIONS = ("right", "front")
_LINES = {"bias": "-", "limit_low": "--", "limit_high": "--"}


def draw_bland_altman(
    path: Path,
    pairs: Sequence[ComparedPair],
    places: Mapping[Place, MarkedPlaces],
    figures: Sequence[AgreementFigure],
) -> Path | None:
    """Draw, a row a pair, the difference of two marks against their mean along either axis of the slice, and the
    ellipses of 95 % of the differences, a root each; None where no two annotators marked a root together.

    A dot is a slice of a root; lines are bias and limits of agreement over all levels, as the table has them.

    Parameters
    ----------
    figures : those of the table.
    """
    rows = []
    for pair in pairs:
        own = {whole: each.of(pair.labels).by_all for whole, each in places.items() if whole.structure == ROOTS}
        if any(len(each.slices) for each in own.values()):
            rows.append((pair, own))
    if not rows:
        return None
    shown = rows[:_MOST_PAIRS]
    with drawn(path, PAGE_MM, _ROW_MM * len(shown) + 2, layout=None) as figure:
        axes = panels(figure, len(shown), (1.0, 1.0, 1.0), (14, 2, 12, 7), (16, 18))
        for row, (pair, own) in zip(axes, shown, strict=True):
            told = [each for each in figures if each.annotators == pair.labels and each.structure == ROOTS]
            for axis in range(2):
                _draw_differences(row[axis], own, axis)
                _draw_limits(row[axis], told, axis)
            _draw_ellipses(row[2], told)
            fit(row[0].set_title(f"{pair.labels[0]} to {pair.labels[1]}"), _TITLE_MM)
            fit(row[2].set_title("Ellipses of 95 %"), _TITLE_MM)
        axes[0][1].legend(loc="lower right", handletextpad=0.1, markerscale=2)
        if len(shown) < len(rows):
            figure.text(0.01, 0.001, f"{len(shown)} of {len(rows)} pairs", va="bottom")
    return path


def _draw_differences(panel: Any, own: Mapping[Place, MarkedPlaces], axis: int) -> None:
    for side in SIDES:
        dots = [_dots(each, axis) for whole, each in own.items() if whole.root and whole.root.side == side]
        found = np.concatenate([*dots, np.empty((0, 2))])
        thinned = found[:: math.ceil(len(found) / _MOST_DOTS) or 1]
        size = _LARGER_DOT if len(found) < _FEW_DOTS else _DOT
        look = {"linestyle": "none", "marker": "o", "markersize": size, "markeredgewidth": 0, "alpha": 0.4}
        panel.plot(*thinned.T, color=SIDE_COLORS[side], label=SIDE_NAMES[side], **look)
    panel.axhline(0.0, color="#999999", linewidth=0.5, zorder=0)
    panel.set_xlabel(f"mean of both, {_DIRECTIONS[axis]} of the dura's centre (mm)")
    panel.set_ylabel(f"difference to the {_DIRECTIONS[axis]} (mm)")


def _draw_limits(panel: Any, figures: Sequence[AgreementFigure], axis: int) -> None:
    """The bias and the limits of agreement over all levels as lines."""
    for each in figures:
        over_all = (each.segment, each.axis) == (ALL_LEVELS, AXES[axis])
        if over_all and each.name in _LINES and each.estimate.value is not None:
            panel.axhline(each.estimate.value, color=INK, linewidth=0.9, linestyle=_LINES[each.name], gid=each.name)


def _dots(places: MarkedPlaces, axis: int) -> Array:
    """Mean, from the dura's centre where that is known, and difference of two marks, (n, 2) mm."""
    known = ~np.isnan(places.from_dura[:, axis])
    marks, middle = places.marks[..., axis], places.from_dura[:, axis]
    if known.any():
        marks, middle = marks[known], middle[known]
    return np.column_stack([np.nan_to_num(middle) + marks.mean(axis=1), marks[:, 1] - marks[:, 0]])


def _draw_ellipses(panel: Any, figures: Sequence[AgreementFigure]) -> None:
    """The ellipses about the biases, the subject's right to the left as in radiological images."""
    values = {(each.segment, each.side, each.axis, each.name): each.estimate.value for each in figures}
    angle, reach = np.linspace(0, 2 * np.pi, 73), 0.5
    for segment, side in dict.fromkeys((each.segment, each.side) for each in figures):
        asked = [
            (AXES[0], "bias"),
            (AXES[1], "bias"),
            *(("slice", f"ellipse_{n}") for n in ("long", "short", "direction")),
        ]
        found = [values.get((segment, side, *key)) for key in asked]
        right, front, long, short, turn = (math.nan if each is None else each for each in found)
        if segment is None or side is None or not math.isfinite(right + front + long + short + turn):
            continue
        along, across = long * np.cos(angle), short * np.sin(angle)
        turned = math.radians(turn)
        x = right + along * math.cos(turned) - across * math.sin(turned)
        y = front + along * math.sin(turned) + across * math.cos(turned)
        reach = max(reach, float(np.abs([x, y]).max()))
        panel.plot(x, y, color=SIDE_COLORS[Root(segment, side).side], linewidth=0.7)
    if not panel.lines:
        panel.text(0.5, 0.6, "n/a: see the table", transform=panel.transAxes, ha="center")
    panel.axhline(0, color="#999999", linewidth=0.5, zorder=0)
    panel.axvline(0, color="#999999", linewidth=0.5, zorder=0)
    panel.set(xlim=(1.05 * reach, -1.05 * reach), ylim=(-1.05 * reach, 1.05 * reach), aspect="equal", anchor="N")
    panel.set_xlabel("right  ←  (mm)  →  left")
    panel.set_ylabel("back  ←  (mm)  →  front")
