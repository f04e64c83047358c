"""Proposals on a small stack whose roots and contours are known exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_stack import SmallStack, small_stack

from SpineRootLib.anatomy import CORD, DURA, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import closed_curve, distance_to_polygon
from SpineRootLib.errors import Cancelled, ImageFileError
from SpineRootLib.images import Image
from SpineRootLib.tracing import FluidSettings, Tracer, TracingSettings

L1_L, L1_R, L2_L = Root("L1", "L"), Root("L1", "R"), Root("L2", "L")
INNER = {DURA: (0.0, -4.0), CORD: (0.5, 1.0)}


@pytest.fixture(scope="module")
def stack() -> SmallStack:
    return small_stack(noise=0.05)


@pytest.fixture(scope="module")
def tracer(stack: SmallStack) -> Tracer:
    return Tracer(stack.image)


def ends_of(stack: SmallStack, *roots: Root) -> Annotation:
    """Only the first and last point of each root."""
    sparse = Annotation("00", planes=stack.planes, segments=("L1", "L2"))
    for root in roots or tuple(stack.truth.roots):
        points = stack.truth.root_by_slice(root)
        for number in (min(points), max(points)):
            sparse.set_root_point(root, number, points[number])
    return sparse


def inner_point(stack: SmallStack, structure: str, number: int) -> np.ndarray:
    middle = stack.planes.flatten(stack.truth.contours_by_slice(DURA)[number].points).mean(axis=0)
    return stack.planes.lift(middle + INNER[structure], number)[0]


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
    assert proposal.reason == "there is no dark spot within 0.4 mm"


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
    assert [each.slice for each in found] == [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12]
    assert max(np.linalg.norm(each.position - truth[each.slice]) for each in found) < 0.15


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
    first, last = tracer.propose_root_ends(known, L2_L)
    assert first.slice == 1
    assert last.slice in (8, 9)


# ---- bad input: no proposal, and the reason


def test_a_click_outside_of_the_dura_gives_the_reason(stack: SmallStack, tracer: Tracer) -> None:
    outside = inner_point(stack, DURA, 4) + 13 * stack.planes.right
    proposal = tracer.snap(outside)
    assert not proposal
    assert "outside of the dura" in proposal.reason


def test_a_click_on_the_wrong_root_gives_the_reason(stack: SmallStack, tracer: Tracer) -> None:
    known = ends_of(stack)
    spot = stack.truth.root_by_slice(L1_L)[1]
    assert tracer.snap(spot, annotation=known, root=L2_L).reason == "this spot is L1_L already"
    known.set_root_point(L2_L, 4, stack.truth.root_by_slice(L2_L)[4])
    proposal = tracer.snap(stack.truth.root_by_slice(L1_L)[5], annotation=known, root=L2_L)
    assert not proposal
    assert "is it another root?" in proposal.reason
    assert tracer.snap(stack.truth.root_by_slice(L2_L)[5], annotation=known, root=L2_L)


def test_a_click_for_the_dura_beside_it_gives_no_dura(stack: SmallStack, tracer: Tracer) -> None:
    proposal = tracer.propose_contour(DURA, 4, click=inner_point(stack, DURA, 4) + 14 * stack.planes.right)
    assert not proposal
    assert proposal.reason


def test_a_root_without_a_confirmed_point_gives_the_reason(stack: SmallStack, tracer: Tracer) -> None:
    known = ends_of(stack, L1_L)
    assert tracer.propose_root_next(known, L2_L, 5).reason == "no point of the root is confirmed from which to start"
    assert tracer.propose_roots(known, [L2_L])[L2_L][0].reason == "no point of the root is confirmed"
    known.set_root_point(L1_L, 12, None)
    assert "too many slices away" in tracer.propose_root_next(known, L1_L, 11).reason
    assert tracer.propose_root_next(known, L1_L, 99).reason == "there is no slice 99"


def test_a_click_beside_the_image_gives_the_reason(stack: SmallStack, tracer: Tracer) -> None:
    assert "does not reach" in tracer.snap(inner_point(stack, DURA, 4) + 300 * stack.planes.right).reason
    assert "above or below" in tracer.snap(inner_point(stack, DURA, 4) + 300 * stack.planes.down).reason
    assert "no finite position" in tracer.snap([np.nan, 0, 0]).reason


def test_a_click_for_the_cord_in_the_fluid_gives_no_cord(stack: SmallStack, tracer: Tracer) -> None:
    proposal = tracer.propose_contour(CORD, 4, click=inner_point(stack, DURA, 4))
    assert not proposal
    assert proposal.reason


def test_left_and_right_exchanged_are_noticed(stack: SmallStack, tracer: Tracer) -> None:
    sparse = ends_of(stack)
    sparse.roots = {root.opposite: points for root, points in sparse.roots.items()}
    proposals = tracer.propose_roots(sparse)
    assert all(not each for found in proposals.values() for each in found)
    assert "left and right are exchanged" in proposals[L1_L][0].reason


def test_the_image_of_another_subject_is_noticed(stack: SmallStack, tracer: Tracer) -> None:
    sparse = ends_of(stack)
    sparse.roots = {root: points + 9 * stack.planes.anterior for root, points in sparse.roots.items()}
    assert "another subject" in tracer.misfit(sparse)
    elsewhere = ends_of(stack)
    elsewhere.planes = replace(stack.planes, origin=stack.planes.origin + 0.9 * stack.planes.down)
    assert "other slices" in tracer.misfit(elsewhere)


def test_a_constant_image_gives_the_reason(stack: SmallStack) -> None:
    tracer = Tracer(replace(stack.image, voxels=np.full_like(stack.image.voxels, 7)))
    assert tracer.snap(inner_point(stack, DURA, 4)).reason == "the image is constant"
    assert tracer.propose_contour(DURA, 4, click=inner_point(stack, DURA, 4)).reason == "the image is constant"
    assert tracer.propose_roots(ends_of(stack))[L1_L][0].reason == "the image is constant"


def test_voxels_that_are_no_numbers_give_the_reason(stack: SmallStack) -> None:
    voxels = stack.image.voxels.astype(np.float32)
    voxels[:, :, 12 - 4] = np.nan
    tracer = Tracer(replace(stack.image, voxels=voxels))
    assert "no numbers" in tracer.snap(stack.truth.root_by_slice(L1_L)[4]).reason
    assert "no numbers" in tracer.propose_contour(DURA, 4, click=inner_point(stack, DURA, 4)).reason
    assert tracer.snap(stack.truth.root_by_slice(L1_L)[5])


def test_a_slice_without_contrast_gives_the_reason(stack: SmallStack) -> None:
    voxels = stack.image.voxels.copy()
    voxels[:, :, 12 - 4] = 900
    voxels[::2, :, 12 - 4] = 901
    tracer = Tracer(replace(stack.image, voxels=voxels))
    assert "no contrast" in tracer.snap(stack.truth.root_by_slice(L1_L)[4]).reason
    assert "no contrast" in tracer.propose_contour(DURA, 4, click=inner_point(stack, DURA, 4)).reason


def test_bright_roots_on_dark_fluid_need_the_setting(stack: SmallStack) -> None:
    inverted = replace(stack.image, voxels=(1200 - stack.image.voxels.astype(np.int32)).clip(0))
    truth = stack.truth.root_by_slice(L2_L)[5]
    assert not Tracer(inverted).snap(truth)
    set_right = Tracer(inverted, TracingSettings(fluid=FluidSettings(bright_fluid=False)))
    assert np.linalg.norm(set_right.snap(truth + 0.3).position - truth) < 0.1


def test_a_4d_image_is_refused(stack: SmallStack) -> None:
    with pytest.raises(ImageFileError, match="4D"):
        Tracer(Image(np.zeros((8, 8, 8, 2)), stack.image.affine))


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


def test_no_ganglion_is_made_up(stack: SmallStack) -> None:
    centre = np.array([2.3, -1.1, 0.7])
    tracer = Tracer(stack.image, overviews={"DESS": overview_with_oval(centre)})
    assert tracer.propose_ganglion(centre + (0, 20, -15)).reason == "no bright oval lies near the click"
    assert tracer.propose_ganglion(centre + 500).reason == "the click lies outside of the image"
    assert tracer.propose_ganglion(centre, image="T2TSE").reason == "there is no T2TSE image"
