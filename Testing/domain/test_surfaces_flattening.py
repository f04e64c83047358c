"""Roots flattened where round tubes do not fit: their areas are kept, and surfaces keep apart."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import trimesh
from straight_spine import DURA_RADIUS, straight_spine
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkFiltersCore import vtkImplicitPolyDataDistance

from SpineRootLib.anatomy import DURA, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.commands import main
from SpineRootLib.surfaces import Model, ModelSettings, Surface, build_model
from SpineRootLib.surfaces.proximity import Proximity
from SpineRootLib.surfaces.root_settings import LITERATURE_RADII_MM
from SpineRootLib.surfaces.separation_settings import FlatteningSettings
from SpineRootLib.surfaces.settings import RootSettings
from SpineRootLib.surfaces.tube import tube

LEFT, NEIGHBOUR = Root("L1", "L"), Root("L2", "L")
LEVELS = ("L1", "S1")
THICK = ModelSettings(csf=False, roots=RootSettings(radius_mm=0.9))


def as_trimesh(surface: Surface) -> trimesh.Trimesh:
    return trimesh.Trimesh(surface.vertices, surface.triangles, process=False)


def side_by_side(apart: float) -> Annotation:
    """Two straight roots below each other's marks all along, so many mm from one to the other."""
    annotation = straight_spine(cord_slices=0)
    numbers = np.arange(2, 19)
    for root, sideways in ((LEFT, -apart / 2), (NEIGHBOUR, apart / 2)):
        annotation.roots[root] = annotation.planes.lift(np.tile([-2.0, sideways], (len(numbers), 1)), numbers)
    for root in list(annotation.roots):
        if root not in (LEFT, NEIGHBOUR):
            del annotation.roots[root]
    annotation.ganglia.clear()
    return annotation


@pytest.fixture(scope="module")
def pressed() -> tuple[Annotation, Model]:
    annotation = side_by_side(1.4)
    return annotation, build_model(annotation, THICK)


def section_area(annotation: Annotation, surface: Surface, number: float) -> float:
    """Of a tube cut by a slice's plane, mm2: trimesh's pieces of the outline, each a triangle with their middle."""
    planes = annotation.planes
    origin = planes.lift([[0.0, 0.0]], number)[0]
    pieces = trimesh.intersections.mesh_plane(as_trimesh(surface), planes.down, origin)
    flat = planes.flatten(pieces.reshape(-1, 3)).reshape(-1, 2, 2) - planes.flatten(pieces.reshape(-1, 3)).mean(axis=0)
    return float(np.abs(flat[:, 0, 0] * flat[:, 1, 1] - flat[:, 0, 1] * flat[:, 1, 0]).sum() / 2)


def distances(surface: Surface, places: np.ndarray) -> np.ndarray:
    """Of places from a surface as VTK has it, mm, negative inside."""
    data = vtkPolyData()
    points, cells = vtkPoints(), vtkCellArray()
    points.SetData(numpy_to_vtk(surface.vertices, deep=True))
    for triangle in surface.triangles.tolist():
        cells.InsertNextCell(3, triangle)
    data.SetPoints(points)
    data.SetPolys(cells)
    signed = vtkImplicitPolyDataDistance()
    signed.SetInput(data)
    return np.array([signed.EvaluateFunction(place) for place in places.tolist()])


def test_two_thick_roots_beside_each_other_are_flattened_and_keep_their_areas(pressed):
    """1.4 mm apart, where two round ones of 0.9 mm and the clearance need 1.91."""
    annotation, model = pressed
    assert model.report["conflicts"] == []
    for root in (LEFT, NEIGHBOUR):
        surface = model.parts[f"nerveroots_{root}"]
        for number in (6.3, 9.5, 12.4):
            assert section_area(annotation, surface, number) == pytest.approx(np.pi * 0.9**2, rel=0.03)
        said = model.report["roots"][str(root)]["sections"]
        assert said["flattened_percent"] > 90
        assert said["least_area_percent"] == pytest.approx(100, abs=0.5)


def test_flattened_roots_keep_the_clearance_and_lie_on_their_own_sides(pressed):
    _annotation, model = pressed
    one, other = (model.parts[f"nerveroots_{root}"] for root in (LEFT, NEIGHBOUR))
    assert distances(one, other.corners.mean(axis=1)).min() >= 0.05
    assert as_trimesh(one).is_watertight
    assert as_trimesh(one).volume > 0


def test_without_flattening_the_same_roots_are_conflicts(pressed):
    annotation, _model = pressed
    kept_round = replace(THICK, flattening=FlatteningSettings(flatten=False))
    assert build_model(annotation, kept_round).report["conflicts"]


def test_a_root_with_room_stays_as_round_as_it_was():
    annotation = side_by_side(4.0)
    model = build_model(annotation, THICK)
    line = model.centrelines[LEFT]
    assert np.array_equal(model.parts[f"nerveroots_{LEFT}"].vertices, tube(line, 0.9, 10).vertices)
    assert model.report["roots"][str(LEFT)]["sections"]["flattened_percent"] == 0.0


def test_a_thick_root_beside_the_wall_stays_inside_with_its_area():
    """Marks 0.75 mm inside the dura; a round root of 0.9 mm would stick out by 0.2."""
    annotation = side_by_side(4.0)
    numbers = np.arange(2, 19)
    del annotation.roots[NEIGHBOUR]
    annotation.roots[LEFT] = annotation.planes.lift(np.tile([0.75 - DURA_RADIUS, 0.0], (len(numbers), 1)), numbers)
    model = build_model(annotation, THICK)
    assert model.report["conflicts"] == []
    inside = Proximity(model.parts[DURA]).nearest(model.parts[f"nerveroots_{LEFT}"].vertices)[0]
    assert inside.max() <= -0.05
    area = section_area(annotation, model.parts[f"nerveroots_{LEFT}"], 9.5)
    assert area == pytest.approx(np.pi * 0.9**2, rel=0.05)


def test_a_root_without_room_for_its_area_is_named_with_what_it_has():
    """Between the wall, 0.45 mm beside it, and a neighbour 0.9 mm on its other side, all along."""
    annotation = side_by_side(4.0)
    numbers = np.arange(2, 19)
    for root, inside in ((LEFT, 0.45), (NEIGHBOUR, 1.35)):
        places = np.tile([inside - DURA_RADIUS, 0.0], (len(numbers), 1))
        annotation.roots[root] = annotation.planes.lift(places, numbers)
    model = build_model(annotation, replace(THICK, roots=RootSettings(radius_mm=1.4)))
    said = [finding for finding in model.findings if "of its cross-section" in finding.message]
    assert LEFT in {finding.root for finding in said}
    area = section_area(annotation, model.parts[f"nerveroots_{LEFT}"], 9.5)
    told = model.report["roots"]["L1_L"]["sections"]
    assert told["least_area_percent"] < 90
    assert told["least_area_percent"] - 5 < 100 * area / (np.pi * 1.4**2) < 95


def test_radii_of_the_literature_are_set_by_a_word_and_single_levels_override_it(tmp_path):
    """As published: S1 2.95 mm across, L5 within 2.33 to 7.71 mm2."""
    assert 2 * LITERATURE_RADII_MM["S1"] == 2.95
    assert 2.33 < np.pi * LITERATURE_RADII_MM["L5"] ** 2 < 7.71
    annotation = straight_spine()
    annotation.roots = {
        Root(segment, "L"): annotation.roots[LEFT] + [0.0, 2.5 * k, 0.0] for k, segment in enumerate(LEVELS)
    }
    annotation.ganglia.clear()
    write_annotation(tmp_path / "markers", annotation, durable=False)
    command = ["model", str(tmp_path / "markers"), "--subject", annotation.subject, "--out", str(tmp_path / "out")]
    assert main([*command, "--radius", "literature", "L1=0.4"]) == 0
    roots = json.loads((tmp_path / "out" / f"sub-{annotation.subject}_model.json").read_text())["roots"]
    assert [roots[f"{segment}_L"]["radius_mm"] for segment in LEVELS] == [0.4, 1.475]


def test_on_which_side_of_a_sharp_edge_a_place_lies_is_told_rightly():
    """A needle of a wedge: places beside its edge are outside whichever of its faces is nearest (VTK)."""
    corners = np.array([[0, 0, 0], [4, 0.2, 0], [4, -0.2, 0], [0, 0, 3], [4, 0.2, 3], [4, -0.2, 3]], dtype=float)
    solid = trimesh.convex.convex_hull(corners)
    for _ in range(2):
        solid = solid.subdivide()
    chance = np.random.default_rng(3)
    places = chance.uniform([-1, -0.6, -0.5], [4.5, 0.6, 3.5], (400, 3))
    surface = Surface(np.array(solid.vertices), np.array(solid.faces))
    signed = Proximity(surface).nearest(places)[0]
    assert np.array_equal(signed < 0, distances(surface, places) < 0)
