"""The surfaces of a subject, on a spine of circles and straight lines and on the real one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree
from straight_spine import CORD_RADIUS, DURA_RADIUS, circle, straight_spine

from SpineRootLib.anatomy import CORD, CSF, DURA, Root
from SpineRootLib.annotation import Contour
from SpineRootLib.annotation_files import read_annotation
from SpineRootLib.commands import main
from SpineRootLib.curves import closed_curve
from SpineRootLib.errors import Cancelled, SpineRootError
from SpineRootLib.surfaces import Model, ModelSettings, Surface, build_model
from SpineRootLib.surfaces.conforming import regions
from SpineRootLib.surfaces.proximity import Proximity
from SpineRootLib.surfaces.settings import MeshSettings, RootSettings, WallEndSettings, WallSmoothingSettings
from SpineRootLib.surfaces.tube import tube

LEFT, RIGHT = Root("L1", "L"), Root("L1", "R")


@pytest.fixture(scope="module")
def straight() -> Model:
    return build_model(straight_spine())


@pytest.fixture(scope="module")
def real(sub03: Path) -> Model:
    return build_model(read_annotation(sub03 / "markers", "03"), ModelSettings(conforming=True))


def distance(surface: Surface, points: np.ndarray) -> np.ndarray:
    return np.abs(Proximity(surface).nearest(np.asarray(points))[0])


@pytest.mark.parametrize("degrees", [0.0, 15.0])
def test_the_dura_of_a_cylinder_holds_the_volume_of_the_cylinder(degrees):
    """38 mm of a circle of radius 8, and two bulging caps of 0.12 mm that add less than 0.12 mm each."""
    volume = build_model(straight_spine(degrees=degrees)).parts[DURA].volume()
    circle = np.pi * DURA_RADIUS**2
    assert 0.998 * 38.0 * circle < volume < 1.001 * 38.24 * circle


def test_every_part_is_closed_and_in_one_piece(straight):
    assert list(straight.parts) == [DURA, CORD, "nerveroots_L1_L", "nerveroots_L1_R", CSF]
    for surface in straight.parts.values():
        assert surface.is_watertight()
        assert surface.components() == 1
        assert surface.volume() > 0


def test_a_root_leaves_the_cord_on_its_surface_and_reaches_its_ganglion(straight):
    """Above its first point, on slice 4, by 1.5 times as much as that lies off the cord."""
    annotation = straight_spine()
    for root in (LEFT, RIGHT):
        line = straight.centrelines[root]
        assert np.linalg.norm(annotation.planes.flatten(line[:1])) == pytest.approx(CORD_RADIUS, abs=0.03)
        off = np.linalg.norm(annotation.planes.flatten(annotation.root_descending(root)[:1])) - CORD_RADIUS
        assert annotation.planes.depth(line[:1])[0] == pytest.approx(6.0 - 1.5 * off, abs=0.15)
        assert np.linalg.norm(line[-1] - annotation.ganglia[root]) < 1e-9


def test_a_root_that_runs_below_the_scan_leaves_by_the_open_end(straight):
    exit_place = straight.report["roots"]["L1_L"]["exit"]
    assert exit_place["through"] == "end"
    assert exit_place["slice"] == 20


def test_a_tapering_sac_closes_below_the_scan_and_roots_leave_through_its_side():
    annotation = straight_spine()
    model = build_model(annotation, ModelSettings(ends=WallEndSettings(dura_bottom="sac", sac_length_mm=12.0)))
    assert model.parts[DURA].is_watertight()
    assert annotation.planes.depth(model.parts[DURA].vertices).max() == pytest.approx(38.0 + 12.0)
    assert model.report["roots"]["L1_L"]["exit"]["through"] == "side"
    assert model.report["conflicts"] == []


def test_an_open_end_leaves_a_hole_and_the_fluid_is_closed_all_the_same():
    model = build_model(straight_spine(), ModelSettings(ends=WallEndSettings(dura_bottom="open")))
    assert not model.parts[DURA].is_watertight()
    assert model.parts[CSF].is_watertight()


def test_the_fluid_is_what_is_left_of_the_dura(straight):
    parts = straight.parts
    pieces = regions(parts[DURA], parts[CORD], {name: parts[name] for name in ("nerveroots_L1_L", "nerveroots_L1_R")})
    inside = sum(pieces[name].volume() for name in (CORD, "nerveroots_L1_L", "nerveroots_L1_R"))
    assert parts[CSF].volume() == pytest.approx(parts[DURA].volume() - inside, rel=1e-3)


def test_conforming_regions_fill_space_and_share_their_interfaces(real):
    """Each triangle belongs to two regions, turned against each other, or to the outside of all.

    What is on the outside then encloses all regions together.
    """
    faces: dict[tuple, list[tuple]] = {}
    for surface in real.regions.values():
        assert surface.is_watertight()
        for corners in surface.corners.round(9).tolist():
            turned = tuple(map(tuple, corners))
            faces.setdefault(tuple(sorted(turned)), []).append(turned)
    assert {len(each) for each in faces.values()} == {1, 2}
    for one, other in (each for each in faces.values() if len(each) == 2):
        assert other[::-1] in {one, one[1:] + one[:1], one[2:] + one[:2]}
    a, b, c = (
        np.array([each[0] for each in faces.values() if len(each) == 1]) - real.parts[DURA].vertices[0]
    ).swapaxes(0, 1)
    enclosed = np.einsum("ij,ij->", a, np.cross(b, c)) / 6
    assert sum(surface.volume() for surface in real.regions.values()) == pytest.approx(enclosed, rel=1e-9)
    beyond = sum(surface.volume() for name, surface in real.regions.items() if name.endswith("outside"))
    assert enclosed == pytest.approx(real.parts[DURA].volume() + beyond, rel=1e-3)


def test_without_smoothing_the_drawn_curves_lie_on_the_surface(sub03):
    annotation = read_annotation(sub03 / "markers", "03")
    model = build_model(annotation, ModelSettings(walls=WallSmoothingSettings(smoothing=0.0), csf=False))
    for structure in (DURA, CORD):
        points = np.concatenate([contour.points for contour in annotation.contours[structure]])
        assert distance(model.parts[structure], points).max() < 0.02


def test_smoothing_moves_walls_little_and_keeps_their_volume(sub03, real):
    annotation = read_annotation(sub03 / "markers", "03")
    for structure in (DURA, CORD):
        contours = annotation.contours_by_slice(structure).values()
        away = distance(real.parts[structure], np.concatenate([contour.points for contour in contours]))
        assert away.max() <= 0.15
        assert away.mean() <= 0.06
        areas = [_area(annotation.planes.flatten(closed_curve(contour.points, 40))) for contour in contours]
        drawn = annotation.planes.spacing * (sum(areas) - (areas[0] + areas[-1]) / 2)
        assert real.parts[structure].volume() == pytest.approx(drawn, rel=0.002)


def test_the_volume_is_that_of_the_drawn_slices_where_the_wall_is_curved_between_them():
    """A sac that bulges and narrows, 4 mm from slice to slice, five slices missing."""
    annotation = straight_spine(count=18, cord_slices=0, spacing=4.0, roots=False)
    planes = annotation.planes
    numbers = [*range(1, 7), *range(12, 19)]
    radii = {number: 8.0 - 0.03 * (number - 9.0) ** 2 for number in numbers}
    annotation.contours[DURA] = [Contour(planes.lift(circle(radii[n], 60), n), f"dura_{n}") for n in numbers]
    model = build_model(annotation, ModelSettings(csf=False))
    areas = np.pi * np.array(list(radii.values())) ** 2
    drawn = float(np.sum(np.diff(numbers) * 4.0 * (areas[1:] + areas[:-1]) / 2))
    assert model.parts[DURA].volume() == pytest.approx(drawn, rel=0.002)


def _area(polygon: np.ndarray) -> float:
    x, y = polygon.T
    return abs(float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))) / 2


def test_roots_of_the_real_subject_follow_their_points_and_keep_apart(sub03, real):
    annotation = read_annotation(sub03 / "markers", "03")
    assert real.report["conflicts"] == []
    for root, points in annotation.roots.items():
        line = real.centrelines[root]
        dense = np.concatenate([np.linspace(a, b, 20) for a, b in zip(line, line[1:], strict=False)])
        assert cKDTree(dense).query(points)[0].max() <= 0.5
    for name, report in real.report["roots"].items():
        assert report["exit"]["through"] == ("side" if name[:2] in ("L1", "L2") else "end")
        assert report["emergence"] is not None


def test_triangles_of_the_real_subject_are_few_and_well_shaped(real):
    assert sum(len(surface.triangles) for surface in real.parts.values()) <= 150_000
    for surface in real.parts.values():
        edges = np.linalg.norm(np.roll(surface.corners, -1, axis=1) - surface.corners, axis=2)
        area = np.linalg.norm(surface.normals(), axis=1) / 2
        quality = 16 * area**2 / np.maximum(edges.prod(axis=1) * edges.sum(axis=1), 1e-30)
        assert np.percentile(quality, 5) >= 0.3


def test_detail_and_radius_are_settings():
    fine = ModelSettings(mesh=MeshSettings().scaled(2.0), roots=RootSettings(0.4, {"L1": 0.7}), csf=False)
    model, coarse = build_model(straight_spine(), fine), build_model(straight_spine(), ModelSettings(csf=False))
    assert len(model.parts[DURA].triangles) > 2.5 * len(coarse.parts[DURA].triangles)
    assert model.report["roots"]["L1_L"]["radius_mm"] == 0.7
    with pytest.raises(SpineRootError, match="detail of 0 makes no sense"):
        MeshSettings().scaled(0.0)


def test_building_can_be_cancelled():
    with pytest.raises(Cancelled):
        build_model(straight_spine(), progress=lambda _fraction, text: text != "csf")


def test_the_command_writes_every_surface_and_the_report(sub03, tmp_path, capsys):
    assert main(["model", str(sub03 / "markers"), "--subject", "03", "--out", str(tmp_path), "--json"]) == 0
    written = json.loads(capsys.readouterr().out)["files"]
    assert len(written) == 19
    assert "dataset_description.json" in [Path(name).name for name in written]
    report = json.loads((tmp_path / "sub-03_model.json").read_text())
    assert len(report["inputs"]) == 174
    dura = report["surfaces"][DURA]
    assert dura["file"] == "sub-03_dura.vtp"
    assert dura["watertight"] is True
    assert dura["min_clearance_mm"][CORD] >= 0.05
    root = report["roots"]["S1_R"]
    assert root["radius_mm"] == 0.5
    assert root["extrapolated"]["length_mm"] > 100


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["--format", "dxf"], "'dxf' is no surface format"),
        (["--radius", "L1=thick"], "'L1=thick' is no radius in mm, such as 0.5 or L1=0.6"),
        (["--radius", "X9=0.5"], "'X9' is no spinal segment"),
        (["--detail", "99"], "a detail of 99 makes no sense"),
        (["--smoothing", "-1"], "a smoothing of -1 makes no sense"),
        (["--measure-radius"], "--measure-radius needs the CISS image"),
        (["--measure-radius", "--ciss", "x.nii", "--radius", "0.4"], "name one of the two"),
        (["--radius", "L1=0.5", "L1=0.6"], "--radius gives L1= more than once"),
        (["--radius", "L1=0.5", "--radius", "L1=0.6"], "--radius gives L1= more than once"),
        (["--radius", "0.5", "0.6"], "--radius gives a radius for all levels more than once"),
    ],
)
def test_a_wrong_argument_is_refused_in_one_sentence(arguments, fault, tmp_path, capsys):
    assert main(["model", str(tmp_path), "--subject", "03", "--out", str(tmp_path / "out"), *arguments]) == 2
    assert fault in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_no_root_leaves_the_cord_with_an_elbow(real, straight):
    """Turned by at most 10 degrees a millimetre in the first 8 mm; level with its first point it was up to 76."""
    for model in (real, straight):
        for root, line in model.centrelines.items():
            edges = np.diff(line, axis=0)
            length = np.linalg.norm(edges, axis=1)
            cosine = np.einsum("kd,kd->k", edges[1:], edges[:-1]) / (length[1:] * length[:-1])
            turn = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))) / ((length[1:] + length[:-1]) / 2)
            assert turn[np.cumsum(length)[:-1] < 8.0].max() < 10.0, root


def test_a_root_ends_round():
    """Half a ball about its first and about its last point: no flat cut is seen."""
    line, radius = np.linspace([0.0, 0.0, 0.0], [0.0, 0.0, -20.0], 15), 0.5
    surface = tube(line, radius, 24)
    assert surface.is_watertight()
    assert surface.volume() == pytest.approx(np.pi * radius**2 * 20 + 4 / 3 * np.pi * radius**3, rel=0.02)
    assert surface.vertices[:, 2].min() == pytest.approx(-20.0 - radius, abs=0.02)
    last = surface.vertices[surface.vertices[:, 2] < -20.0 + 1e-9]
    np.testing.assert_allclose(np.linalg.norm(last - line[-1], axis=1), radius, atol=0.02)
