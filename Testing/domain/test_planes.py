"""Slice planes: of tilted images and of contours, numbered from the head down."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from straight_subject import ellipse

from SpineRootLib.errors import GeometryError
from SpineRootLib.planes import SlicePlanes

# as published for one subject's CISS (Liu et al. 2024), voxel -> RAS
CISS_AFFINE = np.array(
    [
        [0.30000001192092896, -1.4691000152500244e-12, -9.062300682346537e-16, -150.40380859375],
        [1.4691000152500244e-12, 0.29999953508377075, -0.003490661969408393, -173.0120391845703],
        [2.7000003168436764e-15, 0.0005235985154286027, 2.0, -509.8055114746094],
        [0, 0, 0, 1],
    ]
)


@st.composite
def stacks(draw):
    """Slices tilted by up to 40 degrees in any direction."""
    tilt = Rotation.from_euler("xy", [draw(st.floats(-40, 40)), draw(st.floats(-40, 40))], degrees=True)
    origin = [draw(st.floats(-500, 500)) for _ in range(3)]
    return SlicePlanes.from_normal(origin, tilt.apply([0, 0, 1]), draw(st.floats(0.6, 5)), draw(st.integers(2, 90)))


@given(stacks(), st.floats(-80, 80), st.floats(-80, 80), st.data())
def test_a_place_on_a_slice_is_found_again(planes, right, front, data):
    number = data.draw(st.integers(1, planes.count))
    point = planes.lift([[right, front]], number)
    assert planes.number(point)[0] == number
    assert np.allclose(planes.flatten(point), [[right, front]], atol=1e-9)
    assert abs(planes.off_plane(point)[0]) < 1e-9


@given(stacks())
def test_slice_1_is_the_most_cranial_and_numbers_grow_downwards(planes):
    heads = planes.lift(np.zeros((planes.count, 2)), np.arange(1, planes.count + 1))
    assert (np.diff(heads[:, 2]) < 0).all()
    axes = np.array([planes.right, planes.anterior, planes.down])
    assert np.allclose(axes @ axes.T, np.eye(3))
    assert planes.right[0] > 0.5  # right and front of the subject, not of the scanner's voxels
    assert planes.anterior[1] > 0.5


@given(stacks(), st.sets(st.integers(1, 90), min_size=3, max_size=12))
def test_planes_are_found_from_contours_with_slices_left_out(planes, chosen):
    first = min(chosen)
    numbers = sorted({first, first + 1, *chosen})
    contours = [planes.lift(ellipse(9, 7) + [0.01 * n, -0.02 * n], n) for n in numbers]
    found = SlicePlanes.from_contours(contours)
    assert found.spacing == pytest.approx(planes.spacing, rel=1e-6)
    assert [found.number_of_contour(each) for each in contours] == [n - first + 1 for n in numbers]


def test_the_planes_of_an_image_are_numbered_from_the_head_whichever_way_voxels_run():
    planes = SlicePlanes.from_affine(CISS_AFFINE, (960, 960, 80))
    # by hand: slice 1 holds voxel k = 79, whose centre lies at z = -509.806 + 79 * 2.0 + ...
    top = CISS_AFFINE @ [0, 0, 79, 1]
    assert planes.number(top[:3])[0] == 1
    assert planes.number((CISS_AFFINE @ [500, 400, 0, 1])[:3])[0] == 80
    assert abs(planes.off_plane((CISS_AFFINE @ [500, 400, 33, 1])[:3])[0]) < 1e-3
    assert planes.spacing == pytest.approx(2.0, abs=1e-5)
    flipped = CISS_AFFINE @ np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, -1, 79], [0, 0, 0, 1]])
    assert SlicePlanes.from_affine(flipped, (960, 960, 80)).agrees_with(planes, 1e-9)


@pytest.mark.parametrize("degrees", [0.0, 25.0, -35.0])
def test_slices_thinner_than_their_pixels_are_slices_all_the_same(degrees):
    turn = np.deg2rad(degrees)
    tilt = np.array([[1, 0, 0], [0, np.cos(turn), -np.sin(turn)], [0, np.sin(turn), np.cos(turn)]])
    affine = np.eye(4)
    affine[:3, :3] = tilt @ np.diag([0.4, 0.4, 0.3])
    planes = SlicePlanes.from_affine(affine, (50, 50, 40))
    assert (planes.count, planes.spacing) == (40, pytest.approx(0.3))
    np.testing.assert_allclose(planes.down, -tilt[:, 2], atol=1e-12)


def test_of_equal_steps_the_axis_nearest_to_head_foot_is_across_the_slices():
    sagittal_first = np.array([[0, 0, 1.0, 0], [1.0, 0, 0, 0], [0, 1.0, 0, 0], [0, 0, 0, 1]])
    planes = SlicePlanes.from_affine(sagittal_first, (10, 20, 30))
    assert planes.count == 20
    assert np.allclose(planes.down, [0, 0, -1])


def test_points_beyond_the_stack_have_numbers_beyond_it():
    planes = SlicePlanes.from_normal([0, 0, 0], [0, 0, 1], 2.0, 10)
    assert planes.number([[0, 0, 2.1], [0, 0, 0.9], [0, 0, -0.9], [0, 0, -1.1], [0, 0, -20.0]]).tolist() == [
        0,
        1,
        1,
        2,
        11,
    ]
    assert planes.off_plane([[0, 0, 0.9], [0, 0, -1.1]]).tolist() == pytest.approx([-0.9, -0.9])


def test_planes_agree_to_the_tolerance_and_not_beyond():
    planes = SlicePlanes.from_normal([0, 0, 0], [0, 0, 1], 2.0, 10)
    for shift, agrees in ((0.1, True), (0.3, False), (2.0, False)):
        assert planes.agrees_with(SlicePlanes.from_normal([50, 20, shift], [0, 0, 1], 2.0, 10)) is agrees
    assert not planes.agrees_with(SlicePlanes.from_normal([0, 0, 0], [0, 0, 1], 2.05, 10))


@pytest.mark.parametrize(
    ("contours", "fault"),
    [
        ([], "fewer than two"),
        ([ellipse(9, 7)], "fewer than two"),
        ([ellipse(9, 7)] * 2, "one slice"),
        ([ellipse(9, 7), ellipse(9, 7) * [1.0, 0.0] + [0.0, 3.0]], "one slice"),
    ],
)
def test_contours_that_tell_no_planes_are_refused(contours, fault):
    flat = [np.column_stack([points, np.zeros(len(points))]) for points in contours]
    with pytest.raises(GeometryError, match=fault):
        SlicePlanes.from_contours(flat)


def test_contours_on_a_line_that_are_not_flat_or_not_equally_spaced_are_refused():
    ring = np.column_stack([ellipse(9, 7), np.zeros(16)])
    line = np.column_stack([np.arange(5.0), np.zeros(5), np.zeros(5)])
    with pytest.raises(GeometryError, match="line"):
        SlicePlanes.from_contours([line, line + [0, 0, 2]])
    bent = ring + np.outer(np.sin(np.arange(16.0) * 2), [0, 0, 1.0])
    with pytest.raises(GeometryError, match="not flat"):
        SlicePlanes.from_contours([ring, bent + [0, 0, 4.0]])
    with pytest.raises(GeometryError, match="equally spaced"):
        SlicePlanes.from_contours([ring + [0, 0, depth] for depth in (0, 2, 4, 6, 8, 11, 14, 17, 20)])


@pytest.mark.parametrize(
    ("normal", "spacing", "fault"),
    [([0, 1, 0], 2.0, "upright"), ([0, 0, 1], 0.0, "not positive"), ([0, 0, 1], float("nan"), "not positive")],
)
def test_planes_that_are_none_are_refused(normal, spacing, fault):
    with pytest.raises(GeometryError, match=fault):
        SlicePlanes.from_normal([0, 0, 0], normal, spacing, 3)


@pytest.mark.parametrize("broken", [np.zeros((4, 4)), np.full((4, 4), np.nan)])
def test_an_affine_that_cannot_be_inverted_is_refused(broken):
    with pytest.raises(GeometryError, match="not invertible"):
        SlicePlanes.from_affine(broken, (3, 3, 3))


def test_the_planes_of_the_real_subject_are_those_of_its_image(sub03):
    from SpineRootLib.annotation_files import read_annotation

    planes = read_annotation(sub03 / "markers", "03").require_planes()
    assert planes.agrees_with(SlicePlanes.from_affine(CISS_AFFINE, (960, 960, 80)))
