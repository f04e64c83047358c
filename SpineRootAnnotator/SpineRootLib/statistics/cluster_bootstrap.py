"""Intervals by resampling clusters: subjects, whose values belong together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.statistics.estimate import LEVEL, Estimate

Array = NDArray[np.float64]
# A figure as a function of the clusters' means, (..., p): built of sums, products and powers, so that it takes complex
# numbers.
Figure = Callable[[Any], Any]

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


def bootstrap_interval(clusters: Array, figure: Figure, settings: BootstrapSettings | None = None) -> Estimate:
    """A figure of clusters with the interval that resampling whole clusters gives, studentised.

    With few clusters the percentiles of the resampled figures cover too little; the studentised bootstrap does not.
    Of a standard deviation its square is to be asked for.

    Parameters
    ----------
    clusters : (n, p) what each cluster contributes; the figure is a function of the n means.
    figure : of (..., p) means.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 12; Field and Welsh,
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
    error = standard_error(clusters, figure)
    if not error > 0:
        return Estimate(value, why_not="all subjects are the same: nothing varies")
    drawn = resampled(clusters, settings)
    with np.errstate(divide="ignore", invalid="ignore"):
        student = (figure(drawn.mean(axis=1)) - value) / standard_error(drawn, figure)
    # a resample of one subject only, again and again, has no error
    least, most = np.quantile(student[np.isfinite(student)], _TAILS)
    low, high = float(value - error * most), float(value - error * least)
    return Estimate(value, low, high, "cluster bootstrap, studentised")


def resampled(clusters: Array, settings: BootstrapSettings) -> Array:
    """Samples of as many clusters, with replacement, (resamples, n, p)."""
    count, rng = len(clusters), np.random.default_rng(settings.seed)
    return np.asarray(clusters[rng.integers(count, size=(settings.resamples, count))])


def standard_error(drawn: Array, figure: Figure) -> Array:
    """The standard error of a figure, by the delta method, of samples of clusters (..., n, p)."""
    count, parts = drawn.shape[-2:]
    means = drawn.mean(axis=-2)
    slopes = np.stack([figure(means + 1j * _STEP * np.eye(parts)[k]).imag / _STEP for k in range(parts)], -1)
    away = np.einsum("...np,...p->...n", drawn - means[..., None, :], slopes)
    return np.asarray(np.sqrt(np.sum(away**2, axis=-1) / (count * (count - 1))))
