"""A ganglion on an overview image (DESS, T2TSE): the middle of the bright oval near a click."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from SpineRootLib.frames import Points, as_points
from SpineRootLib.images import Image
from SpineRootLib.tracing.confidence import logistic
from SpineRootLib.tracing.proposals import PointProposal
from SpineRootLib.tracing.settings import GanglionSettings

Volume = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Box:
    """The voxels around a click: intensities, (a, b, c), and where they lie, (a, b, c, 3) RAS mm."""

    values: Volume
    places: Volume
    steps: NDArray[np.float64]


def propose_ganglion(image: Image, click: ArrayLike, settings: GanglionSettings | None = None) -> PointProposal:
    """The centre of the bright oval near a click, (3,) RAS mm, or the reason for none.

    The place is the strongest response of a blob filter of the size of a ganglion, then the centre of gravity of what
    is brighter than half way to its surround.
    """
    chosen = settings or GanglionSettings()
    point = as_points(click)[0]
    box, fault = _box(image, point, chosen)
    if box is None:
        return PointProposal(None, reason=fault)
    middle, clear = _centre_of_gravity(box, _strongest_blob(box, point, chosen), chosen)
    if clear < chosen.least_clear or np.linalg.norm(middle - point) > 1.5 * chosen.search_mm:
        return PointProposal(None, reason="no bright oval lies near the click")
    return PointProposal(middle, logistic(clear - chosen.half_sure))


def _box(image: Image, point: Points, settings: GanglionSettings) -> tuple[_Box | None, str]:
    if image.voxels.ndim != 3:
        return None, f"the image is {image.voxels.ndim}D, not 3D"
    if not np.all(np.isfinite(point)):
        return None, "the click has no finite position"
    steps = np.linalg.norm(image.affine[:3, :3], axis=0)
    index = image.index_of(point)[0]
    shape = np.array(image.voxels.shape)
    if np.any(index < -0.5) or np.any(index > shape - 0.5):
        return None, "the click lies outside of the image"
    reach = (settings.search_mm + 3 * settings.radius_mm) / steps
    low = np.clip(np.floor(index - reach).astype(int), 0, shape)
    high = np.clip(np.ceil(index + reach).astype(int) + 1, low, shape)
    values = image.voxels[tuple(slice(*ends) for ends in zip(low, high, strict=True))].astype(np.float64)
    if not np.all(np.isfinite(values)):
        return None, "voxels here are no numbers (NaN or infinite)"
    if np.ptp(values) <= 0:
        return None, "the image is constant here"
    grid = np.stack(np.meshgrid(*map(np.arange, low, high), indexing="ij"), axis=-1)
    return _Box(values, image.ras_of(grid).reshape(grid.shape), steps), ""


def _strongest_blob(box: _Box, point: Points, settings: GanglionSettings) -> Points:
    sigma = np.maximum(settings.radius_mm / np.sqrt(3.0), 0.5 * box.steps) / box.steps
    inner = ndimage.gaussian_filter(box.values, sigma, mode="nearest")
    response = inner - ndimage.gaussian_filter(box.values, 1.8 * sigma, mode="nearest")
    away = np.linalg.norm(box.places - point, axis=-1)
    response = response - settings.distance_weight * np.ptp(response) * away
    best = np.unravel_index(int(np.argmax(np.where(away <= settings.search_mm, response, -np.inf))), away.shape)
    return np.asarray(box.places[best])


def _centre_of_gravity(box: _Box, start: Points, settings: GanglionSettings) -> tuple[Points, float]:
    """The oval's centre, and by how many of the surround's standard deviations it is brighter."""
    middle, clear = start, 0.0
    for _ in range(settings.most_turns):
        away = np.linalg.norm(box.places - middle, axis=-1)
        near = away <= 1.6 * settings.radius_mm
        surround = ~near & (away <= 2.6 * settings.radius_mm)
        if near.sum() < 4 or surround.sum() < 4:
            return middle, 0.0
        ground, top = float(np.percentile(box.values[surround], 40)), float(np.percentile(box.values[near], 95))
        core = float(np.mean(box.values[away <= max(0.8 * settings.radius_mm, float(away.min()))]))
        clear = (core - ground) / max(float(np.std(box.values[surround])), 1e-9)
        weight = near * np.clip(box.values - (ground + top) / 2, 0, max(top - ground, 0) / 2)
        if weight.sum() <= 0:
            return middle, 0.0
        middle = np.einsum("abc,abcd->d", weight, box.places) / weight.sum()
    return middle, clear
