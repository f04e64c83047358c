"""Whether a difference is small enough not to matter: two one-sided tests."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import stdtr

from SpineRootLib.statistics.variance_components import Components

# of the p value
EQUIVALENT_BELOW = 0.05


@dataclass(frozen=True)
class Equivalence:
    """The outcome of an equivalence test.

    Parameters
    ----------
    margin : what would matter.
    p : the larger of both one-sided p values.
    equivalent : whether both tests reject at 5 %, which is the same as an interval of 90 % inside the margins.
    """

    margin: float
    p: float

    @property
    def equivalent(self) -> bool:
        """Whether a difference as large as the margin is refuted."""
        return self.p < EQUIVALENT_BELOW


def equivalent_within(mean: float, error: float, free: float, margin: float) -> Equivalence:
    """Test whether a mean lies between ``-margin`` and ``margin``.

    Parameters
    ----------
    error : the mean's standard error.
    free : degrees of freedom.

    Source: Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15 (1987) 657.
    """
    if not error > 0:
        return Equivalence(margin, 0.0 if abs(mean) < margin else 1.0)
    below, above = stdtr(free, -(mean + margin) / error), stdtr(free, (mean - margin) / error)
    return Equivalence(margin, float(max(below, above)))


def bias_within(parts: Components, margin: float) -> Equivalence:
    """Test whether the mean of a fit lies within a margin."""
    return equivalent_within(parts.mean, math.sqrt(parts.mean_variance), parts.free, margin)
