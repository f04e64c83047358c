"""A picture of a subject's model from behind, drawn without OpenGL, so that every machine of a cluster can do it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from SpineRootLib.anatomy import CORD, DURA, ROOTS, Root, color
from SpineRootLib.atomic import replacing
from SpineRootLib.errors import DatasetError
from SpineRootLib.surfaces import Model, Surface

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class PortraitSettings:
    """How a model is drawn.

    Parameters
    ----------
    pixels_per_mm : the same for all subjects, so that their pictures stand side by side.
    width_mm : of the picture, the middle of the dura in the middle: the ganglia lie up to 30 mm aside.
    oversampling : pixels a side that are averaged into one.
    dura_opacity : of its front wall, 0..1.
    """

    pixels_per_mm: float = 4.0
    width_mm: float = 70.0
    oversampling: int = 2
    dura_opacity: float = 0.35


_BACKGROUND = np.array([1.0, 1.0, 1.0])
# from behind, above and the left of the viewer
_LIGHT = np.array([-0.35, -0.80, 0.50]) / np.linalg.norm([-0.35, -0.80, 0.50])
_AMBIENT = 0.45


def portrait(model: Model, settings: PortraitSettings | None = None) -> Picture:
    """The model seen from behind, (rows, columns, 3): the subject's left is on the left, the top row is the highest
    plane of the dura (of everything, without a dura)."""
    settings = settings or PortraitSettings()
    reference = model.parts.get(DURA) or next(iter(model.parts.values()))
    low, high = reference.vertices.min(axis=0), reference.vertices.max(axis=0)
    bottom = min(float(surface.vertices[:, 2].min()) for surface in model.parts.values())
    corner = np.array([(low[0] + high[0] - settings.width_mm) / 2, high[2]])
    canvas, veil = (_Canvas(settings, corner, float(high[2]) - bottom) for _ in range(2))
    for surface, tint in _solid(model):
        canvas.draw(surface, tint)
    if DURA in model.parts:
        veil.draw(model.parts[DURA], color(DURA))
        canvas.cover(veil, settings.dura_opacity)
    return canvas.picture(settings.oversampling)


def write_picture(path: Path, picture: Picture) -> Path:
    """Write a picture, (rows, columns, 3), as PNG, atomically."""
    with replacing(path) as temporary:
        sitk.WriteImage(sitk.GetImageFromArray(picture, isVector=True), str(temporary), useCompression=True)
    return path


def read_picture(path: Path) -> Picture:
    """Read a picture, (rows, columns, 3).

    Raises
    ------
    DatasetError
        if it cannot be read as a picture in colours.
    """
    try:
        picture = np.asarray(sitk.GetArrayFromImage(sitk.ReadImage(str(path))))
    except RuntimeError:  # SimpleITK's own words go on over several lines
        raise DatasetError("cannot be read as a picture", path) from None
    if picture.ndim != 3 or picture.shape[2] < 3:
        raise DatasetError("is no picture in colours", path)
    return picture[..., :3]


class _Canvas:
    """Colours and depths of pixels; what lies nearer to the viewer, who is behind the subject, hides the rest."""

    def __init__(self, settings: PortraitSettings, corner: NDArray[np.float64], height_mm: float):
        rows, columns = (
            int(np.ceil(size * settings.pixels_per_mm + 1)) * settings.oversampling
            for size in (height_mm, settings.width_mm)
        )
        self._scale = settings.pixels_per_mm * settings.oversampling
        self._corner = corner
        self._depth = np.full((rows, columns), np.inf)
        self._color = np.broadcast_to(_BACKGROUND, (rows, columns, 3)).copy()

    def draw(self, surface: Surface, tint: tuple[float, float, float]) -> None:
        """Draw a surface, lit, in front of what lies behind it."""
        points, normals = _samples(surface, 1.0 / self._scale)
        rows, columns = self._depth.shape
        column, row = ((points[:, [0, 2]] - self._corner) * [self._scale, -self._scale]).T
        seen = np.flatnonzero((row >= 0) & (row < rows) & (column >= 0) & (column < columns))
        pixel, depth = row[seen].astype(np.int64) * columns + column[seen].astype(np.int64), points[seen, 1]
        order = np.argsort(-depth)
        order = order[depth[order] < self._depth.flat[pixel[order]]]
        # of several points on a pixel the last one stays, which is the nearest
        chosen = np.full(rows * columns, -1)
        chosen[pixel[order]] = order
        drawn = np.flatnonzero(chosen >= 0)
        self._depth.flat[drawn] = depth[chosen[drawn]]
        self._color.reshape(-1, 3)[drawn] = _shaded(normals[seen[chosen[drawn]]], tint)

    def cover(self, veil: _Canvas, opacity: float) -> None:
        """Lay a translucent surface over what is drawn behind it."""
        over = veil._depth < self._depth
        self._color[over] = (1 - opacity) * self._color[over] + opacity * veil._color[over]

    def picture(self, oversampling: int) -> Picture:
        """The pixels, averaged in squares."""
        rows, columns, _ = self._color.shape
        squares = self._color.reshape(rows // oversampling, oversampling, columns // oversampling, oversampling, 3)
        return np.asarray(np.round(255 * squares.mean(axis=(1, 3))), dtype=np.uint8)


def _solid(model: Model) -> Iterator[tuple[Surface, tuple[float, float, float]]]:
    for name, surface in model.parts.items():
        if name == CORD:
            yield surface, color(CORD)
        elif name.startswith(ROOTS):
            root = Root.parse(name.removeprefix(f"{ROOTS}_"))
            yield surface, color(ROOTS, root)


def _samples(surface: Surface, step: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points on what the viewer sees of a surface, about `step` mm apart, (n, 3), and the unit normals, (n, 3)."""
    normals = surface.normals()
    facing = normals[:, 1] < 0
    corners, normals = surface.corners[facing], normals[facing]
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    cuts = np.maximum(np.ceil(edges / step).astype(int), 1)
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    points, directions = [], []
    for cut in np.unique(cuts):
        chosen = cuts == cut
        first, second = np.divmod(np.arange((cut + 1) ** 2), cut + 1)
        inside = first + second <= cut
        weights = np.column_stack([first, second, cut - first - second])[inside] / cut
        spread = np.einsum("wk,tkd->twd", weights, corners[chosen])
        points.append(spread.reshape(-1, 3))
        directions.append(np.repeat(normals[chosen], len(weights), axis=0))
    return np.concatenate(points), np.concatenate(directions)


def _shaded(normals: NDArray[np.float64], tint: tuple[float, float, float]) -> NDArray[np.float64]:
    """Colours, (n, 3), of matt surfaces with a little shine, lit from behind the viewer."""
    facing = np.clip(normals @ _LIGHT, 0.0, 1.0)
    shine = 0.18 * facing**20
    return np.clip(np.outer(_AMBIENT + (1 - _AMBIENT) * facing, tint) + shine[:, None], 0.0, 1.0)
