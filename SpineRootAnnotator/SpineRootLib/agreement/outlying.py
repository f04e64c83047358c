"""Which of three or more annotators is apart from the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from SpineRootLib.agreement.distances import PairAgreement
from SpineRootLib.anatomy import ROOTS
from SpineRootLib.place import Place

ANNOTATORS = ("annotator", "structure", "segment", "side", "to_others_mm", "among_others_mm", "outlying")


@dataclass(frozen=True)
class OutlyingSettings:
    """When an annotator is outlying.

    Parameters
    ----------
    times : how many times as far from the others as they are from each other; two annotators as good as each other
        lie by chance within a factor of two.
    beyond_mm : and by how much at least: half of what a root is thick (0.8-1.4 mm).
    """

    times: float = 2.0
    beyond_mm: float = 0.5


@dataclass(frozen=True)
class Standing:
    """How far one annotator is from the others, and they from each other.

    Parameters
    ----------
    whole : a root, dura or cord; without a root all roots, or all ganglia, of which one alone would say too little.
    """

    annotator: str
    whole: Place
    to_others_mm: float
    among_others_mm: float
    outlying: bool

    def row(self) -> dict[str, Any]:
        """Its row of the table."""
        apart = {"to_others_mm": self.to_others_mm, "among_others_mm": self.among_others_mm}
        return {
            "annotator": self.annotator,
            **self.whole.cells(),
            **apart,
            "outlying": "yes" if self.outlying else "no",
        }


def standings(pairs: Sequence[PairAgreement], settings: OutlyingSettings | None = None) -> list[Standing]:
    """Every annotator's standing on all roots, all ganglia, dura, cord and each root; empty for fewer than three."""
    settings = settings or OutlyingSettings()
    labels = list(dict.fromkeys(label for pair in pairs for label in (pair.a, pair.b)))
    if len(labels) < 3:
        return []
    groups: dict[Place, list[Place]] = {}
    for whole in (each.whole for each in pairs[0].structures):
        groups.setdefault(Place(whole.structure), []).append(whole)
    groups |= {root: [root] for root in groups.get(Place(ROOTS), [])}
    found = [_standing(label, whole, pairs, parts, settings) for whole, parts in groups.items() for label in labels]
    return [each for each in found if each is not None]


def outlying_lines(found: Sequence[Standing]) -> Iterator[str]:
    """Sentences that name whoever is apart from the others."""
    for each in found:
        if each.outlying:
            yield (
                f"{each.annotator} is apart from the others on {each.whole}: "
                f"{each.to_others_mm:.1f} mm, they {each.among_others_mm:.1f} mm from each other"
            )


def _standing(
    label: str, whole: Place, pairs: Sequence[PairAgreement], parts: Sequence[Place], settings: OutlyingSettings
) -> Standing | None:
    own = [pair.of(part).distances for pair in pairs if label in (pair.a, pair.b) for part in parts]
    others = [pair.of(part).distances for pair in pairs if label not in (pair.a, pair.b) for part in parts]
    if not any(map(len, own)) or not any(map(len, others)):
        return None
    mine, theirs = (float(np.mean(np.concatenate(each))) for each in (own, others))
    outlying = mine > settings.times * theirs and mine - theirs > settings.beyond_mm
    return Standing(label, whole, mine, theirs, outlying)
