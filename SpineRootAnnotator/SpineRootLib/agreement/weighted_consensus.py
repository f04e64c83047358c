"""The consensus in which each annotator counts as much as his marks are exact."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.marked_places import MarkColumns, MarkedPlaces, deviations, repeats
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, STRUCTURES
from SpineRootLib.curves import closed_curve, signed_area
from SpineRootLib.frames import Points
from SpineRootLib.place import Place
from SpineRootLib.statistics.weighted_truth import WeightedTruth, weighted_truth

Array = NDArray[np.float64]
# of contours the radius of the circle of the same area
_RADIUS = 2


@dataclass(frozen=True, eq=False)
class AnnotatorWeights:
    """What was estimated of the annotators.

    Parameters
    ----------
    shifts : by place of a root or a ganglion, (3,) mm RAS from the mean of its marks to the estimate.
    uncertainty : by place, mm: standard error of the estimate along any direction in the slice, of a contour across
        the curve.
    weights : by structure and annotator; of contours alone, whose points are averaged with them.
    annotators : by structure and annotator, what the sidecar says.
    """

    shifts: dict[Place, Array] = field(default_factory=dict)
    uncertainty: dict[Place, float] = field(default_factory=dict)
    weights: dict[str, dict[str, float]] = field(default_factory=dict)
    annotators: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def point(self, place: Place, said: Sequence[Points]) -> Points:
        """The agreed point, (1, 3), of a root or a ganglion."""
        return np.asarray(np.mean(said, axis=0) + self.shifts[place])

    def of_contours(self, structure: str, labels: Iterable[str]) -> Array:
        """The weights, (k,), of annotators who drew a contour; they sum up to 1."""
        weights = np.array([self.weights[structure][label] for label in labels])
        return np.asarray(weights / weights.sum())


def annotator_weights(raters: Raters) -> AnnotatorWeights:
    """Estimate each annotator's bias and variance together with what they marked, structure by structure.

    Of contours the centre and the size are estimated, and their points are averaged with the annotators' weights.
    """
    columns, found = MarkColumns(), AnnotatorWeights()
    for mark in deviations(raters):
        columns.put_mark(raters.subject, mark)
    places = columns.places()
    of = repeats(raters)
    labels = list(dict.fromkeys(of.get(label, label) for label in raters.labels))
    who = np.array([labels.index(of.get(label, label)) for label in raters.labels])
    for structure in STRUCTURES:
        own = [each.of(raters.labels) for whole, each in sorted(places.items()) if whole.structure == structure]
        if own:
            _estimate(found, raters, structure, own, who)
    return found


def _estimate(
    found: AnnotatorWeights, raters: Raters, structure: str, own: Sequence[MarkedPlaces], who: NDArray[np.int64]
) -> None:
    marks = np.concatenate([each.marks for each in own])
    slices = np.concatenate([each.slices for each in own])
    series = np.repeat(np.arange(len(own)), [len(each.slices) for each in own])
    if structure == GANGLIA:
        # one mark each: what lies on other roots is no neighbour
        series = np.arange(len(slices))
    where = [
        Place(structure, each.structure.root, None if structure == GANGLIA else int(number))
        for each in own
        for number in each.slices
    ]
    if structure in CONTOUR_STRUCTURES:
        marks[..., _RADIUS] = _radii(raters, where)
    axes = 3 if structure in CONTOUR_STRUCTURES or structure == GANGLIA else 2
    truths = [weighted_truth(marks[..., axis], slices, series, who) for axis in range(axes)]
    spread = np.array([each.deviations**2 for each in truths])
    found.weights[structure] = dict(zip(raters.labels, map(float, 1 / spread.mean(axis=0)), strict=True))
    found.annotators[structure] = {
        label: {"Bias": _rounded(each.biases[at] for each in truths), "Deviation": _rounded(np.sqrt(spread[:, at]))}
        for at, label in enumerate(raters.labels)
    }
    for row, place in enumerate(where):
        found.uncertainty[place] = _uncertainty(truths, row, structure in CONTOUR_STRUCTURES)
        if structure not in CONTOUR_STRUCTURES:
            found.shifts[place] = _axes(raters)[:axes].T @ np.array([each.values[row] for each in truths])


def _uncertainty(truths: Sequence[WeightedTruth], row: int, is_contour: bool) -> float:
    variances = [float(each.variances[row]) for each in truths]
    if is_contour:
        return math.sqrt((variances[0] + variances[1]) / 2 + variances[_RADIUS])
    return math.sqrt(sum(variances) / len(variances))


def _radii(raters: Raters, where: Sequence[Place]) -> Array:
    """Of each contour the radius of the circle of its area, (n, k) mm, less their mean on the slice."""
    assert raters.planes is not None
    found = np.full((len(where), len(raters.labels)), np.nan)
    for row, place in enumerate(where):
        for at, label in enumerate(raters.labels):
            points = raters.marks[label].get(place)
            if points is not None:
                area = signed_area(raters.planes.flatten(closed_curve(points)))
                found[row, at] = math.sqrt(abs(area) / math.pi)
    return np.asarray(found - np.nanmean(found, axis=1, keepdims=True))


def _axes(raters: Raters) -> Array:
    """Right, front and feet of the slices, (3, 3) rows."""
    if raters.planes is None:
        return np.diag([1.0, 1.0, -1.0])
    return np.stack([raters.planes.right, raters.planes.anterior, raters.planes.down])


def _rounded(values: Iterable[float]) -> list[float]:
    return [round(float(each), 4) for each in values]
