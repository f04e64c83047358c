"""What a folder of DICOM files holds, from their headers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
_DEFLATED = "1.2.840.10008.1.2.1.99"
# What a data set without preamble begins with, little endian: file meta information, or an attribute of group 8.
_BEGINNINGS = frozenset(bytes([group, 0, element, 0]) for group, element in ((2, 0), (8, 0), (8, 1), (8, 5), (8, 8)))
_READ = (
    *NAMING_ATTRIBUTES,
    *("SOPClassUID", "SeriesInstanceUID", "SeriesNumber", "SeriesDescription", "ProtocolName", "FrameOfReferenceUID"),
    *("ImagePositionPatient", "ImageOrientationPatient", "PerFrameFunctionalGroupsSequence"),
    *("SharedFunctionalGroupsSequence", "PlanePositionSequence", "PlaneOrientationSequence"),
    *("Rows", "Columns", "NumberOfFrames", "BitsAllocated", "SamplesPerPixel", "ImageType", "EchoTime"),
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
    rewritten : whether the files must be written anew before they are converted: each has a UID of its own for the
        series, they lack the preamble, or they are deflated.
    """

    uid: str
    number: int
    description: str
    files: tuple[Path, ...]
    frame_of_reference: str
    positions: NDArray[np.float64]
    orientations: NDArray[np.float64]
    size: int
    rewritten: bool = False

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
    others: set[str] = set()
    for number, path in enumerate(files):
        report(progress, number / len(files), "reading DICOM headers")
        header, left = _read_header(path)
        if header is not None and _is_mr_image(header):
            _check_whole(header, path, left)
            headers.append((path, header))
        elif header is not None:
            others.add(_kind(header).name)
    if not headers:
        only = f", only {', '.join(sorted(others))}" if others else ""
        raise DicomError(f"holds no DICOM file with an MR image in shades of grey{only}", folder)
    for key in ("PatientID", "PatientName"):
        people = {str(header.get(key, "")) for _, header in headers}
        if len(people) > 1:
            raise DicomError(f"holds images of {len(people)} people (by {key}): give the folder of one", folder)
    named = (str(header.get(key, "")) for _, header in headers for key in NAMING_ATTRIBUTES)
    series = sorted((_series(members) for members in _grouped(headers)), key=lambda one: (one.number, one.uid))
    return DicomFolder(folder, tuple(series), identifying_words(set(named)))


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise DicomError("there is no such folder" if not folder.exists() else "is a file, not a folder", folder)
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _read_header(path: Path) -> tuple[Any, int]:
    """The header of a DICOM file and the number of bytes that follow it; None for any other file."""
    try:
        import pydicom
        from pydicom.errors import InvalidDicomError
    except ImportError:
        raise MissingExtraError("pydicom", "import", "importing DICOM") from None
    try:
        with path.open("rb") as stream:
            bare = stream.read(4) in _BEGINNINGS
            stream.seek(0)
            header = pydicom.dcmread(stream, stop_before_pixels=True, specific_tags=list(_READ), force=bare)
            left = path.stat().st_size - stream.tell()
    except InvalidDicomError:
        if path.suffix.lower() in _DICOM_ENDINGS:
            raise DicomError("is damaged: it does not begin as a DICOM file", path) from None
        return None, 0
    except (EOFError, ValueError, AttributeError, KeyError, NotImplementedError) as error:
        raise DicomError(f"is damaged: its header cannot be read ({error})", path) from error
    return (header, left) if _kind(header) else (None, 0)


def _kind(header: Any) -> Any:
    """The UID of what a file holds, its SOP class; empty where it does not say."""
    return header.file_meta.get("MediaStorageSOPClassUID") or header.get("SOPClassUID") or ""


def _is_mr_image(header: Any) -> bool:
    """Whether it is an MR image in shades of grey; what is coloured is a map or a screenshot."""
    return _kind(header) in _MR_IMAGES and int(header.get("SamplesPerPixel", 1) or 1) == 1


def _check_whole(header: Any, path: Path, left: int) -> None:
    """Refuse a file with fewer bytes after its header than its image takes."""
    if "SeriesInstanceUID" not in header or (left < _pixel_bytes(header, path) and not _is_deflated(header)):
        raise DicomError("is damaged: it ends before its image is complete", path)


def _is_deflated(header: Any) -> bool:
    return str(header.file_meta.get("TransferSyntaxUID", "")) == _DEFLATED


def _pixel_bytes(header: Any, path: Path) -> int:
    """Bytes that the pixels take at least."""
    try:
        syntax = header.file_meta.get("TransferSyntaxUID")
        voxels = int(header.Rows) * int(header.Columns) * int(header.get("NumberOfFrames", 1) or 1)
        return 1 if syntax is not None and syntax.is_compressed else voxels * int(header.BitsAllocated) // 8
    except AttributeError:
        raise DicomError("is damaged: it ends before its image is complete", path) from None


def _grouped(headers: Iterable[tuple[Path, Any]]) -> list[list[tuple[Path, Any]]]:
    """The files of each series, by its UID; slices that have a UID each are one series if all else says so."""
    by_uid: dict[str, list[tuple[Path, Any]]] = {}
    for path, header in headers:
        by_uid.setdefault(str(header.SeriesInstanceUID), []).append((path, header))
    alone: dict[Any, list[tuple[Path, Any]]] = {}
    for members in by_uid.values():
        if len(members) == 1:
            alone.setdefault(_scan_of(members[0][1]), []).extend(members)
    stacks = [members for members in alone.values() if len(members) > 1 and _are_slices(members)]
    stacked = {str(header.SeriesInstanceUID) for members in stacks for _, header in members}
    return [*stacks, *(members for uid, members in by_uid.items() if uid not in stacked)]


def _scan_of(header: Any) -> Any:
    """What all slices of one scan have in common."""
    keys = ("SeriesNumber", "SeriesDescription", "ProtocolName", "FrameOfReferenceUID", "ImageType", "Rows", "Columns")
    return tuple(str(header.get(key, "")) for key in (*keys, "EchoTime"))


def _are_slices(members: Sequence[tuple[Path, Any]]) -> bool:
    """Whether single images are parallel slices, each at another depth."""
    series = _series(members)
    return len(series.depths()) == len(members) == len(series.positions)


def _series(members: Sequence[tuple[Path, Any]]) -> DicomSeries:
    files, headers = zip(*members, strict=True)
    first = headers[0]
    uids = sorted({str(header.SeriesInstanceUID) for header in headers})
    return DicomSeries(
        uid=uids[0],
        number=int(first.get("SeriesNumber", 0) or 0),
        description=str(first.get("SeriesDescription", "") or first.get("ProtocolName", "")),
        files=files,
        frame_of_reference=str(first.get("FrameOfReferenceUID", "")),
        positions=_vectors(headers, "ImagePositionPatient", 3),
        orientations=_vectors(headers, "ImageOrientationPatient", 6),
        size=sum(path.stat().st_size for path in files),
        rewritten=len(uids) > 1 or any(header.preamble is None or _is_deflated(header) for header in headers),
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
