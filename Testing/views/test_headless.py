"""The bench itself: what tests rest on must behave as Slicer does."""

from __future__ import annotations

import numpy as np
import slicer
import vtk

from headless import opengl


def place(node, persistent=False):
    """What the place button of Slicer's markups does."""
    slicer.modules.markups.logic().SetActiveList(node)
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    interaction.SetPlaceModePersistence(persistent)
    interaction.SetCurrentInteractionMode(interaction.Place)


def test_a_click_places_a_point_where_the_pointer_is(red):
    points = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode")
    place(points)
    red.click((123, 45))
    assert points.GetNumberOfControlPoints() == 1
    assert np.allclose(points.GetNthControlPointPosition(0), red.ras((123, 45)), atol=1e-9)


def test_pixels_and_ras_are_inverse(red):
    assert np.allclose(red.pixel(red.ras((17, 301))), (17, 301))


def test_a_node_of_an_earlier_test_is_gone(scene):
    assert scene.GetFirstNodeByClass("vtkMRMLMarkupsFiducialNode") is None


def test_the_views_of_an_earlier_test_are_still_there_and_empty(red):
    assert slicer.mrmlScene.GetSingletonNode("Red", "vtkMRMLSliceNode") is red.node
    assert red.composite.GetBackgroundVolumeID() is None
    assert red.picture().max() == 0


def test_a_model_is_drawn_in_the_3d_view(three_d):
    sphere = vtk.vtkSphereSource()
    sphere.Update()
    model = slicer.modules.models.logic().AddModel(sphere.GetOutput())
    model.GetDisplayNode().SetColor(1.0, 0.0, 0.0)
    three_d.fit()
    red_pixels = (three_d.picture()[:, :, 0] > 200) & (three_d.picture()[:, :, 2] < 60)
    assert red_pixels.sum() > 1000


def test_a_vtk_error_is_noticed(reported_errors):
    vtk.vtkContourFilter().Update()
    assert "vtkContourFilter" in reported_errors[0]
    reported_errors.clear()


def test_a_machine_without_opengl_is_noticed(monkeypatch):
    monkeypatch.setattr(opengl, "_works", lambda _name: False)
    opengl.offscreen_window.cache_clear()
    try:
        assert opengl.offscreen_window() is None
        assert not opengl.use_offscreen_window()
    finally:
        opengl.offscreen_window.cache_clear()
