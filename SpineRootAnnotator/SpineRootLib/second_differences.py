"""Smoothing by least squared second differences (Whittaker, Proc. Edinburgh Math. Soc. 1923), the one place for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def squared_bands(count: int) -> NDArray[np.float64]:
    """The matrix of the sum of squared second differences of `count` values: its diagonal and the two below, (3, n)."""
    bands = np.zeros((3, count))
    if count < 3:
        return bands
    for start, factor in enumerate((1.0, 4.0, 1.0)):
        bands[0, start : count - 2 + start] += factor
    bands[1, : count - 2] -= 2.0
    bands[1, 1 : count - 1] -= 2.0
    bands[2, : count - 2] = 1.0
    return bands


def squared_periodic(count: int) -> NDArray[np.float64]:
    """The same for values around a closed curve, as a full matrix, (n, n)."""
    second = np.roll(np.eye(count), 1, axis=0) - 2 * np.eye(count) + np.roll(np.eye(count), -1, axis=0)
    return np.asarray(second.T @ second)


def smooth(values: ArrayLike, strength: float, weights: ArrayLike | None = None) -> NDArray[np.float64]:
    """The least of weighted squared deviations from the values plus `strength` times their squared second differences.

    A straight line is left as it is. Fewer than three values are too.

    Parameters
    ----------
    values : (n, ...), at even steps.
    strength : in units of the weights.
    weights : (n,), of each value one over its variance; 1 by default, 0 where nothing was measured.
    """
    # what only asks for the matrices need not wait for SciPy
    from scipy.linalg import solveh_banded

    asked = np.asarray(values, dtype=np.float64)
    count = len(asked)
    if count < 3:
        return asked.copy()
    weight = np.ones(count) if weights is None else np.asarray(weights, dtype=np.float64)
    bands = strength * squared_bands(count)
    bands[0] += weight
    wanted = weight[:, None] * asked.reshape(count, -1)
    return np.asarray(solveh_banded(bands, wanted, lower=True).reshape(asked.shape))
