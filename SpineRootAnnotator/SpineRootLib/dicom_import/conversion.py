"""All series of a folder through dcm2niix, each by itself."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from SpineRootLib.dicom_import.converters import NotConverted, run_dcm2niix
from SpineRootLib.dicom_import.scan import DicomFolder, DicomSeries
from SpineRootLib.dicom_import.staging import stage
from SpineRootLib.progress import Progress, part


@dataclass(frozen=True)
class Origin:
    """The series of a converted image, and what the converter adds to the name where it makes several of one."""

    series: DicomSeries
    suffix: str


@dataclass(frozen=True)
class Conversion:
    """What the converter made of a folder.

    Parameters
    ----------
    origins : of every image, by its sidecar.
    failures : why nothing was made of a series, by its UID.
    """

    origins: Mapping[Path, Origin]
    failures: Mapping[str, str]


def convert(
    folder: DicomFolder, workspace: Path, only_sidecars: bool = False, progress: Progress | None = None
) -> Conversion:
    """Convert every series, so that one that cannot be converted does not stop the others.

    Parameters
    ----------
    workspace : an empty folder, for the links to the files and for the images in its folder ``converted``.
    only_sidecars : make the sidecars without the images.
    """
    out = workspace / "converted"
    out.mkdir()
    origins: dict[Path, Origin] = {}
    failures: dict[str, str] = {}
    for number, series in enumerate(folder.series):
        stem = f"series-{number:04}"
        step = part(progress, number / len(folder.series), (number + 1) / len(folder.series))
        staged = stage(series, workspace / stem)
        try:
            sidecars = run_dcm2niix(staged, out, stem, only_sidecars, step)
            origins |= {path: Origin(series, path.stem.removeprefix(stem)) for path in sidecars}
        except NotConverted as error:
            failures[series.uid] = error.fault
        shutil.rmtree(staged)
    return Conversion(origins, failures)
