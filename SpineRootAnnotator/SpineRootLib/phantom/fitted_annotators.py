"""Simulated annotators that differ as real ones do: fitted to what a comparison of annotators left."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.marked_places import MarkedPlaces
from SpineRootLib.agreement.reliability import first_annotations
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, ROOTS, segment_level
from SpineRootLib.cohort.reliability import CohortMarks, read_cohort
from SpineRootLib.errors import DatasetError
from SpineRootLib.phantom.settings import AnnotatorSettings

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FitSettings:
    """How annotators are fitted.

    Parameters
    ----------
    lags : slices over which the correlation of errors is followed; two thirds of a short root.
    lengths : over how many slices the slow error may change; tried one by one.
    contour_share : mean distance of two drawn contours relative to the root of their two squared jitters: of control
        points as dense as the phantom's, found by simulation (0.86 at 0.05 mm, 0.73 at 0.12, 0.68 at 0.3).
    fewest : places that all annotators marked.
    """

    lags: int = 12
    lengths: tuple[float, ...] = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 14.0, 20.0)
    contour_share: float = 0.72
    fewest: int = 30


@dataclass(frozen=True)
class FittedAnnotator:
    """A model of an annotator.

    Parameters
    ----------
    swaps : how often a subject's neighbouring roots are confused, on the average; None where nobody looked.
    """

    label: str
    settings: AnnotatorSettings
    swaps: float | None = 0.0

    def of_subject(self, seed: int) -> AnnotatorSettings:
        """The settings for one subject, with as many confusions as chance has it; the same for the same seed."""
        rng = np.random.default_rng([seed, 11, *self.label.encode()])
        return replace(self.settings, swaps=int(rng.poisson(self.swaps or 0.0)))

    def __str__(self) -> str:
        found = self.settings
        jitter, drift = (" to ".join(f"{each:.2f}" for each in pair) for pair in (found.jitter_mm, found.drift_mm))
        bias = ", ".join(f"{each:+.2f}" for each in found.bias_mm)
        swaps = "no exchanges, for which nobody looked"
        if self.swaps is not None:
            swaps = f"{self.swaps:.1f} exchanges a subject"
        return (
            f"{self.label}: bias {bias} mm, jitter {jitter}, drift {drift} over {found.drift_slices:g} slices, "
            f"ganglia {found.ganglion_mm:.2f}, contours {found.contour_mm:.2f}, missed {100 * found.missed:.1f} %, "
            f"{swaps}"
        )


def fit_annotators_like(agreement: Path, settings: FitSettings | None = None) -> list[FittedAnnotator]:
    """Models of the annotators of a cohort or of one subject.

    What all annotators share cannot be told from the truth: biases are from their mean, and of two annotators each
    has half of the variance of their difference.

    Parameters
    ----------
    agreement : ``derivatives/agreement``, or the folder that `spineroot compare` wrote to.

    Raises
    ------
    DatasetError
        if there is no table of marks, or fewer than two annotators have enough places in common.
    """
    settings = settings or FitSettings()
    cohort = read_cohort(agreement)
    labels = first_annotations(sorted(cohort.columns.labels), cohort.repeat_of, cohort.programs)
    places = [each.of(labels) for each in cohort.columns.places().values()]
    roots = [each for each in places if each.structure.structure == ROOTS]
    shared = [each.by_all for each in roots]
    if len(labels) < 2 or sum(len(each.slices) for each in shared) < settings.fewest:
        fault = f"holds fewer than {settings.fewest} places of roots that two or more annotators all marked"
        raise DatasetError(fault, agreement)
    marks = np.concatenate([each.marks[..., :2] for each in shared])
    bias = (marks - marks.mean(axis=1, keepdims=True)).mean(axis=0)
    along = _Along.fitted(shared, bias, settings)
    ganglia = [each.by_all.marks for each in places if each.structure.structure == GANGLIA]
    of_ganglia = _spread(np.concatenate(ganglia)) if ganglia else np.full(len(labels), AnnotatorSettings.ganglion_mm)
    contours = _of_pairs(labels, _contour_squares(cohort, settings))
    swaps = _of_pairs(labels, _exchange_rates(cohort))
    worked = [each.worked_on.there for each in roots]
    missed = 1 - np.concatenate(worked).mean(axis=0)
    usual = AnnotatorSettings()
    return [
        FittedAnnotator(
            label,
            replace(
                usual,
                bias_mm=(float(bias[at, 0]), float(bias[at, 1])),
                jitter_mm=along.jitter[at],
                drift_mm=along.drift[at],
                drift_slices=along.length[at],
                ganglion_mm=float(of_ganglia[at]),
                contour_mm=usual.contour_mm if contours is None else math.sqrt(max(contours[at], 0.0)),
                missed=float(missed[at]),
            ),
            None if swaps is None else max(swaps[at], 0.0),
        )
        for at, label in enumerate(labels)
    ]


@dataclass(frozen=True)
class _Along:
    """By annotator the errors along roots: standard deviations at the first and at the last level, and slices."""

    jitter: list[tuple[float, float]]
    drift: list[tuple[float, float]]
    length: list[float]

    @classmethod
    def fitted(cls, roots: Sequence[MarkedPlaces], bias: Array, settings: FitSettings) -> _Along:
        """Least squares: the autocovariance at lag h is ``jitter² [h = 0] + drift² exp(-h² / length²)``."""
        levels = sorted({each.structure.root.segment for each in roots if each.structure.root}, key=segment_level)
        by_level = np.zeros((len(levels), settings.lags + 1, bias.shape[0]))
        counts = np.zeros((len(levels), settings.lags + 1))
        for each in roots:
            assert each.structure.root is not None
            at = levels.index(each.structure.root.segment)
            products, pairs = _products(each, bias, settings.lags)
            by_level[at] += products
            counts[at] += pairs
        each_own = _unmixed(by_level.sum(axis=0) / np.maximum(counts.sum(axis=0), 1)[:, None])
        shares = np.linspace(0, 1, len(levels)) if len(levels) > 1 else np.zeros(1)
        found = cls([], [], [])
        for who in range(bias.shape[0]):
            length = min(settings.lengths, key=lambda tried: _fit(each_own[:, who], counts.sum(axis=0), tried)[2])
            parts = []
            for at in range(len(levels)):
                own = _unmixed(by_level[at] / np.maximum(counts[at], 1)[:, None])[:, who]
                parts.append(_fit(own, counts[at], length)[:2])
            weights = np.sqrt(counts[:, 0])
            found.jitter.append(_line(shares, np.array([each[0] for each in parts]), weights))
            found.drift.append(_line(shares, np.array([each[1] for each in parts]), weights))
            found.length.append(length)
        return found


def _products(places: MarkedPlaces, bias: Array, lags: int) -> tuple[Array, Array]:
    """Sums of products of errors that lie 0 to `lags` slices apart, (lags + 1, k), and of how many each is."""
    marks = places.marks[..., :2]
    away = marks - marks.mean(axis=1, keepdims=True) - bias
    where = {(int(s), int(n)): row for row, (s, n) in enumerate(zip(places.subjects, places.slices, strict=True))}
    sums, counts = np.zeros((lags + 1, marks.shape[1])), np.zeros(lags + 1)
    for lag in range(lags + 1):
        pairs = [(row, where[s, n + lag]) for (s, n), row in where.items() if (s, n + lag) in where]
        if pairs:
            one, other = np.array(pairs).T
            sums[lag] = (away[one] * away[other]).mean(axis=2).sum(axis=0)
            counts[lag] = len(pairs)
    return sums, counts


def _unmixed(mixed: Array) -> Array:
    """Each annotator's own covariances, (..., k), from those of departures from the mean of all.

    Such a departure's is ``(1 - 2/k) own + (sum of all own) / k²``; where that does not tell them apart, as of two
    annotators, the smallest solution has them alike.
    """
    count = mixed.shape[-1]
    system = (1 - 2 / count) * np.eye(count) + 1 / count**2
    return np.asarray(mixed @ np.linalg.pinv(system).T)


def _fit(own: Array, counts: Array, length: float) -> tuple[float, float, float]:
    """Jitter, drift and what is left, of one annotator's autocovariance."""
    lags, weights = np.arange(len(own)), counts[1:]
    shape = np.exp(-((lags / length) ** 2))
    below = float(np.sum(weights * shape[1:] ** 2))
    drift = max(float(np.sum(weights * shape[1:] * own[1:])) / below, 0.0) if below > 0 else 0.0
    drift = min(drift, max(float(own[0]), 0.0))
    left = float(np.sum(weights * (own[1:] - drift * shape[1:]) ** 2))
    return math.sqrt(max(float(own[0]) - drift, 0.0)), math.sqrt(drift), left


def _line(shares: Array, values: Array, weights: Array) -> tuple[float, float]:
    """The ends of the line through values of levels."""
    if len(shares) < 2:
        return float(values[0]), float(values[0])
    slope, start = np.polyfit(shares, values, 1, w=weights)
    return max(float(start), 0.0), max(float(start + slope), 0.0)


def _spread(marks: Array) -> Array:
    """Each annotator's standard deviation per coordinate, (k,), of marks (n, k, 3)."""
    away = marks - marks.mean(axis=1, keepdims=True)
    away = away - away.mean(axis=0)
    return np.asarray(np.sqrt(np.maximum(_unmixed((away**2).mean(axis=(0, 2))), 0.0)))


def _contour_squares(cohort: CohortMarks, settings: FitSettings) -> dict[tuple[str, str], float]:
    """Of each two annotators the sum of their squared jitters of contours."""
    distances: dict[tuple[str, str], list[float]] = {}
    for a, b, structure, (_subject, _slice, distance) in cohort.curves:
        if structure.structure in CONTOUR_STRUCTURES:
            distances.setdefault((a, b), []).append(distance)
    return {pair: float(np.mean(each) / settings.contour_share) ** 2 for pair, each in distances.items()}


def _exchange_rates(cohort: CohortMarks) -> dict[tuple[str, str], float]:
    """Of each two annotators how many exchanges a subject has in whom they were looked for."""
    searched = {pair: subjects & cohort.searched for pair, subjects in cohort.compared.items()}
    return {
        pair: len(cohort.exchanged.get(pair, ())) / len(subjects) for pair, subjects in searched.items() if subjects
    }


def _of_pairs(labels: Sequence[str], sums: Mapping[tuple[str, str], float]) -> Array | None:
    """What of each annotator adds up to what is known of pairs; None where nothing is known of theirs."""
    known = {pair: value for pair, value in sums.items() if set(pair) <= set(labels)}
    if not known:
        return None
    rows = np.array([[float(label in pair) for label in labels] for pair in known])
    return np.asarray(np.linalg.pinv(rows) @ np.array(list(known.values())))
