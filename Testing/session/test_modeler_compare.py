from __future__ import annotations

import shutil
import sys

import numpy as np
import pytest
import slicer
from vtkmodules.util.numpy_support import vtk_to_numpy

from headless.application import start
from SpineRootLib.anatomy import Root
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import Cancelled, SpineRootError
from SpineRootLib.place import Place
from SpineRootLib.tables import read_table
from two_annotators import DISPUTED, DISPUTED_MM, disputed_slice, put

start()
from SpineRootModelerLib.compare.rater_palette import rater_color  # noqa: E402
from SpineRootModelerLib.session import ModelSession  # noqa: E402


@pytest.fixture
def session(scene):
    opened = ModelSession(scene)
    yield opened
    opened.shut_down()


@pytest.fixture
def compared(session, two_annotators):
    session.open_subject(two_annotators, "01")
    session.compare(["A", "B"])
    return session


def column(node, name):
    values = node.GetTable().GetColumnByName(name)
    if values.IsA("vtkStringArray"):
        return [values.GetValue(row) for row in range(values.GetNumberOfValues())]
    return vtk_to_numpy(values)


def test_every_root_ganglion_and_contour_has_a_row_with_its_distance(compared):
    table = compared.comparison.table.node
    assert table.GetNumberOfRows() == 14 + 14 + 2
    roots = np.array(column(table, "structure")) == "nerveroots"
    undisputed = roots & ~((np.array(column(table, "segment")) == "L3") & (np.array(column(table, "side")) == "L"))
    assert np.allclose(column(table, "mean_mm")[undisputed], 0.5)
    assert np.allclose(column(table, "max_mm")[roots & ~undisputed], DISPUTED_MM, atol=6e-4)


def test_the_bars_are_the_mean_distances_and_the_whiskers_a_standard_deviation_long(compared):
    chart = compared.comparison.roots_chart.chart.node
    series = {chart.GetNthPlotSeriesNode(n).GetName(): chart.GetNthPlotSeriesNode(n) for n in range(4)}
    assert np.allclose(column(series["right"].GetTableNode(), "y"), 0.5)
    count = len(Dataset.open(compared.dataset.root).read("01", "A").root_by_slice(DISPUTED))
    far = DISPUTED_MM - 0.5
    mean, sd = 0.5 + far / count, far / np.sqrt(count)
    whisker = column(series["left, SD"].GetTableNode(), "y")[2 * 7 : 3 * 7]
    assert np.allclose([np.nanmin(whisker), np.nanmax(whisker)], [mean - sd, mean + sd], atol=1e-3)


def test_a_click_on_a_row_leads_to_where_annotators_are_farthest_apart(compared, two_annotators):
    comparison = compared.comparison
    comparison.go_to_row(comparison.table.places.index(Place("nerveroots", DISPUTED)))
    assert comparison.current.place == Place("nerveroots", DISPUTED, disputed_slice(two_annotators))
    assert comparison.slices_chart.structure.root == DISPUTED
    shown = slicer.app.applicationLogic().GetSelectionNode().GetActivePlotChartID()
    assert shown == comparison.slices_chart.chart.node.GetID()


def test_the_chart_along_the_slices_follows_what_is_discussed(compared):
    comparison = compared.comparison
    comparison.go_to_structure(Place("nerveroots", Root("L1", "R")))
    comparison.discuss(0)
    assert comparison.slices_chart.structure == Place("nerveroots", DISPUTED)
    assert comparison.slices_chart.chart.node.GetTitle() == f"sub-01: {DISPUTED}"


def test_a_click_on_a_bar_shows_the_root_along_the_slices(compared):
    chart = compared.comparison.roots_chart.chart
    right = next(
        chart.node.GetNthPlotSeriesNode(n) for n in range(4) if chart.node.GetNthPlotSeriesNode(n).GetName() == "right"
    )
    compared.comparison.go_to_mark(right.GetID(), 1)
    assert compared.comparison.slices_chart.structure.root == Root("L2", "R")


def test_each_annotator_has_a_colour_of_their_own_in_slices_and_in_space(compared):
    display = compared.comparison.display
    seen = set()
    for label in ("A", "B"):
        for on_slice in (True, False):
            node = display.node(label, on_slice)
            index = int(node.GetPolyData().GetPointData().GetScalars().GetTuple1(0))
            rgba = np.zeros(4)
            node.GetDisplayNode().GetColorNode().GetColor(index, rgba)
            assert np.allclose(rgba[:3], rater_color(("A", "B"), label), atol=1 / 255)
            seen.add(tuple(rgba))
    assert len(seen) == 2


def test_an_annotator_can_be_hidden(compared):
    compared.comparison.display.set_visible("B", False)
    assert not compared.comparison.display.node("B", on_slice=True).GetDisplayNode().GetVisibility()
    assert compared.comparison.display.node("A", on_slice=True).GetDisplayNode().GetVisibility()


def test_work_that_is_not_signed_off_is_not_shown_beside_anothers(session, two_annotators, scene):
    put(two_annotators, "C", Dataset.open(two_annotators).read("01", "A"), signed_off=False)
    session.open_subject(two_annotators, "01")
    with pytest.raises(SpineRootError, match="no sign-off.*C's work is not shown"):
        session.compare(["A", "C"])
    with pytest.raises(SpineRootError, match="C has not signed off sub-01"):
        session.open(two_annotators, "01", "C")
    assert session.comparison is None
    assert scene.GetFirstNodeByClass("vtkMRMLTableNode") is None


def test_a_consensus_kept_under_a_label_of_its_own_is_shown(session, two_annotators):
    agreed = Dataset.open(two_annotators).read("01", "A")
    agreed.provenance.document = {"Consensus": {"Date": "2026-01-02T10:00:00+00:00"}}
    write_annotation(two_annotators / "derivatives" / "markers-consensus", agreed, durable=False)
    session.open(two_annotators, "01", "consensus")
    assert session.source == "consensus"


def test_comparing_again_makes_no_second_set_of_nodes(compared, scene):
    before = scene.GetNumberOfNodes()
    compared.compare(["B", "A"])
    assert scene.GetNumberOfNodes() == before
    assert compared.comparison.table.node.GetTable().GetValueByName(0, "pair").ToString() == "B-A"


def test_one_annotator_alone_is_nothing_to_compare(session, two_annotators):
    session.open_subject(two_annotators, "01")
    with pytest.raises(SpineRootError, match="two annotators or more"):
        session.compare(["A"])


def test_closing_leaves_the_images_and_no_node_of_ours(compared, scene):
    compared.close()
    nodes = [scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes())]
    assert [node.GetName() for node in nodes if node.GetAttribute("SpineRoot.Role")] == []
    assert scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 3


def test_a_closed_scene_leaves_nothing_open(compared, scene):
    scene.Clear(0)
    assert not compared.is_open
    assert compared.comparison is None


def test_a_saved_scene_opens_with_what_was_compared(compared, scene, tmp_path):
    path = str(tmp_path / "scene.mrml")
    assert slicer.util.saveScene(path)
    scene.Clear(0)
    slicer.util.loadScene(path)
    compared.tick()
    assert compared.subject == "01"
    assert compared.comparison.comparison.raters.labels == ("A", "B")


def test_nodes_that_the_user_deleted_come_back(compared, scene):
    scene.RemoveNode(compared.comparison.display.node("A", on_slice=True))
    compared.tick()
    assert scene.IsNodePresent(compared.comparison.display.node("A", on_slice=True))


def test_what_was_hidden_before_it_was_deleted_comes_back_hidden(compared, scene):
    display = compared.comparison.display
    display.set_visible("A", False)
    display.node("B", on_slice=False).GetDisplayNode().SetVisibility(False)  # the eye in the Data module
    for label in "AB":
        for on_slice in (True, False):
            scene.RemoveNode(display.node(label, on_slice))
    compared.tick()
    seen = {(label, on_slice): display.node(label, on_slice) for label in "AB" for on_slice in (True, False)}
    assert all(scene.IsNodePresent(node) for node in seen.values())
    assert [key for key, node in seen.items() if node.GetDisplayNode().GetVisibility()] == [("B", True)]


def test_the_module_reloaded_goes_on_with_what_was_compared(compared, scene):
    compared.comparison.discuss(0)
    compared.shut_down()
    again = ModelSession(scene)
    assert again.resume_from_scene()
    assert again.comparison.comparison.raters.labels == ("A", "B")
    assert scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 3
    again.shut_down()


def test_a_file_that_cannot_be_read_is_named_and_what_is_shown_stays(compared, two_annotators):
    shown = compared.comparison
    broken = two_annotators / "derivatives" / "markers-B" / "sub-01" / "sub-01_nerveroots_L2_R.json"
    broken.write_text("{")
    with pytest.raises(SpineRootError, match="sub-01_nerveroots_L2_R.json: "):
        compared.compare(["A", "B"])
    assert compared.comparison is shown
    assert shown.table.node.GetNumberOfRows() == 30


def test_comparing_can_be_cancelled(compared):
    shown = compared.comparison
    with pytest.raises(Cancelled):
        compared.compare(["B", "A"], lambda fraction, _text: fraction < 0.5)
    assert compared.comparison is shown


def test_a_click_on_a_point_of_the_slices_chart_goes_to_its_slice(compared, two_annotators):
    comparison = compared.comparison
    comparison.go_to_structure(Place("nerveroots", DISPUTED))
    node = comparison.slices_chart.chart.node
    series = node.GetNthPlotSeriesNode(0)
    numbers = column(series.GetTableNode(), "x").tolist()
    row = numbers.index(disputed_slice(two_annotators))
    compared.go_to_mark(series.GetID(), row)
    assert comparison.current.place == Place("nerveroots", DISPUTED, disputed_slice(two_annotators))
    compared.go_to_mark(series.GetID(), 0)
    assert comparison.gone_to.slice == numbers[0]


def test_a_slice_that_one_annotator_left_out_is_a_mark_of_its_own_and_a_gap_in_the_line(compared, two_annotators):
    dataset = Dataset.open(two_annotators)
    theirs = dataset.read("01", "B")
    number = disputed_slice(two_annotators)
    theirs.set_root_point(DISPUTED, number, None)
    shutil.rmtree(dataset.markers("B") / "sub-01")
    put(two_annotators, "B", theirs, signed_off=True)
    compared.compare(["A", "B"])
    comparison = compared.comparison
    comparison.go_to_structure(Place("nerveroots", DISPUTED))
    node = comparison.slices_chart.chart.node
    series = {node.GetNthPlotSeriesNode(n).GetName(): node.GetNthPlotSeriesNode(n) for n in range(2)}
    assert np.isnan(column(series["A-B"].GetTableNode(), "y")).sum() == 1
    alone = series["only A"]
    assert set(column(alone.GetTableNode(), "x")) == {number}
    compared.go_to_mark(alone.GetID(), 0)
    assert comparison.current.place == Place("nerveroots", DISPUTED, number)


def test_every_mark_of_a_chart_is_seen_whole_beside_the_legend(compared):
    comparison = compared.comparison
    comparison.go_to_structure(Place("nerveroots", DISPUTED))
    matched = comparison.comparison.pairs[0].of(Place("nerveroots", DISPUTED)).matched
    slices, distances = [each.place.slice for each in matched], [each.distance_mm for each in matched]
    low, high = comparison.slices_chart.chart.node.GetXAxisRange()
    assert low < min(slices) and high - max(slices) > 0.1 * (high - low)
    bottom, top = comparison.slices_chart.chart.node.GetYAxisRange()
    assert bottom < 0.0 and top > max(distances)


def test_three_annotators_have_a_row_for_each_pair_and_a_chart_of_the_chosen_one(compared, two_annotators):
    put(two_annotators, "C", Dataset.open(two_annotators).read("01", "B"), signed_off=True)
    compared.compare(["A", "B", "C"])
    comparison = compared.comparison
    assert set(column(comparison.table.node, "pair")) == {"A-B", "A-C", "B-C"}
    comparison.roots_chart.show_pair(2)
    assert comparison.roots_chart.chart.node.GetTitle() == "sub-01: B and C"
    assert set(comparison.roots_chart.heights.values()) == {0.0}


@pytest.mark.parametrize("pictures", [True, False], ids=["with pictures", "without matplotlib"])
def test_exchanged_names_are_in_the_tables_that_are_written(session, two_annotators, monkeypatch, pictures):
    dataset = Dataset.open(two_annotators)
    theirs = dataset.read("01", "B")
    roots = Root("L4", "R"), Root("L5", "R")
    theirs.roots.update(zip(roots, [theirs.roots[root] for root in reversed(roots)], strict=True))
    shutil.rmtree(dataset.markers("B") / "sub-01")
    put(two_annotators, "B", theirs, signed_off=True)
    if not pictures:
        monkeypatch.setitem(sys.modules, "matplotlib", None)
    session.open_subject(two_annotators, "01")
    session.compare(["A", "B"])
    session.write_agreement()
    rows = read_table(two_annotators / "derivatives" / "agreement" / "sub-01" / "sub-01_agreement-exchanges.tsv")
    assert {(f"{row['segment']}_{row['side']}", row["lies_on"]) for row in rows} == {("L4_R", "L5_R"), ("L5_R", "L4_R")}


def test_the_tables_are_written_into_the_dataset(compared, two_annotators):
    compared.write_agreement()
    folder = two_annotators / "derivatives" / "agreement" / "sub-01"
    assert (folder / "sub-01_agreement.tsv").read_text().count("\n") == 1 + 14 + 14 + 2
