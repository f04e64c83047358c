"""Whittaker's smoother: what it leaves as it is, and what it smooths."""

from __future__ import annotations

import numpy as np
import pytest

from SpineRootLib.second_differences import smooth, squared_bands, squared_periodic


@pytest.mark.parametrize("count", [3, 4, 11])
def test_the_bands_hold_the_sum_of_squared_second_differences(count: int) -> None:
    values = np.random.default_rng(3).normal(size=count)
    diagonal, first, second = squared_bands(count)
    total = diagonal @ values**2 + 2 * first[:-1] @ (values[1:] * values[:-1])
    total += 2 * second[:-2] @ (values[2:] * values[:-2])
    assert total == pytest.approx(np.sum(np.diff(values, 2) ** 2))


def test_around_a_closed_curve_the_ends_are_neighbours() -> None:
    values = np.random.default_rng(4).normal(size=9)
    closed = np.concatenate([values, values[:2]])
    assert values @ squared_periodic(9) @ values == pytest.approx(np.sum(np.diff(closed, 2) ** 2))


def test_a_straight_line_is_left_as_it_is_however_strongly_it_is_smoothed() -> None:
    line = np.outer(np.arange(20.0), [0.3, -2.0])
    assert np.allclose(smooth(line, 1e6), line)


def test_the_stronger_the_smoother_the_rest_of_the_noise() -> None:
    noisy = np.random.default_rng(5).normal(size=60)
    bends = [float(np.sum(np.diff(smooth(noisy, strength), 2) ** 2)) for strength in (0.0, 1.0, 100.0)]
    assert bends[0] > 10 * bends[1] > 100 * bends[2]


def test_a_value_of_no_weight_lies_on_the_line_through_the_others() -> None:
    values, weights = np.arange(9.0), np.ones(9)
    values[4], weights[4] = 50.0, 0.0
    assert smooth(values, 1.0, weights)[4] == pytest.approx(4.0)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_values_to_bend_are_left_as_they_are(count: int) -> None:
    assert smooth(np.arange(count, dtype=float), 10.0).tolist() == list(range(count))
