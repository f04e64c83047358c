"""Every test here runs on the real scene, empty at its start."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from headless.fixtures import *  # noqa: F403


@pytest.fixture
def sub03_dataset(sub03: Path, tmp_path: Path) -> Path:
    """A dataset whose annotator A made the real subject's annotation; it has no images."""
    shutil.copytree(sub03 / "markers", tmp_path / "derivatives" / "markers-A" / "sub-03", copy_function=shutil.copyfile)
    return tmp_path
