"""The phantoms that are hard in a way of their own: what differs in truth and image, and that the rest stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from SpineRootLib.anatomy import Root
from SpineRootLib.curves import centroid, signed_area
from SpineRootLib.phantom import CHALLENGES, PhantomSettings, Truth, make_truth
from SpineRootLib.phantom.artefacts import Artefacts
from SpineRootLib.phantom.ciss import CissPainter
from SpineRootLib.phantom.sac_contents import sac_contents

SEED = 21
USUAL = replace(PhantomSettings(), scan=replace(PhantomSettings().scan, crop_to_sac=True))
IN_THE_SCAN_ONLY = ("metal", "motion", "low signal", "pulsation ghosts")


@pytest.fixture(scope="module")
def usual() -> Truth:
    """An adult with nothing unusual."""
    return make_truth(USUAL, SEED)


def _truth(name: str) -> Truth:
    return make_truth(CHALLENGES[name](USUAL), SEED)


def _painted(truth: Truth, settings: PhantomSettings, number: int) -> np.ndarray:
    """A slice of the CISS image, (i, j), by its number from the top."""
    contents = sac_contents(truth.spine, settings.distractors, SEED)
    artefacts = Artefacts(truth.spine, (0.0, 158.0), settings.image, SEED)
    painter = CissPainter(truth, contents, settings.image, artefacts)
    return painter.paint(truth.shape[2] - number).astype(float)


def _at(image: np.ndarray, truth: Truth, points: np.ndarray) -> np.ndarray:
    """Values of the voxels nearest to RAS points."""
    index = np.linalg.solve(truth.affine, np.column_stack([points, np.ones(len(points))]).T)
    i, j, _ = np.rint(index[:3]).astype(int)
    return image[i, j]


def _area(truth: Truth, number: int) -> float:
    return abs(signed_area(truth.planes.flatten(truth.annotation.contours_by_slice("dura")[number].curve())))


def test_there_are_twelve() -> None:
    assert len(CHALLENGES) == 12


@pytest.mark.parametrize("name", IN_THE_SCAN_ONLY)
def test_what_goes_wrong_in_the_scan_leaves_the_truth_as_it_is(usual: Truth, name: str) -> None:
    truth = _truth(name).annotation
    for root, points in usual.annotation.roots.items():
        assert_array_equal(truth.roots[root], points)


def test_a_stenosis_narrows_the_dura_at_one_place_only(usual: Truth) -> None:
    truth = _truth("stenosis")
    assert _area(truth, 71) < 0.55 * _area(usual, 71)
    assert _area(truth, 50) == pytest.approx(_area(usual, 50), rel=0.02)


def test_a_low_conus_ends_a_vertebra_lower_and_roots_leave_it_lower(usual: Truth) -> None:
    truth = _truth("low conus")
    assert len(truth.annotation.cord) == len(usual.annotation.cord) + 12
    root = Root("S1", "L")
    first, before = (each.planes.number(each.annotation.root_descending(root))[0] for each in (truth, usual))
    assert first - before == pytest.approx(12, abs=1)


def test_a_sixth_lumbar_root_lies_between_the_fifth_and_the_first_sacral() -> None:
    truth = _truth("six lumbar vertebrae")
    names = list(truth.spine.levels)
    assert names[names.index("L5") : names.index("S1") + 1] == ["L5", "L6", "S1"]
    levels = [truth.spine.levels[name] for name in ("L5", "L6", "S1")]
    assert np.all(np.diff([level.emerges for level in levels]) > 0)
    assert np.all(np.diff([level.leaves for level in levels]) > 0)
    for side in "LR":
        found = {b.kind for b in truth.spine.bundles if (b.level, b.side) == ("L6", side)}
        assert found == {"dorsal", "ventral"}


def test_conjoined_roots_leave_the_sac_at_one_place_on_one_side(usual: Truth) -> None:
    truth = _truth("conjoined roots")
    for side, apart in (("L", 0.0), ("R", 33.0)):
        last = [_leaves(truth, Root(level, side)) for level in ("L3", "L4")]
        assert abs(last[1] - last[0]) == pytest.approx(apart, abs=5.0)
    assert abs(_leaves(usual, Root("L4", "L")) - _leaves(usual, Root("L3", "L"))) > 25.0


def _leaves(truth: Truth, root: Root) -> float:
    """Depth at which a root crosses the wall of the sac, mm."""
    line = truth.spine.roots[root]
    depth = np.arange(line.top + 20.0, line.bottom, 0.5)
    x, y, _ = line.at(depth).T
    return float(depth[np.argmax(truth.spine.sac.distance(x, y, depth) > 0)])


def test_a_scoliosis_swings_the_sac_to_the_side(usual: Truth) -> None:
    swing = {}
    for name, truth in (("usual", usual), ("scoliosis", _truth("scoliosis"))):
        planes = truth.planes
        middle = [centroid(planes.flatten(contour.curve()))[0] for contour in truth.annotation.dura]
        swing[name] = np.ptp(middle)
    assert swing["scoliosis"] > 15.0 > 3 * swing["usual"]


def test_roots_bend_about_a_cyst_which_is_bright_in_a_dark_wall() -> None:
    settings, truth = CHALLENGES["cyst"](USUAL), _truth("cyst")
    (cyst,) = truth.spine.cysts
    for root in truth.annotation.roots:
        x, y, depth = truth.spine.frame.from_ras(truth.annotation.roots[root])
        assert cyst.distance(x, y, depth).min() > 0.0
    number = 1 + round(cyst.depth / 2.0)
    image, turn = _painted(truth, settings, number), np.arange(0, 2 * np.pi, 0.3)
    inside, wall = (
        truth.spine.frame.to_ras(cyst.x + r * np.cos(turn), cyst.y + r * np.sin(turn), cyst.depth)
        for r in (0.5 * cyst.radius, cyst.radius)
    )
    assert np.median(_at(image, truth, wall)) < 0.6 * np.median(_at(image, truth, inside))


def _differs(usual: Truth, name: str, number: int) -> tuple[np.ndarray, np.ndarray]:
    """A slice without and with what went wrong, (i, j)."""
    return _painted(usual, USUAL, number), _painted(usual, CHALLENGES[name](USUAL), number)


def test_metal_takes_the_signal_beside_it_and_none_far_away(usual: Truth) -> None:
    for number, expected in ((61, True), (15, False)):
        plain, spoilt = _differs(usual, "metal", number)
        lost = spoilt < 0.3 * plain
        assert (lost[plain > 0.5 * plain.max()].mean() > 0.05) == expected


def test_motion_doubles_edges_differently_from_slice_to_slice(usual: Truth) -> None:
    changed = []
    for number in (60, 61):
        plain, spoilt = _differs(usual, "motion", number)
        changed.append(spoilt - plain)
        assert np.abs(changed[-1]).max() > 0.15 * plain.max()
    like = np.corrcoef(changed[0].ravel(), changed[1].ravel())[0, 1]
    assert like < 0.7


def test_a_ghost_of_the_fluid_lies_before_the_sac(usual: Truth) -> None:
    plain, spoilt = _differs(usual, "pulsation ghosts", 70)
    dura = usual.annotation.contours_by_slice("dura")[70].points
    beyond = dura[dura[:, 1].argmax()] + np.array([[side, 3.0, 0.0] for side in (-2.0, 0.0, 2.0)])
    assert np.all(_at(spoilt, usual, beyond) - _at(plain, usual, beyond) > 0.05 * plain.max())


def test_a_low_signal_has_more_noise_and_less_contrast(usual: Truth) -> None:
    plain, spoilt = _differs(usual, "low signal", 30)
    cord = usual.annotation.contours_by_slice("cord")[30].points
    middle = usual.planes.lift(centroid(usual.planes.flatten(cord)), 30)[0]
    around = middle + np.array([[x, y, 0.0] for x in np.arange(-1.5, 1.6, 0.3) for y in np.arange(-1.5, 1.6, 0.3)])
    before, after = _at(plain, usual, around), _at(spoilt, usual, around)
    assert after.std() > 3 * before.std() and after.mean() > 1.2 * before.mean()


@pytest.mark.parametrize(("name", "spacing"), [("thin slices", 0.8), ("thick slices", 3.0)])
def test_thin_and_thick_slices_cut_the_same_stretch_of_the_body(usual: Truth, name: str, spacing: float) -> None:
    truth = _truth(name)
    assert truth.planes.spacing == pytest.approx(spacing)
    assert truth.planes.count * spacing == pytest.approx(usual.planes.count * 2.0, abs=spacing)
    root = Root("L5", "R")
    span = [np.ptp(each.annotation.roots[root][:, 2]) for each in (usual, truth)]
    assert_allclose(*span, atol=5.0)
    assert (
        CHALLENGES["thin slices"](USUAL).image.noise > USUAL.image.noise > CHALLENGES["thick slices"](USUAL).image.noise
    )
