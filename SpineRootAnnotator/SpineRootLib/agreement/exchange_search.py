"""How exchanged names are found: by which of another's roots each root runs on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.exchange import Exchange, NamePair, pattern_of
from SpineRootLib.agreement.places import Marks
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.anatomy import GANGLIA, ROOTS, Root
from SpineRootLib.frames import Points

# by root, what one annotator marked: the point, (3,), by slice
_Marked = Mapping[Root, Mapping[int, NDArray[np.float64]]]


@dataclass(frozen=True)
class ExchangeSettings:
    """When names count as exchanged.

    What two annotators differ by where they mean the same root, their spread, is measured on the roots in question.
    Neighbours that come nearer to each other than that cannot be told apart there, so that slices weigh by how far the
    roots are apart, squared, relative to it.

    Parameters
    ----------
    cap_mm : what a distance counts at most, so that one slip does not weigh more than several slices: three times
        the distance of neighbouring roots where they are crowded (0.9 mm).
    near_mm : mean distance, each capped, up to which a root runs on another.
    own_name_mm : advantage of a root's own name, as a mean distance, when names are put on roots; about the
        annotators' jitter.
    shared : slices that two roots must share to be compared.
    least_spread_mm : the spread is taken for no smaller; two annotators' jitter alone (0.12 mm a coordinate each)
        parts their marks by 0.2 mm.
    weight_limit : what a slice weighs at most, for or against.
    weight_offset : what of the weight does not count on a run, slice by slice: roots apart by no more than the spread
        tell nothing.
    weight_sum : the weight of all slices together that is an exchange. By eye, on simulated annotators of crowded
        roots: of 40 honest pairs' greatest weights, on runs of any length, all are below it.
    share : of the slices on which a whole root is told from the other, those that speak for the exchange.
    run_each_mm : by how much the mean distance of each of two roots falls on a run of slices.
    run_slices : the least length of a run: an annotator's slow error lasts about as long, and may carry marks past each
        other that long.
    ganglion_mm : by which a ganglion lies nearer to another's place than to its own: a quarter of the distance of
        neighbouring ganglia (20 to 40 mm).
    ganglion_near_mm : how near another's place is, where there is nothing in its own: a ganglion is 5 to 8 mm long.
    """

    cap_mm: float = 3.0
    near_mm: float = 2.0
    own_name_mm: float = 0.1
    shared: int = 3
    least_spread_mm: float = 0.3
    weight_limit: float = 6.0
    weight_offset: float = 1.0
    weight_sum: float = 14.0
    share: float = 0.6
    run_each_mm: float = 0.2
    run_slices: int = 6
    ganglion_mm: float = 6.0
    ganglion_near_mm: float = 5.0


def find_exchanges(raters: Raters, settings: ExchangeSettings | None = None) -> list[Exchange]:
    """The exchanges between every two annotators, those over most slices first.

    First whole roots: B's names are put on A's roots so that the mean distances together are least, where a root's own
    name has an advantage. Then, among the roots that kept their names, two that exchange them on a run of slices.
    """
    settings = settings or ExchangeSettings()
    found: list[Exchange] = []
    for a, b in itertools.combinations(raters.labels, 2):
        one, other = (_points_by_root(raters.marks[label]) for label in (a, b))
        spread = _spread(one, other, settings)
        whole = _whole_roots(one, other, spread, settings)
        named = {pair.named for group in whole for pair in group} | {pair.lies_on for group in whole for pair in group}
        rest = {root: marked for root, marked in other.items() if root not in named}
        runs = list(_runs(one, rest, spread, settings))
        ganglia = list(_ganglion_pairs(raters.marks[a], raters.marks[b], settings))
        groups = _grouped([*(pair for group in whole for pair in group), *ganglia])
        found += [Exchange(a, b, tuple(group), True) for group in _merged(groups)]
        found += [Exchange(a, b, tuple(group), False) for group in runs]
    return sorted(found, key=lambda each: (-len(each.slices), -len(each.pairs), each.place))


def _points_by_root(marks: Marks) -> _Marked:
    found: dict[Root, dict[int, NDArray[np.float64]]] = {}
    for place, points in marks.items():
        if place.structure == ROOTS and place.root is not None and place.slice is not None:
            found.setdefault(place.root, {})[place.slice] = points[0]
    return {root: dict(sorted(found[root].items())) for root in sorted(found)}


def _spread(one: _Marked, other: _Marked, settings: ExchangeSettings) -> dict[Root, float]:
    """By how much two annotators differ along each of the other's roots, whatever their names, mm.

    It is the median distance, over the slices, from the one's root that is nearest by this measure.
    """
    spread = {}
    for root, points in other.items():
        away = [list(_distances(points, there, settings).values()) for there in one.values()]
        medians = [float(np.median(each)) for each in away if len(each) >= settings.shared]
        spread[root] = max(min(medians, default=settings.cap_mm), settings.least_spread_mm)
    return spread


def _whole_roots(
    one: _Marked, other: _Marked, spread: Mapping[Root, float], settings: ExchangeSettings
) -> list[list[NamePair]]:
    """Whole roots that lie on a root of another name: the names of least summed distance, in groups."""
    cost = np.full((len(other), len(one) + len(other)), settings.cap_mm)
    for row, root in enumerate(other):
        for column, name in enumerate(one):
            away = _distances(other[root], one[name], settings)
            if len(away) >= settings.shared:
                cost[row, column] = np.mean(list(away.values())) - (name == root) * settings.own_name_mm
    own = [list(one).index(root) if root in one else len(one) for root in other]
    if all(cost[row, column] <= cost[row].min() for row, column in enumerate(own)):
        return []  # nobody lies nearer to another name
    # it takes as long to import as all else here together
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(cost)
    names, roots = list(one), list(other)
    chosen = [
        (roots[row], names[column])
        for row, column in zip(rows, columns, strict=True)
        if column < len(names) and names[column] != roots[row] and cost[row, column] <= settings.near_mm
    ]
    groups = _grouped([_whole_pair(root, name, one, other, spread, settings) for root, name in chosen])
    return [group for group in groups if _is_whole(group, one, other, spread, settings)]


def _distances(
    marked: Mapping[int, NDArray[np.float64]], on: Mapping[int, NDArray[np.float64]], settings: ExchangeSettings
) -> dict[int, float]:
    """The capped distance of two roots on each slice that both have, mm."""
    return {number: min(_apart(marked[number], on[number]), settings.cap_mm) for number in marked if number in on}


def _whole_pair(
    root: Root, name: Root, one: _Marked, other: _Marked, spread: Mapping[Root, float], settings: ExchangeSettings
) -> NamePair:
    own, there = (_distances(other[root], one.get(each, {}), settings) for each in (root, name))
    nearer = tuple(number for number, away in there.items() if away < own.get(number, settings.cap_mm))
    own_mm = float(np.mean(list(own.values()))) if own else None
    deciding = len(_deciding(root, name, one, other, spread))
    return NamePair(ROOTS, root, name, nearer, len(there), deciding, own_mm, float(np.mean(list(there.values()))))


def _is_whole(
    group: Sequence[NamePair],
    one: _Marked,
    other: _Marked,
    spread: Mapping[Root, float],
    settings: ExchangeSettings,
) -> bool:
    """Whether roots of other names are exchanged: by the weight of all slices, and on most that tell them apart."""
    weight, speaking, deciding = 0.0, 0, 0
    for pair in group:
        width = max(spread.get(each, 0.0) for each in (pair.named, pair.lies_on))
        own, there = (_distances(other[pair.named], one.get(n, {}), settings) for n in (pair.named, pair.lies_on))
        gain = np.array([own.get(number, settings.cap_mm) ** 2 - away**2 for number, away in there.items()])
        weight += float(_weights(gain, width, settings).sum())
        told = set(_deciding(pair.named, pair.lies_on, one, other, spread))
        deciding += len(told)
        speaking += len(told & set(pair.slices))
    return weight / len(group) >= settings.weight_sum and speaking >= max(settings.share * deciding, settings.shared)


def _weights(gain: NDArray[np.float64], width: float, settings: ExchangeSettings) -> NDArray[np.float64]:
    """How much slices speak for an exchange, by the fall of the squared distance (mm²) on them and the spread (mm).

    But for the limit it is the logarithm of the likelihood ratio of both names, where the annotators'
    errors are normal and the same on neighbouring slices.
    """
    return np.clip(gain / width**2, -settings.weight_limit, settings.weight_limit)


def _deciding(root: Root, name: Root, one: _Marked, other: _Marked, spread: Mapping[Root, float]) -> tuple[int, ...]:
    """The shared slices of a root and another name on which both annotators' marks tell them apart."""
    width = max(spread.get(each, 0.0) for each in (root, name))
    apart = [(marked.get(root, {}), marked.get(name, {})) for marked in (one, other)]
    return tuple(
        number
        for number in other[root]
        if number in one[name]
        and all(number not in x or number not in y or _apart(x[number], y[number]) > width for x, y in apart)
    )


def _runs(
    one: _Marked, other: _Marked, spread: Mapping[Root, float], settings: ExchangeSettings
) -> Iterator[list[NamePair]]:
    """Pairs of roots that exchange names on a run of slices, the clearest first, each slice of a root in one of them.

    A run is the stretch of greatest summed weight (Bentley, Commun. ACM 1984).
    """
    free = {root: set(marked) for root, marked in other.items()}
    roots = [root for root in other if root in one]
    away = {(x, y): _distances(other[x], one[y], settings) for x in roots for y in roots}
    pairs = list(itertools.combinations(roots, 2))
    while True:
        runs = [(*_best_run(x, y, away, free[x] & free[y], settings), x, y) for x, y in pairs]
        clear = [each for each in runs if each[0] >= settings.weight_sum]
        if not clear:
            return
        _best, run, x, y = max(clear, key=lambda each: each[0])
        free[x] -= set(run)
        free[y] -= set(run)
        both = [_run_pair(x, y, run, one, other, spread), _run_pair(y, x, run, one, other, spread)]
        if len(run) >= settings.run_slices and all(_fall(pair) >= settings.run_each_mm for pair in both):
            yield both


def _best_run(
    x: Root,
    y: Root,
    away: Mapping[tuple[Root, Root], Mapping[int, float]],
    free: set[int],
    settings: ExchangeSettings,
) -> tuple[float, tuple[int, ...]]:
    """The run of slices that speaks most for an exchange, and its weight."""
    numbers = sorted(free & away[x, x].keys() & away[y, y].keys())
    own, there = (
        np.array([[away[one][number], away[other][number]] for number in numbers]).reshape(-1, 2)
        for one, other in (((x, x), (y, y)), ((x, y), (y, x)))
    )
    gain, width = np.mean(own**2 - there**2, axis=1), settings.least_spread_mm
    best, start, end = _greatest_sum(_weights(gain, width, settings) - settings.weight_offset)
    if best > 0:
        # the spread, with the names as they would be; without, the exchange itself would count as spread
        renamed = np.concatenate([own[:start], there[start:end], own[end:]])
        width = max(width, float(np.median(renamed, axis=0).max()))
        best, start, end = _greatest_sum(_weights(gain, width, settings) - settings.weight_offset)
    return best, tuple(numbers[start:end])


def _greatest_sum(weights: NDArray[np.float64]) -> tuple[float, int, int]:
    """The greatest sum of a stretch of numbers, where it starts, and where it has ended."""
    best, total, first, run = 0.0, 0.0, 0, (0, 0)
    for row, weight in enumerate(weights.tolist()):
        if total <= 0:
            total, first = 0.0, row
        total += weight
        if total > best:
            best, run = total, (first, row + 1)
    return best, *run


def _run_pair(
    root: Root, name: Root, run: tuple[int, ...], one: _Marked, other: _Marked, spread: Mapping[Root, float]
) -> NamePair:
    own, there = (np.mean([_apart(other[root][n], one[each][n]) for n in run]) for each in (root, name))
    shared = len(other[root].keys() & one[name].keys())
    deciding = len(_deciding(root, name, one, other, spread))
    return NamePair(ROOTS, root, name, run, shared, deciding, float(own), float(there))


def _fall(pair: NamePair) -> float:
    """By how much a root lies nearer to the other name than to its own, mm."""
    return (pair.own_mm or 0.0) - pair.other_mm


def _ganglion_pairs(a: Marks, b: Marks, settings: ExchangeSettings) -> Iterator[NamePair]:
    one, other = (
        {place.root: points[0] for place, points in marks.items() if place.structure == GANGLIA and place.root}
        for marks in (a, b)
    )
    nearest = {root: min(one, key=lambda name: _apart(one[name], other[root])) for root in sorted(other) if one}
    for root, target in nearest.items():
        if target == root or nearest.get(target) == target:
            continue
        away = _apart(one[target], other[root])
        own = _apart(one[root], other[root]) if root in one else None
        if (away <= settings.ganglion_near_mm) if own is None else (own - away >= settings.ganglion_mm):
            yield NamePair(GANGLIA, root, target, (), 1, 1, own, away)


def _apart(one: Points, other: Points) -> float:
    return float(np.linalg.norm(one - other))


def _grouped(pairs: Sequence[NamePair]) -> list[list[NamePair]]:
    """Pairs that hang together: where one takes the name that the other gives up, on some slice of both; a ganglion
    goes with its root."""
    groups: list[list[NamePair]] = []
    for pair in pairs:
        linked = [group for group in groups if any(_linked(pair, each) for each in group)]
        groups = [group for group in groups if group not in linked]
        groups.append([*(each for group in linked for each in group), pair])
    return [sorted(group, key=_order) for group in groups]


def _linked(pair: NamePair, other: NamePair) -> bool:
    if pair.structure != other.structure:
        return (pair.named, pair.lies_on) == (other.named, other.lies_on)
    names = {pair.named, pair.lies_on} & {other.named, other.lies_on}
    return bool(names) and (not pair.slices or bool(set(pair.slices) & set(other.slices)))


def _merged(groups: Sequence[Sequence[NamePair]]) -> list[list[NamePair]]:
    """Groups that say the same of several roots are one: left and right of all levels, all levels of both sides."""
    alike: dict[tuple[int | str, int], list[NamePair]] = {}
    for number, group in enumerate(groups):
        pattern = pattern_of(group)
        key: tuple[int | str, int] = (number, 0) if pattern[0] == "names" else pattern
        alike.setdefault(key, []).extend(group)
    return [sorted(group, key=_order) for group in alike.values()]


def _order(pair: NamePair) -> tuple[bool, tuple[int, int], tuple[int, ...]]:
    return pair.structure == GANGLIA, pair.named.sort_key, pair.slices
