"""Shares of independent cases."""

from __future__ import annotations

import math

from SpineRootLib.statistics.estimate import REACH, Estimate


def proportion(cases: int, of: int) -> Estimate:
    """A share of cases with Wilson's interval, J. American Statistical Association 22 (1927) 209."""
    if not of:
        return Estimate.missing("no cases")
    share, square = cases / of, REACH**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    away = REACH * math.sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return Estimate(share, max(middle - away, 0.0), min(middle + away, 1.0), "Wilson")
