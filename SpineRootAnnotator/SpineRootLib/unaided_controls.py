"""Places that are marked without a proposal, drawn by chance, so that what proposals do to marks can be told.

The dataset's ``derivatives/spineroot.json`` asks for them: ``{"UnaidedControls": {"Share": 0.1, "Seed": 20}}``. All
annotators of a subject get the same places, and each sidecar keeps which these are (``Controls``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, ROOTS, Root
from SpineRootLib.dataset_settings import SETTINGS_FILE, asked_of, check_seed, is_within
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.place import Place
from SpineRootLib.translation import _

_ASKED, _KEPT = "UnaidedControls", "Controls"


@dataclass(frozen=True)
class ControlSettings:
    """How many places are marked unaided.

    Parameters
    ----------
    share : of all places, 0 to 0.5.
    whole_roots : the share of these that are whole roots: on a single slice the marks beside it help as well.
    seed : of the dataset; a subject's places follow from it and the subject's label.
    """

    share: float = 0.1
    whole_roots: float = 0.5
    seed: int = 0

    @classmethod
    def read(cls, derivatives: Path) -> ControlSettings | None:
        """What the dataset asks for; None where it asks for nothing.

        Raises
        ------
        DatasetError
            if the file cannot be read, or a share or the seed is none.
        """
        asked = asked_of(derivatives, _ASKED)
        if asked is None:
            return None
        found = cls(
            asked.get("Share", cls.share), asked.get("WholeRoots", cls.whole_roots), asked.get("Seed", cls.seed)
        )
        if not (is_within(found.share, 0.5) and is_within(found.whole_roots, 1.0)):
            fault = _("'{key}' takes a Share from 0 to 0.5 and WholeRoots from 0 to 1")
            raise DatasetError(fault.format(key=_ASKED), derivatives / SETTINGS_FILE)
        check_seed(derivatives, _ASKED, found.seed)
        return found


@dataclass(frozen=True)
class UnaidedControls:
    """Where an annotator sees no proposal.

    Parameters
    ----------
    roots : those that are marked unaided as a whole.
    slices : by structure (``nerveroots_L1_L``, ``dura``) the slices on which it is.
    """

    roots: frozenset[Root] = frozenset()
    slices: Mapping[str, frozenset[int]] | None = None

    def __contains__(self, place: Place) -> bool:
        if place.structure == ROOTS and place.root in self.roots:
            return True
        name = place.structure if place.root is None else f"{place.structure}_{place.root}"
        return place.slice is not None and place.slice in (self.slices or {}).get(name, ())

    def as_json(self, settings: ControlSettings) -> dict[str, Any]:
        """What the sidecar keeps."""
        slices = {name: sorted(numbers) for name, numbers in sorted((self.slices or {}).items())}
        how = {"Share": settings.share, "WholeRoots": settings.whole_roots, "Seed": settings.seed}
        return {**how, "Roots": sorted(map(str, self.roots)), "Slices": slices}

    @classmethod
    def from_json(cls, document: Any) -> UnaidedControls | None:
        """What a sidecar keeps; None where it keeps nothing that can be understood."""
        try:
            slices = {str(name): frozenset(map(int, each)) for name, each in document["Slices"].items()}
            return cls(frozenset(map(Root.parse, document["Roots"])), slices)
        except (SpineRootError, KeyError, TypeError, ValueError, AttributeError):
            return None


def controls_of(
    sidecar: dict[str, Any], derivatives: Path, subject: str, roots: Sequence[Root], count: int
) -> UnaidedControls:
    """The places that a subject's annotator marks unaided: those that the sidecar keeps, else drawn and put into it.

    Parameters
    ----------
    sidecar : the document of the annotator's sidecar.
    roots : those to be marked.
    count : number of slices.

    Raises
    ------
    DatasetError
        if the dataset's settings are damaged.
    """
    kept = UnaidedControls.from_json(sidecar.get(_KEPT))
    if kept is not None:
        return kept
    settings = ControlSettings.read(derivatives)
    if settings is None or not settings.share:
        return UnaidedControls()
    drawn = draw_controls(settings, subject, roots, count)
    sidecar[_KEPT] = drawn.as_json(settings)
    return drawn


def draw_controls(settings: ControlSettings, subject: str, roots: Sequence[Root], count: int) -> UnaidedControls:
    """Draw a subject's unaided places, spread over levels and slices; the same for every annotator."""
    rng = np.random.default_rng([settings.seed, *subject.encode()])
    wanted = settings.share * settings.whole_roots * len(roots)
    number = int(wanted) + int(rng.random() < wanted - int(wanted))
    whole = frozenset(_spread_over_levels(roots, number, rng))
    left = [str(Place(ROOTS, root)) for root in roots if root not in whole] + list(CONTOUR_STRUCTURES)
    share = settings.share * (1 - settings.whole_roots)
    return UnaidedControls(whole, {name: frozenset(spread_slices(share, count, rng)) for name in left})


def _spread_over_levels(roots: Sequence[Root], number: int, rng: np.random.Generator) -> Iterable[Root]:
    """So many roots, of different levels as far as there are any, of either side by chance."""
    by_level: dict[str, list[Root]] = {}
    for root in roots:
        by_level.setdefault(root.segment, []).append(root)
    for same in by_level.values():
        rng.shuffle(same)
    rounds = [[same[turn] for same in by_level.values() if len(same) > turn] for turn in range(2)]
    for each in rounds:
        rng.shuffle(each)
    return [root for each in rounds for root in each][:number]


def spread_slices(share: float, count: int, rng: np.random.Generator) -> Iterable[int]:
    """Slices from 1, one by chance in every stretch of ``1 / share``, which begin by chance."""
    if share <= 0:
        return []
    length = 1 / share
    starts = np.arange(-rng.random() * length, count, length)
    drawn = [1 + math.floor(start + rng.random() * length) for start in starts]
    return [number for number in drawn if 1 <= number <= count]
