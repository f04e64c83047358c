"""The average annotation, against cases that are checked by hand."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from raters_on_disk import shifted
from straight_spine import circle, straight_spine, tilted_planes
from straight_subject import straight_subject

from SpineRootLib.agreement.consensus import MEDIAN, Consensus, ConsensusSettings, make_consensus
from SpineRootLib.agreement.contour_mean import mean_contour
from SpineRootLib.agreement.curve_distance import curve_distance
from SpineRootLib.agreement.disagreements import find_disagreements
from SpineRootLib.agreement.distances import compare
from SpineRootLib.agreement.raters import Raters, share_planes
from SpineRootLib.agreement.resolutions import CORRECTED, Resolution, Resolutions
from SpineRootLib.anatomy import CORD, DURA, GANGLIA, ROOTS, Root
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.curves import closed_curve
from SpineRootLib.errors import SpineRootError
from SpineRootLib.place import Place

L1_L, L1_R = Root("L1", "L"), Root("L1", "R")


def raters(*annotations: Annotation) -> Raters:
    return share_planes(dict(zip("ABCDE", map(copy.deepcopy, annotations), strict=False)), annotations[0].planes)


def consensus(
    *annotations: Annotation, resolutions: Resolutions | None = None, how: ConsensusSettings | None = None
) -> Consensus:
    together = raters(*annotations)
    return make_consensus(together, find_disagreements(together, compare(together)), resolutions, how)


def mean(arrays: np.ndarray) -> np.ndarray:
    return arrays.mean(axis=0)


def test_the_average_of_two_identical_annotations_is_that_annotation() -> None:
    spine = straight_spine(degrees=10.0)
    agreed = consensus(spine, spine).annotation
    for root in (L1_L, L1_R):
        np.testing.assert_array_equal(agreed.roots[root], spine.roots[root])
        np.testing.assert_array_equal(agreed.ganglia[root], spine.ganglia[root])
    for structure in (DURA, CORD):
        for mine, theirs in zip(agreed.contours[structure], spine.contours[structure], strict=True):
            np.testing.assert_array_equal(mine.points, theirs.points)


def test_the_average_of_the_truth_plus_and_minus_an_error_is_the_truth() -> None:
    spine = straight_spine(degrees=-8.0)
    error = np.array([0.8, -0.5, 0.0])
    agreed = consensus(shifted(spine, error), shifted(spine, -error)).annotation
    for root in (L1_L, L1_R):
        np.testing.assert_allclose(agreed.roots[root], spine.roots[root], atol=1e-12)
        np.testing.assert_allclose(agreed.ganglia[root], spine.ganglia[root], atol=1e-12)
    for mine, theirs in zip(agreed.dura, spine.dura, strict=True):
        assert curve_distance(mine.curve(), theirs.curve(), closed=True).hausdorff < 0.02


def lobed(count: int, start: float, size: float = 1.0) -> np.ndarray:
    """A sac that is no ellipse, (count, 2), sampled from another place on and unevenly."""
    share = np.arange(count) / count
    angle = 2 * np.pi * (share + 0.03 * np.sin(2 * np.pi * share)) + start
    radius = 8.0 + 1.0 * np.cos(2 * angle) + 0.4 * np.sin(3 * angle)
    return size * radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])


@pytest.mark.parametrize("shift", [(0.4, -0.3), (0.0, 1.0)])
def test_contours_sampled_differently_average_to_the_curve_between(shift: tuple[float, float]) -> None:
    planes = tilted_planes(4, degrees=15.0)
    one = planes.lift(lobed(24, 0.0) + shift, 2)
    two = planes.lift(lobed(31, 2.1)[::-1] - shift, 2)
    truth = closed_curve(planes.lift(lobed(200, 1.0), 2))
    middle = mean_contour([one, two], planes, mean)
    assert curve_distance(closed_curve(middle), truth, closed=True).hausdorff < 0.02


def test_the_average_of_two_circles_is_the_circle_between() -> None:
    planes = tilted_planes(4)
    contours = [planes.lift(circle(6.0, 20), 3), planes.lift(np.roll(circle(8.0, 27), 9, axis=0)[::-1], 3)]
    middle = planes.flatten(closed_curve(mean_contour(contours, planes, mean)))
    np.testing.assert_allclose(np.linalg.norm(middle, axis=1), 7.0, atol=0.005)


def test_a_mean_contour_has_hardly_more_points_to_move_than_those_who_drew_it() -> None:
    planes = tilted_planes(4)
    middle = mean_contour([planes.lift(lobed(24, 0.0), 2), planes.lift(lobed(20, 2.1) + 0.3, 2)], planes, mean)
    assert len(middle) <= 32


def test_averaging_does_not_depend_on_the_order_of_the_annotators() -> None:
    spine = straight_spine()
    other, third = shifted(spine, [0.4, 0.1, 0.0]), shifted(spine, [-0.2, 0.6, 0.0])
    third.contours[DURA] = [Contour(np.roll(c.points, 5, axis=0)[::-1]) for c in third.dura]
    one, two = consensus(spine, other, third).annotation, consensus(third, spine, other).annotation
    np.testing.assert_allclose(one.roots[L1_L], two.roots[L1_L], atol=1e-12)
    for mine, theirs in zip(one.dura, two.dura, strict=True):
        assert curve_distance(mine.curve(), theirs.curve(), closed=True).hausdorff < 1e-3


def test_what_one_annotator_marked_is_kept_and_flagged_or_left_out_when_asked() -> None:
    spine, other = straight_spine(), straight_spine()
    other.roots[L1_L] = other.roots[L1_L][:-2]
    del other.ganglia[L1_R]
    kept = consensus(spine, other)
    assert len(kept.annotation.roots[L1_L]) == 17
    assert kept.single == (Place(ROOTS, L1_L, 19), Place(ROOTS, L1_L, 20), Place(GANGLIA, L1_R))
    record = kept.annotation.provenance.at(Place(ROOTS, L1_L, 20))
    assert record == {"Flags": ["single"], "Remark": "marked by A only"}
    left_out = consensus(spine, other, how=ConsensusSettings(keep_single=False))
    assert len(left_out.annotation.roots[L1_L]) == 15
    assert L1_R not in left_out.annotation.ganglia
    assert left_out.dropped == kept.single


def test_one_of_three_far_off_does_not_move_the_median() -> None:
    spine = straight_spine()
    far = shifted(spine, [30.0, 0.0, 0.0])
    settings = ConsensusSettings(average=MEDIAN, accept=True)
    agreed = consensus(spine, shifted(spine, [0.0, 0.2, 0.0]), far, how=settings).annotation
    assert np.abs(agreed.roots[L1_L] - spine.roots[L1_L]).max() < 0.21
    assert curve_distance(agreed.dura[0].curve(), spine.dura[0].curve(), closed=True).hausdorff < 0.21


def one_point_moved(distance: float) -> tuple[Annotation, Annotation, Place]:
    spine, other = straight_spine(), straight_spine()
    other.roots[L1_L][5] += [distance, 0.0, 0.0]
    return spine, other, Place(ROOTS, L1_L, 9)


def test_a_disagreement_above_the_limit_asks_to_be_settled_or_accepted() -> None:
    spine, other, place = one_point_moved(6.0)
    with pytest.raises(SpineRootError, match=r"1 place is in dispute .* nerveroots_L1_L:9 by 6\.0 mm"):
        consensus(spine, other)
    accepted = consensus(spine, other, how=ConsensusSettings(accept=True)).annotation
    np.testing.assert_allclose(accepted.root_by_slice(L1_L)[9], spine.roots[L1_L][5] + [3.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("take", "points", "expected"),
    [("A", None, 0.0), ("B", None, 6.0), ("mean", None, 3.0), (CORRECTED, [[1.0, 2.0, 3.0]], None)],
)
def test_a_resolution_decides_what_holds(take: str, points: object, expected: float | None) -> None:
    spine, other, place = one_point_moved(6.0)
    corrected = None if points is None else np.array(points) * 0 + spine.roots[L1_L][5] + [0.0, 1.5, 0.0]
    settled = Resolutions({place: Resolution(place, take, corrected)})
    agreed = consensus(spine, other, resolutions=settled).annotation
    found = agreed.root_by_slice(L1_L)[9] - spine.roots[L1_L][5]
    np.testing.assert_allclose(found, [0.0, 1.5, 0.0] if expected is None else [expected, 0.0, 0.0], atol=1e-12)


def test_taking_an_annotator_who_marked_nothing_leaves_the_place_out() -> None:
    spine, other = straight_spine(), straight_spine()
    other.roots[L1_L] = other.roots[L1_L][:-1]
    place = Place(ROOTS, L1_L, 20)
    agreed = consensus(spine, other, resolutions=Resolutions({place: Resolution(place, "B")}))
    assert agreed.dropped == (place,)
    assert 20 not in agreed.annotation.root_by_slice(L1_L)


@pytest.mark.parametrize("gone", [("A",), ("A", "B")])
def test_a_place_whose_settled_mark_is_gone_is_listed_again(gone: tuple[str, ...]) -> None:
    spine, other, place = one_point_moved(6.0)
    settled = Resolution(place, "A", remark="flow void").made_for(raters(spine, other).marks)
    annotations = {"A": spine, "B": other}
    for label in gone:
        annotations[label].set_root_point(L1_L, 9, None)
    together = raters(*annotations.values())
    resolutions = Resolutions({place: settled})
    (listed, *_) = find_disagreements(together, compare(together), resolutions=resolutions)
    assert (listed.place, listed.needs_resolution) == (place, True)
    assert listed.kind == ("single" if len(gone) == 1 else "outdated")
    assert np.linalg.norm(listed.position - straight_spine().roots[L1_L][5]) <= 6.0
    assert resolutions.by_place == {}
    assert "settled as A (flow void) before" in next(resolutions.outdated_lines(together.marks))


def test_a_third_annotator_who_marked_the_place_opens_it_again() -> None:
    spine, other, place = one_point_moved(6.0)
    settled = Resolution(place, "mean").made_for(raters(spine, other).marks)
    assert settled.changed(raters(spine, other, straight_spine()).marks) == ("C",)
    third = straight_spine()
    third.set_root_point(L1_L, 9, None)
    assert settled.changed(raters(spine, other, third).marks) == ()
    assert Resolution(place, "mean").changed(raters(spine, other, third).marks) == ()


def test_what_a_third_annotator_opens_again_is_not_said_to_be_a_changed_mark() -> None:
    spine, other, place = one_point_moved(6.0)
    together = raters(spine, other, straight_spine())
    resolutions = Resolutions({place: Resolution(place, "mean").made_for(raters(spine, other).marks)})
    find_disagreements(together, compare(together), resolutions=resolutions)
    (line,) = resolutions.outdated_lines(together.marks)
    assert "was settled as mean among other annotators" in line


def test_what_is_unusual_for_its_kind_comes_before_what_is_larger_and_usual() -> None:
    spine, other, place = one_point_moved(2.0)
    for root in other.ganglia:
        other.ganglia[root] = other.ganglia[root] + [0.0, 3.0, 0.0]
    together = raters(spine, other)
    found = find_disagreements(together, compare(together))
    assert found[0].place == place
    assert {each.place.structure for each in found[1:]} == {GANGLIA}
    assert found[1].size_mm == pytest.approx(3.0)
    assert found[0].times_usual > 10 > found[1].times_usual


def test_a_root_that_differs_from_end_to_end_is_not_usual_for_that() -> None:
    spine = straight_subject()
    other = copy.deepcopy(spine)
    other.roots[L1_L] = other.roots[L1_L] + [3.0, 0.0, 0.0]
    together = raters(spine, other)
    listed = find_disagreements(together, compare(together))
    assert {each.place.root for each in listed} == {L1_L}
    assert min(each.times_usual for each in listed) > 10


def test_disagreements_are_ranked_by_size_with_the_words_of_the_annotators() -> None:
    spine, other, place = one_point_moved(4.0)
    other.ganglia[L1_R] = other.ganglia[L1_R] + [0.0, 2.0, 0.0]
    other.roots[L1_R] = other.roots[L1_R][1:]
    key = spine.provenance.structure("dura_3")
    key["Points"] = {"3": {"Flags": ["uncertain"], "Remark": "flow void"}}
    together = raters(spine, other)
    found = find_disagreements(together, compare(together))
    expected = [place, Place(GANGLIA, L1_R), Place(DURA, None, 3), Place(ROOTS, L1_R, 4)]
    assert [each.place for each in found] == expected
    assert [each.kind for each in found] == ["apart", "apart", "flagged", "single"]
    assert found[0].size_mm == pytest.approx(4.0)
    np.testing.assert_allclose(found[0].position, spine.roots[L1_L][5] + [2.0, 0.0, 0.0])
    assert found[2].flags == {"A": "uncertain (flow void)"}
    assert found[3].text_said().endswith("B nothing")
