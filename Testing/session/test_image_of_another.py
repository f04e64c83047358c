"""Where no record tells which image was annotated, both panels say that the one there may be another's."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from headless.application import start
from SpineRootLib.images import Image, read_image, write_image

start()
from SpineRootModelerLib.session import ModelSession  # noqa: E402

ASKED = "another subject, or a mirrored one?"


def own(image: Image) -> np.ndarray:
    return image.voxels


def mirrored(image: Image) -> np.ndarray:
    return np.flip(image.voxels, int(np.argmax(np.abs(image.affine[0, :3]))))


def elsewhere(image: Image) -> np.ndarray:
    """What another subject's image shows at the marks: the same, some 5 mm from where it was."""
    right, front = (int(np.argmax(np.abs(image.affine[axis, :3]))) for axis in (0, 1))
    return np.roll(image.voxels, [10, 13], axis=(right, front))


@pytest.fixture
def dataset(request: pytest.FixtureRequest, small_phantom: Path, tmp_path: Path) -> Path:
    """Annotator A's work on subject 01, which does not say on which image, beside one that shows what the test asks."""
    root = shutil.copytree(small_phantom, tmp_path / "dataset", copy_function=shutil.copyfile)
    sidecar = root / "derivatives/markers-A/sub-01/sub-01_annotation.json"
    document = json.loads(sidecar.read_text())
    sidecar.write_text(json.dumps({key: value for key, value in document.items() if key != "Images"}))
    path = root / "rawdata/sub-01/anat/sub-01_CISS.nii.gz"
    image = read_image(path)
    write_image(path, replace(image, voxels=request.param(image)))
    return root


@pytest.mark.parametrize(("dataset", "asked"), [(own, False), (mirrored, True)], indirect=["dataset"])
def test_the_annotator_asks_whether_an_image_is_a_mirrored_one(session, dataset: Path, asked: bool) -> None:
    session.open(dataset, "01", "A")
    assert (ASKED in session.status.text) == asked


@pytest.mark.parametrize(("dataset", "asked"), [(own, False), (elsewhere, True)], indirect=["dataset"])
def test_the_modeler_asks_whether_an_image_is_another_subject_s(scene, dataset: Path, asked: bool) -> None:
    modeler = ModelSession(scene)
    modeler.open(dataset, "01", "A")
    assert (ASKED in modeler.message) == asked
    modeler.shut_down()
