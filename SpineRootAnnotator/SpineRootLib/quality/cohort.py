"""The image quality of a cohort, from the tables of its subjects."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from SpineRootLib.errors import DatasetError
from SpineRootLib.quality.figures import MEASURES, cohort_figure
from SpineRootLib.quality.settings import QualitySettings
from SpineRootLib.quality.slices import SliceQuality
from SpineRootLib.quality.subject import read_quality
from SpineRootLib.subject_folders import subject_files
from SpineRootLib.tables import Meaning, write_described

_STATISTICS = ("mean", "sd", "min")
COLUMNS = (
    "subject",
    "image",
    "n_slices",
    *(f"{measure}_{statistic}" for measure in MEASURES for statistic in _STATISTICS),
    "n_low",
)


def write_cohort(folder: Path, out: Path | None = None, settings: QualitySettings | None = None) -> list[Path]:
    """Write ``group_iqm.tsv``, a row a subject and image, and ``group_iqm.png`` from all subjects' tables.

    Parameters
    ----------
    folder : holds ``sub-*/sub-*_iqm.tsv``, such as ``derivatives/anatqc``.
    out : the folder to write into; by default the same.

    Raises
    ------
    DatasetError
        if there is no such table.
    """
    tables = subject_files(folder, "_iqm.tsv")
    if not tables:
        raise DatasetError("holds no table of image quality (sub-*/sub-*_iqm.tsv)", folder)
    limit = (settings or QualitySettings()).limit
    subjects = {subject: read_quality(path) for subject, path in tables.items()}
    out = out or folder
    return [
        *write_described(out / "group_iqm.tsv", COLUMNS, cohort_rows(subjects, limit), _meanings(limit)),
        cohort_figure(out / "group_iqm.png", subjects, limit),
    ]


def _meanings(limit: float) -> dict[str, Meaning]:
    """What the columns mean."""
    words = {"mean": "mean", "sd": "sample standard deviation", "min": "least"}
    of_slices: dict[str, Meaning] = {
        f"{measure}_{statistic}": (f"{measure.upper()} of the slices: {words[statistic]}", None)
        for measure in MEASURES
        for statistic in _STATISTICS
    }
    return {
        "subject": ("Label of the subject", None),
        "image": ("Name of the image", None),
        "n_slices": ("Slices that were measured", None),
        **of_slices,
        "n_low": (f"Slices with SNR or CNR below {limit:g}", None),
    }


def cohort_rows(subjects: Mapping[str, Sequence[SliceQuality]], limit: float) -> Iterator[dict[str, Any]]:
    """A row a subject and image: slices measured, mean, sample standard deviation and least of SNR and CNR."""
    for subject, rows in subjects.items():
        for image in dict.fromkeys(row.image for row in rows):
            own = [row for row in rows if row.image == image]
            shown = [row for row in own if not math.isnan(row.snr)]
            found: dict[str, Any] = {"subject": subject, "image": image, "n_slices": len(shown)}
            for measure in MEASURES:
                values = np.array([getattr(row, measure) for row in own], dtype=np.float64)
                values = values[np.isfinite(values)]
                found[f"{measure}_mean"] = float(values.mean()) if len(values) else None
                found[f"{measure}_sd"] = float(values.std(ddof=1)) if len(values) > 1 else None
                found[f"{measure}_min"] = float(values.min()) if len(values) else None
            yield {**found, "n_low": sum(row.is_low(limit) for row in own)}
