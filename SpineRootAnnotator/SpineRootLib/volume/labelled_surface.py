"""The surfaces of all regions as one mesh in which each triangle stands once and knows the regions on its two sides.

That is what volume meshers call a piecewise linear complex: they fill what it parts, and a seed in each region tells
them which is which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.errors import GeometryError
from SpineRootLib.frames import Points, flip_ras_lps
from SpineRootLib.regions import region_of
from SpineRootLib.surfaces.crumbs import pieces_of
from SpineRootLib.surfaces.files import poly_data
from SpineRootLib.surfaces.mesh import Surface, Triangles
from SpineRootLib.volume.seeds import Seed, place_inside

# Vertices of neighbouring regions are the same numbers; what lies nearer than this is one.
_SAME_MM = 1e-7
# so many triangles of the outside are looked at, each as far before and behind as this
_LOOKS, _LOOK_MM = 3000, 1e-4
# what lies on the far side of the outermost triangles
NOTHING = 0


@dataclass(frozen=True, eq=False)
class LabelledSurface:
    """The interfaces between regions.

    Parameters
    ----------
    vertices : (n, 3) RAS mm.
    triangles : (m, 3) indices of vertices, counter-clockwise seen from the front.
    front, back : (m,) numbers of the regions on both sides; 0 where there is none.
    seeds : a place in each piece of each region.
    names : of the regions, by number.
    """

    vertices: Points
    triangles: Triangles
    front: NDArray[np.int64]
    back: NDArray[np.int64]
    seeds: tuple[Seed, ...]
    names: Mapping[int, str]

    def region(self, number: int) -> Surface:
        """The closed surface of a region, on all of the vertices."""
        own, turned = self.triangles[self.back == number], self.triangles[self.front == number][:, ::-1]
        return Surface(self.vertices, np.concatenate([own, turned]))

    def interfaces(self) -> dict[str, NDArray[np.int64]]:
        """By name, ``cord-csf``, the triangles of each interface."""
        names = {**self.names, NOTHING: "nothing"}
        kinds, place = np.unique(np.column_stack([self.back, self.front]), axis=0, return_inverse=True)
        return {
            f"{names[back]}-{names[front]}": np.flatnonzero(place.ravel() == rank)
            for rank, (back, front) in enumerate(kinds.tolist())
        }


def welded(regions: Mapping[str, Surface]) -> LabelledSurface:
    """The surfaces of a conforming set as one mesh.

    Parameters
    ----------
    regions : by name, closed surfaces that share their interfaces vertex for vertex (`surfaces.conforming.regions`).

    Raises
    ------
    GeometryError
        if two regions do not share their interface.
    """
    numbers = {name: region_of(name).number for name in regions}
    vertices, triangles, owner = _on_one_table(regions, numbers)
    turn = np.argmin(triangles, axis=1)
    triangles = triangles[np.arange(len(triangles))[:, None], (turn[:, None] + np.arange(3)) % 3]
    forward = triangles[:, 1] < triangles[:, 2]
    key, place = np.unique(np.sort(triangles, axis=1), axis=0, return_inverse=True)
    place = place.ravel()
    if np.bincount(2 * place + forward).max(initial=0) > 1:
        raise GeometryError("the regions do not part space: two of them lie on the same side of a triangle")
    sides = np.zeros((len(key), 2), dtype=np.int64)
    sides[place[forward], 0], sides[place[~forward], 1] = owner[forward], owner[~forward]
    # the region with the lower number lies at the back, so that an interface looks one way
    turned = (sides[:, 0] == NOTHING) | (sides[:, 1] != NOTHING) & (sides[:, 1] < sides[:, 0])
    key[turned], sides[turned] = key[turned][:, ::-1], sides[turned][:, ::-1]
    _check_closed(key, sides, numbers)
    _check_shared(vertices, key, sides)
    seeds = [
        Seed(numbers[name], place_inside(surface, part))
        for name, surface in regions.items()
        for part, volume in pieces_of(surface.vertices, surface.triangles)
        if volume > 0
    ]
    back, front = sides.T
    return LabelledSurface(vertices, key, front, back, tuple(seeds), {n: name for name, n in numbers.items()})


def _on_one_table(
    regions: Mapping[str, Surface], numbers: Mapping[str, int]
) -> tuple[Points, Triangles, NDArray[np.int64]]:
    """One table of vertices, all triangles on it, and the number of the region of each."""
    places = np.concatenate([surface.vertices for surface in regions.values()])
    _, first, rank = np.unique(np.rint(places / _SAME_MM), axis=0, return_index=True, return_inverse=True)
    offsets = np.cumsum([0, *(len(surface.vertices) for surface in regions.values())])
    triangles = np.concatenate(
        [rank.ravel()[each.triangles + offset] for each, offset in zip(regions.values(), offsets, strict=False)]
    )
    owner = np.repeat(list(numbers.values()), [len(surface.triangles) for surface in regions.values()])
    return places[first], triangles, owner


def _check_closed(triangles: Triangles, sides: NDArray[np.int64], numbers: Mapping[str, int]) -> None:
    """See that the triangles around each region close."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    owner = np.tile(sides, (3, 1))
    count = int(triangles.max(initial=0)) + 1
    for name, number in numbers.items():
        own = np.concatenate([edges[owner[:, 0] == number], edges[owner[:, 1] == number][:, ::-1]])
        forth, back = np.sort(own @ [count, 1]), np.sort(own @ [1, count])
        if not np.array_equal(forth, back) or len(np.unique(forth)) != len(forth):
            raise GeometryError(f"region {name} is not closed, so that nothing can be filled")


def _check_shared(vertices: Points, triangles: Triangles, sides: NDArray[np.int64]) -> None:
    """See that no triangle of the outside lies on another: there two regions meet, each with its own triangles."""
    from vtkmodules.vtkCommonCore import vtkIdList, vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkStaticCellLocator

    outer = triangles[sides[:, 1] == NOTHING]
    locator = vtkStaticCellLocator()
    locator.SetDataSet(poly_data(Surface(flip_ras_lps(vertices), outer)))
    locator.BuildLocator()
    surface = Surface(vertices, outer)
    normals = surface.normals()
    step = _LOOK_MM * normals / np.linalg.norm(normals, axis=1)[:, None]
    middles, hits, ids = surface.corners.mean(axis=1), vtkPoints(), vtkIdList()
    for number in range(0, len(outer), max(1, len(outer) // _LOOKS)):
        here, there = middles[number] - step[number], middles[number] + step[number]
        locator.IntersectWithLine(here, there, 0.0, hits, ids)
        if any(ids.GetId(rank) != number for rank in range(ids.GetNumberOfIds())):
            fault = "two regions meet without sharing their interface"
            raise GeometryError(fault, advice=": another --detail may mend it", in_panel="another detail may mend it")
