"""How reliable marks are: figures of agreement with their intervals, of one subject or of a cohort."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from SpineRootLib.agreement.annotator_reliability import common_figures
from SpineRootLib.agreement.figure_of_agreement import MARGINS_MM, AgreementFigure
from SpineRootLib.agreement.marked_places import MarkedPlaces
from SpineRootLib.agreement.pair_reliability import ComparedPair, CurveDistances, pair_figures
from SpineRootLib.agreement.raters import CONSENSUS, TRUTH
from SpineRootLib.agreement.repeat_links import first_of
from SpineRootLib.anatomy import ROOTS
from SpineRootLib.hidden_repeats import is_hidden
from SpineRootLib.place import Place


def first_annotations(labels: Iterable[str], repeat_of: Mapping[str, str], programs: Collection[str] = ()) -> list[str]:
    """Each annotator's first annotation, or the first repeat of one that is not among them; a consensus and a truth
    are nobody's, and a program is no annotator."""
    nobodys = {CONSENSUS, TRUTH, *programs}
    own = [label for label in labels if label not in nobodys and not is_hidden(label)]
    found: dict[str, str] = {}
    for label in own:
        first = first_of(repeat_of, label)
        found.setdefault(first, first if first in own else label)
    return [label for label in own if label in found.values()]


def hidden_pairs(repeat_of: Mapping[str, str]) -> list[tuple[str, str]]:
    """The labels of annotators with those of their second marks of hidden repeats."""
    return sorted((first, label) for label, first in repeat_of.items() if is_hidden(label))


@dataclass
class Reliability:
    """What figures of agreement are made from.

    Parameters
    ----------
    pairs : what is compared.
    different : the annotators who are told of together, each with one annotation.
    places : all marks, structure by structure.
    margins : mm, within which biases are tested to lie.
    """

    pairs: Sequence[ComparedPair]
    different: Sequence[str]
    places: Mapping[Place, MarkedPlaces]
    margins: Sequence[float] = MARGINS_MM
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
            if structure.structure == ROOTS or not pair.is_hidden:
                yield from pair_figures(pair, found.places[structure], found.curves(structure), found.margins)
    if len(found.different) > 1:
        for structure in structures:
            yield from common_figures(found.different, found.places[structure])
