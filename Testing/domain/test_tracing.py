"""Proposals on a small stack whose roots and contours are known exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_stack import SmallStack, ends_of, inner_point

from SpineRootLib.anatomy import CORD, DURA, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import closed_curve, distance_to_polygon
from SpineRootLib.errors import Cancelled
from SpineRootLib.images import Image
from SpineRootLib.tracing import Tracer, most_helpful

L1_L, L1_R, L2_L = Root("L1", "L"), Root("L1", "R"), Root("L2", "L")


def test_a_click_beside_a_root_snaps_to_its_centre(stack: SmallStack, tracer: Tracer) -> None:
    truth = stack.truth.root_by_slice(L2_L)[5]
    proposal = tracer.snap(truth + 0.5 * stack.planes.right + 0.3 * stack.planes.anterior)
    assert proposal.slice == 5
    assert np.linalg.norm(proposal.position - truth) < 0.1
    assert proposal.confidence > 0.8


def test_a_click_farther_away_than_the_radius_does_not_snap(stack: SmallStack, tracer: Tracer) -> None:
    truth = stack.truth.root_by_slice(L2_L)[5]
    proposal = tracer.snap(truth + 0.8 * stack.planes.right, radius_mm=0.4)
    assert not proposal
    assert proposal.reason == "this place is as bright as the fluid: no root lies here"


def test_the_next_point_of_a_root_follows_its_course(stack: SmallStack, tracer: Tracer) -> None:
    points = stack.truth.root_by_slice(L1_R)
    known = Annotation("00", planes=stack.planes)
    known.set_root_point(L1_R, 3, points[3])
    known.set_root_point(L1_R, 4, points[4])
    proposal = tracer.propose_root_next(known, L1_R, 5)
    assert np.linalg.norm(proposal.position - points[5]) < 0.12
    assert proposal.confidence > 0.8


def test_roots_are_found_on_every_slice_between_their_ends(stack: SmallStack, tracer: Tracer) -> None:
    proposals = tracer.propose_roots(ends_of(stack))
    assert sorted(proposals) == sorted(stack.truth.roots)
    for root, found in proposals.items():
        truth = stack.truth.root_by_slice(root)
        assert [each.slice for each in found] == sorted(truth)[1:-1]
        assert max(np.linalg.norm(each.position - truth[each.slice]) for each in found) < 0.15


def test_a_spot_goes_to_one_root_only(stack: SmallStack, tracer: Tracer) -> None:
    sparse = ends_of(stack, L1_L)
    first, last = (stack.truth.root_by_slice(L1_L)[number] for number in (1, 12))
    sparse.set_root_point(L2_L, 1, first + 0.9 * stack.planes.right)
    sparse.set_root_point(L2_L, 12, last + 0.9 * stack.planes.right)
    proposals = tracer.propose_roots(sparse)
    truth = stack.truth.root_by_slice(L1_L)
    assert all(np.linalg.norm(each.position - truth[each.slice]) < 0.15 for each in proposals[L1_L])


def test_confirmed_points_never_move_and_are_not_proposed(stack: SmallStack, tracer: Tracer) -> None:
    sparse = ends_of(stack)
    off = stack.truth.root_by_slice(L1_L)[6] + 0.4 * stack.planes.anterior
    sparse.set_root_point(L1_L, 6, off)
    before = {root: points.copy() for root, points in sparse.roots.items()}
    proposals = tracer.propose_roots(sparse)
    assert 6 not in [each.slice for each in proposals[L1_L]]
    assert all(np.array_equal(before[root], sparse.roots[root]) for root in before)


@pytest.mark.parametrize("structure", [DURA, CORD])
def test_one_inner_click_gives_the_contour(stack: SmallStack, tracer: Tracer, structure: str) -> None:
    proposal = tracer.propose_contour(structure, 4, click=inner_point(stack, structure, 4))
    settings = tracer.settings.contours
    assert settings.fewest_points <= len(proposal.points) <= settings.most_points
    truth = stack.truth.contours_by_slice(structure)[4].curve()
    assert np.max(np.abs(stack.planes.off_plane(proposal.points))) < 1e-6
    expected = {DURA: settings.dura_mm, CORD: 0.0}[structure]
    assert np.mean(distance_to_polygon(truth, closed_curve(proposal.points))) == pytest.approx(expected, abs=0.08)


def test_contours_are_found_on_every_slice_from_one_click(stack: SmallStack, tracer: Tracer) -> None:
    found = list(tracer.propose_contours(CORD, clicks={6: inner_point(stack, CORD, 6)}))
    assert [each.slice for each in found] == list(range(1, 13))
    for each in found:
        truth = stack.truth.contours_by_slice(CORD)[each.slice].curve()
        assert np.mean(distance_to_polygon(truth, closed_curve(each.points))) < 0.08


def test_a_contour_is_proposed_from_the_one_on_the_slice_beside(stack: SmallStack, tracer: Tracer) -> None:
    known = Annotation("00", planes=stack.planes)
    known.set_contour(CORD, 5, stack.truth.contours_by_slice(CORD)[5].points)
    proposal = tracer.propose_contour(CORD, 6, known)
    truth = stack.truth.contours_by_slice(CORD)[6].curve()
    assert np.mean(distance_to_polygon(truth, closed_curve(proposal.points))) < 0.08


def test_the_same_question_has_the_same_answer_whatever_was_asked_before(stack: SmallStack) -> None:
    fresh, used = Tracer(stack.image), Tracer(stack.image)
    list(used.propose_contours(DURA, clicks={6: inner_point(stack, DURA, 6)}))
    used.snap(stack.truth.root_by_slice(L1_R)[7])
    sparse = ends_of(stack)
    first, second = fresh.propose_roots(sparse), used.propose_roots(sparse)
    for root, points in first.items():
        assert all(np.array_equal(a.position, b.position) for a, b in zip(points, second[root], strict=True))


def test_tracing_can_be_cancelled(stack: SmallStack, tracer: Tracer) -> None:
    with pytest.raises(Cancelled):
        tracer.propose_roots(ends_of(stack), progress=lambda fraction, _text: fraction < 0.3)


def test_a_root_is_followed_beyond_its_confirmed_points(stack: SmallStack, tracer: Tracer) -> None:
    truth = stack.truth.root_by_slice(L2_L)
    known = Annotation("00", planes=stack.planes)
    known.set_root_point(L2_L, 6, truth[6])
    found = tracer.propose_roots(known, onward=True)[L2_L]
    assert [each.slice for each in found if each][:7] == [3, 4, 5, 7, 8, 9, 10]
    assert max(np.linalg.norm(each.position - truth[each.slice]) for each in found if each) < 0.15
    assert found[0].slice == 2
    assert "no cord is known at which it would end" in found[0].reason


def test_a_root_is_followed_up_to_the_cord_and_no_farther(stack: SmallStack, tracer: Tracer) -> None:
    truth = stack.truth.root_by_slice(L2_L)
    known = Annotation("00", planes=stack.planes)
    known.set_root_point(L2_L, 8, truth[8])
    cord = stack.planes.flatten(stack.truth.contours_by_slice(CORD)[4].points)
    over_root = cord - cord.mean(axis=0) + stack.planes.flatten(truth[4])[0]
    for number in range(1, 8):
        away = np.array([0.0, 0.0]) if number <= 4 else np.array([20.0, 0.0])
        known.set_contour(CORD, number, stack.planes.lift(over_root + away, number))
    found = tracer.propose_roots(known, [L2_L], onward=True)[L2_L]
    assert min(each.slice for each in found if each) == 4
    assert found[0].reason == "the root is followed no farther: it has reached the cord"


def test_between_marks_there_is_a_proposal_where_nothing_is_seen_and_it_says_so(stack: SmallStack) -> None:
    voxels = stack.image.voxels.copy()
    truth = stack.truth.root_by_slice(L2_L)
    for number in range(4, 9):
        i, j, k = np.round(stack.image.index_of(truth[number])[0]).astype(int)
        voxels[i - 4 : i + 5, j - 4 : j + 5, k] = 300  # a dark mass without a dot
    found = Tracer(replace(stack.image, voxels=voxels)).propose_roots(ends_of(stack, L2_L))[L2_L]
    assert [each.slice for each in found if each] == list(range(2, 12))
    unseen = [each for each in found if not each.by_image]
    assert {5, 6, 7} <= {each.slice for each in unseen}
    assert all("follows from the marks" in each.reason for each in unseen)


def test_a_click_in_a_dark_mass_stays_where_it_is(stack: SmallStack) -> None:
    voxels = stack.image.voxels.copy()
    truth = stack.truth.root_by_slice(L2_L)[5]
    i, j, k = np.round(stack.image.index_of(truth)[0]).astype(int)
    voxels[i - 5 : i + 6, j - 5 : j + 6, k] = 300
    proposal = Tracer(replace(stack.image, voxels=voxels)).snap(truth)
    assert np.linalg.norm(proposal.position - truth) < 1e-6
    assert proposal.confidence < 0.9
    assert "stays where it is" in proposal.reason


def test_where_a_mark_would_help_most_is_where_the_course_may_be_farthest_off(
    stack: SmallStack, tracer: Tracer
) -> None:
    proposals = tracer.propose_roots(ends_of(stack))
    best = most_helpful(proposals, count=3)
    assert len(best) == 3
    largest = max(each.deviation for points in proposals.values() for each in points)
    assert best[0].deviation == largest
    assert all(abs(a.slice - b.slice) > 4 for a in best for b in best if a.root == b.root and a is not b)


def test_a_root_is_followed_no_farther_than_it_is_seen(stack: SmallStack) -> None:
    truth = stack.truth.root_by_slice(L2_L)
    voxels = stack.image.voxels.copy()
    for number in (9, 10, 11, 12):
        i, j, k = np.round(stack.image.index_of(truth[number])[0]).astype(int)
        voxels[i - 4 : i + 5, j - 4 : j + 5, k] = 900
    known = Annotation("00", planes=stack.planes)
    known.set_root_point(L2_L, 2, truth[2])
    tracer = Tracer(replace(stack.image, voxels=voxels))
    found = tracer.propose_roots(known, onward=True)[L2_L]
    assert max(each.slice for each in found if each) in (8, 9)
    assert not found[-1]
    assert "followed no farther" in found[-1].reason
    first, last = tracer.propose_root_ends(known)[L2_L]
    assert first.slice == 1
    assert last.slice in (8, 9)


# ---- ganglia


def overview_with_oval(centre: np.ndarray) -> Image:
    """A grey image with a bright ellipsoid of 6 x 6 x 11 mm."""
    affine = np.diag([-1.27, 1.27, 1.27, 1.0])
    affine[:3, 3] = (30.0, -30.0, -30.0)
    grid = np.stack(np.meshgrid(*[np.arange(48)] * 3, indexing="ij"), axis=-1)
    places = Image(np.zeros((2, 2, 2)), affine).ras_of(grid).reshape(grid.shape)
    away = np.linalg.norm((places - centre) / (3.0, 3.0, 5.5), axis=-1)
    noise = np.random.default_rng(0).normal(0, 10, away.shape)
    return Image(np.clip(200 + 300 * np.clip((1.2 - away) / 0.4, 0, 1) + noise, 0, None), affine)


def test_a_ganglion_is_the_centre_of_the_oval_and_not_the_click(stack: SmallStack) -> None:
    centre = np.array([2.3, -1.1, 0.7])
    tracer = Tracer(stack.image, overviews={"DESS": overview_with_oval(centre)})
    proposal = tracer.propose_ganglion(centre + (2.0, -1.5, 2.0), L1_L)
    assert np.linalg.norm(proposal.position - centre) < 0.3
    assert proposal.root == L1_L


def test_an_oval_that_the_image_cuts_has_no_middle(stack: SmallStack) -> None:
    centre = np.array([2.3, -1.1, 0.7])
    whole = overview_with_oval(centre)
    below = int(whole.index_of(centre)[0][2]) - 1  # the image begins 1-2 mm below the middle
    affine = whole.affine.copy()
    affine[:3, 3] += affine[:3, 2] * below
    tracer = Tracer(stack.image, overviews={"DESS": Image(whole.voxels[:, :, below:], affine)})
    proposal = tracer.propose_ganglion(centre + (0.5, -0.5, 1.0))
    assert not proposal
    assert proposal.reason == "the image ends within the oval near the click: its middle is not seen"


def test_no_ganglion_is_made_up(stack: SmallStack) -> None:
    centre = np.array([2.3, -1.1, 0.7])
    tracer = Tracer(stack.image, overviews={"DESS": overview_with_oval(centre)})
    assert tracer.propose_ganglion(centre + (0, 20, -15)).reason == "no bright oval lies near the click"
    assert tracer.propose_ganglion(centre + 500).reason == "the click lies outside of the image"
    assert tracer.propose_ganglion(centre, image="T2TSE").reason == "there is no T2TSE image"
