"""A label map as a file: its whole numbers, which program made it, and what its numbers stand for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from SpineRootLib.errors import ImageFileError, SpineRootError
from SpineRootLib.frames import Points
from SpineRootLib.images import Image, read_image, sha256
from SpineRootLib.label_maps.confidence import confidence_at, confidence_beside, read_confidence, soft_labels
from SpineRootLib.label_maps.dicom_seg import ENDING as DICOM_ENDING
from SpineRootLib.label_maps.dicom_seg import read_dicom_seg
from SpineRootLib.label_maps.label_tables import LabelTable, listing, shipped_tables
from SpineRootLib.label_maps.meanings import OTHER
from SpineRootLib.label_maps.segment_names import table_of_names, table_of_segments
from SpineRootLib.place import Place
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
    record : what the sidecar of an annotation keeps of it: ``File``, ``SHA256``, ``Program``, ``Table``, and the file
        with its probabilities, ``Confidence``.
    confidence : the probability of each voxel's label, on the same voxels; None where nothing tells.
    """

    image: Image
    table: LabelTable
    record: dict[str, Any]
    confidence: Image | None = None

    @property
    def name(self) -> str:
        """The file's name."""
        return str(self.record["File"])

    def confidence_at(self, place: Place, points: Points) -> float | None:
        """How sure the model is of what was read from it in a place, 0 to 1; None where nothing tells."""
        if self.confidence is None:
            return None
        return confidence_at(self.confidence, self.image, self.table, place, points)


def read_label_map(path: Path, table: LabelTable | None = None, program: str | None = None) -> LabelMapFile:
    """Read a label map (NIfTI, NRRD, MetaImage, DICOM SEG), or a soft one of a single structure.

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
    soft = soft_labels(image, table)
    image, confidence = (image, None) if soft is None else soft
    numbers = labels_in(image)
    told = _generated_by(path)
    table = table or named or _table_of(told)
    if table is None:
        fault = _("holds the labels {labels}, and nothing tells what they are").format(labels=listing(numbers))
        advice = _(": say so with --table ({tables}) or --label").format(tables=", ".join(shipped_tables()))
        raise ImageFileError(fault, path, advice, _("choose a table, or name them"))
    check_table(path, table, numbers)
    document = {
        "File": path.name,
        "SHA256": sha256(path),
        "Program": program or told or table.title,
        "Table": table.name,
    }
    return LabelMapFile(image, table, document, confidence)


def with_confidence(label_map: LabelMapFile, path: Path | None = None) -> LabelMapFile:
    """A label map with the probability of each voxel's label: of a file, by default the one beside it if there is one.

    Raises
    ------
    ImageFileError
        if the file cannot be read, lies on other voxels, or holds no probabilities.
    """
    source = label_map.image.source
    if path is None and source is not None and label_map.confidence is None:
        path = confidence_beside(source, _stem(source))
    if path is None:
        return label_map
    record = {**label_map.record, "Confidence": path.name}
    return replace(label_map, record=record, confidence=read_confidence(path, label_map.image))


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
    beside = path.with_name(_stem(path) + ".json")
    try:
        document = json.loads(beside.read_text(encoding="utf-8"))
        first = document["GeneratedBy"][0]
        return " ".join(str(first[key]) for key in ("Name", "Version") if key in first)
    except (OSError, ValueError, LookupError, TypeError, SpineRootError):
        return ""


def _stem(path: Path) -> str:
    """A label map's name without its ending."""
    return path.name.removesuffix(next((each for each in _ENDINGS if path.name.endswith(each)), path.suffix))
