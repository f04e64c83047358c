"""How sure a model is of the labels that it gives: the probability of each voxel's label, beside a label map."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.curves import closed_curve
from SpineRootLib.errors import ImageFileError
from SpineRootLib.frames import Points
from SpineRootLib.images import Image, read_image
from SpineRootLib.label_maps.label_tables import LabelTable
from SpineRootLib.place import Place
from SpineRootLib.translation import _

# beside sub-01.nii.gz: an image with the probability of each voxel's label, or nnU-Net's probabilities of all labels
CONFIDENCE_ENDING, PROBABILITIES_ENDING = "_confidence.nii.gz", ".npz"
# a point's label is looked for so far around it, mm: the radius of the thickest roots, 0.7 mm, and a voxel
_AROUND_MM = 1.0
# probabilities that a program has rounded may exceed 1 by this
_ROUNDING = 1e-3
# grids whose voxels lie nearer than this are the same, mm
_SAME_MM = 0.05


def confidence_beside(label_map: Path, stem: str) -> Path | None:
    """The file with probabilities that lies beside a label map; None where there is none.

    Parameters
    ----------
    stem : the label map's name without its ending.
    """
    beside = [label_map.with_name(stem + ending) for ending in (CONFIDENCE_ENDING, PROBABILITIES_ENDING)]
    return next((path for path in beside if path.is_file()), None)


def read_confidence(path: Path, labels: Image) -> Image:
    """The probability of each voxel's label, on the voxels of the label map.

    Raises
    ------
    ImageFileError
        if the file cannot be read, lies on other voxels, or holds no probabilities.
    """
    is_of_all = path.suffix == PROBABILITIES_ENDING
    found = Image(_likeliest(path), labels.affine, path) if is_of_all else read_image(path)
    if found.voxels.shape != labels.voxels.shape:
        fault = _("has {size} voxels, and its label map {other}")
        raise ImageFileError(fault.format(size=found.voxels.shape, other=labels.voxels.shape), path)
    if np.abs(found.affine - labels.affine)[:3].max(axis=0) @ [*found.voxels.shape, 1.0] > _SAME_MM:
        raise ImageFileError(_("does not lie where its label map lies"), path)
    if not (found.voxels.min() >= 0 and found.voxels.max() <= 1 + _ROUNDING):
        raise ImageFileError(_("holds no probabilities from 0 to 1"), path)
    return found


def soft_labels(soft: Image, table: LabelTable | None) -> tuple[Image, Image] | None:
    """A soft segmentation of one structure as its whole label, from one half on, and the probability of each voxel's.

    None where the image is none: it holds whole numbers, or others than 0 to 1, or the table knows more than label 1.
    """
    voxels = soft.voxels
    is_soft = voxels.dtype.kind == "f" and voxels.min() >= 0 and voxels.max() <= 1 and bool(np.any(voxels % 1))
    if table is None or set(table.meanings) != {1} or not is_soft:
        return None
    inside = voxels >= 0.5
    labels = Image(inside.astype(np.uint8), soft.affine, soft.source)
    return labels, Image(np.where(inside, voxels, 1.0 - voxels), soft.affine, soft.source)


def confidence_at(confidence: Image, labels: Image, table: LabelTable, place: Place, points: Points) -> float | None:
    """How sure a model is of what was read from its label map in a place: the mean of the probabilities there.

    Of a point those of its label's voxels around it; of a contour those one voxel inside of it, for within it nobody
    doubts. None where no voxel tells.

    Parameters
    ----------
    points : (n, 3) RAS mm.
    """
    spacing = np.linalg.norm(labels.affine[:3, :3], axis=0)
    if place.is_contour:
        curve = closed_curve(points)
        inward = points.mean(axis=0) - curve
        step = spacing.min() / np.maximum(np.linalg.norm(inward, axis=1), spacing.min())
        found = _at(confidence, curve + step[:, None] * inward)
    else:
        reach = np.floor(_AROUND_MM / spacing).astype(int)
        found = _around(confidence, labels, _numbers_of(table, place), points[0], reach)
    return round(float(found.mean()), 3) if len(found) else None


def _likeliest(path: Path) -> NDArray[np.float32]:
    """Of nnU-Net's probabilities of all labels the largest of each voxel."""
    try:
        with path.open("rb") as stream, np.load(stream) as archive:
            # by label, and then as ITK orders the axes
            return np.asarray(archive["probabilities"].max(axis=0).transpose(2, 1, 0), dtype=np.float32)
    except FileNotFoundError:
        raise ImageFileError(_("there is no such file"), path) from None
    except (OSError, EOFError, ValueError, TypeError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise ImageFileError(_("holds no probabilities by label ({error})").format(error=error), path) from error


def _numbers_of(table: LabelTable, place: Place) -> list[int]:
    """The labels that a root or ganglion may have."""
    root = place.root
    if root is None:
        return []
    return [
        number
        for number, each in table.meanings.items()
        if (each.structure, each.segment) == (place.structure, root.segment) and each.side in (None, root.side)
    ]


def _at(confidence: Image, points: Points) -> NDArray[np.float64]:
    """The probabilities of the voxels nearest to points, without those beside the image."""
    index = np.round(confidence.index_of(points)).astype(int)
    index = index[np.all((index >= 0) & (index < confidence.voxels.shape), axis=1)]
    return np.asarray(confidence.voxels[tuple(index.T)], dtype=np.float64)


def _around(
    confidence: Image, labels: Image, numbers: Sequence[int], point: NDArray[np.float64], reach: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The probabilities of the voxels that bear one of some labels, within so many voxels of a point."""
    middle = np.round(labels.index_of([point])[0]).astype(int)
    box = tuple(slice(max(at - by, 0), max(at + by + 1, 0)) for at, by in zip(middle, reach, strict=True))
    return np.asarray(confidence.voxels[box][np.isin(labels.voxels[box], numbers)], dtype=np.float64)
