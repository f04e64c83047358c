"""How many subjects or annotators a study needs for an interval of a wanted width."""

from __future__ import annotations

import math

from scipy.special import stdtrit

from SpineRootLib.statistics.estimate import LEVEL, REACH

# more than any study has; a wish that needs more is told to be out of reach
MOST = 10_000


def subjects_for_bias(between: float, residual: float, effective: float, half_width: float) -> int | None:
    """The fewest subjects whose mean has an interval of at most a half width; None beyond `MOST`.

    The interval's half width is ``t(n - 1) sqrt((between + residual / effective) / n)``.

    Parameters
    ----------
    between, residual : variances, of subjects' shifts and of a value about its subject's mean.
    effective : independent slices of a subject.
    """
    deviation = math.sqrt(between + residual / effective)
    low, high = 1, MOST
    if _half_width(deviation, high) > half_width:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _half_width(deviation, middle) <= half_width else (middle, high)
    return high


def annotators_for_mean(error: float, half_width: float) -> int:
    """The fewest annotators whose mean at a place lies within a half width of the truth in 95 of 100 cases.

    Parameters
    ----------
    error : standard deviation of a single annotator's mark, shared mistakes of all annotators left aside.
    """
    return max(1, math.ceil((REACH * error / half_width) ** 2 - 1e-9))


def _half_width(deviation: float, count: int) -> float:
    return float(stdtrit(count - 1, 0.5 + LEVEL / 2)) * deviation / math.sqrt(count)
