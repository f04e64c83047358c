"""The crowd in the phantom: that its images show what a person's do, and that the truth knows every bundle."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from SpineRootLib.images import Image
from SpineRootLib.phantom import PhantomSettings, Truth, make_truth
from SpineRootLib.phantom.ciss import make_ciss
from SpineRootLib.phantom.sac_contents import sac_contents

sys.path.append(str(Path(__file__).resolve().parents[1] / "measure"))
from image_facts import (  # noqa: E402
    RANGES,
    SliceFacts,
    coherence,
    mean_facts,
    measure_everywhere,
    measure_ranges,
    measure_slice,
    straying,
    take_picture,
)

# seeds on which nothing was tuned
SEEDS = (11, 12, 13)
LEVELS = ("T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5", "S1", "S2", "S3", "S4", "S5", "Co1")
# Of sub-03 (Liu et al. 2024), 20 slices of its CISS image: by range of slices, from below the conus up.
REAL = {
    "dots": (37, 29, 18, 11),
    "isolated": (1.5, 2, 5, 8),
    "dark": (0.29, 0.28, 0.15, 0.06),
    "dark_behind": (0.82, 0.75, 0.38, 0.16),
    "largest": (53, 29, 7, 1.4),
    "diameter": (1.17, 1.22, 0.93, 0.91),
    "to_next": (1.02, 1.07, 1.07, 2.3),
    "root": (0.34, 0.28, 0.29, 0.37),
    "cord": (None, 0.33, 0.31, 0.36),
    "outside": (0.19, 0.21, 0.21, 0.25),
    "behind": (1.10, 1.20, 1.09, 1.20),
    "edge": (0.6, 0.6, 0.6, 0.6),
}
# The same over all slices.
REAL_EVERYWHERE = {
    "ring": 0.30,
    "cord_touched": 0.43,
    "dura_touched": 0.25,
    "cord_variation": 0.016,
    "fluid_to_root": 3.55,
    "cord": 1 / 3.1,
}
WITHIN = 0.25
# Counts of a few isolated dots are known to no better than this.
UNCERTAIN = {"isolated": 2.0}
# What is met less well: more dots part round the conus than were counted there; high up the dots are few.
LESS_WELL = {("dots", "conus"): 0.6}
ABOVE, TOUCHED = 0.35, 0.40


@pytest.fixture(scope="session")
def crowds() -> list[tuple[Truth, Image]]:
    """Three adults' truth and CISS image at full crowding."""
    return [_made(PhantomSettings(), seed) for seed in SEEDS]


def _made(settings: PhantomSettings, seed: int) -> tuple[Truth, Image]:
    settings = replace(settings, scan=replace(settings.scan, crop_to_sac=True))
    truth = make_truth(settings, seed)
    return truth, make_ciss(truth, sac_contents(truth.spine, settings.distractors, seed), settings.image, seed)


@pytest.fixture(scope="session")
def by_range(crowds: list[tuple[Truth, Image]]) -> dict[str, SliceFacts]:
    """The facts of each range, their mean over the three."""
    every = [measure_ranges(image, truth.annotation) for truth, image in crowds]
    return {name: mean_facts([facts[name] for facts in every]) for name in RANGES}


@pytest.fixture(scope="session")
def everywhere(crowds: list[tuple[Truth, Image]]) -> SliceFacts:
    """The facts over all slices, their mean over the three."""
    return mean_facts([measure_everywhere(image, truth.annotation) for truth, image in crowds])


@pytest.mark.parametrize("place", range(4), ids=list(RANGES))
@pytest.mark.parametrize("fact", list(REAL))
def test_every_part_of_the_sac_looks_like_a_persons(by_range: dict[str, SliceFacts], fact: str, place: int) -> None:
    real = REAL[fact][place]
    if real is None:
        pytest.skip("there is no cord")
    name = list(RANGES)[place]
    within = LESS_WELL.get((fact, name), ABOVE if name == "above" else WITHIN)
    assert getattr(by_range[name], fact) == pytest.approx(real, rel=within, abs=UNCERTAIN.get(fact))


@pytest.mark.parametrize("fact", list(REAL_EVERYWHERE))
def test_roots_crowd_on_cord_dura_and_each_other_as_in_a_person(everywhere: SliceFacts, fact: str) -> None:
    assert getattr(everywhere, fact) == pytest.approx(
        REAL_EVERYWHERE[fact], rel=TOUCHED if "touched" in fact else WITHIN
    )


def test_roots_stray_from_a_smooth_course_as_a_persons_do(crowds: list[tuple[Truth, Image]]) -> None:
    away = np.concatenate([straying(truth.annotation) for truth, _ in crowds])
    # of sub-03's marks, with the annotators' jitter of 0.10 mm a coordinate: 0.27 and 0.91 mm
    assert np.median(np.hypot(away, 0.12)) == pytest.approx(0.27, rel=WITHIN)
    assert np.percentile(away, 95) == pytest.approx(0.91, rel=WITHIN)


def test_the_crowd_keeps_its_pattern_along_the_body_as_far_as_a_persons(crowds: list[tuple[Truth, Image]]) -> None:
    found = np.mean([coherence(image, truth.annotation, [66, 70, 74]) for truth, image in crowds], axis=0)
    assert found == pytest.approx([0.63, 0.81], rel=WITHIN)


def test_the_fluid_grows_darker_upwards(crowds: list[tuple[Truth, Image]]) -> None:
    found = [
        [measure_slice(take_picture(image, truth.annotation, n)).fluid for n in (79, 40, 14)] for truth, image in crowds
    ]
    assert np.mean(found, axis=0) == pytest.approx([561, 366, 199], rel=WITHIN)


def test_the_truth_holds_a_dorsal_and_a_ventral_root_of_every_level(crowds: list[tuple[Truth, Image]]) -> None:
    for truth, _ in crowds:
        held = {(bundle.level, bundle.side, bundle.kind) for bundle in truth.spine.bundles}
        assert held >= {(level, side, kind) for level in LEVELS for side in "LR" for kind in ("dorsal", "ventral")}
        of_s1 = [bundle for bundle in truth.spine.bundles if (bundle.level, bundle.side) == ("S1", "L")]
        count = {kind: sum(bundle.kind == kind for bundle in of_s1) for kind in ("dorsal", "ventral")}
        assert 1 <= count["ventral"] < count["dorsal"] <= 3


def test_what_is_annotated_are_the_fourteen_dorsal_roots(crowds: list[tuple[Truth, Image]]) -> None:
    for truth, _ in crowds:
        assert len(truth.annotation.roots) == 14 and list(truth.annotation.missing()) == []
        marked = {(bundle.level, bundle.side): bundle for bundle in truth.spine.bundles if bundle.principal}
        for root, points in truth.annotation.roots.items():
            x, y, depth = truth.spine.frame.from_ras(points)
            at = marked[root.segment, root.side].centreline.at(depth)
            assert np.abs(at[:, :2] - np.column_stack([x, y])).max() < 1e-6


def test_a_ventral_root_leaves_the_sac_with_its_dorsal_partner(crowds: list[tuple[Truth, Image]]) -> None:
    for truth, _ in crowds:
        bundles = {(b.level, b.side, b.kind): b.centreline for b in truth.spine.bundles if b.number == 0}
        for level in ("L1", "L2", "L3", "L4", "L5", "S1", "S2"):
            for side in "LR":
                leaves = truth.spine.levels[level].leaves
                dorsal, ventral = (bundles[level, side, kind].at(leaves)[:2] for kind in ("dorsal", "ventral"))
                assert np.linalg.norm(dorsal - ventral) < 3.0


def test_bundles_press_on_each_other_and_do_not_run_through_each_other(crowds: list[tuple[Truth, Image]]) -> None:
    for truth, _ in crowds:
        lines = [bundle.centreline for bundle in truth.spine.bundles]
        places = np.array([line.at(140.0) for line in lines if line.top < 140.0 < line.bottom])
        apart = [np.linalg.norm(a[:2] - b[:2]) / (a[2] + b[2]) for a, b in combinations(places, 2)]
        assert np.percentile(apart, 0.5) > 0.6
        assert np.sum(np.array(apart) < 1.1) > len(places)


def test_more_crowding_is_darker_and_leaves_less_fluid_about_the_roots() -> None:
    made = [_made(PhantomSettings().with_crowding(crowding), 14) for crowding in (0.0, 0.5, 1.0)]
    found = [measure_everywhere(image, truth.annotation, 12) for truth, image in made]
    assert found[0].dark < found[1].dark < found[2].dark
    assert found[0].ring > found[1].ring > found[2].ring
    assert found[0].cord_touched < found[1].cord_touched < found[2].cord_touched


def test_a_crowd_is_the_same_for_the_same_seed() -> None:
    first, again = (make_truth(PhantomSettings.small(), 5).spine.bundles for _ in range(2))
    for one, other in zip(first, again, strict=True):
        assert_array_equal(one.centreline.course.c, other.centreline.course.c)
