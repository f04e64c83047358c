"""Smooth courses along the body: random ones, and the passage from one state to the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

Array = NDArray[np.float64]


def wander(depth: Array, period: float, rng: np.random.Generator) -> Array:
    """A smooth random course between -1 and 1 with periods from `period` mm up."""
    phases = rng.uniform(0.0, 2 * np.pi, 3)
    weights = rng.dirichlet(np.ones(3))
    waves = [np.sin(2 * np.pi * depth / (period * k) + phase) for k, phase in zip((1.0, 1.6, 2.7), phases, strict=True)]
    return np.asarray(weights @ np.array(waves))


def stray(depth: Array, length: float, rng: np.random.Generator) -> Array:
    """A random course of unit standard deviation whose values `length` mm apart correlate by exp(-1/2).

    Parameters
    ----------
    depth : (n,) mm, evenly spaced.
    """
    sigma = length / np.sqrt(2.0) / float(depth[1] - depth[0])
    noise = gaussian_filter1d(rng.standard_normal(len(depth)), sigma, mode="reflect")
    return np.asarray(noise * np.sqrt(2.0 * sigma * np.sqrt(np.pi)))


def smoothstep(x: Array) -> Array:
    """From 0 to 1 while x does, level at both ends."""
    t = np.clip(x, 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))
