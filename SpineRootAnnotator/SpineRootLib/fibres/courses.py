"""The course of a fibre in the middle of each root: from where it enters the cord to beyond its ganglion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from SpineRootLib.anatomy import CORD, DURA, Root
from SpineRootLib.curves import arc_length
from SpineRootLib.errors import GeometryError
from SpineRootLib.frames import Points
from SpineRootLib.regions import region_of, root_region
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.surfaces.model import Model
from SpineRootLib.surfaces.modelled import beyond_traced
from SpineRootLib.surfaces.proximity import Proximity
from SpineRootLib.surfaces.roots import root_part

# where no region is
NOWHERE = 0
# parts of a curve's piece between two nodes, as chords of which its length is measured: to 1e-5 of it
_CHORDS = 32


@dataclass(frozen=True)
class FibreSettings:
    """How finely courses are told, and how far.

    Parameters
    ----------
    step_mm : between two points along the curve; internodes of thick fibres are 1 to 1.5 mm long.
    beyond_mm : how far past its ganglion a course goes straight on, so that a fibre does not end where a field is; by
        eye.
    intraspinal_mm : how far a course is carried on into the cord and up in it, 0 for none: as the ascending branch of
        a dorsal root's fibre goes.
    under_mm : how deep below the cord's surface that lies; by eye, in the dorsal column's outer part.
    stride_mm : between places that it is led through; by eye.
    """

    step_mm: float = 0.25
    beyond_mm: float = 10.0
    intraspinal_mm: float = 0.0
    under_mm: float = 0.8
    stride_mm: float = 2.5


@dataclass(frozen=True, eq=False)
class Fibre:
    """Points along one root, evenly spaced on a curve of continuous curvature.

    Parameters
    ----------
    points : (n, 3) RAS mm, from the cord, or from within it, to beyond the ganglion.
    along : (n,) mm along the curve, from 0 where it leaves the cord; below 0 within that.
    tangents : (n, 3) of length 1, away from the cord.
    radius : (n,) mm of the root.
    region : (n,) numbers of the regions (`regions.py`); 0 past the root's end.
    modelled : (n,) whether a place was modelled and not traced.
    """

    root: Root
    points: Points
    along: NDArray[np.float64]
    tangents: NDArray[np.float64]
    radius: NDArray[np.float64]
    region: NDArray[np.int64]
    modelled: NDArray[np.bool_]


def fibres_of(model: Model, settings: FibreSettings | None = None) -> list[Fibre]:
    """One fibre in each root of a model.

    Raises
    ------
    GeometryError
        if it has no root.
    """
    settings = settings or FibreSettings()
    if not model.centrelines:
        raise GeometryError(f"sub-{model.subject} has no root in which a fibre could run")
    return [_fibre(model, root, nodes, settings) for root, nodes in sorted(model.centrelines.items())]


def _fibre(model: Model, root: Root, nodes: Points, settings: FibreSettings) -> Fibre:
    within = _within_cord(model.parts.get(CORD), nodes[0], settings)
    points, along, tangents, length = course(np.concatenate([within, nodes]), settings)
    past = along > length
    if len(within):
        along = along - along[int(np.argmin(np.linalg.norm(points - nodes[0], axis=1)))]
    region = np.full(len(points), root_region(root, beyond=True).number)
    region[_is_inside(model.parts.get(DURA), points, without=True)] = root_region(root).number
    region[_is_inside(model.parts.get(CORD), points, without=False)] = region_of(CORD).number
    region[past] = NOWHERE
    modelled = (beyond_traced(model, root_part(root), points) > 0) | past | (along < 0)
    radius = np.full(len(points), float(model.report["roots"][str(root)]["radius_mm"]))
    return Fibre(root, points, along, tangents, radius, region, modelled)


def _within_cord(cord: Surface | None, start: Points, settings: FibreSettings) -> Points:
    """Places below the cord's surface from above down to a root's start, (k, 3); none without a cord, or if not wanted.

    They end where the cord does.
    """
    count = int(settings.intraspinal_mm / settings.stride_mm)
    if cord is None or count < 1:
        return np.empty((0, 3))
    near, about = Proximity(cord), cord.vertices - cord.vertices.mean(axis=0)
    up = np.linalg.svd(about, full_matrices=False)[2][0]
    up = up * np.sign(up[2])
    top, places = float((cord.vertices @ up).max()), [start]
    for rank in range(1, count + 1):
        above = places[-1] + settings.stride_mm * up
        if above @ up > top - settings.stride_mm:
            break
        _, place, normal = near.nearest(above[None])
        places.append(place[0] - min(rank / 2, 1.0) * settings.under_mm * normal[0])
    return np.array(places[:0:-1]).reshape(-1, 3)


def course(nodes: Points, settings: FibreSettings) -> tuple[Points, NDArray[np.float64], NDArray[np.float64], float]:
    """A cubic spline through nodes, (k, 3), and on from its last one, where it bends no more, straight ahead.

    Returns
    -------
    points, along, tangents : (n, 3), (n,) and (n, 3), `FibreSettings.step_mm` apart.
    length : mm of the spline.
    """
    chords = arc_length(nodes)
    spline = CubicSpline(chords, nodes, bc_type=("not-a-knot", "natural"))
    parameter = np.interp(np.linspace(0, len(chords) - 1, _CHORDS * (len(chords) - 1) + 1), range(len(chords)), chords)
    length = arc_length(spline(parameter))
    along = np.arange(0.0, length[-1] + settings.beyond_mm + 1e-9, settings.step_mm)
    at = np.interp(along, length, parameter)
    tangents = spline(at, 1)
    tangents /= np.linalg.norm(tangents, axis=1)[:, None]
    points = spline(at) + np.maximum(along - length[-1], 0.0)[:, None] * tangents
    return points, along, tangents, float(length[-1])


def _is_inside(surface: Surface | None, points: Points, without: bool) -> NDArray[np.bool_]:
    """Which points lie inside a surface, (n,); all are said to be `without` where there is none."""
    if surface is None:
        return np.full(len(points), without)
    return np.asarray(Proximity(surface).nearest(points)[0] < 0)
