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


def course_confidence(looks: Looks, settings: ConfidenceSettings) -> Array:
    """The probability that points of a course lie on their root, (n,); of one gone astray that by the marks alone."""
    s = settings
    rival = np.exp(-np.maximum(looks.lead, 0.0) / s.lead_scale)
    logit = s.offset + s.per_log_mm * np.log(np.maximum(looks.loose, 1e-3)) + s.rival * rival
    logit = logit + s.unseen * looks.unseen + s.swollen * looks.swollen
    return _rather_too_little((1.0 - looks.by_marks) * expit(-logit), s)


def _rather_too_little(doubt: Array, s: ConfidenceSettings) -> Array:
    """Confidence from a doubt that holds in the mean: a subject's doubts are larger or smaller than the mean's.

    `margin` is added where there is any doubt, and less where there is much; nobody is misled by too much of that.
    """
    more = s.margin * -np.expm1(-doubt / s.margin_from) * (1.0 - doubt) ** 4
    return np.asarray(1.0 - doubt - more)
