"""Finding the dural sac in an image on which nobody has drawn it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import ConvexHull, QhullError

from SpineRootLib.curves import inside
from SpineRootLib.images import Image
from SpineRootLib.quality.measures import otsu_threshold
from SpineRootLib.quality.settings import QualitySettings
from SpineRootLib.quality.tissue import Tissue, TissueBox


@dataclass(frozen=True, eq=False)
class _Coarse:
    """The middle of an image with averaged voxels, its axes turned to left-right, back-front, feet-head.

    `axes` are the voxel axes of the image in that order, `factor` the voxels averaged along each, and `start` the
    image's index, in that order, of the first of them.
    """

    voxels: NDArray[np.float32]
    axes: tuple[int, int, int]
    factor: NDArray[np.int64]
    start: NDArray[np.int64]
    voxel_mm: NDArray[np.float64]

    def index(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """Image indices across the body, (n, 2), of the centres of coarse voxels, (n, 2)."""
        return self.start[:2] + places * self.factor[:2] + (self.factor[:2] - 1) / 2


def find_sac(image: Image, settings: QualitySettings) -> TissueBox | None:
    """The inside of the dural sac: of the bright tubes that run along the body near its midline, the longest.

    On each section across the body it is the convex hull of the bright voxels, so that the cord and the roots lie in
    it. Every voxel is `Tissue.SAC`.

    Returns
    -------
    TissueBox or None
        None where nothing looks like a sac.
    """
    coarse = _coarse(image, settings)
    tube = _longest_tube(coarse, settings)
    if tube is None:
        return None
    labels = np.zeros(np.array(image.voxels.shape)[list(coarse.axes)], dtype=np.uint8)
    for section, polygon in _outlines(tube, coarse):
        first = np.floor(polygon.min(axis=0)).astype(int)
        last = np.ceil(polygon.max(axis=0)).astype(int) + 1
        grid = np.indices(tuple(last - first)).reshape(2, -1).T + first
        own = grid[inside(polygon, grid)]
        start = coarse.start[2] + section * coarse.factor[2]
        labels[own[:, 0], own[:, 1], start : start + coarse.factor[2]] = Tissue.SAC
    return _cropped(labels.transpose(np.argsort(coarse.axes)))


def _coarse(image: Image, settings: QualitySettings) -> _Coarse:
    steps = np.linalg.norm(image.affine[:3, :3], axis=0)
    direction = np.abs(image.affine[:3, :3] / steps)
    up = int(np.argmax(direction[2]))
    right = int(np.argmax(np.where(np.arange(3) == up, -1.0, direction[0])))
    axes = (right, 3 - up - right, up)
    size = np.array(image.voxels.shape)[list(axes)]
    voxel_mm = steps[list(axes)]
    factor = np.clip(np.round(settings.sac_grid_mm / voxel_mm), 1, size).astype(np.int64)
    reach = np.array([*settings.sac_reach_mm, np.inf])
    half = np.minimum(np.floor(reach / voxel_mm / factor), size // (2 * factor)).astype(np.int64)
    count = np.maximum(2 * half, 1)
    start = (size - count * factor) // 2
    start[2], count[2] = 0, size[2] // factor[2]
    part = image.voxels.transpose(axes)[
        tuple(slice(a, a + n * f) for a, n, f in zip(start, count, factor, strict=True))
    ]
    (a, b, c), (f, g, h) = count, factor
    blocks = part.reshape(a, f, b, g, c, h).mean(axis=(1, 3, 5), dtype=np.float32)
    return _Coarse(blocks, axes, factor, start, voxel_mm * factor)


def _longest_tube(coarse: _Coarse, settings: QualitySettings) -> NDArray[np.bool_] | None:
    """Voxels of the bright tube that spans most sections: of those about as long, the brightest."""
    values, found = coarse.voxels, []
    for _ in range(settings.sac_levels):
        level = otsu_threshold(values)
        if np.isnan(level):
            break
        values = values[values > level]
        found.append(_tube_above(level, coarse, settings))
    most = max((sections for _, sections in found), default=0)
    return next((tube for tube, sections in reversed(found) if sections and sections >= 0.8 * most), None)


def _tube_above(level: float, coarse: _Coarse, settings: QualitySettings) -> tuple[NDArray[np.bool_], int]:
    """The longest chain of bright patches with a sac's area on neighbouring sections, and its number of sections.

    Patches that reach the sides of the field are fat; what is thinner than a sac, such as the fat along a root that
    leaves it, is cut off first.
    """
    bright = coarse.voxels > level
    disc = _disc(settings.sac_neck_mm / 2, coarse.voxel_mm)
    flat = np.zeros((3, 3, 3), dtype=bool)
    flat[:, :, 1] = ndimage.generate_binary_structure(2, 1)
    # closed, filled, opened; what lies beyond the field counts as bright, so that fat keeps reaching its sides
    solid = ndimage.binary_erosion(ndimage.binary_dilation(bright, disc), disc, border_value=1)
    solid = ndimage.binary_dilation(ndimage.binary_erosion(_without_holes(solid), disc, border_value=1), disc)
    patches, count = ndimage.label(solid, flat)
    area = np.bincount((patches * bright).ravel(), minlength=count + 1) * coarse.voxel_mm[0] * coarse.voxel_mm[1]
    low, high = settings.sac_area_mm2
    fits = (area >= low) & (area <= high)
    fits[np.union1d(patches[0], patches[-1])] = False
    chains, _ = ndimage.label(fits[patches])
    sections = np.bincount(np.concatenate([np.unique(section) for section in chains.transpose(2, 0, 1)]))
    sections[0] = 0
    best = int(np.argmax(sections))
    return (chains == best) & bright & (best > 0), int(sections[best])


def _without_holes(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.stack([ndimage.binary_fill_holes(section) for section in mask.transpose(2, 0, 1)], axis=2)


def _disc(radius: float, voxel_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
    """A disc across the body, (2 m + 1, 2 n + 1, 1) voxels."""
    half = np.floor(radius / voxel_mm[:2]).astype(int)
    place = np.indices(tuple(2 * half + 1)).reshape(2, -1).T - half
    return (np.linalg.norm(place * voxel_mm[:2], axis=1) <= radius).reshape(*(2 * half + 1), 1)


def _outlines(tube: NDArray[np.bool_], coarse: _Coarse) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Coarse section and the convex outline of the tube's voxel centres on it, (n, 2) image indices."""
    for section in np.flatnonzero(tube.any(axis=(0, 1))):
        centres = coarse.index(np.argwhere(tube[:, :, section]))
        if len(centres) < 3:
            continue
        try:
            yield int(section), centres[ConvexHull(centres).vertices]
        except QhullError:  # all on one line
            continue


def _cropped(labels: NDArray[np.uint8]) -> TissueBox | None:
    shown = ndimage.find_objects(labels > 0, max_label=1)[0]
    return TissueBox(labels[shown], np.array([part.start for part in shown])) if shown else None
