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
# Standard deviation of sigma^2 times a second derivative of white noise of 1, smoothed with sigma of one pixel.
_CURVATURE_NOISE = float(np.sqrt(3.0 / (16.0 * np.pi)))
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
    pit_mm : scale at which pits are looked for.
    """

    view: FluidView
    flat: Flat
    core: Pixels
    response: Pixels
    broad_mm: float
    pit_mm: float

    @cached_property
    def breadth(self) -> Pixels:
        """How much a place looks like the middle of a broad dark disc, (a, b): less for a thin root than for a mass."""
        return dot_response(self.view, self.broad_mm)

    @cached_property
    def pit(self) -> Pixels:
        """How much darker a place is than what lies about it in every direction, (a, b), part of the fluid's level.

        The lesser principal curvature of the brightness, times the square of the scale: where dots touch and make no
        peak of their own, there is a pit still, and none on the saddle between two of them.
        """
        return lesser_curvature(self.view, self.pit_mm)

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
        core = np.clip(self.view.patch.sample(self.core, at), 0.0, 1.0)
        bright = np.maximum(core - settings.dark_from, 0.0)
        told = np.log(settings.unseen + self._told(at, settings)) - settings.bright_gain * bright
        pit = self._pit_gain(settings) * self.view.patch.sample(self.pit, at)
        return np.asarray(told - settings.dark_gain * np.abs(core - settings.as_dark) + pit)

    def _pit_gain(self, settings: DotSettings) -> float:
        """What a pit tells, less in noise: the part of the variance of pits that is the image's (Wiener's filter)."""
        noise = self.view.noise * _CURVATURE_NOISE * float(self.view.patch.spacing.mean()) / settings.pit_mm
        return settings.pit_gain / (1.0 + (noise / settings.pit_deviation) ** 2)

    def _told(self, at: Array, settings: DotSettings) -> Array:
        reach = _TOLD_DEVIATIONS * settings.middle_mm
        near = np.all((self.flat > at.min(axis=0) - reach) & (self.flat < at.max(axis=0) + reach), axis=1)
        dots = self.flat[near]
        away = (at[:, :1] - dots[:, 0]) ** 2 + (at[:, 1:] - dots[:, 1]) ** 2
        return np.asarray(np.exp(away / (-2.0 * settings.middle_mm**2)).sum(axis=1))


def find_dots(view: FluidView, settings: DotSettings) -> Dots:
    """The dark dots of a view; a faulty one has none."""
    if view.fault:
        return Dots(view, np.empty((0, 2)), view.relative, view.relative, settings.broad_mm, settings.pit_mm)
    response = dot_response(view, settings.radius_mm)
    least = max(settings.least, settings.above_noise * _response_noise(view, settings.radius_mm))
    peaks = (response == ndimage.maximum_filter(response, size=3, mode="nearest")) & (response > least)
    core = ndimage.gaussian_filter(view.relative, view.patch.sigma(settings.core_mm), mode="nearest", truncate=3.0)
    where = np.argwhere((peaks & (core < settings.brightest))[2:-2, 2:-2]) + 2
    middles = view.patch.to_flat(where + _between_pixels(response, where))
    return Dots(view, middles, np.asarray(core), response, settings.broad_mm, settings.pit_mm)


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


def lesser_curvature(view: FluidView, sigma_mm: float) -> Pixels:
    """The lesser eigenvalue of the brightness's Hessian at a scale, times its square, (a, b)."""
    sigma = view.patch.sigma(sigma_mm)
    first, second, mixed = (
        ndimage.gaussian_filter(view.relative, sigma, order=order, mode="nearest", truncate=3.5) * (one * other)
        for order, one, other in (
            ((2, 0), sigma[0], sigma[0]),
            ((0, 2), sigma[1], sigma[1]),
            ((1, 1), sigma[0], sigma[1]),
        )
    )
    middle, half = (first + second) / 2, (first - second) / 2
    return np.asarray(middle - np.sqrt(half**2 + mixed**2), dtype=np.float32)


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
