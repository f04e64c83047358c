"""Names of marks in a slice view: beside the mark, or at the view's edges with a line that leads to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.frames import Points
from SpineRootScene.line_drawing import LineDrawing
from SpineRootScene.stroke_text import text_strokes, text_width
from SpineRootScene.view_plane import ViewPlane


@dataclass(frozen=True)
class NamingLook:
    """How names are written, in parts of the mean of the view's sides unless said otherwise; by eye.

    Parameters
    ----------
    text : height of a name.
    letter : height of the letters at the edges.
    letter_level : how far above the middle they stand, part of the view's height: names and crosshair are below.
    margin : between the view's edge and what is written there.
    apart : from one name to the next in a column, in heights of a name.
    free_mm : a leading line ends so far from the middle of its mark, so that a dot of 1 mm is not covered.
    """

    text: float = 0.022
    letter: float = 0.04
    letter_level: float = 0.35
    margin: float = 0.02
    apart: float = 1.5
    free_mm: float = 0.6


@dataclass(frozen=True, eq=False)
class NamedMark:
    """A mark to be named: its place in the plane, (2,) mm, and the indices of the colours of name and line.

    Parameters
    ----------
    short : the name where there is little room; empty if there is no shorter one.
    """

    name: str
    flat: NDArray[np.float64]
    color: int
    line_color: int
    short: str = ""


@dataclass(frozen=True, eq=False)
class PlacedName:
    """Where the name of a mark is written at an edge: the text, its left end and the level of its middle, mm."""

    mark: NamedMark
    text: str
    left: float
    level: float


def write(drawing: LineDrawing, plane: ViewPlane, text: str, corner: Points, height: float, color: int) -> None:
    """Write a text from its lower left corner, (2,) mm in the plane."""
    strokes = text_strokes(text, height)
    if strokes:
        ends = np.cumsum([len(stroke) for stroke in strokes])[:-1]
        for stroke in np.split(plane.lift(np.concatenate(strokes) + corner), ends):
            drawing.line(stroke, color)


def write_edges(drawing: LineDrawing, plane: ViewPlane, color: int, look: NamingLook) -> None:
    """Write which way of the body the view's left and right edge lie, above what is looked at in the middle."""
    side = plane.side
    height, margin = look.letter * side, look.margin * side
    left, right = plane.letters
    half, level = plane.size[0] / 2, look.letter_level * plane.size[1]
    write(drawing, plane, left, np.array([margin - half, level]), height, color)
    write(drawing, plane, right, np.array([half - margin - text_width(right, height), level]), height, color)


def name_beside(drawing: LineDrawing, plane: ViewPlane, mark: NamedMark, radius: float, look: NamingLook) -> None:
    """Write a name to the upper right of its mark, of such a radius in mm: not on the lines of a crosshair."""
    height = look.text * plane.side
    write(drawing, plane, mark.name, mark.flat + [radius + height / 2, height / 2], height, mark.color)


def name_at_edges(
    drawing: LineDrawing, plane: ViewPlane, marks: Sequence[NamedMark], look: NamingLook, sac: Points | None = None
) -> None:
    """Write the names in two columns at the view's edges, each on the side of its mark, with a line to it.

    Parameters
    ----------
    sac : (k, 2) mm in the plane, an outline in which no name is written; None for none.
    """
    height = look.text * plane.side
    for sign, column in zip((-1, 1), columns(marks, sac), strict=True):
        for name in names_in_column(column, sign, plane.size, look, sac):
            write(drawing, plane, name.text, np.array([name.left, name.level - height / 2]), height, name.mark.color)
            end = name.left - height / 2 if sign > 0 else name.left + text_width(name.text, height) + height / 2
            start = np.array([end, name.level])
            away = name.mark.flat - start
            length = float(np.linalg.norm(away))
            if length > look.free_mm:
                ends = np.stack([start, start + away * (1.0 - look.free_mm / length)])
                drawing.line(plane.lift(ends), name.mark.line_color)


def columns(marks: Sequence[NamedMark], sac: Points | None) -> tuple[list[NamedMark], list[NamedMark]]:
    """Which names stand at the left and which at the right edge: by the middle of the sac, else of the marks."""
    across = np.array([mark.flat[0] for mark in marks]) if sac is None else sac[:, 0]
    middle = (across.min() + across.max()) / 2 if len(across) else 0.0
    left = [mark for mark in marks if mark.flat[0] < middle]
    return left, [mark for mark in marks if mark.flat[0] >= middle]


def names_in_column(
    marks: Sequence[NamedMark], sign: int, size: NDArray[np.float64], look: NamingLook, sac: Points | None
) -> list[PlacedName]:
    """Names at the left (-1) or right (1) edge of a view of such a size, (2,) mm: beside their marks if they can.

    Where they would reach into the sac they are shortened; where they still would, they stand below and above it, and
    those for which there is no room are left out.
    """
    height, margin = look.text * float(np.mean(size)), look.margin * float(np.mean(size))
    reach, apart = float(size[1] / 2 - 2 * margin), look.apart * height
    marks = sorted(marks, key=lambda mark: float(mark.flat[1]))
    own = [float(mark.flat[1]) for mark in marks]
    texts, levels = [mark.name for mark in marks], spread(own, apart, reach)
    taken = _taken(texts, sign, float(size[0] / 2 - margin), height, sac)
    if _touch(levels, taken):
        texts = [mark.short or mark.name for mark in marks]
        taken = _taken(texts, sign, float(size[0] / 2 - margin), height, sac)
    if _touch(levels, taken):
        below = sum(level < (taken[0] + taken[1]) / 2 for level in own)
        low = _stacked(own[:below], apart, -reach, taken[0])
        high = _stacked([-level for level in reversed(own[below:])], apart, -reach, -taken[1])
        first = len(own) - len(high)  # left out are those nearest to the middle of the sac
        marks, texts = [*marks[: len(low)], *marks[first:]], [*texts[: len(low)], *texts[first:]]
        levels = [*low, *(-level for level in reversed(high))]
    lefts = [size[0] / 2 - margin - text_width(text, height) if sign > 0 else margin - size[0] / 2 for text in texts]
    return [PlacedName(*each) for each in zip(marks, texts, map(float, lefts), levels, strict=True)]


def _taken(texts: Sequence[str], sign: int, edge: float, height: float, sac: Points | None) -> tuple[float, float]:
    """From which level to which a name in a column would reach into the sac; the first above the second for nowhere."""
    if sac is None or not texts:
        return np.inf, -np.inf
    inner = edge - max(text_width(text, height) for text in texts) - height / 2
    across, level = sign * sac[:, 0], sac[:, 1]
    ahead, ahead_level = np.roll(across, -1), np.roll(level, -1)
    passes = (across < inner) != (ahead < inner)
    share = (inner - across[passes]) / (ahead - across)[passes]
    found = np.concatenate([level[across >= inner], level[passes] + share * (ahead_level - level)[passes]])
    return float(found.min(initial=np.inf)) - height, float(found.max(initial=-np.inf)) + height


def _touch(levels: Sequence[float], taken: tuple[float, float]) -> bool:
    return any(taken[0] < level < taken[1] for level in levels)


def _stacked(levels: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """As many of the levels, the lowest first, as have room from `low` to `high`, there."""
    fitting = int((high - low) / apart) + 1 if high >= low else 0
    middle = (low + high) / 2
    return [middle + level for level in spread([each - middle for each in levels[:fitting]], apart, high - middle)]


def spread(levels: Sequence[float], apart: float, reach: float) -> list[float]:
    """Levels, ascending, moved as little as needed so that neighbours are `apart` and all lie within +-`reach`.

    More than fit stand as near as they must.
    """
    if not levels:
        return []
    apart = min(apart, 2 * reach / max(len(levels) - 1, 1))
    steps = apart * np.arange(len(levels))
    # what is left after the steps must not fall: the nearest such levels are their pooled means
    pools: list[list[float]] = []  # mean, count
    for value in np.asarray(levels) - steps:
        pools.append([float(value), 1.0])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (mean, count), (other, more) = pools[-2], pools[-1]
            pools[-2:] = [[(mean * count + other * more) / (count + more), count + more]]
    flat = np.concatenate([np.full(int(count), mean) for mean, count in pools])
    flat = np.clip(flat, -reach, reach - steps[-1])
    return [float(value) for value in flat + steps]
