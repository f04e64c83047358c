"""Which voxels of an image are fluid and which nervous tissue, as far as an annotation tells it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CORD, DURA
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import inside
from SpineRootLib.frames import Points
from SpineRootLib.images import Image
from SpineRootLib.quality.measures import otsu_threshold, separation
from SpineRootLib.quality.settings import QualitySettings


class Tissue(IntEnum):
    """What a voxel is."""

    OUTSIDE = 0
    FLUID = 1
    NERVOUS = 2


@dataclass(frozen=True, eq=False)
class TissueBox:
    """Tissues of the voxels of a part of an image.

    Parameters
    ----------
    labels : (a, b, c) of `Tissue`.
    thresholds : (a, b, c) grey values, of which nervous tissue lies at or below; NaN where contours told it from fluid,
        and outside.
    corner : (3,) voxel index of its first voxel.
    """

    labels: NDArray[np.uint8]
    thresholds: NDArray[np.float32]
    corner: NDArray[np.int64]

    @classmethod
    def empty(cls) -> TissueBox:
        """No voxel."""
        return cls(np.zeros((0, 0, 0), np.uint8), np.zeros((0, 0, 0), np.float32), np.zeros(3, np.int64))

    def part(self) -> tuple[slice, ...]:
        """Where it lies in the image's voxels."""
        return tuple(slice(start, start + size) for start, size in zip(self.corner, self.labels.shape, strict=True))


class _Marks:
    """An annotation by slice: curves of dura and cord, (n, 3), and points of the roots; of all slices, or of some."""

    def __init__(self, annotation: Annotation, only: range | None) -> None:
        self.planes = planes = annotation.require_planes()
        dura, cord = (annotation.contours_by_slice(structure) for structure in (DURA, CORD))
        self.dura, self.cord = (
            {number: contour.curve() for number, contour in contours.items() if only is None or number in only}
            for contours in (dura, cord)
        )
        self.lowest_cord = max(cord, default=planes.count)
        self._roots = np.concatenate([np.empty((0, 3)), *annotation.roots.values()])
        self._numbers = planes.number(self._roots)

    def nervous(self, number: int, flat: NDArray[np.float64], radius: float) -> NDArray[np.bool_] | None:
        """Which in-plane points lie in the cord or in a root of a slice; None where the slice does not tell."""
        centres = self.planes.flatten(self._roots[self._numbers == number])
        if number in self.cord:
            found = inside(self.planes.flatten(self.cord[number]), flat)
        elif number > self.lowest_cord and len(centres):
            found = np.zeros(len(flat), dtype=bool)
        else:
            return None
        for centre in centres:
            found |= np.linalg.norm(flat - centre, axis=1) <= radius
        return found


def annotated_tissue(
    image: Image,
    annotation: Annotation,
    settings: QualitySettings,
    by_hand: float | None = None,
    only: range | None = None,
) -> TissueBox | None:
    """Tissues inside the annotated dura, None where the image shows none of it.

    A voxel belongs to the CISS slice whose plane is the nearest to its centre, so that the same contours serve images
    of other planes. What is brighter than the threshold is fluid. Brightness falls along the body, and so the threshold
    is that of the slice's own voxels. Where `settings.classes` asks for contours they decide instead: the cord's where
    there is one, and root points below the last of them.

    Parameters
    ----------
    by_hand : a threshold for all slices; by default each has Otsu's.
    only : numbers of the CISS slices to look at; all by default.
    """
    marks = _Marks(annotation, only)
    box = _box_around(image, list(marks.dura.values()))
    if box is None:
        return None
    part = tuple(slice(first, last) for first, last in box)
    values = image.voxels[part].reshape(-1)
    points = image.ras_of(np.indices(image.voxels[part].shape).reshape(3, -1).T + box[:, 0])
    numbers = marks.planes.number(points)
    labels = np.zeros(len(points), dtype=np.uint8)
    thresholds = np.full(len(points), np.nan, dtype=np.float32)
    order = np.argsort(numbers, kind="stable")
    for number, curve in marks.dura.items():
        start, stop = np.searchsorted(numbers[order], (number, number + 1))
        own = order[start:stop]
        flat = marks.planes.flatten(points[own])
        enclosed = inside(marks.planes.flatten(curve), flat)
        own = own[enclosed]
        by_contours = settings.classes == "contours" and by_hand is None
        nervous = marks.nervous(number, flat[enclosed], settings.root_radius_mm) if by_contours else None
        if nervous is None:
            threshold = _threshold(values[own], settings) if by_hand is None else by_hand
            thresholds[own] = threshold
            nervous = values[own] <= threshold  # nothing where there is no threshold
        labels[own] = np.where(nervous, Tissue.NERVOUS, Tissue.FLUID)
    shape = image.voxels[part].shape
    return TissueBox(labels.reshape(shape), thresholds.reshape(shape), box[:, 0])


def _threshold(values: NDArray[np.generic], settings: QualitySettings) -> float:
    """Otsu's threshold of the foreground on one level; NaN where its grey values are not of two kinds."""
    found = otsu_threshold(values)
    return found if separation(values, found) >= settings.least_separation else float("nan")


def _box_around(image: Image, curves: list[Points]) -> NDArray[np.int64] | None:
    """First and one past the last voxel index, (3, 2), around curves, within the image; None where they miss it."""
    if not curves:
        return None
    index = image.index_of(np.concatenate(curves))
    first = np.clip(np.floor(index.min(axis=0)) - 1, 0, None).astype(np.int64)
    last = np.minimum(np.ceil(index.max(axis=0)) + 2, image.voxels.shape).astype(np.int64)
    return np.column_stack([first, last]) if np.all(first < last) else None
