from __future__ import annotations

import numpy as np
import pytest
import slicer

from headless.application import start
from SpineRootLib.anatomy import Root
from SpineRootLib.errors import Cancelled, SpineRootError
from SpineRootLib.surfaces import ModelSettings
from SpineRootLib.surfaces.settings import MeshSettings

start()
from SpineRootModelerLib.export import ExportChoice  # noqa: E402
from SpineRootModelerLib.session import ModelSession  # noqa: E402


@pytest.fixture
def session(scene):
    opened = ModelSession(scene)
    yield opened
    opened.shut_down()


def test_surfaces_lie_on_the_annotation_that_they_were_built_from(session, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    session.build()
    dura = slicer.util.getNode("sub-03_dura")
    bounds = np.array(dura.GetPolyData().GetBounds()).reshape(3, 2)
    drawn = np.concatenate([contour.points for contour in session.annotation.dura])
    assert np.all(np.abs(bounds[:2, 0] - drawn[:, :2].min(axis=0)) < 1.0)
    assert np.all(np.abs(bounds[:2, 1] - drawn[:, :2].max(axis=0)) < 1.0)


def test_building_again_replaces_what_was_shown(session, scene, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    session.build()
    before = scene.GetNumberOfNodesByClass("vtkMRMLModelNode")
    session.build()
    assert scene.GetNumberOfNodesByClass("vtkMRMLModelNode") == before


def test_building_with_nothing_open_says_so(session):
    with pytest.raises(SpineRootError, match="open a subject first"):
        session.build()


def test_building_again_keeps_the_users_colours_visibility_and_folder(session, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    session.build()
    cord = slicer.util.getNode("sub-03_cord")
    cord.GetDisplayNode().SetColor(0.1, 0.2, 0.3)
    cord.GetDisplayNode().SetVisibility(False)
    session.build(ModelSettings(mesh=MeshSettings().scaled(0.5)))
    assert slicer.util.getNode("sub-03_cord") is cord
    assert cord.GetDisplayNode().GetColor() == (0.1, 0.2, 0.3)
    assert not cord.GetDisplayNode().GetVisibility()


def test_all_surfaces_lie_in_one_folder_of_the_subject_hierarchy(session, scene, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    session.build()
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    parents = {hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node)) for node in session.nodes}
    assert [hierarchy.GetItemName(parent) for parent in parents] == ["SpineRoot model sub-03"]
    # dura, CSF, cord and fourteen roots
    assert len(session.nodes) == 17


def test_cancelling_leaves_what_was_shown(session, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    session.build()
    before = slicer.util.getNode("sub-03_dura").GetPolyData()
    with pytest.raises(Cancelled):
        session.build(progress=lambda fraction, _text: fraction < 0.5)
    assert slicer.util.getNode("sub-03_dura").GetPolyData() is before


def test_what_was_moved_is_listed_with_its_place(session, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    session.build()
    table = session.work.table
    moved = [row for row in range(table.node.GetNumberOfRows()) if table.node.GetCellText(row, 0) == "moved"]
    assert len(moved) == 14
    row = next(row for row in moved if table.node.GetCellText(row, 1) == "nerveroots_L3_L")
    first = session.annotation.root_descending(Root("L3", "L"))[0]
    assert np.linalg.norm(table.position(row) - first) < 5.0


def test_surfaces_are_exported_in_the_chosen_formats_and_lie_where_slicer_shows_them(session, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    session.build()
    shown = slicer.util.getNode("sub-03_cord").GetPolyData().GetBounds()
    files = session.export(ExportChoice(parts=["cord"], formats=["vtp", "stl", "obj"], picture=True))
    assert [path.name for path in files] == [
        "sub-03_cord.vtp",
        "sub-03_cord.stl",
        "sub-03_cord.obj",
        "sub-03_model.json",
        "sub-03_model.png",
    ]
    for path in files[:3]:
        assert np.allclose(slicer.util.loadModel(str(path)).GetPolyData().GetBounds(), shown, atol=1e-3), path.name


def test_surfaces_of_a_saved_scene_are_found_again_and_replaced(session, scene, sub03_dataset, tmp_path):
    session.open(sub03_dataset, "03", "A")
    session.build()
    slicer.util.getNode("sub-03_cord").GetDisplayNode().SetColor(0.1, 0.2, 0.3)
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    scene.Clear(0)
    assert not session.is_open
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    session.tick()
    assert len(session.nodes) == 17
    session.build()
    assert scene.GetNumberOfNodesByClass("vtkMRMLModelNode") == 17
    assert np.allclose(slicer.util.getNode("sub-03_cord").GetDisplayNode().GetColor(), (0.1, 0.2, 0.3))


def test_a_label_map_without_an_image_is_refused(session, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    session.build()
    with pytest.raises(SpineRootError, match="needs the CISS image of sub-03"):
        session.export(ExportChoice(label_map=True))
