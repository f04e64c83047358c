"""Crumbs that a cut leaves of a region, on regions made of unit cubes."""

from __future__ import annotations

import numpy as np
import pytest

from SpineRootLib.surfaces import Surface
from SpineRootLib.surfaces.crumbs import Joined, join_crumbs, pieces_of
from SpineRootLib.surfaces.separation_settings import CrumbSettings


def of_cubes(numbers: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Vertices, and by number (above 0) the closed surface of the cubes that have it; both sides share a diagonal."""
    padded = np.pad(numbers, 1)
    shape = np.array(padded.shape) + 1
    faces: dict[str, list[list[int]]] = {str(number): [] for number in np.unique(numbers) if number}
    for cube in np.argwhere(padded):
        own = padded[tuple(cube)]
        for axis in range(3):
            one, other = np.eye(3, dtype=int)[(axis + 1) % 3], np.eye(3, dtype=int)[(axis + 2) % 3]
            for side in (0, 1):
                beside = cube + (2 * side - 1) * np.eye(3, dtype=int)[axis]
                if padded[tuple(beside)] == own:
                    continue
                corner = cube + side * np.eye(3, dtype=int)[axis]
                a, b, c, d = (np.ravel_multi_index(corner + step, shape) for step in (0 * one, one, one + other, other))
                two = [[a, b, c], [a, c, d]]
                faces[str(own)] += two if side else [triangle[::-1] for triangle in two]
    places = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1).reshape(-1, 3).astype(float)
    return places, {name: np.array(each) for name, each in faces.items()}


def blocks() -> np.ndarray:
    """A region 1 that a wall of region 2 parts from one cube of it; region 3 lies beside."""
    numbers = np.zeros((8, 4, 4), dtype=int)
    numbers[:5], numbers[5], numbers[6:] = 1, 2, 2
    numbers[7, 1, 1] = 1
    numbers[0] = 3
    return numbers


def test_a_crumb_goes_to_the_neighbour_that_cut_it_off_and_space_stays_filled():
    vertices, regions = of_cubes(blocks())
    assert [len(pieces_of(vertices, regions[name])) for name in ("1", "2", "3")] == [2, 1, 1]
    joined, said = join_crumbs(vertices, regions)
    assert said == [Joined("1", "2", pytest.approx(1.0))]
    volumes = {name: Surface(vertices, triangles).volume() for name, triangles in joined.items()}
    assert volumes == pytest.approx({"1": 64.0, "2": 16.0 + 32.0, "3": 16.0})
    assert all(Surface(vertices, triangles).is_watertight() for triangles in joined.values())
    assert [len(pieces_of(vertices, triangles)) for triangles in joined.values()] == [1, 1, 1]


def test_half_of_a_region_is_no_crumb():
    numbers = blocks()
    numbers[6:] = 1  # region 2 is a wall in the middle of region 1
    vertices, regions = of_cubes(numbers)
    joined, said = join_crumbs(vertices, regions)
    assert said == []
    assert all(np.array_equal(joined[name], regions[name]) for name in regions)


def test_a_crumb_beside_nothing_stays():
    numbers = np.zeros((8, 4, 4), dtype=int)
    numbers[:5], numbers[7, 1, 1] = 1, 1
    vertices, regions = of_cubes(numbers)
    joined, said = join_crumbs(vertices, regions)
    assert said == []
    assert len(pieces_of(vertices, joined["1"])) == 2


def test_a_hollow_is_no_crumb():
    """Its surface looks inwards: the volume is negative."""
    numbers = np.ones((5, 5, 5), dtype=int)
    numbers[2, 2, 2] = 2
    vertices, regions = of_cubes(numbers)
    assert sorted(volume for _part, volume in pieces_of(vertices, regions["1"])) == pytest.approx([-1.0, 125.0])
    assert join_crumbs(vertices, regions)[1] == []


@pytest.mark.parametrize("seed", range(6))
def test_regions_of_any_shape_fill_the_same_space_without_more_pieces(seed: int):
    """Cubes that touch along an edge alone are left out: the booleans leave no such thing."""
    chance = np.random.default_rng(seed)
    numbers = np.kron(chance.integers(1, 4, (3, 2, 2)), np.ones((3, 3, 3), dtype=int))
    numbers[tuple(chance.integers(0, each) for each in numbers.shape)] = chance.integers(1, 4)
    vertices, regions = of_cubes(numbers)
    before = {name: Surface(vertices, each) for name, each in regions.items()}
    joined, said = join_crumbs(vertices, regions, CrumbSettings(share=0.5))
    after = {name: Surface(vertices, each) for name, each in joined.items()}
    assert sum(each.volume() for each in after.values()) == pytest.approx(numbers.size)
    for name in regions:
        lost = sum(each.volume_mm3 for each in said if each.region == name)
        got = sum(each.volume_mm3 for each in said if each.to == name)
        assert after[name].volume() == pytest.approx(before[name].volume() - lost + got)
        assert after[name].is_watertight() or not before[name].is_watertight()
