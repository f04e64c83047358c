"""Slices of an image as pixels with in-plane millimetres, without copying the image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from SpineRootLib.errors import GeometryError, ImageFileError
from SpineRootLib.images import Image
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.translation import _

Pixels = NDArray[np.float32]
Flat = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Patch:
    """A rectangle of one slice.

    Parameters
    ----------
    pixels : (a, b) intensities.
    axes : (2, 2) in-plane mm (right, anterior) per pixel step, one column an axis.
    origin : (2,) in-plane mm of pixel (0, 0).
    """

    pixels: Pixels
    axes: Flat
    origin: Flat

    @cached_property
    def spacing(self) -> Flat:
        """Mm per pixel along the two axes, (2,)."""
        return np.asarray(np.linalg.norm(self.axes, axis=0))

    @cached_property
    def _steps(self) -> Flat:
        """Pixel steps per in-plane mm, (2, 2)."""
        return np.asarray(np.linalg.inv(self.axes).T, dtype=np.float64)

    def to_pixels(self, flat: ArrayLike) -> Flat:
        """Continuous pixel indices, (n, 2), of in-plane positions, (n, 2)."""
        away = np.asarray(flat, dtype=np.float64).reshape(-1, 2) - self.origin
        return np.asarray(away @ self._steps)

    def to_flat(self, pixels: ArrayLike) -> Flat:
        """In-plane positions, (n, 2), of continuous pixel indices, (n, 2)."""
        return np.asarray(np.asarray(pixels, dtype=np.float64).reshape(-1, 2) @ self.axes.T + self.origin)

    def sigma(self, mm: float) -> tuple[float, float]:
        """A standard deviation in pixels along the two axes."""
        return float(mm / self.spacing[0]), float(mm / self.spacing[1])

    def covers(self, flat: ArrayLike, margin_mm: float = 0.0) -> bool:
        """Whether all positions, (n, 2), lie at least the margin inside the rectangle."""
        index = self.to_pixels(flat)
        margin = margin_mm / self.spacing
        return bool(np.all(index >= margin) and np.all(index <= np.array(self.pixels.shape) - 1 - margin))

    def sample(self, values: Pixels, flat: Flat) -> Pixels:
        """Linear interpolation of a map of the patch at in-plane positions, (..., 2); the nearest value outside."""
        index = self.to_pixels(flat.reshape(-1, 2)).T
        found = ndimage.map_coordinates(values, index, order=1, mode="nearest", output=np.float32)
        return np.asarray(found).reshape(flat.shape[:-1])


class SliceStack:
    """The slices of an image, numbered as its `SlicePlanes`.

    Raises
    ------
    ImageFileError
        if the image is no 3D scalar volume.
    """

    def __init__(self, image: Image):
        if image.voxels.ndim != 3:
            raise ImageFileError(_("is a {count}D image, not a 3D one").format(count=image.voxels.ndim), image.source)
        self.image = image
        self.planes: SlicePlanes = image.planes()
        self._axis = int(np.argmax(np.abs(image.affine[:3, :3].T @ self.planes.down)))
        first, second = (axis for axis in range(3) if axis != self._axis)
        basis = np.stack([self.planes.right, self.planes.anterior])
        self._axes = basis @ image.affine[:3, [first, second]]
        self._step = basis @ image.affine[:3, self._axis]
        self._start = basis @ (image.affine[:3, 3] - self.planes.origin)
        self._reversed = bool(image.affine[:3, self._axis] @ self.planes.down < 0)

    def __contains__(self, number: int) -> bool:
        return 1 <= number <= self.planes.count

    def pixels(self, number: int) -> NDArray[Any]:
        """The voxels of a slice, a view.

        Raises
        ------
        GeometryError
            if there is no slice of that number.
        """
        if number not in self:
            raise GeometryError(
                _("there is no slice {number}: the image has {count}").format(number=number, count=self.planes.count)
            )
        index: list[Any] = [slice(None)] * 3
        index[self._axis] = self._index(number)
        return np.asarray(self.image.voxels[tuple(index)])

    def patch(self, number: int, centre: ArrayLike, half_mm: float) -> Patch:
        """The part of a slice within `half_mm` of an in-plane position, (2,), as far as the image reaches."""
        pixels = self.pixels(number)
        origin = self._start + self._step * self._index(number)
        middle = np.linalg.solve(self._axes, np.asarray(centre, np.float64) - origin)
        reach = half_mm / np.linalg.norm(self._axes, axis=0)
        shape = np.array(pixels.shape)
        low = np.clip(np.floor(middle - reach).astype(int), 0, shape)
        high = np.clip(np.ceil(middle + reach).astype(int) + 1, low, shape)
        part = pixels[low[0] : high[0], low[1] : high[1]].astype(np.float32)
        return Patch(part, self._axes, np.asarray(origin + self._axes @ low))

    def _index(self, number: int) -> int:
        return self.planes.count - number if self._reversed else number - 1
