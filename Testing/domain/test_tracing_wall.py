"""Contours of successive slices, found together."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from small_stack import CORD_CENTRE, CORD_MM, DARK, FLUID, GREY, SmallStack, inner_point

from SpineRootLib.anatomy import CORD, DURA
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import closed_curve, signed_distance
from SpineRootLib.errors import Cancelled
from SpineRootLib.images import Image
from SpineRootLib.tracing import Tracer


def with_discs(stack: SmallStack, numbers: list[int], degrees: list[float], level: float, outside_mm: float) -> Image:
    """The image with discs of 0.8 mm radius beside the cord; their centres lie so far outside of the edge."""
    voxels = stack.image.voxels.copy()
    for number, angle in product(numbers, np.radians(degrees)):
        middle = stack.planes.flatten(stack.truth.contours_by_slice(DURA)[number].points).mean(axis=0)
        edge = np.array(CORD_CENTRE) + np.array(CORD_MM) * (np.cos(angle), np.sin(angle))
        centre = middle + edge + outside_mm * np.array([np.cos(angle), np.sin(angle)])
        i, j, k = np.round(stack.image.index_of(stack.planes.lift(centre, number))[0]).astype(int)
        grid = np.stack(np.meshgrid(np.arange(i - 5, i + 6), np.arange(j - 5, j + 6), indexing="ij"), axis=-1)
        places = stack.planes.flatten(stack.image.ras_of(np.c_[grid.reshape(-1, 2), np.full(121, k)]))
        disc = (np.linalg.norm(places - centre, axis=1) < 0.8).reshape(11, 11)
        voxels[i - 5 : i + 6, j - 5 : j + 6, k][disc] = level
    return replace(stack.image, voxels=voxels)


def off_truth(stack: SmallStack, structure: str, number: int, points: np.ndarray) -> np.ndarray:
    """How far outside of the true outline the proposed curve lies, mm."""
    flat = stack.planes.flatten
    truth = stack.truth.contours_by_slice(structure)[number].curve()
    return signed_distance(flat(truth), flat(closed_curve(points)))


@pytest.mark.parametrize("level", [DARK, GREY])
def test_roots_that_stick_to_the_cord_on_a_few_slices_are_left_out_of_it(stack: SmallStack, level: float) -> None:
    touched = [6, 7, 8]
    tracer = Tracer(with_discs(stack, touched, [-50.0, -75.0, -100.0], level, outside_mm=0.6))
    found = {each.slice: each for each in tracer.propose_contours(CORD, clicks={2: inner_point(stack, CORD, 2)})}
    assert max(off_truth(stack, CORD, number, found[number].points).max() for number in touched) < 0.2
    assert found[7].confidence < found[3].confidence


def test_the_edge_of_the_cord_is_kept_where_the_fluid_beside_it_is_dark(stack: SmallStack) -> None:
    tracer = Tracer(with_discs(stack, [6, 7], [170.0], 0.75 * GREY + 0.25 * FLUID, outside_mm=0.2))
    found = {each.slice: each for each in tracer.propose_contours(CORD, clicks={2: inner_point(stack, CORD, 2)})}
    assert max(np.abs(off_truth(stack, CORD, number, found[number].points)).max() for number in (6, 7)) < 0.25


@pytest.mark.parametrize("outside_mm", [-0.2, 0.25])
def test_contours_between_drawn_ones_follow_where_the_annotator_draws_the_edge(
    stack: SmallStack, outside_mm: float
) -> None:
    tracer, drawn = Tracer(stack.image), Annotation("00", planes=stack.planes)
    for number in (1, 5, 9, 12):
        flat = stack.planes.flatten(stack.truth.contours_by_slice(CORD)[number].points)
        away = flat - flat.mean(axis=0)
        larger = flat + outside_mm * away / np.linalg.norm(away, axis=1, keepdims=True)
        drawn.set_contour(CORD, number, stack.planes.lift(larger, number))
    found = list(tracer.propose_contours(CORD, drawn))
    assert [each.slice for each in found] == [2, 3, 4, 6, 7, 8, 10, 11]
    off = np.mean([off_truth(stack, CORD, each.slice, each.points).mean() for each in found])
    assert off == pytest.approx(0.8 * outside_mm, abs=0.07)  # four of five parts: few contours are not quite believed


def test_on_a_slice_where_nothing_is_seen_the_contour_follows_its_neighbours_and_says_so(stack: SmallStack) -> None:
    voxels = stack.image.voxels.copy()
    index = stack.planes.count - 7
    voxels[:, :, index] = 300
    tracer = Tracer(replace(stack.image, voxels=voxels))
    clicks = {number: inner_point(stack, DURA, number) for number in (2, 11)}
    found = {each.slice: each for each in tracer.propose_contours(DURA, clicks=clicks)}
    assert all(found.values())
    assert [number for number, each in found.items() if not each.by_image] == [7]
    assert "follows from the contours about it" in found[7].reason
    expected = tracer.settings.contours.dura_mm
    for number in (6, 7, 8):
        assert off_truth(stack, DURA, number, found[number].points).mean() == pytest.approx(expected, abs=0.08)


def test_finding_contours_can_be_cancelled(stack: SmallStack) -> None:
    proposals = Tracer(stack.image).propose_contours(
        CORD, clicks={2: inner_point(stack, CORD, 2)}, progress=lambda fraction, _text: fraction < 0.3
    )
    with pytest.raises(Cancelled):
        list(proposals)


def test_one_gap_between_contours_is_told_of_slice_by_slice_and_can_be_stopped_in_it(stack: SmallStack) -> None:
    known = Annotation("00", planes=stack.planes, segments=("L1", "L2"))
    for number in (1, 12):
        known.set_contour(DURA, number, stack.truth.contours_by_slice(DURA)[number].points)
    told: list[float] = []
    tracer = Tracer(stack.image)
    list(tracer.propose_contours(DURA, known, progress=lambda fraction, _text: told.append(fraction)))
    assert told == sorted(told)
    assert len(set(told)) > 10, "ten slices lie between them"
    with pytest.raises(Cancelled):
        list(tracer.propose_contours(DURA, known, progress=lambda fraction, _text: fraction < told[-3]))


def test_one_contour_is_stopped_while_the_drawn_ones_are_learnt_from(stack: SmallStack) -> None:
    known = Annotation("00", planes=stack.planes, segments=("L1", "L2"))
    for number in range(1, 12):
        known.set_contour(DURA, number, stack.truth.contours_by_slice(DURA)[number].points)
    with pytest.raises(Cancelled):
        Tracer(stack.image).propose_contour(DURA, 12, known, progress=lambda fraction, _text: fraction < 0.1)
