"""Images as Slicer reads them: voxels, and the affine from voxel index to RAS."""

from __future__ import annotations

import gzip
import hashlib
import math
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
from numpy.typing import ArrayLike, NDArray

from SpineRootLib.atomic import replacing
from SpineRootLib.errors import GeometryError, ImageFileError
from SpineRootLib.frames import Points, as_points
from SpineRootLib.planes import SlicePlanes

_BLOCK = 1 << 20  # bytes unpacked at a time
_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


@dataclass(frozen=True, eq=False)
class Image:
    """A volume.

    Parameters
    ----------
    voxels : (i, j, k) intensities.
    affine : (4, 4) voxel index to RAS mm; voxel centres lie at whole indices.
    source : file that it was read from.
    """

    voxels: NDArray[Any]
    affine: NDArray[np.float64]
    source: Path | None = None

    def planes(self) -> SlicePlanes:
        """Its slices.

        Raises
        ------
        GeometryError
            if they stand upright.
        """
        try:
            return SlicePlanes.from_affine(self.affine, self.voxels.shape)
        except GeometryError as error:
            raise GeometryError(error.fault, self.source) from None

    def index_of(self, points: ArrayLike) -> NDArray[np.float64]:
        """Continuous voxel indices, (n, 3), of RAS points, (n, 3)."""
        inverse = np.linalg.inv(self.affine)
        return np.asarray(as_points(points) @ inverse[:3, :3].T + inverse[:3, 3])

    def ras_of(self, index: ArrayLike) -> Points:
        """RAS points, (n, 3), of continuous voxel indices, (n, 3)."""
        return np.asarray(as_points(index) @ self.affine[:3, :3].T + self.affine[:3, 3])


def read_image(path: Path) -> Image:
    """Read a scalar volume (NIfTI, NRRD, MetaImage ...).

    Raises
    ------
    ImageFileError
        if it cannot be read or is no 3D scalar volume.
    """
    reader = _opened(path)
    _check_whole(path, reader)
    try:
        image = reader.Execute()
    except RuntimeError as error:
        raise ImageFileError("is damaged: its voxels cannot be read", path) from error
    voxels = sitk.GetArrayFromImage(image).transpose(2, 1, 0)
    return Image(voxels, _affine(reader), path)


def read_planes(path: Path) -> SlicePlanes:
    """The slices of an image file, from its header alone."""
    return read_frame(path).planes()


def read_frame(path: Path) -> Image:
    """An image file's voxel grid, from its header alone; the voxels are zero."""
    reader = _opened(path)
    return Image(np.broadcast_to(np.uint8(0), reader.GetSize()), _affine(reader), path)


def describe_image(path: Path) -> dict[str, Any]:
    """What the annotation sidecar records of an image: file name, SHA-256, shape and affine (voxel to RAS)."""
    reader = _opened(path)
    return {
        "File": path.name,
        "SHA256": sha256(path),
        "Shape": list(reader.GetSize()),
        "Affine": _affine(reader).tolist(),
    }


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_image(path: Path, image: Image, compression: int = 1) -> Path:
    """Write a volume, NIfTI by its ending, atomically; `compression` is gzip's level."""
    lps = _LPS_TO_RAS @ image.affine
    spacing = np.linalg.norm(lps[:3, :3], axis=0)
    volume = sitk.GetImageFromArray(np.ascontiguousarray(image.voxels.transpose(2, 1, 0)))
    volume.SetSpacing(spacing.tolist())
    volume.SetOrigin(lps[:3, 3].tolist())
    volume.SetDirection((lps[:3, :3] / spacing).ravel().tolist())
    with replacing(path) as temporary:
        sitk.WriteImage(volume, str(temporary), useCompression=True, compressionLevel=compression)
    return path


def _opened(path: Path) -> sitk.ImageFileReader:
    if path.is_dir():
        raise ImageFileError("is a folder, not an image file", path)
    if not path.is_file():
        raise ImageFileError("there is no such image file", path)
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise ImageFileError("is no image that can be read", path) from error
    if reader.GetDimension() != 3 or reader.GetNumberOfComponents() != 1:
        raise ImageFileError("is no 3D scalar image", path)
    return reader


def _check_whole(path: Path, reader: sitk.ImageFileReader) -> None:
    """Refuse a NIfTI file that ends early or is corrupt: ITK fills what is missing with whatever is in memory."""
    if not path.name.endswith((".nii", ".nii.gz")):
        return
    voxels = math.prod(reader.GetSize()) * int(reader.GetMetaData("bitpix")) // 8
    expected = float(reader.GetMetaData("vox_offset")) + voxels
    try:
        length = _unpacked_length(path) if path.suffix == ".gz" else path.stat().st_size
    except (OSError, EOFError, zlib.error) as error:
        raise ImageFileError("is damaged: its voxels cannot be read", path) from error
    if length < expected:
        raise ImageFileError("is damaged: it ends before its last voxel", path)


def _unpacked_length(path: Path) -> int:
    """Bytes in a gzip file, all of them unpacked and compared with its checksum."""
    length = 0
    with gzip.open(path) as stream:
        while block := stream.read(_BLOCK):
            length += len(block)
    return length


def _affine(reader: sitk.ImageFileReader) -> NDArray[np.float64]:
    lps = np.eye(4)
    lps[:3, :3] = np.reshape(reader.GetDirection(), (3, 3)) * np.asarray(reader.GetSpacing())
    lps[:3, 3] = reader.GetOrigin()
    return np.asarray(_LPS_TO_RAS @ lps)
