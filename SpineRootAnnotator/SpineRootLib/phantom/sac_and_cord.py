"""The dural sac and the cord of a subject: their courses, sizes and outlines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, PchipInterpolator
from scipy.ndimage import gaussian_filter1d, minimum_filter1d

from SpineRootLib.phantom.outline_shape import OutlineShape
from SpineRootLib.phantom.settings import AnatomySettings, OutlineSettings
from SpineRootLib.phantom.tube import BodyFrame, Tube
from SpineRootLib.phantom.variant_settings import Narrowing

Array = NDArray[np.float64]

# An adult's: depth below the topmost slice, half width and half depth, mm.
_SAC = (
    (-60, 7.4, 6.3), (0, 7.4, 6.1), (40, 7.8, 6.2), (70, 8.9, 6.8), (90, 9.6, 7.2), (115, 10.3, 7.3), (150, 10.2, 7.0),
    (180, 9.6, 6.6), (215, 8.6, 6.0), (250, 7.2, 5.2), (275, 5.2, 4.0), (295, 3.0, 2.6), (300, 2.4, 2.2),
)  # fmt: skip
_SAC_END = 300.0
_CORD = (
    (-60, 4.2, 3.4), (0, 4.1, 3.35), (40, 4.2, 3.4), (65, 4.6, 3.6), (80, 5.0, 3.9), (90, 4.7, 3.85), (98, 4.1, 3.45),
    (108, 3.1, 2.6), (118, 2.1, 1.85), (126, 1.3, 1.2), (134, 0.8, 0.75),
)  # fmt: skip
_CORD_END = 132.0
# The sac's middle in front of where it is on the topmost slice: lumbar lordosis, then the sacrum's turn to the back.
_LORDOSIS = ((-60, 2.5), (0, 0.0), (60, -1.4), (115, -0.6), (150, 0.4), (190, 3.2), (225, 7.5), (250, 9.0), (275, 3.0),
             (300, -9.0))  # fmt: skip
# The cord's middle in front of the sac's: it lies on the back wall in a person on the back.
_CORD_OFFSET = ((-60, -0.9), (0, -1.0), (40, -1.6), (80, -1.75), (110, -2.3), (134, -2.6))
# Mean radii against which the measured variation of outlines is taken (sub-03), mm.
_SAC_RADIUS_MM, _CORD_RADIUS_MM = 7.74, 3.66
# mm of fluid that sub-03 has between dura and cord where they come closest.
_SAC_TO_CORD_MM = 0.72
# Radius of the cord below which its departures shrink faster than itself, mm.
_ROUND_BELOW_MM = 2.2
_SCOLIOSIS_PERIOD_MM = 260.0


def sac_and_cord(
    settings: AnatomySettings, frame: BodyFrame, rng: np.random.Generator, own: np.random.Generator
) -> tuple[Tube, Tube]:
    """The two tubes, with the subject's own size, lordosis and sway."""
    scale, variant = settings.length_scale, settings.variant
    depth = np.arange(-60.0, _SAC_END + 0.1, 4.0)
    sway = settings.scoliosis_mm * rng.normal() * np.sin(2 * np.pi * depth / _SCOLIOSIS_PERIOD_MM + rng.uniform(0, 6.3))
    lordosis = (1.0 + 0.1 * rng.normal()) * _curve(_LORDOSIS, depth)[:, 0]
    size = 1.0 + settings.variation * np.clip(rng.normal(size=3), -1.5, 1.5)
    sway = sway + variant.curve_mm * np.sin(2 * np.pi * depth / _SCOLIOSIS_PERIOD_MM)
    sac_axes = _curve(_SAC, depth) * size[:2] * _narrowed(variant.narrowings, depth)[:, None]
    cord_axes = _curve(_CORD, depth - variant.cord_lower_mm) * size[2]
    sac = CubicSpline(depth * scale, np.column_stack([sway, lordosis, sac_axes]))
    cord_sway = sway + 0.25 * rng.normal() * np.sin(depth / 40.0)
    offset = _curve(_CORD_OFFSET, depth - variant.cord_lower_mm)[:, 0] + 0.25 * (size[1] - 1.0)
    cord = CubicSpline(depth * scale, np.column_stack([cord_sway, lordosis + offset, cord_axes]))
    ends = (-60.0 * scale, _SAC_END * scale)
    tubes = [
        Tube(frame, course, _shape(rng, own, ends, size_mm, outline), end * scale)
        for course, end, size_mm, outline in (
            (sac, _SAC_END, _SAC_RADIUS_MM, settings.dura),
            (cord, _CORD_END + variant.cord_lower_mm, _CORD_RADIUS_MM, settings.cord),
        )
    ]
    return _kept_apart(tubes[0], tubes[1])


def _narrowed(narrowings: Sequence[Narrowing], depth: Array) -> Array:
    """The factor of the sac's width and depth where it is narrowed, (n,)."""
    factor = np.ones(len(depth))
    for each in narrowings:
        factor *= 1.0 - each.share * np.exp(-(((depth - each.depth_mm) / each.length_mm) ** 2))
    return factor


def _kept_apart(sac: Tube, cord: Tube) -> tuple[Tube, Tube]:
    """Sac and cord with weaker departures where these would bring them closer than they come in a person.

    The tip of the cord is round.
    """
    knots = sac.shape.course.x
    beside = knots < cord.bottom
    gap = _gap(sac, cord, knots[beside])
    nothing = np.zeros(len(knots))
    plain = _gap(_departing(sac, nothing), _departing(cord, nothing), knots[beside])
    lost = np.maximum(plain - gap, 1e-6)
    share = np.ones(len(knots))
    share[beside] = np.where(gap < _SAC_TO_CORD_MM, np.clip((plain - _SAC_TO_CORD_MM) / lost, 0.0, 1.0), 1.0)
    share = gaussian_filter1d(minimum_filter1d(share, 9, mode="nearest"), 2.0, mode="nearest")
    radius = np.sqrt(np.prod(cord.profile_at(knots)[2:], axis=0))
    thin = np.clip(radius / _ROUND_BELOW_MM, 0.0, 1.0)
    return _departing(sac, share), _departing(cord, share * thin)


def _departing(tube: Tube, share: Array) -> Tube:
    return replace(tube, shape=tube.shape.eased(share))


def _gap(sac: Tube, cord: Tube, depth: Array) -> Array:
    """The least distance of the cord's outline from the sac's wall at each depth, mm."""
    angle, depth = np.broadcast_arrays(np.linspace(-np.pi, np.pi, 73)[:, None], depth)
    x, y = np.moveaxis(cord.point(angle, depth), -1, 0)
    return np.asarray(-sac.distance(x, y, depth).max(axis=0))


def _curve(knots: Sequence[tuple[float, ...]], depth: Array) -> Array:
    """Values (n, k) between knots of a depth and k values, without overshoot, level beyond them."""
    table = np.array(knots)
    return np.asarray(PchipInterpolator(table[:, 0], table[:, 1:])(np.clip(depth, table[0, 0], table[-1, 0])))


def _shape(
    rng: np.random.Generator, own: np.random.Generator, ends: tuple[float, float], size: float, outline: OutlineSettings
) -> OutlineShape:
    """An outline's departures: of orders 2 to 4 some that stay the same, and what varies along the body."""
    constant = {}
    for order in (2, 3, 4):
        amplitude, phase = outline.constant * rng.uniform(-1.4, 1.4), rng.uniform(0, 2 * np.pi)
        constant[order] = (amplitude * np.cos(phase), amplitude * np.sin(phase))
    return OutlineShape.random(ends, size, outline, constant, own)
