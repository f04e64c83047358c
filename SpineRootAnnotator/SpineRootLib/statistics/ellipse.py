"""The ellipse that holds 95 % of the differences in a plane: limits of agreement of two axes together."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

from SpineRootLib.statistics.estimate import LEVEL, Estimate
from SpineRootLib.statistics.limits_of_agreement import limits_of_agreement
from SpineRootLib.statistics.recovered_intervals import scaled
from SpineRootLib.statistics.slice_series import SliceSeries
from SpineRootLib.statistics.variance_components import Components

Array = NDArray[np.float64]
_REACH = math.sqrt(float(chdtri(2, 1 - LEVEL)))


@dataclass(frozen=True)
class Ellipse:
    """An ellipse about the mean difference.

    Parameters
    ----------
    long, short : half axes, with intervals for their direction as it was found.
    degrees : direction of the long one, from the first axis towards the second, -90 to 90.
    parts : what the differences along the long and the short one are made of.
    """

    long: Estimate
    short: Estimate
    degrees: float
    parts: tuple[Components, Components]


def limits_ellipse(x: SliceSeries, y: Array) -> Ellipse:
    """The ellipse of 95 % of single differences, for normal ones: half axes ``sqrt(5.99)`` standard deviations.

    Parameters
    ----------
    x : differences along the first axis.
    y : (n,) along the second, in the same order.

    Source: Bland and Altman's limits with the quantile of chi square with 2 degrees of freedom in place of 1.96.
    """
    covariance = np.cov(x.values, y)
    angle = 0.5 * math.atan2(2 * covariance[0, 1], covariance[0, 0] - covariance[1, 1])
    along = replace(x, values=math.cos(angle) * x.values + math.sin(angle) * y)
    across = replace(x, values=math.cos(angle) * y - math.sin(angle) * x.values)
    of_long, of_short = (limits_of_agreement(each) for each in (along, across))
    return Ellipse(
        scaled(of_long.spread, _REACH),
        scaled(of_short.spread, _REACH),
        math.degrees(angle),
        (of_long.components, of_short.components),
    )
