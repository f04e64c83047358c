"""SNR and CNR of the slices of one image."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import DURA
from SpineRootLib.annotation import Annotation
from SpineRootLib.images import Image
from SpineRootLib.planes import SlicePlanes, slice_axis
from SpineRootLib.progress import Progress, report
from SpineRootLib.quality.measures import contrast_to_noise, otsu_threshold, signal_to_noise
from SpineRootLib.quality.sac import find_sac
from SpineRootLib.quality.settings import QualitySettings
from SpineRootLib.quality.tissue import Tissue, TissueBox, annotated_tissue


@dataclass(frozen=True)
class SliceQuality:
    """The quality of one slice.

    Parameters
    ----------
    image : name of the image, ``CISS``.
    slice : 1-based; from the most cranial slice, or of upright slices from the subject's left or back.
    snr, cnr : NaN where the slice shows too little of the tissues.
    n_csf, n_nervous : voxels of fluid and of nervous tissue.
    threshold : grey value between nervous tissue and fluid; NaN where contours told them apart.
    foreground : ``dura`` as annotated, ``sac`` as found in the image, empty where the slice shows none.
    classes : how fluid and nervous tissue were told apart: ``contours``, ``otsu``, or ``set`` by hand.
    """

    image: str
    slice: int
    snr: float = math.nan
    cnr: float = math.nan
    n_csf: int = 0
    n_nervous: int = 0
    threshold: float = math.nan
    foreground: str = ""
    classes: str = ""

    def is_low(self, limit: float) -> bool:
        """Whether SNR or CNR is below the limit; what could not be measured is not."""
        return self.snr < limit or self.cnr < limit


def slice_quality(
    image: Image,
    annotation: Annotation | None = None,
    settings: QualitySettings | None = None,
    name: str = "CISS",
    slices: Collection[int] | None = None,
    sac: Annotation | None = None,
    progress: Progress | None = None,
) -> list[SliceQuality]:
    """The quality of every slice of an image.

    The foreground is the inside of the annotated dura; without one, the dural sac as `find_sac` finds it. Fluid and
    nervous tissue are told apart by the contours of the cord and the roots, by a threshold that was set by hand, or by
    Otsu's threshold of the foreground of the whole image.

    Parameters
    ----------
    annotation : with slice planes; it may have been made on another image of the same frame of reference.
    name : of the image, for the rows and to look up a threshold set by hand.
    slices : numbers of the slices asked for; all by default. One annotated slice takes about 15 ms, for showing the
        figures of the slice in view.
    sac : what `find_sac` found, in this image or another of the same frame of reference; by default it is looked for
        in this one.
    """
    settings = settings or QualitySettings()
    report(progress, 0.0, f"foreground of {name}")
    by_hand = settings.thresholds.get(name)
    foreground = "dura"
    if annotation is None or not annotation.contours[DURA]:
        foreground, annotation = "sac", sac or find_sac(image, settings.sac)
    box = None if annotation is None else _tissue(image, annotation, settings, by_hand is None, slices)
    if box is None:
        box = TissueBox(np.zeros((0, 0, 0), np.uint8), np.zeros(3, np.int64))
    threshold = otsu_threshold(image.voxels[box.part()][box.labels > 0]) if by_hand is None else by_hand
    by_grey = "otsu" if by_hand is None else "set"
    rows = []
    for number, values, labels in _slices(image, box):
        report(progress, number / image.voxels.shape[slice_axis(image.affine)], f"slice {number} of {name}")
        if slices is None or number in slices:
            row = SliceQuality(name, number, threshold=threshold, foreground=foreground, classes=by_grey)
            rows.append(_measured(row, values, labels, settings) if len(labels) else SliceQuality(name, number))
    return rows


def _tissue(
    image: Image,
    annotation: Annotation,
    settings: QualitySettings,
    by_contours: bool,
    slices: Collection[int] | None,
) -> TissueBox | None:
    """The tissues; of some slices alone unless grey values of the whole image are needed."""
    if slices is not None and by_contours:
        numbers = _planes_across(image, annotation.require_planes(), slices)
        box = annotated_tissue(image, annotation, settings, only=numbers)
        if box is None or Tissue.SAC not in box.labels:
            return box
    return annotated_tissue(image, annotation, settings, by_contours)


def _planes_across(image: Image, planes: SlicePlanes, slices: Collection[int]) -> range:
    """The slices of the annotation that pass through slices of an image."""
    axis = slice_axis(image.affine)
    asked = [index for number, index in enumerate(_order(image, axis), start=1) if number in slices]
    corners = np.indices((2, 2, 2)).reshape(3, -1).T * (np.array(image.voxels.shape) - 1)
    corners = np.tile(corners, (len(asked), 1))
    corners[:, axis] = np.repeat(asked, 8)
    numbers = planes.number(image.ras_of(corners))
    return range(numbers.min(), numbers.max() + 1) if len(numbers) else range(0)


def _measured(
    row: SliceQuality, values: NDArray[np.float64], labels: NDArray[np.uint8], settings: QualitySettings
) -> SliceQuality:
    """The row of a slice with the figures of its foreground, values and tissues (n,)."""
    if Tissue.SAC not in labels:
        row = replace(row, threshold=math.nan, classes="contours")
    bright = values > row.threshold
    fluid = values[(labels == Tissue.FLUID) | (labels == Tissue.SAC) & bright]
    nervous = values[(labels == Tissue.NERVOUS) | (labels == Tissue.SAC) & ~bright]
    enough = min(len(fluid), len(nervous)) >= settings.least_voxels
    return replace(
        row,
        snr=signal_to_noise(values) if len(values) >= settings.least_voxels else math.nan,
        cnr=contrast_to_noise(fluid, nervous) if enough else math.nan,
        n_csf=len(fluid),
        n_nervous=len(nervous),
    )


def low_slices(rows: Iterable[SliceQuality], limit: float) -> list[SliceQuality]:
    """The slices whose SNR or CNR is below the limit."""
    return [row for row in rows if row.is_low(limit)]


def _slices(image: Image, box: TissueBox) -> Iterator[tuple[int, NDArray[np.float64], NDArray[np.uint8]]]:
    """Number, intensities and tissues of the foreground of every slice of an image, both (n,)."""
    axis = slice_axis(image.affine)
    values = np.moveaxis(image.voxels[box.part()], axis, 0)
    labels = np.moveaxis(box.labels, axis, 0)
    for number, index in enumerate(_order(image, axis), start=1):
        place = index - box.corner[axis]
        if 0 <= place < len(labels):
            shown = labels[place] > 0
            yield number, values[place][shown].astype(np.float64), labels[place][shown]
        else:
            yield number, np.empty(0), np.empty(0, np.uint8)


def _order(image: Image, axis: int) -> NDArray[np.int64]:
    """Voxel indices along the slice axis, in the order of the slices' numbers."""
    first, second = (image.affine[:3, other] for other in range(3) if other != axis)
    across = int(np.argmax(np.abs(np.cross(first, second))))
    step = image.affine[across, axis]
    order = np.arange(image.voxels.shape[axis])
    return order[::-1] if (step > 0) == (across == 2) else order
