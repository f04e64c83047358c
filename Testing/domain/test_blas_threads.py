"""Many small systems of equations are solved on one thread."""

from __future__ import annotations

import pytest

from SpineRootLib import blas_threads
from SpineRootLib.blas_threads import one_blas_thread


def test_within_it_one_thread_computes_and_afterwards_as_many_as_before():
    known = blas_threads._libraries()
    if not known:
        pytest.skip("numpy and scipy have no OpenBLAS of their own here")
    before = [get() for get, _set in known]
    try:
        for _get, set_threads in known:
            set_threads(2)
        with pytest.raises(ZeroDivisionError), one_blas_thread():
            within = [get() for get, _set in known]
            raise ZeroDivisionError
        after = [get() for get, _set in known]
    finally:
        for (_get, set_threads), number in zip(known, before, strict=True):
            set_threads(number)
    assert (within, after) == ([1] * len(known), [2] * len(known))


def test_a_file_that_is_no_library_changes_nothing(tmp_path):
    (tmp_path / "libopenblas.so").write_bytes(b"no library")
    assert blas_threads._functions(tmp_path / "libopenblas.so") == []
