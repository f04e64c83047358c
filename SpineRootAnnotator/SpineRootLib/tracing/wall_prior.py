"""Outlines of dura or cord on successive slices, given those that are known, before the image is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.tracing.gaussian_process import condition, integrated_walk, matern
from SpineRootLib.tracing.wall_settings import WallPriorSettings

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WallPrior:
    """The Fourier coefficients of an outline's radius on n slices.

    Parameters
    ----------
    mean : (n, k) mm.
    covariance : (k, n, n) mm2; coefficients are independent of each other.
    """

    mean: Array
    covariance: Array


def wall_prior(depth: Array, known: Array, coefficients: Array, noise_mm: Array, s: WallPriorSettings) -> WallPrior:
    """The wall at depths, (n,) mm, given its coefficients, (m, k) mm, at known depths, (m,), to `noise_mm`, (m,)."""
    start = min(depth.min(), known.min())
    here, there = depth - start, known - start
    usual = np.median(coefficients, axis=0) if len(known) else np.zeros(coefficients.shape[1])
    mean, covariance = [], []
    for index in range(coefficients.shape[1]):
        order = (index + 1) // 2
        # the roundness and the place of all known outlines together are the best guess of where it is constant
        level = usual[index] if order <= 2 else 0.0
        across = _covariance(here, there, order, s)
        noisy = _covariance(there, there, order, s) + np.diag(noise_mm**2)
        gain, left = condition(_covariance(here, here, order, s), across, noisy)
        mean.append(level + gain @ (coefficients[:, index] - level))
        covariance.append(left)
    return WallPrior(np.array(mean).T, np.array(covariance))


def _covariance(first: Array, second: Array, order: int, s: WallPriorSettings) -> Array:
    smooth = s.bend[min(order, 1)] ** 2 * integrated_walk(first, second)
    stray = s.stray_mm[order] ** 2 * matern(first, second, s.stray_length_mm[order])
    slope = s.slope[min(order, 1)] ** 2 * np.outer(first, second)
    return np.asarray(s.constant_mm[order] ** 2 + slope + smooth + stray)


@lru_cache(maxsize=8)
def fourier_basis(angles: int, harmonics: int) -> Array:
    """The Fourier series on equal angles, (a, 1 + 2 k): order 0, then cosine and sine of each."""
    angle = 2 * np.pi * np.arange(angles)[:, None] / angles
    found = [np.ones((angles, 1))]
    for order in range(1, harmonics + 1):
        found += [np.cos(order * angle), np.sin(order * angle)]
    return np.hstack(found)


def fourier_coefficients(radius: Array, harmonics: int) -> Array:
    """The series nearest to radii on equal angles, (n, a) mm; (n, 1 + 2 k)."""
    basis = fourier_basis(radius.shape[1], harmonics)
    return np.asarray(radius @ basis / np.sum(basis**2, axis=0))
