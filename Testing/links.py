"""Symbolic links in tests, also where making one is a right that not everybody has, as on Windows."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path

import pytest


@functools.cache
def _can_link() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        try:
            (Path(folder) / "link").symlink_to(folder, target_is_directory=True)
        except OSError:
            return False
    return True


needs_links = pytest.mark.skipif(not _can_link(), reason="symbolic links cannot be made here")


def link_or_copy(place: Path, target: Path) -> None:
    """Have the files of `target` at `place` as well, without copying them where that can be avoided."""
    if _can_link():
        place.symlink_to(target, target_is_directory=target.is_dir())
    elif target.is_dir():
        shutil.copytree(target, place)
    else:
        shutil.copyfile(target, place)
