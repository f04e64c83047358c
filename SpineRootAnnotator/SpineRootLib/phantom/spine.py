"""The exact geometry of a synthetic spine: sac, cord, roots, ganglia, and what lies between them unlabelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, PchipInterpolator

from SpineRootLib.anatomy import SIDES, Root
from SpineRootLib.phantom.canal import Canal
from SpineRootLib.phantom.levels import LEVELS, Level
from SpineRootLib.phantom.root_course import root_strands
from SpineRootLib.phantom.settings import AnatomySettings
from SpineRootLib.phantom.strand import Strand
from SpineRootLib.phantom.tube import BodyFrame, Tube

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
_SCOLIOSIS_PERIOD_MM = 260.0
# mm by which all levels, and each by itself, lie higher or lower than usual: standard deviation, and at most.
_LEVEL_SD_MM = 1.8
_LEVEL_SWAY_MM = 0.9


@dataclass(frozen=True, eq=False)
class Spine:
    """A synthetic spine.

    Parameters
    ----------
    roots : every root from T12 to S3, annotated or not, from the cord to its ganglion.
    ganglia : (3,) RAS mm each.
    levels : of this subject.
    canals : the sides of the sac.
    """

    frame: BodyFrame
    sac: Tube
    cord: Tube
    roots: dict[Root, Strand]
    ganglia: dict[Root, Array]
    levels: dict[str, Level]
    canals: dict[str, Canal]


def build_spine(settings: AnatomySettings, top_ras: float, seed: int) -> Spine:
    """A spine whose topmost slice lies at S = `top_ras`; the same for the same seed."""
    rng = np.random.default_rng([seed, 1])
    frame = BodyFrame((*settings.sac_centre_ras, top_ras))
    sac, cord = _sac_and_cord(settings, frame, rng)
    levels = _own_levels(settings.length_scale, rng)
    canals = {side: Canal(frame, sac, cord, side, rng.normal(0.0, 2.0), settings) for side in SIDES}
    roots: dict[Root, Strand] = {}
    for side, canal in canals.items():
        roots |= {Root(name, side): strand for name, strand in root_strands(canal, levels, seed).items()}
    ganglia = {root: strand.ras(strand.bottom)[0] for root, strand in roots.items()}
    return Spine(frame, sac, cord, roots, ganglia, levels, canals)


def _own_levels(length: float, rng: np.random.Generator) -> dict[str, Level]:
    """The levels of a subject, whose segments lie higher or lower than another's; their order stays."""
    emerges, leaves = rng.normal(0.0, _LEVEL_SD_MM, 2)
    levels = {}
    for name, level in LEVELS.items():
        up, down = rng.uniform(-_LEVEL_SWAY_MM, _LEVEL_SWAY_MM, 2)
        moved = replace(level, emerges=level.emerges + emerges + up, leaves=level.leaves + leaves + down)
        levels[name] = moved.scaled(length)
    return levels


def _sac_and_cord(settings: AnatomySettings, frame: BodyFrame, rng: np.random.Generator) -> tuple[Tube, Tube]:
    """The two tubes, with the subject's own size, lordosis and sway."""
    scale = settings.length_scale
    depth = np.arange(-60.0, _SAC_END + 0.1, 4.0)
    sway = settings.scoliosis_mm * rng.normal() * np.sin(2 * np.pi * depth / _SCOLIOSIS_PERIOD_MM + rng.uniform(0, 6.3))
    lordosis = (1.0 + 0.1 * rng.normal()) * _curve(_LORDOSIS, depth)[:, 0]
    size = 1.0 + settings.variation * np.clip(rng.normal(size=3), -1.5, 1.5)
    sac_axes = _curve(_SAC, depth) * size[:2]
    cord_axes = _curve(_CORD, depth) * size[2]
    sac = CubicSpline(depth * scale, np.column_stack([sway, lordosis, sac_axes]))
    cord_sway = sway + 0.25 * rng.normal() * np.sin(depth / 40.0)
    offset = _curve(_CORD_OFFSET, depth)[:, 0] + 0.25 * (size[1] - 1.0)
    cord = CubicSpline(depth * scale, np.column_stack([cord_sway, lordosis + offset, cord_axes]))
    return (
        Tube(frame, sac, _harmonics(rng, 0.012), _SAC_END * scale),
        Tube(frame, cord, _harmonics(rng, 0.010), _CORD_END * scale),
    )


def _curve(knots: Sequence[tuple[float, ...]], depth: Array) -> Array:
    """Values (n, k) between knots of a depth and k values, without overshoot, level beyond them."""
    table = np.array(knots)
    return np.asarray(PchipInterpolator(table[:, 0], table[:, 1:])(np.clip(depth, table[0, 0], table[-1, 0])))


def _harmonics(rng: np.random.Generator, size: float) -> Array:
    """Orders 2 to 4 with random amplitude and phase."""
    return np.array([(order, size * rng.uniform(-1.4, 1.4), rng.uniform(0, 2 * np.pi)) for order in (2, 3, 4)])
