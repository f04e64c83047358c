"""Measures the weighted consensus beside the mean: how far off, and how often its uncertainty holds the truth.

    python Testing/measure/weighted_consensus.py [--studies 50]

One subject, 14 roots on 40 slices, and 14 ganglia alone; errors correlated by 0.7 along the slices, biases of 0.15 mm,
5 % of the marks missing; the truth is anywhere. The intervals are 1.96 standard errors on either side, the common bias
included.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "SpineRootAnnotator"))

from SpineRootLib.statistics.weighted_truth import weighted_truth  # noqa: E402

PHI, BIAS, MISSING, ROOTS, SLICES = 0.7, 0.15, 0.05, 14, 40
GANGLIA = 1  # a slice each
CASES = {
    "0.2, 0.4, 0.8 mm": ((0.2, 0.4, 0.8), (0, 1, 2)),
    "0.3 mm, three alike": ((0.3, 0.3, 0.3), (0, 1, 2)),
    "0.2, 0.6 mm, each twice": ((0.2, 0.2, 0.6, 0.6), (0, 0, 1, 1)),
    "five, 0.2 to 0.6 mm": ((0.2, 0.3, 0.4, 0.5, 0.6), (0, 1, 2, 3, 4)),
}


def main(arguments: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--studies", type=int, default=50)
    parser.add_argument("--first", type=int, default=0, help="the first study's seed")
    options = parser.parse_args(arguments)
    seeds = range(options.first, options.first + options.studies)
    print("annotators: rms error, mm: weighted, mean, with weights that are known; % of places that the interval holds")
    for name, (deviations, who) in CASES.items():
        for slices in (SLICES, GANGLIA):
            found = np.array([study(seed, np.array(deviations), np.array(who), slices) for seed in seeds])
            weighted, mean, best = np.sqrt(found[:, :3].mean(axis=0))
            held, error = 100 * found[:, 3].mean(), 100 * found[:, 3].std() / np.sqrt(len(found))
            where = "ganglia" if slices == GANGLIA else "roots"
            print(f"{name:26} {where:8} {weighted:.3f} {mean:.3f} {best:.3f}   {held:.1f} +- {error:.1f} %", flush=True)
    return 0


def study(seed: int, deviations: np.ndarray, who: np.ndarray, slices_each: int) -> tuple[float, float, float, float]:
    """Mean squared errors of the three consensuses, and the share of places that the interval holds."""
    rng, count = np.random.default_rng([seed, len(who)]), len(who)
    errors = rng.normal(size=(ROOTS, slices_each, count))
    for index in range(1, slices_each):
        errors[:, index] = PHI * errors[:, index - 1] + np.sqrt(1 - PHI**2) * errors[:, index]
    biases = rng.normal(0, BIAS, who.max() + 1)
    truth = rng.normal(0, 3, ROOTS * slices_each)
    marks = truth[:, None] + biases[who] + errors.reshape(-1, count) * deviations
    marks[rng.random(marks.shape) < MISSING] = np.nan
    kept = np.isfinite(marks).any(axis=1)
    marks, truth = marks[kept], truth[kept]
    slices, series = np.tile(np.arange(slices_each), ROOTS)[kept], np.repeat(np.arange(ROOTS), slices_each)[kept]
    found = weighted_truth(marks, slices, series, who)
    off = found.values - truth
    weights = np.where(np.isfinite(marks), 1 / deviations**2, 0.0)
    best = (
        np.nansum(weights * (np.nan_to_num(marks) - biases[who]), axis=1) / weights.sum(axis=1) + biases.mean() - truth
    )
    held = np.abs(off) <= 1.96 * np.sqrt(found.variances)
    mean = np.nanmean(marks, axis=1) - truth
    return float(np.mean(off**2)), float(np.mean(mean**2)), float(np.mean(best**2)), float(held.mean())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
