"""What proposals do to marks: places where they were shown beside places where, on purpose, none was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.figure_of_agreement import AgreementFigure
from SpineRootLib.agreement.level_groups import ALL_LEVELS
from SpineRootLib.agreement.marked_places import MarkedPlaces
from SpineRootLib.agreement.pair_reliability import ComparedPair, CurveDistances
from SpineRootLib.agreement.reliability import Reliability
from SpineRootLib.anatomy import ROOTS
from SpineRootLib.statistics.cluster_bootstrap import bootstrap_interval
from SpineRootLib.statistics.estimate import Estimate
from SpineRootLib.statistics.pull import Pull, pull_of

Array = NDArray[np.float64]


def all_aid_figures(found: Reliability) -> Iterator[AgreementFigure]:
    """What proposals do, of roots pair by pair, then of contours."""
    roots = [each for structure, each in sorted(found.places.items()) if structure.structure == ROOTS]
    for pair in found.pairs:
        yield from aid_figures(pair, roots)
    for pair in (each for each in found.pairs if not each.is_hidden):
        for structure in (each for each in sorted(found.places) if each.is_contour):
            yield from contour_aid_figures(pair, found.places[structure], found.curves(structure))


def aid_figures(pair: ComparedPair, roots: Sequence[MarkedPlaces]) -> Iterator[AgreementFigure]:
    """What proposals do to the marks of two annotators, over all roots: that of unaided marks comes first.

    Parameters
    ----------
    roots : a root's places each.
    """
    own = [each.of(pair.labels) for each in roots]
    both = [each.by_all for each in own]
    told = AgreementFigure(pair.labels, pair.comparison, ROOTS, ALL_LEVELS, None, "distance", "", Estimate(None))
    apart, aided, which, who = _joined(
        [(np.linalg.norm(each.marks[:, 1] - each.marks[:, 0], axis=1), _of_both(each), each.subjects) for each in both]
    )
    yield from _distances(told, apart, aided, who, (0.0,) if pair.is_hidden else (0.0, 1.0))
    if pair.is_hidden:  # nothing is proposed for a second mark
        return
    marks = [
        (each.from_proposal[:, at], each.aided[:, at], each.subjects) for each in own for at in range(len(pair.labels))
    ]
    yield from _told(told, "pull", *_joined(marks))
    yield from _told(told, "pull_together", apart, aided, which, who)


def contour_aid_figures(pair: ComparedPair, places: MarkedPlaces, curves: CurveDistances) -> Iterator[AgreementFigure]:
    """What proposals do to the agreement of two annotators on a contour; how near they come to what was proposed is
    not told, for a contour that nobody took is not kept.

    Parameters
    ----------
    curves : the distances between contours, by labels.
    """
    both = places.of(pair.labels).by_all
    shown = dict(zip(zip(both.subjects.tolist(), both.slices.tolist(), strict=True), _of_both(both), strict=True))
    who, slices, apart = curves.get(pair.labels, (both.subjects[:0], both.slices[:0], np.empty(0)))
    aided = np.array([shown.get(key, np.nan) for key in zip(who.tolist(), slices.tolist(), strict=True)], dtype=float)
    structure = places.structure.structure
    told = AgreementFigure(pair.labels, pair.comparison, structure, None, None, "distance", "", Estimate(None))
    yield from _distances(told, apart, aided, who, (0.0, 1.0))
    yield from _told(told, "pull_together", apart, aided, np.zeros_like(who), who)


def _distances(
    told: AgreementFigure, apart: Array, aided: Array, who: NDArray[np.int64], kinds: Sequence[float]
) -> Iterator[AgreementFigure]:
    """The mean distances of marks that were unaided (0) and aided (1)."""
    for shown in kinds:
        kept, name = aided == shown, "aided_distance" if shown else "unaided_distance"
        counted = replace(told, subjects=len(np.unique(who[kept])), places=int(kept.sum()))
        yield replace(counted, name=name, estimate=_mean_of_subjects(apart[kept], who[kept], bool(shown)))


def _of_both(places: MarkedPlaces) -> Array:
    """1 where both were aided, 0 where neither was, NaN otherwise."""
    one, other = places.aided.T
    return np.where(one == other, one, np.nan)


def _joined(
    parts: Sequence[tuple[Array, Array, NDArray[np.int64]]],
) -> tuple[Array, Array, NDArray[np.int64], NDArray[np.int64]]:
    """Distances, whether aided, the number of the part, and subjects."""
    numbers = np.repeat(np.arange(len(parts)), [len(each[0]) for each in parts])
    distances, aided, subjects = (np.concatenate([each[k] for each in parts] or [np.empty(0)]) for k in range(3))
    return distances, aided, numbers, subjects.astype(np.int64)


def _told(
    told: AgreementFigure,
    name: str,
    distances: Array,
    aided: Array,
    strata: NDArray[np.int64],
    subjects: NDArray[np.int64],
) -> Iterator[AgreementFigure]:
    known = np.isfinite(distances) & np.isfinite(aided)
    unaided = known & (aided == 0.0)
    found = Pull(Estimate.missing("no unaided controls"), None, 0, 0, 0)
    if unaided.any():
        found = pull_of(distances[known], aided[known] == 1.0, strata[known], subjects[known])
    counted = replace(told, subjects=found.subjects, places=found.unaided + found.aided)
    yield replace(counted, name=name, estimate=found.estimate)
    why = "a p value has no interval" if found.p is not None else found.estimate.why_not
    yield replace(counted, name=f"{name}_p", estimate=Estimate(found.p, why_not=why))


def _mean_of_subjects(distances: Array, subjects: NDArray[np.int64], shown: bool) -> Estimate:
    if not len(distances):
        return Estimate.missing("no marks of both that are known to be aided" if shown else "no unaided controls")
    numbers = np.unique(subjects, return_inverse=True)[1]
    means = np.bincount(numbers, distances) / np.bincount(numbers)
    return bootstrap_interval(means[:, None], lambda each: each[..., 0]).within(0.0)
