"""What several tests of the domain start from."""

from __future__ import annotations

from pathlib import Path

import pytest
from raters_on_disk import put, shifted
from small_stack import SmallStack, small_stack
from straight_spine import straight_spine

from SpineRootLib.tracing import Tracer


@pytest.fixture(scope="module")
def stack() -> SmallStack:
    return small_stack(noise=0.05)


@pytest.fixture(scope="module")
def tracer(stack: SmallStack) -> Tracer:
    return Tracer(stack.image)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    """Two annotators, 0.5 mm apart everywhere."""
    spine = straight_spine()
    return str(put(tmp_path, spine, "A")), str(put(tmp_path, shifted(spine, [0.3, 0.4, 0.0]), "B"))


@pytest.fixture
def only_ciss(tmp_path: Path) -> Path:
    """A folder with one DICOM series."""
    from dicom_series import CISS, study

    return study(tmp_path / "dicom", CISS)
