"""The order of the segments as a soft constraint: nearer to the posterior midline means a lower segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import Root, segment_level
from SpineRootLib.tracing.outline import Outline
from SpineRootLib.tracing.root_settings import OrderSettings
from SpineRootLib.tracing.slices import Flat

Costs = NDArray[np.float64]


def posterior_midline(dura: Outline) -> Flat:
    """Where the midline of the sac meets its back wall, (2,) in-plane mm."""
    return np.array([dura.centre[0], dura.flat[:, 1].min()])


def order_costs(
    roots: Sequence[Root],
    fixed: Sequence[Mapping[int, Flat]],
    spots: Sequence[Flat],
    midline: Sequence[Flat | None],
    settings: OrderSettings,
) -> list[Costs]:
    """What the order of the segments makes each spot cost each root, (roots, n) for each layer.

    The nearest higher and lower root of the same side that is known there is asked; where it lies between its confirmed
    points is interpolated. The order held for all of 828 pairs of roots above the conus of sub-03 and for 335 of 340
    below; it is not certain near exits, and so the price is limited.

    Parameters
    ----------
    fixed : for each root the confirmed points, (2,) in-plane mm, by layer.
    spots : (n, 2) in-plane mm on each layer.
    midline : posterior midline of the dura on each layer, None where that is not known.
    """
    count = len(spots)
    known = [_distances(points, midline, count, settings) for points in fixed]
    costs = [np.zeros((len(roots), len(each))) for each in spots]
    for layer, (flat, middle) in enumerate(zip(spots, midline, strict=True)):
        if middle is None or not len(flat):
            continue
        away = np.linalg.norm(flat - middle, axis=1)
        for index, root in enumerate(roots):
            for other, sign in _neighbours(index, root, roots, known, layer):
                distance, deviation = known[other][:, layer]
                wrong = np.maximum(0.0, sign * (distance - away)) / deviation
                costs[layer][index] += np.minimum(0.5 * wrong**2, settings.limit)
    return costs


def _distances(
    points: Mapping[int, Flat], midline: Sequence[Flat | None], count: int, settings: OrderSettings
) -> Costs:
    """A root's distance from the posterior midline on each layer and its standard deviation, (2, n) mm, else NaN."""
    found = np.full((2, count), np.nan)
    away = {
        layer: float(np.linalg.norm(points[layer] - middle))
        for layer in sorted(points)
        if (middle := midline[layer]) is not None
    }
    if not away:
        return found
    layers = list(away)
    between = np.arange(layers[0], layers[-1] + 1)
    found[0, between] = np.interp(between, layers, list(away.values()))
    gap = np.abs(between[:, None] - np.array(layers)).min(axis=1)
    found[1, between] = settings.deviation_mm + settings.growth_mm * gap**2
    return found


def _neighbours(
    index: int, root: Root, roots: Sequence[Root], known: Sequence[Costs], layer: int
) -> list[tuple[int, float]]:
    """The nearest lower and higher root of the side on a layer, and 1 where the root must lie farther than it."""
    level = segment_level(root.segment)
    beside = [
        (segment_level(other.segment) - level, number)
        for number, other in enumerate(roots)
        if number != index and other.side == root.side and np.isfinite(known[number][0, layer])
    ]
    lower, higher = [each for each in beside if each[0] > 0], [each for each in beside if each[0] < 0]
    found = [(min(lower)[1], 1.0)] if lower else []
    return [*found, (max(higher)[1], -1.0)] if higher else found
