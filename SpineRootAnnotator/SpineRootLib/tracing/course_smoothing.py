"""The smooth course through measured centres."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

from SpineRootLib.tracing.slices import Flat


def smooth_course(flat: Flat, deviation: NDArray[np.float64], bend_mm: float) -> Flat:
    """The most likely course: measurements of known deviation, second differences of known deviation.

    This is Whittaker's smoother (1923) with weights.

    Parameters
    ----------
    flat : (n, 2) mm, one a slice.
    deviation : (n,) mm; 0 for points that may not move, infinite where nothing was measured.
    bend_mm : standard deviation of the second difference.
    """
    count = len(flat)
    if count < 3:
        return flat.copy()
    weight = 1.0 / np.maximum(deviation, 1e-5) ** 2
    banded = np.zeros((3, count))
    banded[2] = weight
    for start, factor in enumerate((1.0, 4.0, 1.0)):
        banded[2, start : count - 2 + start] += factor / bend_mm**2
    banded[1, 1 : count - 1] += -2.0 / bend_mm**2
    banded[1, 2:count] += -2.0 / bend_mm**2
    banded[0, 2:] += 1.0 / bend_mm**2
    found = solveh_banded(banded, weight[:, None] * flat)
    return np.where(deviation[:, None] == 0, flat, found)
