"""Images as Slicer reads them: voxels, and the affine from voxel index to RAS."""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment

from SpineRootLib.annex_content import check_fetched
from SpineRootLib.atomic import replacing
from SpineRootLib.errors import GeometryError, ImageFileError
from SpineRootLib.frames import Points, as_points
from SpineRootLib.native_path import native_name
from SpineRootLib.nifti_orientation import orientation_notes
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.translation import _

_NIFTI = (".nii", ".nii.gz")
_GZIP = b"\x1f\x8b"
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
        raise ImageFileError(_("is damaged: its voxels cannot be read"), path) from error
    voxels = sitk.GetArrayFromImage(image).transpose(2, 1, 0)
    return Image(voxels, _affine(reader), path)


def read_planes(path: Path) -> SlicePlanes:
    """The slices of an image file, from its header alone."""
    return read_frame(path).planes()


def read_frame(path: Path) -> Image:
    """An image file's voxel grid, from its header; the voxels are zero, but that they are all there is looked after."""
    reader = _opened(path)
    _check_length(path, reader)
    return Image(np.broadcast_to(np.uint8(0), reader.GetSize()), _affine(reader), path)


def describe_image(path: Path) -> dict[str, Any]:
    """What the annotation sidecar records of an image.

    Its file's name and SHA-256, the SHA-256 of its voxels, its shape and its affine (voxel to RAS mm).

    Raises
    ------
    ImageFileError
        if it cannot be read whole.
    """
    image = read_image(path)
    return {
        "File": path.name,
        "SHA256": sha256(path),
        "VoxelSHA256": voxel_digest(image),
        "Shape": list(image.voxels.shape),
        "Affine": image.affine.tolist(),
    }


def voxel_sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of an image's voxels, whatever their compression, number type and order of storage.

    They are taken as little-endian float32, the axes nearest to right, anterior and superior, the last one fastest.
    """
    return voxel_digest(read_image(path))


def canonical_grid(shape: Sequence[int], affine: NDArray[np.float64]) -> tuple[tuple[int, ...], NDArray[np.float64]]:
    """The same grid with its axes in the order and direction nearest to right, anterior, superior: shape and affine."""
    order, signs = _canonical_axes(affine)
    counts = np.array([int(count) for count in shape])[order]
    turned = np.eye(4)
    turned[:3, :3] = affine[:3, :3][:, order] * signs
    flipped = np.where(signs < 0, counts - 1, 0)
    turned[:3, 3] = affine[:3, 3] + affine[:3, :3][:, order] @ flipped
    return tuple(counts.tolist()), turned


def _canonical_axes(affine: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For right, anterior and superior the voxel axis nearest to it, (3,), and whether it runs along it (1) or against
    it (-1): the permutation with the largest sum of cosines."""
    cosines = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    _axes, order = linear_sum_assignment(-np.abs(cosines))
    signs = np.sign(cosines[np.arange(3), order])
    return np.asarray(order), np.where(signs == 0, 1.0, signs)


def voxel_digest(image: Image) -> str:
    """The same of an image that is in memory."""
    order, signs = _canonical_axes(image.affine)
    turned = image.voxels.transpose(order)[tuple(slice(None, None, int(sign)) for sign in signs)]
    digest = hashlib.sha256(str(turned.shape).encode())
    for slab in turned:
        digest.update(np.ascontiguousarray(slab, dtype="<f4").tobytes())
    return digest.hexdigest()


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def position_notes(path: Path) -> list[str]:
    """Sentences on a NIfTI image's position that programs would read differently; none where all agree."""
    reader = _opened(path)
    if not path.name.endswith(_NIFTI):
        return []
    notes = orientation_notes(path, reader.GetSize(), _affine(reader))
    return [f"{path.name} {note}" for note in notes]


def write_image(path: Path, image: Image, compression: int = 1) -> Path:
    """Write a volume, NIfTI by its ending, atomically; `compression` is gzip's level."""
    lps = _LPS_TO_RAS @ image.affine
    spacing = np.linalg.norm(lps[:3, :3], axis=0)
    volume = sitk.GetImageFromArray(np.ascontiguousarray(image.voxels.transpose(2, 1, 0)))
    volume.SetSpacing(spacing.tolist())
    volume.SetOrigin(lps[:3, 3].tolist())
    volume.SetDirection((lps[:3, :3] / spacing).ravel().tolist())
    native_name(path)
    with replacing(path) as temporary:
        try:
            sitk.WriteImage(volume, str(temporary), useCompression=True, compressionLevel=compression)
            read_frame(temporary)  # on a full disk ITK ends early without a word
        except (RuntimeError, ImageFileError) as error:
            raise OSError("the disk may be full") from error
    return path


def _opened(path: Path) -> sitk.ImageFileReader:
    if path.is_dir():
        raise ImageFileError(_("is a folder, not an image file"), path)
    check_fetched(path)
    if not path.is_file():
        raise ImageFileError(_("there is no such image file"), path)
    _check_alone(path)
    # As Slicer sets it for itself: axes a little off right angles, by rounding, are read; `position_notes` says so.
    os.environ.setdefault("ITK_NIFTI_SFORM_PERMISSIVE", "1")
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    reader = sitk.ImageFileReader()
    reader.SetFileName(native_name(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise ImageFileError(_("is no image that can be read"), path) from error
    if reader.GetDimension() != 3 or reader.GetNumberOfComponents() != 1:
        raise ImageFileError(_("is no 3D scalar image"), path)
    return reader


def _check_whole(path: Path, reader: sitk.ImageFileReader) -> None:
    """Refuse a NIfTI file that ends early or is corrupt: ITK fills what is missing with whatever is in memory."""
    if not path.name.endswith(_NIFTI):
        return
    expected = _expected_length(reader)
    try:
        length = _unpacked_length(path) if _is_packed(path) else path.stat().st_size
    except (OSError, EOFError, zlib.error) as error:
        raise ImageFileError(_("is damaged: its voxels cannot be read"), path) from error
    if length < expected:
        raise ImageFileError(_("is damaged: it ends before its last voxel"), path)


def _check_length(path: Path, reader: sitk.ImageFileReader) -> None:
    """The same from a file's last bytes, if they say how long it is unpacked, as gzip writes them; else all of it."""
    if path.name.endswith(".nii.gz") and _is_packed(path):
        with path.open("rb") as stream:
            stream.seek(-4, os.SEEK_END)
            if int.from_bytes(stream.read(4), "little") == _expected_length(reader) % 2**32:
                return
    _check_whole(path, reader)


def _expected_length(reader: sitk.ImageFileReader) -> int:
    """Bytes of a NIfTI file, header and voxels."""
    voxels = math.prod(reader.GetSize()) * int(reader.GetMetaData("bitpix")) // 8
    return int(float(reader.GetMetaData("vox_offset"))) + voxels


def _check_alone(path: Path) -> None:
    """Refuse ``a.nii.gz`` beside an ``a.nii`` that is not the same: ITK, and so Slicer, takes the voxels of that."""
    other = path.with_name(path.name.removesuffix(".gz"))
    if not path.name.endswith(".nii.gz") or not other.is_file():
        return
    try:
        with gzip.open(path) if _is_packed(path) else path.open("rb") as mine, other.open("rb") as theirs:
            while (block := mine.read(_BLOCK)) == theirs.read(_BLOCK):
                if not block:
                    return
    except (OSError, EOFError, zlib.error):  # what cannot be read is not the same
        pass
    fault = _("lies beside {other}, another image, which Slicer reads in its place: rename one of the two")
    raise ImageFileError(fault.format(other=other.name), path)


def _is_packed(path: Path) -> bool:
    """Whether a file is a gzip file; the libraries read what only its name says to be one as it is."""
    with path.open("rb") as stream:
        return stream.read(2) == _GZIP


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
