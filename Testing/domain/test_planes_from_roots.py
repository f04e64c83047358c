"""Slice planes found from traced roots, where there are neither contours nor an image."""

from __future__ import annotations

import numpy as np
import pytest
from straight_spine import tilted_planes

from SpineRootLib.annotation import Annotation, planes_of
from SpineRootLib.errors import GeometryError
from SpineRootLib.planes import SlicePlanes

DIRECTIONS = [(0.6, 0.0), (-0.6, 0.1), (0.3, 0.5), (-0.2, 0.6)]


def traced(degrees: float, spacing: float = 1.8) -> tuple[SlicePlanes, list[np.ndarray]]:
    planes = tilted_planes(30, spacing, degrees)
    numbers = np.arange(3, 30)
    return planes, [planes.lift(np.outer(numbers, direction), numbers) for direction in DIRECTIONS]


@pytest.mark.parametrize("degrees", [0.0, -15.0])
def test_shuffled_roots_with_gaps_and_duplicates_tell_the_planes(degrees: float) -> None:
    truth, roots = traced(degrees)
    shuffled = [np.random.default_rng(1).permutation(root[[*range(5), *range(7, 27), 3, 3]]) for root in roots]
    found = SlicePlanes.from_roots(shuffled)
    assert found.spacing == pytest.approx(1.8)
    assert found.count == 27
    np.testing.assert_allclose(found.down, truth.down, atol=1e-9)
    np.testing.assert_allclose(truth.off_plane(found.origin), 0.0, atol=1e-9)
    assert truth.number(found.origin)[0] == 3


def test_a_single_straight_root_is_taken_to_lie_on_level_slices() -> None:
    _, roots = traced(0.0)
    found = SlicePlanes.from_roots(roots[:1])
    np.testing.assert_array_equal(found.number(roots[0]), np.arange(1, 28))


def test_points_that_lie_on_no_common_planes_are_refused() -> None:
    _, roots = traced(0.0)
    scattered = [root + np.random.default_rng(2).normal(0, 0.5, root.shape) for root in roots]
    with pytest.raises(GeometryError, match="equally spaced"):
        SlicePlanes.from_roots(scattered)
    with pytest.raises(GeometryError, match="so few"):
        SlicePlanes.from_roots([roots[0][:2]])
    assert planes_of([Annotation("01")]) is None


@pytest.mark.parametrize("jitter_mm", [0.0, 1e-9, 0.05])
def test_points_on_one_level_tell_no_planes(jitter_mm: float) -> None:
    points = np.column_stack([np.arange(8.0), np.zeros(8), jitter_mm * np.arange(8) / 8 - 400.0])
    with pytest.raises(GeometryError, match="on one level"):
        SlicePlanes.from_roots([points, points + [0.0, 5.0, 0.0]])
