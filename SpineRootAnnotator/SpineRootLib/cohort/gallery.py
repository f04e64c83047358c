"""All models of a cohort side by side, their duras' highest planes at one level, as in Liu et al. 2024, Figure 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from SpineRootLib.anatomy import ROOTS, Root, color
from SpineRootLib.figures import PAGE_MM, drawn
from SpineRootLib.progress import Progress, report
from SpineRootLib.surfaces.rasterizer import Picture
from SpineRootLib.surfaces.rendering import RenderingSettings, read_view_from_behind
from SpineRootLib.translation import _

# models in a row and rows on a sheet
COLUMNS, ROWS = 7, 2
_GAP_MM, _LEGEND_MM = 4.0, 6.0
# of the width that a segment's name takes in the legend
_NAME_MM = 8.5


def write_gallery(
    folder: Path, pictures: Mapping[str, Path], segments: Sequence[str], progress: Progress | None = None
) -> list[Path]:
    """Draw the pictures of models, by subject, seen from behind at one scale, on as many sheets as it takes."""
    sheet, drawn_ones = COLUMNS * ROWS, list(pictures.items())
    sheets = [drawn_ones[start : start + sheet] for start in range(0, len(drawn_ones), sheet)]
    files = []
    for number, chosen in enumerate(sheets, start=1):
        report(progress, (number - 1) / len(sheets), f"gallery {number} of {len(sheets)}")
        name = "group_models.png" if len(sheets) == 1 else f"group_models-{number}.png"
        files.append(
            _draw(folder / name, [(f"sub-{each}", read_view_from_behind(path)) for each, path in chosen], segments)
        )
    return files


def _draw(path: Path, pictures: Sequence[tuple[str, Picture]], segments: Sequence[str]) -> Path:
    settings = RenderingSettings()
    columns = min(COLUMNS, len(pictures))
    rows = [pictures[start : start + columns] for start in range(0, len(pictures), columns)]
    heights = [max(len(picture) for _, picture in row) / settings.pixels_per_mm for row in rows]
    scale = PAGE_MM / (COLUMNS * settings.width_mm)
    height = sum(heights) * scale + _GAP_MM * len(rows) + _LEGEND_MM
    one = settings.width_mm * scale
    width = max(columns * one, _NAME_MM * (len(segments) + 2))
    with drawn(path, width, height, layout=None) as figure:
        top = height
        for row, tall in zip(rows, heights, strict=True):
            top -= _GAP_MM
            for column, (name, picture) in enumerate(row):
                low = (len(picture) / settings.pixels_per_mm) * scale
                left = ((width - columns * one) / 2 + column * one) / width
                axis = figure.add_axes((left, (top - low) / height, one / width, low / height))
                axis.imshow(picture, interpolation="lanczos")
                axis.set_axis_off()
                figure.text(left + 0.5 * one / width, (top + 0.8) / height, name, ha="center", fontsize=7)
            top -= tall * scale
        _draw_bar(figure, scale, width, height)
        _draw_legend(figure, segments, height)
    return path


def _draw_bar(figure: Any, scale: float, width: float, height: float) -> None:
    """A bar of 50 mm beside the first model."""
    from matplotlib.lines import Line2D

    high, long = 1 - (_GAP_MM + 3) / height, 50 * scale / height
    figure.add_artist(Line2D([2.0 / width, 2.0 / width], [high - long, high], color="black", linewidth=1.2))
    figure.text(3.0 / width, high - long / 2, "50 mm", rotation=90, va="center", fontsize=6)


def _draw_legend(figure: Any, segments: Sequence[str], height: float) -> None:
    """The colours of the segments, and what is dashed, below the models."""
    from matplotlib.lines import Line2D

    lines = [Line2D([], [], linewidth=2.5, color=color(ROOTS, Root(segment, "L"))) for segment in segments]
    lines.append(Line2D([], [], linewidth=1.5, color="0.5", linestyle=(0, (1.2, 0.8))))
    names = [*segments, _("extrapolated")]
    place = {"loc": "lower center", "bbox_to_anchor": (0.5, 0.5 / height), "ncols": len(names)}
    figure.legend(lines, names, fontsize=6, handlelength=1.0, handletextpad=0.4, columnspacing=1.0, **place)
