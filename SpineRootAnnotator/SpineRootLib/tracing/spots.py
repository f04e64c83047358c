"""Dark spots in the fluid: where roots may be on a slice, to a part of a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from SpineRootLib.tracing.fluid import FluidView
from SpineRootLib.tracing.root_settings import SpotSettings
from SpineRootLib.tracing.slices import Flat, Pixels

# A black disc of radius r in white gives the blob response sigma^2 * Laplacian = 2 / e at sigma = r / sqrt(2).
_DISC_RESPONSE = 2.0 / np.e


@dataclass(frozen=True, eq=False)
class Spots:
    """Dark spots of a slice.

    Parameters
    ----------
    flat : (n, 2) in-plane mm of their centres.
    contrast : (n,) depth of the spot below its surround, part of the fluid's level.
    radius : (n,) mm.
    roundness : (n,) 1 round, 0 a line, below 0 a saddle.
    """

    flat: Flat
    contrast: NDArray[np.float64]
    radius: NDArray[np.float64]
    roundness: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.flat)

    def select(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Spots:
        """Some of the spots."""
        return Spots(self.flat[chosen], self.contrast[chosen], self.radius[chosen], self.roundness[chosen])


def find_spots(view: FluidView, settings: SpotSettings) -> Spots:
    """Dark spots of a view by the scale-normalised Laplacian (Lindeberg 1998), each at its most prominent scale.

    A faulty view has none.
    """
    if view.fault:
        return _no_spots()
    responses = np.stack([_response(view, radius) for radius in settings.radii_mm])
    least = [
        max(settings.least_response, settings.above_noise * _response_noise(view, radius))
        for radius in settings.radii_mm
    ]
    best = np.where(responses > np.reshape(least, (-1, 1, 1)), responses, 0).max(axis=0)
    peaks = (best == ndimage.maximum_filter(best, size=3, mode="nearest")) & (best > 0)
    peaks[[0, -1], :] = False
    peaks[:, [0, -1]] = False
    where = np.argwhere(peaks)
    if not len(where):
        return _no_spots()
    scale = responses[:, where[:, 0], where[:, 1]].argmax(axis=0)
    around = _neighbourhood(responses, scale, where)
    shift, height = _peak_of_quadratic(around)
    contrast = height / _DISC_RESPONSE
    spots = Spots(
        view.patch.to_flat(where + shift),
        contrast,
        np.asarray(settings.radii_mm)[scale],
        _roundness(view, np.asarray(settings.radii_mm), scale, where),
    )
    return _one_of_each(spots, settings.apart_mm)


def _no_spots() -> Spots:
    none = np.empty(0)
    return Spots(np.empty((0, 2)), none, none, none)


def _response(view: FluidView, radius: float) -> Pixels:
    sigma = radius / np.sqrt(2.0)
    smooth = ndimage.gaussian_filter(view.relative, view.patch.sigma(sigma), mode="nearest", truncate=3.5)
    total = np.zeros_like(smooth)
    for axis in range(2):
        total += _second_derivative(smooth, axis) * np.float32((sigma / view.patch.spacing[axis]) ** 2)
    return total


def _response_noise(view: FluidView, radius: float) -> float:
    """Standard deviation of the blob response to white noise: noise / (sqrt(2 pi) sigma), sigma in pixels."""
    sigma = radius / np.sqrt(2.0) / float(view.patch.spacing.mean())
    return float(view.noise / (np.sqrt(2 * np.pi) * sigma))


def _second_derivative(values: Pixels, axis: int) -> Pixels:
    moved = np.moveaxis(values, axis, 0)
    found = np.zeros_like(moved)
    found[1:-1] = moved[2:] + moved[:-2] - 2 * moved[1:-1]
    return np.asarray(np.moveaxis(found, 0, axis))


def _neighbourhood(
    responses: NDArray[np.float32], scale: NDArray[np.intp], where: NDArray[np.intp]
) -> NDArray[np.float64]:
    """The 3 x 3 responses around each peak, (n, 3, 3)."""
    offset = np.arange(-1, 2)
    rows = where[:, 0, None, None] + offset[:, None]
    columns = where[:, 1, None, None] + offset[None, :]
    return responses[scale[:, None, None], rows, columns].astype(np.float64)


def _derivatives(around: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gradient, (n, 2), and Hessian, (n, 2, 2), at the middle of 3 x 3 values, (n, 3, 3)."""
    gradient = np.stack([around[:, 2, 1] - around[:, 0, 1], around[:, 1, 2] - around[:, 1, 0]], axis=1) / 2
    middle = around[:, 1, 1]
    across = (around[:, 2, 2] + around[:, 0, 0] - around[:, 2, 0] - around[:, 0, 2]) / 4
    hessian = np.empty((len(around), 2, 2))
    hessian[:, 0, 0] = around[:, 2, 1] + around[:, 0, 1] - 2 * middle
    hessian[:, 1, 1] = around[:, 1, 2] + around[:, 1, 0] - 2 * middle
    hessian[:, 0, 1] = hessian[:, 1, 0] = across
    return gradient, hessian


def _peak_of_quadratic(around: NDArray[np.float64]) -> tuple[Flat, NDArray[np.float64]]:
    """Offset of the maximum, (n, 2) pixels and at most 0.6, and its height, (n,)."""
    gradient, hessian = _derivatives(around)
    hessian = hessian - 1e-9 * np.eye(2)
    determinant = np.linalg.det(hessian)
    sound = (determinant > 1e-12) & (np.trace(hessian, axis1=1, axis2=2) < 0)
    hessian[~sound] = -np.eye(2)
    shift = -np.linalg.solve(hessian, gradient[..., None])[..., 0]
    shift = np.where(sound[:, None], np.clip(shift, -0.6, 0.6), 0.0)
    return np.asarray(shift, np.float64), around[:, 1, 1] + 0.5 * np.einsum("nd,nd->n", gradient, shift)


def _roundness(
    view: FluidView, radii: NDArray[np.float64], scale: NDArray[np.intp], where: NDArray[np.intp]
) -> NDArray[np.float64]:
    """How alike the two curvatures of the intensity are: 4 det / trace^2 of the smoothed image's Hessian."""
    found = np.zeros(len(where))
    for index, radius in enumerate(radii):
        chosen = scale == index
        if not chosen.any():
            continue
        sigma = view.patch.sigma(float(radius / np.sqrt(2.0)))
        smooth = ndimage.gaussian_filter(view.relative, sigma, mode="nearest", truncate=3.5)
        _, hessian = _derivatives(_neighbourhood(smooth[None], np.zeros(chosen.sum(), np.intp), where[chosen]))
        hessian /= np.outer(view.patch.spacing, view.patch.spacing)
        trace = np.trace(hessian, axis1=1, axis2=2)
        found[chosen] = 4 * np.linalg.det(hessian) / np.maximum(trace**2, 1e-12)
    return found


def _one_of_each(spots: Spots, apart_mm: float) -> Spots:
    """Without the weaker of two spots nearer than that."""
    order = np.argsort(-spots.contrast, kind="stable")
    spots = spots.select(order)
    away = np.linalg.norm(spots.flat[:, None] - spots.flat[None], axis=2)
    kept = np.ones(len(spots), dtype=bool)
    for index in range(1, len(spots)):
        kept[index] = not np.any(kept[:index] & (away[index, :index] < apart_mm))
    return spots.select(kept)
