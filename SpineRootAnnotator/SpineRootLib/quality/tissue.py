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
from SpineRootLib.quality.settings import QualitySettings


class Tissue(IntEnum):
    """What a voxel is; `SAC` is inside the dura, fluid or nervous tissue by its grey value."""

    OUTSIDE = 0
    FLUID = 1
    NERVOUS = 2
    SAC = 3


@dataclass(frozen=True, eq=False)
class TissueBox:
    """Tissues of the voxels of a part of an image.

    Parameters
    ----------
    labels : (a, b, c) of `Tissue`.
    corner : (3,) voxel index of its first voxel.
    """

    labels: NDArray[np.uint8]
    corner: NDArray[np.int64]

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
    by_contours: bool = True,
    only: range | None = None,
) -> TissueBox | None:
    """Tissues inside the annotated dura, None where the image shows none of it.

    A voxel belongs to the CISS slice whose plane is the nearest to its centre, so that the same contours serve images
    of other planes. On a slice with a contour of the cord, and below the last of them with root points, nervous tissue
    is what they mark; on every other slice the voxels are `Tissue.SAC`.

    Parameters
    ----------
    by_contours : False leaves every voxel inside the dura to its grey value.
    only : numbers of the CISS slices to look at; all by default.
    """
    marks = _Marks(annotation, only)
    box = _box_around(image, list(marks.dura.values()))
    if box is None:
        return None
    shape = tuple(box[:, 1] - box[:, 0])
    points = image.ras_of(np.indices(shape).reshape(3, -1).T + box[:, 0])
    numbers = marks.planes.number(points)
    labels = np.zeros(len(points), dtype=np.uint8)
    order = np.argsort(numbers, kind="stable")
    for number, curve in marks.dura.items():
        start, stop = np.searchsorted(numbers[order], (number, number + 1))
        own = order[start:stop]
        flat = marks.planes.flatten(points[own])
        enclosed = inside(marks.planes.flatten(curve), flat)
        nervous = marks.nervous(number, flat[enclosed], settings.root_radius_mm) if by_contours else None
        labels[own[enclosed]] = Tissue.SAC if nervous is None else np.where(nervous, Tissue.NERVOUS, Tissue.FLUID)
    return TissueBox(labels.reshape(shape), box[:, 0])


def _box_around(image: Image, curves: list[Points]) -> NDArray[np.int64] | None:
    """First and one past the last voxel index, (3, 2), around curves, within the image; None where they miss it."""
    if not curves:
        return None
    index = image.index_of(np.concatenate(curves))
    first = np.clip(np.floor(index.min(axis=0)) - 1, 0, None).astype(np.int64)
    last = np.minimum(np.ceil(index.max(axis=0)) + 2, image.voxels.shape).astype(np.int64)
    return np.column_stack([first, last]) if np.all(first < last) else None
