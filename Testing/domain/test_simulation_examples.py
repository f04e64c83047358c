"""The examples of the page on simulation, where what they need is installed: physics, sides, meshers of one's own."""

from __future__ import annotations

import csv
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from layered_block import write_block
from scipy.special import i0, i1, k0, k1
from two_boxes import two_boxes

from SpineRootLib.anatomy import CORD, CSF
from SpineRootLib.regions import region_of
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.volume.labelled_surface import welded
from SpineRootLib.volume.netgen_mesher import fill
from SpineRootLib.volume.settings import MeshingSettings
from SpineRootLib.volume.tetrahedra import signed_volumes
from SpineRootLib.volume.volume_files import write_labelled_surface

EXAMPLES = Path(__file__).resolve().parents[2] / "Documentation" / "examples"
INNER_MM, OUTER_MM, HALF_LENGTH_MM = 3.0, 6.0, 10.0
INNER_S, OUTER_S = 0.3, 1.7


@pytest.fixture(autouse=True, scope="module")
def examples():
    sys.path.insert(0, str(EXAMPLES))
    yield
    sys.path.remove(str(EXAMPLES))


@pytest.fixture(scope="module")
def solve():
    for library in ("netgen", "skfem", "pyamg"):
        pytest.importorskip(library, reason=f"{library} is not installed")
    import solve

    return solve


def test_the_activating_function_is_the_second_derivative_of_a_cathode_s_potential():
    from solve import activating

    along = np.arange(0.0, 40.0, 0.25)
    inner = slice(40, -40)
    assert activating(along, -3.0 * along)[inner] == pytest.approx(0.0, abs=1e-9)
    assert activating(along, -(along**2))[inner] == pytest.approx(2.0)


def test_roots_are_ordered_by_the_current_that_they_need_and_selectivity_is_the_first_s_lead():
    from solve import recruitment

    order, index = recruitment({"L1_L": 1.0, "L1_R": 4.0, "L2_R": 0.0})
    assert order == [("L1_R", 1.0), ("L1_L", 4.0), ("L2_R", np.inf)] and index == pytest.approx(0.75)
    assert recruitment({"L1_L": 2.0, "L1_R": 2.0})[1] == 0.0


def solved(monkeypatch, folder, files, *options):
    """What each contact recruits first, as the example's own table has it."""
    import solve

    monkeypatch.setattr(sys, "argv", ["solve.py", *map(str, files), str(folder / "out"), *map(str, options)])
    solve.main()
    with (folder / "out" / "recruitment.csv").open(encoding="utf-8") as stream:
        return {row["contact"]: row["currents"].partition("=")[0] for row in csv.DictReader(stream)}


@pytest.mark.parametrize(("outermost", "lead"), [("back", True), ("csf", False)])
def test_each_contact_of_the_example_recruits_the_root_of_its_own_side(tmp_path, monkeypatch, outermost, lead):
    for library in ("skfem", "pyamg", "matplotlib"):
        pytest.importorskip(library, reason=f"{library} is not installed")
    first = solved(monkeypatch, tmp_path, write_block(tmp_path, outermost, lead))
    if lead:
        assert first == {"contact_1": "L1_L", "contact_2": "L1_R"}
    else:
        assert (first["L1-left"], first["L1-right"]) == ("L1_L", "L1_R")


@pytest.mark.parametrize(
    ("lead", "own", "sentence"),
    [(False, False, "has surroundings and no lead"), (False, True, "no lead"), (True, True, "whose contacts carry")],
)
def test_the_example_refuses_a_mesh_that_no_current_can_be_let_into(tmp_path, monkeypatch, capsys, lead, own, sentence):
    (tmp_path / "own.csv").write_text("name,x,y,z\nmine,0,3,0\n", encoding="utf-8")
    options = ["--contacts", tmp_path / "own.csv"] if own else []
    with pytest.raises(SystemExit) as ended:
        solved(monkeypatch, tmp_path, write_block(tmp_path, lead=lead), *options)
    said = capsys.readouterr().err
    assert ended.value.code == 2 and sentence in said and "sub-01_mesh.vtu" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["tetgen", "gmsh-delaunay", "gmsh-hxt"])
def test_a_mesher_of_one_s_own_fills_both_boxes(name, tmp_path):
    pytest.importorskip(name.partition("-")[0], reason=f"{name} is not installed")
    import own_mesher

    interfaces, seeds, _ = write_labelled_surface(welded(two_boxes()), tmp_path, "01")
    surface = own_mesher.read_interfaces(interfaces)
    points, tetrahedra, region = own_mesher.MESHERS[name](*surface, own_mesher.read_seeds(seeds))
    volumes = np.abs(signed_volumes(points[tetrahedra]))
    for part in (CORD, CSF):
        assert volumes[region == region_of(part).number].sum() == pytest.approx(1.0)


def cylinders(half_length, edge):
    """A cylinder within another, both around z and as long: the regions cord and csf, with their wall shared."""
    count, layers = round(2 * np.pi * INNER_MM / edge), round(2 * half_length / edge)
    turn = 2 * np.pi * np.arange(count) / count
    # of as large a section as the circle
    larger = np.sqrt(2 * np.pi / (count * np.sin(2 * np.pi / count)))
    circle = larger * np.column_stack([np.cos(turn), np.sin(turn)])
    heights = np.linspace(-half_length, half_length, layers + 1)
    within = INNER_MM * np.arange(round(INNER_MM / edge) - 1, 0, -1) / round(INNER_MM / edge)
    # on both ends, too, triangles as small as elsewhere: outwards of the inner cylinder, and within it
    ends = [(radius, z) for z in (-half_length, half_length) for radius in (*(INNER_MM + within), *within)]
    walls_at = [(radius, z) for radius in (INNER_MM, OUTER_MM) for z in heights]
    rings = [np.column_stack([radius * circle, np.full(count, z)]) for radius, z in (*walls_at, *ends)]
    places = np.concatenate([*rings, [[0, 0, -half_length], [0, 0, half_length]]])
    this, after = np.arange(count), (np.arange(count) + 1) % count

    def band(low, high):
        return _band(low + this, low + after, high + this, high + after)

    first = count * np.cumsum([0, layers + 1, layers + 1, len(within), len(within), len(within)])
    inner, outer = (start + count * np.arange(layers + 1) for start in first[:2])
    low_rim, low_cap, high_rim, high_cap = (start + count * np.arange(len(within)) for start in first[2:])
    walls, outside = ([band(*each) for each in pairwise(rings)] for rings in (inner, outer))
    bottom, top = len(places) - 2, len(places) - 1
    caps = [
        *(band(high, low) for low, high in pairwise([inner[0], *low_cap])),
        np.column_stack([low_cap[-1] + after, low_cap[-1] + this, np.full(count, bottom)]),
        *(band(*each) for each in pairwise([inner[-1], *high_cap])),
        np.column_stack([high_cap[-1] + this, high_cap[-1] + after, np.full(count, top)]),
    ]
    rims = [
        *(band(*each) for each in pairwise([outer[-1], *high_rim, inner[-1]])),
        *(band(high, low) for low, high in pairwise([outer[0], *low_rim, inner[0]])),
    ]
    fluid = np.concatenate([*outside, *rims, *(each[:, ::-1] for each in walls)])
    return {CORD: Surface(places, np.concatenate([*walls, *caps])), CSF: Surface(places, fluid)}


def _band(a, b, c, d):
    return np.concatenate([np.column_stack([a, b, d]), np.column_stack([a, d, c])])


def closed_form(places):
    """The potential of a point source of 1 mA on the axis of a cylinder in another medium, (n,) mV.

    Fourier and Bessel: inside K0 + C I0, outside D K0, so that potential and current pass the wall.
    """
    away, z = np.linalg.norm(places[:, :2], axis=1), places[:, 2]
    # close together near 0, where K0 goes to infinity as a logarithm
    k = 8.0 * np.linspace(0, 1, 3001)[1:] ** 3
    x = k * INNER_MM
    c = (INNER_S - OUTER_S) * k0(x) * k1(x) / (INNER_S * i1(x) * k0(x) + OUTER_S * i0(x) * k1(x))
    d = 1 + c * i0(x) / k0(x)
    scale = 1 / (2 * np.pi**2 * INNER_S) * 1e3  # mA over S/m and mm
    waves = np.cos(np.outer(z, k))
    inside = np.outer(np.minimum(away, INNER_MM), k)
    own = scale * np.pi / 2 / np.maximum(np.linalg.norm(places, axis=1), 1e-9)  # the integral of K0 alone
    reflected = scale * np.trapezoid(c * i0(inside) * waves, k, axis=1)
    beyond = scale * np.trapezoid(d * k0(np.outer(np.maximum(away, INNER_MM), k)) * waves, k, axis=1)
    return np.where(away <= INNER_MM, own + reflected, beyond)


@pytest.fixture(scope="module")
def layered(solve):
    """A mesh of the two media, and its potential with the closed form at its outside."""
    del solve
    return fill(welded(cylinders(HALF_LENGTH_MM, 0.65)), MeshingSettings(longest_mm=0.8, workers=1))


def test_closed_form_passes_the_wall_without_a_jump():
    z = np.linspace(-8, 8, 9)
    before, after = (
        closed_form(np.column_stack([np.full(9, INNER_MM + off), np.zeros(9), z])) for off in (-1e-6, 1e-6)
    )
    assert before == pytest.approx(after, rel=2e-3)


def test_a_point_source_in_a_layered_cylinder_is_within_two_per_cent_of_the_closed_form(solve, layered):
    """The source's field in an endless inner medium is infinite at it: solved for is what differs from that."""
    import pyamg

    points, tetrahedra, region = layered.points, layered.tetrahedra, layered.region
    away = np.maximum(np.linalg.norm(points, axis=1), 1e-3)
    expected, own = closed_form(points + (away < 0.01)[:, None]), 1e3 / (4 * np.pi * INNER_S * away)
    unit, sigma = np.eye(3), np.where(region == solve.CORD, INNER_S, OUTER_S)[:, None, None]
    matrix, _ = solve.stiffness(points, tetrahedra, sigma * unit)
    inner, _ = solve.stiffness(points, tetrahedra, np.full_like(sigma, INNER_S) * unit)
    outer = np.unique(solve.outer_areas(points, tetrahedra, region)[0])
    free = np.setdiff1d(np.arange(len(points)), outer)
    rest = np.zeros(len(points))
    rest[outer] = (expected - own)[outer]
    rows = matrix.tocsr()[free]
    solver, residuals = pyamg.smoothed_aggregation_solver(rows[:, free].tocsr()), []
    load = -((matrix - inner) @ own + matrix @ rest)[free]
    rest[free] = solver.solve(load, tol=1e-8, accel="cg", residuals=residuals)
    assert len(residuals) - 1 < 100
    compared = free[away[free] > 1.0]
    error = np.abs((own + rest)[compared] / expected[compared] - 1)
    assert len(compared) > 1000
    assert error.max() < 0.02
    # in one medium it would be off by far more
    assert np.abs(own[compared] / expected[compared] - 1).max() > 0.5
