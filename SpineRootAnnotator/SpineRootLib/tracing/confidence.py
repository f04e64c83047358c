"""How certain a proposal is, so that the number means something."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from SpineRootLib.tracing.course_settings import ConfidenceSettings


def logistic(value: float) -> float:
    """1 / (1 + exp(-value))."""
    return float(1.0 / (1.0 + np.exp(-np.clip(value, -60.0, 60.0))))


def course_confidence(
    free_mm: NDArray[np.float64],
    seen: NDArray[np.bool_],
    crowd: NDArray[np.float64],
    settings: ConfidenceSettings,
) -> NDArray[np.float64]:
    """The probability that points of a course lie on their root, (n,).

    Parameters
    ----------
    free_mm : (n,) standard deviation of each coordinate that the marks alone leave.
    seen : (n,) whether a dot is seen there.
    crowd : (n,) how many dots there are onto which it might slip, part of what a crowd has there, at most 1. Where a
        root runs alone and is seen there is little doubt.
    """
    s = settings
    logit = s.offset + s.per_log_mm * np.log(np.maximum(free_mm, 1e-3)) + s.unseen * ~seen
    slip = np.where(seen, np.maximum(crowd, s.least_crowd), 1.0)
    return np.asarray(1.0 - slip * (1.0 - expit(logit)))
