"""Every test here runs on the real scene, empty at its start."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from headless.fixtures import *  # noqa: F403
from SpineRootLib.anatomy import CORD, DURA
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.phantom.settings import PhantomSettings
from SpineRootLib.phantom.truth import make_truth


@pytest.fixture(scope="session")
def _traced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a phantom of a person's length, 03, with contours counted from the feet, as one finds them."""
    markers = tmp_path_factory.mktemp("traced")
    write_annotation(markers, make_truth(PhantomSettings(), 3, "03").annotation, durable=False)
    folder = markers / "sub-03"
    (folder / "sub-03_annotation.json").unlink()
    for structure in (DURA, CORD):
        found = sorted(folder.glob(f"sub-03_{structure}_*.json"), key=lambda path: int(path.stem.rpartition("_")[2]))
        turned = [path.rename(path.with_suffix(".turned")) for path in reversed(found)]
        for path, name in zip(turned, found, strict=True):
            path.rename(name)
    return folder


def _dataset(root: Path, files: Path) -> Path:
    """A dataset whose annotator A has the files of subject 03; it has no images."""
    shutil.copytree(files, root / "derivatives" / "markers-A" / "sub-03", copy_function=shutil.copyfile)
    return root


@pytest.fixture
def sub03_dataset(_traced: Path, tmp_path: Path) -> Path:
    """A dataset whose annotator A traced subject 03, a phantom; it has no images."""
    return _dataset(tmp_path, _traced)


@pytest.fixture
def real_dataset(sub03: Path, tmp_path: Path) -> Path:
    """A dataset whose annotator A made the real subject's annotation; it has no images."""
    return _dataset(tmp_path, sub03 / "markers")


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
    """The folder of annotator A's work on subject 03, as it is found: with names in the wild."""
    return sub03_dataset / "derivatives" / "markers-A" / "sub-03"
