"""Whether an annotation can belong to an image: what is said of its marks, and from when on it is questioned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_stack import SmallStack, ends_of

from SpineRootLib.anatomy import DURA, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.tracing import consistency
from SpineRootLib.tracing.consistency import Agreement, agreement, misfit
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.views import Views

SETTINGS = TracingSettings()
NAN = float("nan")
# what an annotation looks like on its own image; each test spoils some of it
OWN = Agreement(points=80, dotted=0.9, own=0.9, centred=1.0, by_root=NAN, walled=0.8, placed=80, absent=0.05, dark=0.4)


@pytest.fixture(scope="module")
def views(stack: SmallStack) -> Views:
    return Views(stack.image, SETTINGS)


@pytest.fixture
def verdict(views: Views, stack: SmallStack, monkeypatch: pytest.MonkeyPatch):
    """What is said of an annotation whose marks lie so on the image."""

    def of(**found: float) -> str:
        monkeypatch.setattr(consistency, "agreement", lambda *_: replace(OWN, **found))
        return misfit(views, stack.truth, SETTINGS)

    return of


def test_marks_on_their_own_image_lie_on_dots_and_edges_and_nowhere_else(stack: SmallStack, views: Views) -> None:
    found = agreement(views, stack.truth, SETTINGS)
    assert (found.points, found.placed) == (48, 48)
    assert found.dotted == 1.0
    assert found.walled > 0.95
    assert found.absent == 0.0
    assert found.own > 0.8
    assert found.centred > 0.7


def moved(stack: SmallStack, by: np.ndarray) -> Annotation:
    """Its marks elsewhere."""
    contours = {
        structure: [replace(each, points=each.points + by) for each in found]
        for structure, found in stack.truth.contours.items()
    }
    return replace(
        stack.truth, roots={root: points + by for root, points in stack.truth.roots.items()}, contours=contours
    )


def test_marks_of_another_image_lie_on_few_dots_and_edges(stack: SmallStack, views: Views) -> None:
    found = agreement(views, moved(stack, 4.0 * stack.planes.anterior + 3.0 * stack.planes.right), SETTINGS)
    assert found.dotted < 0.3
    assert found.own < 0.3
    assert found.centred < 0.3
    assert found.walled < 0.6


def test_marks_beside_their_roots_are_not_on_the_middles_of_dots_and_marks_hardly_beside_them_are(
    stack: SmallStack, views: Views
) -> None:
    away = {by: agreement(views, moved(stack, by * stack.planes.right), SETTINGS).centred for by in (0.0, 0.2, 0.6)}
    least = SETTINGS.consistency.least_centred
    assert away[0.0] > away[0.2] > least > away[0.6]


def test_marks_on_the_far_side_of_the_edge_lie_on_no_edge(stack: SmallStack, views: Views) -> None:
    for by in (1.0, 1.4):
        contours = []
        for each in stack.truth.contours[DURA]:
            middle = each.points.mean(axis=0)
            contours.append(replace(each, points=middle + by * (each.points - middle)))
        wider = replace(stack.truth, contours={**stack.truth.contours, DURA: contours})
        assert (agreement(views, wider, SETTINGS).walled > 0.9) == (by == 1.0)


def test_too_few_marks_tell_nothing(stack: SmallStack, views: Views) -> None:
    for_one = ends_of(stack, Root("L1", "L"))
    found = agreement(views, for_one, SETTINGS)
    assert found.points == 2
    assert all(np.isnan(each) for each in (found.dotted, found.own, found.centred, found.walled, found.absent))
    s = SETTINGS.consistency
    for count in (s.fewest_points - 1, s.fewest_points):
        points = Annotation("00", planes=stack.planes, segments=("L1", "L2"))
        points.roots[Root("L1", "L")] = stack.truth.roots[Root("L1", "L")][:count]
        found = agreement(views, points, SETTINGS)
        assert np.isfinite([found.dotted, found.own, found.absent]).tolist() == [count == s.fewest_points] * 3
    for count in (s.fewest_contours - 1, s.fewest_contours):
        drawn = replace(stack.truth, contours={**stack.truth.contours, DURA: stack.truth.contours[DURA][:count]})
        assert np.isfinite(agreement(views, drawn, SETTINGS).walled) == (count == s.fewest_contours)


def in_noise(stack: SmallStack, deviation: float) -> Views:
    voxels = stack.image.voxels + np.random.default_rng(3).normal(0.0, deviation, stack.image.voxels.shape)
    return Views(replace(stack.image, voxels=np.abs(voxels).astype(np.int16)), SETTINGS)


def test_in_noise_dots_tell_nothing(stack: SmallStack) -> None:
    found = agreement(in_noise(stack, 150.0), stack.truth, SETTINGS)
    assert np.isnan(found.dotted)
    assert np.isnan(found.own)
    assert np.isfinite(found.absent)


def test_in_noise_in_which_no_dot_is_told_apart_marks_still_lie_on_middles_until_it_is_too_loud(
    stack: SmallStack,
) -> None:
    views, elsewhere = in_noise(stack, 100.0), 2.0 * stack.planes.anterior + 1.5 * stack.planes.right
    assert agreement(views, stack.truth, SETTINGS).centred > SETTINGS.consistency.least_centred
    assert agreement(views, moved(stack, elsewhere), SETTINGS).centred < SETTINGS.consistency.least_centred
    assert np.isnan(agreement(in_noise(stack, 400.0), stack.truth, SETTINGS).centred)


def test_of_many_points_and_contours_an_even_choice_is_looked_at(stack: SmallStack, views: Views) -> None:
    few = replace(SETTINGS, consistency=replace(SETTINGS.consistency, most_points=12, most_contours=3, most_slices=3))
    found = agreement(views, stack.truth, few)
    assert (found.points, found.placed) == (12, 12)
    assert found.walled > 0.95


@pytest.mark.parametrize("own", [0.9, NAN])
def test_what_lies_as_on_its_own_image_is_not_questioned(verdict, own: float) -> None:
    assert verdict(own=own) == ""
    assert verdict(own=own, walled=NAN) == ""
    assert verdict(own=own, absent=NAN) == ""


def test_points_that_lie_on_no_dots_are_questioned_with_the_shares(verdict) -> None:
    said = "only 21 % of the root points lie on a dark dot, and 70 % of the dura's contours follow an edge"
    assert verdict(dotted=0.214, own=0.1, walled=0.7).startswith(f"{said}: is this the image of another subject")
    said = verdict(dotted=0.3, own=0.1, centred=0.4, walled=NAN)
    assert said.startswith("only 30 % of the root points lie on a dark dot: is this")


def test_what_the_dots_lack_a_good_dura_makes_up_for(verdict) -> None:
    assert verdict(own=0.3, walled=0.6, points=10_000)
    assert verdict(own=0.3, walled=0.92, points=10_000) == ""
    assert verdict(own=0.0, walled=0.95) == "", "a dura that fits so well is the subject's own"
    assert verdict(own=0.9, walled=0.40), "nor are dots alone believed against the dura"
    assert verdict(own=0.45, walled=NAN, points=10_000) == ""
    assert verdict(own=0.30, walled=NAN, centred=0.355, points=10_000)


def test_marks_of_a_hand_that_drifts_are_not_questioned_where_they_are_nearer_to_the_middles_than_to_what_lies_between(
    verdict,
) -> None:
    # as phantoms of contrast 3.5 showed them to be: a third on dots, and hardly more than beside them
    drifted = {"dotted": 0.34, "own": 0.12, "walled": NAN, "points": 210}
    assert verdict(**drifted, centred=0.46) == ""
    assert verdict(**drifted, centred=0.41)
    assert verdict(**{**drifted, "points": 60}, centred=0.46), "of few points chance may do it"


def test_a_hand_that_leaves_the_lower_roots_is_known_by_the_upper_ones_and_not_told_to_fit(
    views: Views, stack: SmallStack, monkeypatch
) -> None:
    for by_root, questioned in ((0.8, False), (0.5, True)):
        for walled in (0.84, NAN):
            found = replace(OWN, own=0.22, centred=0.17, by_root=by_root, walled=walled, points=250)
            monkeypatch.setattr(consistency, "agreement", lambda *_, found=found: found)
            doubt, is_told = consistency.elsewhere(views, stack.truth, SETTINGS)
            assert (bool(doubt), is_told) == (questioned, questioned)


def test_of_single_roots_it_is_told_only_where_enough_of_them_have_enough_marks(
    stack: SmallStack, views: Views
) -> None:
    assert agreement(views, stack.truth, SETTINGS).by_root > SETTINGS.consistency.least_by_root
    elsewhere = moved(stack, 4.0 * stack.planes.anterior + 3.0 * stack.planes.right)
    assert agreement(views, elsewhere, SETTINGS).by_root < SETTINGS.consistency.least_by_root
    two = replace(stack.truth, roots={root: stack.truth.roots[root] for root in sorted(stack.truth.roots)[:2]})
    few = replace(stack.truth, roots={root: points[:7] for root, points in stack.truth.roots.items()})
    for annotation in (two, few):
        assert np.isnan(agreement(views, annotation, SETTINGS).by_root)


@pytest.mark.parametrize(
    ("centred", "questioned", "told"),
    [(0.15, True, True), (0.25, False, False), (0.40, False, False), (0.46, False, True)],
)
def test_of_faint_dots_middles_far_below_the_usual_speak_against_an_image_and_less_tells_nothing(
    views: Views, stack: SmallStack, monkeypatch, centred: float, questioned: bool, told: bool
) -> None:
    found = replace(OWN, own=0.1, walled=NAN, centred=centred, dark=0.55, points=200)
    monkeypatch.setattr(consistency, "agreement", lambda *_: found)
    doubt, is_told = consistency.elsewhere(views, stack.truth, SETTINGS)
    assert (bool(doubt), is_told) == (questioned, told)
    few = replace(found, points=60)
    monkeypatch.setattr(consistency, "agreement", lambda *_: few)
    assert consistency.elsewhere(views, stack.truth, SETTINGS)[0] == ""


def test_a_dura_that_fits_as_a_mirrored_one_may_does_not_say_that_an_image_is_the_own_one_against_the_roots(
    views: Views, stack: SmallStack, monkeypatch
) -> None:
    for centred, told in ((0.3, False), (0.4, True)):
        found = replace(OWN, own=0.0, walled=0.9, centred=centred, dark=0.5)
        monkeypatch.setattr(consistency, "agreement", lambda *_, found=found: found)
        assert consistency.elsewhere(views, stack.truth, SETTINGS) == ("", told)


def test_roots_as_bright_as_fluid_are_not_missing_where_it_is_bright(stack: SmallStack) -> None:
    voxels = stack.image.voxels
    grey = replace(stack.image, voxels=np.where(voxels > 180, 900 - 0.5 * (900 - voxels), voxels).astype(np.int16))
    beside = moved(stack, 1.5 * stack.planes.right)
    assert agreement(Views(stack.image, SETTINGS), beside, SETTINGS).absent > 0.4
    assert agreement(Views(grey, SETTINGS), beside, SETTINGS).absent < 0.1
    assert agreement(Views(grey, SETTINGS), moved(stack, 15.0 * stack.planes.right), SETTINGS).absent > 0.4


def test_an_annotators_marks_in_a_poor_image_are_not_questioned_where_the_dura_fits(verdict) -> None:
    assert verdict(own=0.1, walled=0.9) == ""
    assert verdict(own=0.1, walled=0.75)


def test_that_marks_lie_on_none_of_faint_dots_says_nothing(views: Views, stack: SmallStack, monkeypatch) -> None:
    for dark, told in ((0.40, True), (0.55, False)):
        found = replace(OWN, own=0.0, dotted=0.1, centred=0.4, walled=NAN, dark=dark)
        monkeypatch.setattr(consistency, "agreement", lambda *_, found=found: found)
        doubt, is_told = consistency.elsewhere(views, stack.truth, SETTINGS)
        assert (bool(doubt), is_told) == (told, told)


@pytest.mark.parametrize(("walled", "told"), [(0.75, False), (0.90, True)])
def test_a_dura_alone_says_that_an_image_is_the_own_one_only_if_it_fits_well(
    views: Views, stack: SmallStack, monkeypatch, walled: float, told: bool
) -> None:
    found = replace(OWN, own=NAN, dotted=NAN, centred=NAN, walled=walled)
    monkeypatch.setattr(consistency, "agreement", lambda *_: found)
    assert consistency.elsewhere(views, stack.truth, SETTINGS) == ("", told)


def test_where_dots_tell_nothing_the_dura_has_to_fit_better(verdict) -> None:
    assert verdict(own=0.9, dotted=0.9, walled=0.55) == ""
    said = verdict(own=NAN, dotted=NAN, walled=0.55)
    assert said.startswith("only 55 % of the dura's contours follow an edge: is this")
    assert verdict(own=NAN, dotted=NAN, walled=0.65) == ""
    assert verdict(own=NAN, dotted=NAN, centred=NAN, walled=NAN, absent=NAN) == ""


def test_points_beside_the_middles_of_dots_are_questioned_but_not_if_they_are_few(verdict) -> None:
    said = verdict(centred=0.30)
    assert said.startswith("the root points do not lie on the middles of dark dots: is this the image of another")
    assert verdict(centred=0.40) == ""
    assert verdict(centred=0.30, own=NAN, dotted=NAN, walled=NAN, absent=NAN)
    assert verdict(centred=0.15, points=10) == ""
    assert verdict(centred=0.05, points=10)
    assert verdict(centred=0.0, walled=0.95) == ""


def test_of_few_points_more_may_miss_by_chance(verdict) -> None:
    # 1.6 standard deviations of a share of so many points, of which one has a variance of 0.2
    assert verdict(own=0.25, walled=NAN, centred=0.4, points=51) == ""
    assert verdict(own=0.25, walled=NAN, centred=0.4, points=52)
    assert verdict(absent=0.505, placed=46) == ""
    assert verdict(absent=0.505, placed=47)
    assert verdict(own=0.40, walled=NAN, points=0) == "", "no point misses anything"


def test_points_where_no_root_can_be_are_questioned_whatever_the_dots_say(verdict) -> None:
    said = verdict(absent=0.714)
    assert said.startswith("71 % of the root points lie where no root can be, in bright fluid or outside of it: is")
    assert verdict(absent=0.45, placed=10_000)
    assert verdict(absent=0.35, placed=10_000) == ""
    assert verdict(absent=0.9, walled=0.97) == ""


def sides_exchanged(stack: SmallStack, *segments: str) -> Annotation:
    found = replace(stack.truth, roots=dict(stack.truth.roots))
    for segment in segments:
        left, right = Root(segment, "L"), Root(segment, "R")
        found.roots[left], found.roots[right] = stack.truth.roots[right], stack.truth.roots[left]
    return found


def test_left_and_right_are_exchanged_where_most_levels_are(stack: SmallStack, views: Views) -> None:
    said = misfit(views, sides_exchanged(stack, "L1", "L2"), SETTINGS)
    assert said == "left and right are exchanged: L1_L lies to the right of L1_R"
    assert misfit(views, sides_exchanged(stack, "L2"), SETTINGS) == "", "one of two is a crossing, which checks name"
    one = sides_exchanged(stack, "L2")
    for side in "LR":
        del one.roots[Root("L1", side)]
    assert misfit(views, one, SETTINGS) == "left and right are exchanged: L2_L lies to the right of L2_R"
    del one.roots[Root("L2", "R")]
    one.roots[Root("L1", "L")] = np.empty((0, 3))
    assert "exchanged" not in misfit(views, one, SETTINGS), "of one side alone nothing can be told"


def test_an_annotation_with_a_slice_more_than_the_image_belongs_to_it_and_with_two_does_not(
    stack: SmallStack, views: Views
) -> None:
    count = stack.planes.count
    assert misfit(views, replace(stack.truth, planes=replace(stack.planes, count=count + 1)), SETTINGS) == ""
    assert "other slices" in misfit(
        views, replace(stack.truth, planes=replace(stack.planes, count=count + 2)), SETTINGS
    )
    assert misfit(views, replace(stack.truth, planes=None), SETTINGS) == ""
    turned = replace(stack.planes, origin=stack.planes.origin + 0.4 * stack.planes.down)
    assert misfit(views, replace(stack.truth, planes=turned), SETTINGS) == ""
    farther = replace(stack.planes, origin=stack.planes.origin + 0.7 * stack.planes.down)
    assert "other slices" in misfit(views, replace(stack.truth, planes=farther), SETTINGS)
