"""What the tracer answers to bad input: no proposal, and the reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_stack import SmallStack, ends_of, inner_point

from SpineRootLib.anatomy import CORD, DURA, Root
from SpineRootLib.errors import ImageFileError
from SpineRootLib.images import Image
from SpineRootLib.tracing import FluidSettings, Tracer, TracingSettings
from SpineRootLib.translation import set_translator

L1_L, L2_L = Root("L1", "L"), Root("L2", "L")


def test_a_click_outside_of_the_dura_gives_the_reason(stack: SmallStack, tracer: Tracer) -> None:
    outside = inner_point(stack, DURA, 4) + 13 * stack.planes.right
    proposal = tracer.snap(outside)
    assert not proposal
    assert "outside of the dura" in proposal.reason


def test_a_click_in_air_gives_the_reason(stack: SmallStack) -> None:
    voxels = stack.image.voxels.copy()
    voxels[:30] = np.random.default_rng(0).integers(0, 20, voxels[:30].shape)
    tracer = Tracer(replace(stack.image, voxels=voxels), overviews={"DESS": replace(stack.image, voxels=voxels)})
    air = stack.image.ras_of([15, 60, 12 - 4])[0]
    assert tracer.snap(air).reason == "there is no fluid within 5 mm of this place: it lies outside of the dura"
    assert "no bright oval" in tracer.propose_ganglion(air).reason
    for structure in (DURA, CORD):
        proposal = tracer.propose_contour(structure, 4, click=air)
        assert not proposal
        assert proposal.reason


def test_a_click_on_the_wrong_root_gives_the_reason(stack: SmallStack, tracer: Tracer) -> None:
    known = ends_of(stack)
    spot = stack.truth.root_by_slice(L1_L)[1]
    assert tracer.snap(spot, annotation=known, root=L2_L).reason == "this dot is marked as L1_L already"
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


@pytest.mark.parametrize(("front_mm", "right_mm"), [(9, 0), (-9, 0), (5, 0), (0, 15)])
def test_marks_where_no_root_can_be_are_noticed_in_noise(
    stack: SmallStack, tracer: Tracer, front_mm: float, right_mm: float
) -> None:
    sparse, by = ends_of(stack), front_mm * stack.planes.anterior + right_mm * stack.planes.right
    sparse.roots = {root: points + by for root, points in sparse.roots.items()}
    assert "where no root can be" in tracer.misfit(sparse)


def test_roots_in_a_dark_mass_behind_the_fluid_are_the_subjects_own(stack: SmallStack) -> None:
    sparse, voxels = ends_of(stack), stack.image.voxels.copy()
    for root in (L2_L, L2_L.opposite):
        sparse.roots[root] = stack.truth.roots[root]
    lowest = stack.planes.flatten(stack.truth.roots[L2_L])[:, 1].min()
    grid = np.moveaxis(np.indices(voxels.shape), 0, -1)
    behind = stack.planes.flatten(stack.image.ras_of(grid.reshape(-1, 3)))[:, 1].reshape(voxels.shape) < lowest + 1.2
    voxels[behind] = np.minimum(voxels[behind], 300)
    assert Tracer(replace(stack.image, voxels=voxels)).misfit(sparse) == ""


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


def test_faulty_overviews_give_the_reason(stack: SmallStack) -> None:
    place = stack.image.ras_of([60, 60, 6])[0]
    nothing, series = np.full((120, 120, 12), np.nan), np.zeros((8, 8, 8, 2))
    images = {"DESS": nothing, "T2TSE": np.full_like(nothing, 7.0), "4D": series}
    tracer = Tracer(
        stack.image, overviews={name: replace(stack.image, voxels=voxels) for name, voxels in images.items()}
    )
    assert "no numbers" in tracer.propose_ganglion(place, image="DESS").reason
    assert tracer.propose_ganglion(place, image="T2TSE").reason == "the image is constant here"
    assert tracer.propose_ganglion(place, image="4D").reason == "the image is 4D, not 3D"
    assert not tracer.propose_ganglion(place)
    assert Tracer(stack.image).propose_ganglion(place).reason == "there is no DESS image"


def test_no_ends_are_made_up(stack: SmallStack, tracer: Tracer) -> None:
    sparse = ends_of(stack)
    sparse.roots = {root.opposite: points for root, points in sparse.roots.items()}
    for first, last in tracer.propose_root_ends(sparse).values():
        assert not first and not last
        assert "left and right are exchanged" in first.reason
    unknown = tracer.propose_root_ends(ends_of(stack, L1_L), [L2_L])[L2_L]
    assert [each.reason for each in unknown] == ["no point of the root is confirmed"] * 2


def test_reasons_are_told_in_the_users_language(stack: SmallStack, tracer: Tracer) -> None:
    set_translator(lambda text, _file: f"translated: {text}")
    try:
        outside = tracer.snap(inner_point(stack, DURA, 4) + 20 * stack.planes.right).reason
        unknown = tracer.propose_contour(CORD, 99).reason
    finally:
        set_translator(None)
    assert outside.startswith("translated: ")
    assert unknown == "translated: there is no slice 99"
