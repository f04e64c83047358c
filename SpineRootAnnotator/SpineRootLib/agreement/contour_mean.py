"""The mean of closed curves that people drew on one slice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from SpineRootLib.control_points import reduce_points
from SpineRootLib.curves import arc_length, closed_curve, signed_area
from SpineRootLib.frames import Points
from SpineRootLib.planes import SlicePlanes


@dataclass(frozen=True)
class ContourMeanSettings:
    """How curves are averaged.

    Parameters
    ----------
    samples : points along each curve that are averaged; 0.1 mm apart on a dura of 50 mm.
    tolerance_mm : the curve through the mean's control points keeps this close to the mean curve, with as few as that
        takes: a tenth of the annotators' jitter.
    fewest, most : of these control points, by eye.
    alignments : how often the starts are moved; by eye.
    """

    samples: int = 512
    tolerance_mm: float = 0.015
    fewest: int = 8
    most: int = 128
    alignments: int = 4


_SETTINGS = ContourMeanSettings()

# The middle of k points each in m places: (k, m, 3) to (m, 3).
Average = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def mean_contour(contours: Sequence[Points], planes: SlicePlanes, average: Average) -> Points:
    """Control points, (n, 3), of the curve midway between curves that were drawn on one slice.

    Points correspond by their share of the curve's length, counted in the same direction from a common start: first
    the point in front of the curves' common centre, then moved along each curve until its points lie nearest to those
    of the mean in the sense of least squares, so that neither where a curve was begun nor the way round matters.

    Parameters
    ----------
    contours : the control points of each curve, (n, 3) RAS mm.
    """
    first = contours[0]
    if all(each.shape == first.shape and np.array_equal(each, first) for each in contours[1:]):
        return first.copy()
    axes = np.stack([planes.right, planes.anterior, planes.down])
    curves = [(closed_curve(each) - planes.origin) @ axes.T for each in contours]
    centre = np.mean([curve[:, :2].mean(axis=0) for curve in curves], axis=0)
    splines = [_by_length(_counter_clockwise(curve)) for curve in curves]
    starts = np.array([_front(spline, centre) for spline in splines])
    middle = average(_sampled(splines, starts))
    for _ in range(_SETTINGS.alignments):
        starts += [_lag(middle, spline, start) for spline, start in zip(splines, starts, strict=True)]
        middle = average(_sampled(splines, starts))
    return np.asarray(
        reduce_points(middle, _SETTINGS.tolerance_mm, _SETTINGS.fewest, _SETTINGS.most) @ axes + planes.origin
    )


def _counter_clockwise(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    return curve if signed_area(curve[:, :2]) > 0 else curve[::-1]


def _by_length(curve: NDArray[np.float64]) -> CubicSpline:
    """A closed curve as a function of the share of its length, period 1."""
    closed = np.vstack([curve, curve[:1]])
    length = arc_length(closed)
    kept = np.concatenate([np.diff(length) > 1e-9, [True]])
    return CubicSpline(length[kept] / length[-1], np.vstack([closed[kept][:-1], closed[kept][:1]]), bc_type="periodic")


def _sampled(splines: Sequence[CubicSpline], starts: NDArray[np.float64]) -> NDArray[np.float64]:
    share = np.arange(_SETTINGS.samples) / _SETTINGS.samples
    return np.stack([spline((share + start) % 1.0) for spline, start in zip(splines, starts, strict=True)])


def _front(spline: CubicSpline, centre: NDArray[np.float64]) -> float:
    """The share of the length at which a curve lies most nearly in front of a centre."""
    share = np.arange(_SETTINGS.samples) / _SETTINGS.samples
    relative = spline(share)[:, :2] - centre
    return float(share[int(np.argmax(relative[:, 1] / np.linalg.norm(relative, axis=1)))])


def _lag(middle: NDArray[np.float64], spline: CubicSpline, start: float) -> float:
    """How far along a curve to move its start so that it lies nearest to the mean: one step of Newton's method.

    Source: least squares over a cyclic shift; the coarse shift is the peak of the circular cross-correlation.
    """
    share = np.arange(_SETTINGS.samples) / _SETTINGS.samples
    curve = spline((share + start) % 1.0)
    mine, theirs = (np.fft.fft(each - each.mean(axis=0), axis=0) for each in (curve, middle))
    spectrum = mine * np.conj(theirs)
    coarse = float(np.argmax(np.fft.ifft(spectrum.sum(axis=1)).real)) / _SETTINGS.samples
    moved = (share + start + coarse) % 1.0
    slope = spline(moved, 1)
    fine = float(np.sum((middle - spline(moved)) * slope) / np.sum(slope * slope))
    return (coarse + fine + 0.5) % 1.0 - 0.5
