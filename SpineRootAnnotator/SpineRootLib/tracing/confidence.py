"""How certain a proposal is, so that the number means something."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from SpineRootLib.tracing.root_settings import ConfidenceSettings


def logistic(value: float) -> float:
    """1 / (1 + exp(-value))."""
    return float(1.0 / (1.0 + np.exp(-np.clip(value, -60.0, 60.0))))


def root_confidence(
    margin: NDArray[np.float64],
    seen: NDArray[np.bool_],
    moved_mm: NDArray[np.float64],
    clearness: float,
    settings: ConfidenceSettings,
) -> NDArray[np.float64]:
    """The probability that a proposed point is the root's, for successive points of its course.

    Parameters
    ----------
    margin : (n,) how much dearer the best other course is, in units of half a squared standard deviation.
    seen : (n,) whether a dark spot was found there.
    moved_mm : (n,) how far smoothing moved the spot.
    clearness : contrast of the roots over the noise; in a noisy image a margin says less.
    """
    gain = settings.gain * min(1.0, clearness / settings.full_clearness) ** settings.clearness_power
    certain = 1.0 / (1.0 + np.exp(-(gain * margin + settings.offset)))
    share = ndimage.uniform_filter1d(seen.astype(np.float64), settings.seen_slices, mode="nearest")
    doubt = np.where(seen, 1.0, settings.unseen) * np.exp(-0.5 * (moved_mm / settings.moved_mm) ** 2)
    return np.asarray(certain * doubt * np.clip(share, 0.0, 1.0) ** settings.seen_power)
