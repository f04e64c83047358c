"""Files of centrelines: TRK for tractography tools, VTP for Slicer and VTK, SWC for neuron tools, and a table."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.atomic import replacing, write_text
from SpineRootLib.learning.centrelines import COLUMNS, UNKNOWN, RootLine
from SpineRootLib.regions import root_region
from SpineRootLib.surfaces.polyline_files import write_polylines
from SpineRootLib.tables import write_described

_SCALARS, _PROPERTIES = ("radius", "confidence", "level", "side"), ("level", "side")
# TrackVis, http://www.trackvis.org/docs/?subsect=fileformat: version 2, little-endian
_TRK_HEADER = struct.Struct("<6s3h3f3fh200sh200s16f444s4s4s6f2s6BiIi")
_TRK_BYTES, _NAME_BYTES, _MOST_NAMES = 1000, 20, 10
_MARGIN_MM = 10.0  # around all points, for programs that expect them within the volume


def write_trk(path: Path, lines: Sequence[RootLine]) -> Path:
    """A streamline a root, with radius, confidence, level and side at each point, on a grid of 1 mm of its own."""
    corner = np.floor(np.min([line.points.min(axis=0) for line in lines], axis=0) - _MARGIN_MM)
    most = np.max([line.points.max(axis=0) for line in lines], axis=0) + _MARGIN_MM
    content = bytearray(_trk_header(corner, np.ceil(most - corner).astype(int), len(lines)))
    for line in lines:
        # voxels begin half a voxel before their centres, which the affine gives
        rows = np.column_stack([line.points - corner + 0.5, *_scalars(line)])
        content += struct.pack("<i", len(rows)) + rows.astype("<f4").tobytes()
        content += np.array([line.level, line.side], dtype="<f4").tobytes()
    return _write_bytes(path, bytes(content))


def write_vtp(path: Path, lines: Sequence[RootLine]) -> Path:
    """A polyline a root in LPS, with the same arrays at its points and the root's name at each line."""
    columns = np.concatenate([np.column_stack(_scalars(line)) for line in lines])
    of_points = dict(zip(_SCALARS, columns.T, strict=True))
    return write_polylines(
        path, [line.points for line in lines], of_points, {"root": [str(line.root) for line in lines]}
    )


def write_swc(path: Path, lines: Sequence[RootLine]) -> Path:
    """A tree a root, RAS mm; its type is its region's number, which the head lists: types from 5 on are free."""
    text = ["# Nerve roots by SpineRoot; RAS, mm; columns: id type x y z radius parent"]
    text += [f"# type {root_region(line.root).number}: {line.root}" for line in lines]
    number = 0
    for line in lines:
        for rank, (point, radius) in enumerate(zip(line.points.tolist(), line.radius_mm.tolist(), strict=True)):
            number += 1
            x, y, z = point
            parent = -1 if rank == 0 else number - 1
            text.append(f"{number} {root_region(line.root).number} {x:.6f} {y:.6f} {z:.6f} {radius:.4f} {parent}")
    return write_text(path, "\n".join(text) + "\n")


FORMATS: dict[str, Callable[[Path, Sequence[RootLine]], Path]] = {"trk": write_trk, "vtp": write_vtp, "swc": write_swc}


def write_centrelines(folder: Path, subject: str, lines: Sequence[RootLine], formats: Iterable[str]) -> list[Path]:
    """Write ``sub-XX_centrelines`` in each format, and the same points as a table; the files.

    Parameters
    ----------
    lines : at least one.
    """
    stem = f"sub-{subject}_centrelines"
    files = [FORMATS[name](folder / f"{stem}.{name}", lines) for name in formats]
    rows = [row for line in lines for row in line.rows()]
    return [*files, *write_described(folder / f"{stem}.tsv", list(COLUMNS), rows, COLUMNS)]


def _scalars(line: RootLine) -> list[NDArray[np.float64]]:
    """By point, in the order of their names; what nothing tells is -1."""
    assert UNKNOWN == -1.0
    count = len(line.points)
    return [line.radius_mm, line.confidence, np.full(count, float(line.level)), np.full(count, float(line.side))]


def _trk_header(corner: NDArray[np.float64], size: NDArray[np.int64], count: int) -> bytes:
    affine = np.eye(4)
    affine[:3, 3] = corner
    names = [
        b"".join(name.encode().ljust(_NAME_BYTES, b"\0") for name in each).ljust(_NAME_BYTES * _MOST_NAMES, b"\0")
        for each in (_SCALARS, _PROPERTIES)
    ]
    return _TRK_HEADER.pack(
        *(b"TRACK", *size.tolist(), 1.0, 1.0, 1.0, 0.0, 0.0, 0.0),
        *(len(_SCALARS), names[0], len(_PROPERTIES), names[1]),
        *affine.ravel().tolist(),
        *(b"", b"RAS", b"RAS", 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, b"", *(0,) * 6),
        *(count, 2, _TRK_BYTES),
    )


def _write_bytes(path: Path, content: bytes) -> Path:
    with replacing(path) as temporary:
        temporary.write_bytes(content)
    return path
