"""A picture of a model: seen from behind and from the left, with a legend, a scale, and what is extrapolated or amiss.

The dura is translucent. Roots have the colours of their segments: solid as far as they are traced, dashed and pale
where they are extrapolated to their ganglion. A red ring marks each conflict.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from SpineRootLib.anatomy import CORD, CSF, DURA, ROOTS, color
from SpineRootLib.atomic import replacing
from SpineRootLib.errors import DatasetError
from SpineRootLib.surfaces.model import Model
from SpineRootLib.surfaces.modelled import beyond_traced, root_of
from SpineRootLib.surfaces.rasterizer import Canvas, Picture, Rgb, View, blank, paint, write_words

_RIGHT, _ANTERIOR, _SUPERIOR = np.eye(3)
# title, what the viewer looks along, and the letters at the edges
_BEHIND = ("from behind", View(_RIGHT, _ANTERIOR, _SUPERIOR), ("L", "R"))
_LEFT = ("from the left", View(-_ANTERIOR, _RIGHT, _SUPERIOR), ("A", "P"))
_CONFLICT: Rgb = (0.85, 0.0, 0.10)
_GREY: Rgb = (0.45, 0.45, 0.45)
_INK: Rgb = (0.15, 0.15, 0.15)
_EXTRAPOLATED = "extrapolated"
_CONFLICTS = "conflict"


@dataclass(frozen=True)
class RenderingSettings:
    """How a model is drawn; all by eye.

    Parameters
    ----------
    pixels_per_mm : the same for all subjects, so that their pictures stand side by side.
    width_mm : of each view, the middle of the dura in the middle: the ganglia lie up to 30 mm aside.
    oversampling : pixels a side that are averaged into one.
    dura_opacity : of the wall that is nearer to the viewer, 0..1.
    dash_mm, gap_mm : along a root where it is extrapolated.
    paleness : of an extrapolated root: 0 has the colour of its segment, 1 is white.
    ring_mm, line_mm : radius and width of the ring around a conflict.
    letters, row, swatch, head, legend : sizes in pixels of the letters, of a row of the legend and of its swatches, of
        the head above the views, and the legend's width.
    bar_mm : the scale.
    """

    pixels_per_mm: float = 5.0
    width_mm: float = 70.0
    oversampling: int = 2
    dura_opacity: float = 0.35
    dash_mm: float = 2.4
    gap_mm: float = 1.6
    paleness: float = 0.45
    ring_mm: float = 2.0
    line_mm: float = 0.55
    letters: int = 17
    row: int = 26
    swatch: int = 40
    head: int = 64
    legend: int = 190
    bar_mm: float = 20.0


def write_rendering(model: Model, path: Path, settings: RenderingSettings | None = None) -> Path:
    """Draw a model into a PNG file, atomically."""
    picture = render(model, settings)
    with replacing(path) as temporary:
        sitk.WriteImage(sitk.GetImageFromArray(picture, isVector=True), str(temporary), useCompression=True)
    return path


def read_view_from_behind(path: Path, settings: RenderingSettings | None = None) -> Picture:
    """The view from behind, (rows, columns, 3), out of a picture that `write_rendering` wrote, without its head.

    Raises
    ------
    DatasetError
        if the file cannot be read as such a picture.
    """
    settings = settings or RenderingSettings()
    try:
        picture = np.asarray(sitk.GetArrayFromImage(sitk.ReadImage(str(path))))
    except RuntimeError:  # SimpleITK's own words go on over several lines
        raise DatasetError("cannot be read as a picture", path) from None
    width = _width(settings)
    if picture.ndim != 3 or picture.shape[2] < 3 or picture.shape[0] <= settings.head or picture.shape[1] < width:
        raise DatasetError("is no picture of a model", path)
    view = picture[settings.head :, :width, :3]
    inked = np.flatnonzero((view < 255).any(axis=(1, 2)))
    return view[: inked[-1] + 1] if len(inked) else view


def render(model: Model, settings: RenderingSettings | None = None) -> Picture:
    """The picture of a model, (rows, columns, 3), the two views beside each other, the legend to their right.

    The top row of the views is the highest plane of the dura, or of everything where there is no dura.
    """
    settings = settings or RenderingSettings()
    views = [_Drawing(model, view, settings).picture() for _, view, _ in (_BEHIND, _LEFT)]
    width, rows = _width(settings), len(views[0])
    entries = _entries(model)
    least = (len(entries) + 2) * settings.row + round(settings.bar_mm * settings.pixels_per_mm)
    sheet = blank(settings.head + max(rows, least), 2 * width + settings.legend)
    for index, ((title, _, edges), view) in enumerate(zip((_BEHIND, _LEFT), views, strict=True)):
        left = index * width
        sheet[settings.head : settings.head + rows, left : left + width] = view
        write_words(sheet, title, 8, left + width // 2 - 50, settings.letters)
        for letter, place in zip(edges, (left + 12, left + width - 28), strict=True):
            write_words(sheet, letter, 8 + settings.row, place, settings.letters, _GREY)
    write_words(sheet, f"sub-{model.subject}", 8, 2 * width + 12, settings.letters)
    _draw_legend(sheet, entries, 2 * width + 12, settings)
    _draw_scale(sheet, 2 * width + 12, settings)
    return sheet


def part_color(name: str) -> Rgb:
    """The colour of a part by its name, such as ``cord`` or ``nerveroots_L1_L``."""
    root = root_of(name)
    return color(name) if root is None else color(ROOTS, root)


class _Drawing:
    """One view of a model."""

    def __init__(self, model: Model, view: View, settings: RenderingSettings) -> None:
        self.model, self.view, self.settings = model, view, settings
        reference = model.parts.get(DURA) or next(iter(model.parts.values()))
        seen = view.seen(reference.vertices)
        bottom = min(float(surface.vertices[:, 2].min()) for surface in model.parts.values())
        top = float(reference.vertices[:, 2].max())
        self.corner = np.array([(seen[:, 0].min() + seen[:, 0].max() - settings.width_mm) / 2, top])
        self.size = (settings.width_mm, top - bottom + 1.0 / settings.pixels_per_mm)

    def picture(self) -> Picture:
        """The pixels."""
        canvas = self._canvas()
        for name, surface in self.model.parts.items():
            if name in (DURA, CSF):
                continue
            samples, tint = canvas.samples(surface, beyond_traced(self.model, name, surface.vertices)), part_color(name)
            canvas.draw(samples.chosen(samples.values <= 0), tint)
            on_dash = samples.values % (self.settings.dash_mm + self.settings.gap_mm) >= self.settings.gap_mm
            canvas.draw(samples.chosen((samples.values > 0) & on_dash), _paler(tint, self.settings.paleness))
        if DURA in self.model.parts:
            veil, dura = self._canvas(), self.model.parts[DURA]
            samples = veil.samples(dura, beyond_traced(self.model, DURA, dura.vertices))
            veil.draw(samples.chosen(samples.values <= 0), color(DURA))
            veil.draw(samples.chosen(samples.values > 0), _paler(color(DURA), self.settings.paleness))
            canvas.cover(veil, self.settings.dura_opacity)
        for conflict in self.model.report.get("conflicts", []):
            place, line = np.array(conflict["position_ras"]), self.settings.line_mm
            canvas.ring(place, self.settings.ring_mm, 2 * line, (1.0, 1.0, 1.0))
            canvas.ring(place, self.settings.ring_mm, line, _CONFLICT)
        return canvas.picture()

    def _canvas(self) -> Canvas:
        return Canvas(self.view, self.corner, self.size, self.settings.pixels_per_mm, self.settings.oversampling)


def _width(settings: RenderingSettings) -> int:
    """The width of a view, pixels."""
    return int(np.ceil(settings.width_mm * settings.pixels_per_mm))


def _paler(tint: Rgb, paleness: float) -> Rgb:
    red, green, blue = ((1 - paleness) * channel + paleness for channel in tint)
    return red, green, blue


def _entries(model: Model) -> list[tuple[str, list[Rgb]]]:
    """The rows of the legend: a name, and the colours of its swatches."""
    rows: list[tuple[str, list[Rgb]]] = [(name, [part_color(name)]) for name in (DURA, CORD) if name in model.parts]
    by_segment: dict[str, list[Rgb]] = {}
    for name in model.parts:
        root = root_of(name)
        if root is not None:
            by_segment.setdefault(root.segment, []).append(part_color(name))
    rows += [(f"root {segment}", tints) for segment, tints in by_segment.items()]
    if model.report.get("roots"):
        rows.append((_EXTRAPOLATED, [_paler(_GREY, 0.3)]))
    conflicts = len(model.report.get("conflicts", []))
    if conflicts:
        rows.append((f"{_CONFLICTS} ({conflicts})", [_CONFLICT]))
    return rows


def _draw_legend(sheet: Picture, entries: list[tuple[str, list[Rgb]]], left: int, settings: RenderingSettings) -> None:
    top, high = settings.head, settings.row - 10
    for index, (words, tints) in enumerate(entries):
        row = top + index * settings.row
        if words == _EXTRAPOLATED:
            for dash in range(3):
                paint(
                    sheet,
                    row + high // 3,
                    left + dash * settings.swatch // 3,
                    high // 3,
                    settings.swatch // 5,
                    tints[0],
                )
        elif words.startswith(_CONFLICTS):
            _draw_ring(sheet, row + high // 2, left + settings.swatch // 2, high // 2)
        else:
            for place, tint in enumerate(tints):
                wide = settings.swatch // len(tints)
                paint(sheet, row, left + place * wide, high, wide - 1, tint)
        write_words(sheet, words, row - 1, left + settings.swatch + 10, settings.letters - 2)


def _draw_ring(sheet: Picture, row: int, column: int, radius: int) -> None:
    rows, columns = np.ogrid[: sheet.shape[0], : sheet.shape[1]]
    away = np.hypot(rows - row, columns - column)
    sheet[np.abs(away - radius + 1) < 1.5] = np.round(255 * np.array(_CONFLICT))


def _draw_scale(sheet: Picture, left: int, settings: RenderingSettings) -> None:
    """A bar at the lower right, and its length."""
    high = round(settings.bar_mm * settings.pixels_per_mm)
    top = len(sheet) - high - 10
    paint(sheet, top, left, high, 4, _INK)
    for end in (top, top + high - 3):
        paint(sheet, end, left - 4, 3, 12, _INK)
    write_words(sheet, f"{settings.bar_mm:g} mm", top + high // 2 - 8, left + 14, settings.letters)
