"""Values along slices, which resemble their neighbours: a Markov correlation that decays with the distance."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SliceSeries:
    """Several series of values along slices, one after the other.

    The correlation of two values of a series is ``phi ** |i - j|``, i and j the slices' numbers, so that slices may be
    missing: the autoregressive process of first order.

    Parameters
    ----------
    values : (n,).
    slices : (n,) numbers, ascending within a series.
    series : (n,) which series a value belongs to, from 0, ascending.
    """

    values: Array
    slices: NDArray[np.int64]
    series: NDArray[np.int64]

    @classmethod
    def sorted(cls, values: Array, slices: NDArray[np.int64], series: NDArray[np.int64]) -> SliceSeries:
        """The series in their order, numbered anew."""
        order = np.lexsort((slices, series))
        numbers = np.unique(series[order], return_inverse=True)[1]
        return cls(np.asarray(values, dtype=float)[order], slices[order], numbers)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """The index of each series' first value, (m,)."""
        return np.flatnonzero(np.diff(self.series, prepend=-1))

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """How many values each series has, (m,)."""
        return np.diff(np.append(self.starts, len(self.values)))

    @cached_property
    def gaps(self) -> Array:
        """Slices from the value before, (n,); infinite for the first of a series."""
        gaps = np.diff(self.slices.astype(float), prepend=0.0)
        gaps[self.starts] = np.inf
        return gaps

    @property
    def means(self) -> Array:
        """The mean of each series, (m,)."""
        return np.add.reduceat(self.values, self.starts) / self.lengths

    def sums(self, phi: float) -> tuple[Array, Array, Array, float]:
        """What a likelihood needs for a correlation.

        Returns
        -------
        ones, cross, squares : (m,) each, of each series ``1'R⁻¹1``, ``1'R⁻¹y`` and ``y'R⁻¹y``.
        log_determinant : of all R together.
        """
        gaps, count, value, before, value_2, both, before_2 = self._moments
        rho = np.where(np.isinf(gaps), 0.0, phi ** np.where(np.isinf(gaps), 1.0, gaps))
        left = 1.0 - rho**2
        ones, cross = count @ ((1 - rho) / (1 + rho)), (value - rho * before) @ (1 / (1 + rho))
        squares = (value_2 - 2 * rho * both + rho**2 * before_2) @ (1 / left)
        return ones, cross, squares, float(count.sum(axis=0) @ np.log(left))

    @cached_property
    def _moments(self) -> tuple[Array, ...]:
        """The gaps that there are, (g,), and of each series and gap how many values have it, (m, g), and the sums of
        values, of those before, and of their squares and products: all that a likelihood needs of the values."""
        gaps, which = np.unique(self.gaps, return_inverse=True)
        before = np.concatenate([[0.0], self.values[:-1]])
        before[self.starts] = 0.0
        shape = len(self.starts), len(gaps)
        at = self.series * shape[1] + which
        summed = (np.ones(len(before)), self.values, before, self.values**2, self.values * before, before**2)
        found = (np.bincount(at, each, shape[0] * shape[1]).astype(float).reshape(shape) for each in summed)
        return gaps, *found

    def effective_numbers(self, phi: float) -> Array:
        """How many independent values tell as much of its mean as each series does, (m,): ``1'R⁻¹1``.

        Source: Faes et al., The American Statistician 63 (2009) 389.
        """
        return self.sums(phi)[0]

    def effective_number_of_squares(self, phi: float) -> float:
        """How many independent values tell as much of the variance: ``n (1 - phi²) / (1 + phi²)``.

        Source: Bayley and Hammersley, Supplement to the J. R. Statistical Society 8 (1946) 184, for long series.
        """
        return len(self.values) * (1 - phi**2) / (1 + phi**2)
