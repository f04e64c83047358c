"""Pictures of the agreement of one subject's annotators."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from SpineRootLib.agreement.distances import PairAgreement
from SpineRootLib.agreement.places import Place
from SpineRootLib.anatomy import ROOTS, SIDES, Root
from SpineRootLib.figures import PAGE_MM, drawn, panels

# left and right: a blue and an orange that stay apart for colour-blind readers (Okabe and Ito, 2008)
SIDE_COLORS = {"L": "#0072b2", "R": "#d55e00"}
SIDE_NAMES = {"L": "left", "R": "right"}
_SIDE_SHIFT = {"L": -0.19, "R": 0.19}
_ROW_MM = 62.0
# matplotlib's carets, towards the left and towards the right
_ONLY_A, _ONLY_B = 4, 5
# shifts are drawn to at least this scale, half of what a root is thick, so that a small one looks small
_SMALLEST_REACH_MM = 0.5


def draw_agreement(path: Path, subject: str, pairs: Sequence[PairAgreement], segments: Sequence[str]) -> Path:
    """Draw, a row a pair of annotators, the distance per root and the mean vector between the two.

    Every small dot is a slice; the bar is the mean, with the sample standard deviation on either side.
    """
    with drawn(path, PAGE_MM, _ROW_MM * len(pairs) + 2, layout=None) as figure:
        axes = panels(figure, len(pairs), (2.1, 1), (11, 2, 11, 6), (13, 16))
        for (left, right), pair in zip(axes, pairs, strict=True):
            _draw_distances(left, pair, segments)
            left.set_title(f"sub-{subject}: distance between {pair.a} and {pair.b}")
            _draw_bias(right, pair, segments)
            right.set_title(f"Mean shift from {pair.a} to {pair.b}")
    return path


def draw_slices(path: Path, subject: str, pairs: Sequence[PairAgreement], segments: Sequence[str]) -> Path:
    """Draw the distance along the slices, a panel a segment, a row a pair of annotators."""
    with drawn(path, PAGE_MM, 46.0 * len(pairs) + 12, layout=None) as figure:
        axes = panels(figure, len(pairs), [1] * len(segments), (13, 2, 14, 6), (3, 8), sharex=True, sharey=True)
        for row, pair in zip(axes, pairs, strict=True):
            for axis, segment in zip(row, segments, strict=True):
                _draw_along(axis, pair, segment)
                axis.set_title(segment)
            row[0].set_ylabel(f"slice\n(sub-{subject}, {pair.a} and {pair.b})")
        # shared by all panels
        axes[0, 0].invert_yaxis()
        axes[0, 0].set_xlim(left=0)
        axes[-1, 0].set_xlabel("distance (mm)")
        _legend(figure, pairs[0], "lower right", alone=True)
    return path


def _draw_distances(axis: Any, pair: PairAgreement, segments: Sequence[str]) -> None:
    axis.grid(axis="y")
    for side in SIDES:
        for index, segment in enumerate(segments):
            distances = pair.of(Place(ROOTS, Root(segment, side))).distances
            if not len(distances):
                continue
            x = index + _SIDE_SHIFT[side]
            axis.scatter(x + _spread(distances), distances, s=3, color=SIDE_COLORS[side], alpha=0.35, linewidths=0)
            mean, sd = distances.mean(), distances.std(ddof=1) if len(distances) > 1 else 0.0
            axis.errorbar(x, mean, sd, color="black", capsize=2, linewidth=0.8, capthick=0.8)
            axis.plot([x - 0.13, x + 0.13], [mean, mean], color="black", linewidth=1.6, solid_capstyle="butt")
    axis.set_xticks(range(len(segments)), segments)
    axis.set_xlim(-0.6, len(segments) - 0.4)
    axis.set_ylim(bottom=0)
    axis.set_ylabel("distance (mm)")
    _legend(axis, pair, "upper left")


def _draw_bias(axis: Any, pair: PairAgreement, segments: Sequence[str]) -> None:
    """The mean vector of each root in the slice, the subject's right to the left as in radiological images."""
    found = [
        (Root(segment, side), pair.of(Place(ROOTS, Root(segment, side))).bias) for segment in segments for side in SIDES
    ]
    shifts = [(root, bias[:2]) for root, bias in found if bias is not None]
    reach = 1.25 * max([_SMALLEST_REACH_MM, *(float(np.abs(shift).max()) for _, shift in shifts)])
    for root, shift in shifts:
        color = SIDE_COLORS[root.side]
        axis.plot([0, shift[0]], [0, shift[1]], color=color, linewidth=0.5, alpha=0.5)
        axis.scatter(*shift, s=9, color=color, linewidths=0, zorder=3)
        if np.linalg.norm(shift) > reach / 4:
            axis.annotate(root.segment, shift, xytext=(2.5, 1.5), textcoords="offset points", fontsize=5.5)
    axis.axhline(0, color="#999999", linewidth=0.5, zorder=0)
    axis.axvline(0, color="#999999", linewidth=0.5, zorder=0)
    axis.set(xlim=(reach, -reach), ylim=(-reach, reach), aspect="equal", anchor="N")
    axis.set_xlabel("right  ←  shift (mm)  →  left")
    axis.set_ylabel("back  ←  shift (mm)  →  front")


def _draw_along(axis: Any, pair: PairAgreement, segment: str) -> None:
    axis.grid(axis="x")
    axis.locator_params(axis="x", nbins=3)
    for side in SIDES:
        matched = pair.of(Place(ROOTS, Root(segment, side))).matched
        slices = np.array([each.place.slice for each in matched], dtype=float)
        distances = np.array([each.distance_mm for each in matched])
        gaps = np.flatnonzero(np.diff(slices) > 1) + 1
        line = np.insert(distances, gaps, np.nan), np.insert(slices, gaps, np.nan)
        axis.plot(*line, color=SIDE_COLORS[side], linewidth=0.9)
        agreement = pair.of(Place(ROOTS, Root(segment, side)))
        for places, marker in ((agreement.only_a, _ONLY_A), (agreement.only_b, _ONLY_B)):
            alone = [place.slice for place in places]
            axis.scatter(np.zeros(len(alone)), alone, s=8, marker=marker, color=SIDE_COLORS[side], clip_on=False)


def _spread(distances: Any) -> Any:
    """Sideways places of dots, so that equal distances do not hide each other: a fixed sequence, no chance."""
    golden = (np.arange(len(distances)) * 0.6180339887) % 1.0
    return 0.26 * (golden - 0.5)


def _legend(where: Any, pair: PairAgreement, place: str, alone: bool = False) -> None:
    from matplotlib.lines import Line2D

    roots = [each.whole.root for each in pair.structures if each.matched and each.whole.root]
    marked = [side for side in SIDES if any(root.side == side for root in roots)]
    dots = [Line2D([], [], marker="o", markersize=3.5, linewidth=0, color=SIDE_COLORS[side]) for side in marked]
    names = [SIDE_NAMES[side] for side in marked]
    if alone:
        dots += [Line2D([], [], marker=m, markersize=4, linewidth=0, color="#777777") for m in (_ONLY_A, _ONLY_B)]
        names += ["only the first marked it", "only the second"]
    where.legend(dots, names, loc=place, ncols=4, handletextpad=0.1, columnspacing=1.0)
