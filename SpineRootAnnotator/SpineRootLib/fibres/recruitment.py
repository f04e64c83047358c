"""How strongly a contact acts on fibres in a conductor that is the same everywhere, and in which order it recruits.

The potential of a point source (1 / 4 pi sigma r) and its second difference along a fibre, the activating function
(Rattay 1986). It knows no tissues, no thresholds and no size of a contact: it serves to compare courses of roots with
each other, not to plan a dose.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import Root
from SpineRootLib.fibres.courses import Fibre
from SpineRootLib.frames import Points


@dataclass(frozen=True)
class RecruitmentSettings:
    """How a fibre's excitation is judged.

    Parameters
    ----------
    node_mm : between nodes of Ranvier, over which second differences are taken: about 100 diameters of a thick fibre.
    conductivity_s_per_m : of the conductor, that of the fluid; the order does not depend on it.
    entry_mm : a root is recruited where it is excited outside the cord, or so far within it: farther up a fibre is one
        of the dorsal column among others; by eye.
    nearest_mm : a source that comes nearer to a fibre counts as if it were so far away: contacts have a size.
    """

    node_mm: float = 1.0
    conductivity_s_per_m: float = 1.7
    entry_mm: float = 2.0
    nearest_mm: float = 0.5


def strengths(fibres: Iterable[Fibre], source: Points, settings: RecruitmentSettings) -> dict[Root, float]:
    """By root the largest activating function from its entry on, mV/mm2, for 1 mA of a cathode at a place, (3,)."""
    found = {}
    for fibre in fibres:
        acting = activating(fibre, source, settings)
        ends = (len(fibre.along) - len(acting)) // 2
        found[fibre.root] = float(acting[fibre.along[ends : ends + len(acting)] >= -settings.entry_mm].max())
    return found


def activating(fibre: Fibre, source: Points, settings: RecruitmentSettings) -> NDArray[np.float64]:
    """The activating function of a cathode of 1 mA along a fibre but its ends, (k,) mV/mm2; above 0 it depolarises."""
    step = float(fibre.along[1] - fibre.along[0])
    away = np.maximum(np.linalg.norm(fibre.points - source, axis=1), settings.nearest_mm)
    # mA over S/m and mm are volts
    potential = -1e3 / (4 * np.pi * settings.conductivity_s_per_m * away)
    reach = max(1, round(settings.node_mm / step))
    second = potential[2 * reach :] - 2 * potential[reach:-reach] + potential[: -2 * reach]
    return np.asarray(second / (reach * step) ** 2)


def order_of(acting: Mapping[Root, float]) -> list[Root]:
    """Roots from the first recruited on."""
    return sorted(acting, key=lambda root: -acting[root])


def selectivity(acting: Mapping[Root, float]) -> float:
    """0 where the first two roots are recruited alike, 1 where the second is not at all."""
    first, second = (*sorted(acting.values(), reverse=True), 0.0)[:2]
    return 1.0 - max(second, 0.0) / first if first > 0 else 0.0


def same_order(one: Sequence[Root], other: Sequence[Root]) -> float:
    """Kendall's tau of two orders of the roots that both hold: 1 alike, -1 turned round, about 0 for chance."""
    ranks = {root: rank for rank, root in enumerate(other)}
    mine = np.array([ranks[root] for root in one if root in ranks])
    if len(mine) < 2:
        return 1.0
    later = np.triu_indices(len(mine), 1)
    return float(np.sign(mine[later[1]] - mine[later[0]]).mean())
