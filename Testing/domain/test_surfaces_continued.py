"""The sac and the roots below the scan, carried on to the ganglia."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from straight_spine import straight_spine, tilted_planes

from SpineRootLib.anatomy import CORD, DURA, Root
from SpineRootLib.annotation_files import read_annotation
from SpineRootLib.commands import main
from SpineRootLib.errors import SpineRootError
from SpineRootLib.surfaces import ModelSettings, build_model
from SpineRootLib.surfaces.continued_sac import LoftedSac, continued, lead
from SpineRootLib.surfaces.modelled import beyond_traced
from SpineRootLib.surfaces.proximity import Proximity
from SpineRootLib.surfaces.rings import RingStack
from SpineRootLib.surfaces.settings import CONTINUED, ContinuedSacSettings, WallEndSettings

SETTINGS = ModelSettings(csf=False, ends=WallEndSettings(dura_bottom=CONTINUED))
RADIUS = 8.0


@pytest.fixture(scope="module")
def annotation(sub03):
    return read_annotation(sub03 / "markers", "03")


@pytest.fixture(scope="module")
def model(annotation):
    return build_model(annotation, SETTINGS)


def test_every_root_leaves_through_the_side_a_little_above_its_own_ganglion(annotation, model):
    for root in model.centrelines:
        leaves = model.report["roots"][str(root)]["exit"]
        above = np.subtract(leaves["position_ras"], annotation.ganglia[root]) @ -annotation.planes.down
        assert leaves["through"] == "side", root
        assert 5.0 < above < 13.0, (root, above)
    assert model.report["conflicts"] == []
    assert not [finding for finding in model.findings if "lower end of the dura" in finding.message]


def test_roots_stay_inside_until_they_leave_and_outside_afterwards(annotation, model):
    dura = Proximity(model.parts[DURA])
    for root, line in model.centrelines.items():
        depth = annotation.planes.depth(line)
        leave = annotation.planes.depth(np.array([model.report["roots"][str(root)]["exit"]["position_ras"]]))[0]
        top = annotation.planes.depth(model.parts[DURA].vertices).min()
        signed = dura.nearest(line)[0]
        assert np.all(signed[(depth > top) & (depth < leave - 2.0)] < 0), root
        assert np.all(signed[depth > leave + 2.0] > 0), root


def test_roots_leave_in_order_each_to_its_own_side(annotation, model):
    """Where one leaves, those of lower levels lie nearer to the posterior midline, and none has crossed over."""
    planes, dura = annotation.planes, model.parts[DURA].vertices

    def turn(place, depth, sign):
        """From the posterior midline to a root's own side, degrees."""
        middle = planes.flatten(dura[np.abs(planes.depth(dura) - depth) < 2.0]).mean(axis=0)
        right, anterior = place - middle
        return np.degrees(np.arctan2(sign * right, -anterior))

    for side, sign in (("L", -1.0), ("R", 1.0)):
        roots = [root for root in sorted(model.centrelines) if root.side == side]
        places = [np.array([model.report["roots"][str(root)]["exit"]["position_ras"]]) for root in roots]
        depths = [float(planes.depth(place)[0]) for place in places]
        assert depths == sorted(depths)
        for rank, (place, depth) in enumerate(zip(places, depths, strict=True)):
            own = turn(planes.flatten(place)[0], depth, sign)
            assert own > 0
            for lower in roots[rank + 1 :]:
                line = model.centrelines[lower]
                flat = planes.flatten(line)
                there = [np.interp(depth, planes.depth(line), flat[:, axis]) for axis in (0, 1)]
                assert 0 < turn(np.array(there), depth, sign) < own, (roots[rank], lower)


def test_what_was_modelled_is_said_and_marked(annotation, model):
    said = model.report["dura_modelled"]
    assert said["from_slice"] == 80
    assert 100.0 < said["length_mm"] < 160.0
    points = model.parts[DURA].vertices
    last = max(annotation.planes.depth(contour.points).mean() for contour in annotation.dura)
    beyond = beyond_traced(model, DURA, points)
    np.testing.assert_allclose(beyond, np.maximum(annotation.planes.depth(points) - last, 0.0), atol=0.3)
    assert not beyond_traced(model, CORD, model.parts[CORD].vertices).any()
    assert model.report["roots"]["S2_L"]["extrapolated"]["percent"] == pytest.approx(70.0, abs=3.0)
    assert any("is modelled, " in finding.message for finding in model.findings)


def test_the_traced_part_is_as_without_it(annotation, model):
    flat = build_model(annotation, ModelSettings(csf=False))
    near = Proximity(flat.parts[DURA])
    points = model.parts[DURA].vertices
    depth = annotation.planes.depth(points)
    last = depth[beyond_traced(model, DURA, points) == 0].max()
    away = np.abs(near.nearest(points)[0])
    assert away[depth < last - 6.0].max() < 0.02
    assert away[depth < last].max() < 0.1, "on the last two slices it turns into what was modelled"
    assert model.report["points"]["mean_mm"] == pytest.approx(flat.report["points"]["mean_mm"], abs=0.005)


def test_a_root_through_a_flat_end_is_a_warning_that_names_it(annotation):
    found = build_model(annotation, ModelSettings(csf=False)).findings
    said = [finding for finding in found if "lower end of the dura" in finding.message]
    assert len(said) == 1
    assert said[0].severity == "warning"
    assert "L3_L, L3_R, L4_L" in said[0].message
    assert "L2_L" not in said[0].message, "it leaves through the side"


def test_without_ganglia_further_down_the_dura_ends_flat_and_that_is_said():
    spine = straight_spine()
    model = build_model(replace(spine, ganglia={}), SETTINGS)
    assert "dura_modelled" not in model.report
    assert any("needs ganglia of two levels" in finding.message for finding in model.findings)
    flat = build_model(replace(spine, ganglia={}), ModelSettings(csf=False))
    assert np.array_equal(model.parts[DURA].vertices, flat.parts[DURA].vertices)


def test_above_there_is_nothing_to_carry_it_on_to(tmp_path, capsys):
    with pytest.raises(SpineRootError, match="no end of the dura"):
        WallEndSettings(dura_top=CONTINUED)
    with pytest.raises(SystemExit):
        main(["model", str(tmp_path), "--subject", "01", "--out", str(tmp_path), "--dura-top", CONTINUED])
    assert "invalid choice" in capsys.readouterr().err


def round_sac(seed: int) -> tuple[LoftedSac, dict[Root, np.ndarray], dict[Root, np.ndarray]]:
    """A round sac, roots anywhere in it on slice 20, and ganglia beside it further down, a level every 30 mm."""
    chance, planes = np.random.default_rng(seed), tilted_planes(20)
    turn = np.linspace(0, 2 * np.pi, 128, endpoint=False)
    ring = RADIUS * np.column_stack([np.cos(turn), np.sin(turn)])
    last, ganglia = {}, {}
    for level, segment in enumerate(("L3", "L4", "L5", "S1", "S2")):
        for side, sign in (("L", -1.0), ("R", 1.0)):
            root = Root(segment, side)
            last[root] = planes.lift([[sign * chance.uniform(0.5, 6.5), -chance.uniform(0.0, 4.0)]], 20)[0]
            middle = planes.lift([[sign * chance.uniform(14.0, 20.0), chance.uniform(-2.0, 2.0)]], 20)[0]
            ganglia[root] = middle + (25.0 + 30.0 * level) * planes.down
    numbers = np.arange(10.0, 21.0)
    stack = continued(RingStack(numbers, np.tile(ring, (11, 1, 1))), planes, ganglia, ContinuedSacSettings())
    return LoftedSac(stack, planes, ContinuedSacSettings()), last, ganglia


@pytest.mark.parametrize("seed", range(8))
def test_ways_through_any_sac_stay_in_it_part_and_end_at_its_wall(seed: int):
    sac, last, ganglia = round_sac(seed)
    apart = dict.fromkeys(last, 0.6)
    ways = lead(last, ganglia, apart, sac)
    assert ways.keys() == last.keys()
    spacing, planes = sac.planes.spacing, sac.planes
    for root, way in ways.items():
        depth = planes.depth(way)
        assert np.all(np.diff(depth) > 0)
        for place, number in zip(way, depth / spacing + 1.0, strict=True):
            ring = sac.stack.ring_at(number)
            centre = ring.mean(axis=0)
            reach = np.linalg.norm(ring - centre, axis=1).mean()
            assert np.linalg.norm(planes.flatten(place[None])[0] - centre) < reach + 0.01, root
        assert 8.0 < planes.depth(ganglia[root][None])[0] - depth[-1] < 11.0
    middle = planes.depth(last[Root("L3", "L")][None])[0] + 12.0  # ways that began in each other have parted
    places = np.array(
        [planes.flatten(way[np.abs(planes.depth(way) - middle).argmin()][None])[0] for way in ways.values()]
    )
    between = np.linalg.norm(places[:, None] - places[None], axis=2) + 99 * np.eye(len(places))
    assert between.min() > 0.5


def test_a_sac_becomes_narrower_along_the_spine_and_ends_at_the_lowest_ganglia():
    sac, _last, ganglia = round_sac(1)
    spans = np.ptp(sac.stack.rings[..., 0], axis=1)
    assert np.all(np.diff(spans) <= 1e-9)
    assert spans[0] == pytest.approx(2 * RADIUS, abs=0.05)
    assert spans[-1] == pytest.approx(0.45 * 2 * RADIUS, abs=0.05)
    lowest = max(sac.planes.depth(np.array(list(ganglia.values()))))
    end = (sac.stack.numbers[-1] - 1.0) * sac.planes.spacing + 0.45 * RADIUS
    assert end == pytest.approx(lowest, abs=sac.planes.spacing)
