"""The exact geometry of a synthetic spine: sac, cord, roots, ganglia, and what lies between them unlabelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import SIDES, SPINAL_SEGMENTS, Root
from SpineRootLib.phantom.bundle import Bundle
from SpineRootLib.phantom.centreline import Centreline
from SpineRootLib.phantom.crowd import build_crowd
from SpineRootLib.phantom.crowd_settings import CrowdSettings
from SpineRootLib.phantom.cyst import PlacedCyst, place_cyst
from SpineRootLib.phantom.levels import CALIBRES, LEVELS, OUTER_LEVELS, SIXTH_LUMBAR, Level
from SpineRootLib.phantom.root_path import root_centrelines
from SpineRootLib.phantom.sac_and_cord import sac_and_cord
from SpineRootLib.phantom.sac_side import SacSide
from SpineRootLib.phantom.settings import AnatomySettings
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
    roots : every dorsal root, annotated or not, from the cord to its ganglion; of the coccygeal root see `bundles`.
    ganglia : (3,) RAS mm each.
    levels : of this subject.
    sides : the sides of the sac.
    crowd : how the roots crowd together.
    bundles : of every dorsal and ventral root, and the filum; none where there is no crowd.
    cysts : in the sac.
    """

    frame: BodyFrame
    sac: Tube
    cord: Tube
    roots: dict[Root, Centreline]
    ganglia: dict[Root, Array]
    levels: dict[str, Level]
    sides: dict[str, SacSide]
    crowd: CrowdSettings
    bundles: tuple[Bundle, ...] = ()
    cysts: tuple[PlacedCyst, ...] = ()


def build_spine(settings: AnatomySettings, top_ras: float, seed: int) -> Spine:
    """A spine whose topmost slice lies at S = `top_ras`; the same for the same seed."""
    rng = np.random.default_rng([seed, 1])
    frame = BodyFrame((*settings.sac_centre_ras, top_ras))
    sac, cord = sac_and_cord(settings, frame, rng, np.random.default_rng([seed, 9]))
    levels = _own_levels(settings, rng, seed)
    sides = {name: SacSide(frame, sac, cord, name, rng.normal(0.0, 2.0), settings) for name in SIDES}
    alone: dict[tuple[str, str], Centreline] = {}
    of_side = {name: _conjoined(levels, settings.variant.conjoined, name) for name in sides}
    for name, side in sides.items():
        alone |= {(level, name): line for level, line in root_centrelines(side, of_side[name], seed).items()}
    cysts = tuple(place_cyst(cyst, sac, settings.length_scale) for cyst in settings.variant.cysts)
    bundles: list[Bundle] = []
    roots = {Root(*key): line for key, line in alone.items() if key[0] in SPINAL_SEGMENTS}
    if settings.crowd.crowding > 0:
        bundles = build_crowd(sides, of_side, alone, cysts, settings.crowd, seed)
        roots = {
            Root(each.level, each.side): each.centreline
            for each in bundles
            if each.principal and each.level in SPINAL_SEGMENTS
        }
    ganglia = {root: centreline.ras(centreline.bottom)[0] for root, centreline in roots.items()}
    return Spine(frame, sac, cord, roots, ganglia, levels, sides, settings.crowd, tuple(bundles), cysts)


def _own_levels(settings: AnatomySettings, rng: np.random.Generator, seed: int) -> dict[str, Level]:
    """The levels of a subject, whose segments lie higher or lower than another's; their order stays."""
    emerges, leaves = rng.normal(0.0, _LEVEL_SD_MM, 2)
    emerges += settings.variant.cord_lower_mm
    levels = {}
    outer = OUTER_LEVELS if settings.crowd.crowding > 0 else {}
    sixth = SIXTH_LUMBAR if settings.variant.sixth_lumbar else {}
    for known, own in ((LEVELS, rng), ({**outer, **sixth}, np.random.default_rng([seed, 12]))):
        for name, level in known.items():
            up, down = own.uniform(-_LEVEL_SWAY_MM, _LEVEL_SWAY_MM, 2)
            moved = replace(level, emerges=level.emerges + emerges + up, leaves=level.leaves + leaves + down)
            levels[name] = moved.scaled(settings.length_scale)
    return {name: levels[name] for name in CALIBRES if name in levels}


def _conjoined(levels: dict[str, Level], pairs: Sequence[tuple[str, str, str]], side: str) -> dict[str, Level]:
    """The levels of a side where some pairs of roots leave the sac at one place, each still for its own ganglion."""
    own = dict(levels)
    for upper, lower, where in pairs:
        if where == side:
            leaves = (levels[upper].leaves + levels[lower].leaves) / 2
            for name in (upper, lower):
                own[name] = replace(levels[name], leaves=leaves)
    return own
