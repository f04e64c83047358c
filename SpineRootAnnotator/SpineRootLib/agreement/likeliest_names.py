"""On which of one annotator's roots each root of another runs, if all names are considered together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.corresponding_places import Marks
from SpineRootLib.agreement.exchange_settings import ExchangeSettings
from SpineRootLib.anatomy import GANGLIA, ROOTS, SIDES, SPINAL_SEGMENTS, Root
from SpineRootLib.frames import Points

# By root, one annotator's points, (3,), by slice, both in order.
MarkedRoots = Mapping[Root, Mapping[int, NDArray[np.float64]]]
# What stands for a cost of what is impossible.
_NEVER = 1e9


@dataclass(frozen=True)
class Named:
    """One annotator's roots and ganglia, RAS mm."""

    roots: MarkedRoots
    ganglia: Mapping[Root, NDArray[np.float64]] = field(default_factory=dict)

    @classmethod
    def of(cls, marks: Marks) -> Named:
        """From everything that is marked."""
        roots: dict[Root, dict[int, NDArray[np.float64]]] = {}
        for place, points in marks.items():
            if place.structure == ROOTS and place.root is not None and place.slice is not None:
                roots.setdefault(place.root, {})[place.slice] = points[0]
        ganglia = {
            place.root: points[0] for place, points in marks.items() if place.structure == GANGLIA and place.root
        }
        return cls({root: dict(sorted(roots[root].items())) for root in sorted(roots)}, ganglia)


def apart(one: Points, other: Points) -> float:
    """The distance of two points, mm."""
    return float(np.linalg.norm(one - other))


def distances(marked: Mapping[int, Points], on: Mapping[int, Points], settings: ExchangeSettings) -> dict[int, float]:
    """The capped distance of two roots on each slice that both have, mm."""
    return {number: min(apart(marked[number], on[number]), settings.cap_mm) for number in marked if number in on}


def likeliest_names(
    one: Named, other: Named, spread: Mapping[Root, float], settings: ExchangeSettings
) -> dict[Root, Root]:
    """The other's roots that run on a root of the one's that bears another name.

    It is the naming of least cost. A root's cost on a name is what `_costs` says, and `weight_sum` if the name is not
    the expected one. Expected is each root's own name; or that of the next level, of a side or both, or of the other
    side, at the price of `pattern_roots` roots.

    Parameters
    ----------
    spread : by how much the annotators differ along each of the other's roots, mm.
    """
    names, roots = list(one.roots), list(other.roots)
    cost, mean = _costs(one, other, spread, settings)
    own = [names.index(root) if root in names else None for root in roots]
    if all(column is not None and cost[row, column] <= cost[row].min() for row, column in enumerate(own)):
        return {}
    # it takes as long to import as all else here together
    from scipy.optimize import linear_sum_assignment

    nameless = _nameless(other, spread, settings)
    namings: list[tuple[float, list[int]]] = []
    for price, expected in _expectations(roots, names):
        columns = [names.index(each) if each in names else None for each in expected]
        table = _with_expected(cost, nameless, columns, settings)
        found = linear_sum_assignment(table)
        price *= settings.pattern_roots * settings.weight_sum
        namings.append((price + float(table[found].sum()), found[1].tolist()))
    _least, chosen = min(namings)
    return {
        roots[row]: names[column]
        for row, column in enumerate(chosen)
        if column < len(names) and names[column] != roots[row] and mean[row, column] <= settings.near_mm
    }


def _costs(
    one: Named, other: Named, spread: Mapping[Root, float], settings: ExchangeSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What speaks against each root of the other's (row) running on each of the one's (column), and its mean distance.

    But for the limits it is the logarithm of the likelihood, where the annotators' errors are normal: of the points on
    the shared slices, as if all were shared; of where the root begins and ends; and of its ganglion.
    """
    cost = np.zeros((len(other.roots), len(one.roots)))
    mean = np.full_like(cost, np.inf)
    for row, (root, marked) in enumerate(other.roots.items()):
        for column, (name, there) in enumerate(one.roots.items()):
            away = np.array(list(distances(marked, there, settings).values()))
            weights = np.array([settings.weight_limit])
            if len(away) >= settings.shared:
                mean[row, column] = away.mean()
                weights = np.minimum((away / spread[root]) ** 2, settings.weight_limit)
            cost[row, column] = weights.mean() * len(marked) + _ends(marked, there, settings)
            if root in other.ganglia and name in one.ganglia:
                square = (apart(other.ganglia[root], one.ganglia[name]) / settings.ganglion_sd_mm) ** 2
                limit = settings.ganglion_weight if name == root else settings.ganglion_kept_weight
                cost[row, column] += min(square / 2, limit)
    return cost, mean


def _ends(marked: Mapping[int, Points], there: Mapping[int, Points], settings: ExchangeSettings) -> float:
    squares = [((end(marked) - end(there)) / settings.end_slices) ** 2 for end in (min, max)]
    return sum(min(square / 2, settings.weight_limit) for square in squares)


def _nameless(other: Named, spread: Mapping[Root, float], settings: ExchangeSettings) -> NDArray[np.float64]:
    """The cost of a root that runs on none."""
    slices = [
        len(marked) * min((settings.near_mm / spread[root]) ** 2, settings.weight_limit)
        for root, marked in other.roots.items()
    ]
    ganglia = [settings.ganglion_weight * (root in other.ganglia) for root in other.roots]
    return np.array(slices) + ganglia


def _with_expected(
    cost: NDArray[np.float64],
    nameless: NDArray[np.float64],
    expected: Sequence[int | None],
    settings: ExchangeSettings,
) -> NDArray[np.float64]:
    """The costs, and beside them each root's of running on none, dearer where that is not what is expected."""
    count, names = cost.shape
    table = np.full((count, names + count), _NEVER)
    table[:, :names] = cost + settings.weight_sum
    for row, column in enumerate(expected):
        table[row, names + row] = nameless[row] + settings.weight_sum
        table[row, names + row if column is None else column] -= settings.weight_sum
    return table


def _expectations(roots: Sequence[Root], names: Sequence[Root]) -> Iterator[tuple[float, Sequence[Root | None]]]:
    """The names that may be expected of the roots; 1 with those that have a price, else 0."""
    yield 0, list(roots)
    yield 1, [root.opposite for root in roots]
    levels = [level for level in SPINAL_SEGMENTS if any(each.segment == level for each in (*roots, *names))]
    for sides in (*SIDES, "".join(SIDES)):
        for step in (1, -1):
            yield 1, [_next(root, step, levels) if root.side in sides else root for root in roots]


def _next(root: Root, step: int, levels: Sequence[str]) -> Root | None:
    level = levels.index(root.segment) + step
    return Root(levels[level], root.side) if 0 <= level < len(levels) else None
