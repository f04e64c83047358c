"""What looks like a root and is annotated by nobody: rootlets, ventral roots, the filum, lower roots, vessels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from SpineRootLib.anatomy import Root
from SpineRootLib.phantom.centreline import Centreline
from SpineRootLib.phantom.sac_side import SacSide
from SpineRootLib.phantom.settings import DistractorSettings
from SpineRootLib.phantom.smooth_paths import smoothstep, wander
from SpineRootLib.phantom.spine import Spine

Array = NDArray[np.float64]

_STEP = 0.5
_SMOOTH = 1.5
# Radii, mm.
_ROOTLET_MM = (0.18, 0.32)
_VENTRAL_MM = (0.25, 0.38)
_THREAD_MM = (0.18, 0.28)
_FILUM_MM = (0.55, 0.40)
_VESSEL_MM = (0.22, 0.35)
# mm above the cord's tip at which the anterior artery ends, and twice that for the vein behind.
_VESSEL_ENDS_MM = 12.0
# Veins on the cord's back: radii that give dots as large as sub-03 has them above; degrees about the cord from its back
# between which they are spread, so that they can be told apart; mm above the cord's tip at which they end, by eye.
_VEIN_MM = (0.36, 0.44)
_VEIN_AT = (4.0, 70.0)
_VEIN_ENDS_MM = (60.0, 90.0)
# Rootlets leave the cord over this length of a root, mm (scaled), this far from it, degrees, and join it so much lower.
_ROOTLET_SPAN_MM = 9.0
_ROOTLET_SPREAD = 10.0
_ROOTLET_JOINS_MM = (9.0, 16.0)
# A ventral root leaves the cord at this angle and runs this far in front of the dorsal root, towards the middle.
_VENTRAL_AT = 128.0
_VENTRAL_BESIDE_MM = (0.75, 1.3)
# From one sacral thread to the next, mm (scaled).
_THREAD_EVERY_MM = 4.0


def distractors(spine: Spine, settings: DistractorSettings, seed: int) -> Iterator[Centreline]:
    """The centrelines, the later drawn over the earlier."""
    rng = np.random.default_rng([seed, 8])
    yield from vessels(spine, settings.vessels, rng)
    yield _filum(spine)
    for side in spine.sides.values():
        for number in range(settings.sacral_threads):
            yield _thread(spine, side, number, rng)
    for root in sorted(spine.roots):
        if settings.ventral_roots:
            yield _ventral_root(spine, root, rng)
        low, high = settings.rootlets
        for _ in range(int(rng.integers(low, high + 1))):
            yield _rootlet(spine, root, rng)


def _rootlet(spine: Spine, root: Root, rng: np.random.Generator) -> Centreline:
    """A rootlet that leaves the cord near a root and joins it."""
    side, level, main = spine.sides[root.side], spine.levels[root.segment], spine.roots[root]
    length = side.settings.length_scale
    start = level.emerges + rng.uniform(-0.2, 1.0) * _ROOTLET_SPAN_MM * length
    depth = _depths(start, start + rng.uniform(*_ROOTLET_JOINS_MM) * max(length, 0.6))
    degrees = np.full_like(depth, level.emerges_at + rng.uniform(-1.0, 1.0) * _ROOTLET_SPREAD)
    at_cord = side.place(degrees, depth, side.gap(degrees, depth) - 0.25)
    joined = smoothstep((depth - start) / (depth[-1] - start))[:, None]
    across = (1.0 - joined) * at_cord + joined * main.at(depth)[:, :2]
    return _centreline(side, depth, across, rng.uniform(*_ROOTLET_MM), main.shade)


def _ventral_root(spine: Spine, root: Root, rng: np.random.Generator) -> Centreline:
    """The thinner ventral root, which ends up beside the dorsal one and leaves with it."""
    side, level, main = spine.sides[root.side], spine.levels[root.segment], spine.roots[root]
    start = level.emerges + rng.uniform(0.0, 4.0) * side.settings.length_scale
    depth = _depths(start, main.bottom - 1.0)
    degrees = np.full_like(depth, _VENTRAL_AT + rng.uniform(-8.0, 8.0))
    at_cord = side.place(degrees, depth, np.maximum(side.gap(degrees, depth) - 0.3, 1.0))
    dorsal = main.at(depth)[:, :2]
    inward = side.sac.centre(depth) - dorsal
    inward /= np.linalg.norm(inward, axis=1, keepdims=True)
    # towards the middle and, by turning that a little, to the front
    turn = np.radians(rng.uniform(-10.0, 35.0)) * (-1.0 if root.side == "R" else 1.0)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    beside = rng.uniform(*_VENTRAL_BESIDE_MM) + 0.2 * wander(depth, 30.0, rng)[:, None]
    joined = smoothstep((depth - start) / level.settles)[:, None]
    across = (1.0 - joined) * at_cord + joined * (dorsal + beside * inward @ rotation.T)
    return _centreline(side, depth, across, rng.uniform(*_VENTRAL_MM), rng.uniform(0.95, 1.25))


def _thread(spine: Spine, side: SacSide, number: int, rng: np.random.Generator) -> Centreline:
    """A lower sacral or coccygeal root, beside the filum."""
    length = side.settings.length_scale
    start = spine.levels["S3"].emerges + (number + 1) * _THREAD_EVERY_MM * length
    depth = _depths(start, side.sac.bottom - 4.0)
    degrees = 7.0 + 3.0 * number + 3.0 * wander(depth / length, 40.0, rng)
    off_cord = side.gap(degrees, depth) - 0.35
    beside = rng.uniform(1.6, 3.0) + 0.4 * wander(depth / length, 50.0, rng)
    along = np.minimum(np.clip(beside, 0.6, None), np.maximum(off_cord, 0.6))
    free = smoothstep((depth - start) / (18.0 * length))
    inset = gaussian_filter1d((1.0 - free) * off_cord + free * along, 3.0 / _STEP, mode="nearest")
    return _centreline(side, depth, side.place(degrees, depth, inset), rng.uniform(*_THREAD_MM), rng.uniform(0.95, 1.3))


def _filum(spine: Spine) -> Centreline:
    """The filum terminale, from the end of the cord to the end of the sac."""
    depth = _depths(spine.cord.bottom - 1.5, spine.sac.bottom - 2.0)
    length = spine.sides["L"].settings.length_scale
    share = smoothstep((depth - depth[0]) / (60.0 * length))
    behind = spine.sac.point(np.full_like(depth, -np.pi / 2), depth, 1.6)
    across = (1.0 - share)[:, None] * spine.cord.centre(np.minimum(depth, spine.cord.bottom)) + share[:, None] * behind
    radius = _FILUM_MM[0] + (_FILUM_MM[1] - _FILUM_MM[0]) * share
    return Centreline.through(spine.frame, depth, np.column_stack([across, radius]), shade=1.1)


def veins(spine: Spine, count: int, seed: int) -> Iterator[Centreline]:
    """Veins on the back of the cord, `count` on each side."""
    rng = np.random.default_rng([seed, 13])
    for side in spine.sides.values():
        for number in range(count):
            depth = _depths(-30.0, spine.cord.bottom - rng.uniform(*_VEIN_ENDS_MM))
            share = (number + rng.uniform(0.2, 0.8)) / count
            degrees = _VEIN_AT[0] + share * (_VEIN_AT[1] - _VEIN_AT[0]) + 8.0 * wander(depth, 25.0, rng)
            radius = rng.uniform(*_VEIN_MM)
            across = spine.cord.point(side.angle(degrees), depth, -1.2 * radius)
            yield Centreline.through(
                spine.frame, depth, np.column_stack([across, np.full_like(depth, radius)]), "vessel"
            )


def vessels(
    spine: Spine, count: int, rng: np.random.Generator, artery_ends_mm: float = _VESSEL_ENDS_MM
) -> Iterator[Centreline]:
    """The anterior spinal artery to so far above the cord's tip, a vein behind the cord, then vessels along roots."""
    for number in range(count):
        radius = rng.uniform(*_VESSEL_MM)
        if number < 2:
            depth = _depths(-30.0, spine.cord.bottom - (2 * _VESSEL_ENDS_MM if number else artery_ends_mm))
            angle = (np.pi / 2 if number == 0 else -np.pi / 2) + 0.25 * wander(depth, 22.0, rng)
            across = spine.cord.point(angle, depth, -radius - 0.1)
        else:
            root = sorted(spine.roots)[int(rng.integers(len(spine.roots)))]
            main = spine.roots[root]
            end = min(main.top + rng.uniform(40.0, 90.0), main.bottom - 12.0)
            if end < main.top + 4.0 + _STEP:  # below a low cord the first roots are too short for one
                continue
            depth = _depths(main.top + 4.0, end)
            winding = np.column_stack([wander(depth, 14.0, rng), wander(depth, 17.0, rng)])
            inward = spine.sac.centre(depth) - main.at(depth)[:, :2]
            inward /= np.linalg.norm(inward, axis=1, keepdims=True)
            across = main.at(depth)[:, :2] + 1.2 * inward + 0.7 * winding
        yield Centreline.through(spine.frame, depth, np.column_stack([across, np.full_like(depth, radius)]), "vessel")


def _centreline(side: SacSide, depth: Array, across: Array, radius: float, shade: float) -> Centreline:
    smooth = gaussian_filter1d(across, _SMOOTH / _STEP, axis=0, mode="nearest")
    return Centreline.through(side.frame, depth, np.column_stack([smooth, np.full_like(depth, radius)]), shade=shade)


def _depths(start: float, end: float) -> Array:
    return np.linspace(start, end, max(int((end - start) / _STEP), 4) + 1)
