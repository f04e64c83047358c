"""Crumbs of regions: what a cut left of a region apart from the rest of it goes to the neighbour that cut it off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from SpineRootLib.frames import Points
from SpineRootLib.surfaces.mesh import Surface, Triangles
from SpineRootLib.surfaces.separation_settings import CrumbSettings


@dataclass(frozen=True)
class Joined:
    """A crumb of one region that became part of another."""

    region: str
    to: str
    volume_mm3: float


def join_crumbs(
    vertices: Points, regions: dict[str, Triangles], settings: CrumbSettings | None = None
) -> tuple[dict[str, Triangles], list[Joined]]:
    """Regions without crumbs, and what was joined to what.

    A crumb is a piece that is less than a share of its region. It goes to the neighbour with which it shares most of
    its surface, so that the regions fill the same space as before. A crumb without neighbours, and one that would
    touch itself along an edge there, stays.

    Parameters
    ----------
    vertices : (n, 3) RAS mm.
    regions : by name their closed surfaces, (m, 3) indices of vertices each; an interface is in two of them, turned
        round.
    """
    settings = settings or CrumbSettings()
    joined: list[Joined] = []
    result = dict(regions)
    for name in regions:
        for crumb, volume in _crumbs(vertices, result[name], settings.share):
            for other in _neighbours(vertices, crumb, result, name):
                merged = _without_shared(np.concatenate([result[other], crumb]), len(vertices))
                if Surface(vertices, merged).is_watertight():
                    result[other] = merged
                    result[name] = _less(result[name], crumb, len(vertices))
                    joined.append(Joined(name, other, volume))
                    break
    return result, joined


def pieces_of(vertices: Points, triangles: Triangles) -> list[tuple[Triangles, float]]:
    """The pieces of a closed surface that share no vertex, and their volumes, mm3; that of a hollow is negative."""
    used, rank = np.unique(triangles, return_inverse=True)
    rank = rank.reshape(-1, 3)
    ones = np.ones(2 * len(rank), dtype=np.int8)
    rows, columns = np.concatenate([rank[:, :2], rank[:, 1:]]).T
    graph = coo_matrix((ones, (rows, columns)), shape=(len(used), len(used)))
    count, label = connected_components(graph, directed=False)
    own = label[rank[:, 0]]
    parts = [triangles[own == piece] for piece in range(count)]
    return [(part, Surface(vertices, part).volume()) for part in parts]


def _crumbs(vertices: Points, triangles: Triangles, share: float) -> list[tuple[Triangles, float]]:
    pieces = pieces_of(vertices, triangles)
    most = max(volume for _part, volume in pieces)
    return [(part, volume) for part, volume in pieces if 0.0 < volume < share * most]


def _neighbours(vertices: Points, crumb: Triangles, regions: dict[str, Triangles], own: str) -> list[str]:
    """The other regions that share triangles with a crumb, that with most area first."""
    keys, area = _keys(crumb, len(vertices)), np.linalg.norm(Surface(vertices, crumb).normals(), axis=1)
    near = np.unique(crumb)
    shared: dict[str, float] = {}
    for name, triangles in regions.items():
        if name != own:
            touching = triangles[np.isin(triangles[:, 0], near)]
            common = np.isin(keys, _keys(touching, len(vertices)))
            if common.any():
                shared[name] = float(area[common].sum())
    return sorted(shared, key=lambda name: -shared[name])


def _without_shared(triangles: Triangles, count: int) -> Triangles:
    """Triangles less those that stand twice, turned round."""
    _, place, often = np.unique(_keys(triangles, count), return_inverse=True, return_counts=True)
    return triangles[often[place.ravel()] == 1]


def _less(triangles: Triangles, part: Triangles, count: int) -> Triangles:
    return triangles[~np.isin(_keys(triangles, count), _keys(part, count))]


def _keys(triangles: Triangles, count: int) -> NDArray[np.int64]:
    """A number for each triangle, whichever way round it is."""
    a, b, c = np.sort(triangles, axis=1).T
    return np.asarray((a * count + b) * count + c)
