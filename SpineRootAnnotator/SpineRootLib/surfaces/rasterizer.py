"""Draws surfaces, rings, bars and words into pixels, without OpenGL, so that every machine can do it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.frames import Points
from SpineRootLib.surfaces.mesh import Surface

Picture = NDArray[np.uint8]
Rgb = tuple[float, float, float]

_BACKGROUND = (1.0, 1.0, 1.0)
# how a matt surface with a little shine looks; by eye
_LIGHT = np.array([-0.35, -0.80, 0.50]) / np.linalg.norm([-0.35, -0.80, 0.50])
_AMBIENT, _SHINE, _GLOSS = 0.45, 0.18, 20
# VTK sizes letters in points of 1/72 inch: at this resolution one is a pixel
_LETTERS_DPI = 72


@dataclass(frozen=True, eq=False)
class View:
    """Where a parallel projection looks from.

    Parameters
    ----------
    right, away, up : (3,) unit vectors, RAS: to the right of the picture, from the viewer, to its top.
    """

    right: NDArray[np.float64]
    away: NDArray[np.float64]
    up: NDArray[np.float64]

    def seen(self, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Vectors or points, (n, 3) RAS, as they are seen: to the right, away from the viewer, up."""
        return vectors @ np.column_stack([self.right, self.away, self.up])


@dataclass(frozen=True, eq=False)
class Samples:
    """Points on a surface, (n, 3), with the surface's unit normals, (n, 3), and values, (n,), there."""

    points: Points
    normals: NDArray[np.float64]
    values: NDArray[np.float64]

    def chosen(self, which: NDArray[np.bool_]) -> Samples:
        """The points marked."""
        return Samples(self.points[which], self.normals[which], self.values[which])


class Canvas:
    """Colours and depths of pixels; what lies nearer to the viewer hides the rest.

    Parameters
    ----------
    corner : (2,) mm to the right and up of the upper left corner of the picture.
    size_mm : (2,) its width and height.
    pixels_per_mm : of the finished picture; `oversampling` pixels a side are averaged into one.
    """

    def __init__(
        self,
        view: View,
        corner: NDArray[np.float64],
        size_mm: tuple[float, float],
        pixels_per_mm: float,
        oversampling: int,
    ):
        columns, rows = (int(np.ceil(size * pixels_per_mm)) * oversampling for size in size_mm)
        self._view, self._corner, self._oversampling = view, corner, oversampling
        self._scale = pixels_per_mm * oversampling
        self._depth = np.full((rows, columns), np.inf)
        self._color = np.broadcast_to(np.array(_BACKGROUND), (rows, columns, 3)).copy()
        self._drawn = np.empty(rows * columns, np.int64)

    def samples(self, surface: Surface, values: NDArray[np.float64]) -> Samples:
        """Points on what is seen of a surface, so close that none of its pixels is missed.

        Parameters
        ----------
        values : (v,) of the surface's vertices.
        """
        return _samples(surface, values, self._view.away, 1.0 / self._scale)

    def draw(self, samples: Samples, tint: Rgb) -> None:
        """Draw points of a surface, lit, in front of what lies behind them."""
        right, away, up = self._view.seen(samples.points).T
        rows, columns = self._depth.shape
        column, row = (right - self._corner[0]) * self._scale, (self._corner[1] - up) * self._scale
        seen = np.flatnonzero((row >= 0) & (row < rows) & (column >= 0) & (column < columns))
        pixel, depth = row[seen].astype(np.int64) * columns + column[seen].astype(np.int64), away[seen]
        order = np.argsort(-depth)
        order = order[depth[order] < self._depth.flat[pixel[order]]]
        # of several points on a pixel the last one stays, which is the nearest
        self._drawn[pixel[order]] = order
        nearest = order[self._drawn[pixel[order]] == order]
        self._depth.flat[pixel[nearest]] = depth[nearest]
        self._color.reshape(-1, 3)[pixel[nearest]] = _shaded(self._view.seen(samples.normals[seen[nearest]]), tint)

    def cover(self, veil: Canvas, opacity: float) -> None:
        """Lay a translucent surface over what is drawn behind it."""
        over = veil._depth < self._depth
        self._color[over] = (1 - opacity) * self._color[over] + opacity * veil._color[over]

    def ring(self, place: NDArray[np.float64], radius_mm: float, width_mm: float, tint: Rgb) -> None:
        """A ring around a place, (3,), over everything else."""
        right, _, up = self._view.seen(place[None])[0]
        middle = np.array([self._corner[1] - up, right - self._corner[0]])
        reach = radius_mm + width_mm
        low = np.maximum((middle - reach) * self._scale, 0).astype(np.int64)
        high = np.maximum((middle + reach) * self._scale, 0).astype(np.int64)
        window = self._color[low[0] : high[0], low[1] : high[1]]
        rows, columns = np.indices(window.shape[:2]) / self._scale
        away = np.hypot(rows + low[0] / self._scale - middle[0], columns + low[1] / self._scale - middle[1])
        window[np.abs(away - radius_mm) < width_mm / 2] = tint

    def picture(self) -> Picture:
        """The pixels, (rows, columns, 3), averaged in squares."""
        rows, columns, _ = self._color.shape
        side = self._oversampling
        squares = self._color.reshape(rows // side, side, columns // side, side, 3)
        return np.asarray(np.round(255 * squares.mean(axis=(1, 3))), dtype=np.uint8)


def blank(rows: int, columns: int) -> Picture:
    """A white picture."""
    return np.full((rows, columns, 3), 255, dtype=np.uint8)


def paint(picture: Picture, top: int, left: int, height: int, width: int, tint: Rgb) -> None:
    """Fill a rectangle of a picture."""
    picture[top : top + height, left : left + width] = np.round(255 * np.array(tint))


def write_words(picture: Picture, words: str, top: int, left: int, size: int, tint: Rgb = (0.1, 0.1, 0.1)) -> None:
    """Write a line of words into a picture, their upper left corner at a pixel; what runs over its edge is cut."""
    letters = _letters(words, size)[: picture.shape[0] - top, : picture.shape[1] - left, None]
    place = picture[top : top + letters.shape[0], left : left + letters.shape[1]]
    place[:] = np.round((1 - letters) * place + letters * 255 * np.array(tint))


def _letters(words: str, size: int) -> NDArray[np.float64]:
    """How far each pixel of a line of words is inked, (rows, columns), 0..1."""
    # the module that knows how to draw letters registers itself on import
    import vtkmodules.vtkRenderingFreeType  # noqa: F401
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkRenderingCore import vtkTextProperty, vtkTextRenderer

    look = vtkTextProperty()
    look.SetFontFamilyToArial()
    look.SetFontSize(size)
    image, extent = vtkImageData(), [0, 0]
    vtkTextRenderer.GetInstance().RenderString(look, words, image, extent, _LETTERS_DPI)
    columns, rows, _ = image.GetDimensions()
    ink = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(rows, columns, -1)[..., -1] / 255.0
    return np.asarray(ink[extent[1] - 1 :: -1, : extent[0]] if extent[1] < rows else ink[::-1, : extent[0]])


def _samples(surface: Surface, values: NDArray[np.float64], away: NDArray[np.float64], step: float) -> Samples:
    """Points on what faces the viewer of a surface, about `step` mm apart."""
    normals = surface.normals()
    facing = normals @ away < 0
    corners, normals, at_corners = surface.corners[facing], normals[facing], values[surface.triangles[facing]]
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    cuts = np.maximum(np.ceil(edges / step).astype(int), 1)
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    parts = []
    for cut in np.unique(cuts):
        alike = cuts == cut
        first, second = np.divmod(np.arange((cut + 1) ** 2), cut + 1)
        inside = first + second <= cut
        weights = np.column_stack([first, second, cut - first - second])[inside] / cut
        points, spread = weights @ corners[alike], at_corners[alike] @ weights.T
        parts.append((points.reshape(-1, 3), np.repeat(normals[alike], len(weights), axis=0), spread.ravel()))
    return Samples(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _shaded(normals: NDArray[np.float64], tint: Rgb) -> NDArray[np.float64]:
    """Colours, (n, 3), of surfaces with unit normals, (n, 3) as seen, lit from behind the viewer."""
    facing = np.clip(normals @ _LIGHT, 0.0, 1.0)
    shine = _SHINE * facing**_GLOSS
    return np.clip(np.outer(_AMBIENT + (1 - _AMBIENT) * facing, tint) + shine[:, None], 0.0, 1.0)
