"""Every test here runs on the real scene, empty at its start, with real views."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headless.fixtures import *  # noqa: F403
from links import link_or_copy
from SpineRootLib.annotation import Annotation
from SpineRootLib.dataset import Dataset


@pytest.fixture
def dataset(small_phantom: Path, tmp_path: Path) -> Path:
    """The phantom's images and its truth, annotated by nobody yet."""
    link_or_copy(tmp_path / "rawdata", small_phantom / "rawdata")
    shutil.copytree(small_phantom / "derivatives" / "markers", tmp_path / "derivatives" / "markers")
    return tmp_path


@pytest.fixture(scope="session")
def truth(small_phantom: Path) -> Annotation:
    """What is where in the phantom."""
    return Dataset.open(small_phantom).read("01")


@pytest.fixture
def side_by_side(_slice_views: Any, scene: Any) -> tuple[Any, Any]:  # noqa: ARG001
    """The two sagittal views of the layout for ganglia: of DESS and of T2-TSE."""
    return _slice_views("DESS", "Sagittal"), _slice_views("Yellow", "Sagittal")


@pytest.fixture
def annotator(red: Any, green: Any, tmp_path: Path) -> Iterator[Any]:
    """An annotator with an open Slicer, two slice views, nothing loaded."""
    from annotator_at_work import AnnotatorAtWork

    at_work = AnnotatorAtWork(red, green, rescue_folder=tmp_path / "rescue")
    yield at_work
    at_work.session.shut_down()
