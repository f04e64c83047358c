"""The crowd in the sac: the bundles of every dorsal and ventral root, packed as they lie in a person on the back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from SpineRootLib.phantom.bundle import Bundle
from SpineRootLib.phantom.centreline import Centreline
from SpineRootLib.phantom.crowd_plans import Plan, RootSpace, root_plans
from SpineRootLib.phantom.crowd_settings import CrowdSettings
from SpineRootLib.phantom.cyst import PlacedCyst
from SpineRootLib.phantom.levels import DORSAL, VENTRAL, Level
from SpineRootLib.phantom.packing import Load, layers, pack
from SpineRootLib.phantom.sac_side import SacSide
from SpineRootLib.phantom.smooth_paths import smoothstep
from SpineRootLib.phantom.tube import BodyFrame

Array = NDArray[np.float64]

_STEP_MM = 0.5
_SMOOTH_MM = 1.0
# mm of depth over which a root turns from the wall to its ganglion, and before the wall from where on.
_TO_GANGLION_MM, _TURNS_MM = 9.0, 3.0
# A ventral root ends so much in front of the ganglion; radius of the sleeve about a dorsal one there, mm.
_IN_FRONT_OF_GANGLION_MM = 1.6
_SLEEVE_RADIUS_MM = 1.1
# Room of a bundle on which a root is marked, mm from its axis: marks lie 0.84 mm apart or more in sub-03, and so much
# fluid is seen about them.
_LEAST_ROOM_MM = 0.55
# How much less that bundle gives way than others, by eye.
_MASS = 3.0
# Share of its radius that a bundle's end takes inside the one that it joins.
_MERGED_ROOM = 0.05
# Radii of the filum at the cord and below, the length over which it gets there (scaled), its distance from the wall.
_FILUM_MM, _FILUM_SINKS_MM, _FILUM_INSET_MM = (0.55, 0.45), 60.0, 1.6


def build_crowd(
    sides: Mapping[str, SacSide],
    levels: Mapping[str, Mapping[str, Level]],
    alone: Mapping[tuple[str, str], Centreline],
    cysts: Sequence[PlacedCyst],
    settings: CrowdSettings,
    seed: int,
) -> list[Bundle]:
    """The bundles of every root.

    Parameters
    ----------
    sides : of the sac, by name.
    levels : of each side, cranial to caudal.
    alone : by level and side, where each dorsal root would run if it were alone, to its ganglion.
    cysts : about which roots bend.
    """
    side = next(iter(sides.values()))
    top = min(level.emerges for own in levels.values() for level in own.values())
    depth = layers((top, side.sac.bottom - 1.0), settings.layer_mm)
    plans: list[Plan] = []
    for name, one in sides.items():
        for level in levels[name]:
            space = RootSpace.of(one, levels[name], level, alone[level, name], depth, settings)
            plans += root_plans(space, len(plans), seed)
    plans.append(_filum(side, depth, len(plans)))
    place = pack(_load(plans, depth, settings), side.sac, side.cord, cysts, settings)
    return [
        _bundle(
            plan, at, depth, side.frame, levels.get(plan.side, {}).get(plan.level), alone.get((plan.level, plan.side))
        )
        for plan, at in zip(plans, place, strict=True)
    ]


def _load(plans: Sequence[Plan], depth: Array, settings: CrowdSettings) -> Load:
    """The plans as what is to be packed."""
    return Load(
        depth,
        np.array([plan.course for plan in plans]),
        np.array([_room(plan, depth, settings) for plan in plans]),
        np.array([_MASS if plan.principal else 1.0 for plan in plans]),
        np.array([plan.leader for plan in plans]),
        np.array([plan.beside for plan in plans]),
        np.array([plan.following for plan in plans]),
    )


def _room(plan: Plan, depth: Array, settings: CrowdSettings) -> Array:
    """mm about its axis that a bundle takes: less near the cord, and where it ends in another."""
    free = smoothstep((depth - plan.start) / settings.pressed_mm)
    share = 1.0 - settings.crowding * (1.0 - settings.pressed) * (1.0 - free)
    if plan.merges:
        along = np.cumsum(plan.radius > 0) / max(int(np.count_nonzero(plan.radius)), 1)
        return np.asarray(plan.radius * np.clip(2.0 - 2.0 * along, _MERGED_ROOM, 1.0))
    least = _LEAST_ROOM_MM if plan.principal else 0.0
    return np.where(plan.radius > 0, np.maximum(plan.radius * share, least), 0.0)


def _filum(side: SacSide, depth: Array, index: int) -> Plan:
    """The filum, from the tip of the cord to the end of the sac."""
    start, end = side.cord.bottom - 1.5, side.sac.bottom - 2.0
    share = smoothstep((depth - start) / (_FILUM_SINKS_MM * side.settings.length_scale))
    behind = side.sac.point(np.full_like(depth, -np.pi / 2), depth, _FILUM_INSET_MM)
    course = (1.0 - share)[:, None] * side.cord.centre(np.minimum(depth, side.cord.bottom)) + share[:, None] * behind
    radius = np.where((depth >= start) & (depth <= end), _FILUM_MM[0] + (_FILUM_MM[1] - _FILUM_MM[0]) * share, 0.0)
    nothing = np.zeros_like(depth)
    return Plan("", "", "filum", 0, start, end, course, radius, index, np.zeros((len(depth), 2)), nothing, 1.05)


def _bundle(
    plan: Plan, place: Array, layer: Array, frame: BodyFrame, level: Level | None, alone: Centreline | None
) -> Bundle:
    """A packed bundle, led out of the sac to its ganglion."""
    known = plan.radius > 0
    depth = np.linspace(plan.start, plan.end, max(int((plan.end - plan.start) / _STEP_MM), 4) + 1)
    across = np.column_stack([np.interp(depth, layer[known], column) for column in place[known].T])
    radius = np.interp(depth, layer[known], plan.radius[known])
    if alone is not None and level is not None and not plan.merges:
        ganglion = alone.at(alone.bottom)[:2]
        if plan.kind == VENTRAL:
            ganglion = ganglion + [0.0, _IN_FRONT_OF_GANGLION_MM]
        leaving = smoothstep((depth - level.leaves + _TURNS_MM) / (_TO_GANGLION_MM + _TURNS_MM))[:, None]
        across = (1.0 - leaving) * across + leaving * ganglion
        if plan.kind == DORSAL:
            radius = radius + (_SLEEVE_RADIUS_MM - radius) * smoothstep((depth - level.leaves) / _TO_GANGLION_MM)
    smooth = gaussian_filter1d(across, _SMOOTH_MM / _STEP_MM, axis=0, mode="nearest")
    line = Centreline.through(frame, depth, np.column_stack([smooth, radius]), shade=plan.shade)
    return Bundle(plan.level, plan.side, plan.kind, plan.number, line)
