"""What all tests share: where the project lies, and the real subject where it is at hand."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# tests run beside each other: threads of each one's linear algebra would wait for each other
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
settings.register_profile("frugal", max_examples=40, deadline=None)
settings.load_profile("frugal")

ROOT = Path(__file__).resolve().parents[1]
for module in ("SpineRootAnnotator", "SpineRootModeler"):
    sys.path.insert(0, str(ROOT / module))
sys.dont_write_bytecode = True

_SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def sub03() -> Path:
    """The folder of a real subject's annotation and baseline; it is not part of the repository."""
    folder = _SHARED / "data" / "sub-03"
    if not folder.is_dir():
        pytest.skip("the real subject (../shared/data/sub-03) is not at hand")
    return folder


@pytest.fixture(scope="session")
def small_phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with a small synthetic subject, 01, its truth as the consensus, and annotator A; not to be changed."""
    from SpineRootLib.phantom import PhantomSettings, write_phantom

    folder = tmp_path_factory.mktemp("phantom")
    write_phantom(folder, "01", PhantomSettings.small().with_crowding(0.0), 1, ["A"])
    return folder


@pytest.fixture
def two_annotators(small_phantom: Path, tmp_path: Path) -> Path:
    """A dataset in which A and B traced subject 01; see `two_annotators.py` for where they differ."""
    from two_annotators import write_two_annotators

    dataset = tmp_path / "dataset"
    dataset.mkdir()
    return write_two_annotators(small_phantom, dataset)
