"""While a root is followed or contours are proposed Slicer goes on: scenes close, nodes go, other subjects open."""

from __future__ import annotations

import numpy as np
import pytest
import vtk

from SpineRootAnnotatorLib.work.marks import Mark
from SpineRootLib.anatomy import DURA, GANGLIA, ROOTS, Root
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.place import Place
from SpineRootScene.scene_folder import SceneFolder
from two_subjects import add_subject

L3 = Root("L3", "L")
MARKED = (20, 30)


@pytest.fixture
def at_work(annotator, dataset, truth):
    """The annotator between two marks of L3_L, of which the rest can be followed."""
    annotator.open(dataset)
    annotator.press("3", *["Tab"] * 4)
    for number in MARKED:
        annotator.go_to(number)
        annotator.click(truth.root_by_slice(L3)[number])
    annotator.go_to(21)
    return annotator


def meanwhile(session, do):
    """Have something done once while work goes on; what it refused is kept."""
    refused = []

    def show(title, _fraction):
        session.show_progress = lambda *_told: None
        if title:
            try:
                do()
            except SpineRootError as error:
                refused.append(str(error))

    session.show_progress = show
    return refused


def test_a_scene_that_is_closed_while_a_root_is_followed_puts_the_subject_away_saved(at_work, scene, dataset):
    session = at_work.session
    meanwhile(session, lambda: scene.Clear(0))
    session.press("Q")
    at_work.wait()
    assert not session.is_open
    assert session.message.startswith("The scene was closed: the work on sub-01 is saved and put away.")
    assert sorted(Dataset.open(dataset).read("01", "C").root_by_slice(L3)) == list(MARKED)
    at_work.open(dataset)
    assert sorted(at_work.subject.annotation.root_by_slice(L3)) == list(MARKED)


def test_another_subject_that_is_opened_while_a_root_is_followed_gets_none_of_its_proposals(at_work, dataset):
    add_subject(dataset, "02", annotators=())
    session = at_work.session
    refused = meanwhile(session, lambda: session.open(dataset, "02", "C"))
    session.press("Q")
    at_work.wait()
    assert refused == []
    assert session.opened.subject == "02"
    assert at_work.subject.annotation.roots == {}
    slices = range(1, at_work.subject.planes.count + 1)
    assert not any(at_work.subject.proposals.has(Place(ROOTS, root=L3, slice=number)) for number in slices)
    assert not at_work.subject.long_work.is_running


def test_nodes_that_are_deleted_while_a_root_is_followed_come_back(at_work, scene, truth):
    subject = at_work.subject

    def delete():
        for node in (subject.contour.node, subject.point.node):
            scene.RemoveNode(node)

    meanwhile(at_work.session, delete)
    at_work.session.press("Q")
    at_work.wait()
    at_work.go_to(25)
    at_work.click(truth.root_by_slice(L3)[25])
    assert 25 in subject.annotation.root_by_slice(L3)


@pytest.mark.parametrize("mode", ["ganglia", "contours"])
def test_after_our_nodes_were_deleted_the_next_click_counts_in_every_mode(annotator, dataset, scene, truth, mode):
    annotator.open(dataset)
    annotator.press({"ganglia": "1", "contours": "2"}[mode])
    subject = annotator.subject
    for node in (subject.contour.node, subject.point.node):
        scene.RemoveNode(node)
    annotator.wait()
    if mode == "ganglia":
        root = subject.root
        annotator.green.node.JumpSlice(*truth.ganglia[root])
        annotator.click(truth.ganglia[root], annotator.green)
        assert subject.mark(Place(GANGLIA, root=root)) is not None
    else:
        annotator.go_to(12)
        annotator.press("Q")
        annotator.click(truth.contours_by_slice(DURA)[12].points.mean(axis=0))
        assert subject.proposals.has(Place(DURA, slice=12))


def test_undo_while_contours_are_proposed_takes_nothing_back_behind_their_back(annotator, dataset, truth):
    annotator.open(dataset)
    annotator.press("2")
    subject = annotator.subject
    contours = truth.contours_by_slice(DURA)
    for number in (10, 16):
        subject.put(Place(DURA, slice=number), Mark.of(contours[number].points))
    annotator.go_to(12)
    meanwhile(annotator.session, lambda: annotator.session.perform("undo"))
    annotator.press("Shift+C")
    assert sorted(subject.annotation.contours_by_slice(DURA)) == [10, 16]
    proposed = subject.proposals.get(Place(DURA, slice=13))
    assert proposed is not None
    assert np.linalg.norm(proposed.points.mean(axis=0) - contours[13].points.mean(axis=0)) < 1.0


def test_a_node_that_is_asked_for_while_it_is_made_has_a_display(scene):
    """Slicer arranges its views whenever it finds the time, also while a node comes into the scene."""
    folder, displays = SceneFolder(scene, "sub-01"), []

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def ask(_scene, _event, node):
        if node.IsA("vtkMRMLModelDisplayNode") and not displays:
            displays.append(None)
            displays.append(folder.node("names", "vtkMRMLModelNode", "Names").GetDisplayNode())

    tag = scene.AddObserver(scene.NodeAddedEvent, ask)
    made = folder.node("names", "vtkMRMLModelNode", "Names")
    scene.RemoveObserver(tag)
    assert displays[1] is not None
    assert made.GetDisplayNode() is not None
    assert scene.GetNodesByClassByName("vtkMRMLModelNode", "Names").GetNumberOfItems() == 1


def test_a_drawing_whose_display_was_deleted_in_data_is_seen_again(at_work, scene):
    subject = at_work.subject
    scene.RemoveNode(subject.display.on_slice.node.GetDisplayNode())
    at_work.wait()
    at_work.press("D", "E")
    assert subject.display.on_slice.node.GetDisplayNode() is not None
    assert subject.display.on_slice.node.GetDisplayNode().GetVisibility2D()
