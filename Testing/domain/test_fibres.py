"""Fibres in roots: their steps, their smoothness, what their arrays say, and their files."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from straight_spine import CORD_RADIUS, straight_spine

from SpineRootLib.anatomy import CORD, Root
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.commands import main
from SpineRootLib.errors import GeometryError
from SpineRootLib.fibres import FibreSettings, fibres_of
from SpineRootLib.fibres.courses import course
from SpineRootLib.regions import region_of, root_region
from SpineRootLib.surfaces import ModelSettings, build_model

L1_L = Root("L1", "L")
LPS = np.array([-1.0, -1.0, 1.0])


@pytest.fixture(scope="module")
def spine():
    return straight_spine()


@pytest.fixture(scope="module")
def fibres(spine):
    return fibres_of(build_model(spine, ModelSettings(csf=False)))


@pytest.fixture(scope="module")
def fibre(fibres):
    return fibres[0]


def quarter_circle(count):
    turn = np.linspace(0, np.pi / 2, count)
    return 20 * np.column_stack([np.sin(turn), np.cos(turn), np.zeros(count)])


def test_steps_along_a_quarter_of_a_circle_are_equal_and_its_length_is_right():
    points, along, tangents, length = course(quarter_circle(16), FibreSettings(beyond_mm=0.0))
    assert length == pytest.approx(20 * np.pi / 2, rel=1e-4)
    assert np.linalg.norm(np.diff(points, axis=0), axis=1) == pytest.approx(0.25, abs=1e-4)
    # the last piece straightens, so as to go on without a jump of its curvature
    assert np.linalg.norm(points, axis=1) == pytest.approx(20, abs=0.03)
    assert np.linalg.norm(points[along < 25], axis=1) == pytest.approx(20, abs=0.002)
    turn = along / 20
    expected = np.column_stack([np.cos(turn), -np.sin(turn), 0 * turn])
    assert np.abs(tangents - expected).max() < 0.03


def test_the_curvature_has_no_jump_where_the_course_goes_straight_on():
    _, along, tangents, length = course(quarter_circle(16), FibreSettings(step_mm=0.05, beyond_mm=5.0))
    curvature = np.linalg.norm(np.diff(tangents, axis=0), axis=1) / 0.05
    assert np.abs(np.diff(curvature)).max() < 0.005
    assert curvature[along[1:] > length + 0.1] == pytest.approx(0, abs=1e-9)


def test_a_fibre_runs_from_the_cord_past_its_ganglion(spine, fibre):
    assert fibre.root == L1_L
    assert np.linalg.norm(spine.planes.flatten(fibre.points[0])) == pytest.approx(CORD_RADIUS, abs=0.3)
    assert np.linalg.norm(fibre.points - spine.ganglia[L1_L], axis=1).min() < 0.2
    assert fibre.along[-1] - fibre.along[fibre.region > 0][-1] == pytest.approx(10.0, abs=0.3)


def test_each_point_knows_its_region(spine, fibre):
    inside, beyond = root_region(L1_L).number, root_region(L1_L, beyond=True).number
    known = list(dict.fromkeys(fibre.region.tolist()))
    assert known[-3:] == [inside, beyond, 0]
    assert set(known[:-3]) <= {region_of(CORD).number}
    # it was traced down to the dura's flat end, and leaves through it
    traced, last = ~fibre.modelled, spine.roots[L1_L][:, 2].min()
    for part in (fibre.points[traced], fibre.points[fibre.region == inside]):
        assert part[:, 2].min() == pytest.approx(last, abs=1.5)
    assert fibre.points[fibre.modelled, 2].max() == pytest.approx(last, abs=1.5)


def test_a_course_within_the_cord_goes_on_upwards_below_its_surface_and_is_modelled():
    spine = straight_spine(60, 45, 1.0)
    spine.roots = {root: points[26:] for root, points in spine.roots.items()}
    model = build_model(spine, ModelSettings(csf=False))
    (without, _), (fibre, _) = fibres_of(model), fibres_of(model, FibreSettings(intraspinal_mm=15.0))
    inside = fibre.along < 0
    assert fibre.along[0] == pytest.approx(-15.0, abs=1.5)
    assert fibre.modelled[inside].all()
    flat = spine.planes.flatten(fibre.points) - spine.planes.flatten(spine.planes.origin[None])
    under = CORD_RADIUS - np.linalg.norm(flat, axis=1)
    deep = fibre.along < -5
    assert under[deep] == pytest.approx(FibreSettings().under_mm, abs=0.15)
    assert (fibre.region[deep] == region_of(CORD).number).all()
    assert np.linalg.norm(np.diff(fibre.points, axis=0), axis=1) == pytest.approx(0.25, abs=2e-3)
    assert (np.diff(spine.planes.depth(fibre.points)) > 0)[deep[1:]].all()  # from above down
    # from the cord on it is the course that it was
    far = fibre.along > 5
    assert np.abs(fibre.points[far][:100, None] - without.points[None]).sum(axis=2).min(axis=1).max() < 0.3


def test_the_table_and_the_lines_hold_the_same_in_lps(spine, tmp_path, fibres):
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkIOXML import vtkXMLPolyDataReader

    write_annotation(tmp_path / "markers", spine, durable=False)
    line = ["fibres", str(tmp_path / "markers"), "--subject", "01", "--out", str(tmp_path / "out")]
    assert main(line) == 0
    with (tmp_path / "out" / "sub-01_fibres.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["root"] for row in rows] == [str(each.root) for each in fibres for _ in each.points]
    places = np.array([[float(row[axis]) for axis in "xyz"] for row in rows])
    # markups are written to a micrometre, which the place where a root leaves the cord follows several times
    assert np.allclose(places, np.concatenate([each.points for each in fibres]) * LPS, atol=5e-3)
    tangents = np.array([[float(row[f"tangent_{axis}"]) for axis in "xyz"] for row in rows])
    assert np.allclose(tangents, np.concatenate([each.tangents for each in fibres]) * LPS, atol=5e-3)
    told = json.loads((tmp_path / "out" / "sub-01_fibres.json").read_text())
    assert set(rows[0]) == set(told)
    reader = vtkXMLPolyDataReader()
    reader.SetFileName(str(tmp_path / "out" / "sub-01_fibres.vtp"))
    reader.Update()
    data = reader.GetOutput()
    assert data.GetNumberOfLines() == len(fibres) == 2
    assert np.allclose(vtk_to_numpy(data.GetPoints().GetData()), places, atol=1e-5)
    for name in ("arc_length_mm", "radius_mm", "region", "modelled"):
        values = vtk_to_numpy(data.GetPointData().GetArray(name))
        assert np.allclose(values, [float(row[name]) for row in rows], atol=1e-5), name
    names = data.GetCellData().GetAbstractArray("root")
    assert [names.GetValue(number) for number in range(2)] == ["L1_L", "L1_R"]


def test_without_roots_there_is_no_fibre():
    with pytest.raises(GeometryError, match="sub-01 has no root in which a fibre could run"):
        fibres_of(build_model(straight_spine(roots=False), ModelSettings(csf=False)))


def test_a_step_in_another_unit_is_refused(tmp_path, capsys):
    line = ["fibres", str(tmp_path / "in"), "--subject", "01", "--out", str(tmp_path / "out"), "--step", "250"]
    with pytest.raises(SystemExit):
        main(line)
    assert "steps of 250 mm make no sense: from 0.01 to 5" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
