"""Where a root's course lies by its confirmed marks alone: a Gaussian process along the slices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.tracing.course_settings import CoursePriorSettings
from SpineRootLib.tracing.gaussian_process import condition, integrated_walk, matern
from SpineRootLib.tracing.slices import Flat

# Variances of a course's place, wide, but not so wide as to cost digits, and of its slope (sub-03: 0.13 mm per mm).
_PLACE_MM2, _SLOPE = 1e4, 0.15**2


@dataclass(frozen=True, eq=False)
class CoursePrior:
    """A root's course on successive slices given its marks, before the image is looked at.

    Parameters
    ----------
    numbers : (n,) slice numbers.
    mean : (n, 2) in-plane mm.
    covariance : (n, n) mm2, the same for both coordinates, which are independent.
    """

    numbers: NDArray[np.int64]
    mean: Flat
    covariance: NDArray[np.float64]

    @property
    def deviation(self) -> NDArray[np.float64]:
        """Standard deviation of each coordinate, (n,) mm."""
        return np.sqrt(np.diag(self.covariance))

    def part(self, first: int, last: int) -> CoursePrior:
        """The course from one slice to another."""
        rows = slice(first - int(self.numbers[0]), last - int(self.numbers[0]) + 1)
        return CoursePrior(self.numbers[rows], self.mean[rows], self.covariance[rows, rows])


def course_prior(
    numbers: NDArray[np.int64], marks: Mapping[int, Flat], spacing: float, settings: CoursePriorSettings
) -> CoursePrior:
    """The course through marks, (2,) in-plane mm by slice number, on slices `spacing` mm apart.

    A Gaussian process: an integrated random walk (the smooth course) and a Matern process of order 3/2 (its straying).
    Source: Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, equations 2.23 and 2.24.
    """
    known = np.array(sorted(marks))
    places = np.array([marks[number] for number in known])
    middle = places.mean(axis=0)
    start = min(int(numbers[0]), int(known[0]))
    depth, at = (spacing * (each - start).astype(np.float64) for each in (numbers, known))
    across = _covariance(depth, at, settings)
    noisy = _covariance(at, at, settings) + settings.mark_mm**2 * np.eye(len(at))
    gain, covariance = condition(_covariance(depth, depth, settings), across, noisy)
    return CoursePrior(numbers, middle + gain @ (places - middle), covariance)


def _covariance(first: NDArray[np.float64], second: NDArray[np.float64], s: CoursePriorSettings) -> NDArray[np.float64]:
    """Covariance of the course at depths, (n,) and (m,) mm below its first slice; (n, m) mm2."""
    smooth = s.bend**2 * integrated_walk(first, second)
    stray = s.stray_mm**2 * matern(first, second, s.stray_length_mm)
    return np.asarray(_PLACE_MM2 + _SLOPE * np.outer(first, second) + smooth + stray)
