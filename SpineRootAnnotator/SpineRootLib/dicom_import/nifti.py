"""NIfTI files fresh from the converter: taking free text out of their headers, and compressing them."""

from __future__ import annotations

import gzip
import math
import struct
from pathlib import Path

from SpineRootLib.errors import ImageFileError
from SpineRootLib.progress import Progress, report

# Free-text fields of the NIfTI-1 header, offset and length: data_type, db_name, descrip, aux_file, intent_name.
# The converter fills descrip with the time of day, and aux_file with the comments on the patient.
_TEXTS = ((4, 10), (14, 18), (148, 80), (228, 24), (328, 16))
_HEADER_BYTES = 348
_CHUNK_BYTES = 1 << 23


def clean_header(path: Path) -> None:
    """Empty the free-text fields of an uncompressed NIfTI-1 file, in place."""
    with path.open("r+b") as stream:
        if struct.unpack("<i", stream.read(4))[0] != _HEADER_BYTES:
            raise ImageFileError("is not the NIfTI-1 file that the converter should have made", path)
        for offset, length in _TEXTS:
            stream.seek(offset)
            stream.write(b"\0" * length)


def slices_and_volumes(path: Path) -> tuple[int, int]:
    """How many slices a volume of an uncompressed NIfTI-1 file has, and how many volumes there are."""
    with path.open("rb") as stream:
        dimensions = struct.unpack("<8h", stream.read(56)[40:56])
    return int(dimensions[3]), math.prod(max(1, int(each)) for each in dimensions[4:8])


def compress(path: Path, level: int, progress: Progress | None = None) -> Path:
    """Replace a file by its compressed copy; the same bytes give the same bytes."""
    target = path.with_name(path.name + ".gz")
    size = path.stat().st_size
    with (
        path.open("rb") as source,
        target.open("wb") as sink,
        gzip.GzipFile("", "wb", level, sink, mtime=0) as packed,
    ):
        while chunk := source.read(_CHUNK_BYTES):
            packed.write(chunk)
            report(progress, source.tell() / size, "compressing")
    path.unlink()
    return target
