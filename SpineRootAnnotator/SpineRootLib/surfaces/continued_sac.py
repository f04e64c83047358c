"""The dural sac and the roots in it below the scan: modelled from the last contour and the ganglia, not traced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import SIDES, Root
from SpineRootLib.frames import Points
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.surfaces.rings import RingStack, ring_areas, ring_centroids
from SpineRootLib.surfaces.settings import ContinuedSacSettings

# a root that has moved over by so much is on its way through the wall
_NEARLY_OUT = 0.6


def continued(
    stack: RingStack, planes: SlicePlanes, ganglia: Mapping[Root, Points], settings: ContinuedSacSettings
) -> RingStack | None:
    """The rings of the dura and, below the last, narrower ones down to the lowest ganglia.

    The last contour is carried on along the course of the spine: a parabola through the middles between the left and
    the right ganglion of each level, as far aside of it as the sac lies on the last slice.

    Returns
    -------
    None where fewer than two levels have both ganglia, or none lies far enough below the last contour.
    """
    middles = _middles(ganglia, planes)
    last = float(stack.numbers[-1])
    depth = (last - 1.0) * planes.spacing
    if len(middles) < 2 or middles[:, 0].max() < depth + settings.least_mm:
        return None
    end = float(middles[:, 0].max()) - settings.narrowing * tip_height(stack)
    count = int((end - depth) / planes.spacing)
    if count < 1:
        return None
    numbers = last + 1.0 + np.arange(count)
    depths = np.asarray((numbers - 1.0) * planes.spacing, dtype=np.float64)
    course = _Parabola(middles)
    centre = ring_centroids(stack.rings[-1:])[0]
    centres = centre + course(depths) - course(np.array([depth], dtype=np.float64))
    share = (depths - depth) / (depths[-1] - depth)
    scale = 1.0 - (1.0 - settings.narrowing) * share**2
    rings = centres[:, None] + scale[:, None, None] * (stack.rings[-1] - centre)
    return RingStack(np.concatenate([stack.numbers, numbers]), np.concatenate([stack.rings, rings]))


def tip_height(stack: RingStack) -> float:
    """The height of the dome that closes the sac, mm: the radius of its last ring."""
    return float(np.sqrt(ring_areas(stack.rings[-1:])[0] / np.pi))


def lead(
    last: Mapping[Root, Points],
    ganglia: Mapping[Root, Points],
    apart: Mapping[Root, float],
    sac: LoftedSac,
) -> dict[Root, Points]:
    """Places, (k, 3) each, that roots are led through from their last points to where they leave the dura.

    A root keeps its place in the sac, as a share of the way from the middle to the wall, moves over to its own side
    late, and leaves a little above its ganglion. Step by step downwards roots that come too near to each other are
    moved apart, a little each. No places for roots that have left by the last slice, or are about to.

    Parameters
    ----------
    last, ganglia : (3,) by root.
    apart : by root how far others' surfaces and the wall stay from its middle, mm.
    """
    ways = {
        root: way
        for root in sorted(last)
        if root in ganglia and (way := _Way.of(last[root], ganglia[root], apart[root], sac)) is not None
    }
    found: dict[Root, list[NDArray[np.float64]]] = {root: [] for root in ways}
    step = sac.settings.step_mm
    begin = min((way.begin for way in ways.values()), default=0.0)
    end = max((way.leave for way in ways.values()), default=0.0)
    for depth in begin + step * np.arange(1, 1 + int((end - begin) / step)):
        here = {root: way for root, way in ways.items() if way.begin < depth <= way.leave}
        ring = _SacRing(sac.stack, depth / sac.planes.spacing + 1.0)
        _part(list(here.values()), ring, float(depth), sac.settings)
        for root, way in here.items():
            found[root].append(
                sac.planes.lift(way.place(ring, float(depth))[None], depth / sac.planes.spacing + 1.0)[0]
            )
    return {root: np.array(places) for root, places in found.items() if places}


@dataclass(frozen=True, eq=False)
class LoftedSac:
    """The dura's rings, also where they were modelled, and how roots go through them."""

    stack: RingStack
    planes: SlicePlanes
    settings: ContinuedSacSettings


@dataclass(eq=False)
class _Way:
    """The way of one root through the sac.

    Parameters
    ----------
    begin, leave : depths of its last point and of where it leaves, mm.
    start, target : (2,) its places there, as shares of the way from the middle to the wall.
    aside : (2,) by how much it was moved aside, as such a share.
    """

    begin: float
    leave: float
    start: NDArray[np.float64]
    target: NDArray[np.float64]
    apart: float
    late: float
    aside: NDArray[np.float64]

    @classmethod
    def of(cls, last: Points, ganglion: Points, apart: float, sac: LoftedSac) -> _Way | None:
        """That from a last point to a ganglion, (3,) each; None where it has left by then or is about to."""
        planes, settings = sac.planes, sac.settings
        begin, end = (float(planes.depth(place[None])[0]) for place in (last, ganglion))
        leave = min(end - settings.above_ganglion_mm, float((sac.stack.numbers[-1] - 1.0) * planes.spacing))
        if leave - begin < settings.step_mm:
            return None
        start = _SacRing(sac.stack, begin / planes.spacing + 1.0).share(planes.flatten(last[None])[0])
        target = _SacRing(sac.stack, leave / planes.spacing + 1.0).share(planes.flatten(ganglion[None])[0])
        target = target / np.linalg.norm(target)
        return cls(begin, leave, start, target, apart, settings.late, np.zeros(2))

    def moved_over(self, depth: float) -> float:
        """How far it has moved over to where it leaves, 0 to 1."""
        return float(((depth - self.begin) / (self.leave - self.begin)) ** self.late)

    def place(self, ring: _SacRing, depth: float) -> NDArray[np.float64]:
        """Where it passes a ring, (2,) mm."""
        late = self.moved_over(depth)
        return ring.place((1.0 - late) * (self.start + self.aside) + late * self.target)


def _part(ways: list[_Way], ring: _SacRing, depth: float, settings: ContinuedSacSettings) -> None:
    """Move ways aside that come too near to each other on a ring or to its wall, each by a little at most."""
    places = [way.place(ring, depth) for way in ways]
    moves = [np.zeros(2) for _ in ways]
    for one, other in combinations(range(len(ways)), 2):
        between = places[one] - places[other]
        missing = ways[one].apart + ways[other].apart - float(np.linalg.norm(between))
        if missing > 0.0:
            push = missing / 2 * between / max(float(np.linalg.norm(between)), 1e-9)
            moves[one] += push
            moves[other] -= push
    for rank, way in enumerate(ways):
        from_wall = ring.to_wall(places[rank])
        if from_wall < way.apart and way.moved_over(depth) < _NEARLY_OUT:
            moves[rank] += (way.apart - from_wall) * ring.inwards(places[rank])
        size = float(np.linalg.norm(moves[rank]))
        if size > 0.0:
            moved = places[rank] + moves[rank] * min(1.0, settings.aside_mm / size)
            kept = 1.0 - way.moved_over(depth)
            if kept > 0.05:
                way.aside = way.aside + (ring.share(moved) - ring.share(places[rank])) / kept


class _SacRing:
    """A ring about its middle, in which places are shares of the way from there to the wall."""

    def __init__(self, stack: RingStack, number: float) -> None:
        ring = stack.ring_at(number)
        self._centre = ring_centroids(ring[None])[0]
        about = ring - self._centre
        angle = np.arctan2(about[:, 1], about[:, 0])
        order = np.argsort(angle)
        self._angle, self._reach = angle[order], np.linalg.norm(about, axis=1)[order]

    def share(self, place: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of a place, (2,) mm, the share, (2,), of the way to the wall in its direction."""
        about = place - self._centre
        return np.asarray(about / self._wall(about))

    def to_wall(self, place: NDArray[np.float64]) -> float:
        """From a place, (2,) mm, outwards to the wall, mm; negative outside of it."""
        about = place - self._centre
        return self._wall(about) - float(np.linalg.norm(about))

    def inwards(self, place: NDArray[np.float64]) -> NDArray[np.float64]:
        """The direction from a place to the middle, (2,)."""
        about = self._centre - place
        return np.asarray(about / max(float(np.linalg.norm(about)), 1e-9))

    def place(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """The place, (2,) mm, of a share, (2,)."""
        return np.asarray(self._centre + share * self._wall(share))

    def _wall(self, direction: NDArray[np.float64]) -> float:
        angle = np.arctan2(direction[1], direction[0])
        return float(np.interp(angle, self._angle, self._reach, period=2 * np.pi))


def _middles(ganglia: Mapping[Root, Points], planes: SlicePlanes) -> NDArray[np.float64]:
    """Of each level with both ganglia its depth, and the middle between them in the plane, (k, 3)."""
    found = []
    for segment in dict.fromkeys(root.segment for root in sorted(ganglia)):
        pair = [ganglia[Root(segment, side)] for side in SIDES if Root(segment, side) in ganglia]
        if len(pair) == len(SIDES):
            middle = np.mean(pair, axis=0)[None]
            found.append([float(planes.depth(middle)[0]), *planes.flatten(middle)[0].tolist()])
    return np.array(found).reshape(-1, 3)


class _Parabola:
    """The course of the spine: in-plane mm over the depth, of least squares."""

    def __init__(self, middles: NDArray[np.float64]) -> None:
        degree = min(2, len(middles) - 1)
        self._fits = [np.polynomial.Polynomial.fit(middles[:, 0], column, degree) for column in middles[:, 1:].T]

    def __call__(self, depths: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([fit(depths) for fit in self._fits])
