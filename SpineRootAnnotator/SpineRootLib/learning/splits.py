"""Which subjects a model may learn from: a held-out set that never changes, and folds; nobody is in two places."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from SpineRootLib.naming import split_label

# of all people that there could be, so many are never learnt from
HELD_OUT_SHARE = 0.2
FOLDS = 5
_LARGEST = 2**64


def is_held_out(subject: str, share: float = HELD_OUT_SHARE) -> bool:
    """Whether a subject is kept for testing: by a hash of the person's label alone, whoever else is in the cohort.

    All sessions of a person are treated alike, so that no image of a tested person is learnt from.
    """
    return _draw(subject) < share


def folds(subjects: Iterable[str], count: int = FOLDS) -> list[list[str]]:
    """Subjects in parts of about the same number of people, each of which validates once; no empty part.

    Parameters
    ----------
    subjects : labels, sessions included; those of one person stay together.
    """
    labels = list(subjects)
    people = sorted({split_label(label)[0] for label in labels}, key=_draw)
    parts = [people[first::count] for first in range(min(count, len(people)))]
    return [[label for label in labels if split_label(label)[0] in part] for part in parts]


def cross_validation(parts: Sequence[Sequence[str]]) -> list[dict[str, list[str]]]:
    """For each part what is learnt from and what validates, as nnU-Net has it; none where there is but one part."""
    every = [label for part in parts for label in part]
    if len(parts) < 2:
        return []
    return [{"train": sorted(set(every) - set(part)), "val": sorted(part)} for part in parts]


def _draw(subject: str) -> float:
    """From 0 to 1, even over all labels, and the same for ever."""
    digest = hashlib.sha256(f"sub-{split_label(subject)[0]}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / _LARGEST
