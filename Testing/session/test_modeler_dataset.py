from __future__ import annotations

import math
import shutil

import numpy as np
import pytest
import slicer
from vtkmodules.util.numpy_support import vtk_to_numpy

from headless.application import start
from SpineRootLib.anatomy import DURA
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import Cancelled, DatasetError
from SpineRootLib.quality import SliceQuality, write_quality

start()
from SpineRootModelerLib.dataset.cohort_chart import CohortChart  # noqa: E402
from SpineRootModelerLib.dataset.cohort_scene import CohortLook, CohortScene  # noqa: E402
from SpineRootModelerLib.scene.folder import ModelerFolder  # noqa: E402
from SpineRootModelerLib.session import DISCUSSED, ModelSession  # noqa: E402


@pytest.fixture
def session(scene, two_annotators):
    opened = ModelSession(scene)
    opened.open_subject(two_annotators, "01")
    yield opened
    opened.shut_down()


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Where the first test that needs them leaves a model and an agreement for the others."""
    return tmp_path_factory.mktemp("results")


@pytest.fixture
def cohort(session, two_annotators, results):
    """The dataset with the models and the agreement of subjects 01 and, the same again, 02."""
    session.compare(["A", "B"])
    session.source = DISCUSSED
    if not any(results.iterdir()):
        session.write_agreement()
        session.build()
        session.save()
        session.work.surfaces.remove()
        for kind in ("model", "agreement"):
            shutil.copytree(two_annotators / "derivatives" / kind, results / kind)
    for kind in ("model", "agreement"):
        folder = two_annotators / "derivatives" / kind
        shutil.copytree(results / kind, folder, dirs_exist_ok=True)
        shutil.copytree(folder / "sub-01", folder / "sub-02")
        for path in (folder / "sub-02").iterdir():
            path.rename(path.with_name(path.name.replace("sub-01", "sub-02")))
    return Dataset.open(two_annotators)


def test_models_stand_side_by_side_their_duras_at_one_level_each_with_its_name(cohort, scene):
    shown = CohortScene(scene, CohortLook(apart_mm=70.0))
    shown.show(cohort)
    duras = [slicer.util.getNode(f"sub-{subject} dura").GetPolyData().GetBounds() for subject in ("01", "02")]
    assert np.allclose([bounds[5] for bounds in duras], 0.0)
    assert np.allclose(np.subtract(duras[1], duras[0]), [70, 70, 0, 0, 0, 0])
    names = slicer.util.getNode("Subjects")
    assert [names.GetNthControlPointLabel(n) for n in range(2)] == ["sub-01", "sub-02"]
    assert np.allclose(names.GetNthControlPointPosition(1)[0], 70.0)


def test_putting_the_cohort_away_leaves_nothing(cohort, scene):
    shown = CohortScene(scene)
    shown.show(cohort)
    shown.close()
    assert scene.GetNumberOfNodesByClass("vtkMRMLMarkupsFiducialNode") == 0
    assert shown.subjects == []


def test_the_subjects_own_surfaces_do_not_stand_amid_the_row(cohort, session, scene):
    session.build()
    dura, marks = slicer.util.getNode("sub-01_dura"), session.comparison.display.node("A", on_slice=False)
    slicer.util.getNode("sub-01_cord").GetDisplayNode().SetVisibility3D(False)
    shown = CohortScene(scene)
    shown.show(cohort)
    assert shown.is_shown
    assert not dura.GetDisplayNode().GetVisibility3D()
    assert dura.GetDisplayNode().GetVisibility2D(), "its outline stays in the slices"
    assert not marks.GetDisplayNode().GetVisibility3D()
    shown.close()
    assert not shown.is_shown
    assert dura.GetDisplayNode().GetVisibility3D()
    assert not slicer.util.getNode("sub-01_cord").GetDisplayNode().GetVisibility3D(), "as the user left it"


def test_cancelling_and_unreadable_models_leave_no_half_of_a_cohort(cohort, scene):
    shown = CohortScene(scene)
    with pytest.raises(Cancelled):
        shown.show(cohort, lambda fraction, _text: fraction < 0.4)
    assert not shown.is_shown
    broken = cohort.derivatives / "model" / "sub-02" / "sub-02_cord.vtp"
    broken.write_text("no surface")
    with pytest.raises(DatasetError, match="sub-02_cord.vtp: cannot be read as a surface"):
        shown.show(cohort)
    assert not shown.is_shown
    assert shown.subjects == []


def test_a_dataset_without_models_is_said(scene, two_annotators):
    with pytest.raises(DatasetError, match="holds no exported model"):
        CohortScene(scene).show(Dataset.open(two_annotators))


def test_the_cohorts_chart_has_a_dot_a_subject_and_root(cohort, scene):
    chart = CohortChart(ModelerFolder(scene, "SpineRoot cohort"))
    assert chart.show(cohort) == 2
    right = next(series for series in series_of(chart.chart) if series.GetName() == "right")
    values = vtk_to_numpy(right.GetTableNode().GetTable().GetColumnByName("y"))
    assert np.allclose(values, [0.5] * 2 * 7, atol=1e-3)


def test_image_quality_is_a_point_a_slice_and_leads_to_it(session, two_annotators):
    session.compare(["A", "B"])
    session.show_quality()
    snr = next(series for series in series_of(session.quality.chart) if series.GetName() == "SNR")
    annotated = Dataset.open(two_annotators).read("01", "A").contours_by_slice(DURA)
    slices = vtk_to_numpy(snr.GetTableNode().GetTable().GetColumnByName("x"))
    assert slices.tolist() == sorted(annotated)
    assert all(not math.isnan(value) for value in vtk_to_numpy(snr.GetTableNode().GetTable().GetColumnByName("y")))
    assert session.quality.chart.place(snr.GetID(), 3) == slices[3]


def test_image_quality_that_was_written_is_shown_as_it_is(session, two_annotators):
    written = [SliceQuality("CISS", number, snr=7.5, cnr=2.5) for number in (3, 4)]
    write_quality(two_annotators / "derivatives" / "anatqc" / "sub-01", "01", written)
    session.show_quality()
    snr = next(series for series in series_of(session.quality.chart) if series.GetName() == "SNR")
    table = snr.GetTableNode().GetTable()
    assert vtk_to_numpy(table.GetColumnByName("x")).tolist() == [3, 4]
    assert vtk_to_numpy(table.GetColumnByName("y")).tolist() == [7.5, 7.5]


def series_of(chart):
    return [chart.node.GetNthPlotSeriesNode(n) for n in range(chart.node.GetNumberOfPlotSeriesNodes())]
