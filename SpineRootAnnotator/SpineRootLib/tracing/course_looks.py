"""How a course looks in the image: what tells whether it lies on its root or has slipped onto the next bundle.

A course that has slipped has done so for a whole stretch between two marks, and finds its dots there. So the worst of
the stretch is asked for as well as the slice itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import chndtr

from SpineRootLib.tracing.course_belief import CourseBelief
from SpineRootLib.tracing.course_settings import ConfidenceSettings
from SpineRootLib.tracing.slices import Flat

Array = NDArray[np.float64]
# The marks leave a variance of at least this, mm2.
_LEAST_MM2 = 1e-4


@dataclass(frozen=True, eq=False)
class Looks:
    """How a course looks, slice by slice, each (n,).

    Parameters
    ----------
    by_marks : probability by the marks alone that the root is right there, as `ConfidenceSettings.right_mm` says.
    unseen, unseen_along : share of the slices about on which no dot is seen, and its mean from mark to mark.
    lead : by how much log-likelihood the course leads others that lie elsewhere there, infinite where none does.
    crowd : how many dots there are onto which it might slip, part of what a crowd has there, at most 1. Where a root
        runs alone and is seen there is little doubt.
    swollen : by how much broader and darker it is there than where it is least so from mark to mark, part of the
        fluid's level: it lies in a mass.
    moved : log-probability of the course's steps by the picture's own motion, in the mean from mark to mark.
    """

    by_marks: Array
    unseen: Array
    unseen_along: Array
    lead: Array
    crowd: Array
    swollen: Array
    moved: Array


def looks_of(belief: CourseBelief, mean: Flat, seen: NDArray[np.bool_], lead: Array, s: ConfidenceSettings) -> Looks:
    """How a course looks that lies at places, (n, 2) mm, where a dot is seen or not, (n,), and that leads others."""
    unseen, breadth = _unseen(seen, belief.marked, s), belief.breadth()
    return Looks(
        _by_marks(belief, mean, s),
        unseen,
        _along(unseen, belief.marked, np.mean),
        lead,
        _crowd(belief, mean, s),
        breadth - _along(breadth, belief.marked, np.min),
        _moved(belief.moved, belief.marked),
    )


def _by_marks(belief: CourseBelief, mean: Flat, s: ConfidenceSettings) -> Array:
    """The probability by the marks alone that the root lies near a place on each slice, (n,).

    That of a noncentral chi-squared variable of two degrees of freedom: the prior is normal, the same in each direction.
    """
    variance = np.maximum(np.diag(belief.prior.covariance), _LEAST_MM2)
    away = np.sum((mean - belief.prior.mean) ** 2, axis=1)
    return np.asarray(chndtr(s.right_mm**2 / variance, 2.0, away / variance))


def _unseen(seen: NDArray[np.bool_], marked: NDArray[np.bool_], s: ConfidenceSettings) -> Array:
    """The share of the slices about, but for marked ones, on which no dot is seen, (n,)."""
    weight = (~marked).astype(np.float64)
    about, dark = (
        ndimage.gaussian_filter1d(each, s.about_slices, mode="constant") for each in (weight, weight * ~seen)
    )
    return np.asarray(dark / np.maximum(about, 1e-9))


def _crowd(belief: CourseBelief, mean: Flat, s: ConfidenceSettings) -> Array:
    """How many dots there are onto which the course might slip, (n,), part of what a crowd has there; at most 1."""
    reach = np.clip(s.slip_mm + 2 * belief.prior.deviation, 0.0, s.farthest_slip_mm)
    rivals = [
        max(len(belief.dots(int(number)).near(at, within)) - 1, 0)
        for number, at, within in zip(belief.numbers, mean, reach, strict=True)
    ]
    share = np.array(rivals) / (s.crowd_per_mm2 * np.pi * reach**2)
    return np.asarray(ndimage.maximum_filter1d(np.minimum(share, 1.0), s.slip_slices, mode="nearest"))


def _along(values: Array, marked: NDArray[np.bool_], measure: Callable[[Array], float]) -> Array:
    """A measure of values, (n,), over all slices between the same two marks; elsewhere they stay as they are."""
    stretch, found = np.cumsum(marked), values.copy()
    for each in range(1, int(stretch[-1])):
        rows = (stretch == each) & ~marked
        if rows.any():
            found[rows] = measure(values[rows])
    return found


def _moved(steps: Array, marked: NDArray[np.bool_]) -> Array:
    """The mean of what steps from slice to slice tell, (n - 1,), over those between the same two marks; (n,).

    Beyond the first and the last mark it is the mean of those from the mark on.
    """
    stretch, found = np.cumsum(marked), np.zeros(len(marked))
    for each in range(1, int(stretch[-1])):
        found[stretch == each] = steps[stretch[:-1] == each].mean()
    before, after = np.flatnonzero(stretch[:-1] == 0), np.flatnonzero(stretch == stretch[-1])[1:]
    found[before] = _running_mean(steps[before[::-1]])[::-1]
    found[after] = _running_mean(steps[after - 1])
    return found


def _running_mean(values: Array) -> Array:
    """The mean of all values up to each, (n,)."""
    return np.cumsum(values) / np.arange(1, len(values) + 1)
