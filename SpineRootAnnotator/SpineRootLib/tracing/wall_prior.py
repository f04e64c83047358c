"""Outlines of dura or cord on successive slices, given those that are known, before the image is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.tracing.wall_settings import WallPriorSettings

Array = NDArray[np.float64]
# Keeps the covariance invertible, far below what a contour tells.
_RIDGE_MM2 = 1e-6


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
        gain = np.linalg.solve(_covariance(there, there, order, s) + np.diag(noise_mm**2), across.T).T
        mean.append(level + gain @ (coefficients[:, index] - level))
        own = _covariance(here, here, order, s) - gain @ across.T
        covariance.append((own + own.T) / 2 + _RIDGE_MM2 * np.eye(len(here)))
    return WallPrior(np.array(mean).T, np.array(covariance))


def _covariance(first: Array, second: Array, order: int, s: WallPriorSettings) -> Array:
    low, high = np.minimum.outer(first, second), np.maximum.outer(first, second)
    smooth = s.bend[min(order, 1)] ** 2 * (low**2 * high / 2 - low**3 / 6)
    away = np.sqrt(3.0) * (high - low) / s.stray_length_mm[order]
    stray = s.stray_mm[order] ** 2 * (1 + away) * np.exp(-away)
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
