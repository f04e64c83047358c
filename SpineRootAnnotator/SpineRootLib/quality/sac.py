"""Finding the dural sac in a CISS image on which nobody has drawn it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from SpineRootLib.anatomy import DURA
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.curves import evenly_spaced
from SpineRootLib.errors import GeometryError
from SpineRootLib.images import Image
from SpineRootLib.planes import slice_axis
from SpineRootLib.quality.bright_tube import longest_tube
from SpineRootLib.quality.settings import SacSettings

_CONTOUR_POINTS = 24


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


def find_sac(image: Image, settings: SacSettings | None = None) -> Annotation | None:
    """The dural sac as an annotation that holds its contours on every slice that shows it.

    It is the longest of the bright tubes that run across the slices near the midline. On a slice its contour is the
    convex hull of the bright voxels' centres, so that the cord and the roots lie in it; the rim, where fluid and wall
    share voxels, does not.

    Parameters
    ----------
    image : slices across the body, on which fluid is the brightest tissue but for fat that reaches the sides.

    Returns
    -------
    Annotation or None
        None where nothing looks like a sac, or the slices stand upright.
    """
    settings = settings or SacSettings()
    try:
        annotation = Annotation("", planes=image.planes())
    except GeometryError:
        return None
    coarse = _coarse(image, settings)
    tube = longest_tube(coarse.voxels, coarse.voxel_mm, settings)
    if tube is None:
        return None
    for section in np.flatnonzero(tube.any(axis=(0, 1))):
        outline = _hull(np.argwhere(tube[:, :, section]).astype(np.float64))
        if outline is not None:
            places = np.column_stack([outline, np.full(len(outline), section)])
            annotation.contours[DURA].append(Contour(image.ras_of(coarse.index(places))))
    return annotation


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


def _hull(points: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The convex hull of points, (n, 2), as evenly spaced points, (m, 2); None where they lie on a line."""
    if len(points) < 3:
        return None
    try:
        corners = points[ConvexHull(points).vertices]
    except QhullError:
        return None
    return evenly_spaced(corners, _CONTOUR_POINTS, closed=True)
