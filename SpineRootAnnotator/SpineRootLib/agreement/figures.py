"""Pictures of the agreement of one subject's annotators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.distances import PairAgreement, StructureAgreement
from SpineRootLib.anatomy import ROOTS, SIDES, Root
from SpineRootLib.figures import INK, PAGE_MM, PALE, drawn, fit, panels
from SpineRootLib.place import Place

# left and right: a blue and an orange that stay apart for colour-blind readers (Okabe and Ito, 2008)
SIDE_COLORS = {"L": "#0072b2", "R": "#d55e00"}
SIDE_NAMES = {"L": "left", "R": "right"}
_SIDE_SHIFT = {"L": -0.19, "R": 0.19}
_ROW_MM = 62.0
# room for the titles of a row, and beside the panels along the slices
_LEFT_MM, _RIGHT_MM, _ALONG_MM = 108.0, 48.0, 44.0
# pairs in one picture: those of five annotators; more would make it longer than a page can be
_MOST_PAIRS = 10
# matplotlib's carets, towards the left and towards the right
_ONLY_A, _ONLY_B = 4, 5
# what a name beside a dot takes across and up, mm
_NAME_MM = np.array([3.2, 2.0])
# how far from its dot it may stand, mm
_AWAY = (1.2, 2.0, 2.8, 3.6, 4.4, 5.2)
# distances and shifts are drawn to at least this scale, half of what a root is thick, so that a small one looks small
_SMALLEST_REACH_MM = 0.5


def draw_agreement(path: Path, subject: str, pairs: Sequence[PairAgreement], segments: Sequence[str]) -> Path:
    """Draw, a row a pair of annotators, the distance per root and the mean vector between the two.

    Every small dot is a slice; the bar is the mean, with the sample standard deviation on either side. Of very many
    pairs those farthest apart are drawn.
    """
    shown = _farthest(pairs)
    with drawn(path, PAGE_MM, _ROW_MM * len(shown) + 2, layout=None) as figure:
        axes = panels(figure, len(shown), (2.1, 1), (12, 2, 11, 6), (14, 16))
        for (left, right), pair in zip(axes, shown, strict=True):
            _draw_distances(left, pair, segments)
            fit(left.set_title(f"sub-{subject}: distance between {pair.a} and {pair.b}"), _LEFT_MM)
            _draw_bias(right, pair, segments)
            fit(right.set_title(f"Mean shift from {pair.a} to {pair.b}"), _RIGHT_MM)
        if len(shown) < len(pairs):
            figure.text(0.01, 0.001, f"{len(shown)} of {len(pairs)} pairs, those farthest apart", va="bottom")
    return path


def draw_slices(path: Path, subject: str, pairs: Sequence[PairAgreement], segments: Sequence[str]) -> Path:
    """Draw the distance along the slices, a panel a segment, a row a pair of annotators; of very many pairs those
    farthest apart."""
    shown = _farthest(pairs)
    with drawn(path, PAGE_MM, 46.0 * len(shown) + 12, layout=None) as figure:
        axes = panels(figure, len(shown), (1,), (13, 2, 14, 6), (0, 8))[:, 0]
        frame = _Frame.around(shown)
        for axis, pair in zip(axes, shown, strict=True):
            _draw_frame(axis, frame, segments)
            axis.tick_params(labelbottom=axis is axes[-1])
            for side in SIDES:
                _draw_along(axis, frame, [pair.of(Place(ROOTS, Root(segment, side))) for segment in segments], side)
            fit(axis.set_ylabel(f"slice\n(sub-{subject}, {pair.a} and {pair.b})"), _ALONG_MM)
        axes[-1].set_xlabel("distance (mm)", loc="left")
        _legend(figure, shown[0], "lower right", alone=True)
    return path


def _farthest(pairs: Sequence[PairAgreement]) -> Sequence[PairAgreement]:
    """The pairs whose roots are farthest apart in the mean, in their own order."""
    if len(pairs) <= _MOST_PAIRS:
        return pairs
    roots = [[each.distances for each in pair.structures if each.whole.structure == ROOTS] for pair in pairs]
    apart = [float(np.mean(np.concatenate(each) if sum(map(len, each)) else [0.0])) for each in roots]
    return [pairs[index] for index in sorted(np.argsort(apart)[-_MOST_PAIRS:])]


@dataclass(frozen=True)
class _Frame:
    """Panels side by side on one pair of axes, which are drawn in half the time of axes for each.

    Parameters
    ----------
    reach : mm that a panel shows.
    top, bottom : slices at its ends.
    across, down : ticks, mm and slices.
    """

    reach: float
    top: float
    bottom: float
    across: NDArray[np.float64]
    down: NDArray[np.float64]

    @classmethod
    def around(cls, pairs: Sequence[PairAgreement]) -> _Frame:
        """The frame that holds the roots of all pairs."""
        from matplotlib.ticker import MaxNLocator

        roots = [each for pair in pairs for each in pair.structures if each.whole.structure == ROOTS]
        reach = 1.05 * max([_SMALLEST_REACH_MM, *(float(each.distances.max()) for each in roots if each.matched)])
        matched = [one.place for each in roots for one in each.matched]
        alone = [place for each in roots for place in (*each.only_a, *each.only_b)]
        slices = [place.slice for place in (*matched, *alone) if place.slice is not None] or [1]
        top, bottom = min(slices) - 3, max(slices) + 3
        across = np.asarray(MaxNLocator(3, steps=[1, 2, 5, 10]).tick_values(0, reach))
        down = np.asarray(MaxNLocator(7, integer=True).tick_values(top, bottom))
        return cls(reach, top, bottom, across[across <= reach], down[(down >= top) & (down <= bottom)])

    def left(self, panel: int) -> float:
        """Where a panel begins."""
        return panel * 1.13 * self.reach


def _draw_frame(axis: Any, frame: _Frame, segments: Sequence[str]) -> None:
    """Draw the panels without what they show."""
    lefts = np.array([frame.left(panel) for panel in range(len(segments))])
    ticks = (lefts[:, None] + frame.across).ravel()
    starts = np.repeat(lefts, len(frame.down))
    axis.hlines(np.tile(frame.down, len(lefts)), starts, starts + frame.reach, color=PALE, linewidth=0.4, zorder=0)
    axis.vlines(ticks, frame.top, frame.bottom, color=PALE, linewidth=0.4, zorder=0)
    edge = {"color": INK, "linewidth": 0.6, "clip_on": False}
    axis.vlines(lefts, frame.top, frame.bottom, **edge)
    axis.hlines(np.full(len(lefts), frame.bottom), lefts, lefts + frame.reach, **edge)
    for left, segment in zip(lefts, segments, strict=True):
        axis.text(left, frame.top - 0.04 * (frame.bottom - frame.top), segment, fontsize=8, fontweight="bold")
    axis.spines[:].set_visible(False)
    axis.set_xticks(ticks, [f"{tick:g}" for tick in frame.across] * len(lefts))
    axis.set(xlim=(0, lefts[-1] + frame.reach), ylim=(frame.bottom, frame.top), yticks=frame.down)


def _draw_along(axis: Any, frame: _Frame, roots: Sequence[StructureAgreement], side: str) -> None:
    """Draw the roots of one side, each in its panel; the lines break where a slice is missing."""
    lines = []
    alone: dict[int, list[tuple[float, int | None]]] = {_ONLY_A: [], _ONLY_B: []}
    for panel, each in enumerate(roots):
        left = frame.left(panel)
        slices = np.array([one.place.slice for one in each.matched], dtype=float)
        breaks = [*(np.flatnonzero(np.diff(slices) > 1) + 1), len(slices)]
        lines.append(np.insert(np.column_stack([left + each.distances, slices]), breaks, np.nan, axis=0))
        # left and right roots beside each other
        beside = left + 0.12 * _SIDE_SHIFT[side] * frame.reach
        alone[_ONLY_A] += [(beside, place.slice) for place in each.only_a]
        alone[_ONLY_B] += [(beside, place.slice) for place in each.only_b]
    # with dots, so that a slice between two that are missing is seen
    dots = {"marker": "o", "markersize": 1.4, "markeredgewidth": 0}
    axis.plot(*np.concatenate(lines).T, color=SIDE_COLORS[side], linewidth=0.9, **dots)
    for marker, places in alone.items():
        if places:
            look = {"markersize": 2.8, "color": SIDE_COLORS[side], "clip_on": False}
            axis.plot(*zip(*places, strict=True), linestyle="none", marker=marker, **look)


def _draw_distances(axis: Any, pair: PairAgreement, segments: Sequence[str]) -> None:
    axis.grid(axis="y")
    bars = []
    for side in SIDES:
        dots = [np.empty((0, 2))]
        for index, segment in enumerate(segments):
            distances = pair.of(Place(ROOTS, Root(segment, side))).distances
            if len(distances):
                middle = index + _SIDE_SHIFT[side]
                dots.append(np.column_stack([middle + _spread(distances), distances]))
                bars.append((middle, distances.mean(), distances.std(ddof=1) if len(distances) > 1 else 0.0))
        _draw_dots(axis, *np.concatenate(dots).T, color=SIDE_COLORS[side], size=1.75, alpha=0.35)
    if bars:
        x, means, spreads = np.transpose(bars)
        draw_bars(axis, x, means, spreads, 0.13)
    axis.set_xticks(range(len(segments)), segments)
    axis.set_xlim(-0.6, len(segments) - 0.4)
    axis.set_ylim(0, max(axis.get_ylim()[1], _SMALLEST_REACH_MM))
    axis.locator_params(axis="y", nbins=6, steps=[1, 2, 5, 10])
    axis.set_ylabel("distance (mm)")
    _legend(axis, pair, "upper left")


def _draw_dots(axis: Any, x: Any, y: Any, *, color: str, size: float, **look: Any) -> None:
    """Dots as one line without a line, which is drawn in a fraction of a scatter plot's time."""
    axis.plot(x, y, linestyle="none", marker="o", markersize=size, markeredgewidth=0, color=color, **look)


def draw_bars(axis: Any, x: Any, means: Any, spreads: Any, half_width: float) -> None:
    """Draw means as bars, and how far they spread on either side; all (n,), or one of each."""
    axis.errorbar(x, means, spreads, fmt="none", ecolor="black", capsize=2, elinewidth=0.8, capthick=0.8)
    axis.hlines(means, x - half_width, x + half_width, color="black", linewidth=1.6, zorder=3)


def _draw_bias(axis: Any, pair: PairAgreement, segments: Sequence[str]) -> None:
    """The mean vector of each root in the slice, the subject's right to the left as in radiological images."""
    found = [
        (Root(segment, side), pair.of(Place(ROOTS, Root(segment, side))).bias) for segment in segments for side in SIDES
    ]
    shifts = {root: bias[:2] for root, bias in found if bias is not None}
    reach = 1.25 * max([_SMALLEST_REACH_MM, *(float(np.abs(shift).max()) for shift in shifts.values())])
    for side in SIDES:
        ends = np.array([shift for root, shift in shifts.items() if root.side == side]).reshape(-1, 2)
        rays = np.stack([0 * ends, ends, np.nan * ends], axis=1).reshape(-1, 2)
        axis.plot(*rays.T, color=SIDE_COLORS[side], linewidth=0.5, alpha=0.5)
        _draw_dots(axis, *ends.T, color=SIDE_COLORS[side], size=3.0, zorder=3)
    _name_rays(axis, shifts, reach)
    axis.axhline(0, color="#999999", linewidth=0.5, zorder=0)
    axis.axvline(0, color="#999999", linewidth=0.5, zorder=0)
    axis.set(xlim=(reach, -reach), ylim=(-reach, reach), aspect="equal", anchor="N")
    axis.locator_params(nbins=5, steps=[1, 2, 5, 10])
    axis.set_xlabel("right  ←  shift (mm)  →  left")
    axis.set_ylabel("back  ←  shift (mm)  →  front")


def _name_rays(axis: Any, shifts: dict[Root, NDArray[np.float64]], reach: float) -> None:
    """Name the longer rays, the longest first, each where no name stands yet: beside its end, else farther out."""
    mm = 2 * reach / _RIGHT_MM
    taken: list[NDArray[np.float64]] = []
    for root, shift in sorted(shifts.items(), key=lambda item: -float(np.linalg.norm(item[1]))):
        length = float(np.linalg.norm(shift))
        if length < reach / 4:
            break
        ahead = shift / length
        # left and right roots on either side of their rays
        aside = np.array([ahead[1], -ahead[0]]) * (1 if root.side == "L" else -1)
        tried = [shift + away * mm * (ahead + turn * aside) for away in _AWAY for turn in (1, -1, 0)]
        free = [at for at in tried if all((abs(at - name) > _NAME_MM * mm).any() for name in taken)]
        taken.append(free[0] if free else tried[-1])
        axis.text(*taken[-1], root.segment, fontsize=5.5, ha="center", va="center")


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
