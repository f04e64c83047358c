"""The crowd in the sac: the bundles of every dorsal and ventral root, packed as they lie in a person on the back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from SpineRootLib.phantom.bundle import Bundle
from SpineRootLib.phantom.centreline import Centreline
from SpineRootLib.phantom.crowd_settings import CrowdSettings
from SpineRootLib.phantom.cyst import PlacedCyst
from SpineRootLib.phantom.levels import CALIBRES, DORSAL, VENTRAL, Level
from SpineRootLib.phantom.packing import Load, layers, pack
from SpineRootLib.phantom.sac_side import SacSide
from SpineRootLib.phantom.smooth_paths import smoothstep, wander
from SpineRootLib.phantom.tube import BodyFrame

Array = NDArray[np.float64]

_STEP_MM = 0.5
_SMOOTH_MM = 1.0
# Degrees about the cord from its back at which bundles leave it, and their spread.
_LEAVES_CORD_AT = {DORSAL: 40.0, VENTRAL: 125.0}
_SPREAD = {DORSAL: 25.0, VENTRAL: 30.0}
# mm of depth from the wall to the ganglion; a ventral root ends in front of it.
_TO_GANGLION_MM = 9.0
_IN_FRONT_OF_GANGLION_MM = 1.6
_SLEEVE_RADIUS_MM = 1.1
# A root stops sinking over this length before it leaves (scaled), mm.
_RISES_MM = 45.0
_LEAST_ROOM_MM = 0.45
# How much less that bundle gives way than others.
_MASS = 3.0
_FILUM_MM = (0.55, 0.45)


@dataclass(eq=False)
class _Plan:
    """A bundle before it is packed; the arrays by layer."""

    level: str
    side: str
    kind: str
    number: int
    start: float
    end: float
    course: Array
    radius: Array
    leader: int
    beside: Array
    following: Array
    shade: float
    merges: bool = False


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
    plans: list[_Plan] = []
    for name, one in sides.items():
        for level in levels[name]:
            plans += _root_plans(one, levels[name], level, alone[level, name], depth, len(plans), settings, seed)
    plans.append(_filum(side, depth, len(plans)))
    load = Load(
        depth,
        np.array([plan.course for plan in plans]),
        np.array([_room(plan) for plan in plans]),
        np.array([_MASS if _principal(plan) else 1.0 for plan in plans]),
        np.array([plan.leader for plan in plans]),
        np.array([plan.beside for plan in plans]),
        np.array([plan.following for plan in plans]),
    )
    place = pack(load, side.sac, side.cord, cysts, settings)
    return [
        _bundle(
            plan, at, depth, side.frame, levels.get(plan.side, {}).get(plan.level), alone.get((plan.level, plan.side))
        )
        for plan, at in zip(plans, place, strict=True)
    ]


def _principal(plan: _Plan) -> bool:
    """Whether it is the bundle on which a root is marked."""
    return plan.kind == DORSAL and plan.number == 0


def _room(plan: _Plan) -> Array:
    """mm about its axis that a bundle takes: marks on two roots lie 0.84 mm apart or more in sub-03."""
    if plan.merges:
        share = np.cumsum(plan.radius > 0) / max(int(np.count_nonzero(plan.radius)), 1)
        return plan.radius * np.clip(2.0 - 2.0 * share, 0.05, 1.0)
    least = _LEAST_ROOM_MM if _principal(plan) else 0.0
    return np.where(plan.radius > 0, np.maximum(plan.radius, least), 0.0)


def _root_plans(
    side: SacSide,
    levels: Mapping[str, Level],
    name: str,
    alone: Centreline,
    depth: Array,
    first: int,
    settings: CrowdSettings,
    seed: int,
) -> list[_Plan]:
    """The bundles of a dorsal and a ventral root."""
    rng = np.random.default_rng([seed, 11, *name.encode(), ord(side.side)])
    level, length = levels[name], side.settings.length_scale
    plans: list[_Plan] = []
    calibre = CALIBRES[name]
    for kind in (DORSAL, VENTRAL):
        bundles = 1 + round(settings.crowding * (calibre.bundles(kind) - 1))
        rootlets = round(settings.crowding * calibre.rootlets(kind))
        thick = calibre.radius(kind) * (1.0 + settings.radius_sd * rng.normal())
        for number in range(bundles + rootlets):
            late = 0.0 if number == 0 and kind == DORSAL else rng.uniform(0.1, 1.0)
            latest = (level.emerges + level.leaves) / 2
            start = min(level.emerges + late * _segment_length(levels, name), latest)
            joins = rng.uniform(*settings.joins_mm) * max(length, 0.6)
            radius = thick * rng.uniform(0.85, 1.15)
            ends = number >= bundles
            plans.append(
                _plan(
                    side,
                    level,
                    name,
                    kind,
                    number,
                    start,
                    joins,
                    radius,
                    alone,
                    depth,
                    plans,
                    first,
                    settings,
                    rng,
                    ends,
                )
            )
    return plans


def _segment_length(levels: Mapping[str, Level], name: str) -> float:
    """mm of cord from which the bundles of a level leave: to where the next one's begin."""
    names = list(levels)
    here = names.index(name)
    low, high = (here, here + 1) if here + 1 < len(names) else (here - 1, here)
    return max(levels[names[high]].emerges - levels[names[low]].emerges, 1.0)


def _plan(
    side: SacSide,
    level: Level,
    name: str,
    kind: str,
    number: int,
    start: float,
    joins: float,
    radius: float,
    alone: Centreline,
    depth: Array,
    before: list[_Plan],
    first: int,
    settings: CrowdSettings,
    rng: np.random.Generator,
    merges: bool,
) -> _Plan:
    """A bundle's own course from the cord, and how it joins the others of its root."""
    length = side.settings.length_scale
    joined = smoothstep((depth - start) / joins)
    thick = radius * (settings.rootlet + (1.0 - settings.rootlet) * joined)
    end = level.leaves + (_TO_GANGLION_MM if kind == DORSAL else _TO_GANGLION_MM - 2.0)
    if merges:
        end = min(start + 1.2 * joins, level.leaves)
    present = (depth >= start - settings.layer_mm / 2) & (depth <= end)
    degrees = _LEAVES_CORD_AT[kind] + _SPREAD[kind] * rng.uniform(-1.0, 1.0) + 4.0 * wander(depth, 30.0, rng)
    upper = np.minimum(depth, side.cord.bottom)
    lying = alone.at(depth)[:, :2].copy()
    principal = number == 0 and kind == DORSAL
    angle = side.angle(degrees)
    if principal:  # where it is nearest to its course, so that roots leave in order
        away = lying - side.cord.centre(upper)
        angle = np.arctan2(away[:, 1], away[:, 0])
    on_cord = side.cord.point(angle, upper, -settings.on_cord * thick)
    rises = min(_RISES_MM * length, 0.4 * (level.leaves - level.emerges))
    rising = 1.0 - smoothstep((depth - level.leaves + rises) / rises)
    outward = lying - side.sac.centre(depth)
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    lying += settings.crowding * rising[:, None] * (settings.to_wall_mm * outward - [0.0, settings.sink_mm])
    spread = settings.loose_mm * np.clip((settings.loose_above_mm * length - level.emerges) / (60.0 * length), 0.0, 1.0)
    settles = level.settles * (0.35 if spread > 0.3 * settings.loose_mm else settings.clings)
    free = smoothstep((depth - start) / settles)[:, None]
    leader = len(before) + first if principal else first
    turn = rng.uniform(0.0, 2 * np.pi) + settings.twist * wander(depth, settings.twist_mm, rng)
    direction = np.column_stack([np.cos(turn), np.sin(turn)])
    if kind == VENTRAL:
        direction = _ventral_direction(side, lying, depth, rng)
        if number:
            leader = first + next(i for i, plan in enumerate(before) if plan.kind == VENTRAL)
            direction = np.column_stack([np.cos(turn), np.sin(turn)])
    other = thick if principal else before[leader - first].radius
    beside = (
        direction
        * (settings.overlap * (thick + np.maximum(other, 0.3)) + spread + settings.parted_mm * (1.0 - rising))[:, None]
    )
    if merges:
        beside = beside * (1.0 - joined)[:, None]
    following = (
        np.zeros_like(depth) if principal else smoothstep((depth - start) / (settles if kind == VENTRAL else joins))
    )
    course = (1.0 - free) * on_cord + free * lying if principal else on_cord
    return _Plan(
        name, side.side, kind, number, start, end, course, np.where(present, thick, 0.0), leader, beside, following,
        rng.uniform(0.92, 1.08), merges,
    )  # fmt: skip


def _ventral_direction(side: SacSide, dorsal: Array, depth: Array, rng: np.random.Generator) -> Array:
    """From a dorsal root to its ventral partner: to the middle and the front."""
    inward = side.sac.centre(depth) - dorsal
    inward /= np.maximum(np.linalg.norm(inward, axis=1, keepdims=True), 1e-6)
    turn = np.radians(rng.uniform(-10.0, 35.0)) * (-1.0 if side.side == "R" else 1.0)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.asarray(inward @ rotation.T)


def _filum(side: SacSide, depth: Array, index: int) -> _Plan:
    """The filum, from the tip of the cord to the end of the sac."""
    start, end = side.cord.bottom - 1.5, side.sac.bottom - 2.0
    share = smoothstep((depth - start) / (60.0 * side.settings.length_scale))
    behind = side.sac.point(np.full_like(depth, -np.pi / 2), depth, 1.6)
    course = (1.0 - share)[:, None] * side.cord.centre(np.minimum(depth, side.cord.bottom)) + share[:, None] * behind
    radius = np.where((depth >= start) & (depth <= end), _FILUM_MM[0] + (_FILUM_MM[1] - _FILUM_MM[0]) * share, 0.0)
    nothing = np.zeros_like(depth)
    return _Plan("", "", "filum", 0, start, end, course, radius, index, np.zeros((len(depth), 2)), nothing, 1.05)


def _bundle(
    plan: _Plan,
    place: Array,
    layer: Array,
    frame: BodyFrame,
    level: Level | None,
    alone: Centreline | None,
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
        leaving = smoothstep((depth - level.leaves + 3.0) / (_TO_GANGLION_MM + 3.0))[:, None]
        across = (1.0 - leaving) * across + leaving * ganglion
        swelling = smoothstep((depth - level.leaves) / _TO_GANGLION_MM)
        if plan.kind == DORSAL:
            radius = radius + (_SLEEVE_RADIUS_MM - radius) * swelling
    smooth = gaussian_filter1d(across, _SMOOTH_MM / _STEP_MM, axis=0, mode="nearest")
    line = Centreline.through(frame, depth, np.column_stack([smooth, radius]), shade=plan.shade)
    return Bundle(plan.level, plan.side, plan.kind, plan.number, line)
