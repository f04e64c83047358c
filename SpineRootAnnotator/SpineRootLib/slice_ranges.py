"""Stretches of consecutive slice numbers, and how a sentence names them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from SpineRootLib.translation import _


def runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """First and last of each stretch of consecutive numbers, ascending."""
    ordered = np.unique(np.asarray(list(numbers), dtype=np.int64))
    if not len(ordered):
        return []
    breaks = np.flatnonzero(np.diff(ordered) > 1)
    firsts = ordered[np.concatenate([[0], breaks + 1])]
    lasts = ordered[np.concatenate([breaks, [len(ordered) - 1]])]
    return [(int(first), int(last)) for first, last in zip(firsts, lasts, strict=True)]


def numbers_text(numbers: Iterable[int]) -> str:
    """Slice numbers alone: ``7``, ``7-9, 12``."""
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs(numbers))


def slices_text(numbers: Iterable[int]) -> str:
    """Slice numbers for a sentence: ``slice 7``, ``slices 7-9, 12``."""
    text = numbers_text(numbers)
    words = _("slice {numbers}") if text.isdigit() else _("slices {numbers}")
    return words.format(numbers=text)
