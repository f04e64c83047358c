"""Intervals of sums, squares and roots, recovered from those of their parts (MOVER).

Source: Zou and Donner, Statistics in Medicine 27 (2008) 1693: the distance from the sum to an end of its interval is
the root of the sum of the squared distances of the parts to theirs.
"""

from __future__ import annotations

import math

from scipy.special import chdtri

from SpineRootLib.statistics.estimate import LEVEL, Estimate


def variance_interval(variance: float, free: float) -> Estimate:
    """A variance of normal values with so many degrees of freedom."""
    low, high = (float(chdtri(free, at)) for at in (0.5 - LEVEL / 2, 0.5 + LEVEL / 2))
    return Estimate(variance, variance * free / low, variance * free / high)


def sum_of(first: Estimate, second: Estimate, method: str = "") -> Estimate:
    """The sum of two independent estimates."""
    (a, a_low, a_high), (b, b_low, b_high) = _ends(first), _ends(second)
    low, high = math.hypot(a - a_low, b - b_low), math.hypot(a_high - a, b_high - b)
    return Estimate(a + b, a + b - low, a + b + high, method)


def scaled(estimate: Estimate, factor: float) -> Estimate:
    """An estimate, with or without an interval, times a number; its ends change places where that is below 0."""
    value, *ends = (None if end is None else factor * end for end in estimate.ends)
    low, high = ends if factor >= 0 else reversed(ends)
    return Estimate(value, low, high, estimate.method, estimate.why_not)


def square(estimate: Estimate) -> Estimate:
    """The square of an estimate, 0 at least."""
    value, low, high = _ends(estimate)
    ends = sorted((low**2, high**2))
    return Estimate(value**2, 0.0 if low < 0 < high else ends[0], ends[1])


def root_of(estimate: Estimate, method: str = "") -> Estimate:
    """The square root of an estimate, with or without an interval; what is below 0 is taken for 0."""
    value, low, high = (None if end is None else math.sqrt(max(end, 0.0)) for end in estimate.ends)
    return Estimate(value, low, high, method or estimate.method, estimate.why_not)


def _ends(estimate: Estimate) -> tuple[float, float, float]:
    value, low, high = estimate.ends
    assert value is not None and low is not None and high is not None
    return value, low, high
