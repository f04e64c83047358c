from __future__ import annotations

import numpy as np
import pytest
import slicer

from headless.application import start
from SpineRootLib.errors import SpineRootError

start()
from SpineRootModelerLib.session import ModelSession  # noqa: E402


def test_surfaces_lie_on_the_annotation_that_they_were_built_from(scene, sub03_dataset):
    session = ModelSession(scene)
    session.open(sub03_dataset, "03", "A")
    session.build()
    dura = slicer.util.getNode("sub-03_dura")
    bounds = np.array(dura.GetPolyData().GetBounds()).reshape(3, 2)
    drawn = np.concatenate([contour.points for contour in session.annotation.dura])
    assert np.all(np.abs(bounds[:2, 0] - drawn[:, :2].min(axis=0)) < 1.0)
    assert np.all(np.abs(bounds[:2, 1] - drawn[:, :2].max(axis=0)) < 1.0)


def test_building_again_replaces_what_was_shown(scene, sub03_dataset):
    session = ModelSession(scene)
    session.open(sub03_dataset, "03", "A")
    session.build()
    before = scene.GetNumberOfNodesByClass("vtkMRMLModelNode")
    session.build()
    assert scene.GetNumberOfNodesByClass("vtkMRMLModelNode") == before


def test_building_with_nothing_open_says_so(scene):
    with pytest.raises(SpineRootError, match="open a subject first"):
        ModelSession(scene).build()
