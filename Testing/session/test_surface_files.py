"""Surface files in Slicer's own hands: each format is read in place, whatever its header has to say for it."""

from __future__ import annotations

import numpy as np
import pytest
import slicer
from vtkmodules.util.numpy_support import vtk_to_numpy

from headless.application import start
from SpineRootLib.annotation_files import read_annotation
from SpineRootLib.surfaces import FORMATS, ModelSettings, build_model, write_model
from SpineRootLib.surfaces.proximity import Proximity
from SpineRootLib.surfaces.settings import WallSmoothingSettings

start()

# STL and PLY hold 32-bit numbers: 3e-5 mm at 500 mm
ROUNDING_MM = {"vtp": 1e-9, "vtk": 1e-9, "obj": 1e-4, "stl": 5e-5, "ply": 5e-5}


@pytest.fixture(scope="module")
def model(sub03):
    settings = ModelSettings(walls=WallSmoothingSettings(smoothing=0.0), csf=False)
    return build_model(read_annotation(sub03 / "markers", "03"), settings)


@pytest.mark.parametrize("ending", FORMATS)
def test_slicer_reads_a_surface_in_place(model, tmp_path, ending):
    path = next(path for path in write_model(model, tmp_path, [ending]) if path.stem == "sub-03_nerveroots_L1_L")
    read = vtk_to_numpy(slicer.util.loadModel(str(path)).GetPolyData().GetPoints().GetData())
    written = model.parts["nerveroots_L1_L"].vertices
    assert len(read) == len(written)
    away = np.abs(Proximity(model.parts["nerveroots_L1_L"]).vertex_distance(read.astype(float)))
    assert away.max() < ROUNDING_MM[ending]


@pytest.mark.parametrize("structure", ["dura", "cord"])
def test_unsmoothed_walls_pass_through_the_curves_that_slicer_draws(scene, model, sub03, structure):
    """The points between the control points come from the markups node itself."""
    wall = Proximity(model.parts[structure])
    for number in (1, 20, 45, 66):
        contour = read_annotation(sub03 / "markers", "03").contours_by_slice(structure)[number]
        curve = scene.AddNewNodeByClass("vtkMRMLMarkupsClosedCurveNode")
        slicer.util.updateMarkupsControlPointsFromArray(curve, contour.points)
        drawn = slicer.util.arrayFromMarkupsCurvePoints(curve)
        assert np.abs(wall.nearest(drawn)[0]).max() < 0.025
