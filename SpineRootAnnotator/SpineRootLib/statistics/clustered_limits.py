"""Bias and limits of agreement of differences that are clustered, whatever they resemble each other by in a cluster."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from SpineRootLib.statistics.cluster_bootstrap import bootstrap_interval
from SpineRootLib.statistics.estimate import LEVEL, REACH, SAME_MM, Estimate
from SpineRootLib.statistics.limits_of_agreement import Limits
from SpineRootLib.statistics.recovered_intervals import root_of, scaled, square, sum_of, variance_interval

Array = NDArray[np.float64]
FEWEST_CLUSTERS = 3
_METHOD = "chi square and cluster bootstrap, MOVER"
_BETWEEN_ALONE = "chi square, MOVER"


def clustered_limits(means: Array, squares: Array) -> Limits:
    """Limits of agreement from each cluster's mean difference and mean square, (n,) each; clusters count alike.

    The variance of a difference is that between clusters' means, which are taken for normal, and the mean of that in
    clusters, which are resampled. Where that is the same in all clusters, as where each has one value, the variance
    between means alone is uncertain.
    """
    bias, within = mean_of_clusters(means), np.maximum(squares - means**2, 0.0)
    inside, method = bootstrap_interval(within[:, None], lambda each: each[..., 0]), _METHOD
    if float(np.ptp(within)) < SAME_MM:  # mm², far above the rounding of squares
        known = float(within.mean())
        inside, method = Estimate(known, known, known), _BETWEEN_ALONE
    between = float(means.var(ddof=1)) if len(means) > 1 else 0.0
    if inside.low is None or bias.low is None:
        return _without_intervals(bias, between + float(within.mean()), inside.why_not or bias.why_not)
    variance = sum_of(variance_interval(between, len(means) - 1), inside)
    spread = root_of(variance, method)
    away = scaled(spread, REACH)
    error = root_of(scaled(sum_of(square(bias), variance), 0.5), method)
    low, high = (sum_of(bias, scaled(away, sign), method) for sign in (-1, 1))
    return Limits(bias, low, high, spread, error, scaled(error, REACH * math.sqrt(2)))


def mean_of_clusters(means: Array) -> Estimate:
    """The mean of clusters with one value each, (n,), which are taken for normal."""
    middle = float(means.mean())
    if len(means) < FEWEST_CLUSTERS:
        return Estimate(middle, why_not=f"fewer than {FEWEST_CLUSTERS} subjects")
    error = standard_error_of(means)
    if not error > 0:
        return Estimate(middle, why_not="all subjects are the same: nothing varies")
    reach = float(stdtrit(len(means) - 1, 0.5 + LEVEL / 2)) * error
    return Estimate(middle, middle - reach, middle + reach, "Student's t")


def standard_error_of(means: Array) -> float:
    """The standard error of the mean of values, (n,); that of values which differ by rounding alone is 0."""
    return 0.0 if float(np.ptp(means)) < SAME_MM else float(means.std(ddof=1)) / math.sqrt(len(means))


def _without_intervals(bias: Estimate, variance: float, why: str) -> Limits:
    middle, spread = bias.value or 0.0, math.sqrt(variance)
    error = math.sqrt((middle**2 + variance) / 2)
    values = middle - REACH * spread, middle + REACH * spread, spread, error, REACH * math.sqrt(2) * error
    return Limits(bias, *(Estimate(value, why_not=why) for value in values))
