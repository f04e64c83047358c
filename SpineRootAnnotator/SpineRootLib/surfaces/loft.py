"""A closed wall through rings: strips of triangles between them and caps at the ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.curves import centroid, signed_area
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.surfaces.mesh import Surface, Triangles
from SpineRootLib.surfaces.rings import RingStack, ring_areas, ring_centroids
from SpineRootLib.surfaces.settings import MeshSettings

_FEWEST = 6


@dataclass(frozen=True)
class Cap:
    """How an end closes: an elliptic dome of `height_mm`.

    Parameters
    ----------
    wall : whether it belongs to the side, as a tapering sac does.
    open_end : whether it is left out of the surface; what is inside is closed by it all the same.
    """

    height_mm: float
    wall: bool = False
    open_end: bool = False


@dataclass(frozen=True, eq=False)
class LoftedWall:
    """A lofted structure.

    Parameters
    ----------
    surface : as asked for, open where an end was left open.
    closed : with all caps.
    side : without caps that are cuts.
    stack : the rings that it runs through.
    """

    surface: Surface
    closed: Surface
    side: Surface
    stack: RingStack


def loft(stack: RingStack, planes: SlicePlanes, mesh: MeshSettings, top: Cap, bottom: Cap) -> LoftedWall:
    """The wall through the rings of a stack, with its caps."""
    places = _vertex_places(stack, mesh)
    depths = (stack.numbers - 1.0) * planes.spacing
    rings = [_Ring(*each) for each in zip(stack.rings, places, depths, ring_areas(stack.rings), strict=True)]
    above = _cap_rings(rings[0], top.height_mm, -1.0, mesh)
    below = _cap_rings(rings[-1], bottom.height_mm, 1.0, mesh)
    chain = [*above[::-1], *rings, *below]
    sizes = np.array([len(ring.places) for ring in chain])
    starts = np.concatenate([[0], np.cumsum(sizes)])
    strips = [
        _strip(upper.parameter, lower.parameter, start, middle)
        for upper, lower, start, middle in zip(chain, chain[1:], starts, starts[1:], strict=False)
    ]
    flat = np.concatenate([ring.vertices() for ring in chain])
    depth = np.repeat([ring.depth for ring in chain], sizes)
    closed = Surface(planes.lift(flat, depth / planes.spacing + 1.0), np.concatenate(strips))
    ends = (len(above), len(strips) - len(below))
    surface = _part(closed, strips, ends, top.open_end, bottom.open_end)
    return LoftedWall(surface, closed, _part(closed, strips, ends, not top.wall, not bottom.wall), stack)


def _part(
    whole: Surface, strips: list[Triangles], ends: tuple[int, int], without_top: bool, without_bottom: bool
) -> Surface:
    """The surface without the strips of its caps; vertices that are left over are dropped."""
    if not (without_top or without_bottom):
        return whole
    kept = strips[ends[0] if without_top else 0 : ends[1] if without_bottom else len(strips)]
    used, triangles = np.unique(np.concatenate(kept), return_inverse=True)
    return Surface(whole.vertices[used], triangles.reshape(-1, 3))


@dataclass(frozen=True, eq=False)
class _Ring:
    """A fine ring, (m, 2), the places on it (in points of the fine ring) that become vertices, its depth and area."""

    ring: NDArray[np.float64]
    places: NDArray[np.float64]
    depth: float
    area: float

    @property
    def parameter(self) -> NDArray[np.float64]:
        return self.places / len(self.ring)

    def vertices(self) -> NDArray[np.float64]:
        """The vertices, (n, 2), spread so that their polygon has the area of the fine ring."""
        whole = self.places.astype(np.int64)
        part = (self.places - whole)[:, None]
        corners = (1 - part) * self.ring[whole] + part * self.ring[(whole + 1) % len(self.ring)]
        if len(corners) < 3:
            return corners
        centre, area = centroid(corners), signed_area(corners)
        return np.asarray(centre + (corners - centre) * np.sqrt(self.area / area))


def _vertex_places(stack: RingStack, mesh: MeshSettings) -> list[NDArray[np.float64]]:
    """Where on each fine ring the vertices lie: closer where it is sharply curved, alike on neighbouring rings."""
    ahead = np.roll(stack.rings, -1, axis=1) - stack.rings
    edge = np.linalg.norm(ahead, axis=2)
    heading = ahead[..., 0] + 1j * ahead[..., 1]
    turn = np.angle(heading * np.conj(np.roll(heading, 1, axis=1)))
    curvature = np.abs(turn) / np.maximum(edge, 1e-9)
    curvature = _widest(curvature, 3)
    longest = np.minimum(mesh.edge_mm, edge.sum(axis=1, keepdims=True) / 14)
    size = np.clip(np.sqrt(8 * mesh.sagitta_mm / np.maximum(curvature, 1e-9)), mesh.shortest_mm, None)
    density = edge / np.minimum(size, longest)
    places = []
    for row in density:
        along = np.concatenate([[0.0], np.cumsum(row)])
        count = max(_FEWEST, int(np.ceil(along[-1])))
        places.append(np.interp(np.arange(count) / count * along[-1], along, np.arange(len(along))))
    return places


def _widest(values: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """The largest value within `reach` points around a ring, then the mean of as many."""
    shifts = range(-reach, reach + 1)
    highest = np.max([np.roll(values, shift, axis=1) for shift in shifts], axis=0)
    return np.mean([np.roll(highest, shift, axis=1) for shift in shifts], axis=0)


def _cap_rings(rim: _Ring, height: float, sign: float, mesh: MeshSettings) -> list[_Ring]:
    """Rings that shrink towards the centre of the rim along an ellipse, ending in one vertex."""
    centre = ring_centroids(rim.ring[None])[0]
    radius = float(np.linalg.norm(rim.ring - centre, axis=1).mean())
    round_perimeter = np.linalg.norm(np.roll(rim.ring, -1, axis=0) - rim.ring, axis=1).sum()
    edge = min(mesh.edge_mm * 1.3, round_perimeter / 12)
    quarter = np.pi / 4 * (radius + height) if height > 0.3 * radius else radius
    count = max(2, int(np.ceil(quarter / edge)))
    rings = []
    for step in range(1, count + 1):
        if height > 0.3 * radius:
            scale, rise = np.cos(np.pi / 2 * step / count), np.sin(np.pi / 2 * step / count)
        else:
            scale = 1.0 - step / count
            rise = np.sqrt(1.0 - scale**2)
        number = max(_FEWEST, int(np.ceil(round_perimeter * scale / edge))) if step < count else 1
        places = np.arange(number) / number * len(rim.ring)
        shrunk = centre + (rim.ring - centre) * (scale if step < count else 0.0)
        rings.append(_Ring(shrunk, places, rim.depth + sign * height * rise, rim.area * scale**2))
    return rings


def _strip(upper: NDArray[np.float64], lower: NDArray[np.float64], upper_start: int, lower_start: int) -> Triangles:
    """Triangles between two rings whose vertices lie at the given parameters, (n,) in 0..1, ascending from 0.

    Both rings run counter-clockwise seen from the feet's opposite side; the triangles face outwards.
    """
    if len(upper) == 1 or len(lower) == 1:
        return _fan(len(upper), len(lower), upper_start, lower_start)
    middles = np.concatenate([_middles(upper), _middles(lower)])
    on_upper = np.arange(len(middles)) < len(upper)
    order = np.argsort(middles, kind="stable")
    on_upper = on_upper[order]
    up, low = np.cumsum(on_upper), np.cumsum(~on_upper)
    upper_index = (up - on_upper) % len(upper) + upper_start
    lower_index = (low - ~on_upper) % len(lower) + lower_start
    third = np.where(on_upper, up % len(upper) + upper_start, low % len(lower) + lower_start)
    upper_now = np.where(on_upper, upper_index, up % len(upper) + upper_start)
    lower_now = np.where(on_upper, low % len(lower) + lower_start, lower_index)
    return np.column_stack([upper_now, lower_now, third])


def _middles(parameter: NDArray[np.float64]) -> NDArray[np.float64]:
    return (parameter + np.append(parameter[1:], 1.0)) / 2


def _fan(upper_count: int, lower_count: int, upper_start: int, lower_start: int) -> Triangles:
    if upper_count == 1:
        rim = np.arange(lower_count)
        return np.column_stack(
            [np.full(lower_count, upper_start), rim + lower_start, (rim + 1) % lower_count + lower_start]
        )
    rim = np.arange(upper_count)
    return np.column_stack(
        [rim + upper_start, np.full(upper_count, lower_start), (rim + 1) % upper_count + upper_start]
    )
