"""The truth that several annotators marked, estimated together with each annotator's bias and variance."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from SpineRootLib.statistics.estimate import LEVEL, REACH
from SpineRootLib.statistics.variance_components import fit_annotators

Array = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class TruthSettings:
    """How the truth is estimated.

    Parameters
    ----------
    shared_places : how many places' worth an annotator's variance is drawn to that of all; by eye, so that nobody who
        marked little is taken for exact. More makes intervals of few places hold oftener and halves what weights gain.
    free_per_place : degrees of freedom of the errors' variance for each place; chosen on the 14 places of
        ganglia.
    tolerance : relative change of a variance at which the iteration ends.
    most_turns : of the iteration.
    fewest_places : that all annotators marked, for the correlation along slices; of fewer it is left out.
    smallest_variance : mm², of a mark: a tenth of a voxel of 0.3 mm.
    """

    shared_places: float = 1.0
    free_per_place: float = 1.5
    tolerance: float = 2e-3
    most_turns: int = 40
    fewest_places: int = 10
    smallest_variance: float = 0.03**2


@dataclass(frozen=True, eq=False)
class WeightedTruth:
    """What was estimated along one axis.

    Parameters
    ----------
    values, variances : (n,) the truth at each place, and the variance of its error with that of the common bias,
        widened by what few annotators and few places tell of them: 1.96 standard errors hold the truth in 95 %.
    biases : (k,) of each annotation; their mean over annotators is 0, as a bias that all share cannot be told.
    deviations : (k,) standard deviation of a single mark about truth and bias.
    """

    values: Array
    variances: Array
    biases: Array
    deviations: Array


def weighted_truth(
    marks: Array, slices: Numbers, series: Numbers, annotators: Numbers, settings: TruthSettings | None = None
) -> WeightedTruth:
    """Estimate the truth behind marks, ``y = truth + bias + error``, by expectation maximisation.

    The truth is anything; an annotator's errors are normal, and correlated along a series of slices alike for all
    annotators: a share is the same in the whole series, the rest decays with the distance.

    Parameters
    ----------
    marks : (n, k) one coordinate, mm; NaN where an annotator marked nothing.
    slices, series : (n,) numbers of slices, and which series (a root of a subject) each belongs to.
    annotators : (k,) who made each annotation: repeats of one annotator share bias and variance. Of two annotations
        the variances cannot be told apart and are taken for the same.

    Source: Warfield, Zou and Wells, Phil. Trans. R. Soc. A 366 (2008) 2361, for labels that are numbers; here with
    missing marks and errors that are correlated.
    """
    settings = settings or TruthSettings()
    who = np.unique(annotators, return_inverse=True)[1]
    counts = np.isfinite(marks).sum(axis=0)
    # an annotation of each annotator who marked anything
    first = np.unique(who[_by(who, counts) > 0], return_index=True)[1]
    first = np.flatnonzero(_by(who, counts) > 0)[first]
    of_variance = np.zeros_like(who) if len(who) < 3 else who
    parts = _series(marks, slices, series, *_correlation(marks, slices, series, settings))
    variances = np.maximum(_of_differences(marks, of_variance), settings.smallest_variance)
    pooled, biases = float(variances.mean()), np.zeros(len(who))
    for _turn in range(settings.most_turns):
        sums = [each.expected(biases, variances) for each in parts]
        lengths, along, squares = (np.sum([each[name] for each in sums], axis=0) for name in range(3))
        known = _by(who, lengths / variances)
        biases = np.divide(_by(who, along / variances), known, out=np.zeros(len(who)), where=known > 0)
        biases -= biases[first].mean() * (known > 0)
        shared = settings.shared_places
        found = (_by(of_variance, squares) + shared * pooled) / (_by(of_variance, counts) + shared)
        found = np.maximum(found, settings.smallest_variance)
        done = bool(np.all(np.abs(found - variances) <= settings.tolerance * variances))
        variances = found
        if done:
            break
    values, errors = np.empty(len(marks)), np.empty(len(marks))
    for each in parts:
        values[each.rows], covariance = each.truth(biases, variances)
        errors[each.rows] = np.diag(covariance)
    common = float(np.var(biases[first], ddof=1)) / len(first) if len(first) > 1 else 0.0
    free = settings.free_per_place * len(marks)
    return WeightedTruth(values, _widened(errors, free, common, len(first) - 1), biases, np.sqrt(variances))


def _widened(errors: Array, free: float, common: float, free_common: int) -> Array:
    """The variances of sums of two errors, whose own variances have so many degrees of freedom, so that `REACH`
    standard deviations hold as much as Student's t does, with the degrees of freedom of Satterthwaite (1946)."""
    total = errors + common
    degrees = total**2 / (errors**2 / free + common**2 / max(free_common, 1))
    return np.asarray(total * (stdtrit(degrees, 0.5 + LEVEL / 2) / REACH) ** 2)


@dataclass(frozen=True, eq=False)
class _Series:
    """The marks of one series.

    Parameters
    ----------
    rows : (m,) where they stand among all.
    marks : (m, k).
    there : by annotation, the indices (into m) of its marks.
    inverse : by annotation, the inverse of the correlation matrix of these.
    """

    rows: Numbers
    marks: Array
    there: list[Numbers]
    inverse: list[Array]

    def truth(self, biases: Array, variances: Array) -> tuple[Array, Array]:
        """The truth, (m,), and the covariance of its error, (m, m)."""
        size = len(self.rows)
        information, weighted = np.zeros((size, size)), np.zeros(size)
        for number, (there, inverse) in enumerate(zip(self.there, self.inverse, strict=True)):
            information[np.ix_(there, there)] += inverse / variances[number]
            weighted[there] += inverse @ (self.marks[there, number] - biases[number]) / variances[number]
        covariance = np.linalg.inv(information)
        return np.asarray(covariance @ weighted), np.asarray(covariance, dtype=float)

    def expected(self, biases: Array, variances: Array) -> Array:
        """Of each annotation, (3, k): what tells its bias, its sum of departures, and its expected squares."""
        truth, covariance = self.truth(biases, variances)
        found = np.zeros((3, len(biases)))
        for number, (there, inverse) in enumerate(zip(self.there, self.inverse, strict=True)):
            away = self.marks[there, number] - truth[there]
            left = away - biases[number]
            uncertain = float(np.sum(inverse * covariance[np.ix_(there, there)]))
            found[:, number] = inverse.sum(), (inverse @ away).sum(), left @ inverse @ left + uncertain
        return found


def _series(marks: Array, slices: Numbers, series: Numbers, shared: float, phi: float) -> list[_Series]:
    """The series apart, with the inverse correlation ``shared + (1 - shared) phi^|i - j|`` of their errors."""
    found = []
    for number in np.unique(series):
        rows = np.flatnonzero(series == number)
        apart = np.abs(slices[rows, None] - slices[rows])
        correlation = shared + (1 - shared) * np.power(phi, apart)
        there = [np.flatnonzero(np.isfinite(marks[rows, each])) for each in range(marks.shape[1])]
        inverse = [np.linalg.inv(correlation[np.ix_(each, each)]) for each in there]
        found.append(_Series(rows, marks[rows], there, inverse))
    return found


def _correlation(marks: Array, slices: Numbers, series: Numbers, settings: TruthSettings) -> tuple[float, float]:
    """The share of an error that its whole series has, and the correlation of neighbours in the rest."""
    whole = np.isfinite(marks).all(axis=1)
    longest = int(np.bincount(series[whole]).max()) if whole.any() else 0
    if marks.shape[1] < 2 or int(whole.sum()) < settings.fewest_places or longest < 3:
        return 0.0, 0.0
    found = fit_annotators(marks[whole], slices[whole], series[whole])
    # so that no series' errors are all the same
    shared = min(found.interaction / max(found.interaction + found.residual, 1e-12), 0.98)
    return shared, found.phi


def _of_differences(marks: Array, groups: Numbers) -> Array:
    """First guesses of the variances, (k,): of every two annotations they add up to that of the difference.

    Source: Grubbs, J. American Statistical Association 43 (1948) 243.
    """
    rows, found = [], []
    for one, other in combinations(range(marks.shape[1]), 2):
        apart = marks[:, one] - marks[:, other]
        apart = apart[np.isfinite(apart)]
        if len(apart) > 1:
            rows.append(np.bincount(groups[[one, other]], minlength=marks.shape[1]))
            found.append(float(np.var(apart, ddof=1)))
    if not found:
        return np.zeros(marks.shape[1])
    solved, _rest, _rank, _values = np.linalg.lstsq(np.array(rows, dtype=float), np.array(found), rcond=None)
    return np.asarray(solved[groups])


def _by(groups: Numbers, values: Array) -> Array:
    """The sum over each annotation's group, (k,)."""
    return np.asarray(np.bincount(groups, weights=values)[groups])
