"""The labelled surface: what it says of both sides of a triangle, its seeds, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from straight_spine import straight_spine
from two_boxes import CORD, CSF, box, two_boxes

from SpineRootLib.errors import GeometryError
from SpineRootLib.regions import region_of
from SpineRootLib.surfaces import ModelSettings, build_model
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.volume.labelled_surface import NOTHING, welded

CORD_NUMBER, CSF_NUMBER = region_of(CORD).number, region_of(CSF).number


def windings(surface: Surface, place) -> float:
    """How often a surface winds around a place: 1 inside (the solid angle; van Oosterom and Strackee, 1983)."""
    a, b, c = (surface.corners - place).transpose(1, 0, 2)
    lengths = [np.linalg.norm(each, axis=1) for each in (a, b, c)]
    above = np.einsum("ij,ij->i", a, np.cross(b, c))
    below = lengths[0] * lengths[1] * lengths[2]
    for one, other, third in ((a, b, 2), (b, c, 0), (c, a, 1)):
        below = below + np.einsum("ij,ij->i", one, other) * lengths[third]
    return float(np.arctan2(above, below).sum() / (2 * np.pi))


@pytest.fixture(scope="module")
def model():
    pytest.importorskip("manifold3d", reason="the conforming set needs manifold3d")
    return build_model(straight_spine(), ModelSettings(conforming=True, csf=False))


@pytest.fixture(scope="module")
def surface(model):
    return welded(model.regions)


def test_a_wall_between_two_regions_stands_once_and_knows_both():
    surface = welded(two_boxes())
    between = (surface.front != NOTHING) & (surface.back != NOTHING)
    assert between.sum() == 2 and len(surface.triangles) == 22 and len(surface.vertices) == 12
    assert set(surface.back[between]) == {CORD_NUMBER} and set(surface.front[between]) == {CSF_NUMBER}
    # the front is where the corners are seen counter-clockwise: the fluid, towards higher x
    assert np.all(Surface(surface.vertices, surface.triangles[between]).normals()[:, 0] > 0)


def test_each_region_has_its_surface_back(model, surface):
    for number, name in surface.names.items():
        region = surface.region(number)
        assert region.is_watertight()
        assert region.volume() == pytest.approx(model.regions[name].volume(), rel=1e-9)
        assert len(region.triangles) == len(model.regions[name].triangles)


def test_each_interface_has_the_name_of_what_it_parts(surface):
    within = {"cord-csf", *(f"{each}-nerveroots_L1_{side}" for each in ("cord", "csf") for side in "LR")}
    passing = {f"nerveroots_L1_{side}-nerveroots_L1_{side}_outside" for side in "LR"}
    outer = {"csf-nothing", *(f"nerveroots_L1_{side}_outside-nothing" for side in "LR")}
    # the cord begins below the dura's end, within the fluid
    assert set(surface.interfaces()) == within | passing | outer
    assert sum(map(len, surface.interfaces().values())) == len(surface.triangles)


def test_a_seed_lies_inside_its_own_region_and_in_no_other(model, surface):
    assert sorted(seed.region for seed in surface.seeds) == sorted(surface.names)
    for seed in surface.seeds:
        inside = [name for name, region in model.regions.items() if abs(windings(region, seed.place)) > 0.5]
        assert inside == [surface.names[seed.region]]


def together(one: Surface, other: Surface) -> Surface:
    """Two surfaces as one."""
    triangles = np.concatenate([one.triangles, other.triangles + len(one.vertices)])
    return Surface(np.concatenate([one.vertices, other.vertices]), triangles)


def test_a_region_in_two_pieces_has_a_seed_in_each():
    seeds = welded({CORD: together(box(0.0), box(5.0))}).seeds
    assert sorted(int(seed.place[0]) for seed in seeds) == [0, 5]


def test_a_seed_beside_a_hollow_is_not_in_the_hollow():
    outer = Surface(4 * (box(0.0).vertices - 0.5), box(0.0).triangles)
    hollow = Surface(2 * (box(0.0).vertices - 0.5), box(0.0).triangles[:, ::-1])
    both = Surface(
        np.concatenate([outer.vertices, hollow.vertices]), np.concatenate([outer.triangles, hollow.triangles + 8])
    )
    (seed,) = welded({CORD: both}).seeds
    assert 1 < np.abs(seed.place).max() < 2


def test_regions_that_do_not_share_their_wall_are_refused():
    with pytest.raises(GeometryError, match="without sharing their interface"):
        welded(two_boxes(shared=False))


def test_regions_that_overlap_are_refused():
    with pytest.raises(GeometryError, match="same side"):
        welded({CORD: box(0.0), CSF: box(0.0)})


def test_an_open_region_is_refused():
    whole = box(0.0)
    with pytest.raises(GeometryError, match="region cord is not closed"):
        welded({CORD: Surface(whole.vertices, whole.triangles[1:])})
