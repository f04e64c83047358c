"""Fibres as OSS-DBS reads pathways: a group a root, in it a data set an axon, (n, 3) RAS millimetres; HDF5."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from SpineRootLib.atomic import replacing
from SpineRootLib.errors import DatasetError, MissingExtraError
from SpineRootLib.fibres.courses import Fibre


def import_h5py() -> Any:
    """The library of HDF5.

    Raises
    ------
    MissingExtraError
        if it is not installed.
    """
    try:
        import h5py
    except ImportError as error:
        raise MissingExtraError("h5py", "mesh", "fibres as HDF5") from error
    return h5py


def write_hdf5(fibres: Sequence[Fibre], folder: Path, subject: str) -> Path:
    """Write ``sub-XX_fibres.h5``; the path.

    Raises
    ------
    MissingExtraError
        if h5py is not installed.
    DatasetError
        if the folder cannot be written.
    """
    h5py, path = import_h5py(), folder / f"sub-{subject}_fibres.h5"
    with replacing(path) as temporary:
        try:
            with h5py.File(temporary, "w") as file:
                for fibre in fibres:
                    group = file.create_group(f"nerveroots_{fibre.root}")
                    group.create_dataset("axon0", data=np.ascontiguousarray(fibre.points))
        except OSError as error:
            raise DatasetError("cannot be written: the disk may be full", path) from error
    return path
