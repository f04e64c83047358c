"""Dark dots in a slice as evidence for roots: soft, bounded, each as good as any other, and no fluid asked for around.

Which dot is the darkest says nothing of which root is meant: a vessel or a bundle of the next root is as dark. Were it
believed from slice to slice, a course would slip onto it. So a dot tells only where the middle of something lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from SpineRootLib.tracing.course_settings import DotSettings
from SpineRootLib.tracing.fluid import FluidView
from SpineRootLib.tracing.slices import Flat, Pixels

Array = NDArray[np.float64]
# A black disc of radius r in white gives the response sigma^2 * Laplacian = 2 / e at sigma = r / sqrt(2).
_DISC_RESPONSE = 2.0 / np.e
# A dot tells nothing of places farther from it than so many standard deviations.
_TOLD_DEVIATIONS = 4.0
# A peak between pixels is sought at most so far from the highest one, pixels.
_MOST_SHIFT = 0.6


@dataclass(frozen=True, eq=False)
class Dots:
    """What a slice says of roots.

    Parameters
    ----------
    view : the part of the slice.
    flat : (k, 2) in-plane mm, middles of dark dots.
    core : (a, b) brightness smoothed over the middle of a root, part of the fluid's level.
    response : (a, b) how much a place looks like the middle of a dark dot.
    broad_mm : radius of the discs by which broad roots are told from thin ones.
    """

    view: FluidView
    flat: Flat
    core: Pixels
    response: Pixels
    broad_mm: float

    @cached_property
    def breadth(self) -> Pixels:
        """How much a place looks like the middle of a broad dark disc, (a, b): less for a thin root than for a mass."""
        return dot_response(self.view, self.broad_mm)

    def near(self, place: Flat, within_mm: float) -> Flat:
        """The dots within a distance of a place, (k, 2), the nearest first."""
        away = np.linalg.norm(self.flat - place, axis=1)
        order = np.argsort(away, kind="stable")
        return self.flat[order[away[order] <= within_mm]]

    def seen(self, at: Array, settings: DotSettings) -> Array:
        """Probability, (n,), that what is at places, (n, 2), is the dot near it and not something unseen."""
        told = self._told(at, settings)
        return np.asarray(told / (settings.unseen + told))

    def evidence(self, at: Array, settings: DotSettings) -> Array:
        """Log-likelihood of a root's middle lying at places, (n, 2); 0 where the view is faulty."""
        if self.view.fault:
            return np.zeros(len(at))
        bright = np.clip(self.view.patch.sample(self.core, at) - settings.dark_from, 0.0, 1.0 - settings.dark_from)
        return np.asarray(np.log(settings.unseen + self._told(at, settings)) - settings.bright_gain * bright)

    def _told(self, at: Array, settings: DotSettings) -> Array:
        reach = _TOLD_DEVIATIONS * settings.middle_mm
        near = np.all((self.flat > at.min(axis=0) - reach) & (self.flat < at.max(axis=0) + reach), axis=1)
        dots = self.flat[near]
        away = (at[:, :1] - dots[:, 0]) ** 2 + (at[:, 1:] - dots[:, 1]) ** 2
        return np.asarray(np.exp(away / (-2.0 * settings.middle_mm**2)).sum(axis=1))


def find_dots(view: FluidView, settings: DotSettings) -> Dots:
    """The dark dots of a view; a faulty one has none."""
    if view.fault:
        return Dots(view, np.empty((0, 2)), view.relative, view.relative, settings.broad_mm)
    response = dot_response(view, settings.radius_mm)
    least = max(settings.least, settings.above_noise * _response_noise(view, settings.radius_mm))
    peaks = (response == ndimage.maximum_filter(response, size=3, mode="nearest")) & (response > least)
    core = ndimage.gaussian_filter(view.relative, view.patch.sigma(settings.core_mm), mode="nearest", truncate=3.0)
    where = np.argwhere((peaks & (core < settings.brightest))[2:-2, 2:-2]) + 2
    middles = view.patch.to_flat(where + _between_pixels(response, where))
    return Dots(view, middles, np.asarray(core), response, settings.broad_mm)


def dot_response(view: FluidView, radius_mm: float) -> Pixels:
    """How much a place looks like the middle of a dark disc, (a, b), as its depth, part of the fluid's level.

    The scale-normalised Laplacian (Lindeberg, Feature detection with automatic scale selection, 1998).
    """
    sigma = radius_mm / np.sqrt(2.0)
    smooth = ndimage.gaussian_filter(view.relative, view.patch.sigma(sigma), mode="nearest", truncate=3.5)
    total = np.zeros_like(smooth)
    for axis in range(2):
        moved, second = np.moveaxis(smooth, axis, 0), np.moveaxis(total, axis, 0)
        second[1:-1] += (moved[2:] + moved[:-2] - 2 * moved[1:-1]) * np.float32((sigma / view.patch.spacing[axis]) ** 2)
    return np.asarray(total / np.float32(_DISC_RESPONSE))


def _response_noise(view: FluidView, radius_mm: float) -> float:
    """Standard deviation of the response to white noise: noise / (sqrt(2 pi) sigma), sigma in pixels."""
    sigma = radius_mm / np.sqrt(2.0) / float(view.patch.spacing.mean())
    return float(view.noise / (np.sqrt(2 * np.pi) * sigma * _DISC_RESPONSE))


def _between_pixels(response: Pixels, where: NDArray[np.intp]) -> Flat:
    """How far the peak of a parabola through three pixels along each axis lies from the middle one, (k, 2) pixels."""
    shift = np.zeros((len(where), 2))
    for axis in range(2):
        step = np.eye(2, dtype=np.intp)[axis]
        below, here, above = (response[tuple((where + by * step).T)].astype(np.float64) for by in (-1, 0, 1))
        curve = np.minimum(below + above - 2 * here, -1e-6)
        shift[:, axis] = np.clip(0.5 * (below - above) / curve, -_MOST_SHIFT, _MOST_SHIFT)
    return shift
