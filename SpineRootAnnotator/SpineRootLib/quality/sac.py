"""Finding the dural sac in a CISS image on which nobody has drawn it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from SpineRootLib.anatomy import DURA
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import centroid
from SpineRootLib.errors import GeometryError
from SpineRootLib.images import Image
from SpineRootLib.planes import SlicePlanes, slice_axis
from SpineRootLib.progress import Progress
from SpineRootLib.quality.bright_tube import longest_tube
from SpineRootLib.quality.settings import SacSettings
from SpineRootLib.tracing import Tracer


@dataclass(frozen=True, eq=False)
class _Coarse:
    """The middle of an image with averaged voxels, its axes turned to left-right, back-front, and across slices.

    `axes` are the voxel axes of the image in that order, `factor` the voxels averaged along each, and `start` the
    image's index, in that order, of the first of them.
    """

    voxels: NDArray[np.float32]
    axes: tuple[int, int, int]
    factor: NDArray[np.int64]
    start: NDArray[np.int64]
    voxel_mm: NDArray[np.float64]

    def index(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Image indices, (n, 3), of the centres of coarse voxels, (n, 3)."""
        turned = self.start + places * self.factor + (self.factor - 1) / 2
        return turned[:, np.argsort(self.axes)]


@dataclass(frozen=True, eq=False)
class FoundSac:
    """What was found where the dural sac was looked for.

    Parameters
    ----------
    annotation : holds its contours on every slice that shows it; None where nothing is believed to be the sac.
    doubt : why what looks like a sac is not believed to be it, a sentence; empty otherwise.
    """

    annotation: Annotation | None
    doubt: str = ""


def look_for_sac(image: Image, settings: SacSettings | None = None, progress: Progress | None = None) -> FoundSac:
    """The dural sac as it is found in an image.

    Fluid is looked for first: the longest of the bright tubes that run across the slices near the midline. From the
    middle of its hulls the tracer finds the dura, behind a crowd of roots as well; its rim, where fluid and wall share
    voxels, is left out. A tube in which the tracer sees no dura on most slices is something else, as a rule muscle or
    fat.

    Parameters
    ----------
    image : slices across the body, on which fluid is the brightest tissue but for fat that reaches the sides.
    """
    settings = settings or SacSettings()
    try:
        planes = image.planes()
    except GeometryError:
        return FoundSac(None)
    middles = _tube_middles(image, planes, settings)
    if not middles:
        return FoundSac(None)
    numbers = sorted(middles)
    clicked = numbers[min(settings.click_every // 2, len(numbers) // 2) :: settings.click_every]
    found = Annotation("", planes=planes)
    asked = {number: middles[number] for number in clicked}
    for proposal in Tracer(image).propose_contours(DURA, clicks=asked, progress=progress):
        if proposal.points is not None and proposal.slice is not None:
            found.set_contour(DURA, proposal.slice, _without_rim(proposal.points, settings.rim_mm))
    seen = len(set(numbers) & set(found.contours_by_slice(DURA)))
    if seen < settings.least_traced * len(numbers):
        return FoundSac(
            None,
            f"something bright runs through {len(numbers)} slices, but a dura is seen around it on {seen} of them: it "
            "is not taken for the dural sac",
        )
    return FoundSac(found)


def _without_rim(points: NDArray[np.float64], rim_mm: float) -> NDArray[np.float64]:
    """Control points, (n, 3), moved towards their middle by the breadth of a rim."""
    away = points - points.mean(axis=0)
    return points - rim_mm * away / np.linalg.norm(away, axis=1, keepdims=True)


def _tube_middles(image: Image, planes: SlicePlanes, settings: SacSettings) -> dict[int, NDArray[np.float64]]:
    """By slice the middle of the bright tube's hull, (3,) RAS mm."""
    coarse = _coarse(image, settings)
    tube = longest_tube(coarse.voxels, coarse.voxel_mm, settings)
    if tube is None:
        return {}
    found = {}
    for section in np.flatnonzero(tube.any(axis=(0, 1))):
        middle = _hull_middle(np.argwhere(tube[:, :, section]).astype(np.float64))
        if middle is not None:
            place = image.ras_of(coarse.index(np.array([[*middle, section]])))
            found[int(planes.number(place)[0])] = place[0]
    return found


def _coarse(image: Image, settings: SacSettings) -> _Coarse:
    steps = np.linalg.norm(image.affine[:3, :3], axis=0)
    across = slice_axis(image.affine)
    right = int(np.argmax(np.where(np.arange(3) == across, -1.0, np.abs(image.affine[0, :3] / steps))))
    axes = (right, 3 - across - right, across)
    size = np.array(image.voxels.shape)[list(axes)]
    voxel_mm = steps[list(axes)]
    factor = np.clip(np.round(settings.grid_mm / voxel_mm), 1, size).astype(np.int64)
    factor[2] = 1
    reach = np.array([*settings.reach_mm, np.inf])
    half = np.minimum(np.floor(reach / voxel_mm / factor), size // (2 * factor)).astype(np.int64)
    count = np.maximum(2 * half, 1)
    start = (size - count * factor) // 2
    start[2], count[2] = 0, size[2]
    stop = start + count * factor
    part = image.voxels.transpose(axes)[tuple(slice(a, b) for a, b in zip(start, stop, strict=True))]
    blocks = part.reshape(count[0], factor[0], count[1], factor[1], count[2])
    return _Coarse(blocks.mean(axis=(1, 3), dtype=np.float32), axes, factor, start, voxel_mm * factor)


def _hull_middle(points: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The centre of gravity, (2,), of the convex hull of points, (n, 2); None where they lie on a line."""
    if len(points) < 3:
        return None
    try:
        return centroid(points[ConvexHull(points).vertices])
    except QhullError:
        return None
