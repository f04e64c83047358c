"""The figures of two annotations of a structure: distance, bias and limits of agreement, ellipse, coverage."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.figure_of_agreement import (
    BETWEEN,
    MARGINS_MM,
    REPEAT,
    WITH_PROGRAM,
    AgreementFigure,
    equivalence,
)
from SpineRootLib.agreement.marked_places import AXES, MarkedPlaces
from SpineRootLib.agreement.repeat_links import first_of
from SpineRootLib.agreement.structure_figures import FEWEST, StructureFigures
from SpineRootLib.anatomy import GANGLIA
from SpineRootLib.hidden_repeats import is_hidden
from SpineRootLib.statistics.cluster_bootstrap import bootstrap_interval
from SpineRootLib.statistics.ellipse import limits_ellipse
from SpineRootLib.statistics.equivalence import bias_within
from SpineRootLib.statistics.estimate import SAME_MM, Estimate
from SpineRootLib.statistics.limits_of_agreement import between_and_within, limits_of_agreement, mean_along_slices
from SpineRootLib.statistics.slice_series import SliceSeries
from SpineRootLib.statistics.variance_components import Components, precision

Array = NDArray[np.float64]
_THIRDS = ("upper third", "middle third", "lower third")


@dataclass(frozen=True)
class ComparedPair:
    """Two annotations that are compared.

    Parameters
    ----------
    comparison : of two annotators, of one annotator's repeats, or with a program.
    """

    labels: tuple[str, str]
    comparison: str

    @property
    def is_hidden(self) -> bool:
        """Whether it is of an annotator's marks and his second ones of hidden repeats."""
        return is_hidden(self.labels[1])


def compared_pairs(
    pairs: Iterable[tuple[str, str]], repeat_of: Mapping[str, str], programs: Collection[str] = ()
) -> list[ComparedPair]:
    """Pairs of annotations: of one annotator, repeats of one first annotation, it is repeatability, of two people
    reproducibility."""
    found = []
    for a, b in pairs:
        of_people = REPEAT if first_of(repeat_of, a) == first_of(repeat_of, b) else BETWEEN
        found.append(ComparedPair((a, b), WITH_PROGRAM if a in programs or b in programs else of_people))
    return found


# distances between curves, by the two labels: subjects, slices, mm
CurveDistances = Mapping[tuple[str, str], tuple[NDArray[np.int64], NDArray[np.int64], Array]]


def pair_figures(
    pair: ComparedPair, places: MarkedPlaces, curves: CurveDistances, margins: Sequence[float] = MARGINS_MM
) -> Iterator[AgreementFigure]:
    """The figures of two annotations of a structure.

    Parameters
    ----------
    curves : of contours the distance between the curves, by labels.
    margins : mm, within which the bias is tested to lie.
    """
    both = places.of(pair.labels).by_all
    told = StructureFigures(pair.labels, pair.comparison, places.structure, both)
    apart = both.marks[:, 1] - both.marks[:, 0]
    at, slices, distances = both.subjects, both.slices, np.linalg.norm(apart, axis=1)
    if places.structure.is_contour:
        at, slices, distances = curves.get(pair.labels, (at[:0], slices[:0], distances[:0]))
    yield from _distance(told, SliceSeries.sorted(distances, slices, at))
    axes: list[AgreementFigure] = []
    for axis in range(3 if places.structure.structure == GANGLIA else 2):
        series = SliceSeries.sorted(apart[:, axis], both.slices, both.subjects)
        axes += _axis(told, AXES[axis], series, margins)
    yield from axes
    no_limits = [each.estimate.why_not for each in axes if each.name == "limit_low" and each.estimate.value is None]
    yield from _ellipse(told, both, apart[:, :2], no_limits)
    if not pair.is_hidden:  # of which a share alone is asked for
        yield from _coverage(pair, places.of(pair.labels).worked_on)


def _distance(told: StructureFigures, series: SliceSeries) -> Iterator[AgreementFigure]:
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
    yield told.figure("distance", "mean_distance", found.within(0.0), parts.effective)


# along an axis
OF_AXIS = ("bias", "limit_low", "limit_high", "sd", "technical_error", "smallest_change")
_PARTS = ("sd_subjects", "sd_slices", "neighbours")


def _axis(
    told: StructureFigures, axis: str, series: SliceSeries, margins: Sequence[float]
) -> Iterator[AgreementFigure]:
    tests = [equivalence(margin) for margin in margins]
    if why := _nothing_to_fit(series, told.labels):
        yield from told.missing(axis, (*OF_AXIS, *_PARTS, *tests), why)
        return
    found = limits_of_agreement(series)
    parts = found.components
    estimates = (found.bias, found.low, found.high, found.spread, found.technical_error, found.change)
    if _alike(series, parts):
        yield from told.missing(axis, (*OF_AXIS[1:], *_PARTS, *tests), _ALIKE)
        yield told.figure(axis, "bias", Estimate(float(series.values.mean()), why_not=_ALIKE), parts.effective)
        return
    for name, estimate in zip(OF_AXIS, estimates, strict=True):
        yield told.figure(axis, name, _limited(estimate, series), parts.effective)
    between, within = between_and_within(series, parts)
    one = int(series.lengths.max()) == 1
    phi = precision(series, parts).phi if not one else Estimate.missing("one mark a subject")
    within = phi if one else within
    if len(series.starts) == 1:
        between = Estimate.missing("one subject")
    for name, estimate in zip(_PARTS, (between, within, phi), strict=True):
        yield told.figure(axis, name, estimate, parts.effective)
    for margin, name in zip(margins, tests, strict=True):
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
    if len(series.values) < FEWEST:
        return f"fewer than {FEWEST} places"
    if float(np.ptp(series.values)) < SAME_MM:
        return "all differences are the same: nothing varies"
    return ""


_OF_ELLIPSE = ("ellipse_long", "ellipse_short", "ellipse_direction")


def _ellipse(
    told: StructureFigures, places: MarkedPlaces, apart: Array, no_limits: Sequence[str]
) -> Iterator[AgreementFigure]:
    """The ellipse, where its axes have limits of agreement; `no_limits` is why one has none."""
    # places are sorted by subject and slice, and so are series
    x, y = apart.T
    series = SliceSeries.sorted(x, places.slices, places.subjects)
    if len(x) >= FEWEST and min(np.ptp(x), np.ptp(y)) < SAME_MM < max(np.ptp(x), np.ptp(y)):
        no_limits = ["nothing varies along one axis"]
    if no_limits:
        yield from told.missing("slice", _OF_ELLIPSE, no_limits[0])
        return
    found = limits_ellipse(series, y)
    if any(_alike(series, each) for each in found.parts):
        yield from told.missing("slice", _OF_ELLIPSE, _ALIKE)
        return
    effective = min(each.effective for each in found.parts)
    direction = Estimate(found.degrees, why_not="no interval is told of a direction")
    half_axes = (_limited(each, series) for each in (found.long, found.short))
    for name, estimate in zip(_OF_ELLIPSE, (*half_axes, direction), strict=True):
        yield told.figure("slice", name, estimate, effective)


def _coverage(pair: ComparedPair, places: MarkedPlaces) -> Iterator[AgreementFigure]:
    """The share that both marked, over the whole root and by thirds of the slices that anybody marked of it."""
    told = StructureFigures(pair.labels, pair.comparison, places.structure, places)
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
        share = bootstrap_interval(rows, lambda means: means[..., 0] / means[..., 1])
        yield told.figure(name, "marked_by_both", share.within(0.0, 1.0))


def _thirds(places: MarkedPlaces) -> NDArray[np.int64]:
    """In which third of its subject's slices a place lies, (n,)."""
    top = np.full(int(places.subjects.max()) + 1, np.inf)
    bottom = -top
    np.minimum.at(top, places.subjects, places.slices)
    np.maximum.at(bottom, places.subjects, places.slices)
    top, bottom = top[places.subjects], bottom[places.subjects]
    return np.minimum(3 * (places.slices - top) // (bottom - top + 1), 2).astype(np.int64)
