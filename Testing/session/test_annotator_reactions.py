"""What happens to the scene while a subject is open."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
import slicer

from headless.application import start
from SpineRootLib.anatomy import GANGLIA, Root

start()
from SpineRootAnnotatorLib.keys import ACTIONS, GANGLIA_MODE  # noqa: E402
from SpineRootAnnotatorLib.layouts import Arrangement  # noqa: E402
from SpineRootAnnotatorLib.session import AnnotationSession  # noqa: E402
from SpineRootAnnotatorLib.settings import Pace  # noqa: E402
from SpineRootAnnotatorLib.work.marks import Mark, Place  # noqa: E402
from SpineRootAnnotatorLib.work.root_order import root_order  # noqa: E402
from SpineRootAnnotatorLib.work.stopwatch import Stopwatch  # noqa: E402

GANGLION = Place(GANGLIA, root=Root("L1", "L"))
HERE = np.array([10.0, -40.0, -400.0])


@pytest.fixture
def session(scene, tmp_path, sub03_dataset):
    opened = AnnotationSession(scene, rescue_folder=tmp_path / "rescue", pace=Pace(0.0, 0.0, 0.0))
    opened.open(sub03_dataset, "03", "B")
    yield opened
    opened.shut_down()


def written(dataset: Path) -> Path:
    return dataset / "derivatives" / "markers-B" / "sub-03" / "sub-03_ganglions_L1_L.json"


def test_closing_the_scene_saves_and_closes_the_subject(session, scene, sub03_dataset):
    session.subject.put(GANGLION, Mark.of(HERE))
    scene.Clear(0)
    assert not session.is_open
    assert written(sub03_dataset).exists()


def test_a_saved_scene_opens_with_the_session_resumed(session, scene, tmp_path):
    session.subject.put(GANGLION, Mark.of(HERE))
    session.tick()
    bundle = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(bundle))
    scene.Clear(0)
    slicer.util.loadScene(str(bundle))
    assert session.is_open
    assert np.allclose(session.subject.annotation.ganglia[GANGLION.root], HERE)


@pytest.mark.parametrize("role", ["active-point", "active-contour", "on-slice", "in-space"])
def test_a_node_of_ours_that_is_deleted_comes_back_and_nothing_is_lost(session, scene, role):
    session.subject.put(GANGLION, Mark.of(HERE))
    scene.RemoveNode(session.subject.display.folder.find(role))
    session.tick()
    assert session.subject.display.folder.find(role) is not None
    assert np.allclose(session.subject.annotation.ganglia[GANGLION.root], HERE)
    session.perform("undo")
    assert GANGLION.root not in session.subject.annotation.ganglia


def test_a_node_of_ours_may_be_renamed(session):
    node = session.subject.display.in_space.node
    node.SetName("mine")
    session.tick()
    assert session.subject.display.folder.find("in-space") is node
    assert node.GetName() == "mine"


def test_slicers_own_undo_does_not_touch_what_is_annotated(session, scene):
    scene.SetUndoOn()
    scene.SaveStateForUndo()
    session.subject.put(GANGLION, Mark.of(HERE))
    scene.Undo()
    scene.SetUndoFlag(False)
    assert np.allclose(session.subject.annotation.ganglia[GANGLION.root], HERE)
    assert session.subject.display.folder.find("in-space") is not None


def test_reloading_the_module_goes_on_where_it_was(session, scene, sub03_dataset, tmp_path):
    session.open(sub03_dataset, "03", "A")
    session.subject.put(GANGLION, Mark.of(HERE))
    session.perform("roots")
    session.perform("next_structure")
    session.subject.go_to(33)
    session.tick()
    session.shut_down()
    again = AnnotationSession(scene, rescue_folder=tmp_path / "rescue", pace=Pace(0.0, 0.0, 0.0))
    assert again.resume_from_scene()
    assert (again.subject.mode.name, again.subject.number, str(again.subject.root)) == ("roots", 33, "L1_R")
    assert np.allclose(again.subject.annotation.ganglia[GANGLION.root], HERE)
    again.shut_down()


def test_while_another_module_is_open_clicks_are_slicers_and_no_time_is_counted(session):
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    session.perform("roots")
    now = [100.0]
    session.subject.work.stopwatch = Stopwatch(clock=lambda: now[0])
    session.subject.touch()
    now[0] = 103.0
    session.leave()
    assert interaction.GetCurrentInteractionMode() == interaction.ViewTransform
    now[0] = 110.0
    session.enter()
    assert interaction.GetCurrentInteractionMode() == interaction.Place
    now[0] = 111.0
    session.subject.touch()
    assert sum(session.subject.work.stopwatch.take().values()) == 4.0


@pytest.fixture
def layout(scene):
    """The layout node of a main window, with the four-up layout."""
    node = scene.AddNewNodeByClass("vtkMRMLLayoutNode")
    node.SetViewArrangement(node.SlicerLayoutFourUpView)
    yield node
    scene.RemoveNode(node)


def test_the_users_own_layout_comes_back_when_the_subject_is_closed(session, layout, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    session.perform("roots")
    assert layout.GetViewArrangement() >= 500, "Slicer leaves these to extensions"
    session.close()
    assert layout.GetViewArrangement() == layout.SlicerLayoutFourUpView


def test_a_layout_that_the_user_chooses_meanwhile_stays(session, layout, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    layout.SetViewArrangement(layout.SlicerLayoutOneUpRedSliceView)
    session.close()
    assert layout.GetViewArrangement() == layout.SlicerLayoutOneUpRedSliceView


def test_on_a_narrow_screen_the_third_view_of_ganglia_stands_below_the_others(scene, layout):
    arrangement, descriptions = Arrangement(scene), []
    for is_narrow in (False, True):
        arrangement.arrange(GANGLIA_MODE, 2, is_narrow)
        descriptions.append(layout.GetLayoutDescription(layout.GetViewArrangement()))
    abreast, below = (widest_row(ElementTree.fromstring(each)) for each in descriptions)
    assert sorted(abreast) == ["DESS", "Green", "Yellow"]
    assert sorted(below) == ["DESS", "Yellow"], "linked, and beside each other"


def widest_row(element):
    """The views of a layout that stand beside each other, as far as the most do."""
    if element.tag == "view":
        return [element.get("singletontag")]
    rows = [widest_row(each) for each in element if each.tag in ("item", "layout", "view")]
    return [name for row in rows for name in row] if element.get("type") == "horizontal" else max(rows, key=len)


def test_views_are_not_arranged_for_who_does_not_want_it(session, layout, sub03_dataset):
    session.settings.arrange_views = False
    session.open(sub03_dataset, "03", "A")
    session.perform("roots")
    assert layout.GetViewArrangement() == layout.SlicerLayoutFourUpView


def test_the_folder_of_the_nodes_may_be_renamed(session, scene):
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    folder = hierarchy.GetItemChildWithName(hierarchy.GetSceneItemID(), "SpineRoot sub-03")
    hierarchy.SetItemName(folder, "my work")
    scene.RemoveNode(session.subject.display.folder.find("in-space"))
    session.tick()
    assert not hierarchy.GetItemChildWithName(hierarchy.GetSceneItemID(), "SpineRoot sub-03")
    session.close()
    assert not hierarchy.GetItemChildWithName(hierarchy.GetSceneItemID(), "my work")


def test_a_missing_contour_is_no_jump_in_the_order_of_the_roots(session, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    index = session.subject.index
    before = {course.root: course.offsets_mm for course in root_order(index)}
    for number in (30, 31, 32):
        session.subject.put(Place("dura", slice=number), None)
    for course in root_order(index):
        assert np.allclose(course.offsets_mm, before[course.root], atol=0.5)


def test_all_nodes_lie_in_one_folder(session, scene):
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    folder = hierarchy.GetItemChildWithName(hierarchy.GetSceneItemID(), "SpineRoot sub-03")
    for role in ("active-point", "active-contour", "on-slice", "in-space"):
        item = hierarchy.GetItemByDataNode(session.subject.display.folder.find(role))
        assert hierarchy.GetItemParent(item) == folder


def test_nobody_elses_work_is_read(session, sub03_dataset):
    seen: list[str] = []

    def hook(event: str, arguments: tuple) -> None:
        if watching and event in ("open", "os.listdir", "os.scandir") and arguments:
            seen.append(str(arguments[0]))

    watching = True
    sys.addaudithook(hook)
    session.close()
    session.open(sub03_dataset, "03", "B")
    session.progress(sub03_dataset, "B")
    session.perform("review")
    session.tick()
    watching = False
    assert [path for path in seen if "markers-A" in path and path.endswith(".json")] == []


def test_every_action_can_be_asked_for_in_each_of_its_modes(session, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    for action in ACTIONS:
        for mode in action.modes:
            session.perform(mode)
            assert session.subject.mode.name == mode
            session.perform(action.name)


def test_an_action_of_another_mode_is_ignored(session):
    session.perform("accept_run")
    assert session.subject.mode.name == "ganglia"


def test_findings_are_live(session):
    before = {finding.message for finding in session.subject.checks.findings}
    session.subject.put(GANGLION, Mark.of(HERE))
    session.tick()
    assert {finding.message for finding in session.subject.checks.findings} != before
