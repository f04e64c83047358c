"""What a run may take of a machine: its processes, by memory, and a folder for what is needed while it runs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from SpineRootLib.errors import DatasetError, SpineRootError

# A subject takes up to 750 MB: measured on phantoms of 960 x 960 x 80 voxels, all steps; the rest is to spare.
SUBJECT_MB = 1000
_WORK = ".spineroot-work"


def processes_within(memory_mb: int | None, n_jobs: int) -> int:
    """How many subjects may be worked on at once.

    Raises
    ------
    SpineRootError
        if the memory is not enough for one.
    """
    if memory_mb is None:
        return n_jobs
    if memory_mb < SUBJECT_MB:
        raise SpineRootError(f"--mem-mb {memory_mb} is too little: a subject takes up to {SUBJECT_MB} MB")
    return min(n_jobs, memory_mb // SUBJECT_MB)


@contextmanager
def working_folder(out: Path, given: Path | None) -> Iterator[Path]:
    """A folder for temporary files of this process and those it starts, so that neither the machine's own, which may be
    full, nor a home, which may be missing or read-only, is needed.

    Parameters
    ----------
    out : the results' folder, in which it lies where none is given; it is taken away at the end.
    given : the folder of which a part is taken; what is kept for later runs stays in it.

    Raises
    ------
    DatasetError
        if nothing can be written there.
    """
    holder = given or out
    is_new = not holder.exists()
    try:
        holder.mkdir(parents=True, exist_ok=True)
        made = tempfile.TemporaryDirectory(prefix=f"{_WORK}-", dir=holder, ignore_cleanup_errors=True)
    except OSError as error:
        raise DatasetError(f"cannot be written ({error.strerror})", holder) from error
    try:
        with made as name, _set("TMPDIR", name), _tempdir(name), _figures_at_home_or(given or Path(name)):
            yield Path(name)
    finally:
        if is_new:
            with suppress(OSError):  # it holds something now
                holder.rmdir()


@contextmanager
def _set(variable: str, value: str) -> Iterator[None]:
    """An environment variable, also for processes that are started within it."""
    before = os.environ.get(variable)
    os.environ[variable] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[variable]
        else:
            os.environ[variable] = before


@contextmanager
def _tempdir(name: str) -> Iterator[None]:
    before, tempfile.tempdir = tempfile.tempdir, name
    try:
        yield
    finally:
        tempfile.tempdir = before


@contextmanager
def _figures_at_home_or(folder: Path) -> Iterator[None]:
    """Have matplotlib keep its list of fonts where it always does, or in a folder where it cannot."""
    if "MPLCONFIGDIR" in os.environ or _home_is_writable():
        yield
        return
    cache = folder / "matplotlib"
    cache.mkdir(exist_ok=True)
    with _set("MPLCONFIGDIR", str(cache)):
        yield


def _home_is_writable() -> bool:
    """Whether matplotlib can keep its list of fonts in a home."""
    try:
        home = Path.home()
    except RuntimeError:  # of a user whom the system does not know
        return False
    return home.is_dir() and os.access(home, os.W_OK)
