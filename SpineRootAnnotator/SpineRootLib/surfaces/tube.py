"""A root as a tube along its centreline."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.frames import Points
from SpineRootLib.surfaces.mesh import Surface

_CAP_RINGS = 2


def tube(centreline: Points, radius: float, sides: int, reaches: NDArray[np.float64] | None = None) -> Surface:
    """A closed tube with round ends: half a ball about the first and about the last point.

    Cross-sections are regular polygons with the area of the circle, turned by half a side from one to the next, in
    frames that do not rotate about the centreline (double reflection, Wang et al., 2008).

    Parameters
    ----------
    centreline : (n, 3) RAS mm, n >= 2.
    radius : mm.
    sides : corners of a cross-section.
    reaches : (n, sides) from each point to the corners about it, mm, in the directions of `ring_directions`; all as
        the radius has it by default.
    """
    tangents = _tangents(centreline)
    axes = _frames(centreline, tangents)
    directions = _circle(_turns(np.arange(len(centreline)) + _CAP_RINGS, sides), *(axis[:, None] for axis in axes))
    if reaches is None:
        reaches = np.full((len(centreline), sides), radius * corner_reach(sides))
    lift = np.arange(1, _CAP_RINGS + 1) / (_CAP_RINGS + 1) * np.pi / 2
    ends = [(0, -1.0, lift[::-1]), (-1, 1.0, lift)]
    rings = [centreline[:, None] + reaches[..., None] * directions]
    tips = []
    for end, sign, angle in ends:
        high = float(reaches[end].mean())
        turn = _turns(np.arange(_CAP_RINGS) + (0 if end == 0 else _CAP_RINGS + len(centreline)), sides)
        ring = _circle(turn, *(axis[end] for axis in axes))
        # the corners about the end, as seen in the directions of the cap's rings
        own = _interpolated(reaches[end], (len(centreline) - 1) * (end != 0) + _CAP_RINGS, turn, sides)
        centres = centreline[end] + sign * np.sin(angle)[:, None] * high * tangents[end]
        cap = centres[:, None] + (np.cos(angle)[:, None] * own)[..., None] * ring
        rings.insert(0 if end == 0 else len(rings), cap)
        tips.append(centreline[end] + sign * high * tangents[end])
    corners = np.concatenate(rings)
    vertices = np.concatenate([tips[0][None], corners.reshape(-1, 3), tips[1][None]])
    return Surface(vertices, _tube_triangles(len(corners), sides))


def ring_directions(centreline: Points, sides: int) -> NDArray[np.float64]:
    """Unit vectors from each point of a tube's centreline, (n, 3), to the corners about it, (n, sides, 3)."""
    axes = _frames(centreline, _tangents(centreline))
    return _circle(_turns(np.arange(len(centreline)) + _CAP_RINGS, sides), *(axis[:, None] for axis in axes))


def _turns(rows: NDArray[np.int64], sides: int) -> NDArray[np.float64]:
    """The angles of the corners of a tube's rings, (k, sides), by the rows of these."""
    return np.asarray(2 * np.pi * (np.arange(sides) + 0.5 * (rows % 2)[:, None]) / sides)


def _circle(turn: NDArray[np.float64], first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.cos(turn)[..., None] * first + np.sin(turn)[..., None] * second)


def _interpolated(reach: NDArray[np.float64], row: int, turn: NDArray[np.float64], sides: int) -> NDArray[np.float64]:
    """How far a ring with corners at (sides,) mm reaches at other angles, (k, sides)."""
    own = _turns(np.array([row]), sides)[0]
    return np.asarray(np.interp(turn, own, reach, period=2 * np.pi))


def surface_rings(
    surface: Surface, sides: int, node: NDArray[np.int64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Places on a tube's surface around its centreline, (k, 2 sides, 3), each at a share of the way from a node on.

    They lie on the edges that join the rings about the node and about the next one; (k,) nodes and shares.
    """
    column = np.arange(sides)
    last = (len(surface.vertices) - 2) // sides - 1
    row = _CAP_RINGS + node
    here = surface.vertices[1 + row[:, None] * sides + column]
    ahead = surface.vertices[1 + np.minimum(row + 1, last)[:, None] * sides + column]
    turned = np.where((row % 2 == 0)[:, None, None], np.roll(ahead, 1, axis=1), np.roll(ahead, -1, axis=1))
    part = share[:, None, None]
    return np.concatenate([(1 - part) * here + part * ahead, (1 - part) * here + part * turned], axis=1)


def without_needles(surface: Surface, sides: int, slenderest: float) -> Surface:
    """A tube whose triangles are at most so many times as long as wide: with more rings where its sides are short.

    Between two rings come an even number of others, so that all stay turned by half a side from one to the next. Their
    areas change evenly from one to the other.
    """
    rings = surface.vertices[1:-1].reshape(-1, sides, 3)
    found = [rings[:1]]
    for row, (here, ahead) in enumerate(zip(rings, rings[1:], strict=False)):
        width = min(float(np.linalg.norm(np.roll(ring, 1, axis=0) - ring, axis=1).min()) for ring in (here, ahead))
        length = float(np.linalg.norm(ahead - here, axis=1).max())
        pieces = 1 + 2 * int(np.ceil((length / (slenderest * width) - 1) / 2)) if width > 0.0 else 1
        found += [_between(here, ahead, row % 2 == 1, part / pieces, part % 2 == 1) for part in range(1, pieces)]
        found.append(ahead[None])
    corners = np.concatenate(found)
    vertices = np.concatenate([surface.vertices[:1], corners.reshape(-1, 3), surface.vertices[-1:]])
    return Surface(vertices, _tube_triangles(len(corners), sides))


def _between(
    here: NDArray[np.float64], ahead: NDArray[np.float64], odd: bool, share: float, turned: bool
) -> NDArray[np.float64]:
    """A ring between two rings, (sides, 3) each, of which the first is an odd row; (1, sides, 3)."""
    back = 1 if odd else -1
    if turned:
        ring = (1 - share) * (here + np.roll(here, back, axis=0)) / 2 + share * ahead
    else:
        ring = (1 - share) * here + share * (ahead + np.roll(ahead, -back, axis=0)) / 2
    middle = ring.mean(axis=0)
    scale = np.sqrt(((1 - share) * _area(here) + share * _area(ahead)) / _area(ring))
    return np.asarray((middle + scale * (ring - middle))[None])


def _area(ring: NDArray[np.float64]) -> float:
    """The area within a closed ring, (m, 3), that lies about in a plane."""
    about = ring - ring.mean(axis=0)
    return float(np.linalg.norm(np.cross(about, np.roll(about, -1, axis=0)).sum(axis=0)) / 2)


def corner_reach(sides: int) -> float:
    """Radius of the corners of a regular polygon that has the area of the circle of radius 1."""
    return float(np.sqrt(2 * np.pi / (sides * np.sin(2 * np.pi / sides))))


def _tube_triangles(rows: int, sides: int) -> NDArray[np.int64]:
    column = np.arange(sides)
    ahead = (column + 1) % sides
    triangles = [np.column_stack([np.zeros(sides, np.int64), 1 + ahead, 1 + column])]
    row = np.arange(rows - 1)[:, None]
    here, below = 1 + row * sides, 1 + (row + 1) * sides
    odd = row % 2 == 1
    lower_left = np.where(odd, below + ahead, below + column)
    # even rows: the next row is turned ahead by half a side, odd rows: back by half a side
    one = np.stack([here + column, here + ahead, lower_left], axis=-1)
    two_even = np.stack([below + column, here + ahead, below + ahead], axis=-1)
    two_odd = np.stack([here + column, below + ahead, below + column], axis=-1)
    two = np.where(odd[..., None], two_odd, two_even)
    triangles += [one.reshape(-1, 3), two.reshape(-1, 3)]
    last = 1 + (rows - 1) * sides
    end = np.full(sides, 1 + rows * sides)
    triangles.append(np.column_stack([end, last + column, last + ahead]))
    return np.concatenate(triangles)


def _tangents(points: Points) -> NDArray[np.float64]:
    edges = np.diff(points, axis=0)
    edges /= np.linalg.norm(edges, axis=1, keepdims=True)
    sums = np.concatenate([edges[:1], edges[1:] + edges[:-1], edges[-1:]])
    return np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True))


def _frames(points: Points, tangents: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two axes across the centreline at each point, (n, 3) each."""
    start = np.eye(3)[int(np.argmin(np.abs(tangents[0])))]
    axis = start - (start @ tangents[0]) * tangents[0]
    axes = [axis / np.linalg.norm(axis)]
    for step, before, after in zip(np.diff(points, axis=0), tangents, tangents[1:], strict=False):
        square = step @ step
        moved = axes[-1] - 2 / square * (step @ axes[-1]) * step
        turned = before - 2 / square * (step @ before) * step
        gap = after - turned
        size = gap @ gap
        axis = moved - (2 / size * (gap @ moved) * gap if size > 1e-24 else 0.0)
        axis = axis - (axis @ after) * after
        axes.append(axis / np.linalg.norm(axis))
    first = np.array(axes)
    return first, np.cross(tangents, first)
