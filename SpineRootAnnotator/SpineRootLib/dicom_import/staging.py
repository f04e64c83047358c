"""A folder with the files of one series alone, for the converter."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from SpineRootLib.dicom_import.scan import DicomSeries

_IMPLICIT, _EXPLICIT, _DEFLATED = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99"


def stage(series: DicomSeries, folder: Path) -> Path:
    """Give a series a folder of its own: links to its files, or copies where there can be no links.

    The converter names and groups what it finds by attributes that scanners fill in their own ways (a number of 0, a
    UID for each slice); a folder leaves no doubt what belongs together. Files that it would not read, or would not
    take as one series, are written anew.
    """
    folder.mkdir(parents=True)
    for number, path in enumerate(series.files):
        target = folder / f"{number:05}.dcm"
        if series.rewritten:
            _rewrite(path, target, series.uid)
        else:
            _link(path.resolve(), target)
    return folder


def _link(path: Path, target: Path) -> None:
    for link in (os.symlink, os.link):
        try:
            link(path, target)
            return
        except OSError:  # without the right to, or from one disk to another
            continue
    shutil.copyfile(path, target)


def _rewrite(path: Path, target: Path, uid: str) -> None:
    """A copy as DICOM PS3.10 wants it, with preamble and file meta information, that belongs to one series."""
    import pydicom

    data: Any = pydicom.dcmread(path, force=True)
    meta = data.file_meta
    syntax = str(meta.get("TransferSyntaxUID") or (_IMPLICIT if data.is_implicit_VR else _EXPLICIT))
    meta.FileMetaInformationGroupLength = 0  # counted on writing
    meta.FileMetaInformationVersion = b"\0\1"
    meta.MediaStorageSOPClassUID = data.SOPClassUID
    meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    meta.TransferSyntaxUID = _EXPLICIT if syntax == _DEFLATED else syntax
    data.SeriesInstanceUID = uid
    data.preamble = bytes(128)
    data.save_as(target)
