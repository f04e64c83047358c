"""Where each bundle of a root would run by itself, and beside which other one: what is packed into the sac."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.phantom.centreline import Centreline
from SpineRootLib.phantom.crowd_settings import CrowdSettings
from SpineRootLib.phantom.levels import CALIBRES, DORSAL, VENTRAL, Level
from SpineRootLib.phantom.sac_side import SacSide
from SpineRootLib.phantom.smooth_paths import smoothstep, wander

Array = NDArray[np.float64]

# mm of depth, not scaled, from the wall to the ganglion; a ventral root ends before it.
_TO_GANGLION_MM = {DORSAL: 9.0, VENTRAL: 7.0}
# Relative: how thick and how bright a bundle is against the others of its root, by eye.
_OWN_RADIUS, _OWN_SHADE = (0.85, 1.15), (0.92, 1.08)
# A ventral root lies to the middle of its dorsal partner and, by so many degrees, to the front.
_TO_FRONT_DEGREES = (-10.0, 35.0)
# mm of a leader's radius at least, so that a bundle does not lie in it where it is not there yet.
_LEADER_MM = 0.3
# A bundle that joins another ends after this many lengths of joining.
_MERGED_AFTER = 1.2
# A root stops sinking over this share of its way at most.
_RISES_SHARE = 0.4
# Degrees by which a bundle strays along the cord, and the period of that, mm.
_ALONG_CORD = (4.0, 30.0)


@dataclass(eq=False)
class Plan:
    """A bundle before it is packed; arrays by layer.

    Parameters
    ----------
    number : 0 for the first of its root and kind.
    start, end : mm of depth.
    course : (d, 2) by itself.
    radius : (d,) mm; 0 where there is none.
    leader : index of the bundle that it follows; its own where it follows none.
    beside : (d, 2) mm from its leader.
    following : (d,) from 0, on its own course, to 1, beside its leader.
    shade : brightness against the mean of all.
    merges : whether it ends in another bundle of its root.
    """

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

    @property
    def principal(self) -> bool:
        """Whether it is the bundle on which a root is marked."""
        return self.kind == DORSAL and self.number == 0


@dataclass(frozen=True, eq=False)
class RootSpace:
    """What all bundles of a level on one side share.

    Parameters
    ----------
    segment_mm : of cord from which they leave.
    depth : (d,) mm of the layers.
    lying : (d, 2) where a free root lies.
    rising : (d,) from 1 to 0 while it rises to its exit.
    """

    side: SacSide
    name: str
    level: Level
    segment_mm: float
    depth: Array
    lying: Array
    rising: Array
    settings: CrowdSettings

    @classmethod
    def of(
        cls, side: SacSide, levels: Mapping[str, Level], name: str, alone: Centreline, depth: Array,
        settings: CrowdSettings,
    ) -> RootSpace:  # fmt: skip
        """That of the level `name`; `alone` is where the dorsal root would run if it were alone."""
        level = levels[name]
        rises = min(settings.rises_mm * side.settings.length_scale, _RISES_SHARE * (level.leaves - level.emerges))
        rising = 1.0 - smoothstep((depth - level.leaves + rises) / rises)
        lying = alone.at(depth)[:, :2].copy()
        outward = lying - side.sac.centre(depth)
        outward /= np.linalg.norm(outward, axis=1, keepdims=True)
        sinks = np.outer(rising, [0.0, -settings.sink_mm])
        lying += settings.crowding * (settings.to_wall_mm * outward + sinks)
        return cls(side, name, level, _segment_length(levels, name), depth, lying, rising, settings)

    @property
    def settles_mm(self) -> float:
        """Over which a bundle lets go of the cord."""
        settings, emerges = self.settings, self.level.emerges / self.side.settings.length_scale
        upper, lower = settings.lets_go_mm
        share = float(smoothstep(np.array((emerges - upper) / (lower - upper))))
        return self.level.settles * (settings.lets_go + (settings.clings - settings.lets_go) * share)

    @property
    def apart(self) -> Array:
        """mm by which bundles of the root lie apart besides their radii, (d,)."""
        settings, depth = self.settings, self.depth / self.side.settings.length_scale
        loose = 1.0 - smoothstep((depth - settings.loose_above_mm) / settings.loose_over_mm)
        return np.asarray(settings.loose_mm * loose + settings.parted_mm * (1.0 - self.rising))

    def inward(self) -> Array:
        """Unit vectors from where the root lies to the sac's middle, (d, 2)."""
        inward = self.side.sac.centre(self.depth) - self.lying
        return np.asarray(inward / np.maximum(np.linalg.norm(inward, axis=1, keepdims=True), 1e-6))


@dataclass(frozen=True)
class _Strand:
    """A bundle's own chances.

    Parameters
    ----------
    joins : mm over which it comes to lie with the others.
    line : from -1 to 1, where about the cord the rootlets of its root leave it.
    """

    kind: str
    number: int
    start: float
    joins: float
    radius: float
    line: float
    merges: bool

    @property
    def principal(self) -> bool:
        return self.kind == DORSAL and self.number == 0


def root_plans(space: RootSpace, first: int, seed: int) -> list[Plan]:
    """The bundles of a dorsal and a ventral root; the first of them gets the index `first`."""
    rng = np.random.default_rng([seed, 11, *space.name.encode(), ord(space.side.side)])
    plans: list[Plan] = []
    for strand in _strands(space, rng):
        plans.append(_plan(space, strand, plans, first, rng))
    return plans


def _strands(space: RootSpace, rng: np.random.Generator) -> Iterator[_Strand]:
    """The bundles of both roots, each drawn when it is asked for."""
    settings, level, calibre = space.settings, space.level, CALIBRES[space.name]
    length = max(space.side.settings.length_scale, 0.6)
    for kind in (DORSAL, VENTRAL):
        bundles = 1 + round(settings.crowding * (calibre.bundles(kind) - 1))
        rootlets = round(settings.crowding * calibre.rootlets(kind))
        thick = calibre.radius(kind) * (1.0 + settings.radius_sd * rng.normal())
        line = rng.uniform(-1.0, 1.0)
        for number in range(bundles + rootlets):
            late = 0.0 if number == 0 and kind == DORSAL else rng.uniform(*settings.late)
            start = min(level.emerges + late * space.segment_mm, (level.emerges + level.leaves) / 2)
            joins = rng.uniform(*settings.joins_mm) * length
            yield _Strand(kind, number, start, joins, thick * rng.uniform(*_OWN_RADIUS), line, number >= bundles)


def _segment_length(levels: Mapping[str, Level], name: str) -> float:
    """mm of cord from which the bundles of a level leave: to where the next one's begin."""
    names = list(levels)
    here = names.index(name)
    low, high = (here, here + 1) if here + 1 < len(names) else (here - 1, here)
    return max(levels[names[high]].emerges - levels[names[low]].emerges, 1.0)


def _plan(space: RootSpace, strand: _Strand, before: Sequence[Plan], first: int, rng: np.random.Generator) -> Plan:
    """A bundle's own course from the cord, and how it joins the others of its root."""
    settings, depth, kind = space.settings, space.depth, strand.kind
    joined = smoothstep((depth - strand.start) / strand.joins)
    thick = strand.radius * (settings.rootlet + (1.0 - settings.rootlet) * joined)
    end = space.level.leaves + _TO_GANGLION_MM[kind]
    if strand.merges:
        end = min(strand.start + _MERGED_AFTER * strand.joins, space.level.leaves)
    present = (depth >= strand.start - settings.layer_mm / 2) & (depth <= end)
    course = _off_cord(space, strand, thick, rng)
    leader = _leader(strand, before)
    other = thick if leader is None else before[leader].radius
    reach = settings.overlap * (thick + np.maximum(other, _LEADER_MM)) + space.apart
    beside = reach[:, None] * _direction(space, strand, rng)
    if strand.merges:
        beside *= (1.0 - joined)[:, None]
    following = np.zeros_like(depth)
    if leader is not None:
        following = smoothstep((depth - strand.start) / (space.settles_mm if kind == VENTRAL else strand.joins))
    index = first + (len(before) if leader is None else leader)
    return Plan(
        space.name, space.side.side, kind, strand.number, strand.start, end, course, np.where(present, thick, 0.0),
        index, beside, following, rng.uniform(*_OWN_SHADE), strand.merges,
    )  # fmt: skip


def _off_cord(space: RootSpace, strand: _Strand, thick: Array, rng: np.random.Generator) -> Array:
    """Along the cord; the bundle that is marked goes on to where the root lies, (d, 2)."""
    settings, side, depth = space.settings, space.side, space.depth
    at, spread = settings.leaves_at[strand.kind == VENTRAL]
    own = settings.together * strand.line + (1.0 - settings.together) * rng.uniform(-1.0, 1.0)
    stray, period = _ALONG_CORD
    angle = side.angle(at + spread * own + stray * wander(depth, period, rng))
    upper = np.minimum(depth, side.cord.bottom)
    if strand.principal:  # where it is nearest to its course, so that roots leave in order
        away = space.lying - side.cord.centre(upper)
        angle = np.arctan2(away[:, 1], away[:, 0])
    on_cord = side.cord.point(angle, upper, -settings.on_cord * thick)
    if not strand.principal:
        return on_cord
    free = smoothstep((depth - strand.start) / space.settles_mm)[:, None]
    return np.asarray((1.0 - free) * on_cord + free * space.lying)


def _leader(strand: _Strand, before: Sequence[Plan]) -> int | None:
    """Index among its root's bundles of that which it follows: the first ventral one, or else the one marked."""
    if strand.principal:
        return None
    if strand.kind == VENTRAL and strand.number:
        return next(index for index, plan in enumerate(before) if plan.kind == VENTRAL)
    return 0


def _direction(space: RootSpace, strand: _Strand, rng: np.random.Generator) -> Array:
    """From its leader to a bundle, unit vectors (d, 2): turning about it; to the front for a ventral root's first."""
    settings = space.settings
    turn = rng.uniform(0.0, 2 * np.pi) + settings.twist * wander(space.depth, settings.twist_mm, rng)
    if strand.kind == VENTRAL and strand.number == 0:
        return _to_front(space, rng.uniform(*_TO_FRONT_DEGREES))
    return np.column_stack([np.cos(turn), np.sin(turn)])


def _to_front(space: RootSpace, degrees: float) -> Array:
    """From a dorsal root to its ventral partner: to the middle and, by so many degrees, to the front."""
    turn = np.radians(degrees) * (-1.0 if space.side.side == "R" else 1.0)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.asarray(space.inward() @ rotation.T)
