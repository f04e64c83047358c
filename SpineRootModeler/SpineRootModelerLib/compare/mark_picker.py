"""Which mark lies under the pointer: marks projected into a slice or a 3D view, and the one nearest to a pixel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import slicer
from numpy.typing import ArrayLike, NDArray

from SpineRootLib.frames import Points
from SpineRootLib.place import Place


@dataclass(frozen=True)
class PickSettings:
    """How near a click has to be, in pixels.

    Parameters
    ----------
    reach_px : farther from every mark, a click is on none; a root's mark is about as wide on the screen.
    alike_px : marks that are nearer to the click by less than this count as equally near; of these the one nearest
        to the viewer is taken, and a point before a contour that passes under it.
    """

    reach_px: float = 8.0
    alike_px: float = 3.0


@dataclass(frozen=True, eq=False)
class PickedMark:
    """One point that an annotator placed: a root's, a ganglion, or a control point of a contour; (3,) RAS mm."""

    place: Place
    position: NDArray[np.float64]


class MarkPicker:
    """The marks that a view shows.

    Parameters
    ----------
    marks : places with their points, (n, 3) RAS mm.
    """

    def __init__(self, marks: Iterable[tuple[Place, Points]]):
        listed = [(place, np.asarray(points, dtype=np.float64).reshape(-1, 3)) for place, points in marks]
        self._places = [place for place, points in listed for _point in points]
        self._points = np.concatenate([points for _place, points in listed]) if listed else np.zeros((0, 3))

    def in_slice(self, slice_node: Any, pixel: ArrayLike, settings: PickSettings | None = None) -> PickedMark | None:
        """The mark at a pixel of a slice view, (2,) from its lower left corner; None for none."""
        to_pixels = np.linalg.inv(slicer.util.arrayFromVTKMatrix(slice_node.GetXYToRAS()))
        shown = self._points @ to_pixels[:3, :3].T + to_pixels[:3, 3]
        return self._nearest(shown[:, :2], np.zeros(len(shown)), pixel, settings or PickSettings())

    def in_space(self, renderer: Any, pixel: ArrayLike, settings: PickSettings | None = None) -> PickedMark | None:
        """The mark at a pixel of a 3D view, (2,) from the lower left corner of its window; None for none."""
        camera = renderer.GetActiveCamera()
        matrix = camera.GetCompositeProjectionTransformMatrix(renderer.GetTiledAspectRatio(), -1.0, 1.0)
        shown = np.column_stack([self._points, np.ones(len(self._points))]) @ slicer.util.arrayFromVTKMatrix(matrix).T
        with np.errstate(divide="ignore", invalid="ignore"):
            seen = shown[:, :3] / shown[:, 3:]
        size, origin = np.array(renderer.GetSize()), np.array(renderer.GetOrigin())
        pixels = origin + (seen[:, :2] + 1.0) / 2.0 * size
        pixels[(shown[:, 3] <= 0.0) | (np.abs(seen[:, 2]) > 1.0)] = np.inf  # behind the viewer, or cut away
        return self._nearest(pixels, seen[:, 2], pixel, settings or PickSettings())

    def _nearest(
        self, pixels: NDArray[np.float64], depth: NDArray[np.float64], pixel: ArrayLike, settings: PickSettings
    ) -> PickedMark | None:
        away = np.linalg.norm(pixels - np.asarray(pixel, dtype=np.float64), axis=1)
        if not len(away) or away.min() > settings.reach_px:
            return None
        alike = np.flatnonzero(away <= away.min() + settings.alike_px)
        best = min(alike, key=lambda index: (self._places[index].is_contour, depth[index], away[index]))
        return PickedMark(self._places[best], self._points[best])
