"""The rules by which a series is recognised, and what they see of it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np

from SpineRootLib.dicom_import.conversion import Origin
from SpineRootLib.dicom_import.converters import matching_descriptions
from SpineRootLib.dicom_import.scan import DicomFolder, DicomSeries
from SpineRootLib.errors import DatasetError

DEFAULT_RULES = Path(__file__).resolve().parents[1] / "Resources" / "dicom-rules.json"
_ORIENTATIONS = ("sagittal", "coronal", "axial")


@dataclass(frozen=True)
class Converted:
    """One image that dcm2niix makes, and the descriptions that fit it.

    Parameters
    ----------
    key : number of the series, with what dcm2niix adds where it makes several images of it: ``6``, ``6_e2``;
        with a letter where several series have the number: ``6a``.
    stem : name of its files.
    """

    key: str
    stem: str
    series: DicomSeries
    fields: Mapping[str, Any]
    descriptions: Sequence[Mapping[str, Any]]

    @property
    def composed(self) -> bool:
        """Whether the scanner composed it of several stations."""
        told = f"{self.fields['ImageTypes']} {self.fields['Names']}"
        return re.search(r"COMPOS|COMP_", told, re.IGNORECASE) is not None

    @property
    def for_planning(self) -> bool:
        """Whether its name says that it was made to plan others on: 'loc' as a word of its own."""
        return re.search(r"(?<![a-z])loc(?![a-z])", str(self.fields["Names"]), re.IGNORECASE) is not None


def load_rules(path: Path | None = None) -> dict[str, Any]:
    """A dcm2bids configuration; the one that comes with SpineRoot for None.

    Raises
    ------
    DatasetError
        if it cannot be read or is none.
    """
    path = path or DEFAULT_RULES
    try:
        rules = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DatasetError(f"cannot be read ({error.strerror})", path) from error
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"is no whole JSON file ({error})", path) from error
    descriptions = rules.get("descriptions") if isinstance(rules, dict) else None
    if not isinstance(descriptions, list) or not descriptions:
        raise DatasetError("holds no list 'descriptions' of conversion rules", path)
    for number, description in enumerate(descriptions, start=1):
        if not isinstance(description, dict):
            raise DatasetError(f"description {number} is no JSON object", path)
        lacking = [key for key in ("datatype", "suffix", "criteria") if key not in description]
        if lacking:
            raise DatasetError(f"description {number} lacks '{lacking[0]}'", path)
    return dict(rules)


def recognise(origins: Mapping[Path, Origin], folder: DicomFolder, rules: Mapping[str, Any]) -> list[Converted]:
    """What each converted image, given by its sidecar, is by the rules, by number of its series."""
    made = Counter(origin.series.uid for origin in origins.values())
    fields = {path: _fields(path, origin.series, made[origin.series.uid]) for path, origin in origins.items()}
    try:
        fitting = matching_descriptions(fields, rules)
    except (re.error, ValueError) as error:
        raise DatasetError(f"a conversion rule cannot be applied ({error})") from error
    keys = _keys(folder.series)
    found = [
        Converted(f"{keys[origin.series.uid]}{origin.suffix}", path.stem, origin.series, fields[path], fitting[path])
        for path, origin in origins.items()
    ]
    return sorted(found, key=lambda one: (one.series.number, one.key))


def _keys(series: Sequence[DicomSeries]) -> dict[str, str]:
    """What a user calls each series, by UID: its number, with a letter where several have it, as after two visits."""
    numbers = [one.number for one in series]
    alike = {one.uid: numbers[:place].count(one.number) for place, one in enumerate(series)}
    return {
        one.uid: f"{one.number}{ascii_lowercase[alike[one.uid] % 26] if numbers.count(one.number) > 1 else ''}"
        for one in series
    }


def _fields(sidecar: Path, series: DicomSeries, images: int) -> dict[str, Any]:
    """The fields that rules may ask for besides the sidecar's own; none is empty.

    Parameters
    ----------
    images : how many the converter makes of the series.
    """
    document = json.loads(sidecar.read_text(encoding="utf-8"))
    sequences = [str(document[key]) for key in ("SequenceName", "PulseSequenceName") if document.get(key)]
    depths = series.depths()
    spacing = float(np.median(np.diff(depths))) if len(depths) > 1 else document.get("SpacingBetweenSlices")
    return {
        "Names": f"{document.get('SeriesDescription', series.description)} / {document.get('ProtocolName', '')}",
        "Sequence": " ".join(sequences) or "unknown",
        "ImageTypes": "/".join(map(str, document.get("ImageType", []))) or "unknown",
        "Orientation": _orientation(document.get("ImageOrientationPatientDICOM")),
        "Spacing": spacing or document.get("SliceThickness") or "unknown",
        "Slices": len(depths) or len(series.positions),
        "Volumes": max(1, round(len(series.positions) / (images * len(depths)))) if len(depths) else 1,
    }


def _orientation(cosines: Sequence[float] | None) -> str:
    if cosines is None or len(cosines) != 6:
        return "unknown"
    rows, columns = np.reshape(np.asarray(cosines, dtype=np.float64), (2, 3))
    return _ORIENTATIONS[int(np.argmax(np.abs(np.cross(rows, columns))))]
