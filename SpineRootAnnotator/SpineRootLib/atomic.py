"""Writing files so that a crash at any moment leaves the old or the new one, whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from SpineRootLib.errors import DatasetError
from SpineRootLib.translation import _

# the ending of a text that is not whole yet
HALF = ".part"


@dataclass
class Written:
    """How many files took their place, and the folder that holds them all; empty where there is no such."""

    count: int = 0
    folder: str = ""

    def note(self, path: Path) -> None:
        """Count a file."""
        parent = str(path.absolute().parent)
        try:
            self.folder = os.path.commonpath([self.folder, parent]) if self.count else parent
        except ValueError:  # on another drive
            self.folder = ""
        self.count += 1


# what is written, while somebody wants to know
_noted: Written | None = None


@contextlib.contextmanager
def noting_written() -> Iterator[Written]:
    """What is written whole within it, as it grows."""
    global _noted
    before, _noted = _noted, Written()
    try:
        yield _noted
    finally:
        _noted = before


@contextlib.contextmanager
def replacing(path: Path, durable: bool = True, ending: str | None = None) -> Iterator[Path]:
    """A temporary path beside `path`, by default with the same ending, that takes its place if the block succeeds.

    Parameters
    ----------
    path : the file to make or replace; its folder is made if missing.
    durable : flush the file to the disk before it is renamed.
    ending : of the temporary path, for what needs none: a crash leaves no half of a file under a name that is read.

    Raises
    ------
    DatasetError
        if the folder cannot be written; the old file is as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=".", suffix="".join(path.suffixes[-2:]) if ending is None else ending, dir=path.parent
        )
        os.close(handle)
    except OSError as error:
        raise DatasetError(_("cannot be written ({reason})").format(reason=error.strerror), path) from error
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        if durable:
            _flush(temporary)
        temporary.replace(path)
        if _noted is not None:
            _noted.note(path)
    except OSError as error:
        raise DatasetError(_("cannot be written ({reason})").format(reason=error.strerror or error), path) from error
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def all_or_none(folder: Path) -> Iterator[Path]:
    """A temporary folder within `folder`, whose files are moved into it if the block succeeds.

    Renaming takes no room, so that a disk that gets full in the middle leaves what was there before, and no more.

    Parameters
    ----------
    folder : made if missing, and removed again if nothing comes of it.

    Raises
    ------
    DatasetError
        if the folder cannot be written.
    """
    global _noted
    was_there = folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix=".", suffix=HALF, dir=folder))
    except OSError as error:
        raise DatasetError(_("cannot be written ({reason})").format(reason=error.strerror), folder) from error
    # what is written there counts once it has its place
    outer, _noted = _noted, None
    try:
        yield half
        for path in sorted(half.iterdir()):
            path.replace(folder / path.name)
            if outer is not None:
                outer.note(folder / path.name)
    except OSError as error:
        raise DatasetError(_("cannot be written ({reason})").format(reason=error.strerror or error), folder) from error
    finally:
        _noted = outer
        shutil.rmtree(half, ignore_errors=True)
        if not was_there:
            with contextlib.suppress(OSError):
                folder.rmdir()


def write_text(path: Path, text: str, durable: bool = True) -> Path:
    """Write UTF-8 text with LF line ends atomically; the path is returned.

    Half a character, such as a broken emoji in a remark, is written as U+FFFD, which stands for it; two halves that
    belong together become one character.
    """
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    with replacing(path, durable, HALF) as temporary:
        temporary.write_bytes(whole.encode("utf-8"))
    return path


def clear_unfinished(folder: Path) -> None:
    """Take away what `write_text` left half-written where a process was killed; nobody else may write there now."""
    for path in folder.glob(f".*{HALF}"):
        with contextlib.suppress(OSError):
            path.unlink()


def _umask() -> int:
    current = os.umask(0o022)
    os.umask(current)
    return current


def _flush(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
