"""Painting on voxels: shares of voxels, layers, and coarse drawings made fine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def share_inside(distance: Array, voxel: float) -> Array:
    """The share of a voxel, `voxel` mm wide, that lies inside a surface, from its centre's signed distance, mm."""
    return np.asarray(np.clip(0.5 - distance / voxel, 0.0, 1.0))


def over(below: Array, level: Array | float, share: Array) -> Array:
    """What is seen of a layer of intensity `level` that covers a share of each voxel of what lies below."""
    return np.asarray(below + (level - below) * share)


def finer(coarse: Array, count: int, step: int) -> Array:
    """`count` rows interpolated between rows that lie `step` apart."""
    at = np.arange(count)
    low, share = at // step, (at % step / step)[:, None]
    return np.asarray(coarse[low] * (1.0 - share) + coarse[low + 1] * share)


def subslice_levels(count: int) -> Array:
    """Where `count` planes lie that share a slice's thickness, relative to its middle and thickness."""
    return (np.arange(count) + 0.5) / count - 0.5
