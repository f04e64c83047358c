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
from SpineRootLib.tracing.course_posterior import Gaussians
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
    by_marks : probability by the marks alone that the root is as near there as `ConfidenceSettings.right_mm` says.
    unseen : share of the slices between the same two marks on which no dot is seen; beyond the marks, of those about.
    lead : by how much log-likelihood the course leads others that lie elsewhere there, infinite where none does.
    swollen : by how much broader and darker it is there than where it is least so from mark to mark, part of the
        fluid's level: it lies in a mass.
    loose : the largest standard deviation of the course from mark to mark, mm.
    """

    by_marks: Array
    unseen: Array
    lead: Array
    swollen: Array
    loose: Array


def looks_of(
    belief: CourseBelief, found: Gaussians, seen: NDArray[np.bool_], lead: Array, s: ConfidenceSettings
) -> Looks:
    """How a course looks that is believed to lie somewhere, where a dot is seen or not, (n,), and that leads others."""
    breadth = belief.breadth()
    spread = np.sqrt(np.trace(found.covariance, axis1=1, axis2=2))
    return Looks(
        _by_marks(belief, found.mean, s),
        _along(_unseen(seen, belief.marked, s), belief.marked, np.mean),
        lead,
        breadth - _along(breadth, belief.marked, np.min),
        _along(spread, belief.marked, np.max),
    )


def _by_marks(belief: CourseBelief, mean: Flat, s: ConfidenceSettings) -> Array:
    """The probability by the marks alone that the root lies near a place on each slice, (n,).

    That of a noncentral chi-squared variable of two degrees of freedom: the prior is normal and round.
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


def _along(values: Array, marked: NDArray[np.bool_], measure: Callable[[Array], float]) -> Array:
    """A measure of values, (n,), over all slices between the same two marks; elsewhere they stay as they are."""
    stretch, found = np.cumsum(marked), values.copy()
    for each in range(1, int(stretch[-1])):
        rows = (stretch == each) & ~marked
        if rows.any():
            found[rows] = measure(values[rows])
    return found
