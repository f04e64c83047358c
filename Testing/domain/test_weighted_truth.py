"""The truth behind several annotators' marks, estimated with each one's bias and variance."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from straight_spine import straight_spine

from SpineRootLib.agreement.consensus import MEDIAN, WEIGHTED, Consensus, ConsensusSettings, make_consensus
from SpineRootLib.agreement.raters import share_planes
from SpineRootLib.agreement.resolutions import Resolution, Resolutions
from SpineRootLib.anatomy import ROOTS, Root
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.curves import closed_curve, signed_area
from SpineRootLib.place import Place
from SpineRootLib.statistics.weighted_truth import weighted_truth
from SpineRootLib.surfaces import build_model

Array = NDArray[np.float64]
L1_L = Root("L1", "L")
DEVIATIONS = (0.2, 0.4, 0.8)


def marked(seed: int, deviations: tuple[float, ...] = DEVIATIONS, missing: float = 0.05) -> tuple[Array, ...]:
    """Marks of 14 roots on 40 slices, errors correlated by 0.7, biases 0.1 mm apart; the truth comes last."""
    rng, count = np.random.default_rng(seed), len(deviations)
    errors = rng.normal(size=(14, 40, count))
    for index in range(1, 40):
        errors[:, index] = 0.7 * errors[:, index - 1] + math.sqrt(1 - 0.7**2) * errors[:, index]
    truth = rng.normal(0, 3, 14 * 40)
    marks = truth[:, None] + 0.1 * (np.arange(count) - (count - 1) / 2) + errors.reshape(-1, count) * deviations
    marks[rng.random(marks.shape) < missing] = np.nan
    kept = np.isfinite(marks).any(axis=1)
    return marks[kept], np.tile(np.arange(40), 14)[kept], np.repeat(np.arange(14), 40)[kept], truth[kept]


def test_exact_annotators_count_for_more_and_the_uncertainty_is_that_of_the_errors() -> None:
    errors, of_mean, relative, deviations = [], [], [], []
    for seed in range(4):
        marks, slices, series, truth = marked(seed)
        found = weighted_truth(marks, slices, series, np.arange(3))
        errors.append(found.values - truth)
        of_mean.append(np.nanmean(marks, axis=1) - truth)
        relative.append(errors[-1] / np.sqrt(found.variances))
        deviations.append(found.deviations)
    # 0.175 mm with weights that are known; correlated errors leave few independent ones to tell them from
    assert np.sqrt(np.mean(np.square(errors[0]))) < 0.21
    rms, rms_of_mean = (math.sqrt(np.mean(np.concatenate(each) ** 2)) for each in (errors, of_mean))
    assert rms < 0.7 * rms_of_mean
    assert np.mean(deviations, axis=0) == pytest.approx(DEVIATIONS, rel=0.2)
    assert 0.7 < np.concatenate(relative).std() < 1.2


def test_a_missing_mark_takes_the_bias_of_its_annotator_with_it() -> None:
    marks, slices, series, truth = marked(3, (0.05, 0.05, 0.05), 0.0)
    marks += np.array([0.0, 0.0, 3.0])
    marks[::2, 2] = np.nan
    found = weighted_truth(marks, slices, series, np.arange(3))
    jump = (found.values - truth)[1::2].mean() - (found.values - truth)[::2].mean()
    assert abs(jump) < 0.05
    of_mean = np.nanmean(marks, axis=1) - truth
    assert of_mean[1::2].mean() - of_mean[::2].mean() > 1.0


def test_two_annotators_count_alike_and_two_repeats_tell_their_variances_apart() -> None:
    marks, slices, series, _truth = marked(4, (0.1, 0.6), 0.0)
    found = weighted_truth(marks, slices, series, np.arange(2))
    np.testing.assert_allclose(found.values, marks.mean(axis=1), atol=1e-9)
    assert found.deviations[0] == found.deviations[1]
    marks, slices, series, _truth = marked(5, (0.1, 0.1, 0.6), 0.0)
    repeated = weighted_truth(marks, slices, series, np.array([0, 0, 1]))
    assert repeated.deviations[0] == repeated.deviations[1] < 0.25
    assert repeated.deviations[2] > 0.45
    assert repeated.biases[0] == repeated.biases[1] == pytest.approx(-repeated.biases[2])


def test_who_marked_nothing_or_the_same_takes_no_part_or_all() -> None:
    marks, slices, series, _truth = marked(6, missing=0.0)
    marks[:, 2] = np.nan
    found = weighted_truth(marks, slices, series, np.arange(3))
    assert np.isfinite(found.values).all()
    assert found.biases[0] == pytest.approx(-found.biases[1])
    same = np.repeat(marks[:, :1], 3, axis=1)
    np.testing.assert_allclose(weighted_truth(same, slices, series, np.arange(3)).values, marks[:, 0], atol=1e-9)


def jittered(spine: Annotation, seed: int, deviation: float, larger: float = 0.0) -> Annotation:
    """A spine marked with an error, and with contours that are too large."""
    rng, planes, other = np.random.default_rng(seed), spine.require_planes(), copy.deepcopy(spine)
    for root, points in spine.roots.items():
        flat = planes.flatten(points) + rng.normal(0, deviation, (len(points), 2))
        other.roots[root] = planes.lift(flat, planes.number(points))
    for structure, contours in spine.contours.items():
        middles = [contour.points.mean(axis=0) for contour in contours]
        grown = [1 + larger + rng.normal(0, deviation / 10) for _contour in contours]
        other.contours[structure] = [
            Contour(middle + (contour.points - middle) * scale, contour.source)
            for contour, middle, scale in zip(contours, middles, grown, strict=True)
        ]
    return other


@pytest.fixture(scope="module")
def agreed() -> tuple[Annotation, dict[str, Consensus]]:
    """A spine that three annotators marked, two of them well, and its consensus by each method."""
    spine = straight_spine(count=16, cord_slices=8)
    marks = [jittered(spine, seed, deviation) for seed, deviation in ((1, 0.05), (2, 0.05), (3, 1.0))]
    raters = share_planes(dict(zip("ABC", marks, strict=True)), spine.planes)
    settled = Resolutions()
    settled.settle(Resolution.parse(f"{ROOTS}_L1_L:8=A").made_for(raters.marks))
    methods = ("mean", MEDIAN, WEIGHTED)
    how = [ConsensusSettings(average=name, accept=True) for name in methods]
    return spine, {each.average: make_consensus(raters, [], settled, each) for each in how}


def test_a_weighted_consensus_lies_nearer_to_the_truth_than_mean_and_median(
    agreed: tuple[Annotation, dict[str, Consensus]],
) -> None:
    spine, by_method = agreed
    off, areas = {}, {}
    for name, each in by_method.items():
        marked = each.annotation
        off[name] = np.mean([np.linalg.norm(marked.roots[root] - spine.roots[root], axis=1) for root in spine.roots])
        flat = [spine.require_planes().flatten(closed_curve(one.points)) for one in marked.contours["dura"]]
        areas[name] = np.std([signed_area(one) for one in flat])
    assert off[WEIGHTED] < 0.6 * off["mean"]
    assert off[WEIGHTED] < off[MEDIAN]
    assert areas[WEIGHTED] < 0.5 * areas["mean"]


def test_the_uncertainty_of_each_place_is_stored_and_told_with_the_model(
    agreed: tuple[Annotation, dict[str, Consensus]],
) -> None:
    weighted = agreed[1][WEIGHTED].annotation
    record = weighted.provenance.at(Place(ROOTS, L1_L, 9))
    assert 0.01 < record["Uncertainty"] < 0.5
    # what was decided is no estimate
    assert "Uncertainty" not in weighted.provenance.at(Place(ROOTS, L1_L, 8))
    told = weighted.provenance.document["Consensus"]["Weighted"][ROOTS]
    assert max(told["A"]["Deviation"]) < 0.4 < 0.7 < min(told["C"]["Deviation"])
    report = build_model(weighted).report["annotation_uncertainty"]
    assert set(report) == {"dura", "cord", "nerveroots_L1_L", "nerveroots_L1_R"}
    assert report["nerveroots_L1_L"]["mean_mm"] <= report["nerveroots_L1_L"]["max_mm"]
    assert "annotation_uncertainty" not in build_model(agreed[1]["mean"].annotation).report
