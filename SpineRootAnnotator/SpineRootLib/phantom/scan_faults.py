"""What goes wrong in a scan: metal, motion, and ghosts of pulsating fluid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import shift

from SpineRootLib.phantom.tube import Tube
from SpineRootLib.phantom.variant_settings import FaultSettings, Metal

Array = NDArray[np.float64]

# Of the radius within which metal leaves nothing: how soft its edge is, and how wide the bright rim.
_SOFT, _RIM = 0.12, 0.15


def metal_gain(metal: Metal, sac: Tube, x: Array, y: Array, depth: Array) -> Array:
    """The factor of the signal about a screw at places in the body's frame, of one shape."""
    middle = sac.profile_at(np.asarray(depth))
    off = np.sqrt((x - middle[0] - metal.beside_mm) ** 2 + (y - middle[1]) ** 2 + (depth - metal.depth_mm) ** 2)
    away = off / metal.radius_mm - 1.0
    rim = metal.pile_up * np.exp(-(((away - _RIM) / _RIM) ** 2))
    return np.asarray((1.0 + rim) / (1.0 + np.exp(-np.clip(away / _SOFT * 2.0, -50.0, 50.0))))


def moved_on(signal: Array, faults: FaultSettings, voxel_mm: Array, seed: int, k: int) -> Array:
    """A slice, (i, j), of a subject who moved while it was taken: a second, weaker image beside the first."""
    if not faults.motion_mm:
        return signal
    moved = np.random.default_rng([seed, 14, k]).normal(0.0, faults.motion_mm, 2) / voxel_mm
    return np.asarray(
        (1.0 - faults.motion_share) * signal + faults.motion_share * shift(signal, moved, order=1, mode="nearest")
    )


def ghosted(signal: Array, faults: FaultSettings, voxel_mm: Array) -> Array:
    """A slice, (i, j), with ghosts before and behind it, along the phase-encoded axis."""
    if not faults.ghost_share:
        return signal
    off = faults.ghost_mm / voxel_mm[1]
    ghosts = shift(signal, (0.0, off), order=1) + shift(signal, (0.0, -off), order=1)
    return np.asarray((1.0 - faults.ghost_share) * signal + faults.ghost_share * ghosts)
