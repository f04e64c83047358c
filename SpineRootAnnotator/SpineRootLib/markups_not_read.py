"""Files beside the markups that look like such and are not read, as their names are none of ours."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from SpineRootLib.findings import Finding, Severity

# A name that begins as ours do and goes on otherwise: `sub-03_dura_7 (conflicted copy).json`, `sub-03_dura_7.fcsv`
_LOOKS_LIKE_MARKUPS = re.compile(
    r"sub[-_][A-Za-z0-9]+(?:_ses[-_][A-Za-z0-9]+)?_(?:dura|cord|nerve_?roots?|gangli(?:ons?|a))[_\W].*"
    r"|[^.].*\.(?:fcsv|mrk\.json)",
    re.IGNORECASE,
)
# Bytes at a file's top in which a markups file says that it is one.
_TOP = 1000


def files_not_read(folder: Path, read: Collection[str]) -> Iterator[Finding]:
    """Old point lists, copies that a cloud drive or a file manager made, markups under names that are not ours.

    Parameters
    ----------
    read : the names of the files in the folder that were read.
    """
    for entry in sorted(os.listdir(folder)):
        if entry not in read and (_LOOKS_LIKE_MARKUPS.fullmatch(entry) or _holds_markups(folder / entry)):
            message = f"{entry} looks like a markups file and was not read: its name is not one of the dataset's"
            yield Finding(Severity.WARNING, "not-read", message)


def _holds_markups(path: Path) -> bool:
    """Whether a file, such as ``Copy of sub-03_dura_7.json``, says that it is markups."""
    if path.suffix.lower() != ".json" or path.name.startswith(".") or not path.is_file():
        return False
    try:
        with path.open("rb") as stream:
            return b'"markups"' in stream.read(_TOP)
    except OSError:
        return False
