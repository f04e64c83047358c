"""How exchanged names are found: by which of another's roots each root runs on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.exchange import Exchange, NamePair, pattern_of
from SpineRootLib.agreement.exchange_settings import ExchangeSettings
from SpineRootLib.agreement.likeliest_names import MarkedRoots, Named, apart, distances, likeliest_names
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.anatomy import GANGLIA, ROOTS, Root


def find_exchanges(raters: Raters, settings: ExchangeSettings | None = None) -> list[Exchange]:
    """The exchanges between every two annotators, those over most slices first.

    First whole roots: the names of all of B's that are likeliest together. Then, among the roots that kept their names,
    two that exchange them on a run of slices.
    """
    settings = settings or ExchangeSettings()
    found: list[Exchange] = []
    marks = raters.marks
    named = {label: Named.of(marks[label]) for label in raters.labels}
    for a, b in itertools.combinations(raters.labels, 2):
        one, other = named[a], named[b]
        spread = _spread(one.roots, other.roots, settings)
        whole = _whole_roots(one, other, spread, settings)
        taken = {root for group in whole for pair in group for root in (pair.named, pair.lies_on)}
        rest = {root: marked for root, marked in other.roots.items() if root not in taken}
        runs = list(_runs(one.roots, rest, spread, settings))
        ganglia = list(_ganglion_pairs(one, other, settings))
        groups = _grouped([*(pair for group in whole for pair in group), *ganglia])
        found += [Exchange(a, b, tuple(group), True) for group in _merged(groups)]
        found += [Exchange(a, b, tuple(group), False) for group in runs]
    return sorted(found, key=lambda each: (-len(each.slices), -len(each.pairs), each.place))


def _spread(one: MarkedRoots, other: MarkedRoots, settings: ExchangeSettings) -> dict[Root, float]:
    """By how much two annotators differ along each of the other's roots, whatever their names, mm.

    It is the median distance, over the slices, from the one's root that is nearest by this measure.
    """
    spread = {}
    for root, points in other.items():
        away = [list(distances(points, there, settings).values()) for there in one.values()]
        medians = [float(np.median(each)) for each in away if len(each) >= settings.shared]
        spread[root] = max(min(medians, default=settings.cap_mm), settings.least_spread_mm)
    return spread


def _whole_roots(
    one: Named, other: Named, spread: Mapping[Root, float], settings: ExchangeSettings
) -> list[list[NamePair]]:
    """Whole roots that run on a root of another name, in groups that hang together."""
    chosen = likeliest_names(one, other, spread, settings)
    return _grouped([_whole_pair(*names, one.roots, other.roots, spread, settings) for names in chosen.items()])


def _whole_pair(
    root: Root,
    name: Root,
    one: MarkedRoots,
    other: MarkedRoots,
    spread: Mapping[Root, float],
    settings: ExchangeSettings,
) -> NamePair:
    own, there = (distances(other[root], one.get(each, {}), settings) for each in (root, name))
    nearer = tuple(number for number, away in there.items() if away < own.get(number, settings.cap_mm))
    own_mm = float(np.mean(list(own.values()))) if own else None
    deciding = len(_deciding(root, name, one, other, spread))
    return NamePair(ROOTS, root, name, nearer, len(there), deciding, own_mm, float(np.mean(list(there.values()))))


def _weights(gain: NDArray[np.float64], width: float, settings: ExchangeSettings) -> NDArray[np.float64]:
    """How much slices speak for an exchange, by the fall of the squared distance (mm²) on them and the spread (mm).

    But for the limit it is the logarithm of the likelihood ratio of both names, where the annotators'
    errors are normal and the same on neighbouring slices.
    """
    return np.clip(gain / width**2, -settings.weight_limit, settings.weight_limit)


def _deciding(
    root: Root, name: Root, one: MarkedRoots, other: MarkedRoots, spread: Mapping[Root, float]
) -> tuple[int, ...]:
    """The shared slices of a root and another name on which both annotators' marks tell them apart."""
    width = max(spread.get(each, 0.0) for each in (root, name))
    both = [(marked.get(root, {}), marked.get(name, {})) for marked in (one, other)]
    return tuple(
        number
        for number in other[root]
        if number in one[name]
        and all(number not in x or number not in y or apart(x[number], y[number]) > width for x, y in both)
    )


def _runs(
    one: MarkedRoots, other: MarkedRoots, spread: Mapping[Root, float], settings: ExchangeSettings
) -> Iterator[list[NamePair]]:
    """Pairs of roots that exchange names on a run of slices, the clearest first, each slice of a root in one of them.

    A run is the stretch of greatest summed weight (Bentley, Commun. ACM 1984).
    """
    free = {root: set(marked) for root, marked in other.items()}
    roots = [root for root in other if root in one]
    away = {(x, y): distances(other[x], one[y], settings) for x in roots for y in roots}
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
    root: Root, name: Root, run: tuple[int, ...], one: MarkedRoots, other: MarkedRoots, spread: Mapping[Root, float]
) -> NamePair:
    own, there = (np.mean([apart(other[root][n], one[each][n]) for n in run]) for each in (root, name))
    shared = len(other[root].keys() & one[name].keys())
    deciding = len(_deciding(root, name, one, other, spread))
    return NamePair(ROOTS, root, name, run, shared, deciding, float(own), float(there))


def _fall(pair: NamePair) -> float:
    """By how much a root lies nearer to the other name than to its own, mm."""
    return (pair.own_mm or 0.0) - pair.other_mm


def _ganglion_pairs(a: Named, b: Named, settings: ExchangeSettings) -> Iterator[NamePair]:
    one, other = a.ganglia, b.ganglia
    nearest = {root: min(one, key=lambda name: apart(one[name], other[root])) for root in sorted(other) if one}
    for root, target in nearest.items():
        if target == root or nearest.get(target) == target:
            continue
        away = apart(one[target], other[root])
        own = apart(one[root], other[root]) if root in one else None
        if (away <= settings.ganglion_near_mm) if own is None else (own - away >= settings.ganglion_mm):
            yield NamePair(GANGLIA, root, target, (), 1, 1, own, away)


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
