"""The annotators of a subject compared: what the tables, the charts and the discussion show."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.agreement_files import write_agreement
from SpineRootLib.agreement.disagreements import Disagreement, DisagreementSettings, find_disagreements
from SpineRootLib.agreement.distances import PairAgreement, compare
from SpineRootLib.agreement.exchange import Exchange
from SpineRootLib.agreement.exchange_renaming import settle_names
from SpineRootLib.agreement.exchange_search import find_exchanges
from SpineRootLib.agreement.outliers import standings
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.agreement.reading_raters import read_raters
from SpineRootLib.agreement.reliability_tables import reliability_of
from SpineRootLib.agreement.resolutions import Resolutions
from SpineRootLib.agreement.tables import agreement_rows, write_tables
from SpineRootLib.dataset import Dataset
from SpineRootLib.dataset_description import write_description
from SpineRootLib.errors import MissingExtraError
from SpineRootLib.place import Place
from SpineRootLib.progress import Progress
from SpineRootModelerLib.work.annotators import require_several


@dataclass(frozen=True, eq=False)
class Comparison:
    """What two or more annotators marked, how far they are apart, and from where on they disagree."""

    raters: Raters
    pairs: tuple[PairAgreement, ...]
    settings: DisagreementSettings

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        subject: str,
        labels: Sequence[str],
        settings: DisagreementSettings | None = None,
        progress: Progress | None = None,
    ) -> Comparison:
        """Compare annotators.

        Raises
        ------
        SpineRootError
            if there are fewer than two, somebody has not signed off, or a file cannot be read.
        """
        require_several(dataset, subject, labels)
        folders = [dataset.markers(label) for label in labels]
        raters = read_raters(folders, subject, dataset.image(subject, "CISS"), dataset.levels(subject, labels))
        pairs = compare(raters, progress)
        return cls(raters, tuple(pairs), settings or DisagreementSettings())

    @property
    def voters(self) -> Raters:
        """Those who have to agree: the people, if there are two of them; else all, and there is nothing to discuss."""
        count = len(self.raters.labels) - len(self.raters.programs)
        return self.raters.people() if count > 1 else self.raters

    def named_as_settled(self, resolutions: Resolutions) -> tuple[Comparison, list[Exchange]]:
        """The comparison with names put right as it was settled, and all that look exchanged, settled or not.

        Raises
        ------
        SpineRootError
            if an answer cannot be followed.
        """
        voters, exchanges = settle_names(self.voters, resolutions)
        named = {**self.raters.annotations, **voters.annotations}
        if all(named[label] is each for label, each in self.raters.annotations.items()):
            return self, exchanges
        raters = replace(self.raters, annotations=named)
        renamed = zip(self.pairs, compare(_without_contours(raters)), strict=True)
        return replace(self, raters=raters, pairs=tuple(_with_contours_of(*each) for each in renamed)), exchanges

    def disagreements(self, resolutions: Resolutions, exchanges: Sequence[Exchange] = ()) -> tuple[Disagreement, ...]:
        """What they have to talk about; what was settled for other marks than there are now is listed again."""
        voters = self.voters
        if set(voters.labels) & set(self.raters.programs):
            return ()
        pairs = [pair for pair in self.pairs if {pair.a, pair.b} <= set(voters.labels)]
        return tuple(find_disagreements(voters, pairs, self.settings, resolutions, exchanges))

    @property
    def rows(self) -> Iterator[tuple[Place, dict[str, Any]]]:
        """The table's rows, pair by pair, each with the structure that it is about; without what nobody marked."""
        structures = (each.place for pair in self.pairs for each in pair.structures)
        for whole, row in zip(structures, agreement_rows(self.pairs), strict=True):
            if row["n_matched"] or row["n_only_a"] or row["n_only_b"]:
                yield whole, row

    def position(self, place: Place) -> NDArray[np.float64]:
        """Where a place is, (3,) RAS mm: midway between the annotators' marks."""
        middles = [marks[place].mean(axis=0) for marks in self.raters.marks.values() if place in marks]
        return np.asarray(np.mean(middles, axis=0))

    def worst(self, structure: Place) -> Place | None:
        """The place of a structure at which two annotators are farthest apart; else one that somebody marked."""
        matched = [each for pair in self.pairs for each in pair.of(structure).matched]
        if matched:
            return max(matched, key=lambda each: each.hausdorff_mm or each.distance_mm).place
        alone = [place for pair in self.pairs for place in (*pair.of(structure).only_a, *pair.of(structure).only_b)]
        return next(iter(alone), None)

    def write(self, dataset: Dataset) -> list[str]:
        """Write tables and figures into the dataset's ``derivatives/agreement``; the names written are returned.

        Without matplotlib, as in Slicer, the tables alone.
        """
        folder = dataset.derivative("agreement", self.raters.subject)
        exchanges, figures = find_exchanges(self.raters), reliability_of(self.raters, self.pairs)
        try:
            files = write_agreement(folder, self.raters, self.pairs, standings(self.pairs), exchanges, figures)
        except MissingExtraError:
            files = write_tables(folder, self.raters, self.pairs, exchanges, figures)
        write_description(dataset.derivatives / "agreement", "Agreement between annotators")
        return [str(path) for path in files]


def _without_contours(raters: Raters) -> Raters:
    """Roots and ganglia alone: they bear names, and contours take nine tenths of the time to compare."""
    bare = {label: copy.copy(annotation) for label, annotation in raters.annotations.items()}
    for annotation in bare.values():
        annotation.contours = {structure: [] for structure in annotation.contours}
    return replace(raters, annotations=bare)


def _with_contours_of(before: PairAgreement, renamed: PairAgreement) -> PairAgreement:
    """What was compared anew, and the contours as they were compared before."""
    both = zip(before.structures, renamed.structures, strict=True)
    return replace(renamed, structures=tuple(old if old.place.is_contour else new for old, new in both))
