"""Which of three or more annotators is apart from the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from SpineRootLib.agreement.distances import PairAgreement
from SpineRootLib.agreement.places import Place
from SpineRootLib.anatomy import ROOTS

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
    """How far one annotator is from the others, and they from each other, on a structure (`whole` None: all roots)."""

    annotator: str
    whole: Place | None
    to_others_mm: float
    among_others_mm: float
    outlying: bool

    def row(self) -> dict[str, Any]:
        """Its row of the table."""
        place = self.whole.cells() if self.whole else {"structure": ROOTS, "segment": "all", "side": "all"}
        apart = {"to_others_mm": self.to_others_mm, "among_others_mm": self.among_others_mm}
        return {"annotator": self.annotator, **place, **apart, "outlying": "yes" if self.outlying else "no"}


def standings(pairs: Sequence[PairAgreement], settings: OutlyingSettings | None = None) -> list[Standing]:
    """Every annotator's standing on all roots together, then on each structure; empty for fewer than three."""
    settings = settings or OutlyingSettings()
    labels = list(dict.fromkeys(label for pair in pairs for label in (pair.a, pair.b)))
    if len(labels) < 3:
        return []
    wholes = [each.whole for each in pairs[0].structures]
    roots = [whole for whole in wholes if whole.structure == ROOTS]
    found = [_standing(label, None, pairs, roots, settings) for label in labels]
    found += [_standing(label, whole, pairs, [whole], settings) for whole in wholes for label in labels]
    return [each for each in found if each is not None]


def outlying_lines(found: Sequence[Standing]) -> Iterator[str]:
    """Sentences that name whoever is apart from the others."""
    for each in found:
        if each.outlying:
            where = each.whole or "all roots together"
            yield (
                f"{each.annotator} is apart from the others on {where}: "
                f"{each.to_others_mm:.1f} mm, they {each.among_others_mm:.1f} mm from each other"
            )


def _standing(
    label: str, whole: Place | None, pairs: Sequence[PairAgreement], parts: Sequence[Place], settings: OutlyingSettings
) -> Standing | None:
    own = [pair.of(part).distances for pair in pairs if label in (pair.a, pair.b) for part in parts]
    others = [pair.of(part).distances for pair in pairs if label not in (pair.a, pair.b) for part in parts]
    if not any(map(len, own)) or not any(map(len, others)):
        return None
    mine, theirs = (float(np.mean(np.concatenate(each))) for each in (own, others))
    outlying = mine > settings.times * theirs and mine - theirs > settings.beyond_mm
    return Standing(label, whole, mine, theirs, outlying)
