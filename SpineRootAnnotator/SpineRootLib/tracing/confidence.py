"""How certain a proposal is, so that the number means something."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from SpineRootLib.tracing.course_looks import Looks
from SpineRootLib.tracing.course_settings import ConfidenceSettings

Array = NDArray[np.float64]


def logistic(value: float) -> float:
    """1 / (1 + exp(-value))."""
    return float(1.0 / (1.0 + np.exp(-np.clip(value, -60.0, 60.0))))


def course_confidence(free_mm: Array, looks: Looks, settings: ConfidenceSettings) -> Array:
    """The probability that points of a course lie on their root, (n,).

    Parameters
    ----------
    free_mm : (n,) standard deviation of each coordinate that the marks alone leave.
    """
    s = settings
    doubt = np.exp(-np.maximum(looks.lead, 0.0) / s.lead_scale)
    logit = s.offset + s.per_log_mm * np.log(np.maximum(free_mm, 1e-3)) + s.unseen * looks.unseen + s.rival * doubt
    logit = logit + s.unseen_along * looks.unseen_along + s.swollen * looks.swollen + s.moved * looks.moved
    slip = np.maximum(looks.crowd, np.maximum(s.least_crowd, looks.unseen))
    return np.asarray(1.0 - slip * expit(-logit))
