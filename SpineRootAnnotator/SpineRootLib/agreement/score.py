"""How well an annotator did against a known truth, and where it went wrong: for training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.corresponding_places import Marks
from SpineRootLib.agreement.distances import Distance, PairAgreement, StructureAgreement
from SpineRootLib.agreement.tables import position_cells, statistics
from SpineRootLib.anatomy import GANGLIA, ROOTS, Root
from SpineRootLib.place import Place

HIT, OFF, WRONG_ROOT, MISSED, EXTRA = "hit", "off", "wrong-root", "missed", "extra"
_COUNTS = (HIT, OFF, WRONG_ROOT, MISSED, EXTRA)
SCORE = (
    *("annotator", "structure", "segment", "side", "score", "n_truth"),
    *(f"n_{outcome.replace('-', '_')}" for outcome in _COUNTS),
    *("mean_mm", "p95_mm", "max_mm"),
)
MISTAKES = (
    *("annotator", "structure", "segment", "side", "slice", "mistake", "distance_mm", "lies_on"),
    *("x_mm", "y_mm", "z_mm"),
)


@dataclass(frozen=True)
class ScoreSettings:
    """How near to the truth counts as right, mm.

    Parameters
    ----------
    root_mm : half of what a root is thick on CISS (0.8-1.4 mm), so that the point lies on the root.
    contour_mm : mean distance of the curves: a voxel of CISS (0.30-0.35 mm).
    ganglion_mm : one and a half voxels of DESS (1.27 mm).
    """

    root_mm: float = 0.7
    contour_mm: float = 0.35
    ganglion_mm: float = 1.9

    def limit(self, place: Place) -> float:
        """The limit at a place."""
        return {ROOTS: self.root_mm, GANGLIA: self.ganglion_mm}.get(place.structure, self.contour_mm)


@dataclass(frozen=True, eq=False)
class ScoredPlace:
    """What became of one place of the truth, or of a place that is marked without there being anything.

    Parameters
    ----------
    what : ``hit``; ``off`` (too far away); ``wrong-root`` (too far away, and on another root); ``missed``; ``extra``.
    position : (3,) RAS mm, where the truth lies, or the extra mark.
    lies_on : the root on which a wrong mark lies.
    """

    place: Place
    what: str
    position: NDArray[np.float64]
    distance_mm: float | None = None
    lies_on: Root | None = None


@dataclass(frozen=True, eq=False)
class Score:
    """An annotator's outcome on one structure, or on all (`place` None)."""

    place: Place | None
    outcomes: tuple[ScoredPlace, ...]

    @property
    def counts(self) -> Counter[str]:
        """How many places had each outcome."""
        return Counter(each.what for each in self.outcomes)

    @property
    def percent(self) -> float | None:
        """Hits in percent of all there is to mark and all that is marked beside it; None where there is nothing."""
        return 100.0 * self.counts[HIT] / len(self.outcomes) if self.outcomes else None


def score(
    pair: PairAgreement, annotator: Marks, truth: Marks, settings: ScoreSettings | None = None
) -> tuple[list[Score], Score]:
    """The score per structure, and over everything.

    Parameters
    ----------
    pair : the agreement of the annotator (first) with the truth (second).
    """
    settings = settings or ScoreSettings()
    scores = [
        Score(each.place, tuple(_all_scored(each, annotator, truth, settings)))
        for each in pair.structures
        if each.matched or each.only_a or each.only_b
    ]
    return scores, Score(None, tuple(outcome for each in scores for outcome in each.outcomes))


def score_rows(label: str, scores: Sequence[Score]) -> Iterator[dict[str, Any]]:
    """A row a structure."""
    for each in scores:
        counts = each.counts
        distances = np.array([one.distance_mm for one in each.outcomes if one.distance_mm is not None])
        place = each.place.cells() if each.place else {"structure": "all"}
        numbers = {f"n_{outcome.replace('-', '_')}": counts[outcome] for outcome in _COUNTS}
        there = len(each.outcomes) - counts[EXTRA]
        yield {"annotator": label, **place, "score": each.percent, "n_truth": there, **numbers, **statistics(distances)}


def mistake_rows(label: str, total: Score) -> Iterator[dict[str, Any]]:
    """A row a mistake, the farthest off first, then what was missed, then what is too much."""
    order = (WRONG_ROOT, OFF, MISSED, EXTRA)
    wrong = [each for each in total.outcomes if each.what != HIT]
    for each in sorted(wrong, key=lambda one: (-(one.distance_mm or 0.0), order.index(one.what), one.place)):
        where = {**position_cells(each.position), "lies_on": each.lies_on, "distance_mm": each.distance_mm}
        yield {"annotator": label, **each.place.cells(), "mistake": each.what, **where}


def _all_scored(
    agreement: StructureAgreement, annotator: Marks, truth: Marks, settings: ScoreSettings
) -> Iterator[ScoredPlace]:
    for each in agreement.matched:
        yield _scored(each, annotator, truth, settings)
    for place in agreement.only_b:
        yield ScoredPlace(place, MISSED, truth[place].mean(axis=0))
    for place in agreement.only_a:
        yield ScoredPlace(place, EXTRA, annotator[place].mean(axis=0))


def _scored(each: Distance, annotator: Marks, truth: Marks, settings: ScoreSettings) -> ScoredPlace:
    place, limit = each.place, settings.limit(each.place)
    position = truth[place].mean(axis=0)
    if each.distance_mm <= limit:
        return ScoredPlace(place, HIT, position, each.distance_mm)
    other = None if place.is_contour else _other_root(place, annotator[place][0], truth, limit)
    return ScoredPlace(place, WRONG_ROOT if other else OFF, position, each.distance_mm, other)


def _other_root(place: Place, point: NDArray[np.float64], truth: Marks, limit: float) -> Root | None:
    """The other root on which a mark lies, if it lies on one."""
    beside = [
        (float(np.linalg.norm(points[0] - point)), other.root)
        for other, points in truth.items()
        if other.structure == place.structure and other.slice == place.slice and other.root != place.root
    ]
    distance, root = min(beside, key=lambda found: found[0], default=(np.inf, None))
    return root if distance <= limit else None
