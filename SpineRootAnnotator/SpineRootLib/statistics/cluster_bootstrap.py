"""Intervals by resampling clusters: subjects, whose values belong together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from SpineRootLib.statistics.estimate import LEVEL, Estimate

Array = NDArray[np.float64]
# A figure as a function of the clusters' means, (..., p): built of sums, products and powers, so that it takes complex
# numbers.
Figure = Callable[[Any], Any]

STUDENT, BCA, PERCENTILE = "bootstrap-t", "BCa", "percentile"
_TAILS = np.array([0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
_STEP = 1e-20  # of the complex step, whose derivative has no rounding: Squire and Trapp, SIAM Review 40 (1998) 110


@dataclass(frozen=True)
class BootstrapSettings:
    """How clusters are resampled.

    Parameters
    ----------
    resamples : how often; the ends of an interval of 95 % are then uncertain by a few percent of its length.
    fewest : clusters; of fewer the resamples are too much alike.
    seed : so that a table is the same whenever it is made.
    """

    resamples: int = 1999
    fewest: int = 6
    seed: int = 20


def bootstrap_interval(
    clusters: Array, figure: Figure, method: str = STUDENT, settings: BootstrapSettings | None = None
) -> Estimate:
    """A figure of clusters with the interval that resampling whole clusters gives.

    With few clusters the percentiles of the resampled figures cover too little; the studentised bootstrap does not.
    Of a standard deviation its square is to be asked for.

    Parameters
    ----------
    clusters : (n, p) what each cluster contributes; the figure is a function of the n means.
    figure : of (..., p) means.
    method : ``bootstrap-t``, ``BCa`` or ``percentile``.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 12 to 14; Field and Welsh,
    J. R. Statistical Society B 69 (2007) 369, for clusters.
    """
    settings = settings or BootstrapSettings()
    count = len(clusters)
    if not count:
        return Estimate.missing("no subjects")
    value = float(figure(clusters.mean(axis=0)))
    if count < settings.fewest:
        why = f"fewer than {settings.fewest} subjects are too few to resample"
        return Estimate(value, why_not=why)
    if not standard_error(clusters, figure) > 0:
        return Estimate(value, why_not="all subjects are the same: nothing varies")
    rng = np.random.default_rng(settings.seed)
    drawn = clusters[rng.integers(count, size=(settings.resamples, count))]
    low, high = (_studentised if method == STUDENT else _percentiles)(clusters, drawn, figure, method)
    return Estimate(value, float(low), float(high), f"cluster bootstrap, {method}")


def standard_error(drawn: Array, figure: Figure) -> Array:
    """The standard error of a figure, by the delta method, of samples of clusters (..., n, p)."""
    count, parts = drawn.shape[-2:]
    means = drawn.mean(axis=-2)
    slopes = np.stack([figure(means + 1j * _STEP * np.eye(parts)[k]).imag / _STEP for k in range(parts)], -1)
    away = np.einsum("...np,...p->...n", drawn - means[..., None, :], slopes)
    return np.asarray(np.sqrt(np.sum(away**2, axis=-1) / (count * (count - 1))))


def _studentised(clusters: Array, drawn: Array, figure: Figure, _method: str) -> Array:
    value = figure(clusters.mean(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        student = (figure(drawn.mean(axis=1)) - value) / standard_error(drawn, figure)
    # a resample of one subject only, again and again, has no error
    high, low = np.quantile(student[np.isfinite(student)], _TAILS)
    return np.asarray(value - standard_error(clusters, figure) * np.array([low, high]))


def _percentiles(clusters: Array, drawn: Array, figure: Figure, method: str) -> Array:
    """The percentiles of the resampled figures, bias-corrected and accelerated where that is the method."""
    found, tails = figure(drawn.mean(axis=1)), _TAILS
    if method == BCA:
        left_out = figure((clusters.sum(axis=0) - clusters) / (len(clusters) - 1))
        away = left_out.mean() - left_out
        acceleration = np.sum(away**3) / (6 * np.sum(away**2) ** 1.5)
        below = float(np.mean(found < figure(clusters.mean(axis=0))))
        shift = ndtri(np.clip(below, 1e-6, 1 - 1e-6))
        reach = shift + ndtri(tails)
        tails = ndtr(shift + reach / (1 - acceleration * reach))
    return np.quantile(found, tails)
