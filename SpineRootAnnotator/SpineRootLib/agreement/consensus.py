"""The average annotation, with what was settled in discussion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.consensus_sidecar import consensus_provenance
from SpineRootLib.agreement.contour_mean import Average, mean_contour
from SpineRootLib.agreement.disagreements import Disagreement
from SpineRootLib.agreement.exchange_renaming import settle_names
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.agreement.resolutions import CORRECTED, MEAN, NAMES_RIGHT, Resolutions
from SpineRootLib.anatomy import GANGLIA
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.errors import SpineRootError
from SpineRootLib.frames import Points
from SpineRootLib.place import Place
from SpineRootLib.progress import Progress, report
from SpineRootLib.translation import _

# what to do in a panel about what has to be settled
_IN_PANEL = _("settle them first, or choose 'Average what is open'")

if TYPE_CHECKING:
    from SpineRootLib.agreement.weighted_consensus import AnnotatorWeights

MEDIAN, WEIGHTED = "median", "weighted"
AVERAGES = (MEAN, MEDIAN, WEIGHTED)


@dataclass(frozen=True)
class ConsensusSettings:
    """How annotations are averaged.

    Parameters
    ----------
    average : ``mean``; ``median`` (the geometric one), which of three or more annotators disregards one that is
        far off; or ``weighted``, in which each counts as much as his marks are exact, less his own bias, and which
        tells how uncertain each place is. Of two annotators all are the same where both marked something.
    keep_single : whether what only one annotator marked is kept, flagged, or left out.
    accept : whether disagreements above the limit are averaged though nobody resolved them.
    """

    average: str = MEAN
    keep_single: bool = True
    accept: bool = False


@dataclass(frozen=True, eq=False)
class Consensus:
    """The agreed annotation and how it came about.

    Parameters
    ----------
    dropped : places that are left out: marked by one annotator only, or resolved so.
    single : places that are kept though one annotator only marked them.
    """

    annotation: Annotation
    disagreements: Sequence[Disagreement]
    resolutions: Resolutions
    dropped: tuple[Place, ...] = ()
    single: tuple[Place, ...] = ()


def open_disagreements(disagreements: Sequence[Disagreement], resolutions: Resolutions) -> list[Disagreement]:
    """Those that have to be settled and are not."""
    return [each for each in disagreements if each.needs_resolution and each.place not in resolutions.by_place]


def require_settled(
    raters: Raters, disagreements: Sequence[Disagreement], resolutions: Resolutions, listed: Path | None = None
) -> None:
    """See that nothing is left to settle.

    Parameters
    ----------
    listed : the table of the disagreements, where it is written.

    Raises
    ------
    SpineRootError
        if something is; it names the largest, and what was settled for other marks.
    """
    pending = open_disagreements(disagreements, resolutions)
    if pending:
        again = "".join(f"; {line}" for line in resolutions.outdated_lines(raters.marks))
        where = "" if listed is None else _(", listed in {path}").format(path=listed)
        names = [each for each in pending if each.exchange is not None]
        if names:
            raise _exchanged_names(raters, names, where + again)
        many = _("{count} places are").format(count=len(pending)) if len(pending) > 1 else _("1 place is")
        size = "" if pending[0].size_mm is None else _(" by {size:.1f} mm").format(size=pending[0].size_mm)
        fault = _("{many} in dispute in sub-{subject}, most of all {place}{size}{where}")
        advice = _(": settle them (--resolve), or take the average all the same (--accept)")
        words = {"many": many, "subject": raters.subject, "place": pending[0].place, "size": size}
        raise SpineRootError(fault.format(**words, where=where + again), advice=advice, in_panel=_IN_PANEL)


def _exchanged_names(raters: Raters, names: Sequence[Disagreement], where: str) -> SpineRootError:
    """What asks whose names are exchanged."""
    first = names[0].exchange
    assert first is not None
    fault = _("names look exchanged between annotators of sub-{subject}: {texts}{where}")
    advice = _(
        ": say in whose work they are (--resolve '{place}=exchange in {label}', or '={right}'), or take the average all"
        " the same (--accept)"
    )
    texts = "; ".join(each.exchange.text for each in names if each.exchange is not None)
    asked = advice.format(place=first.place, label=first.annotator, right=NAMES_RIGHT)
    told = fault.format(subject=raters.subject, texts=texts, where=where)
    return SpineRootError(told, advice=asked, in_panel=_IN_PANEL)


def make_consensus(
    raters: Raters,
    disagreements: Sequence[Disagreement],
    resolutions: Resolutions | None = None,
    settings: ConsensusSettings | None = None,
    progress: Progress | None = None,
) -> Consensus:
    """Average the annotations of one subject.

    Raises
    ------
    SpineRootError
        if a disagreement above the limit is neither resolved nor accepted, or a resolution cannot be followed.
    """
    resolutions, settings = resolutions or Resolutions(), settings or ConsensusSettings()
    raters, _exchanges = settle_names(raters, resolutions)
    resolutions.review(raters.marks)
    resolutions.check(raters.labels, raters.planes, raters.marks)
    if not settings.accept:
        require_settled(raters, disagreements, resolutions)
    weights = _weights(raters) if settings.average == WEIGHTED else None
    agreed: dict[Place, Points] = {}
    dropped, single = [], []
    settled = {place for place, each in resolutions.by_place.items() if not each.of_names}
    places = sorted(set().union(*raters.marks.values()) | settled)
    for count, place in enumerate(places):
        report(progress, count / len(places), f"average {place}")
        points = _agreed(raters, place, resolutions, settings, weights)
        if points is None:
            dropped.append(place)
            continue
        agreed[place] = points
        if place not in settled and sum(place in marks for marks in raters.marks.values()) == 1:
            single.append(place)
    annotation = _annotation(raters, agreed)
    how: dict[str, Any] = {
        "Average": settings.average,
        "MarkedByOne": "kept" if settings.keep_single else "left out",
        "DisagreementsAccepted": len(open_disagreements(disagreements, resolutions)),
    }
    uncertainty: dict[Place, float] = {}
    if weights is not None:
        how["Weighted"] = weights.annotators
        decided = {place for place, each in resolutions.by_place.items() if not each.of_names and each.take != MEAN}
        uncertainty = {place: value for place, value in weights.uncertainty.items() if place not in decided}
    annotation.provenance = consensus_provenance(raters, resolutions, how, agreed, single, uncertainty)
    report(progress, 1.0, "averaged")
    return Consensus(annotation, disagreements, resolutions, tuple(dropped), tuple(single))


def _weights(raters: Raters) -> AnnotatorWeights:
    # what estimates them needs SciPy's optimisation, which takes a while to import
    from SpineRootLib.agreement.weighted_consensus import annotator_weights

    return annotator_weights(raters)


def _agreed(
    raters: Raters,
    place: Place,
    resolutions: Resolutions,
    settings: ConsensusSettings,
    weights: AnnotatorWeights | None,
) -> Points | None:
    resolution = resolutions.by_place.get(place)
    if resolution is not None and resolution.of_names:
        resolution = None
    if resolution is not None and resolution.take == CORRECTED:
        return resolution.points
    if resolution is not None and resolution.take != MEAN:
        return raters.marks[resolution.take].get(place)
    labels = [label for label, marks in raters.marks.items() if place in marks]
    said = [raters.marks[label][place] for label in labels]
    if not said or (len(said) == 1 and resolution is None and not settings.keep_single):
        return None
    average: Average = _geometric_median if settings.average == MEDIAN else _mean
    if weights is not None and not place.is_contour:
        return weights.point(place, said)
    if weights is not None:
        average = partial(_weighted_mean, weights.of_contours(place.structure, labels))
    if not place.is_contour:
        return average(np.stack(said))
    assert raters.planes is not None
    return mean_contour(said, raters.planes, average)


def _mean(stacked: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(stacked.mean(axis=0))


def _weighted_mean(weights: NDArray[np.float64], stacked: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.tensordot(weights, stacked, axes=1))


def _geometric_median(stacked: NDArray[np.float64]) -> NDArray[np.float64]:
    """The points, (m, 3), with the least sum of distances to those of k annotators, (k, m, 3).

    Unlike the median of each coordinate it does not depend on the axes. Source: Weiszfeld's iteration, 1937.
    """
    middle = stacked.mean(axis=0)
    if len(stacked) < 3:
        return np.asarray(middle)
    for _turn in range(100):
        away = np.maximum(np.linalg.norm(stacked - middle, axis=2, keepdims=True), 1e-9)
        moved = np.sum(stacked / away, axis=0) / np.sum(1 / away, axis=0)
        done = float(np.abs(moved - middle).max()) < 1e-9
        middle = moved
        if done:
            break
    return np.asarray(middle)


def _annotation(raters: Raters, agreed: Mapping[Place, Points]) -> Annotation:
    annotation = Annotation(raters.subject, planes=raters.planes, segments=raters.segments)
    for place, points in sorted(agreed.items(), key=lambda item: item[0].sort_key):
        if place.is_contour:
            annotation.contours[place.structure].append(Contour(points))
        elif place.structure == GANGLIA and place.root is not None:
            annotation.ganglia[place.root] = points[0]
        elif place.root is not None:
            before = annotation.roots.get(place.root, np.empty((0, 3)))
            annotation.roots[place.root] = np.vstack([before, points])
    return annotation
