"""Bundles that bow aside together.

The straight way between marks far apart leads onto a neighbour; and marks beside all bundles are another subject's.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from straight_subject import PLANES
from striped_image import flat_places, image_on

from SpineRootLib.anatomy import Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.errors import Cancelled
from SpineRootLib.images import Image
from SpineRootLib.tracing import PointProposal, Tracer

L3_L, L4_L = Root("L3", "L"), Root("L4", "L")
FIRST, LAST = 3, 31
APART_MM, BOW_MM = 1.3, 2.4


def path(number: int, beside_mm: float = 0.0) -> np.ndarray:
    """Where a bundle runs on a slice, (2,) in-plane mm."""
    share = (number - FIRST) / (LAST - FIRST)
    return np.array([beside_mm + BOW_MM * np.sin(np.pi * share) ** 2, -2.0])


@pytest.fixture(scope="module")
def image() -> Image:
    """A sac of fluid with five bundles side by side, equally dark and broad."""
    image = image_on(PLANES, width=141, value=150.0)
    right, front = np.moveaxis(flat_places(image, PLANES), -1, 0)
    for number in range(1, PLANES.count + 1):
        k = PLANES.count - number
        image.voxels[:, :, k][np.hypot(right / 1.2, front) < 8.0] = 1000.0
        for rank in (-3, -2, -1, 0, 1):
            at = path(number, rank * APART_MM)
            away = np.hypot(right - at[0], front - at[1])
            image.voxels[:, :, k] -= 650.0 / (1 + np.exp((away - 0.5) / 0.1))
    image.voxels[:] += np.random.default_rng(2).normal(0, 20, image.voxels.shape)
    return image


def followed(image: Image, roots: dict[Root, float]) -> dict[Root, list[PointProposal]]:
    """What is proposed between the first and the last slice, the only ones that are marked."""
    tracer = Tracer(image)
    marks = Annotation("01", planes=tracer.planes)
    for root, beside in roots.items():
        for number in (FIRST, LAST):
            marks.set_root_point(root, number, PLANES.lift(path(number, beside), number)[0])
    return tracer.propose_roots(marks)


def off(found: list[PointProposal], beside_mm: float) -> np.ndarray:
    """How far each point is from where the bundle truly runs, (n,) mm."""
    return np.array(
        [
            np.linalg.norm(each.position - PLANES.lift(path(each.slice, beside_mm), each.slice)[0])
            for each in found
            if each
        ]
    )


@pytest.fixture(scope="module")
def two(image: Image) -> dict[Root, list[PointProposal]]:
    """Two neighbouring roots."""
    return followed(image, {L3_L: 0.0, L4_L: APART_MM})


def test_a_root_that_bows_aside_with_its_neighbours_is_followed_and_not_the_neighbour(image: Image) -> None:
    found = followed(image, {L3_L: 0.0})[L3_L]
    assert len(found) == LAST - FIRST - 1
    assert off(found, 0.0).max() < 0.4


def test_two_roots_far_from_their_marks_never_take_the_same_bundle(two: dict[Root, list[PointProposal]]) -> None:
    apart = [np.linalg.norm(a.position - b.position) for a, b in zip(two[L3_L], two[L4_L], strict=True)]
    assert min(apart) > 0.6


def test_far_from_the_marks_the_confidence_is_less(two: dict[Root, list[PointProposal]]) -> None:
    found = two[L3_L]
    assert found[0].confidence > 0.9
    assert found[len(found) // 2].confidence < found[0].confidence


def confidences(image: Image) -> dict[int, float]:
    """What is said of each slice of a root that is marked on four of them."""
    tracer = Tracer(image)
    marks = Annotation("01", planes=tracer.planes)
    for number in (FIRST, 12, 22, LAST):
        marks.set_root_point(L3_L, number, PLANES.lift(path(number), number)[0])
    return {each.slice: each.confidence for each in tracer.propose_roots(marks)[L3_L] if each.slice}


def test_where_bundles_merge_the_whole_way_between_the_marks_is_less_sure_and_no_other(image: Image) -> None:
    right, front = np.moveaxis(flat_places(image, PLANES), -1, 0)
    voxels = image.voxels.copy()
    for number in (16, 17, 18):
        at = path(number)
        voxels[:, :, PLANES.count - number][np.hypot((right - at[0]) / 3.5, front - at[1]) < 1.0] = 350.0
    apart, merged = confidences(image), confidences(replace(image, voxels=voxels))
    assert merged[17] < apart[17] - 0.05
    # the dots are seen there, but the course may already have slipped
    assert merged[14] < apart[14]
    for number in (5, 9, 25, 29):
        assert merged[number] == pytest.approx(apart[number], abs=0.01)


def marked(in_front_mm: float) -> Annotation:
    """Every second slice of two roots, so far in front of their bundles."""
    marks = Annotation("01", planes=PLANES)
    for root, beside in ((L3_L, 0.0), (L4_L, APART_MM)):
        for number in range(FIRST, LAST + 1, 2):
            place = path(number, beside) + [0.0, in_front_mm]
            marks.set_root_point(root, number, PLANES.lift(place, number)[0])
    return marks


def test_marks_on_the_bundles_are_the_subjects_own_and_marks_beside_them_are_not(image: Image) -> None:
    tracer = Tracer(image)
    assert tracer.misfit(marked(0.0)) == ""
    assert "is this the image of another subject" in tracer.misfit(marked(1.2))


def test_in_noise_in_which_no_dot_is_told_apart_nobody_is_accused(image: Image) -> None:
    noise = np.random.default_rng(3).normal(0, 300, image.voxels.shape)
    assert Tracer(replace(image, voxels=image.voxels + noise)).misfit(marked(0.0)) == ""


def test_grey_roots_are_followed_and_not_the_dark_wall_beside_them(image: Image) -> None:
    _, front = np.moveaxis(flat_places(image, PLANES), -1, 0)
    voxels = np.where(image.voxels > 250, 1000 - (1000 - image.voxels) * 0.6, image.voxels)
    voxels[front < -2.8] = 150.0
    found = followed(replace(image, voxels=voxels), {L3_L: 0.0})[L3_L]
    assert off(found, 0.0).max() < 0.4


def test_following_a_single_root_can_be_stopped_between_its_marks(image):
    tracer, asked = Tracer(image), []
    marks = Annotation("01", planes=tracer.planes)
    for number in (FIRST, 12, 22, LAST):
        marks.set_root_point(L3_L, number, PLANES.lift(path(number), number)[0])

    def stop_at_the_second(fraction, text):
        asked.append((fraction, text))
        return len([each for each in asked if "ways of L3_L" in each[1]]) < 2

    with pytest.raises(Cancelled):
        tracer.propose_roots(marks, progress=stop_at_the_second)
    fractions = [fraction for fraction, _text in asked]
    assert fractions == sorted(fractions)
    assert fractions[-1] < 0.5
