"""Violins of SNR and CNR, of a subject and of a cohort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.figures import COLUMN_MM, PAGE_MM, drawn
from SpineRootLib.quality.slices import SliceQuality

MEASURES = {"snr": "SNR", "cnr": "CNR"}
# Blue and vermilion of Okabe and Ito (2008), apart for colour-blind readers; others repeat them.
_COLORS = ("#0072B2", "#D55E00", "#009E73")
_INK, _LIMIT = "#333333", "#999999"
# A violin of fewer slices would show more shape than is known.
_LEAST_SLICES = 8


def subject_figure(path: Path, rows: Sequence[SliceQuality], limit: float, title: str = "") -> Path:
    """Violins of a subject's slices, SNR and CNR side by side, one violin an image, a dot a slice.

    Raises
    ------
    MissingExtraError
        if matplotlib is not installed.
    """
    images = _images(rows)
    with drawn(path, COLUMN_MM, 60.0) as figure:
        axes = figure.subplots(1, 2)
        for axis, (measure, name) in zip(axes, MEASURES.items(), strict=True):
            for place, image in enumerate(images):
                _violin(axis, place, _values(rows, image, measure), _color(images, image), 0.8)
            _finish(axis, name, limit, images)
        axes[0].set_title(title)
    return path


def cohort_figure(path: Path, subjects: Mapping[str, Sequence[SliceQuality]], limit: float) -> Path:
    """Violins of every subject's slices, a row for SNR and CNR of each image, all slices together at the right.

    Parameters
    ----------
    subjects : the rows of each subject by label.
    """
    together = [row for rows in subjects.values() for row in rows]
    images = _images(together)
    labels = list(subjects)
    panels = [(measure, image) for image in images for measure in MEASURES]
    with drawn(path, PAGE_MM, 12.0 + 38.0 * len(panels)) as figure:
        for axis, (measure, image) in zip(figure.subplots(len(panels), 1, squeeze=False)[:, 0], panels, strict=True):
            color = _color(images, image)
            for place, label in enumerate(labels):
                _violin(axis, place, _values(subjects[label], image, measure), color, 0.8)
            _violin(axis, len(labels) + 0.5, _values(together, image, measure), _INK, 0.9, dots=False)
            axis.axvline(len(labels) - 0.25, color=_LIMIT, linewidth=0.4)
            _finish(axis, MEASURES[measure], limit, [*labels, "all"], [*range(len(labels)), len(labels) + 0.5])
            axis.set_title(f"{image}: {MEASURES[measure]} of every slice, by subject")
    return path


def _images(rows: Sequence[SliceQuality]) -> list[str]:
    return list(dict.fromkeys(row.image for row in rows))


def _color(images: Sequence[str], image: str) -> str:
    return _COLORS[images.index(image) % len(_COLORS)]


def _values(rows: Sequence[SliceQuality], image: str, measure: str) -> NDArray[np.float64]:
    values = np.array([getattr(row, measure) for row in rows if row.image == image], dtype=np.float64)
    return values[np.isfinite(values)]


def _violin(axis: Any, place: float, values: NDArray[np.float64], color: str, width: float, dots: bool = True) -> None:
    """One violin with the slices as dots, the quartiles as a bar and the mean as a white dot."""
    if not len(values):
        axis.annotate("n/a", (place, 0.02), xycoords=("data", "axes fraction"), ha="center", color=_LIMIT)
        return
    if len(values) >= _LEAST_SLICES and np.ptp(values) > 0:
        for body in axis.violinplot([values], [place], widths=width, showextrema=False)["bodies"]:
            body.set(facecolor=color, edgecolor=color, alpha=0.30, linewidth=0.6)
    if dots:
        # a fixed spread, so that the same figures give the same picture
        spread = np.random.default_rng(0).uniform(-0.12, 0.12, len(values)) * width
        axis.scatter(place + spread, values, s=2.0, color=color, alpha=0.6, linewidths=0)
    axis.vlines(place, *np.percentile(values, [25, 75]), color=_INK, linewidth=2.0)
    axis.scatter([place], [values.mean()], s=9.0, color="white", edgecolors=_INK, linewidths=0.6, zorder=3)


def _finish(axis: Any, name: str, limit: float, labels: Sequence[str], places: Sequence[float] | None = None) -> None:
    axis.axhline(limit, color=_LIMIT, linewidth=0.6, linestyle=(0, (4, 3)))
    axis.annotate(f"{limit:g}", (1.0, limit), xycoords=("axes fraction", "data"), va="center", color=_LIMIT)
    axis.set_xticks(list(range(len(labels)) if places is None else places), list(labels))
    axis.set_ylabel(name)
    axis.set_ylim(bottom=0.0)
    axis.yaxis.grid(True)
