"""What is to be looked at next: the slices on which a model is least certain, or two models differ most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CORD, ROOTS, SIDES, Root, parse_segments
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.images import Image
from SpineRootLib.label_maps.label_map_file import LabelMapFile
from SpineRootLib.label_maps.label_tables import LabelTable
from SpineRootLib.learning.label_score import on_voxels_of
from SpineRootLib.place import Place
from SpineRootLib.planes import slice_axis
from SpineRootLib.tables import Meaning, read_table
from SpineRootLib.translation import _

COLUMNS: dict[str, Meaning] = {
    "rank": ("Place in the queue; what is least certain comes first, subject by subject", None),
    "subject": ("Participant's label, with the session's if there are several", None),
    "slice": ("CISS slice from the head down, from 1", None),
    "structure": ("What is least certain on the slice: cord or nerveroots", None),
    "segment": ("Level of the root", None),
    "side": ("Side of the root; n/a where the labels do not tell it", None),
    "uncertainty": (
        "From 0 to 1: of one model the mean of 1 - probability over the voxels of cord and roots; of two the share of "
        "the voxels that either calls so on which they differ",
        None,
    ),
    "of_subject": ("Mean of the subject's least certain slices that are listed", None),
}
# a slice with fewer voxels of cord and roots says nothing
_FEWEST_VOXELS = 4


@dataclass(frozen=True)
class Uncertain:
    """One slice of the queue.

    Parameters
    ----------
    place : the structure that is least certain there; of a root whose side is not told, without its root.
    segment : the root's level where its side is not told.
    """

    subject: str
    slice: int
    structure: str
    uncertainty: float
    segment: str | None = None
    side: str | None = None

    @property
    def place(self) -> Place | None:
        """Where that is; None where the side is not told."""
        if self.structure != ROOTS:
            return Place(self.structure, slice=self.slice)
        if self.segment is None or self.side is None:
            return None
        return Place(ROOTS, Root(self.segment, self.side), self.slice)


def by_confidence(subject: str, prediction: LabelMapFile, image: Image) -> list[Uncertain]:
    """Every slice by how sure a model is of the labels that it gives.

    Parameters
    ----------
    prediction : with its confidence.
    image : the CISS image, for its slices.
    """
    assert prediction.confidence is not None
    labels = on_voxels_of(image, prediction.image)
    doubt = 1.0 - on_voxels_of(image, Image(prediction.confidence.voxels, prediction.image.affine))
    return list(_by_slice(subject, image, prediction.table, labels, labels, doubt))


def by_disagreement(subject: str, first: LabelMapFile, second: LabelMapFile, image: Image) -> list[Uncertain]:
    """Every slice by how much of cord and roots two models call differently; both have the first one's table."""
    one, two = (on_voxels_of(image, each.image) for each in (first, second))
    return list(_by_slice(subject, image, first.table, one, two, one != two))


def queue_rows(found: Mapping[str, Sequence[Uncertain]], per_subject: int) -> Iterator[dict[str, Any]]:
    """The queue: of each subject its least certain slices, the subject that is least certain in these first."""
    listed = {
        subject: sorted(slices, key=lambda each: -each.uncertainty)[:per_subject] for subject, slices in found.items()
    }
    means = {
        subject: float(np.mean([each.uncertainty for each in each_of]))
        for subject, each_of in listed.items()
        if each_of
    }
    rank = 0
    for subject in sorted(means, key=lambda each: (-means[each], each)):
        for each in listed[subject]:
            rank += 1
            yield {
                "rank": rank,
                "subject": subject,
                "slice": each.slice,
                "structure": each.structure,
                "segment": each.segment,
                "side": each.side,
                "uncertainty": round(each.uncertainty, 4),
                "of_subject": round(means[subject], 4),
            }


def read_queue(path: Path) -> list[Uncertain]:
    """The queue in a file, in its order.

    Raises
    ------
    DatasetError
        if it cannot be read, or is none.
    """
    rows = read_table(path)
    if not rows or not {"subject", "slice", "structure"} <= rows[0].keys():
        raise DatasetError(_("is no queue: it lacks the columns 'subject', 'slice' and 'structure', or any row"), path)
    try:
        return [_of_row(row) for row in rows]
    except (ValueError, SpineRootError) as error:
        raise DatasetError(_("is no queue ({error})").format(error=error), path) from None


def _of_row(row: Mapping[str, str]) -> Uncertain:
    segment, side = (None if row.get(key, "n/a") == "n/a" else row[key] for key in ("segment", "side"))
    if segment is not None:
        parse_segments(segment)
    if side not in (None, *SIDES):
        raise SpineRootError(_("'{text}' is no side").format(text=side))
    found = Uncertain(
        row["subject"], int(row["slice"]), row["structure"], float(row.get("uncertainty", "nan")), segment, side
    )
    if found.structure not in (CORD, ROOTS, "dura"):
        raise SpineRootError(_("'{text}' is no structure").format(text=found.structure))
    if found.slice < 1:
        raise SpineRootError(_("'{text}' is no number of a slice").format(text=row["slice"]))
    return found


def _by_slice(
    subject: str, image: Image, table: LabelTable, one: NDArray[Any], two: NDArray[Any], doubt: NDArray[Any]
) -> Iterator[Uncertain]:
    """Each slice with cord or roots in either label map, with the mean doubt of their voxels."""
    across, planes, wanted = slice_axis(image.affine), image.planes(), table.numbers_of(CORD, ROOTS)
    for index in range(image.voxels.shape[across]):
        first, second, doubts = (each.take(index, axis=across) for each in (one, two, doubt))
        here = np.isin(first, wanted) | np.isin(second, wanted)
        if here.sum() < _FEWEST_VOXELS:
            continue
        labels = set(np.unique([first[here], second[here]]).tolist()) & set(wanted)
        worst = max(sorted(labels), key=lambda label: float(doubts[(first == label) | (second == label)].mean()))
        number = int(planes.number(image.ras_of(np.eye(3)[across] * index))[0])
        meaning = table.meanings[worst]
        mean = float(doubts[here].mean())
        yield Uncertain(subject, number, meaning.structure, mean, meaning.segment, meaning.side)
