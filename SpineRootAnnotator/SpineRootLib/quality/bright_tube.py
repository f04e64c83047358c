"""Which of the bright patches across the body is the dural sac."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from SpineRootLib.quality.measures import otsu_threshold
from SpineRootLib.quality.settings import SacSettings

Mask = NDArray[np.bool_]
# Neighbours on a section, which lies across the third axis.
_ON_SECTION = ndimage.generate_binary_structure(3, 1) & (np.arange(3) == 1)


def longest_tube(voxels: NDArray[np.float32], voxel_mm: NDArray[np.float64], settings: SacSettings) -> Mask | None:
    """Voxels of the bright tube that spans most sections: of those about as long, the brightest.

    Parameters
    ----------
    voxels : (right, front, slice) intensities.
    voxel_mm : (3,) size of a voxel.
    """
    found, values = [], voxels
    for _ in range(settings.levels):
        level = otsu_threshold(values)
        if np.isnan(level):
            break
        values = values[values > level]
        found.append(_tube_above(voxels > level, voxel_mm, settings))
    lengths = [int(tube.any(axis=(0, 1)).sum()) for tube in found]
    most = max(lengths, default=0)
    chosen = [tube for tube, length in zip(found, lengths, strict=True) if length and length >= 0.95 * most]
    return chosen[-1] if chosen else None


def _tube_above(bright: Mask, voxel_mm: NDArray[np.float64], settings: SacSettings) -> Mask:
    """The longest chain of patches with a sac's size, and what goes on from its ends."""
    whole = _sac_sized(bright, voxel_mm, settings)
    # what is left hangs together with fat: the necks between them are cut
    cut = ndimage.binary_opening(bright & ~whole, _disc(settings.neck_mm / 2, voxel_mm))
    patches, _ = ndimage.label(whole | _sac_sized(cut, voxel_mm, settings), _ON_SECTION)
    chains, count = ndimage.label(patches > 0)
    lengths = [part[2].stop - part[2].start for part in ndimage.find_objects(chains)]
    if not count:
        return np.zeros_like(bright)
    own = set(np.unique(patches[chains == 1 + int(np.argmax(lengths))]).tolist())
    return np.isin(patches, sorted(own | _going_on(patches, own, voxel_mm, settings)))


def _sac_sized(mask: Mask, voxel_mm: NDArray[np.float64], settings: SacSettings) -> Mask:
    """The patches on sections with a sac's area and widths; one that reaches the sides of the field is fat."""
    patches, count = ndimage.label(mask, _ON_SECTION)
    area = np.bincount(patches.ravel(), minlength=count + 1) * voxel_mm[0] * voxel_mm[1]
    fits = (area >= settings.area_mm2[0]) & (area <= settings.area_mm2[1])
    fits[np.union1d(patches[0], patches[-1])] = False
    fits[0] = False
    for number, part in enumerate(ndimage.find_objects(patches), start=1):
        widths = [(axis.stop - axis.start) * size for axis, size in zip(part, voxel_mm, strict=True)][:2]
        fits[number] &= min(widths) >= settings.neck_mm and max(widths) <= settings.width_mm
    return np.asarray(fits[patches])


def _going_on(
    patches: NDArray[np.int32], own: set[int], voxel_mm: NDArray[np.float64], settings: SacSettings
) -> set[int]:
    """Patches beyond the ends of a chain, each the nearest in its section to where the chain was seen last."""
    numbers = np.arange(1, int(patches.max()) + 1)
    centres = np.array(ndimage.center_of_mass(patches > 0, patches, numbers)) * voxel_mm
    sections = np.round(centres[:, 2] / voxel_mm[2]).astype(int)
    mine = np.isin(numbers, sorted(own))
    found = set()
    for direction in (1, -1):
        end = direction * int((direction * sections[mine]).max())
        last = centres[mine & (sections == end)].mean(axis=0)
        for section in range(end + direction, patches.shape[2] if direction > 0 else -1, direction):
            there = np.flatnonzero(sections == section)
            away = np.linalg.norm(centres[there, :2] - last[:2], axis=1)
            if len(there) and away.min() <= settings.shift_mm:
                found.add(int(numbers[there[away.argmin()]]))
                last = centres[there[away.argmin()]]
    return found


def _disc(radius: float, voxel_mm: NDArray[np.float64]) -> Mask:
    """A disc across the body, (2 m + 1, 2 n + 1, 1) voxels."""
    half = np.floor(radius / voxel_mm[:2]).astype(int)
    place = np.indices(tuple(2 * half + 1)).reshape(2, -1).T - half
    return (np.linalg.norm(place * voxel_mm[:2], axis=1) <= radius).reshape(*(2 * half + 1), 1)
