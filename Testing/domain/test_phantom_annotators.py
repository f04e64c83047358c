"""Simulated annotators: that they differ from the truth by what was set, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from SpineRootLib.anatomy import Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import closed_curve, signed_distance
from SpineRootLib.phantom import AnatomySettings, AnnotatorSettings, PhantomSettings, make_truth, simulate_annotator

PERFECT = AnnotatorSettings(
    jitter_mm=(0.0, 0.0), drift_mm=(0.0, 0.0), ganglion_mm=0.0, contour_mm=0.0, missed=0.0, bias_mm=(0.0, 0.0)
)


@pytest.fixture(scope="module")
def truth() -> Annotation:
    """An adult's true annotation, tilted; every third contour will do."""
    annotation = make_truth(PhantomSettings().tilted(10.0), 1).annotation
    for contours in annotation.contours.values():
        del contours[::3], contours[::2]
    return annotation


def _with(**changes: object) -> AnnotatorSettings:
    return AnnotatorSettings(**{**vars(PERFECT), **changes})


def _error(truth: Annotation, marked: Annotation, root: Root) -> np.ndarray:
    """In-plane errors (n, 2) of a root on the slices that both mark."""
    planes = truth.require_planes()
    right, other = truth.root_by_slice(root), marked.root_by_slice(root)
    shared = sorted(set(right) & set(other))
    return planes.flatten([other[n] for n in shared]) - planes.flatten([right[n] for n in shared])


def test_an_annotator_without_errors_marks_the_truth(truth: Annotation) -> None:
    marked = simulate_annotator(truth, PERFECT, 1, "A")
    for root, points in truth.roots.items():
        assert_allclose(marked.root_descending(root), points, atol=1e-9)
        assert_allclose(marked.ganglia[root], truth.ganglia[root])
    assert (len(marked.dura), len(marked.cord)) == (len(truth.dura), len(truth.cord))


def test_contours_are_drawn_with_other_control_points_on_the_same_curve(truth: Annotation) -> None:
    marked, planes = simulate_annotator(truth, PERFECT, 1, "A"), truth.require_planes()
    contours = truth.contours_by_slice("dura")
    for number, contour in marked.contours_by_slice("dura").items():
        dense = closed_curve(planes.flatten(contours[number].points), 100)
        away = signed_distance(dense, planes.flatten(contour.points))
        assert np.abs(away).max() < 0.005
        assert np.linalg.norm(contour.points[0] - contours[number].points[0]) > 1e-6


def test_jitter_is_as_large_as_set_and_grows_from_the_first_segment_to_the_last(truth: Annotation) -> None:
    jitter = _with(jitter_mm=(0.1, 0.4), on_visible_dots=False)
    spread = {"L1": [], "S2": []}
    for seed in range(12):
        marked = simulate_annotator(truth, jitter, seed, "A")
        for segment, errors in spread.items():
            errors += [_error(truth, marked, Root(segment, side)) for side in "LR"]
    # 12 x 2 x >30 points x 2 coordinates: the standard deviation is known to 2 %
    assert np.concatenate(spread["L1"]).std() == pytest.approx(0.1, rel=0.1)
    assert np.concatenate(spread["S2"]).std() == pytest.approx(0.4, rel=0.1)


def test_drift_is_as_large_as_set_and_slow(truth: Annotation) -> None:
    drift = _with(drift_mm=(0.3, 0.3), drift_slices=8.0, on_visible_dots=False)
    errors = [
        _error(truth, simulate_annotator(truth, drift, seed, "A"), root) for seed in range(12) for root in truth.roots
    ]
    size = np.concatenate(errors).std()
    assert size == pytest.approx(0.3, rel=0.12)
    assert np.concatenate([np.diff(error, axis=0) for error in errors]).std() < 0.35 * size


def test_marks_lie_on_dots_of_their_own_outside_the_cord_and_inside_the_dura(truth: Annotation) -> None:
    """However much the hand strays, by the bounds measured on the published subject."""
    settings = _with(jitter_mm=(0.4, 0.4), drift_mm=(0.4, 0.4))
    marked, planes = simulate_annotator(truth, settings, 2, "A"), truth.require_planes()
    outlines = {structure: marked.contours_by_slice(structure) for structure in ("cord", "dura")}
    by_slice: dict[int, list[np.ndarray]] = {}
    for root in marked.roots:
        points = list(marked.root_by_slice(root).items())
        for index, (number, point) in enumerate(points):
            place = planes.flatten(point)
            by_slice.setdefault(number, []).append(place[0])
            for structure, free, joining in (("cord", 1, index < 2), ("dura", -1, index >= len(points) - 2)):
                if number in outlines[structure]:
                    curve = closed_curve(planes.flatten(outlines[structure][number].points), 50)
                    away = free * signed_distance(curve, place)[0]
                    assert away > (-0.35 if joining else 0.08)
    gaps = [np.linalg.norm(a - b) for places in by_slice.values() for a, b in combinations(places, 2)]
    assert min(gaps) > 0.7
    assert np.percentile(gaps, 1) > 0.85


def test_marks_keep_inside_the_dura_that_is_seen_where_no_contour_was_drawn(truth: Annotation) -> None:
    planes, seen, away = truth.require_planes(), truth.contours_by_slice("dura"), []
    for seed in (2, 3, 4):
        marked = simulate_annotator(truth, _with(jitter_mm=(0.6, 0.6), drift_mm=(0.6, 0.6), missed=0.5), seed, "A")
        not_drawn = set(seen) - set(marked.contours_by_slice("dura"))
        for root in marked.roots:
            for number, point in list(marked.root_by_slice(root).items())[:-2]:
                if number in not_drawn:
                    curve = closed_curve(planes.flatten(seen[number].points), 50)
                    away.append(-signed_distance(curve, planes.flatten(point))[0])
    assert len(away) > 50
    assert min(away) > 0.3


def test_a_bias_shifts_everything_alike(truth: Annotation) -> None:
    planes = truth.require_planes()
    marked = simulate_annotator(truth, _with(bias_mm=(0.3, -0.2)), 1, "A")
    for root in truth.roots:
        assert_allclose(_error(truth, marked, root), np.broadcast_to([0.3, -0.2], (len(truth.roots[root]), 2)))
        moved = planes.flatten(marked.ganglia[root]) - planes.flatten(truth.ganglia[root])
        assert_allclose(moved, [[0.3, -0.2]])


def test_contours_can_be_drawn_too_wide(truth: Annotation) -> None:
    planes = truth.require_planes()
    marked = simulate_annotator(truth, _with(contour_bias_mm=0.25), 1, "A")
    contours = truth.contours_by_slice("cord")
    for number, contour in marked.contours_by_slice("cord").items():
        dense = closed_curve(planes.flatten(contours[number].points), 50)
        assert_allclose(signed_distance(dense, planes.flatten(contour.points)), 0.25, atol=0.02)


def test_missed_slices_are_as_many_as_set(truth: Annotation) -> None:
    everything = sum(map(len, truth.roots.values()))
    marked = simulate_annotator(truth, _with(missed=0.25), 1, "A")
    assert sum(map(len, marked.roots.values())) / everything == pytest.approx(0.75, abs=0.06)


def test_a_swap_exchanges_two_neighbours_over_a_few_slices(truth: Annotation) -> None:
    marked = simulate_annotator(truth, _with(swaps=1, swap_slices=3), 4, "A")
    wrong = {root: np.linalg.norm(_error(truth, marked, root), axis=1) > 0.5 for root in truth.roots}
    confused = [root for root, where in wrong.items() if where.any()]
    assert len(confused) == 2 and confused[0].side == confused[1].side
    assert [int(wrong[root].sum()) for root in confused] in ([1, 1], [2, 2], [3, 3])
    first, second = (marked.root_by_slice(root) for root in confused)
    number = next(n for n, point in first.items() if np.linalg.norm(point - truth.root_by_slice(confused[0])[n]) > 0.5)
    assert_allclose(first[number], truth.root_by_slice(confused[1])[number])
    assert_allclose(second[number], truth.root_by_slice(confused[0])[number])


def test_where_one_segment_is_annotated_there_is_nothing_to_swap() -> None:
    settings = replace(PhantomSettings.small(), anatomy=AnatomySettings(length_scale=0.5, segments=("L4",)))
    lone = make_truth(settings, 1).annotation
    asked, without = (simulate_annotator(lone, _with(swaps=swaps), 1, "A") for swaps in (3, 0))
    for root in lone.roots:
        assert_array_equal(asked.roots[root], without.roots[root])


def test_annotators_of_one_seed_differ_and_each_is_reproducible(truth: Annotation) -> None:
    root = Root("L3", "R")
    first, again, other = (simulate_annotator(truth, AnnotatorSettings(), 1, name) for name in ("A", "A", "B"))
    assert_array_equal(first.roots[root], again.roots[root])
    assert (
        first.roots[root].shape != other.roots[root].shape or np.abs(first.roots[root] - other.roots[root]).max() > 0.1
    )
