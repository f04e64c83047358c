"""Where a ganglion is expected from those that are marked."""

from __future__ import annotations

import numpy as np
import pytest
from straight_subject import contour, straight_subject

from SpineRootLib.anatomy import CORD, DURA, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.expected_ganglion import FORAMEN_SPACING_MM, expected_ganglion, expected_places


def test_without_any_ganglion_nothing_is_expected():
    assert expected_ganglion(Annotation("01"), Root("L1", "L")) is None


def test_a_symmetric_subjects_ganglion_is_expected_where_it_is():
    subject = straight_subject()
    for root in list(subject.ganglia):
        true = subject.ganglia.pop(root)
        assert np.allclose(expected_ganglion(subject, root), true)
        subject.ganglia[root] = true


def test_from_two_of_its_side_it_is_extrapolated_over_the_levels():
    annotation = Annotation("01")
    annotation.ganglia = {
        Root("L2", "R"): np.array([20.0, -40.0, 0.0]),
        Root("L3", "R"): np.array([22.0, -44.0, -30.0]),
    }
    assert np.allclose(expected_ganglion(annotation, Root("L5", "R")), [26.0, -52.0, -90.0])
    assert np.allclose(expected_ganglion(annotation, Root("L1", "R")), [18.0, -36.0, 30.0])


def test_levels_count_across_the_end_of_the_lumbar_spine():
    annotation = Annotation("01")
    annotation.ganglia = {Root("L4", "L"): np.zeros(3), Root("L5", "L"): np.array([0.0, 5.0, -30.0])}
    assert np.allclose(expected_ganglion(annotation, Root("S1", "L")), [0.0, 10.0, -60.0])


@pytest.mark.parametrize(("segment", "levels_down"), [("L4", 1), ("L2", -1), ("S1", 3)])
def test_from_a_single_one_of_its_side_it_is_straight_below_or_above(segment, levels_down):
    annotation = Annotation("01")
    annotation.ganglia = {Root("L3", "L"): np.array([-20.0, -40.0, 0.0])}
    expected = [-20.0, -40.0, -levels_down * FORAMEN_SPACING_MM]
    assert np.allclose(expected_ganglion(annotation, Root(segment, "L")), expected)


def test_the_middle_of_the_dura_mirrors_where_no_pair_is_marked():
    annotation = Annotation("01")
    annotation.contours = {DURA: [contour(9.0, 7.0, number) for number in (3, 4)], CORD: []}
    middle = np.mean([drawn.points[:, 0].mean() for drawn in annotation.dura])
    annotation.ganglia = {Root("L3", "L"): np.array([middle - 15.0, -40.0, 0.0])}
    assert np.allclose(expected_ganglion(annotation, Root("L3", "R")), [middle + 15.0, -40.0, 0.0])


def test_of_the_other_side_alone_without_a_midline_nothing_is_expected():
    annotation = Annotation("01")
    annotation.ganglia = {Root("L3", "L"): np.zeros(3)}
    assert expected_ganglion(annotation, Root("L3", "R")) is None


def test_the_way_to_the_neighbour_alone_is_looked_along_for_farther_levels_lie_beyond_others():
    annotation = Annotation("01")
    annotation.ganglia = {Root("L3", "L"): np.array([-20.0, -40.0, 0.0])}
    heights = [place[2] for place in expected_places(annotation, Root("L4", "L"))]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] > heights[-1] == -FORAMEN_SPACING_MM
    (two_down,) = expected_places(annotation, Root("L5", "L"))
    assert np.allclose(two_down, expected_ganglion(annotation, Root("L5", "L")))
