"""How reliable marks are: figures of agreement with their intervals, of one subject or of a cohort."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.figure_of_agreement import BETWEEN, REPEAT, AgreementFigure
from SpineRootLib.agreement.marked_places import AXES, MarkedPlaces
from SpineRootLib.agreement.raters import CONSENSUS, TRUTH
from SpineRootLib.anatomy import GANGLIA
from SpineRootLib.place import Place
from SpineRootLib.statistics.cluster_bootstrap import bootstrap_interval
from SpineRootLib.statistics.ellipse import limits_ellipse
from SpineRootLib.statistics.equivalence import bias_within
from SpineRootLib.statistics.estimate import Estimate
from SpineRootLib.statistics.intraclass import two_way
from SpineRootLib.statistics.limits_of_agreement import (
    between_and_within,
    limits_of_agreement,
    mean_along_slices,
    reproducibility,
)
from SpineRootLib.statistics.slice_series import SliceSeries
from SpineRootLib.statistics.variance_components import AnnotatorComponents, Components, fit_annotators

Array = NDArray[np.float64]
# mm; the larger is the width of a common paddle lead (Liu et al. 2024)
MARGINS_MM = (2, 10)
# places of which a fit tells more than its own form
_FEWEST = 3
_THIRDS = ("upper third", "middle third", "lower third")


@dataclass(frozen=True)
class ComparedPair:
    """Two annotations that are compared.

    Parameters
    ----------
    comparison : of two annotators, or of one annotator's repeats.
    """

    labels: tuple[str, str]
    comparison: str


def compared_pairs(pairs: Iterable[tuple[str, str]], repeat_of: Mapping[str, str]) -> list[ComparedPair]:
    """Pairs of annotations: of one annotator it is repeatability, of two reproducibility."""
    return [ComparedPair((a, b), REPEAT if repeat_of.get(a, a) == repeat_of.get(b, b) else BETWEEN) for a, b in pairs]


def first_annotations(labels: Iterable[str], repeat_of: Mapping[str, str]) -> list[str]:
    """Each annotator's first annotation; a consensus and a truth are nobody's."""
    return [label for label in labels if label not in repeat_of and label not in (CONSENSUS, TRUTH)]


# distances between curves, by the two labels: subjects, slices, mm
CurveDistances = Mapping[tuple[str, str], tuple[NDArray[np.int64], NDArray[np.int64], Array]]


def pair_figures(pair: ComparedPair, places: MarkedPlaces, curves: CurveDistances) -> Iterator[AgreementFigure]:
    """The figures of two annotations of a structure.

    Parameters
    ----------
    curves : of contours the distance between the curves, by labels.
    """
    both = places.of(pair.labels).by_all
    told = _Told(pair.labels, pair.comparison, places.structure, both)
    apart = both.marks[:, 1] - both.marks[:, 0]
    at, slices, distances = both.subjects, both.slices, np.linalg.norm(apart, axis=1)
    if places.structure.is_contour:
        at, slices, distances = curves.get(pair.labels, (at[:0], slices[:0], distances[:0]))
    yield from _distance(told, SliceSeries.sorted(distances, slices, at))
    for axis in range(3 if places.structure.structure == GANGLIA else 2):
        yield from _axis(told, AXES[axis], SliceSeries.sorted(apart[:, axis], both.slices, both.subjects))
    yield from _ellipse(told, both, apart[:, :2])
    yield from _coverage(pair, places.of(pair.labels).worked_on)


def common_figures(labels: Sequence[str], places: MarkedPlaces) -> Iterator[AgreementFigure]:
    """The figures of all annotators together, of the places that all of them marked; repeats are left out."""
    both = places.of(labels).by_all
    told = _Told(tuple(labels), BETWEEN, places.structure, both)
    for axis in range(3 if places.structure.structure == GANGLIA else 2):
        yield from _components(told, both, axis)
        if axis < 2:
            yield told.figure(AXES[axis], "icc", _correlation(both, axis))


@dataclass(frozen=True)
class _Told:
    """What every figure of a structure is told with."""

    labels: tuple[str, ...]
    comparison: str
    structure: Place
    places: MarkedPlaces

    def figure(
        self, axis: str | None, name: str, estimate: Estimate, effective: float | None = None
    ) -> AgreementFigure:
        """A figure of it."""
        place, root = self.structure, self.structure.root
        segment, side = (root.segment, root.side) if root else (None, None)
        subjects, count = len(np.unique(self.places.subjects)), len(self.places.subjects)
        named = AgreementFigure(self.labels, self.comparison, place.structure, segment, side, axis, name, estimate)
        return replace(named, subjects=subjects, places=count, effective=effective)

    def missing(self, axis: str | None, names: Sequence[str], why: str) -> Iterator[AgreementFigure]:
        """Figures that cannot be told."""
        return (self.figure(axis, name, Estimate.missing(why)) for name in names)


def _distance(told: _Told, series: SliceSeries) -> Iterator[AgreementFigure]:
    if why := _nothing_to_fit(series, told.labels):
        value = float(series.means.mean()) if len(series.values) else None
        yield told.figure("distance", "mean_distance", Estimate(value, why_not=why))
        return
    by_slices, parts = mean_along_slices(series)
    found = bootstrap_interval(series.means[:, None], lambda means: means[..., 0])
    if found.low is None:
        found = by_slices
    if _alike(series, parts):
        found = Estimate(float(series.values.mean()), why_not=_ALIKE)
    yield told.figure("distance", "mean_distance", found, parts.effective)


_AXIS = ("bias", "limit_low", "limit_high", "sd", "technical_error", "smallest_change")
_PARTS = ("sd_subjects", "sd_slices", "neighbours")


def _axis(told: _Told, axis: str, series: SliceSeries) -> Iterator[AgreementFigure]:
    tests = [f"equivalent_{margin}mm" for margin in MARGINS_MM]
    if why := _nothing_to_fit(series, told.labels):
        yield from told.missing(axis, (*_AXIS, *_PARTS, *tests), why)
        return
    found = limits_of_agreement(series)
    parts = found.components
    estimates = (found.bias, found.low, found.high, found.spread, found.technical_error, found.change)
    if _alike(series, parts):
        yield from told.missing(axis, (*_AXIS[1:], *_PARTS, *tests), _ALIKE)
        yield told.figure(axis, "bias", Estimate(float(series.values.mean()), why_not=_ALIKE), parts.effective)
        return
    for name, estimate in zip(_AXIS, estimates, strict=True):
        yield told.figure(axis, name, _limited(estimate, series), parts.effective)
    between, within = between_and_within(series, parts)
    phi = Estimate(parts.phi, why_not="its interval would hold too seldom with few subjects")
    if int(series.lengths.max()) == 1:
        within = phi = Estimate.missing("one mark a subject")
    if len(series.starts) == 1:
        between = Estimate.missing("one subject")
    for name, estimate in zip(_PARTS, (between, within, phi), strict=True):
        yield told.figure(axis, name, estimate, parts.effective)
    for margin, name in zip(MARGINS_MM, tests, strict=True):
        p = bias_within(parts, margin).p
        yield told.figure(axis, name, Estimate(p, why_not="a p value has no interval"), parts.effective)


_ALIKE = "one subject, whose slices resemble each other: fewer than two independent ones"


def _alike(series: SliceSeries, parts: Components) -> bool:
    """Whether nothing can be said, as the only subject's slices tell as much as a single one."""
    return len(series.starts) == 1 and min(parts.effective, series.effective_number_of_squares(parts.phi)) < 2


def _limited(estimate: Estimate, series: SliceSeries) -> Estimate:
    """Says where an interval rests on one subject only."""
    if len(series.starts) > 1:
        return estimate
    return Estimate(*estimate.ends, estimate.method, "one subject: the interval is that of its slices")


def _nothing_to_fit(series: SliceSeries, labels: Sequence[str]) -> str:
    """Why there is nothing to tell, if so."""
    if not len(series.values):
        return f"no place that {' and '.join(labels)} marked"
    if len(series.values) < _FEWEST:
        return f"fewer than {_FEWEST} places"
    if float(np.ptp(series.values)) < _SAME_MM:
        return "all differences are the same: nothing varies"
    return ""


# mm: rounding of files
_SAME_MM = 1e-9


def _ellipse(told: _Told, places: MarkedPlaces, apart: Array) -> Iterator[AgreementFigure]:
    # places are sorted by subject and slice, and so are series
    x, y = apart.T
    series = SliceSeries.sorted(x, places.slices, places.subjects)
    if len(x) < _FEWEST or min(np.ptp(x), np.ptp(y)) < _SAME_MM:
        why = _nothing_to_fit(series, told.labels) or "nothing varies along one axis"
        yield from told.missing("slice", ("ellipse_long", "ellipse_short", "ellipse_direction"), why)
        return
    found = limits_ellipse(series, y)
    direction = Estimate(found.degrees, why_not="no interval is told of a direction")
    for name, estimate in (("long", found.long), ("short", found.short), ("direction", direction)):
        yield told.figure("slice", f"ellipse_{name}", estimate)


def _coverage(pair: ComparedPair, places: MarkedPlaces) -> Iterator[AgreementFigure]:
    """The share that both marked, over the whole root and by thirds of the slices that anybody marked of it."""
    told = _Told(pair.labels, pair.comparison, places.structure, places)
    both = np.asarray(places.there.all(axis=1))
    parts: list[tuple[str, NDArray[np.bool_]]] = [("all places", np.ones(len(both), dtype=bool))]
    if places.structure.structure != GANGLIA and len(both):
        third = _thirds(places)
        parts += [(name, third == number) for number, name in enumerate(_THIRDS)]
    for name, there in parts:
        if not there.any():
            yield told.figure(
                name, "marked_by_both", Estimate.missing("nobody marked it in a subject that both worked on")
            )
            continue
        counts = np.bincount(places.subjects[there]).astype(float)
        shared = np.bincount(places.subjects[there], weights=both[there].astype(float))
        rows = np.column_stack([shared, counts])[counts > 0]
        yield told.figure(name, "marked_by_both", bootstrap_interval(rows, lambda means: means[..., 0] / means[..., 1]))


def _thirds(places: MarkedPlaces) -> NDArray[np.int64]:
    """In which third of its subject's slices a place lies, (n,)."""
    top = np.full(int(places.subjects.max()) + 1, np.inf)
    bottom = -top
    np.minimum.at(top, places.subjects, places.slices)
    np.maximum.at(bottom, places.subjects, places.slices)
    top, bottom = top[places.subjects], bottom[places.subjects]
    return np.minimum(3 * (places.slices - top) // (bottom - top + 1), 2).astype(np.int64)


_COMPONENTS = ("sd_annotators", "sd_interaction", "sd_residual", "reproducibility")


def _components(told: _Told, places: MarkedPlaces, axis: int) -> Iterator[AgreementFigure]:
    marks = places.marks[..., axis]
    if len(marks) < _FEWEST or marks.shape[1] < 2:
        yield from told.missing(AXES[axis], _COMPONENTS, f"fewer than {_FEWEST} places that all marked")
        return
    if float(np.ptp(marks - marks.mean(axis=1, keepdims=True), axis=0).max()) < _SAME_MM:
        yield from told.missing(AXES[axis], _COMPONENTS, "all differences are the same: nothing varies")
        return
    parts = fit_annotators(marks, places.slices, places.subjects)
    for name, estimate in zip(_COMPONENTS, _of_components(parts, told.structure), strict=True):
        yield told.figure(AXES[axis], name, estimate, parts.subjects * parts.effective)


def _of_components(parts: AnnotatorComponents, structure: Place) -> Iterator[Estimate]:
    few = "two annotators only: their bias stands in the row of the pair" if parts.annotators < 3 else ""
    yield Estimate.missing(few) if few else Estimate(math.sqrt(parts.annotator), why_not="see reproducibility")
    one = "one subject: no interaction can be told" if parts.subjects < 2 else ""
    if structure.structure == GANGLIA:
        one = one or "one mark a subject: part of sd_residual"
    yield Estimate.missing(one) if one else Estimate(math.sqrt(parts.interaction), why_not="see reproducibility")
    yield Estimate(math.sqrt(parts.residual), why_not="see reproducibility")
    if few:
        yield Estimate.missing("two annotators only: see their technical_error")
    else:
        yield reproducibility(parts)


def _correlation(places: MarkedPlaces, axis: int) -> Estimate:
    """ICC(A,1) of a root's mean place in the slice, from the dura's centre: it compares what annotators differ by with
    what subjects differ by."""
    known = ~np.isnan(places.from_dura[:, axis])
    if not known.any() or places.structure.is_contour:
        return Estimate.missing("no dura to tell a subject's place by")
    values = places.from_dura[known, axis, None] + places.marks[known, :, axis]
    values = values - places.marks[known, :, axis].mean(axis=1, keepdims=True)
    table = _per_subject(places.subjects[known], *values.T)
    try:
        return two_way(table).correlation
    except ValueError as error:
        return Estimate.missing(str(error))


def _per_subject(subjects: NDArray[np.int64], *values: Array) -> Array:
    """Each subject's means, (subjects, values)."""
    numbers = np.unique(subjects, return_inverse=True)[1]
    counts = np.bincount(numbers)
    return np.column_stack([np.bincount(numbers, weights=each) / counts for each in values])


@dataclass
class Reliability:
    """What figures of agreement are made from.

    Parameters
    ----------
    pairs : what is compared.
    different : the annotators who are told of together, each with one annotation.
    places : all marks, structure by structure.
    """

    pairs: Sequence[ComparedPair]
    different: Sequence[str]
    places: Mapping[Place, MarkedPlaces]
    _curves: dict[Place, dict[tuple[str, str], list[tuple[int, int, float]]]] = field(default_factory=dict)

    def put_curve(self, a: str, b: str, structure: Place, at: tuple[int, int, float]) -> None:
        """Add a distance of two contours: number of the subject, slice, mm."""
        self._curves.setdefault(structure, {}).setdefault((a, b), []).append(at)

    def curves(self, structure: Place) -> CurveDistances:
        """The distances between contours of a structure."""
        found = {}
        for labels, rows in self._curves.get(structure, {}).items():
            subjects, slices, distances = np.array(rows).T
            found[labels] = subjects.astype(np.int64), slices.astype(np.int64), distances
        return found


def figures_of(found: Reliability) -> Iterator[AgreementFigure]:
    """All figures, pair by pair, then those of all annotators together; structure by structure."""
    structures = sorted(found.places)
    for pair in found.pairs:
        for structure in structures:
            yield from pair_figures(pair, found.places[structure], found.curves(structure))
    if len(found.different) > 1:
        for structure in structures:
            yield from common_figures(found.different, found.places[structure])
