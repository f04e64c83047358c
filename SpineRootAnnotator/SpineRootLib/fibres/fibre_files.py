"""Files of fibres: lines as VTP, and a table of their points; LPS millimetres."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.atomic import write_text
from SpineRootLib.fibres.courses import Fibre
from SpineRootLib.frames import flip_ras_lps
from SpineRootLib.regions import root_region
from SpineRootLib.surfaces.polyline_files import Values, write_polylines
from SpineRootLib.tables import Meaning, data_dictionary

FIBRES_TITLE = "Fibres in nerve roots"
# of the table: what each column means
COLUMNS: dict[str, Meaning] = {
    "root": ("The root in which the fibre runs", None),
    **{axis: (f"Place, {axis} of LPS", "mm") for axis in "xyz"},
    "arc_length_mm": ("Length along the fibre from the cord on", "mm"),
    "radius_mm": ("Radius of the root", "mm"),
    **{f"tangent_{axis}": (f"Direction of the fibre away from the cord, {axis} of LPS", None) for axis in "xyz"},
    "region": ("Number of the region, as in the table of regions; 0 past the end of the root", None),
    "modelled": ("1 where the course was modelled and not traced", None),
}


def write_fibres(fibres: Sequence[Fibre], folder: Path, subject: str) -> list[Path]:
    """Write ``sub-XX_fibres.vtp``, ``sub-XX_fibres.csv``, and what its columns mean (``.json``); the paths.

    Raises
    ------
    DatasetError
        if the folder cannot be written.
    """
    stem = folder / f"sub-{subject}_fibres"
    meanings = json.dumps(data_dictionary(COLUMNS, COLUMNS), indent=2, ensure_ascii=False) + "\n"
    return [
        _write_vtp(stem.with_suffix(".vtp"), fibres),
        write_text(stem.with_suffix(".csv"), _table(fibres)),
        write_text(stem.with_suffix(".json"), meanings),
    ]


def _table(fibres: Sequence[Fibre]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for fibre in fibres:
        places, tangents = flip_ras_lps(fibre.points), flip_ras_lps(fibre.tangents)
        numbers = np.column_stack([places, fibre.along, fibre.radius, tangents])
        flags = np.column_stack([fibre.region, fibre.modelled.astype(int)])
        for row, own in zip(numbers.tolist(), flags.tolist(), strict=True):
            writer.writerow([str(fibre.root), *(f"{value:.6f}" for value in row), *own])
    return stream.getvalue()


def _write_vtp(path: Path, fibres: Sequence[Fibre]) -> Path:
    """A line a fibre; its root by name and number with the line, the rest with its points."""
    numbers = np.array([root_region(each.root).number for each in fibres], dtype=np.int32)
    of_lines: dict[str, Values] = {"root_region": numbers, "root": [str(each.root) for each in fibres]}
    return write_polylines(path, [each.points for each in fibres], _arrays(fibres), of_lines)


def _arrays(fibres: Sequence[Fibre]) -> dict[str, NDArray[np.generic]]:
    """The arrays of points, all fibres one after the other."""
    return {
        "arc_length_mm": np.concatenate([each.along for each in fibres]),
        "radius_mm": np.concatenate([each.radius for each in fibres]),
        "tangent": np.ascontiguousarray(flip_ras_lps(np.concatenate([each.tangents for each in fibres]))),
        "region": np.concatenate([each.region for each in fibres]).astype(np.int32),
        "modelled": np.concatenate([each.modelled for each in fibres]).astype(np.uint8),
    }
