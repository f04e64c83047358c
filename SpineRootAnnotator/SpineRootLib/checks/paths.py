"""Rules on the paths of roots: no jumps, no two roots in one place, no exchange of names on the way."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import ROOTS, Root
from SpineRootLib.checks.limits import Limits
from SpineRootLib.checks.rule import Rule
from SpineRootLib.checks.traced import RootPath, Traced
from SpineRootLib.curves import nearest_on_segments
from SpineRootLib.findings import Finding, Severity
from SpineRootLib.slice_ranges import runs, slices_text
from SpineRootLib.translation import _

# A point is compared with the line through this many of its root's nearest other points (12 mm of a 2 mm stack):
# fewer are misled by one bad neighbour, more no longer follow the bends.
_NEIGHBOURS = 6


class Jump(Rule):
    """Points away from the path that the points around them tell.

    What they tell is a Theil-Sen line (Sen, J. Am. Stat. Assoc. 1968) or, in a bend, the two next points; the limit
    follows the root's own scatter.
    """

    name = "jump"
    severity = Severity.WARNING
    limit = "jump_mm"
    needs = ("planes", ROOTS)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("a root runs without jumps")

    def check(self, traced: Traced, limits: Limits) -> Iterator[Finding]:
        """One finding a point; its value is the distance from the path, mm."""
        for root, path in traced.paths.items():
            away = departures(path)
            if not len(away):
                continue
            allowed = np.full(len(away), max(self.limit_in(limits), limits.jump_ratio * float(np.median(away))))
            allowed[[0, -1]] *= limits.jump_end_factor
            for row in np.flatnonzero(away > allowed):
                number, value = int(path.numbers[row]), float(away[row])
                message = _("{root} lies {value:.2f} mm off its path on slice {number}").format(
                    root=root, value=value, number=number
                )
                yield self.finding(message, ROOTS, root, number, value, float(allowed[row]), path.points[row])


class Near(Rule):
    """Roots so near to each other, on a slice or between two, that they cannot be two; lastingly, one is the other."""

    name = "near"
    severity = Severity.WARNING
    limit = "near_mm"
    needs = ("planes", ROOTS)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("two roots do not meet")

    def check(self, traced: Traced, limits: Limits) -> Iterator[Finding]:
        """One finding a pair and stretch of slices; its value is the least distance, mm."""
        limit = self.limit_in(limits)
        for first, second in combinations(traced.paths, 2):
            numbers, apart = _gap_between(traced, first, second)
            distances = _least_to_next(numbers, apart)
            for start, end in runs(numbers[distances < limit]):
                here = (numbers >= start) & (numbers <= end)
                number = int(numbers[here][np.argmin(distances[here])])
                value = float(distances[here].min())
                message = _("{first} and {second} come within {value:.2f} mm on {slices}").format(
                    first=first, second=second, value=value, slices=slices_text(range(start, end + 1))
                )
                position = traced.paths[second].points[traced.paths[second].row[number]]
                same = np.linalg.norm(apart[here], axis=1) < limits.duplicate_mm
                severity = Severity.ERROR if same.sum() >= limits.lasting_slices else self.severity
                yield self.finding(message, ROOTS, second, number, value, limit, position, severity)


class PlacesExchanged(Rule):
    """Two roots of a side that exchange places from one slice to the next, or on a single slice."""

    name = "exchange"
    limit = "exchange_mm"
    needs = ("planes", ROOTS)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("two roots do not exchange places")

    def check(self, traced: Traced, limits: Limits) -> Iterator[Finding]:
        """One finding a place; its value is by how much both paths together would become shorter, mm."""
        limit = self.limit_in(limits)
        for first, second in traced.pairs_of_a_side():
            numbers, gain = self._gains(traced, first, second)
            before = np.flatnonzero(gain > limit)
            for row in before:
                if row - 1 in before:
                    continue  # said with the slice before: there and back
                number, single = int(numbers[row + 1]), row + 1 in before
                where = _("on slice {number} only") if single else _("from slice {number} on")
                message = _("{first} and {second} exchange places {where}").format(
                    first=first, second=second, where=where.format(number=number)
                )
                position = traced.paths[second].points[traced.paths[second].row[number]]
                yield self.finding(message, ROOTS, second, number, float(gain[row]), limit, position)

    @staticmethod
    def _gains(traced: Traced, first: Root, second: Root) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Shared slices, (n,), and the gain of exchanging from each to the next, (n - 1,) mm."""
        numbers = traced.shared_slices(first, second)
        one, other = (traced.paths[root].flat[traced.rows(root, numbers)] for root in (first, second))
        kept = np.linalg.norm(np.diff(one, axis=0), axis=1) + np.linalg.norm(np.diff(other, axis=0), axis=1)
        exchanged = np.linalg.norm(other[1:] - one[:-1], axis=1) + np.linalg.norm(one[1:] - other[:-1], axis=1)
        return numbers, kept - exchanged


def departures(path: RootPath) -> NDArray[np.float64]:
    """Distance of each point of a path, (n,) mm, from where the points around it tell that it should be.

    The lesser of two: from the Theil-Sen line through the neighbours, which one bad neighbour does not move, and from
    the straight line of the two next points, which follows a bend. (0,) if there are too few points.
    """
    if len(path.numbers) <= _NEIGHBOURS:
        return np.empty(0)
    expected = np.stack([_robust_line(path, _nearest_rows(len(path.numbers))), _straight_on(path)])
    return np.asarray(np.linalg.norm(path.flat - expected, axis=2).min(axis=0))


def _robust_line(path: RootPath, others: NDArray[np.intp]) -> NDArray[np.float64]:
    """Where the Theil-Sen line through other rows of a path, (n, k), crosses each slice, (n, 2)."""
    along = (path.numbers[others] - path.numbers[:, None]).astype(np.float64)
    beside = path.flat[others]
    one, other = np.triu_indices(others.shape[1], 1)
    rise = (beside[:, other] - beside[:, one]) / (along[:, other] - along[:, one])[..., None]
    slope = np.median(rise, axis=1)
    return np.asarray(np.median(beside - slope[:, None] * along[..., None], axis=1))


def _straight_on(path: RootPath) -> NDArray[np.float64]:
    """Where the line through the points before and after, at the ends the next two, crosses each slice, (n, 2)."""
    last = len(path.numbers) - 1
    row = np.arange(last + 1)
    one = np.where(row == 0, 1, np.where(row == last, last - 2, row - 1))
    other = np.where(row == 0, 2, np.where(row == last, last - 1, row + 1))
    share = (path.numbers - path.numbers[one]) / (path.numbers[other] - path.numbers[one])
    return np.asarray(path.flat[one] + share[:, None] * (path.flat[other] - path.flat[one]))


def _nearest_rows(count: int) -> NDArray[np.intp]:
    """For each of `count` rows the nearest other rows, as evenly on both sides as the ends allow, (count, 6)."""
    start = np.clip(np.arange(count) - _NEIGHBOURS // 2, 0, count - _NEIGHBOURS - 1)
    window = start[:, None] + np.arange(_NEIGHBOURS + 1)
    return window[window != np.arange(count)[:, None]].reshape(count, _NEIGHBOURS)


def _gap_between(traced: Traced, first: Root, second: Root) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Shared slices, (n,), and the vector from one root to the other on each, (n, 2) mm."""
    numbers = traced.shared_slices(first, second)
    one, other = (traced.paths[root].flat[traced.rows(root, numbers)] for root in (first, second))
    return numbers, other - one


def _least_to_next(numbers: NDArray[np.int64], apart: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least distance of two straight paths from each shared slice up to before the next, (n,) mm."""
    least = np.linalg.norm(apart, axis=1)
    joined = np.flatnonzero(np.diff(numbers) == 1)
    _, away = nearest_on_segments(np.zeros_like(apart[joined]), apart[joined], apart[joined + 1])
    least[joined] = np.minimum(least[joined], np.linalg.norm(away, axis=1))
    return least


RULES = (Jump(), Near(), PlacesExchanged())
