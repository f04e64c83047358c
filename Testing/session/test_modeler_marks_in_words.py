"""What is said of a place: how far apart annotators are and in which direction, there where the user looks."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from headless.application import start
from SpineRootLib.anatomy import DURA, GANGLIA, ROOTS, Root
from SpineRootLib.place import Place
from two_annotators import DISPUTED, disputed_slice

start()
from SpineRootModelerLib.session import ModelSession  # noqa: E402
from SpineRootModelerLib.work.marks_in_words import direction, left_text, place_text, said  # noqa: E402


@pytest.fixture
def session(scene, two_annotators):
    opened = ModelSession(scene)
    opened.open_subject(two_annotators, "01")
    opened.compare(["A", "B"])
    yield opened
    opened.shut_down()


def elsewhere(session):
    """A place at which the annotators agree."""
    root = Root("L1", "R")
    return Place(ROOTS, root, min(session.comparison.comparison.raters.annotations["A"].root_by_slice(root)))


@pytest.mark.parametrize(
    "offset, words",
    [
        ((6.3, 0.4, 0.0), "6.3 mm to the patient's right, 0.4 mm to the front"),
        ((-0.2, -2.0, 0.0), "2.0 mm to the back, 0.2 mm to the patient's left"),
        ((0.05, 0.0, -3.0), "3.0 mm towards the head"),
        ((0.0, 0.0, 0.0), ""),
    ],
)
def test_a_way_is_told_in_words_the_longest_part_first(offset, words):
    assert direction(np.array(offset)) == words


def test_two_points_are_told_by_distance_and_direction_without_coordinates(session, two_annotators):
    place = Place(ROOTS, DISPUTED, disputed_slice(two_annotators))
    assert place_text(session.comparison.discussion, place) == (
        f"{place.title}: B is 6.3 mm from A: 6.3 mm to the patient's right, 0.4 mm to the front."
    )


def test_contours_are_told_by_their_curves(session):
    text = said(session.comparison.comparison, Place(DURA, None, 6))
    assert text.startswith("B's curve is ")
    assert text.endswith("; its middle lies 0.4 mm to the front, 0.3 mm to the patient's right")


def test_who_marked_nothing_is_named(session):
    place = elsewhere(session)
    session.comparison.comparison.raters.marks["B"].pop(place)
    assert "A marked it, B did not" in said(session.comparison.comparison, place)


def test_the_text_is_of_the_place_that_was_clicked_also_if_it_is_not_listed(session):
    comparison, place = session.comparison, elsewhere(session)
    comparison.discuss(0)
    assert not comparison.looks_away
    assert len(comparison.correction.point.defined_points()) == 1
    comparison.go_to_place(place)
    assert comparison.looks_away
    assert comparison.shown_place == place
    assert "0.5 mm from A" in place_text(comparison.discussion, comparison.shown_place)
    assert "It is not among the places to discuss" in place_text(comparison.discussion, comparison.shown_place)
    assert len(comparison.correction.point.defined_points()) == 0, "the white point is not left at the other place"
    comparison.next()
    assert comparison.shown_place == comparison.current.place
    assert len(comparison.correction.point.defined_points()) == 1


def test_the_chart_follows_the_discussion_and_marks_the_slice(session, two_annotators):
    comparison = session.comparison
    comparison.roots_chart.chart.show()
    comparison.discuss(0)
    chart = comparison.slices_chart.chart.node
    assert slicer.app.applicationLogic().GetSelectionNode().GetActivePlotChartID() == chart.GetID()
    named = {chart.GetNthPlotSeriesNode(n).GetName(): chart.GetNthPlotSeriesNode(n) for n in range(2)}
    number = disputed_slice(two_annotators)
    here = named[f"slice {number}"].GetTableNode().GetTable()
    assert [here.GetValueByName(row, "x").ToDouble() for row in (0, 1)] == [number, number]
    comparison.go_to_structure(Place(GANGLIA, Root("L1", "R")))
    comparison.go_to_place(elsewhere(session))
    names = [chart.GetNthPlotSeriesNode(n).GetName() for n in range(chart.GetNumberOfPlotSeriesNodes())]
    assert f"slice {elsewhere(session).slice}" in names
    assert f"slice {number}" not in names


def test_how_much_is_left_is_counted_without_plurals(session):
    discussion = session.comparison.discussion
    left = "To discuss: 1, rows: 1. Open: {open}. To be settled before a consensus: {open}."
    assert left_text(discussion) == left.format(open=1)
    session.comparison.discuss(0)
    session.comparison.take("A")
    assert left_text(discussion) == left.format(open=0)


def between(session):
    """The points of the line from mark to mark, (n, 3)."""
    drawn = session.comparison.folder.node("between", "vtkMRMLModelNode", "").GetPolyData()
    return np.array([drawn.GetPoint(index) for index in range(drawn.GetNumberOfPoints())])


def test_a_line_leads_from_mark_to_mark_of_the_place_where_it_is_seen(session):
    comparison = session.comparison
    comparison.discuss(0)
    place, view_number = comparison.current.place, comparison.current.place.slice
    a, b = (comparison.comparison.raters.marks[label][place][0] for label in "AB")
    line = between(session)
    assert np.allclose([line[0], line[-1]], [a, b], atol=1e-4)
    comparison.display.draw_slice(view_number + 1)
    assert len(between(session)) == 0
    comparison.display.draw_slice(view_number)
    assert len(between(session)) == len(line)
    comparison.go_to_place(elsewhere(session))
    assert len(between(session)) == 0


def test_what_matters_comes_first_in_the_table(session):
    table = session.comparison.disagreements.node.GetTable()
    assert [table.GetColumnName(n) for n in range(5)] == ["place", "slice", "size_mm", "kind", "resolution"]
    assert table.GetValueByName(0, "place").ToString() == str(DISPUTED)
