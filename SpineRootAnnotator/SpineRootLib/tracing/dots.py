"""Dark dots in a slice as evidence for roots: soft, bounded, and asking for no fluid around."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from SpineRootLib.tracing.course_settings import DotSettings
from SpineRootLib.tracing.fluid import FluidView
from SpineRootLib.tracing.slices import Pixels

# A black disc of radius r in white gives the response sigma^2 * Laplacian = 2 / e at sigma = r / sqrt(2).
_DISC_RESPONSE = 2.0 / np.e


def dot_response(view: FluidView, radius_mm: float) -> Pixels:
    """How much a place looks like the centre of a dark disc, (a, b), as the depth of a disc, part of the fluid's level.

    The scale-normalised Laplacian (Lindeberg, Feature detection with automatic scale selection, 1998).
    """
    sigma = radius_mm / np.sqrt(2.0)
    smooth = ndimage.gaussian_filter(view.relative, view.patch.sigma(sigma), mode="nearest", truncate=3.5)
    total = np.zeros_like(smooth)
    for axis in range(2):
        moved = np.moveaxis(smooth, axis, 0)
        second = np.moveaxis(total, axis, 0)
        second[1:-1] += (moved[2:] + moved[:-2] - 2 * moved[1:-1]) * np.float32((sigma / view.patch.spacing[axis]) ** 2)
    return np.asarray(total / np.float32(_DISC_RESPONSE))


def dot_evidence(view: FluidView, settings: DotSettings) -> Pixels:
    """Log-likelihood ratio of a root's centre lying at each pixel, (a, b); 0 everywhere where the view is faulty."""
    if view.fault:
        return np.zeros(view.patch.pixels.shape, np.float32)
    found = np.zeros(view.patch.pixels.shape, np.float32)
    for radius in settings.radii_mm:
        gain = settings.gain / (1.0 + (response_noise(view, radius) / settings.quiet) ** 2)
        found += np.float32(gain) * dot_response(view, radius)
    core = ndimage.gaussian_filter(view.relative, view.patch.sigma(settings.core_mm), mode="nearest", truncate=3.0)
    bright = np.clip(core - settings.dark_from, 0.0, 1.0 - settings.dark_from)
    bounded = settings.largest * np.tanh(found / settings.largest)
    return np.asarray(bounded - settings.bright_gain * bright, np.float32)


def response_noise(view: FluidView, radius_mm: float) -> float:
    """Standard deviation of the response to white noise: noise / (sqrt(2 pi) sigma), sigma in pixels."""
    sigma = max(radius_mm / np.sqrt(2.0) / float(view.patch.spacing.mean()), 0.5)
    return float(view.noise / (np.sqrt(2 * np.pi) * sigma * _DISC_RESPONSE))
