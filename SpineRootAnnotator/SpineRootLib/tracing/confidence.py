"""How certain a proposal is, so that the number means something."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def logistic(value: float) -> float:
    """1 / (1 + exp(-value))."""
    return float(1.0 / (1.0 + np.exp(-np.clip(value, -60.0, 60.0))))


def root_confidence(
    margin: NDArray[np.float64], seen: NDArray[np.bool_], moved_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The probability that a proposed point is the root's.

    Parameters
    ----------
    margin : (n,) how much dearer the best other course is, in units of half a squared standard deviation.
    seen : (n,) whether a dark spot was found there.
    moved_mm : (n,) how far smoothing moved the spot.
    """
    certain = 1.0 / (1.0 + np.exp(-(0.55 * margin - 1.0)))
    doubt = np.where(seen, 1.0, 0.7) * np.exp(-0.5 * (moved_mm / 0.5) ** 2)
    return np.asarray(certain * doubt)
