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
    """A mark to be named: its place in the plane, (2,) mm, and the indices of the colours of name and line."""

    name: str
    flat: NDArray[np.float64]
    color: int
    line_color: int


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


def name_at_edges(drawing: LineDrawing, plane: ViewPlane, marks: Sequence[NamedMark], look: NamingLook) -> None:
    """Write the names in two columns at the view's edges, each on the side of its mark, with a line to it."""
    side = plane.side
    height, margin = look.text * side, look.margin * side
    half = plane.size / 2
    middle = float(np.mean([mark.flat[0] for mark in marks])) if marks else 0.0
    for sign in (-1.0, 1.0):
        column = [mark for mark in marks if (mark.flat[0] >= middle) == (sign > 0)]
        column.sort(key=lambda mark: float(mark.flat[1]))
        levels = spread([float(mark.flat[1]) for mark in column], look.apart * height, float(half[1] - 2 * margin))
        for mark, level in zip(column, levels, strict=True):
            width = text_width(mark.name, height)
            left = half[0] - margin - width if sign > 0 else margin - half[0]
            write(drawing, plane, mark.name, np.array([left, level - height / 2]), height, mark.color)
            start = np.array([left - height / 2 if sign > 0 else left + width + height / 2, level])
            away = mark.flat - start
            length = float(np.linalg.norm(away))
            if length > look.free_mm:
                end = start + away * (1.0 - look.free_mm / length)
                drawing.line(plane.lift(np.stack([start, end])), mark.line_color)


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
