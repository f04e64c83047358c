"""The picture's own motion from slice to slice about a root: normalised correlation of two windows."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline

from SpineRootLib.tracing.course_settings import MotionSettings
from SpineRootLib.tracing.slices import Flat

Array = NDArray[np.float64]


def window_offsets(settings: MotionSettings) -> tuple[Flat, Flat]:
    """Where a slice is sampled about a root: for the window, (w, w, 2), and for the search, (v, v, 2) mm."""
    half = round(settings.reach_mm / (2 * settings.step_mm))
    search = round(settings.search_mm / settings.step_mm)
    window = 2 * settings.step_mm * np.arange(-half, half + 1.0)
    wide = settings.step_mm * np.arange(-2 * half - search, 2 * half + search + 1.0)
    return _square(window), _square(wide)


def displacements(settings: MotionSettings) -> Flat:
    """The displacements beside the expected one of which `finely` tells the correlation, (d, d, 2) mm."""
    search = settings.finer * round(settings.search_mm / settings.step_mm)
    return _square(settings.step_mm / settings.finer * np.arange(-search, search + 1.0))


def finely(correlation: Array, settings: MotionSettings) -> Array:
    """Correlations, (n, d, d), on a finer grid by cubic splines: peaks lie between the displacements tried."""
    spline = _spline(correlation.shape[1], settings.finer)
    return np.asarray(np.matmul(np.matmul(spline, correlation), spline.T))


@lru_cache(maxsize=4)
def _spline(count: int, finer: int) -> Array:
    """What each of `count` values weighs at `finer` places a step, (finer (count - 1) + 1, count)."""
    places = np.arange(finer * (count - 1) + 1) / finer
    return np.asarray(make_interp_spline(np.arange(count), np.eye(count), k=3)(places))


def correlations(window: Array, wide: Array, settings: MotionSettings) -> Array:
    """Normalised correlation of windows with the next slices at each displacement, (n, d, d) in -1..1.

    Parameters
    ----------
    window : (n, w, w) brightness about the root on one slice, at the places of `window_offsets`.
    wide : (n, v, v) the same on the next slice.
    """
    count, size = window.shape[:2]
    tried = round(settings.search_mm / settings.step_mm) * 2 + 1
    offsets, _ = window_offsets(settings)
    weight = np.exp(-0.5 * np.sum(offsets**2, axis=-1) / settings.window_mm**2).ravel()
    weight /= weight.sum()
    flat = window.reshape(count, -1)
    flat = flat - (flat @ weight)[:, None]
    strength = np.sqrt((flat**2) @ weight + settings.floor**2)
    weighted = flat * weight
    found = np.empty((count, tried, tried))
    for row in range(tried):
        for column in range(tried):
            part = wide[:, row : row + 2 * size - 1 : 2, column : column + 2 * size - 1 : 2].reshape(count, -1)
            mean = part @ weight
            deviation = np.sqrt(np.maximum((part**2) @ weight - mean**2, 0.0) + settings.floor**2)
            product = np.einsum("nw,nw->n", weighted, part)
            found[:, row, column] = product / (strength * deviation)
    return found


def _square(steps: Array) -> Flat:
    return np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1)
