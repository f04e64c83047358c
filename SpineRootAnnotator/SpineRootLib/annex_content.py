"""Files that git-annex keeps: whether their content was fetched."""

from __future__ import annotations

from pathlib import Path

from SpineRootLib.errors import DatasetError
from SpineRootLib.translation import _

_OBJECTS = "annex/objects/"
# git-annex takes no longer file for a pointer
_LONGEST_POINTER = 32768


def is_annexed_link(path: Path) -> bool:
    """Whether a file is a link to where git-annex keeps its content, fetched or not."""
    return path.is_symlink() and _OBJECTS in path.readlink().as_posix()


def check_fetched(path: Path) -> None:
    """See that a file's content is there, if git-annex keeps it; what is there otherwise is not looked at.

    Raises
    ------
    DatasetError
        if it was not fetched, whether the file is a link or, unlocked, a pointer; or if it is a link into the void.
    """
    if path.is_symlink() and not path.exists():
        if not is_annexed_link(path):
            raise DatasetError(_("is a link to a file that is not there"), path)
    elif not _is_pointer(path):
        return
    fault = _("is kept by git-annex and its content was not fetched: datalad get {name}")
    raise DatasetError(fault.format(name=path.name), path)


def _is_pointer(path: Path) -> bool:
    try:
        if not path.is_file() or path.stat().st_size > _LONGEST_POINTER:
            return False
        with path.open("rb") as stream:
            return stream.readline(200).replace(b"\\", b"/").startswith(b"/" + _OBJECTS.encode())
    except OSError:  # whoever reads it says why
        return False
