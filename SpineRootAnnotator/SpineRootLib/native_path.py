"""Names of files for libraries in C++, which take UTF-8."""

from __future__ import annotations

from pathlib import Path

from SpineRootLib.errors import DatasetError


def native_name(path: Path) -> str:
    """A path as text for ITK and VTK, which would end the whole program at one that is no UTF-8 (of an old archive).

    Raises
    ------
    DatasetError
        if the name cannot be written in UTF-8.
    """
    name = str(path)
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise DatasetError("the name of the file or of a folder above it is no UTF-8: rename it", path) from None
    return name
