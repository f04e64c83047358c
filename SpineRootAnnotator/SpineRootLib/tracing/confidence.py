"""How certain a proposal is, so that the number means something."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from SpineRootLib.tracing.course_settings import ConfidenceSettings

Array = NDArray[np.float64]


def logistic(value: float) -> float:
    """1 / (1 + exp(-value))."""
    return float(1.0 / (1.0 + np.exp(-np.clip(value, -60.0, 60.0))))


def course_confidence(free_mm: Array, unseen: Array, lead: Array, crowd: Array, settings: ConfidenceSettings) -> Array:
    """The probability that points of a course lie on their root, (n,).

    Parameters
    ----------
    free_mm : (n,) standard deviation of each coordinate that the marks alone leave.
    unseen : (n,) share of the slices about on which no dot is seen.
    lead : (n,) by how much log-likelihood the course leads others that lie elsewhere there, infinite where none does.
    crowd : (n,) how many dots there are onto which it might slip, part of what a crowd has there, at most 1. Where a
        root runs alone and is seen there is little doubt.
    """
    s = settings
    doubt = np.exp(-np.maximum(lead, 0.0) / s.lead_scale)
    logit = s.offset + s.per_log_mm * np.log(np.maximum(free_mm, 1e-3)) + s.unseen * unseen + s.rival * doubt
    slip = np.maximum(crowd, np.maximum(s.least_crowd, unseen))
    return np.asarray(1.0 - slip * expit(-logit))
