"""Gaussian processes along the slices: what the courses of roots and the walls of dura and cord have in common.

Source: Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, equations 2.23, 2.24 and 4.17; the
integrated random walk is the prior of a cubic spline (their equation 6.28).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# added to variances, mm2, so that a covariance can be factored; a thousandth of a millimetre
_RIDGE_MM2 = 1e-6


def integrated_walk(first: Array, second: Array) -> Array:
    """Covariance of an integrated random walk of unit strength at depths, (n,) and (m,) mm from its start; (n, m)."""
    low, high = np.minimum.outer(first, second), np.maximum.outer(first, second)
    return np.asarray(low**2 * high / 2 - low**3 / 6)


def matern(first: Array, second: Array, length_mm: float) -> Array:
    """Correlation of a Matern process of order 3/2 at depths, (n,) and (m,) mm; (n, m)."""
    away = np.sqrt(3.0) * np.abs(np.subtract.outer(first, second)) / length_mm
    return np.asarray((1 + away) * np.exp(-away))


def condition(own: Array, across: Array, noisy: Array) -> tuple[Array, Array]:
    """What is known of a process, once it was observed: the gain, (n, m), and the covariance that is left, (n, n) mm2.

    Parameters
    ----------
    own : (n, n) covariance where it is asked for; `across`, (n, m), with where it was observed.
    noisy : (m, m) covariance of the observations, with their noise.
    """
    gain = np.asarray(np.linalg.solve(noisy, across.T).T, dtype=np.float64)
    left = own - gain @ across.T
    return gain, (left + left.T) / 2 + _RIDGE_MM2 * np.eye(len(own))
