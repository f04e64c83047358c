"""What all tests share: where the project lies, and the real subject where it is at hand."""

from __future__ import annotations

import importlib.util
import os
import shutil
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

# the libraries of Slicer are not published for every version of Python
HAS_SLICER = importlib.util.find_spec("slicer") is not None
collect_ignore = [] if HAS_SLICER else ["session", "views"]
_SHARED = ROOT.parent / "shared"
_STATIC = "Testing/static/"


def pytest_report_header() -> str:
    """Say what is left out."""
    return "" if HAS_SLICER else "no slicer-core in this Python: the tests of sessions and views are left out"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many of the tests run the software, and how many read its files alone."""
    passed = [report.nodeid for report in terminalreporter.getreports("passed")]
    static = sum(node.startswith(_STATIC) for node in passed)
    terminalreporter.write_line(f"Passed: {len(passed) - static} tests of behaviour, {static} checks of the files")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data beside the project; it is not part of the repository."""
    if not _SHARED.is_dir():
        pytest.skip("no real data (../shared) is at hand")
    return _SHARED


@pytest.fixture(scope="session")
def sub03(shared: Path) -> Path:
    """The folder of a real subject's annotation and baseline."""
    return shared / "data" / "sub-03"


@pytest.fixture(scope="session")
def small_phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with a small synthetic subject, 01, its truth as the consensus, and annotator A; not to be changed."""
    from SpineRootLib.phantom import PhantomSettings, write_phantom

    folder = tmp_path_factory.mktemp("phantom")
    write_phantom(folder, "01", PhantomSettings.small().with_crowding(0.0), 1, ["A"])
    return folder


@pytest.fixture(scope="session")
def _two_annotators(small_phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from two_annotators import write_two_annotators

    return write_two_annotators(small_phantom, tmp_path_factory.mktemp("two_annotators"))


@pytest.fixture
def two_annotators(_two_annotators: Path, tmp_path: Path) -> Path:
    """A dataset in which A and B traced subject 01; see `two_annotators.py` for where they differ."""
    return shutil.copytree(_two_annotators, tmp_path / "dataset", symlinks=True, copy_function=shutil.copyfile)
