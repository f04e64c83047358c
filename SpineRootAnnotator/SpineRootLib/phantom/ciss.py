"""The CISS image of a phantom: bright fluid, dark roots, grey cord."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from SpineRootLib.images import Image
from SpineRootLib.phantom.artefacts import Artefacts
from SpineRootLib.phantom.body import body_level
from SpineRootLib.phantom.centreline import Centreline
from SpineRootLib.phantom.crossing import Crossing, crossings
from SpineRootLib.phantom.grid import finer, over, share_inside, subslice_levels
from SpineRootLib.phantom.ligaments import ligament_distance
from SpineRootLib.phantom.scan_faults import ghosted, metal_gain, moved_on
from SpineRootLib.phantom.settings import ImageSettings
from SpineRootLib.phantom.truth import Truth
from SpineRootLib.progress import Progress, report

Array = NDArray[np.float64]
# Relative to the fluid.
_LEVELS = {
    "air": 0.0, "fat": 0.42, "muscle": 0.16, "cortex": 0.06, "marrow": 0.22, "disc": 0.34, "bowel": 0.35,
    "ligament": 0.12,
}  # fmt: skip
_TISSUE_LEVELS = {"vessel": 0.30, "ganglion": 0.38}
# The dura itself is a thin dark line.
_MEMBRANE_LEVEL = 0.15
_MEMBRANE_MM = 0.25
_CYST_WALL_MM = 0.3
# So are the ligaments that hold the cord.
_LIGAMENT_LEVEL = 0.3
# Half width and half depth of what is drawn finely about the sac, mm; the rest is drawn on every fourth voxel.
_FINE_MM = (24.0, 15.0)
_COARSE = 4
_FWHM_TO_SD = 2.3548
# Columns of grey matter are a little brighter than the white around them: relative, and their size in the cord.
_GREY_MATTER = 0.10
_GREY_WIDTH = 0.35


@dataclass(frozen=True, eq=False)
class CissPainter:
    """Draws the slices of one phantom.

    Parameters
    ----------
    centrelines : every root, rootlet, vessel and ganglion.
    """

    truth: Truth
    centrelines: Sequence[Centreline]
    settings: ImageSettings
    artefacts: Artefacts

    def paint(self, k: int) -> NDArray[np.int16]:
        """The magnitudes of slice `k` of the voxel grid, (i, j)."""
        columns, rows = self._fine_part(k)
        signal = self._surroundings(k)
        if signal[columns, rows].size:
            signal[columns, rows] = self._sac(columns, rows, k)
        spoilt = self._spoilt(signal, k)
        return self.artefacts.received(spoilt * self.settings.csf_level, k)

    def _spoilt(self, signal: Array, k: int) -> Array:
        """The signal of a slice after what went wrong in the scan."""
        faults, affine = self.settings.faults, self.truth.affine
        if faults.metal is not None:
            i, j = (np.arange(count, dtype=float) for count in signal.shape)
            signal = signal * metal_gain(faults.metal, self.truth.spine.sac, *self._places(i, j, k))
        voxel = np.linalg.norm(affine[:3, :2], axis=0)
        return ghosted(moved_on(signal, faults, voxel, self.artefacts.seed, k), faults, voxel)

    @cached_property
    def _levels(self) -> dict[str, float]:
        """Intensity of each tissue about the sac, relative to the fluid."""
        return {name: level * self.settings.surroundings for name, level in _LEVELS.items()}

    @cached_property
    def _crossed(self) -> list[list[list[Crossing]]]:
        """What crosses each of the planes that share a slice, by slice."""
        count, shares = self.truth.shape[2], self.settings.subslices
        levels = (np.arange(count)[:, None] + subslice_levels(shares)).ravel()
        every = crossings(self.centrelines, self.truth.planes, count - levels)
        return [every[k * shares : (k + 1) * shares] for k in range(count)]

    def _places(self, i: Array, j: Array, k: float) -> tuple[Array, Array, Array]:
        """x, y and depth, each (len(i), len(j)), of voxels."""
        affine = self.truth.affine
        ras = affine[:3, 3] + affine[:3, 2] * k + i[:, None, None] * affine[:3, 0] + j[None, :, None] * affine[:3, 1]
        x, y, depth = (part.reshape(len(i), len(j)) for part in self.truth.spine.frame.from_ras(ras))
        return x, y, depth

    def _fine_part(self, k: int) -> tuple[slice, slice]:
        """Columns and rows about the sac."""
        affine, spine = self.truth.affine, self.truth.spine
        index = np.array([0.0, 0.0, k])
        for _ in range(4):  # on a tilted slice the depth depends on where the sac is
            _, _, depth = spine.frame.from_ras(affine[:3, :3] @ [index[0], index[1], k] + affine[:3, 3])
            middle_x, middle_y = spine.sac.centre(depth).T
            centre = spine.frame.to_ras(middle_x, middle_y, depth)[0]
            index = np.linalg.solve(affine[:3, :3], centre - affine[:3, 3])
        reach = np.asarray(_FINE_MM) / np.linalg.norm(affine[:3, :2], axis=0)
        low = np.clip(np.floor(index[:2] - reach).astype(int), 0, self.truth.shape[:2]).tolist()
        high = np.clip(np.ceil(index[:2] + reach).astype(int) + 1, 0, self.truth.shape[:2]).tolist()
        return slice(low[0], high[0]), slice(low[1], high[1])

    def _surroundings(self, k: int) -> Array:
        """The body about the sac, relative to the fluid."""
        width, height = self.truth.shape[:2]
        i, j = (np.arange(0.0, count + _COARSE, _COARSE) for count in (width, height))
        x, y, depth = self._places(i, j, k)
        coarse = body_level(self.truth.spine, x, y, depth, self._levels) * self.artefacts.gain(x, y, depth)
        return finer(finer(coarse, width, _COARSE).T, height, _COARSE).T

    def _sac(self, columns: slice, rows: slice, k: int) -> Array:
        """The sac and what lies next to it, relative to the fluid, averaged over the thickness of the slice."""
        i, j = np.arange(columns.start, columns.stop, 1.0), np.arange(rows.start, rows.stop, 1.0)
        x, y, depth = self._places(i, j, k)
        around = body_level(self.truth.spine, x, y, depth, self._levels)
        fluid = self.artefacts.fluid(x, y, depth)
        levels = k + subslice_levels(self.settings.subslices)
        planes = [
            self._plane(i, j, level, around, fluid, met) for level, met in zip(levels, self._crossed[k], strict=True)
        ]
        signal = np.mean(planes, axis=0)
        blur = self.settings.blur_mm / _FWHM_TO_SD / np.linalg.norm(self.truth.affine[:3, :2], axis=0)
        return gaussian_filter(signal * self.artefacts.gain(x, y, depth), blur)

    def _plane(self, i: Array, j: Array, k: float, around: Array, fluid: Array, crossed: Sequence[Crossing]) -> Array:
        """One plane within a slice."""
        spine = self.truth.spine
        x, y, depth = self._places(i, j, k)
        voxel = float(np.linalg.norm(self.truth.affine[:3, 0]))
        wall = spine.sac.distance(x, y, depth)
        signal = over(around, _MEMBRANE_LEVEL, share_inside(np.abs(wall) - _MEMBRANE_MM / 2, voxel))
        signal = over(signal, fluid, share_inside(wall + _MEMBRANE_MM / 2, voxel))
        signal = over(signal, self._cord_level(x, y, depth), share_inside(spine.cord.distance(x, y, depth), voxel))
        if spine.bundles:
            ligament = ligament_distance(spine, x, y, depth)
            signal = over(signal, _LIGAMENT_LEVEL, share_inside(ligament, voxel))
        for cyst in spine.cysts:
            wall = np.abs(cyst.distance(x, y, depth)) - _CYST_WALL_MM / 2
            signal = over(signal, _MEMBRANE_LEVEL, share_inside(wall, voxel))
        for crossing in crossed:
            crossing.draw(signal, x, y, self._tissue_level(crossing.centreline), voxel)
        return signal

    def _cord_level(self, x: Array, y: Array, depth: Array) -> Array:
        """White matter with two brighter columns."""
        centre_x, centre_y, half_width, half_depth = self.truth.spine.cord.profile_at(depth)
        right, front = (x - centre_x) / half_width, (y - centre_y) / half_depth
        columns = np.exp(-(((np.abs(right) - 0.3) / _GREY_WIDTH) ** 2 + (front / 0.6) ** 2) * 2)
        return np.asarray((1.0 + _GREY_MATTER * columns) / self.settings.csf_to_cord)

    def _tissue_level(self, centreline: Centreline) -> float:
        return centreline.shade * _TISSUE_LEVELS.get(centreline.tissue, 1.0 / self.settings.csf_to_root)


def make_ciss(
    truth: Truth,
    centrelines: Sequence[Centreline],
    settings: ImageSettings,
    seed: int,
    progress: Progress | None = None,
) -> Image:
    """The CISS image, scanner units.

    Parameters
    ----------
    centrelines : every root, rootlet, vessel and ganglion.
    """
    _, _, depth = truth.spine.frame.from_ras(truth.planes.lift([[0.0, 0.0]] * 2, [1, truth.planes.count]))
    painter = CissPainter(truth, centrelines, settings, Artefacts(truth.spine, (depth[0], depth[1]), settings, seed))
    voxels = np.empty(truth.shape, dtype=np.int16, order="F")
    for k in range(truth.shape[2]):
        report(progress, k / truth.shape[2], "CISS")
        voxels[:, :, k] = painter.paint(k)
    return Image(voxels, truth.affine)
