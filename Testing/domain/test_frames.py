"""Frames: RAS in memory, LPS in files, and nothing lost between them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from SpineRootLib.errors import SpineRootError
from SpineRootLib.frames import as_points, flip_ras_lps, to_ras

points = arrays(np.float64, st.tuples(st.integers(0, 6), st.just(3)), elements=st.floats(-1e4, 1e4))


@given(points)
def test_flipping_twice_gives_the_same_points_to_the_last_bit(values):
    assert np.array_equal(flip_ras_lps(flip_ras_lps(values)), values)


@given(points)
def test_flipping_changes_the_signs_of_x_and_y_only(values):
    flipped = flip_ras_lps(values)
    assert np.array_equal(flipped[:, :2], -values[:, :2])
    assert np.array_equal(flipped[:, 2], values[:, 2])


@given(points)
def test_no_negative_zero_is_made(values):
    flipped = flip_ras_lps(values)
    assert not np.signbit(flipped[flipped == 0]).any()


@pytest.mark.parametrize("system", ["LPS", 1, "1"])
def test_lps_and_its_codes_are_turned_to_ras(system):
    assert to_ras([[1.0, 2.0, 3.0]], system).tolist() == [[-1.0, -2.0, 3.0]]


@pytest.mark.parametrize("system", ["RAS", "0"])
def test_ras_and_its_code_stay_as_they_are(system):
    assert to_ras([[1.0, 2.0, 3.0]], system).tolist() == [[1.0, 2.0, 3.0]]


@pytest.mark.parametrize("system", ["", "LAS", 2, None, [1], True])
def test_another_frame_is_refused(system):
    with pytest.raises(SpineRootError, match="which is not known"):
        to_ras([[1.0, 2.0, 3.0]], system)


@pytest.mark.parametrize("system", [0, "lps", " LPS", "ras"])
def test_what_slicer_takes_for_another_frame_than_it_says_is_refused(system):
    # Slicer 5.12's reader: the number 0 is LPS; a text that is neither RAS, LPS, 0 nor 1 is RAS
    with pytest.raises(SpineRootError, match="Slicer may take for the other one"):
        to_ras([[1.0, 2.0, 3.0]], system)


def test_an_empty_list_is_no_points():
    assert as_points([]).shape == (0, 3)
    assert as_points([]).dtype == np.float64
