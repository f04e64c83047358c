"""Bias between two annotators and limits of agreement, of repeated and correlated differences."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import stdtrit

from SpineRootLib.statistics.estimate import LEVEL, REACH, Estimate
from SpineRootLib.statistics.recovered_intervals import root_of, scaled, square, sum_of, variance_interval
from SpineRootLib.statistics.slice_series import SliceSeries
from SpineRootLib.statistics.variance_components import Components, fit_series, precision

METHOD_OF_MEAN = "REML, Student's t"
METHOD_OF_LIMITS = "REML, MOVER"


@dataclass(frozen=True)
class Limits:
    """Bias and limits of agreement along one axis.

    Parameters
    ----------
    bias : mean difference.
    low, high : the limits, between which 95 % of differences are expected to lie.
    spread : standard deviation of a single difference.
    technical_error : technical error of measurement, bias included.
    change : smallest detectable change: more than two annotators' marks of one thing differ by in 95 of 100 cases.
    """

    bias: Estimate
    low: Estimate
    high: Estimate
    spread: Estimate
    technical_error: Estimate
    change: Estimate


@dataclass(frozen=True)
class LimitsOfAgreement(Limits):
    """Limits of agreement of a fit.

    Parameters
    ----------
    components : what the differences are made of.
    """

    components: Components


def limits_of_agreement(series: SliceSeries) -> LimitsOfAgreement:
    """Bland and Altman's figures of differences along slices, a series a subject.

    The variance of a difference is that of subjects' shifts and of the residual along slices. Its interval, and those
    of the limits, are recovered from those of their parts.

    Source: Bland and Altman, Statistical Methods in Medical Research 8 (1999) 135; Zou, the same 22 (2013) 630;
    Dahlberg 1940 for the technical error, ``sqrt(mean d² / 2)``; de Vet et al., J. Clinical Epidemiology 59 (2006)
    1033, for the smallest detectable change, ``1.96 sqrt(2)`` times that error.
    """
    parts = fit_series(series)
    bias = _mean(parts)
    variance = _variance(series, parts)
    spread = root_of(variance, METHOD_OF_LIMITS)
    reach = scaled(spread, REACH)
    error = root_of(scaled(sum_of(square(bias), variance), 0.5), METHOD_OF_LIMITS)
    return LimitsOfAgreement(
        *(bias, sum_of(bias, scaled(reach, -1), METHOD_OF_LIMITS), sum_of(bias, reach, METHOD_OF_LIMITS), spread),
        *(error, scaled(error, REACH * math.sqrt(2)), parts),
    )


def mean_along_slices(series: SliceSeries) -> tuple[Estimate, Components]:
    """The mean of values along slices, such as distances, with its interval, and what they are made of."""
    parts = fit_series(series)
    return _mean(parts), parts


def _mean(parts: Components) -> Estimate:
    margin = float(stdtrit(parts.free, 0.5 + LEVEL / 2)) * math.sqrt(parts.mean_variance)
    return Estimate(parts.mean, parts.mean - margin, parts.mean + margin, METHOD_OF_MEAN)


def _variance(series: SliceSeries, parts: Components) -> Estimate:
    """The variance of a single difference: between subjects' means, and what these do not hold of the residual."""
    many, (share, within) = len(series.starts), _shares(series, parts)
    if many == 1:
        return variance_interval(parts.residual, within)
    of_means = variance_interval(parts.between + share * parts.residual, many - 1)
    return sum_of(of_means, scaled(variance_interval(parts.residual, within), 1 - share))


def between_and_within(series: SliceSeries, parts: Components) -> tuple[Estimate, Estimate]:
    """The standard deviations between the means of series, and along a series, with their intervals."""
    share, within = _shares(series, parts)
    along = variance_interval(parts.residual, within)
    if len(series.starts) < 2:
        return Estimate.missing("a single series"), root_of(along, METHOD_OF_LIMITS)
    of_means = variance_interval(parts.between + share * parts.residual, len(series.starts) - 1)
    between = sum_of(of_means, scaled(along, -share))
    return root_of(between, METHOD_OF_LIMITS), root_of(along, METHOD_OF_LIMITS)


def _shares(series: SliceSeries, parts: Components) -> tuple[float, float]:
    """What the mean of a series holds of the residual variance, and the degrees of freedom of that variance."""
    return float((1 / series.effective_numbers(parts.phi)).mean()), precision(series, parts).free
