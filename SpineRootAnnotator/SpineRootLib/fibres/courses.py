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
    """

    step_mm: float = 0.25
    beyond_mm: float = 10.0


@dataclass(frozen=True, eq=False)
class Fibre:
    """Points along one root, evenly spaced on a curve of continuous curvature.

    Parameters
    ----------
    points : (n, 3) RAS mm, from the cord to beyond the ganglion.
    along : (n,) mm along the curve, from 0.
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
    points, along, tangents, length = course(nodes, settings)
    past = along > length
    region = np.full(len(points), root_region(root, beyond=True).number)
    region[_is_inside(model.parts.get(DURA), points, without=True)] = root_region(root).number
    region[_is_inside(model.parts.get(CORD), points, without=False)] = region_of(CORD).number
    region[past] = NOWHERE
    modelled = (beyond_traced(model, root_part(root), points) > 0) | past
    radius = np.full(len(points), float(model.report["roots"][str(root)]["radius_mm"]))
    return Fibre(root, points, along, tangents, radius, region, modelled)


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
