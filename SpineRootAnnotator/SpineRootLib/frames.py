"""The one place where coordinate frames are converted: RAS inside, LPS in files."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from SpineRootLib.errors import SpineRootError

Points = NDArray[np.float64]

_FLIP = np.array([-1.0, -1.0, 1.0])
# Slicer's numeric codes of vtkMRMLStorageNode: CoordinateSystemRAS = 0, CoordinateSystemLPS = 1.
_SYSTEMS = {"RAS": 1, "0": 1, "LPS": -1, "1": -1}


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
    system : ``"RAS"``, ``"LPS"`` or Slicer's old numeric codes 0 (RAS) and 1 (LPS).

    Raises
    ------
    SpineRootError
        if the frame is neither.
    """
    sign = _SYSTEMS.get(str(system).strip().upper())
    if sign is None:
        raise SpineRootError(f"unknown coordinate system '{system}' (RAS or LPS)")
    return as_points(points) if sign == 1 else flip_ras_lps(as_points(points))
