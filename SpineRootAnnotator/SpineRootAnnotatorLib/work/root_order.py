"""How the roots lie beside each other along the slices: where lines cross, roots were confused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from SpineRootLib.anatomy import DURA, Root
from SpineRootLib.slice_index import SliceIndex


@dataclass(frozen=True)
class LateralOffset:
    """How far a root lies from the middle of the dura, slice by slice.

    Parameters
    ----------
    numbers : the slices.
    offsets_mm : on each, to the subject's left positive.
    """

    root: Root
    numbers: tuple[int, ...]
    offsets_mm: tuple[float, ...]


def root_order(index: SliceIndex) -> list[LateralOffset]:
    """The lateral offsets of all roots that are marked.

    Between slices with a dura its middle is interpolated, beyond them it is that of the nearest one: a missing contour
    must not look like a jump of all roots. Without any dura the middle of all roots counts.
    """
    planes = index.annotation.require_planes()
    places = {
        root: {number: float(planes.flatten(point)[0, 0]) for number, point in marked.items()}
        for root, marked in sorted(index.roots.items())
    }
    numbers = sorted({number for marked in places.values() for number in marked})
    middle = dict(zip(numbers, _middles(index, numbers, places), strict=True))
    return [
        LateralOffset(root, tuple(sorted(marked)), tuple(middle[number] - marked[number] for number in sorted(marked)))
        for root, marked in places.items()
        if marked
    ]


def _middles(index: SliceIndex, numbers: list[int], places: dict[Root, dict[int, float]]) -> list[float]:
    """The middle of the thecal sac, mm to the subject's right, on each of these slices."""
    planes = index.annotation.require_planes()
    drawn = {}
    for number, points in index.contours.get(DURA, {}).items():
        across = planes.flatten(points)[:, 0]
        drawn[number] = float(across.min() + across.max()) / 2
    if drawn:
        known = sorted(drawn)
        return [float(value) for value in np.interp(numbers, known, [drawn[number] for number in known])]
    every = [across for marked in places.values() for across in marked.values()]
    return [float(np.min(every) + np.max(every)) / 2] * len(numbers) if every else []
