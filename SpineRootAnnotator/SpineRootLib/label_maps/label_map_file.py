"""A label map as a file: its whole numbers, which program made it, and what its numbers stand for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from SpineRootLib.errors import ImageFileError, SpineRootError
from SpineRootLib.images import Image, read_image, sha256
from SpineRootLib.label_maps.dicom_seg import ENDING as DICOM_ENDING
from SpineRootLib.label_maps.dicom_seg import read_dicom_seg
from SpineRootLib.label_maps.label_tables import LabelTable, listing, shipped_tables
from SpineRootLib.label_maps.meanings import OTHER
from SpineRootLib.label_maps.segment_names import table_of_names, table_of_segments
from SpineRootLib.translation import _

# more kinds of voxels than any label map has: an image, or a soft mask
_MOST_LABELS = 1000
_LARGEST = 65535
_ENDINGS = (".nii.gz", ".nii", ".seg.nrrd", ".nrrd", ".mha", ".mhd")


@dataclass(frozen=True, eq=False)
class LabelMapFile:
    """A label map and what it is.

    Parameters
    ----------
    image : whole numbers, 0 for what is not labelled.
    table : what they stand for.
    record : what the sidecar of an annotation keeps of it: ``File``, ``SHA256``, ``Program``, ``Table``.
    """

    image: Image
    table: LabelTable
    record: dict[str, Any]

    @property
    def name(self) -> str:
        """The file's name."""
        return str(self.record["File"])


def read_label_map(path: Path, table: LabelTable | None = None, program: str | None = None) -> LabelMapFile:
    """Read a label map (NIfTI, NRRD, MetaImage, DICOM SEG).

    Parameters
    ----------
    table : what its numbers stand for; by default what the file itself, or the JSON beside it, tells.
    program : which program made it; by default as the JSON beside it tells, else as the table does.

    Raises
    ------
    ImageFileError
        if it cannot be read, is no label map, or it is not known what its labels stand for.
    """
    if path.suffix.lower() == DICOM_ENDING:
        image, segments = read_dicom_seg(path)
        named = table_of_names(segments)
    else:
        image, named = read_image(path), table_of_segments(path)
    numbers = labels_in(image)
    told = _generated_by(path)
    table = table or named or _table_of(told)
    if table is None:
        fault = _(
            "holds the labels {labels}, and nothing tells what they are: say so with --table ({tables}) or --label"
        )
        names = ", ".join(shipped_tables())
        raise ImageFileError(fault.format(labels=listing(numbers), tables=names), path)
    check_table(path, table, numbers)
    document = {
        "File": path.name,
        "SHA256": sha256(path),
        "Program": program or told or table.title,
        "Table": table.name,
    }
    return LabelMapFile(image, table, document)


def labels_in(image: Image) -> list[int]:
    """The labels of a label map, ascending, without 0.

    Raises
    ------
    ImageFileError
        if its voxels are no whole numbers from 0 on, or too many kinds of them.
    """
    values = np.unique(image.voxels)
    if not np.all(np.isfinite(values)) or np.any(values != np.round(values)):
        fraction = next(value for value in values if not float(value).is_integer())
        fault = _("is no label map: it holds {value:.4g}; of a soft segmentation make whole labels first")
        raise ImageFileError(fault.format(value=float(fraction)), image.source)
    if values[0] < 0 or values[-1] > _LARGEST or len(values) > _MOST_LABELS:
        fault = _("is no label map: its voxels range from {least:g} to {most:g}, {count} kinds of them")
        raise ImageFileError(fault.format(least=values[0], most=values[-1], count=len(values)), image.source)
    found = [int(value) for value in values if value]
    if not found:
        raise ImageFileError(_("is empty: no voxel has a label"), image.source)
    return found


def check_table(path: Path, table: LabelTable, numbers: Sequence[int]) -> None:
    """See that a table explains the labels that were found, and that one of them is a structure of ours.

    Raises
    ------
    ImageFileError
        if not.
    """
    if unknown := table.unknown(numbers):
        fault = _("holds the labels {labels}, of which the table '{name}' does not know {unknown}: is it another's?")
        said = {"labels": listing(numbers), "name": table.name, "unknown": listing(unknown)}
        raise ImageFileError(fault.format(**said), path)
    if all(table.meanings[number].structure == OTHER for number in numbers):
        fault = _("holds the labels {labels}, by the table '{name}' no cord, sac, root or ganglion")
        raise ImageFileError(fault.format(labels=listing(numbers), name=table.name), path)


def _table_of(generated_by: str) -> LabelTable | None:
    """The table of the program that a label map says it was made by."""
    for table in shipped_tables().values():
        if any(name in generated_by for name in table.generators):
            return table
    return None


def _generated_by(path: Path) -> str:
    """The program and its version, as the JSON beside a label map tells them; empty where it does not."""
    ending = next((each for each in _ENDINGS if path.name.endswith(each)), path.suffix)
    beside = path.with_name(path.name.removesuffix(ending) + ".json")
    try:
        document = json.loads(beside.read_text(encoding="utf-8"))
        first = document["GeneratedBy"][0]
        return " ".join(str(first[key]) for key in ("Name", "Version") if key in first)
    except (OSError, ValueError, LookupError, TypeError, SpineRootError):
        return ""
