"""Intraclass correlation of annotators, with its model named, and the components it is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtri

from SpineRootLib.statistics.estimate import LEVEL, Estimate
from SpineRootLib.statistics.recovered_intervals import root_of, scaled, sum_of, variance_interval

Array = NDArray[np.float64]
_FEWEST_FREE = 0.05  # degrees of freedom, by eye: with fewer the quantile of F is beyond 1e60


@dataclass(frozen=True)
class TwoWay:
    """Components of a complete table of subjects and annotators, one value a cell.

    Parameters
    ----------
    subject, annotator, residual : variances, not below 0; the residual holds the interaction of the two.
    deviation : standard deviation between subjects, the root of their component, with its interval.
    correlation : ICC(A,1).
    """

    subject: float
    annotator: float
    residual: float
    deviation: Estimate
    correlation: Estimate


def two_way(table: Array) -> TwoWay:
    """Components and ICC(A,1) of a table, (n subjects, k annotators), without missing values.

    Where no component is below 0 they are those of the restricted likelihood too.

    Source: McGraw and Wong, Psychological Methods 1 (1996) 30, case 2A and its table 7.

    Raises
    ------
    ValueError
        if there are fewer than two subjects or annotators, or nothing varies.
    """
    n, k = table.shape
    if min(n, k) < 2:
        raise ValueError("fewer than two subjects or annotators")
    rows, columns, grand = table.mean(axis=1), table.mean(axis=0), table.mean()
    of_rows = k * np.sum((rows - grand) ** 2) / (n - 1)
    of_columns = n * np.sum((columns - grand) ** 2) / (k - 1)
    left = np.sum((table - rows[:, None] - columns + grand) ** 2) / ((n - 1) * (k - 1))
    if not of_rows + of_columns + left > 0:
        raise ValueError("nothing varies")
    correlation = (of_rows - left) / (of_rows + (k - 1) * left + k * (of_columns - left) / n)
    components = (max(each, 0.0) for each in ((of_rows - left) / k, (of_columns - left) / n, left))
    subject, annotator, residual = map(float, components)
    rows_less_rest = sum_of(
        scaled(variance_interval(of_rows, n - 1), 1 / k), scaled(variance_interval(left, (n - 1) * (k - 1)), -1 / k)
    )
    interval = _interval(float(correlation), n, k, of_rows, of_columns, left)
    deviation = root_of(rows_less_rest, "mean squares, MOVER")
    if not (deviation.high or 0.0) > 0:
        deviation = Estimate(0.0, why_not="subjects differ less than marks of one subject do")
    return TwoWay(subject, annotator, residual, deviation, interval)


def _interval(value: float, n: int, k: int, of_rows: float, of_columns: float, left: float) -> Estimate:
    if not left > 0:
        return Estimate(value, why_not="annotators differ by a constant only")
    share = k * value / (n * (1 - value))
    rest = 1 + k * value * (n - 1) / (n * (1 - value))
    of_both = (share * of_columns) ** 2 / (k - 1) + (rest * left) ** 2 / ((n - 1) * (k - 1))
    free = (share * of_columns + rest * left) ** 2 / of_both if of_both > 0 else 0.0
    # of an estimate near to 0 they may be next to none, and then quantiles of F are beyond all numbers
    if not free > _FEWEST_FREE:
        return Estimate(value, why_not="subjects differ too little from each other for an interval")
    up, down = (float(fdtri(*each, 0.5 + LEVEL / 2)) for each in ((n - 1, free), (free, n - 1)))
    both = k * of_columns + (k * n - k - n) * left
    low = n * (of_rows - up * left) / (up * both + n * of_rows)
    high = n * (down * of_rows - left) / (both + n * down * of_rows)
    return Estimate(value, float(low), float(high), "F, McGraw and Wong 1996")
