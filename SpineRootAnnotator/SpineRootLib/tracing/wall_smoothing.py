"""The smooth wall through weighted distances on many rays of successive slices."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

Distances = NDArray[np.float64]
# Keeps the system definite where nothing at all is known; far weaker than any measurement.
_RIDGE = 1e-6


def smooth_wall(distance: Distances, weight: Distances, harmonics: int, bend_mm: float) -> Distances:
    """The most likely wall, (n, a) mm: each slice a Fourier series of the angle, its coefficients smooth along slices.

    Whittaker's smoother (1923) for each coefficient, all at once: the least of weighted squared deviations and of
    squared second differences from slice to slice.

    Parameters
    ----------
    distance : (n, a) mm, what was measured on equal angles of n successive slices.
    weight : (n, a) one over its variance, 1/mm^2; 0 where nothing was measured.
    harmonics : of the Fourier series.
    bend_mm : standard deviation of the second difference of the wall from slice to slice.
    """
    count, angles = distance.shape
    basis = fourier_basis(angles, harmonics)
    width = basis.shape[1]
    banded = np.zeros((2 * width + 1, count * width))
    information = np.matmul(basis.T * weight[:, None, :], basis)
    for below in range(width):
        here = np.arange(width - below)
        columns = (np.arange(count)[:, None] * width + here).ravel()
        banded[below, columns] = information[:, here + below, here].ravel()
    stiffness = _second_differences(count) * (1 + harmonics) / bend_mm**2
    for apart, entries in enumerate(stiffness):
        banded[apart * width, : (count - apart) * width] += np.repeat(entries[: count - apart], width)
    banded[0] += _RIDGE
    known = (weight * distance) @ basis
    found = solveh_banded(banded, known.ravel(), lower=True, check_finite=False)
    return np.asarray(found.reshape(count, width) @ basis.T)


@lru_cache(maxsize=8)
def fourier_basis(angles: int, harmonics: int) -> Distances:
    """The Fourier series on equal angles, (a, 1 + 2 k)."""
    angle = 2 * np.pi * np.arange(angles)[:, None] / angles
    turns = np.arange(1, harmonics + 1)[None, :]
    return np.hstack([np.ones((angles, 1)), np.cos(angle * turns), np.sin(angle * turns)])


def _second_differences(count: int) -> Distances:
    """The diagonal of the sum of squared second differences as a matrix, and the two below it, (3, n)."""
    diagonals = np.zeros((3, count))
    for start in range(count - 2):
        diagonals[0, start : start + 3] += (1.0, 4.0, 1.0)
        diagonals[1, start : start + 2] -= 2.0
        diagonals[2, start] += 1.0
    return diagonals
