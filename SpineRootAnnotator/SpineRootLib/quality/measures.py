"""The formulas of image quality."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike


def signal_to_noise(foreground: ArrayLike) -> float:
    r"""SNR of the voxels of a foreground.

    .. math:: \mu_F / (\sigma_F \sqrt{n / (n - 1)})

    as `mriqc.qc.anatomical.snr` has it, of the mean and the standard deviation of the foreground, which is fluid and
    the nervous tissue in it (Liu et al. 2024). MRIQC weights the deviation by maps of tissue; here a voxel's weight is
    1 inside the foreground and 0 outside.

    Parameters
    ----------
    foreground : (n,) intensities.

    Returns
    -------
    float
        NaN where fewer than two voxels or no spread leave it undefined.
    """
    values = np.asarray(foreground, dtype=np.float64)
    noise = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return float(values.mean() / noise) if noise > 0 else math.nan


def contrast_to_noise(fluid: ArrayLike, nervous: ArrayLike) -> float:
    r"""CNR of two tissues.

    .. math:: |\mu_a - \mu_b| / \sqrt{\sigma_a^2 + \sigma_b^2}

    (Magnotta and Friedman 2006; `mriqc.qc.anatomical.cnr` without the variance of air).

    Parameters
    ----------
    fluid, nervous : (n,), (m,) intensities.

    Returns
    -------
    float
        NaN where a tissue is empty or neither varies.
    """
    first, second = (np.asarray(values, dtype=np.float64) for values in (fluid, nervous))
    if not len(first) or not len(second):
        return math.nan
    noise = math.sqrt(first.var() + second.var())
    return float(abs(first.mean() - second.mean()) / noise) if noise > 0 else math.nan


def otsu_threshold(values: ArrayLike, bins: int = 256) -> float:
    """The grey value that parts intensities in two classes with the largest variance between them (Otsu 1979).

    Parameters
    ----------
    values : intensities of any shape.
    bins : bins of the histogram from the least to the largest value.

    Returns
    -------
    float
        middle of the gap between the two classes; NaN where all values are equal or there are none.
    """
    flat = np.asarray(values).ravel()
    if not flat.size or flat.min() == flat.max():
        return math.nan
    counts, edges = np.histogram(flat, bins)
    middles = (edges[:-1] + edges[1:]) / 2
    below, total = np.cumsum(counts)[:-1], flat.size
    first_moment = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = first_moment[:-1] / below - (first_moment[-1] - first_moment[:-1]) / (total - below)
    between = np.nan_to_num(below * (total - below) * gap**2, nan=-1.0)
    best = np.flatnonzero(between >= between.max() * (1 - 1e-12))
    return float((edges[best[0] + 1] + edges[best[-1] + 1]) / 2)


def separation(values: ArrayLike, threshold: float) -> float:
    """The share of the variance of intensities that a threshold explains, 0..1 (Otsu's measure of separability).

    It is 1 where both classes are even, 2 / pi where one normal distribution is cut in its middle, and NaN where
    nothing varies or nothing is cut.
    """
    flat = np.asarray(values, dtype=np.float64).ravel()
    high = flat > threshold
    share = float(high.mean()) if flat.size else 0.0
    if not 0 < share < 1:
        return math.nan
    return float(share * (1 - share) * (flat[high].mean() - flat[~high].mean()) ** 2 / flat.var())
