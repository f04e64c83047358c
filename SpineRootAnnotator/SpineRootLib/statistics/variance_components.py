"""Variance components of measurements along slices, by restricted maximum likelihood."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

from SpineRootLib.statistics.estimate import REACH, Estimate
from SpineRootLib.statistics.slice_series import SliceSeries

Array = NDArray[np.float64]
_SMALLEST = 1e-12  # of a variance relative to that of all values: nothing varies
_STEP = 0.05  # of the numerical curvature: in atanh(phi), and of the ratio relative to itself


@dataclass(frozen=True)
class FitSettings:
    """Where the likelihood is searched.

    Parameters
    ----------
    most_ratio : of a component's standard deviation to the residual's, at most; beyond it the residual is nothing.
    most_phi : correlation of neighbouring slices at most; nearer to 1 it cannot be told from a shift of the series.
    starts : ratio and phi to begin at; of several the best end is taken, as the likelihood may have two summits.
    """

    most_ratio: float = 100.0
    most_phi: float = 0.98
    starts: tuple[tuple[float, float], ...] = ((0.7, 0.3), (0.2, 0.8))


@dataclass(frozen=True)
class Components:
    """What a measurement along slices is made of.

    Parameters
    ----------
    mean, mean_variance : the fixed mean and the variance of its estimate.
    between, residual : variances, of the shift of a series and of a value about its series.
    phi : correlation of the residual on neighbouring slices.
    effective : how many independent values tell as much of the mean (Faes et al. 2009); a shift that a series' values
        share counts as correlation.
    series : how many there are.
    """

    mean: float
    mean_variance: float
    between: float
    residual: float
    phi: float
    effective: float
    series: int

    @property
    def total(self) -> float:
        """The variance of a single value."""
        return self.between + self.residual

    @property
    def free(self) -> float:
        """Degrees of freedom of the mean's variance: subjects less 1, of a single series effective slices less 1.

        Where subjects have as many slices each the former is exact; by Satterthwaite's formula there would be more.
        """
        return self.series - 1.0 if self.series > 1 else max(self.effective - 1, 1.0)


@dataclass(frozen=True)
class AnnotatorComponents:
    """What the marks of several annotators vary by, beside the place that they mark.

    Parameters
    ----------
    annotator : variance of an annotator's own bias; of two annotators their one difference tells it.
    interaction : variance of what an annotator shifts in one subject.
    residual : variance from slice to slice.
    phi : its correlation on neighbouring slices.
    mean_variance : of the difference of two annotators' biases, half the variance of its estimate.
    effective : independent slices of a subject, on the average.
    places : how many there are.
    """

    annotator: float
    interaction: float
    residual: float
    phi: float
    mean_variance: float
    effective: float
    annotators: int
    subjects: int
    places: int

    @property
    def total(self) -> float:
        """The variance of a single mark of a single annotator."""
        return self.annotator + self.interaction + self.residual


def fit_series(series: SliceSeries, settings: FitSettings | None = None) -> Components:
    """Fit ``y = mean + shift of its series + residual``, the residual correlated along slices.

    Of one series its shift cannot be told from the mean, and is left out.

    Raises
    ------
    ValueError
        if there are fewer than three values.
    """
    groups = np.zeros(len(series.starts), dtype=np.int64)
    fit = _fit(series, groups, len(series.starts) > 1, settings or FitSettings())
    return Components(
        *(float(fit.means[0]), fit.residual / float(fit.information[0])),
        *(fit.residual * fit.ratio**2, fit.residual, fit.phi),
        *((1 + fit.ratio**2) * float(fit.information[0]), len(series.starts)),
    )


@dataclass(frozen=True)
class Precision:
    """How well a fit tells the residual, from the curvature of the likelihood.

    Parameters
    ----------
    phi : the correlation of neighbouring slices, with its interval in Fisher's ``atanh(phi)``.
    free : degrees of freedom of the residual's variance, the uncertainty of the other components considered.
    """

    phi: Estimate
    free: float


def precision(series: SliceSeries, parts: Components) -> Precision:
    """How well a fit tells the residual.

    The likelihood is taken for normal about its summit, as a function of the ratio of the shift's standard deviation to
    the residual's, and of ``atanh(phi)``; the residual follows from these.
    """
    groups = np.zeros(len(series.starts), dtype=np.int64)
    ratio, middle = math.sqrt(parts.between / parts.residual), math.atanh(parts.phi)
    steps = np.array([_STEP * max(ratio, 1.0), _STEP])

    def at(*moves: int) -> _Fit:
        moved = np.array([ratio, middle]) + steps * moves
        return _profile(series, groups, float(moved[0]), math.tanh(moved[1]))

    around = {(i, j): at(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)}
    deviance = {key: each.deviance for key, each in around.items()}
    curved = np.array([deviance[1, 0] + deviance[-1, 0], deviance[0, 1] + deviance[0, -1]]) - 2 * deviance[0, 0]
    mixed = (deviance[1, 1] - deviance[1, -1] - deviance[-1, 1] + deviance[-1, -1]) / 4
    # a deviance is twice the logarithm of the likelihood
    information = np.array([[curved[0], mixed], [mixed, curved[1]]]) / np.outer(steps, steps) / 2
    logs = {key: math.log(each.residual) for key, each in around.items()}
    slope = np.array([logs[1, 0] - logs[-1, 0], logs[0, 1] - logs[0, -1]]) / (2 * steps)
    if len(series.starts) == 1 or np.linalg.det(information) <= 0:
        # without shifts, which a single series does not tell and others need not have
        information, slope = information[1:, 1:], slope[1:]
    free = len(series.values) - 1
    if not information[-1, -1] > 0:
        return Precision(Estimate(parts.phi, why_not="the likelihood is flat"), max(free, 1.0))
    covariance = np.linalg.inv(information)
    reach = REACH * math.sqrt(covariance[-1, -1])
    low, high = max(math.tanh(middle - reach), 0.0), math.tanh(middle + reach)
    uncertain = 2 / free + float(slope @ covariance @ slope)
    return Precision(Estimate(parts.phi, low, high, "REML, Fisher's z"), max(2 / uncertain, 1.0))


def fit_annotators(
    marks: Array, slices: NDArray[np.int64], subjects: NDArray[np.int64], settings: FitSettings | None = None
) -> AnnotatorComponents:
    """Fit ``y = place + annotator + annotator in a subject + residual`` for one coordinate of marks.

    The places are fixed: whatever all annotators share drops out of orthonormal contrasts between them (Helmert's), of
    which each is a series along slices in every subject. As all contrasts share their slices, the annotators' variance
    that the restricted likelihood gives is the contrasts' mean square less what their estimates vary by, if above 0.

    Parameters
    ----------
    marks : (n, k) the places that all k annotators marked.
    slices, subjects : (n,) whole numbers.

    Source: Searle, Casella and McCulloch, Variance Components (1992), chapter 6.

    Raises
    ------
    ValueError
        if there are fewer than two annotators or three places.
    """
    count, annotators = marks.shape
    if annotators < 2:
        raise ValueError("fewer than two annotators")
    values = marks @ helmert(annotators).T
    contrast = np.tile(np.arange(annotators - 1), (count, 1))
    names, numbers = np.unique(subjects, return_inverse=True)
    series = SliceSeries.sorted(
        values.T.ravel(), np.tile(slices, annotators - 1), (contrast * len(names) + numbers[:, None]).T.ravel()
    )
    groups = np.repeat(np.arange(annotators - 1), len(names))
    fit = _fit(series, groups, len(names) > 1, settings or FitSettings())
    variance = fit.residual / float(fit.information.mean())
    annotator = max(float(np.mean(fit.means**2)) - variance, 0.0)
    return AnnotatorComponents(
        *(annotator, fit.residual * fit.ratio**2, fit.residual, fit.phi, variance),
        *(float(series.effective_numbers(fit.phi).mean()), annotators, len(names), count),
    )


def helmert(count: int) -> Array:
    """Orthonormal contrasts of so many values, (count - 1, count)."""
    rows = np.tril(np.ones((count - 1, count)))
    rows[np.arange(count - 1), np.arange(1, count)] = -np.arange(1.0, count)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@dataclass(frozen=True)
class _Fit:
    """The restricted likelihood's summit; `means` and `information` (relative to the residual) are by group."""

    ratio: float
    phi: float
    residual: float
    means: Array
    information: Array
    deviance: float


def _fit(series: SliceSeries, groups: NDArray[np.int64], shifts: bool, settings: FitSettings) -> _Fit:
    if len(series.values) < 3:
        raise ValueError("fewer than three values")
    scale = float(np.std(series.values)) or 1.0
    scaled = SliceSeries(series.values / scale, series.slices, series.series)

    def deviance(at: Array) -> float:
        return _profile(scaled, groups, float(at[0]), float(at[1])).deviance

    if int(series.lengths.max()) == 1:
        # a shift cannot be told from a residual
        return _unscaled(_profile(scaled, groups, 0.0, 0.0), scale)
    if not shifts:
        at = minimize_scalar(
            lambda phi: deviance(np.array([0.0, phi])),
            bounds=(0.0, settings.most_phi),
            method="bounded",
            options={"xatol": 1e-8},
        )
        return _unscaled(_profile(scaled, groups, 0.0, float(at.x)), scale)
    bounds = [(0.0, settings.most_ratio), (0.0, settings.most_phi)]
    found = [minimize(deviance, start, bounds=bounds, method="L-BFGS-B") for start in settings.starts]
    nearest = min(found, key=lambda each: float(each.fun)).x
    # the last digits take derivatives of a higher order
    options = {"ftol": 1e-14, "gtol": 1e-9}
    ratio, phi = map(
        float, minimize(deviance, nearest, bounds=bounds, method="L-BFGS-B", jac="3-point", options=options).x
    )
    return _unscaled(_profile(scaled, groups, ratio, phi), scale)


def _unscaled(fit: _Fit, scale: float) -> _Fit:
    return replace(fit, residual=fit.residual * scale**2, means=fit.means * scale)


def _profile(series: SliceSeries, groups: NDArray[np.int64], ratio: float, phi: float) -> _Fit:
    """The restricted likelihood at a ratio and a correlation, largest over all else.

    It is written with each series' sums (`SliceSeries.sums`): the covariance is ``residual (R + ratio² 11')``, whose
    inverse and determinant follow by the formula of Sherman and Morrison.
    """
    ones, cross, squares, determinant = series.sums(phi)
    shrunk = 1 + ratio**2 * ones
    information: Array = np.bincount(groups, weights=ones / shrunk).astype(float)
    means: Array = np.bincount(groups, weights=cross / shrunk) / information
    left = float(np.sum(squares - ratio**2 * cross**2 / shrunk)) - float(np.sum(means**2 * information))
    free = len(series.values) - len(means)
    residual = max(left / free, _SMALLEST)
    deviance = free * np.log(residual) + determinant + np.log(shrunk).sum() + np.log(information).sum()
    return _Fit(ratio, phi, residual, means, information, float(deviance))
