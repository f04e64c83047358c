"""Which files of a folder an earlier run made, so that the next run replaces those and nothing else.

``sub-XX_model.json`` lists under ``files`` what was written with it, each by its name and SHA-256. A file that was
changed since, or that is not listed, is somebody else's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from SpineRootLib.annex_content import is_annexed_link
from SpineRootLib.errors import DatasetError
from SpineRootLib.images import sha256

_KEY = "files"


def report_path(folder: Path, subject: str, kind: str = "model") -> Path:
    """Where the report on a subject's model, or on another kind of result, lies."""
    return folder / f"sub-{subject}_{kind}.json"


def checksums(folder: Path, files: Iterable[Path]) -> dict[str, str]:
    """What the report lists of the files that lie in its own folder: SHA-256 by name."""
    return {path.name: sha256(path) for path in sorted(files) if path.parent == folder}


def made_earlier(folder: Path, subject: str, kind: str = "model") -> dict[str, str]:
    """What an earlier run wrote into a folder for a subject and nobody changed since: SHA-256 by name."""
    try:
        listed = json.loads(report_path(folder, subject, kind).read_text(encoding="utf-8"))[_KEY]
        pairs = [(str(name), str(digest)) for name, digest in listed.items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {name: digest for name, digest in pairs if _is_same(folder, subject, kind, name, digest)}


def remove_outdated(folder: Path, subject: str, files: Iterable[Path] = (), kind: str = "model") -> list[Path]:
    """Remove what an earlier run made and this one did not make again; the files removed are returned.

    Parameters
    ----------
    files : what this run wrote.
    kind : of result, of which the report tells.

    Raises
    ------
    DatasetError
        if a file cannot be removed.
    """
    written = {path.name for path in files if path.parent == folder}
    outdated = [folder / name for name in sorted(made_earlier(folder, subject, kind)) if name not in written]
    for path in outdated:
        try:
            path.unlink()
        except OSError as error:
            raise DatasetError(f"is of an earlier run and cannot be removed ({error.strerror})", path) from error
    return outdated


def _is_same(folder: Path, subject: str, kind: str, name: str, digest: str) -> bool:
    """Whether a name is that of one of the subject's own files in this folder, as it was written."""
    path = folder / name
    own = Path(name).name == name and name.startswith(f"sub-{subject}_") and path != report_path(folder, subject, kind)
    try:
        return own and (not path.is_symlink() or is_annexed_link(path)) and path.is_file() and sha256(path) == digest
    except OSError:
        return False
