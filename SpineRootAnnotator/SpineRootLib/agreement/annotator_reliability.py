"""The figures of all annotators of a structure together: what a mark varies by, and ICC."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.figure_of_agreement import BETWEEN, AgreementFigure
from SpineRootLib.agreement.marked_places import AXES, MarkedPlaces
from SpineRootLib.agreement.structure_figures import FEWEST, StructureFigures
from SpineRootLib.anatomy import GANGLIA
from SpineRootLib.statistics.annotator_spread import annotator_spread
from SpineRootLib.statistics.estimate import SAME_MM, Estimate
from SpineRootLib.statistics.intraclass import two_way
from SpineRootLib.statistics.variance_components import fit_annotators

Array = NDArray[np.float64]


def common_figures(labels: Sequence[str], places: MarkedPlaces) -> Iterator[AgreementFigure]:
    """The figures of all annotators together, of the places that all of them marked; repeats are left out."""
    both = places.of(labels).by_all
    told = StructureFigures(tuple(labels), BETWEEN, places.structure, both)
    for axis in range(3 if places.structure.structure == GANGLIA else 2):
        yield from _components(told, both, axis)
        if axis < 2:
            between, correlation = _correlation(both, axis)
            yield told.figure(AXES[axis], "sd_places", between)
            yield told.figure(AXES[axis], "icc", correlation)


_COMPONENTS = ("sd_annotators", "sd_interaction", "sd_residual", "reproducibility")


def _components(told: StructureFigures, places: MarkedPlaces, axis: int) -> Iterator[AgreementFigure]:
    marks = places.marks[..., axis]
    if len(marks) < FEWEST or marks.shape[1] < 2:
        yield from told.missing(AXES[axis], _COMPONENTS, f"fewer than {FEWEST} places that all marked")
        return
    if float(np.ptp(marks - marks.mean(axis=1, keepdims=True), axis=0).max()) < SAME_MM:
        yield from told.missing(AXES[axis], _COMPONENTS, "all differences are the same: nothing varies")
        return
    parts = fit_annotators(marks, places.slices, places.subjects)
    spread = annotator_spread(parts)
    interaction = spread.interaction
    if told.structure.structure == GANGLIA and interaction.value is not None:
        interaction = Estimate.missing("one mark a subject: part of sd_residual")
    estimates = spread.annotators, interaction, spread.residual, spread.reproducibility
    for name, estimate in zip(_COMPONENTS, estimates, strict=True):
        yield told.figure(AXES[axis], name, estimate, parts.subjects * parts.effective)


def _correlation(places: MarkedPlaces, axis: int) -> tuple[Estimate, Estimate]:
    """The standard deviation between subjects of a root's mean place in the slice, from the dura's centre; and
    ICC(A,1), which compares what annotators differ by with it."""
    known = ~np.isnan(places.from_dura[:, axis])
    if not known.any() or places.structure.is_contour:
        why = "no dura to tell a subject's place by" if not places.structure.is_contour else "of roots alone"
        return Estimate.missing(why), Estimate.missing(why)
    values = places.from_dura[known, axis, None] + places.marks[known, :, axis]
    values = values - places.marks[known, :, axis].mean(axis=1, keepdims=True)
    table = _per_subject(places.subjects[known], *values.T)
    try:
        found = two_way(table)
    except ValueError as error:
        return Estimate.missing(str(error)), Estimate.missing(str(error))
    return found.deviation, found.correlation


def _per_subject(subjects: NDArray[np.int64], *values: Array) -> Array:
    """Each subject's means, (subjects, values)."""
    numbers = np.unique(subjects, return_inverse=True)[1]
    counts = np.bincount(numbers)
    return np.column_stack([np.bincount(numbers, weights=each) / counts for each in values])
