"""Roots that are asked for a second time on some slices, the first mark hidden, so that repeatability can be told.

The dataset's ``derivatives/spineroot.json`` asks for them: ``{"HiddenRepeats": {"Share": 0.05, "Seed": 20}}``. All
annotators of a subject get the same slices, and each sidecar keeps which these are (``Repeats``). The second mark
stands beside the first, in the record of its place (``Repeat``), with the first as it was then; it is nobody's mark but
for the figures of repeatability, where it is called ``A-repeat``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from SpineRootLib.anatomy import ROOTS, Root
from SpineRootLib.clock import now
from SpineRootLib.dataset_settings import SETTINGS_FILE, asked_of, check_seed, is_whole, is_within
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.frames import as_points
from SpineRootLib.place import Place
from SpineRootLib.translation import _
from SpineRootLib.unaided_controls import spread_slices

# of the record of a place that was marked a second time
REPEAT = "Repeat"
_ASKED, _KEPT = "HiddenRepeats", "Repeats"
_ENDING = "-repeat"
# so that other places are drawn than those of the unaided controls by the same seed
_STREAM = 1


@dataclass(frozen=True)
class RepeatSettings:
    """How many places are asked for a second time.

    Parameters
    ----------
    share : of the slices of each root, 0 to 0.5.
    marks_between : marks that come in between at least, since the slice was seen last with its root active; those made
        at once count as one; by eye, some minutes' work.
    seed : of the dataset; a subject's places follow from it and the subject's label.
    """

    share: float = 0.05
    marks_between: int = 20
    seed: int = 0

    @classmethod
    def read(cls, derivatives: Path) -> RepeatSettings | None:
        """What the dataset asks for; None where it asks for nothing.

        Raises
        ------
        DatasetError
            if the file cannot be read, or a number in it is none.
        """
        asked = asked_of(derivatives, _ASKED)
        if asked is None:
            return None
        found = cls(
            asked.get("Share", cls.share), asked.get("MarksBetween", cls.marks_between), asked.get("Seed", cls.seed)
        )
        if not (is_within(found.share, 0.5) and is_whole(found.marks_between)):
            fault = _("'{key}' takes a Share from 0 to 0.5 and a whole number from 0 up as MarksBetween")
            raise DatasetError(fault.format(key=_ASKED), derivatives / SETTINGS_FILE)
        check_seed(derivatives, _ASKED, found.seed)
        return found


@dataclass(frozen=True)
class HiddenRepeats:
    """Where an annotator is asked a second time.

    Parameters
    ----------
    slices : by root (``nerveroots_L1_L``) the slices.
    marks_between : as in the settings.
    """

    slices: Mapping[str, frozenset[int]] = field(default_factory=dict)
    marks_between: int = RepeatSettings.marks_between

    def __contains__(self, place: Place) -> bool:
        return place.slice is not None and place.slice in self.slices.get(str(place.without_slice), ())

    def places(self) -> Iterator[Place]:
        """The places, root by root."""
        for name, numbers in self.slices.items():
            root = Root.parse(name.removeprefix(f"{ROOTS}_"))
            yield from (Place(ROOTS, root, number) for number in sorted(numbers))

    def as_json(self, settings: RepeatSettings) -> dict[str, Any]:
        """What the sidecar keeps."""
        slices = {name: sorted(numbers) for name, numbers in sorted(self.slices.items()) if numbers}
        how = {"Share": settings.share, "MarksBetween": settings.marks_between, "Seed": settings.seed}
        return {**how, "Slices": slices}

    @classmethod
    def from_json(cls, document: Any) -> HiddenRepeats | None:
        """What a sidecar keeps; None where it keeps nothing that can be understood."""
        try:
            slices = {str(name): frozenset(map(int, each)) for name, each in document["Slices"].items()}
            found = cls(slices, int(document.get("MarksBetween", cls.marks_between)))
            list(found.places())  # of roots that there are
        except (SpineRootError, KeyError, TypeError, ValueError, AttributeError):
            return None
        return found


def repeats_of(
    sidecar: dict[str, Any], derivatives: Path, subject: str, roots: Sequence[Root], count: int
) -> HiddenRepeats:
    """The places of a subject that its annotator is asked for again: those that the sidecar keeps, else drawn and put
    into it.

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
    kept = HiddenRepeats.from_json(sidecar.get(_KEPT))
    if kept is not None:
        return kept
    settings = RepeatSettings.read(derivatives)
    if settings is None or not settings.share:
        return HiddenRepeats()
    drawn = draw_repeats(settings, subject, roots, count)
    sidecar[_KEPT] = drawn.as_json(settings)
    return drawn


def draw_repeats(settings: RepeatSettings, subject: str, roots: Sequence[Root], count: int) -> HiddenRepeats:
    """Draw the places of a subject that are asked for again, spread over roots and slices."""
    rng = np.random.default_rng([settings.seed, _STREAM, *subject.encode()])
    slices = {str(Place(ROOTS, root)): frozenset(spread_slices(settings.share, count, rng)) for root in roots}
    return HiddenRepeats(slices, settings.marks_between)


def repeat_record(first: ArrayLike, second: ArrayLike) -> dict[str, Any]:
    """What the record of a place says of its second mark; points are (1, 3) or (3,) RAS mm."""
    before, after = (as_points(points).round(4).tolist() for points in (first, second))
    return {"First": before, "Points": after, "Date": now()}


def repeated_marks(record: Mapping[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """The first mark of a place, as it was when it was asked for again, and the second, (1, 3) RAS mm each; None
    where the record holds none that can be understood."""
    try:
        repeat = record[REPEAT]
        first, second = (np.asarray(repeat[name], dtype=float) for name in ("First", "Points"))
    except (KeyError, TypeError, ValueError):
        return None
    is_pair = all(each.shape == (1, 3) and bool(np.isfinite(each).all()) for each in (first, second))
    return (first, second) if is_pair else None


def repeat_label(label: str) -> str:
    """What an annotator's second marks are called; no annotator has such a label."""
    return f"{label}{_ENDING}"


def is_hidden(label: str) -> bool:
    """Whether a label is that of an annotator's second marks of hidden repeats."""
    return label.endswith(_ENDING)
