"""Both modules on one scene: what the one shows is not seen while the other is used."""

from __future__ import annotations

import pytest

from headless.application import start
from SpineRootLib.dataset import Dataset
from two_annotators import put

start()
from SpineRootAnnotatorLib.session import AnnotationSession  # noqa: E402
from SpineRootAnnotatorLib.settings import SessionSettings  # noqa: E402
from SpineRootModelerLib.session import ModelSession  # noqa: E402
from SpineRootScene.scene_folder import ROLE  # noqa: E402


@pytest.fixture
def annotating(scene, two_annotators):
    put(two_annotators, "C", Dataset.open(two_annotators).read("01", "A"), signed_off=False)
    session = AnnotationSession(scene, SessionSettings(arrange_views=False))
    session.open(two_annotators, "01", "C")
    yield session
    session.shut_down()


@pytest.fixture
def modeling(scene, two_annotators, annotating):  # noqa: ARG001
    session = ModelSession(scene)
    session.open_subject(two_annotators, "01")
    session.compare(["A", "B"])
    yield session
    session.shut_down()


def seen(scene, ours):
    """Names of the nodes that are visible: the Modeler's, or the Annotator's."""
    nodes = scene.GetNodesByClass("vtkMRMLDisplayableNode")
    listed = [nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())]
    roles = {
        node: node.GetAttribute(ROLE) for node in listed if node.GetAttribute(ROLE) and node.GetDisplayVisibility()
    }
    return {node.GetName() for node, role in roles.items() if role.startswith("modeler-") is ours}


def test_an_annotators_unfinished_work_is_not_seen_in_the_modeler(scene, modeling):
    before = seen(scene, ours=False)
    assert before
    modeling.enter()
    assert seen(scene, ours=False) == set()
    assert len(seen(scene, ours=True)) >= 4, "each annotator's marks in the slice and in space"
    modeling.leave(annotating=True)
    assert seen(scene, ours=False) == before


def test_others_marks_are_not_seen_while_annotating_and_come_back(scene, modeling):
    modeling.comparison.display.set_visible("B", False)
    modeling.enter()
    before = seen(scene, ours=True)
    modeling.leave(annotating=True)
    assert seen(scene, ours=True) == set()
    modeling.enter()
    assert seen(scene, ours=True) == before
    assert not modeling.comparison.display.is_visible("B")


def test_in_other_modules_of_slicer_the_marks_stay(scene, modeling):
    modeling.enter()
    before = seen(scene, ours=True)
    modeling.leave(annotating=False)
    assert seen(scene, ours=True) == before


def test_a_closed_scene_has_nothing_to_bring_back(scene, modeling):
    modeling.enter()
    scene.Clear(0)
    modeling.leave(annotating=True)
    assert seen(scene, ours=False) == set()
