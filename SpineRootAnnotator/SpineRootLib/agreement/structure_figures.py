"""The figures of one structure, with what each is told with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from SpineRootLib.agreement.figure_of_agreement import AgreementFigure
from SpineRootLib.agreement.marked_places import MarkedPlaces
from SpineRootLib.place import Place
from SpineRootLib.statistics.estimate import Estimate

# places of which a fit tells more than its own form
FEWEST = 3


@dataclass(frozen=True)
class StructureFigures:
    """Makes the figures of a structure.

    Parameters
    ----------
    labels : of the annotators.
    places : those that the figures rest on.
    """

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
