"""Distances between annotators, against cases that are checked by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from raters_on_disk import moved, shifted
from straight_spine import CORD_RADIUS, circle, straight_spine, tilted_planes

from SpineRootLib.agreement.curve_distance import curve_distance, dice, distance_to_curve, evenly
from SpineRootLib.agreement.distances import PairAgreement, compare
from SpineRootLib.agreement.raters import share_planes
from SpineRootLib.agreement.tables import agreement_rows, point_rows, printed, statistics
from SpineRootLib.anatomy import CORD, DURA, GANGLIA, ROOTS, Root
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.curves import closed_curve, distance_to_polygon
from SpineRootLib.place import Place

L1_L, L1_R = Root("L1", "L"), Root("L1", "R")


def agreement(first: Annotation, second: Annotation) -> PairAgreement:
    return compare(share_planes({"A": first, "B": second}, first.planes))[0]


@pytest.mark.parametrize("spacing", [2.0, 1.8])
@pytest.mark.parametrize("degrees", [0.0, 15.0])
def test_a_known_shift_is_the_distance_of_every_root_point_and_ganglion(spacing: float, degrees: float) -> None:
    spine = straight_spine(spacing=spacing, degrees=degrees)
    pair = agreement(spine, shifted(spine, [0.3, -0.4, 0.0]))
    for root in (L1_L, L1_R):
        root_distances = pair.of(Place(ROOTS, root))
        assert len(root_distances.matched) == 17
        np.testing.assert_allclose(root_distances.distances, 0.5, atol=1e-12)
        np.testing.assert_allclose(pair.of(Place(GANGLIA, root)).distances, [0.5], atol=1e-12)
        assert root_distances.curve is not None
    assert pair.of(Place(ROOTS, L1_L)).bias == pytest.approx(
        [0.3, -0.4 * math.cos(math.radians(degrees)), -0.4 * math.sin(math.radians(degrees))]
    )


@given(order=st.permutations(range(17)), twice=st.lists(st.integers(0, 16), max_size=5))
@settings(deadline=None, max_examples=8)
def test_the_order_of_points_and_points_given_twice_do_not_matter(order: list[int], twice: list[int]) -> None:
    spine = straight_spine(roots=True)
    other = shifted(spine, [0.0, 0.7, 0.0])
    other.roots[L1_L] = other.roots[L1_L][[*order, *twice]]
    found = agreement(spine, other).of(Place(ROOTS, L1_L))
    assert len(found.matched) == 17
    np.testing.assert_allclose(found.distances, 0.7, atol=1e-12)


def test_what_only_one_annotator_marked_is_counted_and_named() -> None:
    spine = straight_spine()
    other = straight_spine()
    other.roots[L1_L] = other.roots[L1_L][2:]
    spine.roots[L1_L] = spine.roots[L1_L][:-1]
    del other.ganglia[L1_R]
    other.contours[CORD] = other.contours[CORD][:7]
    pair = agreement(spine, other)
    root = pair.of(Place(ROOTS, L1_L))
    assert [place.slice for place in root.only_a] == [4, 5]
    assert [place.slice for place in root.only_b] == [20]
    assert len(root.matched) == 14
    assert pair.of(Place(GANGLIA, L1_R)).only_a == (Place(GANGLIA, L1_R),)
    assert [place.slice for place in pair.of(Place(CORD)).only_a] == [8, 9, 10]


def test_every_structure_has_a_row_even_if_nobody_marked_it() -> None:
    spine = straight_spine()
    rows = list(agreement_rows([agreement(spine, spine)]))
    assert len(rows) == 14 + 14 + 2
    absent = next(row for row in rows if row["structure"] == ROOTS and row["segment"] == "S2" and row["side"] == "R")
    assert (absent["n_matched"], absent["n_only_a"], absent["n_only_b"]) == (0, 0, 0)
    assert absent["mean_mm"] is None
    ganglion = next(row for row in rows if row["structure"] == GANGLIA and row["segment"] == "L1")
    assert ganglion["mean_mm"] == 0.0
    assert ganglion["sd_mm"] is None


def test_slices_are_found_from_the_contours_of_both_where_no_image_tells_them() -> None:
    upper, lower = straight_spine(degrees=12.0), straight_spine(degrees=12.0)
    upper.contours[DURA], lower.contours[DURA] = upper.contours[DURA][:12], lower.contours[DURA][5:]
    upper.contours[CORD], lower.contours[CORD] = [], []
    lower = shifted(lower, [0.2, 0.0, 0.0])
    upper.planes = lower.planes = None
    found = compare(share_planes({"A": upper, "B": lower}))[0]
    root = found.of(Place(ROOTS, L1_L))
    assert [each.place.slice for each in root.matched] == list(range(4, 21))
    np.testing.assert_allclose(root.distances, 0.2, atol=1e-12)
    dura = found.of(Place(DURA))
    assert (len(dura.matched), len(dura.only_a), len(dura.only_b)) == (7, 5, 8)


def test_an_annotator_who_marked_beside_the_slices_is_compared_on_the_nearest_and_named() -> None:
    spine = straight_spine(degrees=0.0)
    other = shifted(spine, [0.0, 0.3, 0.4])
    spine.contours[DURA] = spine.contours[DURA][2:]
    spine.planes = other.planes = None
    raters = share_planes({"A": spine, "B": other})
    root = compare(raters)[0].of(Place(ROOTS, L1_L))
    assert [each.place.slice for each in root.matched] == list(range(4, 21))
    np.testing.assert_allclose(root.distances, 0.5, atol=1e-12)
    assert [line for line in raters.missing() if "beside" in line] == [
        "B marked 0.4 mm beside the slices that the annotators are compared on"
    ]


def test_annotators_who_drew_every_other_slice_in_turn_share_no_slice_but_the_stack() -> None:
    one, two = straight_spine(roots=False), straight_spine(roots=False)
    for structure in (DURA, CORD):
        one.contours[structure], two.contours[structure] = one.contours[structure][::2], two.contours[structure][1::2]
    one.planes = two.planes = None
    dura = compare(share_planes({"A": one, "B": two}))[0].of(Place(DURA))
    assert dura.matched == ()
    assert [place.slice for place in (*dura.only_a, *dura.only_b)] == [*range(1, 21, 2), *range(2, 21, 2)]


def test_concentric_circles_are_their_radii_apart_and_overlap_as_their_areas() -> None:
    planes = tilted_planes(3, degrees=20.0)
    small, large = Annotation("01", planes=planes), Annotation("01", planes=planes)
    small.contours[DURA] = [Contour(planes.lift(circle(6.0, 32), 2))]
    large.contours[DURA] = [Contour(planes.lift(circle(7.0, 40)[::-1], 2))]
    found = agreement(small, large).of(Place(DURA)).matched[0]
    assert found.distance_mm == pytest.approx(1.0, abs=2e-3)
    assert found.hausdorff_mm == pytest.approx(1.0, abs=2e-3)
    assert found.dice == pytest.approx(2 * 36 / (36 + 49), abs=1e-3)
    assert np.linalg.norm(found.offset) < 1e-3


def test_a_circle_beside_another_has_the_shift_as_its_largest_distance_and_as_bias() -> None:
    spine = straight_spine()
    found = agreement(spine, shifted(spine, [0.6, 0.8, 0.0])).of(Place(CORD)).matched[0]
    assert found.hausdorff_mm == pytest.approx(1.0, abs=1e-3)
    assert found.offset == pytest.approx([0.6, 0.8, 0.0], abs=1e-9)
    # the mean of | |p - c| - r | over a circle of radius r shifted by d is 2 d / pi to first order in d / r
    assert found.distance_mm == pytest.approx(2 / math.pi, abs=0.02)
    lens = 2 * CORD_RADIUS**2 * math.acos(1 / (2 * CORD_RADIUS)) - math.sqrt(4 * CORD_RADIUS**2 - 1) / 2
    assert found.dice == pytest.approx(lens / (math.pi * CORD_RADIUS**2), abs=1e-3)


def test_squares_overlap_by_the_area_they_share() -> None:
    square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]])
    assert dice(square, square) == 1.0
    assert dice(square, square[::-1] + [1.0, 0.0]) == pytest.approx(0.5)
    assert dice(square, square + [1.0, 1.0]) == pytest.approx(0.25)
    assert dice(square, square + [5.0, 0.0]) == 0.0


def test_two_parallel_lines_are_as_far_apart_as_they_lie() -> None:
    line = np.column_stack([np.linspace(0.0, 10.0, 11), np.zeros(11), np.zeros(11)])
    found = curve_distance(line, line[::-1][::2] + [0.0, 3.0, 0.0], closed=False)
    assert (found.mean, found.hausdorff) == (pytest.approx(3.0), pytest.approx(3.0))


def test_the_distance_of_curves_does_not_ask_for_the_same_slices() -> None:
    spine, other = straight_spine(), straight_spine()
    spine.roots[L1_L], other.roots[L1_L] = spine.roots[L1_L][::2], other.roots[L1_L][1::2]
    found = agreement(spine, other).of(Place(ROOTS, L1_L))
    assert found.matched == ()
    assert found.curve is not None
    assert found.curve.hausdorff < 1e-9


def line(offsets: list[float], first: int) -> Annotation:
    """A root so many mm to the right on slices from the first on, 2 mm apart."""
    planes = tilted_planes(20)
    points = [planes.lift([[offset, 0.0]], first + index)[0] for index, offset in enumerate(offsets)]
    return Annotation("01", planes=planes, roots={L1_L: np.array(points)})


def test_two_lines_that_part_are_apart_by_the_mean_of_both_ways_and_at_most_by_their_ends() -> None:
    upright, leaning = line([0.0] * 11, 3), line([0.2 * index for index in range(11)], 3)
    found = agreement(upright, leaning).of(Place(ROOTS, L1_L)).curve
    assert found is not None
    # 2 mm to the side over 20 mm: seen from the upright line the other one is nearer by the cosine of its slope
    lean = math.cos(math.atan(0.1))
    assert found.mean == pytest.approx((1.0 + lean) / 2, abs=1e-3)
    assert found.hausdorff == pytest.approx(2.0, abs=1e-3)
    back = agreement(leaning, upright).of(Place(ROOTS, L1_L)).curve
    assert back is not None
    assert (back.mean, back.hausdorff) == pytest.approx((found.mean, found.hausdorff))


@pytest.mark.parametrize("swapped", [False, True])
def test_the_way_back_from_the_end_of_a_line_to_its_start_is_no_part_of_it(swapped: bool) -> None:
    straight, bent = line([0.0] * 7, 3), line([0.0, 1.0, 2.0, 3.0, 2.0, 1.0, 0.0], 3)
    found = agreement(*((bent, straight) if swapped else (straight, bent))).of(Place(ROOTS, L1_L)).curve
    assert found is not None
    # 3 mm to the side over 6 mm and back: seen from the straight line nearer by the cosine of the slope
    assert found.mean == pytest.approx(1.5 * (1.0 + math.cos(math.atan(0.5))) / 2, abs=0.02)
    assert found.hausdorff == pytest.approx(3.0, abs=0.06), "sampled every tenth of a mm"


def test_lines_of_two_points_have_a_distance() -> None:
    found = agreement(line([0.0, 0.0], 3), line([1.0, 1.0], 3)).of(Place(ROOTS, L1_L)).curve
    assert found is not None
    assert (found.mean, found.hausdorff) == (pytest.approx(1.0), pytest.approx(1.0))


@pytest.mark.parametrize("swapped", [False, True])
def test_of_lines_of_different_length_only_the_depth_that_both_cover_counts(swapped: bool) -> None:
    short, long = line([1.0] * 4, 8), line([-9.0, -5.0, -3.0, -2.0, 0.0, 0.0, 0.0, 0.0, -2.0, -3.0, -9.0], 4)
    found = agreement(*((long, short) if swapped else (short, long))).of(Place(ROOTS, L1_L)).curve
    assert found is not None
    assert (found.mean, found.hausdorff) == (pytest.approx(1.0, abs=0.01), pytest.approx(1.0, abs=0.01))


@pytest.mark.parametrize("other", [line([0.0] * 3, 12), line([0.0], 5)], ids=["deeper", "one point"])
def test_lines_with_no_depth_in_common_and_single_points_have_no_distance(other: Annotation) -> None:
    assert agreement(line([0.0] * 5, 3), other).of(Place(ROOTS, L1_L)).curve is None
    assert agreement(other, line([0.0] * 5, 3)).of(Place(ROOTS, L1_L)).curve is None


def test_without_slices_the_offset_is_told_to_the_right_the_front_and_the_feet() -> None:
    one, other = (Annotation("01", ganglia={L1_L: np.array(point)}) for point in ([1.0, 2.0, 3.0], [1.5, 1.0, 2.75]))
    pair = compare(share_planes({"A": one, "B": other}, None))[0]
    np.testing.assert_allclose(pair.of(Place(GANGLIA, L1_L)).bias, [0.5, -1.0, 0.25])


def test_how_far_the_comparison_is_is_told_pair_by_pair() -> None:
    told: list[tuple[float, str]] = []
    spine = straight_spine()
    raters = share_planes({label: spine for label in "ABC"}, spine.planes)
    compare(raters, lambda share, text: told.append((round(share, 3), text)))
    assert told == [(0.0, "A and B"), (0.333, "A and C"), (0.667, "B and C"), (1.0, "compared")]


@given(st.lists(st.tuples(*[st.floats(-3, 3)] * 3), min_size=17, max_size=17))
@settings(deadline=None, max_examples=8)
def test_distances_are_symmetric(jitter: list[tuple[float, float, float]]) -> None:
    spine = straight_spine()
    flat = np.array(jitter) * [1.0, 1.0, 0.0]
    other = moved(spine, lambda points: points + flat[: len(points)] if len(points) == 17 else points)
    there, back = agreement(spine, other), agreement(other, spine)
    for one, two in zip(there.structures, back.structures, strict=True):
        np.testing.assert_array_equal(one.distances, two.distances)
        assert (one.only_a, one.only_b) == (two.only_b, two.only_a)


def test_the_standard_deviation_is_that_of_a_sample() -> None:
    found = statistics(np.array([1.0, 2.0, 4.0]))
    assert found["sd_mm"] == pytest.approx(math.sqrt(7 / 3))
    assert found["p95_mm"] == pytest.approx(3.8)
    assert statistics(np.array([2.0]))["sd_mm"] is None


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=25)
def test_the_distance_to_a_curve_is_that_to_its_nearest_edge(seed: int) -> None:
    rng = np.random.default_rng(seed)
    curve = evenly(closed_curve(circle(9.0) + rng.normal(scale=0.3, size=circle(9.0).shape)), closed=True)
    curve += [60.0, -455.0]
    asked = curve[rng.permutation(len(curve))] + rng.normal(scale=2.0, size=curve.shape)
    away = distance_to_curve(curve, asked, closed=True) - distance_to_polygon(curve, asked)
    # between two branches that are as near as each other by less than an edge's height the other may be taken
    assert away.min() > -1e-9
    assert away.max() < 0.005
    assert np.quantile(away, 0.95) < 1e-9


def test_rows_of_points_leave_out_what_has_no_meaning() -> None:
    spine = straight_spine()
    rows = list(point_rows([agreement(spine, spine)]))
    assert len(rows) == 2 * 17 + 2 + 20 + 10
    assert {row["dice"] for row in rows if row["structure"] == ROOTS} == {None}
    assert {row["slice"] for row in rows if row["structure"] == GANGLIA} == {None}
    assert {row["dice"] for row in rows if row["structure"] == DURA} == {1.0}


def test_the_columns_of_the_printed_table_stand_apart_however_long_the_labels() -> None:
    pair = agreement(straight_spine(), straight_spine())
    _title, *rows = printed(replace(pair, a="jonathan01", b="katharinaelisabeth02"))
    assert rows[0].endswith("  only jonathan01  only katharinaelisabeth02")
    assert {len(row) for row in rows} == {len(rows[0])}


def test_the_printed_table_counts_what_only_one_annotator_marked() -> None:
    spine, other = straight_spine(), straight_spine()
    del other.roots[L1_L]
    lines = printed(agreement(spine, other))
    assert any(line.split() == ["L1", "L", *["n/a"] * 5, "0", "17", "0"] for line in lines)
    assert any(line.split() == ["dura", *["0.00"] * 5, "20", "0", "0"] for line in lines)
