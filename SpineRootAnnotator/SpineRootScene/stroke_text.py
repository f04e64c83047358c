"""Letters as strokes: names that belong to a line drawing, in its colours, at no cost of a text actor."""

from __future__ import annotations

import functools

import numpy as np

from SpineRootLib.frames import Points

# Each letter on a grid 4 wide and 6 high, as polylines of its corners; what names of roots and directions need.
_STROKES: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "0": (((1, 0), (3, 0), (4, 1), (4, 5), (3, 6), (1, 6), (0, 5), (0, 1), (1, 0)),),
    "1": (((1, 5), (2, 6), (2, 0)), ((1, 0), (3, 0))),
    "2": (((0, 5), (1, 6), (3, 6), (4, 5), (4, 4), (0, 0), (4, 0)),),
    "3": (((0, 6), (4, 6), (2, 3.5), (3, 3.5), (4, 2.5), (4, 1), (3, 0), (1, 0), (0, 1)),),
    "4": (((3, 0), (3, 6), (0, 2), (4, 2)),),
    "5": (((4, 6), (0, 6), (0, 3.5), (3, 3.5), (4, 2.5), (4, 1), (3, 0), (1, 0), (0, 0.7)),),
    "6": (((3.7, 6), (1.5, 5.5), (0, 3), (0, 1), (1, 0), (3, 0), (4, 1), (4, 2.5), (3, 3.5), (1, 3.5), (0, 2.5)),),
    "7": (((0, 6), (4, 6), (1.5, 0)),),
    "8": (
        ((1, 3.3), (0, 4.3), (0, 5.2), (1, 6), (3, 6), (4, 5.2), (4, 4.3), (3, 3.3), (1, 3.3)),
        ((1, 3.3), (0, 2.3), (0, 1), (1, 0), (3, 0), (4, 1), (4, 2.3), (3, 3.3)),
    ),
    "9": (((0.3, 0), (2.5, 0.5), (4, 3), (4, 5), (3, 6), (1, 6), (0, 5), (0, 3.5), (1, 2.5), (3, 2.5), (4, 3.5)),),
    "A": (((0, 0), (2, 6), (4, 0)), ((0.8, 2.3), (3.2, 2.3))),
    "C": (((4, 1), (3, 0), (1, 0), (0, 1), (0, 5), (1, 6), (3, 6), (4, 5)),),
    "I": (((2, 0), (2, 6)),),
    "L": (((0.5, 6), (0.5, 0), (4, 0)),),
    "P": (((0, 0), (0, 6), (3, 6), (4, 5), (4, 4), (3, 3), (0, 3)),),
    "R": (((0, 0), (0, 6), (3, 6), (4, 5), (4, 4), (3, 3), (0, 3)), ((2, 3), (4, 0))),
    "S": (((0, 0.7), (1, 0), (3, 0), (4, 1), (4, 2.3), (3, 3), (1, 3), (0, 3.7), (0, 5), (1, 6), (3, 6), (4, 5.3)),),
    "T": (((0, 6), (4, 6)), ((2, 6), (2, 0))),
    "?": (((0, 5), (1, 6), (3, 6), (4, 5), (4, 4), (2, 2.5), (2, 1.7)), ((2, 0.4), (2, 0))),
    "!": (((2, 6), (2, 1.7)), ((2, 0.4), (2, 0))),
}
_HEIGHT, _WIDTH, _GAP, _BLANK = 6.0, 4.0, 1.6, 1.5  # of a letter, between two, and of a blank, on the grid


def text_width(text: str, height: float) -> float:
    """How wide a text of such a height is."""
    return max(_starts(text)[-1] - _GAP, 0.0) * height / _HEIGHT


def text_strokes(text: str, height: float) -> list[Points]:
    """The strokes of a text, each (n, 2), from its lower left corner at the origin; unknown letters are left blank."""
    return [height / _HEIGHT * stroke for stroke in _on_grid(text)]


@functools.lru_cache(maxsize=256)
def _on_grid(text: str) -> tuple[Points, ...]:
    return tuple(
        np.asarray(stroke, dtype=np.float64) + [start, 0.0]
        for start, letter in zip(_starts(text), text, strict=False)
        for stroke in _STROKES.get(letter, ())
    )


def _starts(text: str) -> list[float]:
    """Where each letter begins on the grid, and the next one would."""
    starts = [0.0]
    for letter in text:
        starts.append(starts[-1] + _GAP + (_BLANK if letter == " " else _WIDTH))
    return starts
