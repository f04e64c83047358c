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
from SpineRootLib.quality.measures import contrast_to_noise, signal_to_noise
from SpineRootLib.quality.sac import FoundSac, look_for_sac
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
    n_csf, n_nervous : voxels of fluid and of nervous tissue; 0 where nothing told them apart.
    threshold : grey value between nervous tissue and fluid, the middle one of all that the slice crosses; NaN where
        contours told them apart, or where the grey values are not of two kinds.
    foreground : ``dura`` as annotated, ``sac`` as found in the image, ``doubtful`` where something was found that is
        not believed to be the sac, empty where the slice shows none.
    classes : how fluid and nervous tissue were told apart: ``otsu`` is Otsu's threshold, ``set`` one set by hand, or
        ``contours``.
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
    sac: FoundSac | None = None,
    progress: Progress | None = None,
) -> list[SliceQuality]:
    """The quality of every slice of an image.

    The foreground is the inside of the annotated dura; without one, the dural sac as `look_for_sac` finds it. Fluid and
    nervous tissue are told apart in it by Otsu's threshold, slice by slice, or as the settings say.

    Parameters
    ----------
    annotation : with slice planes; it may have been made on another image of the same frame of reference.
    name : of the image, for the rows and to look up a threshold set by hand.
    slices : numbers of the slices asked for; all by default. One annotated slice takes about 15 ms, for showing the
        figures of the slice in view.
    sac : what `look_for_sac` found, in this image or another of the same frame of reference; by default it is looked
        for in this one.
    """
    settings = settings or QualitySettings()
    report(progress, 0.0, f"foreground of {name}")
    by_hand = settings.thresholds.get(name)
    foreground, marked = "dura", annotation
    if marked is None or not marked.contours[DURA]:
        sac = sac or look_for_sac(image, settings.sac)
        foreground, marked = "sac" if not sac.doubt else "doubtful", sac.annotation
    numbers = None if marked is None or slices is None else _planes_across(image, marked.require_planes(), slices)
    box = None if marked is None else annotated_tissue(image, marked, settings, by_hand, numbers)
    by_grey = "otsu" if by_hand is None else "set"
    rows = []
    for number, values, labels, thresholds in _slices(image, box or TissueBox.empty()):
        report(progress, number / image.voxels.shape[slice_axis(image.affine)], f"slice {number} of {name}")
        if slices is None or number in slices:
            row = SliceQuality(name, number, foreground=foreground, classes=by_grey)
            if not len(labels):
                row = SliceQuality(name, number, foreground=foreground if foreground == "doubtful" else "")
            rows.append(_measured(row, values, labels, thresholds, settings) if len(labels) else row)
    return rows


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
    row: SliceQuality,
    values: NDArray[np.float64],
    labels: NDArray[np.uint8],
    thresholds: NDArray[np.float32],
    settings: QualitySettings,
) -> SliceQuality:
    """The row of a slice with the figures of its foreground: values, tissues and thresholds, (n,) each."""
    fluid, nervous = values[labels == Tissue.FLUID], values[labels == Tissue.NERVOUS]
    by_grey = thresholds[np.isfinite(thresholds)]  # none where the contours decided, or where there are no two heaps
    if settings.classes != "contours" and not len(by_grey):
        fluid = nervous = values[:0]
    enough = min(len(fluid), len(nervous)) >= settings.least_voxels
    return replace(
        row,
        snr=signal_to_noise(values) if len(values) >= settings.least_voxels else math.nan,
        cnr=contrast_to_noise(fluid, nervous) if enough else math.nan,
        n_csf=len(fluid),
        n_nervous=len(nervous),
        threshold=float(np.median(by_grey)) if len(by_grey) else math.nan,
        classes="contours" if settings.classes == "contours" and not len(by_grey) else row.classes,
    )


def low_slices(rows: Iterable[SliceQuality], limit: float) -> list[SliceQuality]:
    """The slices whose SNR or CNR is below the limit."""
    return [row for row in rows if row.is_low(limit)]


def _slices(
    image: Image, box: TissueBox
) -> Iterator[tuple[int, NDArray[np.float64], NDArray[np.uint8], NDArray[np.float32]]]:
    """Number, intensities, tissues and thresholds of the foreground of every slice of an image, each (n,)."""
    axis = slice_axis(image.affine)
    values, labels, thresholds = (
        np.moveaxis(each, axis, 0) for each in (image.voxels[box.part()], box.labels, box.thresholds)
    )
    for number, index in enumerate(_order(image, axis), start=1):
        place = index - box.corner[axis]
        if 0 <= place < len(labels):
            shown = labels[place] > 0
            yield number, values[place][shown].astype(np.float64), labels[place][shown], thresholds[place][shown]
        else:
            yield number, np.empty(0), np.empty(0, np.uint8), np.empty(0, np.float32)


def _order(image: Image, axis: int) -> NDArray[np.int64]:
    """Voxel indices along the slice axis, in the order of the slices' numbers."""
    first, second = (image.affine[:3, other] for other in range(3) if other != axis)
    across = int(np.argmax(np.abs(np.cross(first, second))))
    step = image.affine[across, axis]
    order = np.arange(image.voxels.shape[axis])
    return order[::-1] if (step > 0) == (across == 2) else order
