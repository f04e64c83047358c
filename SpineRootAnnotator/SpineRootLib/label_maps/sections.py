"""Cross-sections of a label map along the slices of the annotated image, whatever grid the label map has."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from SpineRootLib.errors import GeometryError
from SpineRootLib.images import Image
from SpineRootLib.label_maps.settings import LabelReadingSettings
from SpineRootLib.planes import SlicePlanes, slice_axis
from SpineRootLib.translation import _

Mask = NDArray[np.bool_]
_MARGIN = 2  # voxels kept around what is labelled
_MOST = 65535  # the largest number of a label


@dataclass(frozen=True, eq=False)
class Lattice:
    """Where the pixels of a section lie: in-plane mm of pixel (0, 0), (2,), and of a step along each axis, (2, 2)."""

    origin: NDArray[np.float64]
    steps: NDArray[np.float64]

    def flat(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """In-plane mm, (n, 2), of pixels, (n, 2), which may lie between."""
        return np.asarray(pixels @ self.steps + self.origin)

    @property
    def pitch(self) -> NDArray[np.float64]:
        """Length of a step along each axis, (2,) mm."""
        return np.hypot(self.steps[:, 0], self.steps[:, 1])


class LabelSections:
    """Sections of a label map by planes parallel to the image's slices.

    A label map whose slices are parallel to those of the image is cut at its own slices, so that nothing is resampled
    within them; any other one at the slices of the image, by linear interpolation of what is inside.

    Parameters
    ----------
    image : whole numbers, of which some are wanted.
    planes : the slices of the annotated image.

    Raises
    ------
    GeometryError
        if the label map's axes span no volume.
    """

    def __init__(self, image: Image, planes: SlicePlanes, settings: LabelReadingSettings | None = None):
        self.planes, self.settings = planes, settings or LabelReadingSettings()
        self._whole_shape = np.array(image.voxels.shape)
        self._image, self._first = _cropped(image)
        self._inside: tuple[tuple[int, ...], NDArray[np.float32]] = ((), np.empty(0, np.float32))
        self.across = _axis_across(self._image.affine, planes, self.settings.parallel_degrees)

    @cached_property
    def numbers(self) -> frozenset[int]:
        """The labels that are there, without 0."""
        return frozenset(np.flatnonzero(np.bincount(self._image.voxels.ravel())).tolist()) - {0}

    @property
    def voxel_mm(self) -> float:
        """The shortest edge of a voxel."""
        return float(np.linalg.norm(self._image.affine[:3, :3], axis=0).min())

    @cached_property
    def depths(self) -> NDArray[np.float64]:
        """Where the sections lie, (m,) mm below slice 1, ascending; a section is asked for by its place in here."""
        if self.across is None:
            return self.planes.spacing * np.arange(self.planes.count, dtype=np.float64)
        return np.sort(self._own_depths)

    @cached_property
    def step(self) -> float:
        """The distance of its sections, mm."""
        return float(np.median(np.diff(self.depths))) if len(self.depths) > 1 else self.planes.spacing

    @cached_property
    def _own_depths(self) -> NDArray[np.float64]:
        assert self.across is not None
        index = np.zeros((self._image.voxels.shape[self.across], 3))
        index[:, self.across] = np.arange(len(index))
        return self.planes.depth(self._image.ras_of(index))

    def lattice(self, section: int) -> Lattice:
        """Where the pixels of a section lie."""
        start, axes = self._start(section), self._axes
        flat = self.planes.flatten(self._image.ras_of(np.stack([start, start + axes[0], start + axes[1]])))
        return Lattice(flat[0], flat[1:] - flat[0])

    def mask(self, section: int, numbers: Collection[int]) -> Mask:
        """The pixels of a section that bear one of the labels."""
        wanted = _table(numbers)
        if self.across is not None:
            return wanted[self._own_slice(section)]
        if self._inside[0] != tuple(numbers):  # asked for section by section
            self._inside = (tuple(numbers), wanted[self._image.voxels].astype(np.float32))
        start, axes = self._start(section), self._axes
        i, j = np.meshgrid(*map(np.arange, self._size), indexing="ij")
        index = start[:, None, None] + axes[0][:, None, None] * i + axes[1][:, None, None] * j
        inside = ndimage.map_coordinates(self._inside[1], index, order=1, mode="grid-constant", cval=0.0)
        return np.asarray(inside >= 0.5)

    def is_cut(self, section: int, mask: Mask) -> bool:
        """Whether a patch is cut off by the side of the label map, not only as close to it as a crop may be."""
        pixels = np.argwhere(mask)
        index = self._start(section) + pixels @ self._axes + self._first
        lying = [axis for axis in range(3) if axis != self._axis_nearest_down]
        near = [index[:, lying] < 0.5, index[:, lying] > self._whole_shape[lying] - 1.5]
        extent = np.ptp(pixels, axis=0) + 1.0
        # a round patch that just touches a line has so many pixels on it
        touching = 2.0 * extent.max() / np.sqrt(extent.min()) + 2.0
        return bool(max(side.sum(axis=0).max() for side in near) > touching)

    @property
    def _axis_nearest_down(self) -> int:
        matrix = self._image.affine[:3, :3]
        return int(np.argmax(np.abs(self.planes.down @ matrix) / np.linalg.norm(matrix, axis=0)))

    def _own_slice(self, section: int) -> NDArray[np.generic]:
        assert self.across is not None
        return np.asarray(self._image.voxels.take(int(np.argsort(self._own_depths)[section]), axis=self.across))

    def _start(self, section: int) -> NDArray[np.float64]:
        """Voxel index of pixel (0, 0) of a section, (3,)."""
        if self.across is not None:
            start = np.zeros(3)
            start[self.across] = np.argsort(self._own_depths)[section]
            return start
        return self._image.index_of(self.planes.lift(self._corner, section + 1))[0]

    @cached_property
    def _axes(self) -> NDArray[np.float64]:
        """Steps of a section's pixels in voxel index, (2, 3)."""
        if self.across is not None:
            return np.delete(np.eye(3), self.across, axis=0)
        steps = self.voxel_mm * np.stack([self.planes.right, self.planes.anterior])
        return np.asarray(steps @ np.linalg.inv(self._image.affine[:3, :3]).T)

    @cached_property
    def _extent(self) -> NDArray[np.float64]:
        """In-plane mm of the corners of what is labelled, (2, 2): least and most."""
        corners = np.array(np.meshgrid(*[(-1.0, count) for count in self._image.voxels.shape])).reshape(3, -1).T
        flat = self.planes.flatten(self._image.ras_of(corners))
        return np.stack([flat.min(axis=0), flat.max(axis=0)])

    @property
    def _corner(self) -> NDArray[np.float64]:
        return np.asarray(self._extent[0])

    @property
    def _size(self) -> NDArray[np.int64]:
        return np.asarray(np.ceil((self._extent[1] - self._extent[0]) / self.voxel_mm), dtype=np.int64) + 1


def _table(numbers: Collection[int]) -> Mask:
    """By number whether it is one of some; faster than to compare each voxel with all of them."""
    found = np.zeros(_MOST + 1, dtype=bool)
    found[list(numbers)] = True
    return found


def _cropped(image: Image) -> tuple[Image, NDArray[np.int64]]:
    """The box of what is labelled with a margin, and its first voxel, (3,)."""
    box = ndimage.find_objects(np.asarray(image.voxels != 0, dtype=np.uint8))
    if not box:
        return Image(image.voxels.astype(np.uint16), image.affine), np.zeros(3, dtype=np.int64)
    spans = [(max(side.start - _MARGIN, 0), side.stop + _MARGIN) for side in box[0]]
    first = np.array([start for start, _stop in spans])
    affine = image.affine.copy()
    affine[:3, 3] = image.ras_of([first])[0]
    part = image.voxels[tuple(slice(*span) for span in spans)]
    return Image(part.astype(np.uint16), affine, image.source), first


def _axis_across(affine: NDArray[np.float64], planes: SlicePlanes, degrees: float) -> int | None:
    """The voxel axis across the label map's slices, if these are parallel to the image's."""
    try:
        slice_axis(affine)
    except GeometryError as error:
        raise GeometryError(_("is no label map: {fault}").format(fault=error.fault)) from None
    for axis in range(3):
        first, second = (affine[:3, other] for other in range(3) if other != axis)
        normal = np.cross(first, second)
        normal /= np.linalg.norm(normal)
        if np.linalg.norm(np.cross(normal, planes.down)) < np.sin(np.radians(degrees)):
            return axis
    return None
