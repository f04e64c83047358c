"""What a NIfTI header says of an image's position, where programs would read it differently."""

from __future__ import annotations

import gzip
import itertools
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

_HEADER_BYTES = 348  # of NIfTI-1; the first number in it
# Two statements of one position differ by rounding only: they are stored as float32.
_ALIKE_MM = 0.1


@dataclass(frozen=True, eq=False)
class StatedPosition:
    """The two affines, (3, 4) voxel index to RAS mm, that a NIfTI-1 header may state; None for one that it does not."""

    qform: NDArray[np.float64] | None
    sform: NDArray[np.float64] | None


def stated_position(path: Path) -> StatedPosition | None:
    """The position that the header of a NIfTI-1 file states; None where a file has no such header."""
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    with gzip.open(path) if packed else path.open("rb") as stream:
        header = stream.read(_HEADER_BYTES)
    order = next((order for order in "<>" if header[:4] == struct.pack(f"{order}i", _HEADER_BYTES)), None)
    if order is None or len(header) < _HEADER_BYTES:
        return None
    steps = struct.unpack_from(f"{order}4f", header, 76)  # qfac and pixdim[1..3]
    qform_code, sform_code = struct.unpack_from(f"{order}2h", header, 252)
    quaternion, offset = struct.unpack_from(f"{order}3f", header, 256), struct.unpack_from(f"{order}3f", header, 268)
    rows = np.array(struct.unpack_from(f"{order}12f", header, 280), dtype=np.float64).reshape(3, 4)
    return StatedPosition(
        _qform(steps, quaternion, offset) if qform_code > 0 else None, rows if sform_code > 0 else None
    )


def orientation_notes(path: Path, shape: Sequence[int], affine: NDArray[np.float64]) -> list[str]:
    """Sentences, to be put after an image's name, on what is missing or contradictory in its NIfTI-1 header.

    Parameters
    ----------
    shape : voxels along the three axes.
    affine : (4, 4) voxel index to RAS mm, as the image was read.
    """
    position = stated_position(path)
    if position is None:
        return []
    stated = {"qform": position.qform, "sform": position.sform}
    away = {name: _apart(shape, each, affine[:3]) for name, each in stated.items() if each is not None}
    if not away:
        return ["records no position (qform and sform codes are 0): where it lies in the scanner is not known"]
    read, other = min(away, key=lambda name: away[name]), max(away, key=lambda name: away[name])
    notes = []
    if away[other] - away[read] > _ALIKE_MM:
        notes.append(
            f"states two positions, up to {away[other]:.2g} mm apart: the {read} is used, as Slicer does; programs that"
            f" take the {other} will see the annotation beside the image"
        )
    if away[read] > _ALIKE_MM:
        notes.append(
            f"has axes that are not at right angles ({read}): they are made so, which moves voxels by up to"
            f" {away[read]:.2g} mm"
        )
    return notes


def _qform(steps: Sequence[float], quaternion: Sequence[float], offset: Sequence[float]) -> NDArray[np.float64]:
    """The affine, (3, 4), of a header's quaternion b, c, d, whose real part is not negative (NIfTI-1, method 2).

    Parameters
    ----------
    steps : qfac, which is -1 where the third axis runs the other way, and the voxel's edges in mm.
    """
    real = np.sqrt(max(0.0, 1.0 - float(np.square(quaternion).sum())))
    edges = np.array(steps[1:]) * [1.0, 1.0, -1.0 if steps[0] < 0 else 1.0]
    return np.column_stack([Rotation.from_quat([*quaternion, real]).as_matrix() * edges, offset])


def _apart(shape: Sequence[int], one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """How far two affines, (3, 4), place a corner voxel apart at most, in mm."""
    corners = np.array([[*index, 1.0] for index in itertools.product(*((0, count - 1) for count in shape))])
    return float(np.linalg.norm(corners @ (one - other).T, axis=1).max())
