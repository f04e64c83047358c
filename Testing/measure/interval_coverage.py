"""Measures how often intervals of agreement hold the truth, in simulated studies whose truth is known.

    python Testing/measure/interval_coverage.py [--studies 1000]

An annotator's error is his bias, his shift in a subject, and a residual that is correlated along the slices
(0.7 from one to the next), each normal; 2 % of the marks are missing. Every study has its own annotators.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.special import ndtr, ndtri

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "SpineRootAnnotator"))

from SpineRootLib.statistics.annotator_spread import annotator_spread  # noqa: E402
from SpineRootLib.statistics.cluster_bootstrap import (  # noqa: E402
    BootstrapSettings,
    bootstrap_interval,
    resampled,
)
from SpineRootLib.statistics.clustered_limits import clustered_limits  # noqa: E402
from SpineRootLib.statistics.ellipse import limits_ellipse  # noqa: E402
from SpineRootLib.statistics.estimate import REACH, Estimate  # noqa: E402
from SpineRootLib.statistics.intraclass import two_way  # noqa: E402
from SpineRootLib.statistics.limits_of_agreement import (  # noqa: E402
    between_and_within,
    limits_of_agreement,
    mean_along_slices,
)
from SpineRootLib.statistics.recovered_intervals import root_of, scaled  # noqa: E402
from SpineRootLib.statistics.slice_series import SliceSeries  # noqa: E402
from SpineRootLib.statistics.variance_components import fit_annotators, precision  # noqa: E402

# mm but for the last two; errors across are FLATTER times those along the other axis
BIAS, SHIFT, RESIDUAL, PHI, MISSING = 0.15, 0.2, 0.3, 0.7, 0.02
FLATTER = 0.6
# between subjects, of a root's place
PLACES = 1.0
SETTINGS = BootstrapSettings(resamples=999)
STUDENT, BCA, PERCENTILE = "bootstrap-t", "BCa", "percentile"
TAILS = np.array([0.025, 0.975])
# name of a figure and its method, its interval, its truth
Case = tuple[str, Estimate, float]


def main(arguments: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the first study's seed")
    options = parser.parse_args(arguments)
    for annotators, subjects in ((2, 14), (5, 40)):
        held: dict[str, list[bool]] = {}
        for seed in range(options.first, options.first + options.studies):
            rng = np.random.default_rng([seed, annotators, subjects])
            for name, found, truth in study(rng, annotators, subjects):
                held.setdefault(name, []).append(bool(found.low is not None and found.low <= truth <= found.high))
        print(f"{annotators} annotators, {subjects} subjects, {options.studies} studies: % that hold the truth")
        for name, each in held.items():
            print(f"  {name:60} {100 * np.mean(each):5.1f}", flush=True)
    return 0


def study(rng: np.random.Generator, annotators: int, subjects: int) -> Iterator[Case]:
    """The figures of one study."""
    bias = rng.normal(0, BIAS, (annotators, 2))
    marks, slices, numbers = simulated(rng, bias, subjects)
    apart = marks[:, 1] - marks[:, 0]
    truth, variance = bias[1] - bias[0], 2 * (SHIFT**2 + RESIDUAL**2)
    series = SliceSeries.sorted(apart[:, 0], slices, numbers)
    found = limits_of_agreement(series)
    yield "bias: likelihood", found.bias, truth[0]
    yield "upper limit of agreement: likelihood", found.high, truth[0] + REACH * np.sqrt(variance)
    between, within = between_and_within(series, found.components)
    yield "sd between subjects: likelihood", between, np.sqrt(2) * SHIFT
    yield "sd along slices: likelihood", within, np.sqrt(2) * RESIDUAL
    yield "correlation of neighbours: likelihood", precision(series, found.components).phi, PHI
    error = np.sqrt((truth[0] ** 2 + variance) / 2)
    yield "technical error, smallest change: likelihood", found.technical_error, error
    distance = np.linalg.norm(apart, axis=1)
    yield (
        "mean distance: likelihood",
        mean_along_slices(SliceSeries.sorted(distance, slices, numbers))[0],
        mean_distance(truth, variance),
    )
    means = per_subject(numbers, apart[:, 0], apart[:, 0] ** 2, distance)
    for method in (PERCENTILE, BCA, STUDENT):
        of_bias, of_square, of_distance = (by_resampling(means[:, k : k + 1], first, method) for k in range(3))
        yield f"bias: {method}", of_bias, truth[0]
        yield f"technical error: {method}", root_of(scaled(of_square, 0.5)), error
        yield f"mean distance: {method}", of_distance, mean_distance(truth, variance)
        if method != STUDENT:
            upper = by_resampling(means[:, :2], upper_limit, method)
            yield f"upper limit of agreement: {method}", upper, truth[0] + REACH * np.sqrt(variance)
    clustered = clustered_limits(means[:, 0], means[:, 1])
    yield "upper limit over levels: clusters", clustered.high, truth[0] + REACH * np.sqrt(variance)
    yield "technical error over levels: clusters", clustered.technical_error, error
    ellipse = limits_ellipse(series, apart[:, 1])
    for name, axis, scale in (("long", ellipse.long, 1.0), ("short", ellipse.short, FLATTER)):
        yield f"{name} half axis of the ellipse: likelihood", axis, scale * np.sqrt(5.991 * variance)
    yield from of_all_annotators(rng, marks[..., 0], slices, numbers, bias[:, 0])


def of_all_annotators(
    rng: np.random.Generator, marks: np.ndarray, slices: np.ndarray, numbers: np.ndarray, bias: np.ndarray
) -> Iterator[Case]:
    """What marks vary by; the truth is that of annotators drawn at random."""
    spread = annotator_spread(fit_annotators(marks, slices, numbers))
    yield "sd of an annotator in a subject: likelihood", spread.interaction, SHIFT
    yield "sd of a mark along slices: likelihood", spread.residual, RESIDUAL
    means = per_subject(numbers, *marks.T)
    table = means + rng.normal(0, PLACES, len(means))[:, None]
    found = two_way(table)
    yield "sd between subjects' places: mean squares", found.deviation, PLACES
    left = SHIFT**2 + RESIDUAL**2 / 6.6  # a mean of 35 slices that are correlated by 0.7
    yield "ICC(A,1): mean squares", found.correlation, PLACES**2 / (PLACES**2 + BIAS**2 + left)
    if marks.shape[1] < 3:
        return
    yield "sd of annotators' biases: likelihood", spread.annotators, BIAS
    total = np.sqrt(BIAS**2 + SHIFT**2 + RESIDUAL**2)
    yield "reproducibility of any annotators: likelihood", spread.reproducibility, total
    given = np.sqrt(np.var(bias, ddof=1) + SHIFT**2 + RESIDUAL**2)
    of_subjects = per_subject(numbers, marks.var(axis=1, ddof=1))
    by_subjects = root_of(bootstrap_interval(of_subjects, first, SETTINGS))
    yield f"reproducibility of these annotators: {STUDENT}", by_subjects, given


def by_resampling(clusters: np.ndarray, figure, method: str) -> Estimate:
    """The interval of a figure of clusters' means; percentiles, also bias-corrected and accelerated, are the control.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 13 and 14.
    """
    if method == STUDENT:
        return bootstrap_interval(clusters, figure, SETTINGS)
    found, tails = figure(resampled(clusters, SETTINGS).mean(axis=1)), TAILS
    value = float(figure(clusters.mean(axis=0)))
    if method == BCA:
        left_out = figure((clusters.sum(axis=0) - clusters) / (len(clusters) - 1))
        away = left_out.mean() - left_out
        acceleration = np.sum(away**3) / (6 * np.sum(away**2) ** 1.5)
        shift = ndtri(np.clip(np.mean(found < value), 1e-6, 1 - 1e-6))
        reach = shift + ndtri(tails)
        tails = ndtr(shift + reach / (1 - acceleration * reach))
    low, high = np.quantile(found, tails)
    return Estimate(value, float(low), float(high))


def upper_limit(means):
    """The upper limit of agreement of mean and mean square."""
    return means[..., 0] + REACH * np.sqrt(means[..., 1] - means[..., 0] ** 2)


def simulated(rng: np.random.Generator, bias: np.ndarray, subjects: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Errors, (n, annotators, 2), of the places that all marked, with their slices and subjects."""
    annotators = len(bias)
    errors, slices, numbers = [], [], []
    for subject in range(subjects):
        count = int(rng.integers(25, 46))
        noise = rng.normal(0, RESIDUAL, (count, annotators, 2))
        for index in range(1, count):
            noise[index] = PHI * noise[index - 1] + np.sqrt(1 - PHI**2) * noise[index]
        noise = bias + (noise + rng.normal(0, SHIFT, (annotators, 2))) * [1.0, FLATTER]
        there = (rng.random((count, annotators)) >= MISSING).all(axis=1)
        errors.append(noise[there])
        slices.append(np.flatnonzero(there))
        numbers.append(np.full(there.sum(), subject))
    return np.concatenate(errors), np.concatenate(slices), np.concatenate(numbers)


def per_subject(numbers: np.ndarray, *values: np.ndarray) -> np.ndarray:
    """Each subject's means, (subjects, values)."""
    counts = np.bincount(numbers)
    return np.column_stack([np.bincount(numbers, each) / counts for each in values])


def first(means):
    """The first mean itself."""
    return means[..., 0]


def mean_distance(bias: np.ndarray, variance: float) -> float:
    """The mean length of a normal vector about a mean vector, by quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    x = bias[0] + np.sqrt(variance) * nodes[:, None]
    y = bias[1] + FLATTER * np.sqrt(variance) * nodes
    return float(weights @ np.hypot(x, y) @ weights)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
