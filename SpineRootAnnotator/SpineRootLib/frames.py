"""The one place where coordinate frames are converted: RAS inside, LPS in files."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from SpineRootLib.errors import SpineRootError

Points = NDArray[np.float64]

_FLIP = np.array([-1.0, -1.0, 1.0])
# As Slicer's own reader of markups takes them, the codes of vtkMRMLStorageNode among them: CoordinateSystemRAS = 0,
# CoordinateSystemLPS = 1. It takes the JSON number 0 for LPS and "lps" for RAS: what is meant cannot be told.
_SYSTEMS: dict[object, int] = {"RAS": 1, "0": 1, "LPS": -1, "1": -1, 1: -1}


def as_points(values: ArrayLike) -> Points:
    """Values as float64 of shape (n, 3); an empty list gives (0, 3)."""
    points = np.asarray(values, dtype=np.float64)
    return points.reshape(-1, 3)


def flip_ras_lps(points: ArrayLike) -> Points:
    """RAS to LPS or LPS to RAS (the same operation), shape (n, 3) kept exactly but for the signs of x and y."""
    return np.asarray(points, dtype=np.float64) * _FLIP + 0.0  # + 0.0: no negative zeros in files


def to_ras(points: ArrayLike, system: str | int) -> Points:
    """Points of a file as RAS.

    Parameters
    ----------
    points : (n, 3) mm in the frame `system`.
    system : ``"RAS"``, ``"LPS"`` or Slicer's old codes ``"0"`` (RAS), ``"1"`` and 1 (LPS).

    Raises
    ------
    SpineRootError
        if the frame is none of these, or one that Slicer takes for another than it says.
    """
    sign = _SYSTEMS.get(system) if isinstance(system, (str, int)) and not isinstance(system, bool) else None
    if sign is None:
        known = str(system).strip().upper() in ("RAS", "LPS", "0", "1")
        why = "which Slicer may take for the other one" if known else "which is not known"
        raise SpineRootError(f"states the coordinate system {system!r}, {why}: it has to be 'LPS' or 'RAS'")
    return as_points(points) if sign == 1 else flip_ras_lps(as_points(points))
