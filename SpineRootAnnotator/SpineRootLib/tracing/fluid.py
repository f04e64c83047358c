"""A part of a slice in units of its fluid: 1 is the cerebrospinal fluid around, 0 is black."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from SpineRootLib.tracing.settings import FluidSettings
from SpineRootLib.tracing.slices import Patch, Pixels
from SpineRootLib.translation import _

# The standard deviation of the 3 x 3 Laplacian mask of Immerkaer (1996) for noise of standard deviation 1.
_MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
_MASK_GAIN = 6.0
_MAD_TO_SD = 1.4826


@dataclass(frozen=True, eq=False)
class FluidView:
    """A patch with the fluid's level.

    Parameters
    ----------
    patch : where the pixels lie.
    relative : (a, b) intensity over the level of the fluid around.
    level : (a, b) the fluid's level, intensity units.
    noise : standard deviation of `relative` in the fluid.
    contrast : how far the dark tenth of the patch lies below the fluid, part of its level.
    fault : why nothing can be proposed here, a sentence, or empty.
    """

    patch: Patch
    relative: Pixels
    level: Pixels
    noise: float
    contrast: float
    fault: str = ""


def fluid_view(patch: Patch, settings: FluidSettings, usual_level: float = 0.0) -> FluidView:
    """The patch in units of its fluid, or why that cannot be; `usual_level` is the fluid's on the whole slice."""
    fault = _fault_of(patch.pixels)
    if fault:
        nothing = np.zeros(patch.pixels.shape, np.float32)
        return FluidView(patch, nothing, nothing, 0.0, 0.0, fault)
    pixels = patch.pixels if settings.bright_fluid else patch.pixels.max() - patch.pixels
    level = _fluid_level(pixels, patch, settings)
    relative = pixels / level
    contrast = 1.0 - float(np.percentile(relative[::2, ::2], 10))
    noise = _noise_of(relative, settings)
    fault = _contrast_fault(contrast, settings)
    if float(level.max()) < settings.least_of_slice * usual_level:
        fault = _("there is no fluid here")
    return FluidView(patch, relative, level, noise, contrast, fault)


def _fault_of(pixels: Pixels) -> str:
    if min(pixels.shape) < 8:
        return _("the image does not reach here")
    if not np.all(np.isfinite(pixels)):
        return _("voxels here are no numbers (NaN or infinite)")
    if float(np.ptp(pixels)) <= 0:
        return _("the image is constant here")
    return ""


def _contrast_fault(contrast: float, settings: FluidSettings) -> str:
    if contrast < settings.least_contrast:
        text = _("there is no contrast here: dark is only {percent:.0f} % below bright")
        return text.format(percent=100 * contrast)
    return ""


def _fluid_level(pixels: Pixels, patch: Patch, settings: FluidSettings) -> Pixels:
    """The level of the fluid: the mean, over a few mm, of what is nearly as bright as the brightest place in reach."""
    smooth = ndimage.gaussian_filter(pixels, patch.sigma(settings.smoothing_mm), mode="nearest", truncate=3.0)
    coarse = smooth[::2, ::2]
    size = [max(1, int(2 * settings.reach_mm / (2 * step)) | 1) for step in patch.spacing]
    brightest = ndimage.maximum_filter(coarse, size=size, mode="nearest")
    member = (coarse >= settings.member_fraction * brightest).astype(np.float32)
    sigma = [sd / 2 for sd in patch.sigma(settings.level_smoothing_mm)]
    total = ndimage.gaussian_filter(coarse * member, sigma, mode="nearest", truncate=3.0)
    weight = ndimage.gaussian_filter(member, sigma, mode="nearest", truncate=3.0)
    floor = settings.least_level * max(float(np.percentile(brightest, 90)), 1e-6)
    level = np.maximum(total / np.maximum(weight, 1e-6), np.maximum(settings.least_of_brightest * brightest, floor))
    return np.asarray(np.repeat(np.repeat(level, 2, axis=0), 2, axis=1)[: pixels.shape[0], : pixels.shape[1]])


def _noise_of(relative: Pixels, settings: FluidSettings) -> float:
    """Standard deviation of the noise where it is bright, after Immerkaer, 'Fast noise variance estimation' (1996)."""
    response = ndimage.convolve(relative, _MASK, mode="nearest")
    bright = relative > settings.noise_from
    chosen = response[bright] if np.count_nonzero(bright) >= 50 else response.ravel()
    return float(np.median(np.abs(chosen)) * _MAD_TO_SD / _MASK_GAIN)
