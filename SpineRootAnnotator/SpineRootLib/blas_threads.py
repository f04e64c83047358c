"""Small systems of equations on one thread: several threads that wait for each other cost more than they save."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy
import scipy

# the names under which the wheels of numpy and scipy have OpenBLAS's functions
_SUFFIXES = ("", "64_")
_PREFIXES = ("scipy_openblas", "openblas")


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Have OpenBLAS compute on the calling thread alone, as often as it is asked; then as before.

    With two threads on a machine whose cores are taken, thousands of solutions of systems of some hundred unknowns took
    ten times the processor time of one thread. Where the libraries are others than those of the wheels nothing changes.
    """
    known = _libraries()
    before = [get() for get, _set in known]
    for _get, set_threads in known:
        set_threads(1)
    try:
        yield
    finally:
        for (_get, set_threads), number in zip(known, before, strict=True):
            set_threads(number)


@cache
def _libraries() -> tuple[tuple[Callable[[], int], Callable[[int], Any]], ...]:
    """Of each OpenBLAS that numpy and scipy brought what tells and what sets the number of its threads."""
    found = []
    for package in (numpy, scipy):
        root = Path(str(package.__file__)).parent
        folders = (root.parent / f"{package.__name__}.libs", root / ".dylibs")
        for path in (each for folder in folders if folder.is_dir() for each in sorted(folder.glob("*openblas*"))):
            found += _functions(path)
    return tuple(found)


def _functions(path: Path) -> list[tuple[Callable[[], int], Callable[[int], Any]]]:
    try:
        library = ctypes.CDLL(str(path))
    except OSError:  # an import library, or one for another processor
        return []
    for prefix in _PREFIXES:
        for suffix in _SUFFIXES:
            names = f"{prefix}_get_num_threads{suffix}", f"{prefix}_set_num_threads{suffix}"
            if all(hasattr(library, name) for name in names):
                return [(getattr(library, names[0]), getattr(library, names[1]))]
    return []
