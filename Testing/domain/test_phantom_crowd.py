"""The crowd in the phantom: that its images show what a person's do, and that the truth knows every bundle."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from SpineRootLib.images import Image
from SpineRootLib.phantom import PhantomSettings, Truth, make_truth
from SpineRootLib.phantom.artefacts import Artefacts
from SpineRootLib.phantom.ciss import CissPainter
from SpineRootLib.phantom.sac_contents import sac_contents

sys.path.append(str(Path(__file__).resolve().parents[1] / "measure"))
from image_facts import (  # noqa: E402
    RANGES,
    SliceFacts,
    coherence,
    mean_everywhere,
    mean_facts,
    measure_slice,
    measured_slices,
    straying,
    take_picture,
)

# The phantom was tuned on seeds 21 to 23; these were looked at as well, so that they are no blind trial. Darkness
# differs by about 12 % between one three and another, with the size of their sacs.
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
# Isolated dots are few: a mean count over the five slices of a range on which they were counted is known to the root of
# the mean over five.
COUNTED_SLICES = 5
# The largest mass above is 1.3 mm wide: +-0.2 mm, to which places are known, is a third of its area. Dots above are not
# met within a quarter on every three subjects: bundles that touch cord or dura there are dark, but no dots.
WIDER = {("largest", "above"): 0.33, ("dots", "above"): 0.30}
COHERENT_SLICES = (66, 70, 74)
BRIGHTNESS = {79: 561, 40: 366, 14: 199}
# the slices that are measured, and those 8 mm below where the pattern is followed
PAINTED = sorted({n for each in measured_slices().values() for n in each} | {66, 70, 74, 78} | set(BRIGHTNESS))


@dataclass(frozen=True, eq=False)
class Crowd:
    """A subject: its truth, the painted slices of its image, and what they show."""

    truth: Truth
    image: Image
    facts: dict[int, SliceFacts]


@pytest.fixture(scope="session")
def crowds() -> list[Crowd]:
    """Three adults at full crowding."""
    return [_made(PhantomSettings(), seed, PAINTED) for seed in SEEDS]


def _made(settings: PhantomSettings, seed: int, numbers: Sequence[int]) -> Crowd:
    """A subject with those slices of its image, cropped to the sac, that are to be measured."""
    settings = replace(settings, scan=replace(settings.scan, crop_to_sac=True))
    truth = make_truth(settings, seed)
    contents = sac_contents(truth.spine, settings.distractors, seed)
    artefacts = Artefacts(truth.spine, (0.0, 158.0), settings.image, seed)
    painter = CissPainter(truth, contents, settings.image, artefacts)
    voxels = np.zeros(truth.shape, dtype=np.int16)
    for k in truth.shape[2] - np.array(numbers):
        voxels[:, :, k] = painter.paint(int(k))
    image = Image(voxels, truth.affine)
    facts = {number: measure_slice(take_picture(image, truth.annotation, number)) for number in numbers}
    return Crowd(truth, image, facts)


@pytest.fixture(scope="session")
def by_range(crowds: list[Crowd]) -> dict[str, SliceFacts]:
    """The facts of each range, their mean over the three."""
    return {
        name: mean_facts([crowd.facts[number] for crowd in crowds for number in numbers])
        for name, numbers in measured_slices().items()
    }


@pytest.fixture(scope="session")
def everywhere(crowds: list[Crowd]) -> SliceFacts:
    """The facts over all slices, their mean over the three."""
    numbers = [number for each in measured_slices().values() for number in each]
    return mean_everywhere([crowd.facts[number] for crowd in crowds for number in numbers])


@pytest.mark.parametrize("place", range(4), ids=list(RANGES))
@pytest.mark.parametrize("fact", list(REAL))
def test_every_part_of_the_sac_looks_like_a_persons(by_range: dict[str, SliceFacts], fact: str, place: int) -> None:
    real = REAL[fact][place]
    if real is None:
        pytest.skip("there is no cord")
    uncertain = math.sqrt(real / COUNTED_SLICES) if fact == "isolated" else None
    name = list(RANGES)[place]
    within = WIDER.get((fact, name), WITHIN)
    assert getattr(by_range[name], fact) == pytest.approx(real, rel=within, abs=uncertain)


@pytest.mark.parametrize("fact", list(REAL_EVERYWHERE))
def test_roots_crowd_on_cord_dura_and_each_other_as_in_a_person(everywhere: SliceFacts, fact: str) -> None:
    assert getattr(everywhere, fact) == pytest.approx(REAL_EVERYWHERE[fact], rel=WITHIN)


def test_roots_stray_from_a_smooth_course_as_a_persons_do(crowds: list[Crowd]) -> None:
    away = np.concatenate([straying(crowd.truth.annotation) for crowd in crowds])
    # of sub-03's marks, with the annotators' jitter of 0.10 mm a coordinate: 0.27 and 0.91 mm
    assert np.median(np.hypot(away, 0.12)) == pytest.approx(0.27, rel=WITHIN)
    assert np.percentile(away, 95) == pytest.approx(0.91, rel=WITHIN)


def test_the_crowd_keeps_its_pattern_along_the_body_as_far_as_a_persons(crowds: list[Crowd]) -> None:
    found = [coherence(crowd.image, crowd.truth.annotation, list(COHERENT_SLICES)) for crowd in crowds]
    assert np.mean(found, axis=0) == pytest.approx([0.63, 0.81], rel=WITHIN)


@pytest.mark.parametrize("number", list(BRIGHTNESS))
def test_the_fluid_grows_darker_upwards(crowds: list[Crowd], number: int) -> None:
    found = np.mean([crowd.facts[number].fluid for crowd in crowds])
    assert found == pytest.approx(BRIGHTNESS[number], rel=WITHIN)


def test_the_truth_holds_a_dorsal_and_a_ventral_root_of_every_level(crowds: list[Crowd]) -> None:
    for truth in (crowd.truth for crowd in crowds):
        held = {(bundle.level, bundle.side, bundle.kind) for bundle in truth.spine.bundles}
        assert held >= {(level, side, kind) for level in LEVELS for side in "LR" for kind in ("dorsal", "ventral")}
        leaves = truth.spine.levels["S1"].leaves
        of_s1 = [b for b in truth.spine.bundles if (b.level, b.side) == ("S1", "L") and b.centreline.bottom > leaves]
        count = {kind: sum(bundle.kind == kind for bundle in of_s1) for kind in ("dorsal", "ventral")}
        assert 1 <= count["ventral"] < count["dorsal"] <= 3


def test_what_is_annotated_are_the_fourteen_dorsal_roots(crowds: list[Crowd]) -> None:
    for truth in (crowd.truth for crowd in crowds):
        assert len(truth.annotation.roots) == 14 and list(truth.annotation.missing()) == []
        marked = {(bundle.level, bundle.side): bundle for bundle in truth.spine.bundles if bundle.principal}
        for root, points in truth.annotation.roots.items():
            x, y, depth = truth.spine.frame.from_ras(points)
            at = marked[root.segment, root.side].centreline.at(depth)
            assert np.abs(at[:, :2] - np.column_stack([x, y])).max() < 1e-6


def test_a_ventral_root_leaves_the_sac_with_its_dorsal_partner(crowds: list[Crowd]) -> None:
    for truth in (crowd.truth for crowd in crowds):
        bundles = {(b.level, b.side, b.kind): b.centreline for b in truth.spine.bundles if b.number == 0}
        for level in ("L1", "L2", "L3", "L4", "L5", "S1", "S2"):
            for side in "LR":
                leaves = truth.spine.levels[level].leaves
                dorsal, ventral = (bundles[level, side, kind].at(leaves)[:2] for kind in ("dorsal", "ventral"))
                assert np.linalg.norm(dorsal - ventral) < 3.0


def test_bundles_press_on_each_other_and_do_not_run_through_each_other(crowds: list[Crowd]) -> None:
    for truth in (crowd.truth for crowd in crowds):
        lines = [bundle.centreline for bundle in truth.spine.bundles]
        places = np.array([line.at(140.0) for line in lines if line.top < 140.0 < line.bottom])
        apart = [np.linalg.norm(a[:2] - b[:2]) / (a[2] + b[2]) for a, b in combinations(places, 2)]
        assert np.percentile(apart, 0.5) > 0.6
        assert np.sum(np.array(apart) < 1.1) > len(places)


def test_more_crowding_is_darker_and_leaves_less_fluid_about_the_roots(crowds: list[Crowd]) -> None:
    numbers = sorted(crowds[0].facts)[::8]
    made = [_made(PhantomSettings().with_crowding(crowding), SEEDS[0], numbers) for crowding in (0.0, 0.5)]
    found = [mean_everywhere([crowd.facts[number] for number in numbers]) for crowd in (*made, crowds[0])]
    assert found[0].dark < found[1].dark < found[2].dark
    assert found[0].ring > found[1].ring > found[2].ring
    assert found[0].cord_touched < found[1].cord_touched < found[2].cord_touched
