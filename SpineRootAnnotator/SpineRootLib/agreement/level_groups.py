"""The figures of two annotations over the roots of several levels together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.figure_of_agreement import MARGINS_MM, AgreementFigure, equivalence
from SpineRootLib.agreement.marked_places import AXES, MarkedPlaces
from SpineRootLib.agreement.pair_reliability import OF_AXIS, ComparedPair
from SpineRootLib.anatomy import ROOTS
from SpineRootLib.place import Place
from SpineRootLib.statistics.cluster_bootstrap import bootstrap_interval
from SpineRootLib.statistics.clustered_limits import FEWEST_CLUSTERS, clustered_limits, standard_error_of
from SpineRootLib.statistics.equivalence import equivalent_within
from SpineRootLib.statistics.estimate import Estimate

Array = NDArray[np.float64]
ALL_LEVELS = "all levels"
# groups of levels as they are told of, and the letters that their levels begin with
LEVEL_GROUPS = {ALL_LEVELS: "TLS", "thoracic": "T", "lumbar": "L", "sacral": "S"}
_OF_ROOTS = "one subject: the interval is that of its roots"
_TOO_FEW_ROOTS = "one subject, of which too few roots differ for an interval"


def level_figures(
    pair: ComparedPair, places: Mapping[Place, MarkedPlaces], margins: Sequence[float] = MARGINS_MM
) -> Iterator[AgreementFigure]:
    """The figures of every group of levels of which both marked something."""
    for name, letters in LEVEL_GROUPS.items():
        chosen = [each for structure, each in sorted(places.items()) if _is_in(structure, letters)]
        roots = [each.of(pair.labels).by_all for each in chosen]
        if sum(len(each.subjects) for each in roots):
            yield from _group_figures(pair, name, roots, margins)


def _is_in(structure: Place, letters: str) -> bool:
    return structure.structure == ROOTS and structure.root is not None and structure.root.segment[0] in letters


def _group_figures(
    pair: ComparedPair, name: str, roots: Sequence[MarkedPlaces], margins: Sequence[float]
) -> Iterator[AgreementFigure]:
    """Mean distance, bias, limits and errors over several roots; every subject counts alike, and so do its slices. Of
    one subject its roots count alike."""
    subjects = np.concatenate([each.subjects for each in roots])
    apart = np.concatenate([each.marks[:, 1] - each.marks[:, 0] for each in roots])
    of_one = len(np.unique(subjects)) == 1
    clusters = np.repeat(np.arange(len(roots)), [len(each.subjects) for each in roots]) if of_one else subjects
    numbers = np.unique(clusters, return_inverse=True)[1]
    counts = np.bincount(numbers)
    told = AgreementFigure(pair.labels, pair.comparison, ROOTS, name, None, "distance", "mean_distance", Estimate(None))
    told = replace(told, subjects=len(np.unique(subjects)), places=len(subjects), effective=float(len(counts)))

    def means(values: Array) -> Array:
        return np.asarray(np.bincount(numbers, weights=values) / counts)

    def figure(axis: str, figure_name: str, estimate: Estimate) -> AgreementFigure:
        if of_one:
            estimate = replace(estimate, why_not=_TOO_FEW_ROOTS if estimate.low is None else _OF_ROOTS)
        return replace(told, axis=axis, name=figure_name, estimate=estimate)

    lengths = means(np.linalg.norm(apart, axis=1))
    length = bootstrap_interval(lengths[:, None], lambda each: each[..., 0])
    yield figure("distance", "mean_distance", length.within(0.0))
    for at in range(2):
        found = clustered_limits(means(apart[:, at]), means(apart[:, at] ** 2))
        estimates = found.bias, found.low, found.high, found.spread, found.technical_error, found.change
        for figure_name, estimate in zip(OF_AXIS, estimates, strict=True):
            yield figure(AXES[at], figure_name, estimate)
        for margin in margins:
            test = _equivalent(means(apart[:, at]), margin, found.bias.why_not)
            yield replace(told, axis=AXES[at], name=equivalence(margin), estimate=test)


def _equivalent(means: Array, margin: float, why_not: str) -> Estimate:
    """The p value that a bias is not within a margin, from clusters with one value each."""
    if len(means) < FEWEST_CLUSTERS:
        return Estimate.missing(why_not)
    p = equivalent_within(float(means.mean()), standard_error_of(means), len(means) - 1, margin).p
    return Estimate(p, why_not="a p value has no interval")
