"""The exact geometry of a synthetic spine: sac, cord, roots, ganglia, and what lies between them unlabelled."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import SIDES, Root
from SpineRootLib.phantom.canal import Canal
from SpineRootLib.phantom.levels import LEVELS, Level
from SpineRootLib.phantom.root_course import root_strands
from SpineRootLib.phantom.sac_and_cord import sac_and_cord
from SpineRootLib.phantom.settings import AnatomySettings
from SpineRootLib.phantom.strand import Strand
from SpineRootLib.phantom.tube import BodyFrame, Tube

Array = NDArray[np.float64]

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
    sac, cord = sac_and_cord(settings, frame, rng, np.random.default_rng([seed, 9]))
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
