"""Whether marks lie nearer to something where it was shown: aided beside unaided places."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from SpineRootLib.statistics.estimate import LEVEL, Estimate

Array = NDArray[np.float64]
METHOD = "t over subjects, aided less unaided within strata"
FEWEST_SUBJECTS = 3


@dataclass(frozen=True)
class Pull:
    """By how much nearer aided marks lie.

    Parameters
    ----------
    estimate : mm, above 0 where aided marks lie nearer, with its interval.
    p : one-sided, that they do not; None where it cannot be told.
    subjects, unaided, aided : what it rests on; unaided and aided places.
    """

    estimate: Estimate
    p: float | None
    subjects: int
    unaided: int
    aided: int


def pull_of(distances: Array, aided: NDArray[np.bool_], strata: NDArray[np.int64], subjects: NDArray[np.int64]) -> Pull:
    """Compare distances where a proposal was shown with those where none was.

    Each distance is taken less the mean of the aided ones of its stratum, as roots differ, and a subject's two means
    are compared: subjects are independent, their slices are not.

    Parameters
    ----------
    distances : (n,) mm, of a mark from the proposal, or of two annotators' marks.
    strata : (n,) such as root and annotator; what has no aided place in its stratum is left out.
    """
    numbers = np.unique(strata, return_inverse=True)[1]
    counts = np.bincount(numbers, aided)
    means = np.bincount(numbers, distances * aided) / np.maximum(counts, 1)
    known = counts[numbers] > 0
    left, aided, who = (distances - means[numbers])[known], aided[known], subjects[known]
    each = []
    for subject in np.unique(who):
        with_it, without = (left[(who == subject) & (aided == shown)] for shown in (True, False))
        if len(with_it) and len(without):
            each.append(float(without.mean() - with_it.mean()))
    found = np.array(each)
    counted = len(found), int((~aided).sum()), int(aided.sum())
    if len(found) < FEWEST_SUBJECTS:
        why = f"fewer than {FEWEST_SUBJECTS} subjects with aided and unaided marks"
        return Pull(Estimate(float(found.mean()) if len(found) else None, why_not=why), None, *counted)
    error, free, value = float(found.std(ddof=1)) / math.sqrt(len(found)), len(found) - 1, float(found.mean())
    if not error > 0:
        return Pull(Estimate(value, why_not="all subjects are the same: nothing varies"), None, *counted)
    reach = float(stdtrit(free, 0.5 + LEVEL / 2)) * error
    return Pull(Estimate(value, value - reach, value + reach, METHOD), float(stdtr(free, -value / error)), *counted)
