"""Closed curves and the geometry of polygons, against circles and squares."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from straight_subject import ellipse

from SpineRootLib import curves
from SpineRootLib.errors import GeometryError

SQUARE = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]])


@given(st.integers(3, 30), st.integers(1, 12))
def test_a_closed_curve_passes_through_its_control_points(count, per_segment):
    points = ellipse(9, 7, count)
    curve = curves.closed_curve(points, per_segment)
    assert curve.shape == (count * per_segment, 2)
    assert np.allclose(curve[::per_segment], points)


@given(st.integers(0, 15))
def test_a_closed_curve_does_not_depend_on_where_it_starts(start):
    points = ellipse(9, 7)
    points[3] *= 1.2
    rolled = curves.closed_curve(np.roll(points, -start, axis=0))
    assert np.allclose(np.roll(rolled, 10 * start, axis=0), curves.closed_curve(points))


@given(st.integers(3, 40), st.integers(0, 2**32 - 1))
def test_a_closed_curve_is_the_periodic_spline_over_the_index(count, seed):
    points = np.random.default_rng(seed).normal(scale=20.0, size=(count, 3)) + [5.0, -40.0, -455.0]
    expected = curves.closed_spline(points)(np.arange(10 * count) / 10)
    assert np.allclose(curves.closed_curve(points), expected, rtol=0, atol=1e-10)


def test_a_curve_through_points_of_a_circle_is_the_circle():
    assert np.allclose(np.linalg.norm(curves.closed_curve(ellipse(5, 5, 24)), axis=1), 5.0, atol=1e-4)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_curve_of_fewer_than_three_points_is_refused(count):
    with pytest.raises(GeometryError, match="at least three"):
        curves.closed_curve(np.zeros((count, 2)))


def test_area_centre_and_perimeter_of_a_square():
    assert curves.signed_area(SQUARE) == 16.0
    assert curves.signed_area(SQUARE[::-1]) == -16.0
    assert curves.centroid(SQUARE + 100.0).tolist() == [102.0, 102.0]
    assert curves.perimeter(SQUARE) == 16.0


def test_the_centre_of_a_polygon_without_area_is_the_mean_of_its_points():
    assert curves.centroid([[0, 0], [2, 0], [4, 0]]).tolist() == [2.0, 0.0]


def test_inside_and_distance_of_a_square():
    asked = [[2.0, 2.0], [1.0, 2.0], [5.0, 2.0], [7.0, 8.0], [2.0, -0.5]]
    assert curves.inside(SQUARE, asked).tolist() == [True, True, False, False, False]
    assert curves.signed_distance(SQUARE, asked).tolist() == pytest.approx([-2.0, -1.0, 1.0, 5.0, 0.5])


@given(st.floats(0, 2 * np.pi), st.floats(0.1, 12.0))
def test_the_distance_to_a_circle_is_the_difference_of_radii(angle, radius):
    point = radius * np.array([[np.cos(angle), np.sin(angle)]])
    expected = radius - 6.0
    # a polygon of 400 corners lies at most 0.0002 mm inside its circle
    assert curves.signed_distance(ellipse(6, 6, 400), point)[0] == pytest.approx(expected, abs=4e-4)


@given(st.integers(0, 3))
def test_inside_does_not_depend_on_where_the_polygon_starts_or_which_way_it_runs(start):
    asked = np.random.default_rng(1).uniform(-1, 5, (50, 2))
    expected = curves.inside(SQUARE, asked)
    assert (curves.inside(np.roll(SQUARE, start, axis=0), asked) == expected).all()
    assert (curves.inside(SQUARE[::-1], asked) == expected).all()


def test_crossings_of_an_hourglass_and_of_a_convex_polygon():
    assert curves.self_crossings(SQUARE[[0, 2, 1, 3]]).tolist() in ([[0, 2]], [[2, 0]])
    assert len(curves.self_crossings(SQUARE)) == 0
    assert len(curves.self_crossings(curves.closed_curve(ellipse(9, 7)))) == 0


def test_lengths_along_a_line_are_those_of_its_edges_and_closed_those_of_its_outline():
    assert curves.arc_length(SQUARE).tolist() == [0.0, 4.0, 8.0, 12.0]
    assert curves.arc_length(SQUARE, closed=True).tolist() == [0.0, 4.0, 8.0, 12.0, 16.0]


def test_points_evenly_spaced_along_a_line_keep_its_ends_and_around_an_outline_its_start_once():
    bent = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 5.0]])
    assert curves.evenly_spaced(bent, 4, closed=False).tolist() == [[0, 0], [1, 1], [1, 3], [1, 5]]
    assert curves.evenly_spaced(SQUARE, 8, closed=True)[::2].tolist() == SQUARE.tolist()
