"""What of a model was traced and what was modelled: roots beyond their last annotated point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from SpineRootLib.anatomy import CORD, CSF, DURA, ROOTS, Root
from SpineRootLib.curves import arc_length
from SpineRootLib.frames import Points
from SpineRootLib.regions import BACK, CONTACT, FAT, GREY, LEAD, OUTSIDE
from SpineRootLib.surfaces.centreline import subdivided
from SpineRootLib.surfaces.model import Model

# parts of a centreline's segment, to the nearest of which a vertex belongs
_FINE = 8


def root_of(part: str) -> Root | None:
    """The root that a surface or region is of, by its name; None for a wall and for the fluid."""
    structure, _mark, rest = part.partition("_")
    return Root.parse(rest.removesuffix(f"_{OUTSIDE}")) if structure == ROOTS else None


def is_surrounding(region: str) -> bool:
    """Whether a region, by its name, lies around the dura or within the cord: modelled, all of it."""
    return region in (DURA, GREY, FAT, BACK, LEAD) or region.startswith(CONTACT)


def beyond_traced(model: Model, part: str, points: Points) -> NDArray[np.float64]:
    """How far beyond what is traced each of some points of a part lies, (n,) mm; 0 where it is traced.

    Of roots along them, of cord, dura and fluid below the last contour.

    Parameters
    ----------
    part : a surface's or region's name.
    points : (n, 3) RAS mm.
    """
    below = model.report.get("cord_modelled" if part == CORD else "dura_modelled")
    if part in (DURA, CSF, CORD) and below is not None:
        return np.maximum((points - np.array(below["from_ras"])) @ np.array(below["downwards_ras"]), 0.0)
    root = root_of(part)
    said = None if root is None else model.report.get("roots", {}).get(str(root))
    if root is None or said is None or root not in model.centrelines or not len(points):
        return np.zeros(len(points))
    return beyond_last(model.centrelines[root], np.array(said["extrapolated"]["from_ras"]), points)


def beyond_last(centreline: Points, last: Points, points: Points) -> NDArray[np.float64]:
    """How far along a root points of it, (n, 3), lie beyond where it was last traced, (n,) mm; 0 above.

    Parameters
    ----------
    centreline : (k, 3) of the root.
    last : (3,) the place on it beside its last annotated point.
    """
    line = subdivided(centreline, _FINE)
    nearest, length = cKDTree(line), arc_length(line)
    return np.maximum(length[nearest.query(points)[1]] - length[nearest.query(last)[1]], 0.0)


def modelled_percent(model: Model, part: str) -> float:
    """The share of a region's surface that lies beyond what is traced, per cent."""
    if is_surrounding(part):
        return 100.0
    surface = model.regions[part]
    beyond = beyond_traced(model, part, surface.corners.mean(axis=1)) > 0
    area = np.linalg.norm(surface.normals(), axis=1)
    return float(100 * area[beyond].sum() / area.sum())
