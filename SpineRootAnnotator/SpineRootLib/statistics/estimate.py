"""A figure with its interval, or the reason why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

# of all intervals and limits
LEVEL = 0.95
# how many standard deviations on either side hold LEVEL of normal values; importing SciPy for it takes a while
REACH = 1.959963984540054
# mm: what differs by less is the same but for the rounding of files
SAME_MM = 1e-9


@dataclass(frozen=True)
class Estimate:
    """A figure that is told with its uncertainty.

    Parameters
    ----------
    value : None where it cannot be said.
    low, high : ends of the confidence interval, None where there is none.
    method : how the interval was found.
    why_not : why there is no value or no interval.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    method: str = ""
    why_not: str = ""

    @classmethod
    def missing(cls, why_not: str) -> Estimate:
        """What cannot be said."""
        return cls(None, why_not=why_not)

    def within(self, least: float, most: float = math.inf) -> Estimate:
        """The same with an interval that ends where the figure has to: a distance is at least 0, a share at most 1."""
        if self.low is None or self.high is None:
            return self
        return replace(self, low=max(self.low, least), high=min(self.high, most))

    @property
    def ends(self) -> tuple[float | None, float | None, float | None]:
        """Value, low and high."""
        return self.value, self.low, self.high

    @property
    def half_width(self) -> float | None:
        """Half the length of the interval."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2
