"""One page of a subject's strips, side by side, as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from numpy.typing import ArrayLike, NDArray

from SpineRootLib.anatomy import CORD, DURA, ROOTS, color
from SpineRootLib.atomic import replacing
from SpineRootLib.images import Image
from SpineRootLib.strips.settings import PageSettings, StripSettings
from SpineRootLib.strips.strip import Across, Strip
from SpineRootLib.strips.subject_strips import MarkedStrip
from SpineRootLib.surfaces.rasterizer import Picture, Rgb, blank, write_words

_GREY: Rgb = (0.45, 0.45, 0.45)
_DARKER = 0.75  # colours of roots are made for dark images: so dark they are read on white
_OUTSIDE: Rgb = (0.8, 0.8, 0.8)  # of the image
_EXIT: Rgb = (1.0, 0.1, 0.1)
_EDGES = (DURA, CORD)
_LEGEND = (
    "x: marked; o: proposed, not confirmed; lines: the roots beside it, each in its colour;"
    " dots: edges of dura and cord; red: the lowest slice inside of the dura"
)


def write_page(
    path: Path,
    image: Image,
    strips: Sequence[MarkedStrip],
    title: str,
    strip_settings: StripSettings | None = None,
    settings: PageSettings | None = None,
) -> Path:
    """Draw strips into a PNG file, atomically; `page` says how."""
    picture = page(image, strips, title, strip_settings, settings)
    with replacing(path) as temporary:
        sitk.WriteImage(sitk.GetImageFromArray(picture, isVector=True), str(temporary), useCompression=True)
    return path


def page(
    image: Image,
    strips: Sequence[MarkedStrip],
    title: str,
    strip_settings: StripSettings | None = None,
    settings: PageSettings | None = None,
) -> Picture:
    """The strips side by side, (rows, columns, 3); slices of one number stand at one height.

    Parameters
    ----------
    title : stands above all of them.
    """
    settings = settings or PageSettings()
    pixel_mm = (strip_settings or StripSettings()).pixel_mm
    drawn = [_drawn(each, image, pixel_mm, settings) for each in strips]
    tops = [_top(each.strip, strips, pixel_mm, settings) for each in strips]
    head = 2 * settings.head
    rows = head + max((top + len(each) for top, each in zip(tops, drawn, strict=True)), default=0) + settings.head
    columns = settings.gap + sum(settings.ruler + each.shape[1] + settings.gap for each in drawn)
    sheet = blank(rows, max(columns, 640))
    write_words(sheet, title, 8, settings.gap, settings.letters)
    write_words(sheet, _LEGEND, rows - settings.head + 8, settings.gap, settings.letters - 2, _GREY)
    left = settings.gap
    for each, top, picture in zip(strips, tops, drawn, strict=True):
        left += settings.ruler
        sheet[head + top : head + top + len(picture), left : left + picture.shape[1]] = picture
        _write_head(sheet, each, head, left, picture.shape[1], settings)
        _write_ruler(sheet, each.strip, head + top, left, len(picture), settings)
        left += picture.shape[1] + settings.gap
    return sheet


def _top(strip: Strip, strips: Sequence[MarkedStrip], pixel_mm: float, settings: PageSettings) -> int:
    """The row at which a strip begins, below that of the highest."""
    highest = min(each.strip.first for each in strips)
    return round((strip.first - highest) * strip.planes.spacing / pixel_mm) * settings.zoom


def _drawn(marked: MarkedStrip, image: Image, pixel_mm: float, settings: PageSettings) -> Picture:
    """One strip with what is marked on it."""
    strip = marked.strip
    grey = np.kron(strip.picture(image, pixel_mm), np.ones((settings.zoom, settings.zoom), np.float32))
    picture = _as_picture(grey, settings)
    pens = _Pen(picture, strip)
    for structure in _EDGES:
        for place in marked.edges.get(structure, ()):
            pens.dot(place, color(structure))
    for other, places in marked.others.items():
        pens.line(places, color(ROOTS, other), settings.faint)
    own = (1.0, 1.0, 1.0) if marked.root is None else color(ROOTS, marked.root)
    for place in marked.marks.values():
        pens.cross(place, settings.mark, own)
    for place in marked.proposed.values():
        pens.ring(place, settings.mark, own)
    if marked.exit_slice is not None:
        pens.level(marked.exit_slice + 0.5, _EXIT)
    return picture


def _as_picture(grey: NDArray[np.float32], settings: PageSettings) -> Picture:
    seen = grey[np.isfinite(grey)]
    if not len(seen):
        return np.full((*grey.shape, 3), round(255 * _OUTSIDE[0]), np.uint8)
    low, high = np.percentile(seen, [settings.darkest, settings.brightest])
    levels = np.clip((grey - low) / max(float(high - low), 1e-6), 0.0, 1.0)
    levels = np.where(np.isfinite(grey), levels, _OUTSIDE[0])
    return np.repeat(np.round(255 * levels).astype(np.uint8)[..., None], 3, axis=2)


class _Pen:
    """Draws at places of a strip into its picture."""

    def __init__(self, picture: Picture, strip: Strip):
        self._picture, self._strip = picture, strip

    def pixels(self, places: ArrayLike) -> NDArray[np.float64]:
        """Rows and columns, (n, 2), not rounded."""
        across, number = np.asarray(places, dtype=np.float64).reshape(-1, 2).T
        rows, columns = self._picture.shape[:2]
        row = (number - self._strip.first + 0.5) / len(self._strip.course) * rows
        column = (across / self._strip.half_width_mm + 1.0) / 2.0 * columns
        return np.column_stack([row, column])

    def dot(self, place: ArrayLike, tint: Rgb) -> None:
        """A small square."""
        around = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1], indexing="ij"), axis=-1).reshape(-1, 2)
        self._ink(self.pixels(place) + around, tint)

    def cross(self, place: ArrayLike, half: int, tint: Rgb) -> None:
        """An x."""
        reach = np.arange(-half, half + 1)
        strokes = [np.column_stack([reach, turn * reach]) for turn in (1, -1)]
        self._ink(self.pixels(place) + np.concatenate(strokes), tint)

    def ring(self, place: ArrayLike, radius: int, tint: Rgb) -> None:
        """A circle."""
        angle = np.linspace(0.0, 2.0 * np.pi, 48, endpoint=False)
        self._ink(self.pixels(place) + (radius + 1) * np.column_stack([np.sin(angle), np.cos(angle)]), tint)

    def line(self, places: NDArray[np.float64], tint: Rgb, opacity: float) -> None:
        """A line from place to place, broken where slices are left out."""
        at = self.pixels(places)
        for start, end, step in zip(at, at[1:], np.diff(places[:, 1]), strict=False):
            if step < 1.5:
                count = int(np.ceil(np.abs(end - start).max())) + 1
                self._ink(start + np.linspace(0.0, 1.0, count)[:, None] * (end - start), tint, opacity)

    def level(self, number: float, tint: Rgb) -> None:
        """A line across."""
        row = self.pixels([[0.0, number]])[0, 0]
        columns = np.arange(self._picture.shape[1])
        self._ink(np.column_stack([np.full(len(columns), row), columns]), tint)

    def _ink(self, pixels: NDArray[np.float64], tint: Rgb, opacity: float = 1.0) -> None:
        at = np.floor(pixels).astype(int)
        at = at[np.all((at >= 0) & (at < self._picture.shape[:2]), axis=1)]
        row, column = np.unique(at, axis=0).T if len(at) else (at[:, 0], at[:, 1])
        mixed = (1.0 - opacity) * self._picture[row, column] + opacity * 255.0 * np.array(tint)
        self._picture[row, column] = np.round(mixed)


def _write_head(sheet: Picture, marked: MarkedStrip, head: int, left: int, width: int, settings: PageSettings) -> None:
    """The title, and the letters of the sides."""
    red, green, blue = (0.0, 0.0, 0.0) if marked.root is None else color(ROOTS, marked.root)
    tint = (_DARKER * red, _DARKER * green, _DARKER * blue)
    write_words(sheet, marked.title, settings.head, left, settings.letters, tint)
    letters = ("R", "L") if marked.strip.across is Across.LEFT_RIGHT else ("A", "P")
    for letter, place in zip(letters, (left, left + width - settings.letters), strict=True):
        write_words(sheet, letter, head - settings.letters, place, settings.letters - 3, _GREY)


def _write_ruler(sheet: Picture, strip: Strip, top: int, left: int, rows: int, settings: PageSettings) -> None:
    """A tick at the middle of each slice, longer and numbered every few."""
    for number in range(strip.first, strip.last + 1):
        row = top + int((number - strip.first + 0.5) / len(strip.course) * rows)
        is_numbered = number % settings.tick_every == 0
        sheet[row, left - (6 if is_numbered else 3) : left] = np.round(255 * np.array(_GREY))
        if is_numbered:
            write_words(sheet, str(number), row - 7, left - settings.ruler + 2, settings.letters - 3, _GREY)


def told(strips: Iterable[MarkedStrip]) -> list[str]:
    """What each strip shows, a line each."""
    lines = []
    for each in strips:
        counts = f"{len(each.marks)} marked, {len(each.proposed)} proposed" if each.root else "dura and cord"
        lines.append(f"{each.title}: slices {each.strip.first}-{each.strip.last}, {counts}")
    return lines
