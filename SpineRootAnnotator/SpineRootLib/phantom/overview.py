"""The two images beside CISS: DESS, which shows the ganglia, and the sagittal T2-TSE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.images import Image
from SpineRootLib.phantom.body import body_level
from SpineRootLib.phantom.centreline import Centreline
from SpineRootLib.phantom.grid import finer, over, share_inside, subslice_levels
from SpineRootLib.phantom.spine import Spine
from SpineRootLib.phantom.truth import Truth
from SpineRootLib.progress import Progress, report

Array = NDArray[np.float64]
# mm between the places where the surroundings are drawn.
_COARSE_MM = 2.0
# mm: half width and half depth of what is drawn finely about the sac; what a cropped image keeps beyond the ganglia.
_FINE_MM = (27.0, 18.0)
_CROP_MM = 8.0
# mm along a centreline between the places at which it is known where in the image it runs.
_PASSAGE_MM = 0.5


@dataclass(frozen=True)
class OverviewSettings:
    """One of the two images; grids are those of a published scan (Liu et al. 2024).

    Parameters
    ----------
    name : as in the file's name.
    voxel_mm, shape : along the image's own axes.
    axes : direction of each axis, RAS, before the tilt.
    tilt_degrees : about the left-right axis.
    centre_ras : mm.
    csf_level : scanner units of pure fluid.
    noise : relative to the fluid.
    subslices : planes across a slice that are averaged.
    levels : intensity of each tissue relative to the fluid.
    """

    name: str
    voxel_mm: tuple[float, float, float]
    shape: tuple[int, int, int]
    axes: tuple[tuple[int, int, int], tuple[int, int, int], tuple[int, int, int]]
    tilt_degrees: float
    centre_ras: tuple[float, float, float]
    csf_level: float
    noise: float
    subslices: int
    levels: Mapping[str, float]

    def affine(self) -> Array:
        """Voxel index to RAS mm, (4, 4)."""
        tilt = np.radians(self.tilt_degrees)
        turn = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
        affine = np.eye(4)
        affine[:3, :3] = turn @ np.array(self.axes, dtype=np.float64).T * np.asarray(self.voxel_mm)
        affine[:3, 3] = self.centre_ras - affine[:3, :3] @ ((np.asarray(self.shape) - 1) / 2)
        return affine


DESS = OverviewSettings(
    name="DESS",
    voxel_mm=(1.265625, 1.27, 1.265625),
    shape=(192, 48, 192),
    axes=((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    tilt_degrees=2.8,
    centre_ras=(-7.3, -38.5, -540.0),
    csf_level=500.0,
    noise=0.04,
    subslices=2,
    levels={"air": 0.0, "fat": 0.22, "muscle": 0.26, "cortex": 0.05, "marrow": 0.14, "disc": 0.40, "bowel": 0.30,
            "ligament": 0.08,
            "cord": 0.45, "root": 0.45, "vessel": 0.20, "ganglion": 0.72},
)  # fmt: skip
T2TSE = OverviewSettings(
    name="T2TSE",
    voxel_mm=(0.625, 0.625, 3.3),
    shape=(407, 1325, 30),
    axes=((0, -1, 0), (0, 0, 1), (1, 0, 0)),
    tilt_degrees=0.0,
    centre_ras=(-0.3, -9.7, -408.8),
    csf_level=1260.0,
    noise=0.04,
    subslices=3,
    levels={"air": 0.0, "fat": 0.80, "muscle": 0.12, "cortex": 0.06, "marrow": 0.42, "disc": 0.55, "bowel": 0.40,
            "ligament": 0.10,
            "cord": 0.30, "root": 0.35, "vessel": 0.15, "ganglion": 0.42},
)  # fmt: skip
OVERVIEWS = (DESS, T2TSE)


@dataclass(frozen=True, eq=False)
class OverviewPainter:
    """Draws the slices of one image; the arguments are those of `make_overview`."""

    spine: Spine
    centrelines: Sequence[Centreline]
    settings: OverviewSettings
    affine: Array
    shape: tuple[int, int, int]
    seed: int

    def paint(self, k: int) -> NDArray[np.int16]:
        """The magnitudes of slice `k`, (i, j)."""
        steps = [max(1, round(_COARSE_MM / voxel)) for voxel in self.settings.voxel_mm[:2]]
        i, j = (np.arange(0.0, count + step, step) for count, step in zip(self.shape, steps, strict=False))
        x, y, depth = self._places(i, j, k)
        coarse = body_level(self.spine, x, y, depth, self.settings.levels)
        signal = finer(finer(coarse, self.shape[0], steps[0]).T, self.shape[1], steps[1]).T
        window = self._near_sac(k)
        if window is not None:
            signal[window] = self._sac(window, signal[window], k)
        return self._received(signal * self.settings.csf_level, k)

    def _places(self, i: Array, j: Array, k: float) -> tuple[Array, Array, Array]:
        """x, y and depth in the body's frame, each (len(i), len(j)), of voxels."""
        ras = self.affine[:3, 3] + self.affine[:3, 2] * k
        ras = ras + i[:, None, None] * self.affine[:3, 0] + j[None, :, None] * self.affine[:3, 1]
        x, y, depth = (part.reshape(len(i), len(j)) for part in self.spine.frame.from_ras(ras))
        return x, y, depth

    def _near_sac(self, k: int) -> tuple[slice, slice] | None:
        """The rectangle of voxels near the sac, or None."""
        x, y, depth = self._places(np.arange(self.shape[0], dtype=float), np.arange(self.shape[1], dtype=float), k)
        centre = self.spine.sac.centre(depth)
        near = (np.abs(x - centre[..., 0]) < _FINE_MM[0]) & (np.abs(y - centre[..., 1]) < _FINE_MM[1])
        near &= depth < max(centreline.bottom for centreline in self.centrelines)
        i, j = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
        return np.s_[i[0] : i[-1] + 1, j[0] : j[-1] + 1] if len(i) else None

    def _sac(self, window: tuple[slice, slice], around: Array, k: int) -> Array:
        """Sac, cord and centrelines, averaged over the thickness of the slice."""
        levels = k + subslice_levels(self.settings.subslices)
        return np.mean([self._plane(window, around, level) for level in levels], axis=0)

    def _plane(self, window: tuple[slice, slice], around: Array, k: float) -> Array:
        """One plane within a slice."""
        i, j = (np.arange(part.start, part.stop, dtype=np.float64) for part in window)
        x, y, depth = self._places(i, j, k)
        voxel = float(min(self.settings.voxel_mm))
        levels = self.settings.levels
        signal = over(around, 1.0, share_inside(self.spine.sac.distance(x, y, depth), voxel))
        signal = over(signal, levels["cord"], share_inside(self.spine.cord.distance(x, y, depth), voxel))
        for centreline, (index, reach) in zip(self.centrelines, self._passages, strict=True):
            near = index[np.abs(index[:, 2] - k) <= reach[2]]
            if not len(near):
                continue
            low, high = near.min(axis=0) - reach, near.max(axis=0) + reach
            rows, columns = (slice(*np.searchsorted(at, [low[axis], high[axis]])) for axis, at in enumerate((i, j)))
            part = depth[rows, columns]
            at_x, at_y, radius = centreline.at_many(part.ravel()).reshape(3, *part.shape)
            distance = np.hypot(x[rows, columns] - at_x, y[rows, columns] - at_y) - radius
            share = share_inside(distance, voxel) * ((part >= centreline.top) & (part <= centreline.bottom))
            level = centreline.shade * levels[centreline.tissue]
            signal[rows, columns] = over(signal[rows, columns], level, share)
        return signal

    @cached_property
    def _passages(self) -> list[tuple[Array, Array]]:
        """Of each centreline voxel indices along it, (n, 3), and how many voxels about them it is seen, (3,)."""
        inverse = np.linalg.inv(self.affine)
        passages = []
        for centreline in self.centrelines:
            depth = np.arange(centreline.top, centreline.bottom + _PASSAGE_MM, _PASSAGE_MM)
            index = centreline.ras(depth) @ inverse[:3, :3].T + inverse[:3, 3]
            widest = float(centreline.at(depth)[:, 2].max()) + 2 * _PASSAGE_MM + min(self.settings.voxel_mm)
            passages.append((index, widest / np.asarray(self.settings.voxel_mm)))
        return passages

    def _received(self, signal: Array, k: int) -> NDArray[np.int16]:
        rng = np.random.default_rng([self.seed, 6, *self.settings.name.encode(), k])
        noise = rng.standard_normal((2, *signal.shape)) * (self.settings.noise * self.settings.csf_level)
        return np.hypot(signal + noise[0], noise[1]).round().astype(np.int16)


def make_overview(
    truth: Truth,
    centrelines: Sequence[Centreline],
    settings: OverviewSettings,
    seed: int,
    crop: bool = False,
    progress: Progress | None = None,
) -> Image:
    """DESS or T2-TSE, scanner units.

    Parameters
    ----------
    centrelines : every root, rootlet, vessel and ganglion.
    crop : keep only what holds the sac on the CISS slices and the ganglia.
    """
    affine, shape = settings.affine(), settings.shape
    if crop:
        affine, shape = _cropped(affine, shape, truth)
    painter = OverviewPainter(truth.spine, centrelines, settings, affine, shape, seed)
    voxels = np.empty(shape, dtype=np.int16, order="F")
    for k in range(shape[2]):
        report(progress, k / shape[2], settings.name)
        voxels[:, :, k] = painter.paint(k)
    return Image(voxels, affine)


def _cropped(affine: Array, shape: tuple[int, int, int], truth: Truth) -> tuple[Array, tuple[int, int, int]]:
    """The grid cut to the box that holds the sac's contours and the ganglia."""
    held = [contour.points for contour in truth.annotation.dura] + list(truth.annotation.ganglia.values())
    inverse = np.linalg.inv(affine)
    index = np.vstack(held) @ inverse[:3, :3].T + inverse[:3, 3]
    margin = _CROP_MM / np.linalg.norm(affine[:3, :3], axis=0)
    low = np.clip(np.floor(index.min(axis=0) - margin), 0, np.array(shape) - 2)
    high = np.clip(np.ceil(index.max(axis=0) + margin), low + 1, np.array(shape) - 1)
    moved = affine.copy()
    moved[:3, 3] += affine[:3, :3] @ low
    width, height, count = (high - low + 1).astype(int).tolist()
    return moved, (width, height, count)
