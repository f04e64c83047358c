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


@pytest.fixture
def session(scene, tmp_path):
    """An annotator's session that waits for nothing."""
    from SpineRootAnnotatorLib.session import AnnotationSession
    from SpineRootAnnotatorLib.settings import Pace

    opened = AnnotationSession(scene, rescue_folder=tmp_path / "rescue", pace=Pace(0.0, 0.0, 0.0))
    yield opened
    opened.shut_down()


@pytest.fixture
def folder(sub03_dataset):
    """The folder of annotator A's work on the real subject, as it is found: with names in the wild."""
    return sub03_dataset / "derivatives" / "markers-A" / "sub-03"
