"""The phantom's images: that they show the truth, and what was asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from SpineRootLib.curves import centroid, signed_area
from SpineRootLib.errors import Cancelled
from SpineRootLib.images import Image
from SpineRootLib.phantom import DistractorSettings, ImageSettings, PhantomSettings, ScanSettings, Truth, make_truth
from SpineRootLib.phantom.ciss import make_ciss
from SpineRootLib.phantom.overview import DESS, T2TSE, make_overview
from SpineRootLib.phantom.phantom import make_phantom
from SpineRootLib.phantom.sac_contents import sac_contents

CLEAN = replace(ImageSettings.plain(), noise=0.0, blur_mm=0.0, bias=0.0, banding=0.0, flow_voids=0)
NOTHING_ELSE = DistractorSettings(rootlets=(0, 0), ventral_roots=False, sacral_threads=0, vessels=0)
SEED = 2


@pytest.fixture(scope="module")
def truth() -> Truth:
    """A small spine with single roots that keep apart."""
    return make_truth(PhantomSettings.small().with_crowding(0.0), SEED)


@pytest.fixture(scope="module")
def clean(truth: Truth) -> Image:
    """Its CISS image with no artefact, no noise and nothing that is not annotated beside the outermost levels."""
    return make_ciss(truth, sac_contents(truth.spine, NOTHING_ELSE, SEED), CLEAN, SEED)


def _slice(image: Image, number: int) -> np.ndarray:
    return image.voxels[:, :, image.voxels.shape[2] - number].astype(float)


def test_fluid_and_cord_have_the_contrast_that_was_set(truth: Truth, clean: Image) -> None:
    planes = truth.planes
    cord = truth.annotation.contours_by_slice("cord")[8].points
    i, j, _ = np.rint(clean.index_of(planes.lift(centroid(planes.flatten(cord)), 8))[0]).astype(int)
    assert np.percentile(_slice(clean, 8), 99.5) == CLEAN.csf_level
    assert CLEAN.csf_level / _slice(clean, 8)[i, j] == pytest.approx(CLEAN.csf_to_cord, rel=0.12)


def test_the_cord_is_as_large_in_the_image_as_in_the_truth(truth: Truth, clean: Image) -> None:
    number = 6  # above the first root of this spine, so that nothing else is dark in the fluid
    planes = truth.planes
    cord = planes.flatten(truth.annotation.contours_by_slice("cord")[number].curve())
    without = replace(truth, spine=replace(truth.spine, cord=replace(truth.spine.cord, bottom=-500.0)))
    empty = make_ciss(without, sac_contents(truth.spine, NOTHING_ELSE, SEED), CLEAN, SEED)
    level = _slice(clean, number)[_cord_middle(truth, clean, number)]
    missing = np.sum(_slice(empty, number) - _slice(clean, number)) / (CLEAN.csf_level - level)
    area = missing * np.prod(np.linalg.norm(clean.affine[:3, :2], axis=0))
    assert area == pytest.approx(abs(signed_area(cord)), rel=0.04)  # the grey columns are up to 10 % brighter


def _cord_middle(truth: Truth, image: Image, number: int) -> tuple[int, int]:
    flat = truth.planes.flatten(truth.annotation.contours_by_slice("cord")[number].points)
    i, j, _ = np.rint(image.index_of(truth.planes.lift(centroid(flat), number))[0]).astype(int)
    return int(i), int(j)


def test_every_root_is_darkest_where_the_truth_marks_it(truth: Truth, clean: Image) -> None:
    away = []
    for points in truth.annotation.roots.values():
        for index in clean.index_of(points[5:-3]):
            i, j, k = np.rint(index).astype(int)
            dark = CLEAN.csf_level - clean.voxels[i - 2 : i + 3, j - 2 : j + 3, k].astype(float)
            grid = np.mgrid[i - 2 : i + 3, j - 2 : j + 3]
            middle = (grid * dark).sum(axis=(1, 2)) / dark.sum()
            away.append(np.linalg.norm(middle - index[:2]) * 0.3)
    assert np.median(away) < 0.1


def test_roots_have_the_contrast_that_was_set(truth: Truth, clean: Image) -> None:
    darkest = np.array([_nearest(clean, points[5:-3]).min() for points in truth.annotation.roots.values()])
    # each root is up to 12 % brighter or darker than the mean; thin ones fill no voxel whole
    assert np.median(darkest) == pytest.approx(CLEAN.csf_level / CLEAN.csf_to_root, rel=0.15)
    assert darkest.min() >= np.floor(0.88 * CLEAN.csf_level / CLEAN.csf_to_root)


def test_what_is_not_annotated_makes_the_fluid_darker(truth: Truth, clean: Image) -> None:
    crowded = make_ciss(truth, sac_contents(truth.spine, DistractorSettings(), SEED), CLEAN, SEED)
    darker = crowded.voxels < clean.voxels - 0.3 * CLEAN.csf_level
    assert np.count_nonzero(darker.any(axis=(0, 1))) > 0.8 * truth.shape[2]


def test_the_noise_is_rician(truth: Truth) -> None:
    settings = replace(CLEAN, noise=0.08)
    scan = replace(truth, shape=(40, 40, 3), affine=truth.affine.copy())
    scan.affine[:3, 3] += [400.0, 0.0, 0.0]  # beside the body, where there is no signal
    air = make_ciss(scan, [], settings, SEED).voxels
    sd = settings.noise * settings.csf_level
    assert air.mean() == pytest.approx(sd * np.sqrt(np.pi / 2), rel=0.03)
    assert air.std() == pytest.approx(sd * np.sqrt(2 - np.pi / 2), rel=0.05)


@pytest.mark.parametrize("artefact", [{"bias": 0.4}, {"banding": 0.5}, {"flow_voids": 12, "flow_void_depth": 0.6}])
def test_each_artefact_changes_the_fluid(truth: Truth, clean: Image, artefact: dict[str, float]) -> None:
    centrelines = sac_contents(truth.spine, NOTHING_ELSE, SEED)
    changed = make_ciss(truth, centrelines, replace(CLEAN, **artefact), SEED)
    fluid = clean.voxels == CLEAN.csf_level
    assert changed.voxels[fluid].std() > 0.01 * CLEAN.csf_level


def test_lumbar_ganglia_are_bright_on_dess_and_dark_in_the_fat_on_t2tse(truth: Truth) -> None:
    centrelines = sac_contents(truth.spine, NOTHING_ELSE, SEED)
    ganglia = {root: point for root, point in truth.annotation.ganglia.items() if root.segment.startswith("L")}
    outward = [[5.0 if root.side == "R" else -5.0, 0.0, 0.0] for root in ganglia]
    middle = np.array(list(ganglia.values()))
    for overview, sign in ((DESS, 1), (T2TSE, -1)):
        image = make_overview(truth, centrelines, overview, SEED, crop=True)
        at, beside = (_nearest(image, points).astype(float) for points in (middle, middle + outward))
        assert np.mean(sign * (at - beside) > 0.1 * overview.csf_level) >= 0.8


def _nearest(image: Image, points: np.ndarray) -> np.ndarray:
    return image.voxels[tuple(np.rint(image.index_of(points)).astype(int).T)]


def test_images_share_one_frame_and_the_voxels_of_real_scans(truth: Truth) -> None:
    assert_allclose(np.linalg.norm(truth.affine[:3, :3], axis=0), [0.3, 0.3, 2.0])
    assert_allclose(np.linalg.norm(DESS.affine()[:3, :3], axis=0), [1.265625, 1.27, 1.265625])
    assert_allclose(np.linalg.norm(T2TSE.affine()[:3, :3], axis=0), [0.625, 0.625, 3.3])
    # the sagittal image runs to the back, up, and to the right, as published
    assert_allclose(T2TSE.affine()[:3, :3], [[0, 0, 3.3], [-0.625, 0, 0], [0, 0.625, 0]], atol=1e-12)


def test_the_other_published_protocol_can_be_made_at_a_tilt() -> None:
    scan = ScanSettings(voxel_mm=(0.35, 0.35, 1.8), shape=(832, 832, 6), tilt_degrees=15.0, crop_to_sac=True)
    phantom = make_phantom(replace(PhantomSettings.small(), scan=scan), SEED)
    planes = phantom.images["CISS"].planes()
    assert planes.spacing == pytest.approx(1.8)
    assert np.degrees(np.arccos(-planes.down[2])) == pytest.approx(15.0)
    outside = phantom.images["CISS"].index_of(np.vstack([contour.points for contour in phantom.truth.dura]))
    assert np.all(outside > -0.5) and np.all(outside < np.array(phantom.images["CISS"].voxels.shape) - 0.5)


def test_the_same_seed_gives_the_same_voxels_and_another_seed_others() -> None:
    scan = replace(PhantomSettings.small().scan, shape=(960, 960, 4))
    made = []
    for seed in (5, 5, 6):
        truth = make_truth(replace(PhantomSettings.small(), scan=scan), seed)
        centrelines = sac_contents(truth.spine, DistractorSettings(), seed)
        made.append(make_ciss(truth, centrelines, ImageSettings(), seed).voxels[:80, :60])
    assert_array_equal(made[0], made[1])
    assert np.any(made[0] != made[2])


def test_the_work_can_be_cancelled(truth: Truth) -> None:
    with pytest.raises(Cancelled):
        make_ciss(truth, [], CLEAN, SEED, progress=lambda fraction, _text: fraction < 0.2)
