"""How certain a proposal is, so that the number means something."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import expit

from SpineRootLib.tracing.root_settings import ConfidenceSettings


def logistic(value: float) -> float:
    """1 / (1 + exp(-value))."""
    return float(1.0 / (1.0 + np.exp(-np.clip(value, -60.0, 60.0))))


def root_confidence(
    margin: NDArray[np.float64],
    seen: NDArray[np.bool_],
    moved_mm: NDArray[np.float64],
    apart: NDArray[np.int64],
    noise: float,
    settings: ConfidenceSettings,
) -> NDArray[np.float64]:
    """The probability that a proposed point is the root's, for successive points of its course.

    Parameters
    ----------
    margin : (n,) how much dearer the best other course is, in units of half a squared standard deviation.
    seen : (n,) whether a dark spot was found there.
    moved_mm : (n,) how far smoothing moved the spot.
    apart : (n,) slices to the nearest confirmed point.
    noise : of the image, part of the fluid's level; where there is much of it a margin says less.
    """
    s = settings
    louder = max(0.0, float(np.log(noise / s.quiet))) if noise > 0 else 0.0
    share = ndimage.uniform_filter1d(seen.astype(np.float64), s.seen_slices, mode="nearest")
    logit = s.offset + max(0.0, s.gain - s.noise_gain * louder) * margin - s.alike * np.exp(-margin / s.alike_margin)
    logit -= s.per_slice * np.log1p(apart) + s.unseen * (1.0 - share) + s.moved * (moved_mm / s.moved_mm) ** 2
    quietness = min(1.0, s.most_noise / max(noise, 1e-9))
    return np.asarray(quietness * expit(logit - s.noise * louder))
