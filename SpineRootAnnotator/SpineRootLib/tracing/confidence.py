"""How certain a proposal is, so that the number means something."""

from __future__ import annotations

import numpy as np


def logistic(value: float) -> float:
    """1 / (1 + exp(-value))."""
    return float(1.0 / (1.0 + np.exp(-np.clip(value, -60.0, 60.0))))
