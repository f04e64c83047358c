from __future__ import annotations

import numpy as np
import pytest
import slicer
import vtk
from scipy.spatial import cKDTree
from vtkmodules.util.numpy_support import vtk_to_numpy

from headless.application import start
from SpineRootLib.anatomy import DEFAULT_SEGMENTS, ROOTS, Root, color
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import Cancelled, SpineRootError
from SpineRootLib.surfaces import ModelSettings
from SpineRootLib.surfaces.settings import MeshSettings, RootSettings

start()
from SpineRootModelerLib.session import ModelSession  # noqa: E402
from SpineRootModelerLib.surfaces.parameter_help import detail_text, smoothing_text  # noqa: E402
from SpineRootModelerLib.work.export import ExportChoice  # noqa: E402


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


def test_what_was_moved_noticeably_is_listed_with_its_place(session, sub03_dataset, folder):
    for path in folder.glob("sub-03_nerveroots_*_R.json"):
        if "_L4_R" not in path.name:  # which nothing crowds then
            path.unlink()
    session.open(sub03_dataset, "03", "A")
    session.build()
    table = session.work.table
    moved = [row for row in range(table.node.GetNumberOfRows()) if table.node.GetCellText(row, 0) == "moved"]
    by_root = {name: root["moved"]["max_mm"] for name, root in session.model.report["roots"].items()}
    noticeable = {name for name, most in by_root.items() if most >= 0.1}
    assert 0 < len(noticeable) < len(by_root), "a root that stands alone is moved by less than marks jitter"
    assert {table.node.GetCellText(row, 1) for row in moved} == noticeable
    moved_most = Root.parse(table.node.GetCellText(moved[0], 1))
    first = session.annotation.root_descending(moved_most)[0]
    assert np.linalg.norm(table.position(moved[0]) - first) < 5.0


def test_surfaces_are_exported_in_the_chosen_formats_and_lie_where_slicer_shows_them(session, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    session.build()
    shown = slicer.util.getNode("sub-03_cord").GetPolyData().GetBounds()
    files = session.export(ExportChoice(parts=["cord"], formats=["vtp", "stl", "obj"], picture=True))
    assert [path.name for path in files] == [
        "sub-03_cord.vtp",
        "sub-03_cord.stl",
        "sub-03_cord.obj",
        "sub-03_model.png",
        "sub-03_model.json",
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
    models = [
        scene.GetNthNodeByClass(n, "vtkMRMLModelNode") for n in range(scene.GetNumberOfNodesByClass("vtkMRMLModelNode"))
    ]
    assert len([model for model in models if not model.GetHideFromEditors()]) == 17  # without those of views
    assert np.allclose(slicer.util.getNode("sub-03_cord").GetDisplayNode().GetColor(), (0.1, 0.2, 0.3))


@pytest.mark.parametrize("ending", ["vtp", "vtk", "stl", "ply", "obj"])
def test_an_exported_file_says_the_same_coordinates_as_one_that_slicer_saves(session, sub03_dataset, ending):
    """Both are read without Slicer, so that a header that Slicer alone follows would show."""
    session.open(sub03_dataset, "03", "A")
    session.build()
    exported = session.export(ExportChoice(parts=["cord"], formats=[ending], report=False))
    node = slicer.util.getNode("sub-03_cord")
    saved = sub03_dataset / f"saved.{ending}"
    assert slicer.util.saveNode(node, str(saved), {})
    ours, theirs = (corners(path) for path in (exported[0], saved))
    assert len(np.unique(ours, axis=0)) == len(np.unique(theirs, axis=0))
    assert cKDTree(ours).query(theirs)[0].max() < 1e-3, "single precision"
    assert node.GetStorageNode().GetCoordinateSystem() == slicer.vtkMRMLStorageNode.CoordinateSystemLPS


def corners(path):
    """The corners of the triangles in a surface file, (n, 3)."""
    readers = {
        ".vtp": vtk.vtkXMLPolyDataReader,
        ".vtk": vtk.vtkPolyDataReader,
        ".stl": vtk.vtkSTLReader,
        ".ply": vtk.vtkPLYReader,
        ".obj": vtk.vtkOBJReader,
    }
    reader = readers[path.suffix]()
    reader.SetFileName(str(path))
    reader.Update()
    return vtk_to_numpy(reader.GetOutput().GetPoints().GetData()).astype(float)


def test_the_label_map_lies_on_ciss_and_its_roots_are_as_thick_as_the_surfaces(session, two_annotators):
    session.open(two_annotators, "01", "A")
    voxels = []
    for radius in (0.4, 0.8):
        session.build(ModelSettings(roots=RootSettings(radius_mm=radius)))
        files = session.export(ExportChoice(formats=[], report=False, label_map=True))
        labels = slicer.util.loadLabelVolume(str(next(path for path in files if path.name.endswith(".nii.gz"))))
        voxels.append(int((slicer.util.arrayFromVolume(labels) > 2).sum()))
        image = slicer.util.loadVolume(str(Dataset.open(two_annotators).image("01", "CISS")), {"show": False})
        frames = []
        for node in (labels, image):
            matrix = vtk.vtkMatrix4x4()
            node.GetIJKToRASMatrix(matrix)
            frames.append(slicer.util.arrayFromVTKMatrix(matrix))
        assert np.allclose(*frames, atol=1e-4)
    assert voxels[1] > 1.5 * voxels[0]


def test_a_row_of_the_models_table_leads_to_its_place(session, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    session.build()
    crosshair = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
    for row in range(3):
        session.go_to_model_row(row)
        assert np.allclose(crosshair.GetCrosshairRAS(), session.work.table.position(row))


def test_the_surfaces_look_as_what_they_are(session, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    session.build()
    nodes = session.work.surfaces.by_part()
    assert nodes["dura"].GetDisplayNode().GetOpacity() < 0.5, "one looks through the dura"
    colors = {tuple(nodes[f"nerveroots_{segment}_L"].GetDisplayNode().GetColor()) for segment in DEFAULT_SEGMENTS}
    assert len(colors) == 7, "a colour a segment"
    assert all(
        nodes[f"nerveroots_{root}"].GetDisplayNode().GetColor() == pytest.approx(color(ROOTS, root))
        for root in session.annotation.roots
    )
    assert all(node.GetDisplayNode().GetVisibility2D() for part, node in nodes.items() if part != "csf")


def test_a_label_map_without_an_image_is_refused(session, sub03_dataset):
    session.open(sub03_dataset, "03", "A")
    session.build()
    with pytest.raises(SpineRootError, match="needs the CISS image of sub-03"):
        session.export(ExportChoice(label_map=True))


@pytest.mark.parametrize(
    "subject, sentence",
    [("", "choose a subject first: sub-03 in "), ("99", r"sub-99 is not among the subjects \(sub-03\) in ")],
)
def test_a_subject_that_is_not_there_is_refused_with_those_that_are(session, sub03_dataset, subject, sentence):
    with pytest.raises(SpineRootError, match=sentence):
        session.open_subject(sub03_dataset, subject)


def test_the_numbers_that_surfaces_are_built_by_are_said_in_words():
    assert [detail_text(detail) for detail in (0.5, 1.0, 2.0)] == [f"edges up to {edge} mm" for edge in (1.2, 0.6, 0.3)]
    assert len({smoothing_text(smoothing) for smoothing in (0.0, 0.5, 1.0, 2.0)}) == 4


def test_without_its_library_the_table_says_which_button_brings_the_fluid(session, sub03_dataset, monkeypatch):
    from SpineRootLib.errors import MissingExtraError
    from SpineRootLib.surfaces import model

    def missing(*_surfaces):
        raise MissingExtraError("manifold3d", "model", "the CSF surface")

    monkeypatch.setattr(model, "difference", missing)
    session.open(sub03_dataset, "03", "A")
    session.build()
    table = session.work.table.node.GetTable()
    rows = [table.GetValueByName(row, "message").ToString() for row in range(table.GetNumberOfRows())]
    assert any("press the button that installs" in message for message in rows)
    assert not any("pip install" in message for message in rows)
