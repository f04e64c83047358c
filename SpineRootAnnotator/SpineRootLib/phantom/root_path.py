"""The course of a root: off the cord, along the wall of the sac, through it and to its ganglion."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from SpineRootLib.phantom.centreline import Centreline
from SpineRootLib.phantom.levels import Level
from SpineRootLib.phantom.sac_side import SacSide
from SpineRootLib.phantom.smooth_paths import smoothstep, stray, wander

Array = NDArray[np.float64]

# mm, of a root's axis: to the cord where it has just left it, to the wall at least, along the wall usually.
_OFF_CORD = 0.45
_OFF_WALL = 0.75
_INSET = (0.9, 1.9)
# mm of depth, not scaled: over which it lets go of the cord, from the wall to the ganglion, and its own smoothness.
_LETS_GO = 12.0
_TO_GANGLION = 9.0
_SMOOTH = 1.5
_STEP = 0.5
# A root moves to the side over this length before it leaves (scaled), and swells to the ganglion's sleeve (mm).
_TURN = 32.0
_SLEEVE_RADIUS = 1.3
_LATERAL = 92.0
# mm that two roots keep from axis to axis along the wall, and over how many degrees they give way.
_APART = 0.95
_SOFT_DEGREES = 1.0
# mm of a root from the sac's middle, about.
_FROM_MIDDLE = 6.5
# How bright a root is against the mean of all.
_SHADE = (0.88, 1.12)


def root_centrelines(side: SacSide, levels: Mapping[str, Level], seed: int) -> dict[str, Centreline]:
    """The centrelines of one side, by level, from the cord to their ganglia."""
    centrelines: dict[str, Centreline] = {}
    below: tuple[Level, Array, Array] | None = None
    for name, level in reversed(list(levels.items())):
        rng = np.random.default_rng([seed, 2, *name.encode(), ord(side.side)])
        end = level.leaves + _TO_GANGLION
        depth = np.append(np.arange(level.emerges, end - _STEP / 2, _STEP), end)
        degrees = _degrees(side, level, depth, rng)
        own = np.random.default_rng([seed, 10, *name.encode(), ord(side.side)])
        degrees = degrees + np.degrees(_stray(side, depth, own) / _FROM_MIDDLE)
        if below is not None:
            degrees = _kept_apart(side, depth, degrees, *below)
        below = level, depth, degrees
        centrelines[name] = _centreline(side, level, depth, degrees, _stray(side, depth, own), rng)
    return dict(reversed(list(centrelines.items())))


def _kept_apart(
    side: SacSide, depth: Array, degrees: Array, below: Level, below_depth: Array, below_degrees: Array
) -> Array:
    """Angles of a root that stays to the side of the next lower one, giving way a little before that appears."""
    apart = np.degrees(_APART / (side.sac.radius(side.angle(degrees), depth) - np.mean(_INSET)))
    least = np.interp(depth, below_depth, below_degrees) + apart
    least = least - 60.0 * (1.0 - smoothstep((depth - below.emerges + _LETS_GO) / _LETS_GO))
    return np.asarray(least + _SOFT_DEGREES * np.logaddexp(0.0, (degrees - least) / _SOFT_DEGREES))


def _centreline(
    side: SacSide, level: Level, depth: Array, degrees: Array, inwards: Array, rng: np.random.Generator
) -> Centreline:
    """The centreline along given angles that strays inwards by so many mm where it is free."""
    inset = _inset(side, level, depth, degrees, inwards, rng)
    across = side.place(degrees, depth, inset)
    end = depth[-1]
    sideways = 1.0 if side.side == "R" else -1.0
    ganglion = side.sac.centre(end) + [sideways * level.ganglion_side, level.ganglion_front] + rng.normal(0, 0.6, 2)
    leaving = smoothstep((depth - level.leaves + 3.0) / (_TO_GANGLION + 3.0))[:, None]
    across = (1.0 - leaving) * across + leaving * ganglion
    across = gaussian_filter1d(across, _SMOOTH / _STEP, axis=0, mode="nearest")
    radius = _radius(side, level, depth, rng)
    return Centreline.through(side.frame, depth, np.column_stack([across, radius]), shade=rng.uniform(*_SHADE))


def _degrees(side: SacSide, level: Level, depth: Array, rng: np.random.Generator) -> Array:
    """The angle about the sac's middle at each depth."""
    length = side.settings.length_scale
    away = np.clip((depth - level.emerges) / level.settles, 0.0, 1.0)
    degrees = level.emerges_at + (level.lies_at - level.emerges_at) * (1.0 - (1.0 - away) ** 2)
    shift = side.shift * level.lies_at / 60.0 * (1.0 - level.lies_at / 120.0)
    wobble = wander(depth / length, 35.0, rng) * side.settings.wobble_degrees
    degrees = degrees + shift + wobble
    turning = smoothstep((depth - level.leaves + _TURN * length) / (_TURN * length))
    return np.asarray(degrees + (_LATERAL - degrees) * turning)


def _stray(side: SacSide, depth: Array, rng: np.random.Generator) -> Array:
    """mm by which a root strays from its smooth course in one direction."""
    return side.settings.stray_mm * stray(depth, side.settings.stray_length_mm, rng)


def _inset(
    side: SacSide, level: Level, depth: Array, degrees: Array, inwards: Array, rng: np.random.Generator
) -> Array:
    """mm from the wall at each depth: off the cord at first, then along the wall."""
    gap = side.gap(degrees, depth)
    usual = rng.uniform(*_INSET) + 0.3 * wander(depth / side.settings.length_scale, 45.0, rng)
    along = np.clip(usual + inwards, _OFF_WALL, np.maximum(gap - _OFF_CORD - 0.1, _OFF_WALL))
    along = gaussian_filter1d(along, _LETS_GO / 4 / _STEP, mode="nearest")
    free = smoothstep((depth - level.emerges) / _LETS_GO)
    return np.asarray((1.0 - free) * (gap - _OFF_CORD) + free * along)


def _radius(side: SacSide, level: Level, depth: Array, rng: np.random.Generator) -> Array:
    """mm: a rootlet at first, joined by others, swelling outside the sac."""
    low, high = side.settings.root_diameter_mm
    full = rng.uniform(low, high) / 2.0
    joined = 0.75 + 0.25 * smoothstep((depth - level.emerges) / 14.0)
    swelling = smoothstep((depth - level.leaves) / _TO_GANGLION)
    return np.asarray(full * joined + (_SLEEVE_RADIUS - full) * swelling)
