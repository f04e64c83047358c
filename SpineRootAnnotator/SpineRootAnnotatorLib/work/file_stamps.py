"""Whether files on disk are still as we last read or wrote them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

Stamp = tuple[int, int]


class FileStamps:
    """The size and time of files when they were last read or written by us."""

    def __init__(self) -> None:
        self._stamps: dict[Path, Stamp | None] = {}

    def note(self, paths: Iterable[Path]) -> None:
        """Take the files as they are now."""
        for path in paths:
            self._stamps[path] = _stamp(path)

    def changed(self, path: Path) -> bool:
        """Whether somebody else wrote a file since."""
        now = _stamp(path)
        return now is not None and now != self._stamps.get(path)

    def all_changed(self) -> list[Path]:
        """The noted files that somebody else wrote since."""
        return [path for path in list(self._stamps) if self.changed(path)]


def keep_copy(path: Path) -> Path:
    """Copy a file beside itself under a name that no reader takes for an annotation; the copy is returned."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    copy = path.with_name(f"{path.stem}.other-{moment}{path.suffix}")
    shutil.copy2(path, copy)
    return copy


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
