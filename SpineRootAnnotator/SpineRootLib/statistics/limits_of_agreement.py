"""Bias between two annotators and limits of agreement, of repeated and correlated differences."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtri, stdtrit

from SpineRootLib.statistics.estimate import LEVEL, Estimate
from SpineRootLib.statistics.recovered_intervals import root_of, scaled, square, sum_of, variance_interval
from SpineRootLib.statistics.slice_series import SliceSeries
from SpineRootLib.statistics.variance_components import AnnotatorComponents, Components, fit_series

METHOD_OF_MEAN = "REML, Student's t"
METHOD_OF_LIMITS = "REML, MOVER"
# how many standard deviations on either side hold LEVEL of normal values
REACH = float(ndtri(0.5 + LEVEL / 2))


@dataclass(frozen=True)
class LimitsOfAgreement:
    """Bias and limits of agreement along one axis.

    Parameters
    ----------
    bias : mean difference.
    low, high : the limits, between which 95 % of differences are expected to lie.
    spread : standard deviation of a single difference.
    technical_error : technical error of measurement, bias included.
    change : smallest detectable change: more than two annotators' marks of one thing differ by in 95 of 100 cases.
    components : what the differences are made of.
    """

    bias: Estimate
    low: Estimate
    high: Estimate
    spread: Estimate
    technical_error: Estimate
    change: Estimate
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


def reproducibility(parts: AnnotatorComponents) -> Estimate:
    """The standard error of measurement, ``sqrt(annotator + interaction + residual)``, of annotators drawn at random.

    Source: de Vet et al. 2006; the interval after Graybill and Wang, J. American Statistical Association 75 (1980) 869.
    """
    m, k = parts.subjects, parts.annotators
    # mean squares whose expectations add up to the total
    of_annotators = parts.annotator + parts.mean_variance
    of_subjects = parts.interaction + parts.residual / parts.effective
    found = variance_interval(of_annotators, k - 1)
    if m > 1:
        found = sum_of(found, scaled(variance_interval(of_subjects, (m - 1) * (k - 1)), 1 - 1 / m))
    squares = (1 - parts.phi**2) / (1 + parts.phi**2)
    free = max(m * (k - 1) * parts.effective * max(squares, 1e-3), 1.0)
    share = max(1 - 1 / parts.effective, 0.0)
    found = sum_of(found, scaled(variance_interval(parts.residual, free), share))
    return root_of(found, "REML, Graybill and Wang 1980")


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
    effective = series.effective_numbers(parts.phi)
    free = series.effective_number_of_squares(parts.phi) - len(effective)
    return float((1 / effective).mean()), max(free, 1.0)
