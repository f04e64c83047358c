"""What a slice view shows: its plane, its size in millimetres, and which way of the body its axes point."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
from numpy.typing import ArrayLike, NDArray

from SpineRootLib.frames import Points

_LETTERS = (("R", "L"), ("A", "P"), ("S", "I"))  # towards and against each axis of RAS


class ViewPlane:
    """The plane of a slice view as it is now, with coordinates of its own: mm from its middle, to the right and up.

    Parameters
    ----------
    node : the slice node.
    """

    def __init__(self, node: Any):
        matrix = slicer.util.arrayFromVTKMatrix(node.GetXYToRAS())
        pixels = np.array(node.GetDimensions()[:2], dtype=np.float64)
        steps = np.linalg.norm(matrix[:3, :2], axis=0)
        self.size = pixels * steps
        self._axes = matrix[:3, :2] / np.where(steps > 0.0, steps, 1.0)
        self._normal = np.cross(self._axes[:, 0], self._axes[:, 1])
        self._middle = matrix[:3, 3] + matrix[:3, :2] @ (pixels / 2)

    def flatten(self, points: ArrayLike) -> Points:
        """RAS points, (n, 3), in the plane, (n, 2) mm."""
        return np.asarray((np.reshape(points, (-1, 3)) - self._middle) @ self._axes)

    def depth(self, points: ArrayLike) -> NDArray[np.float64]:
        """How far RAS points, (n, 3), lie from the plane, (n,) mm; negative behind it."""
        return np.asarray((np.reshape(points, (-1, 3)) - self._middle) @ self._normal)

    def lift(self, flat: ArrayLike) -> Points:
        """Places in the plane, (n, 2) mm, in RAS, (n, 3)."""
        return np.asarray(self._middle + np.reshape(flat, (-1, 2)) @ self._axes.T)

    @property
    def side(self) -> float:
        """The mean of its width and height, mm: what is to be read in narrow views, too, is sized by it."""
        return float(self.size.mean())

    @property
    def letters(self) -> tuple[str, str]:
        """What lies at its left and at its right edge: ``R`` and ``L`` of the subject in an axial view."""
        way = self._axes[:, 0]
        axis = int(np.argmax(np.abs(way)))
        towards, against = _LETTERS[axis] if way[axis] > 0 else _LETTERS[axis][::-1]
        return against, towards
