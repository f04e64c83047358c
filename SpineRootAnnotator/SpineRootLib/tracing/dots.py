"""Dark dots in a slice as evidence for roots: soft, bounded, and asking for no fluid around."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from SpineRootLib.tracing.course_settings import DotSettings
from SpineRootLib.tracing.fluid import FluidView
from SpineRootLib.tracing.slices import Pixels

# A black disc of radius r in white gives the response sigma^2 * Laplacian = 2 / e at sigma = r / sqrt(2).
_DISC_RESPONSE = 2.0 / np.e


def dot_response(view: FluidView, radii_mm: tuple[float, ...]) -> Pixels:
    """How much a place looks like the centre of a dark disc, (a, b), as the depth of a disc, part of the fluid's level.

    The largest scale-normalised Laplacian (Lindeberg, Feature detection with automatic scale selection, 1998).
    """
    return np.asarray(np.max([_at_scale(view, radius) for radius in radii_mm], axis=0))


def dot_evidence(view: FluidView, settings: DotSettings) -> Pixels:
    """Log-likelihood ratio of a root's centre lying at each pixel, (a, b); 0 everywhere where the view is faulty."""
    if view.fault:
        return np.zeros(view.patch.pixels.shape, np.float32)
    response = np.clip(dot_response(view, settings.radii_mm), -0.5 * settings.largest, settings.largest)
    core = ndimage.gaussian_filter(view.relative, view.patch.sigma(0.25), mode="nearest", truncate=3.0)
    bright = np.clip(core - settings.dark_from, 0.0, 1.0 - settings.dark_from)
    return np.asarray(settings.gain * response - settings.bright_gain * bright, np.float32)


def _at_scale(view: FluidView, radius: float) -> Pixels:
    sigma = radius / np.sqrt(2.0)
    smooth = ndimage.gaussian_filter(view.relative, view.patch.sigma(sigma), mode="nearest", truncate=3.5)
    total = np.zeros_like(smooth)
    for axis in range(2):
        moved, found = np.moveaxis(smooth, axis, 0), np.zeros_like(np.moveaxis(smooth, axis, 0))
        found[1:-1] = moved[2:] + moved[:-2] - 2 * moved[1:-1]
        total += np.moveaxis(found, 0, axis) * np.float32((sigma / view.patch.spacing[axis]) ** 2)
    return np.asarray(total / np.float32(_DISC_RESPONSE))
