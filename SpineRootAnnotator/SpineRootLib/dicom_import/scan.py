"""What a folder of DICOM files holds, from their headers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.dicom_import.identity import NAMING_ATTRIBUTES, identifying_words
from SpineRootLib.errors import DicomError, MissingExtraError
from SpineRootLib.progress import Progress, report

# MR Image Storage, Enhanced MR Image Storage, Legacy Converted Enhanced MR Image Storage.
_MR_IMAGES = frozenset(f"1.2.840.10008.5.1.4.1.1.4{ending}" for ending in ("", ".1", ".4"))
_DICOM_ENDINGS = (".dcm", ".ima", ".dicom")
_READ = (
    *NAMING_ATTRIBUTES,
    *("SOPClassUID", "SeriesInstanceUID", "SeriesNumber", "SeriesDescription", "ProtocolName", "FrameOfReferenceUID"),
    *("ImagePositionPatient", "ImageOrientationPatient", "PerFrameFunctionalGroupsSequence"),
    *("SharedFunctionalGroupsSequence", "PlanePositionSequence", "PlaneOrientationSequence"),
    *("Rows", "Columns", "NumberOfFrames", "BitsAllocated"),
)
# Positions nearer than this are one slice; rounding in headers is below it.
_SAME_PLACE_MM = 0.01


@dataclass(frozen=True, eq=False)
class DicomSeries:
    """One series of MR images.

    Parameters
    ----------
    uid, number, description : of the series.
    files : in the order of their names.
    frame_of_reference : UID; images of one are in place on each other.
    positions : (n, 3) LPS mm of the first voxel of every image, NaN where the header has none.
    orientations : (n, 6) cosines of rows and columns.
    size : bytes of all files.
    """

    uid: str
    number: int
    description: str
    files: tuple[Path, ...]
    frame_of_reference: str
    positions: NDArray[np.float64]
    orientations: NDArray[np.float64]
    size: int

    def depths(self) -> NDArray[np.float64]:
        """Distinct depths along the normal of the slices, ascending mm; empty where they are not parallel."""
        known = np.isfinite(self.positions).all(axis=1) & np.isfinite(self.orientations).all(axis=1)
        if not known.any() or np.ptp(self.orientations[known], axis=0).max() > 1e-3:
            return np.empty(0)
        rows, columns = self.orientations[known][0].reshape(2, 3)
        depths = np.sort(self.positions[known] @ np.cross(rows, columns))
        return depths[np.append(True, np.diff(depths) > _SAME_PLACE_MM)]

    def missing_slices(self) -> int:
        """How many slices are missing between the first and the last."""
        steps = np.diff(self.depths())
        if len(steps) < 2:
            return 0
        return int(np.sum(np.round(steps / np.median(steps)) - 1))

    def middle(self) -> NDArray[np.float64]:
        """Mean of the positions, (3,) LPS mm."""
        return np.asarray(np.nanmean(self.positions, axis=0))


@dataclass(frozen=True)
class DicomFolder:
    """The MR series of one person, by number, and the words that name the person or the site."""

    path: Path
    series: tuple[DicomSeries, ...]
    words: frozenset[str]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(series.size for series in self.series)


def scan_dicom(folder: Path, progress: Progress | None = None) -> DicomFolder:
    """Read the headers of all DICOM files under a folder.

    Raises
    ------
    DicomError
        if there is no MR image, a file is damaged, or the files are of several people.
    MissingExtraError
        if pydicom is not installed.
    """
    files = _files(folder)
    headers: list[tuple[Path, Any]] = []
    for number, path in enumerate(files):
        report(progress, number / len(files), "reading DICOM headers")
        header = _read_header(path)
        if header is not None:
            headers.append((path, header))
    if not headers:
        raise DicomError("holds no DICOM file with an MR image", folder)
    for key in ("PatientID", "PatientName"):
        people = {str(header.get(key, "")) for _, header in headers}
        if len(people) > 1:
            raise DicomError(f"holds images of {len(people)} people (by {key}): give the folder of one", folder)
    named = (str(header.get(key, "")) for _, header in headers for key in NAMING_ATTRIBUTES)
    by_series: dict[str, list[tuple[Path, Any]]] = {}
    for path, header in headers:
        by_series.setdefault(str(header.SeriesInstanceUID), []).append((path, header))
    series = sorted(
        (_series(uid, members) for uid, members in by_series.items()), key=lambda one: (one.number, one.uid)
    )
    return DicomFolder(folder, tuple(series), identifying_words(set(named)))


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise DicomError("there is no such folder" if not folder.exists() else "is a file, not a folder", folder)
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _read_header(path: Path) -> Any:
    """The header of an MR image, None for any other file."""
    try:
        import pydicom
        from pydicom.errors import InvalidDicomError
    except ImportError:
        raise MissingExtraError("pydicom", "import", "importing DICOM") from None
    try:
        with path.open("rb") as stream:
            header = pydicom.dcmread(stream, stop_before_pixels=True, specific_tags=list(_READ))
            left = path.stat().st_size - stream.tell()
    except InvalidDicomError:
        if path.suffix.lower() in _DICOM_ENDINGS:
            raise DicomError("is damaged: it does not begin as a DICOM file", path) from None
        return None
    except (EOFError, ValueError, AttributeError, KeyError, NotImplementedError) as error:
        raise DicomError(f"is damaged: its header cannot be read ({error})", path) from error
    if header.file_meta.get("MediaStorageSOPClassUID", header.get("SOPClassUID")) not in _MR_IMAGES:
        return None
    if "SeriesInstanceUID" not in header or left < _pixel_bytes(header, path):
        raise DicomError("is damaged: it ends before its image is complete", path)
    return header


def _pixel_bytes(header: Any, path: Path) -> int:
    """Bytes that the pixels take at least."""
    try:
        syntax = header.file_meta.TransferSyntaxUID
        voxels = int(header.Rows) * int(header.Columns) * int(header.get("NumberOfFrames", 1) or 1)
        return 1 if syntax.is_compressed else voxels * int(header.BitsAllocated) // 8
    except AttributeError:
        raise DicomError("is damaged: it ends before its image is complete", path) from None


def _series(uid: str, members: Iterable[tuple[Path, Any]]) -> DicomSeries:
    files, headers = zip(*members, strict=True)
    first = headers[0]
    return DicomSeries(
        uid=uid,
        number=int(first.get("SeriesNumber", 0) or 0),
        description=str(first.get("SeriesDescription", "") or first.get("ProtocolName", "")),
        files=files,
        frame_of_reference=str(first.get("FrameOfReferenceUID", "")),
        positions=_vectors(headers, "ImagePositionPatient", 3),
        orientations=_vectors(headers, "ImageOrientationPatient", 6),
        size=sum(path.stat().st_size for path in files),
    )


def _vectors(headers: Iterable[Any], keyword: str, length: int) -> NDArray[np.float64]:
    """An attribute of every image, of the frames where one file holds them all."""
    found: list[Any] = []
    for header in headers:
        frames = header.get("PerFrameFunctionalGroupsSequence") or [header]
        found += [_of_frame(header, frame, keyword) or [np.nan] * length for frame in frames]
    return np.array(found, dtype=np.float64).reshape(-1, length)


def _of_frame(header: Any, frame: Any, keyword: str) -> Any:
    group = {"ImagePositionPatient": "PlanePositionSequence", "ImageOrientationPatient": "PlaneOrientationSequence"}
    shared = (header.get("SharedFunctionalGroupsSequence") or [header])[0]
    for place in (frame, shared):
        if keyword in place:
            return place.get(keyword)
        if group[keyword] in place:
            return place.get(group[keyword])[0].get(keyword)
    return None
