"""The interfaces of conforming regions as a volume mesher wants them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from straight_spine import straight_spine
from vtkmodules.vtkCommonCore import mutable
from vtkmodules.vtkCommonDataModel import vtkStaticCellLocator

from SpineRootLib.annotation_files import read_annotation
from SpineRootLib.phantom import AnnotatorSettings, PhantomSettings, make_truth, simulate_annotator
from SpineRootLib.surfaces import Model, ModelSettings, Surface, build_model, conforming
from SpineRootLib.surfaces.files import poly_data
from SpineRootLib.surfaces.interface_cleaning import Cleaning
from SpineRootLib.surfaces.report import write_report
from SpineRootLib.surfaces.settings import WallEndSettings
from SpineRootLib.surfaces.tube import tube, without_needles

PHANTOM = "phantom"


@pytest.fixture(scope="module", params=["straight", PHANTOM, "real"])
def cut_and_clean(request) -> tuple[dict[str, Surface], Model]:
    """The regions as the booleans left them, and the model with those that are written."""
    if request.param == "straight":
        annotation = straight_spine()
    elif request.param == PHANTOM:
        annotation = simulate_annotator(make_truth(PhantomSettings(), 2).annotation, AnnotatorSettings(), 2, "A")
        annotation.roots = {root: line for root, line in annotation.roots.items() if root.segment in ("L5", "S1")}
    else:
        annotation = read_annotation(request.getfixturevalue("sub03") / "markers", "03")
    as_cut: dict[str, Surface] = {}
    with pytest.MonkeyPatch.context() as patch:
        before = conforming._cleaned

        def watched(vertices, assembled, found, settings):
            as_cut.update(found)
            return before(vertices, assembled, found, settings)

        patch.setattr(conforming, "_cleaned", watched)
        model = build_model(annotation, ModelSettings(csf=False, conforming=True))
    return as_cut, model


def angles(surface: Surface) -> np.ndarray:
    """All angles of all triangles, degrees, by the law of cosines."""
    a, b, c = (
        np.linalg.norm(np.diff(surface.corners[:, [i, j]], axis=1)[:, 0], axis=1) for i, j in ((1, 2), (0, 2), (0, 1))
    )
    cosines = [(y * y + z * z - x * x) / (2 * y * z) for x, y, z in ((a, b, c), (b, c, a), (c, a, b))]
    return np.degrees(np.arccos(np.clip(cosines, -1.0, 1.0)))


def edges(surface: Surface) -> np.ndarray:
    return np.linalg.norm(surface.corners - np.roll(surface.corners, 1, axis=1), axis=2)


def keys(surface: Surface) -> np.ndarray:
    """What tells each triangle from all others, (m,), whichever corner it begins with."""
    corners = surface.corners
    first = np.lexsort(corners.transpose(2, 0, 1)[::-1], axis=-1)[:, 0]
    turned = corners[np.arange(len(corners))[:, None], (first[:, None] + np.arange(3)) % 3]
    return np.ascontiguousarray(turned.reshape(-1, 9)).view("V72").ravel()


def farthest(one: Surface, other: Surface) -> float:
    """From the vertices, edges' middles and triangles' middles of one surface to another, at most, mm.

    What both have, lies at 0.
    """
    corners = one.corners[~np.isin(keys(one), keys(other))]
    points = np.concatenate(
        [corners.reshape(-1, 3), corners.mean(axis=1), ((corners + np.roll(corners, 1, axis=1)) / 2).reshape(-1, 3)]
    )
    data = poly_data(other)
    locator = vtkStaticCellLocator()
    locator.SetDataSet(data)
    locator.BuildLocator()
    place, cell, part, square, worst = [0.0] * 3, mutable(0), mutable(0), mutable(0.0), 0.0
    for point in (np.unique(points, axis=0) * [-1.0, -1.0, 1.0]).tolist():
        locator.FindClosestPoint(point, place, cell, part, square)
        worst = max(worst, float(square))
    return float(np.sqrt(worst))


def test_booleans_alone_leave_slivers(cut_and_clean):
    """Or nothing below shows anything."""
    as_cut, _ = cut_and_clean
    assert min(angles(surface).min() for surface in as_cut.values()) < 1.0


def test_no_angle_is_below_5_degrees_and_no_edge_below_30_micrometres(cut_and_clean):
    _, model = cut_and_clean
    for name, surface in model.regions.items():
        assert angles(surface).min() >= 5.0 - 1e-9, name
        assert edges(surface).min() >= 0.03 - 1e-9, name
    assert not [finding.message for finding in model.findings if "slivers" in finding.message]


def test_a_sliver_that_nothing_could_mend_is_said(monkeypatch):
    monkeypatch.setattr(Cleaning, "run", lambda _cleaning: None)
    model = build_model(straight_spine(), ModelSettings(csf=False, conforming=True))
    said = [finding.message for finding in model.findings if "slivers" in finding.message]
    for name, surface in model.regions.items():
        sharp = (angles(surface).min(axis=0) < 5.0) | (edges(surface).min(axis=1) < 0.03)
        assert any(f"region {name}:" in message for message in said) == sharp.any()
    assert said


def test_a_thin_root_of_few_rings_gets_more_of_them_where_its_triangles_were_needles():
    rough = tube(np.column_stack([np.zeros((3, 2)), [0.0, 3.0, 6.0]]), 0.3, 8)
    fine = without_needles(rough, 8, 6.0)
    assert angles(rough).min() < 5.0 < angles(fine).min()
    assert fine.is_watertight() and fine.components() == 1
    assert fine.volume() == pytest.approx(rough.volume(), rel=5e-3)
    assert farthest(fine, rough) < 0.03
    assert without_needles(fine, 8, 6.0).triangles.shape == fine.triangles.shape


def test_regions_keep_their_place_their_volume_and_their_pieces(cut_and_clean):
    as_cut, model = cut_and_clean
    assert list(model.regions) == list(as_cut)
    for name, surface in model.regions.items():
        assert surface.volume() == pytest.approx(as_cut[name].volume(), rel=1e-3), name
        assert surface.is_watertight()
        assert surface.components() == as_cut[name].components()
        assert farthest(surface, as_cut[name]) <= 0.03, name
        assert farthest(as_cut[name], surface) <= 0.03, name


def test_each_triangle_is_in_two_regions_turned_round_or_on_the_outside_of_all(cut_and_clean):
    _, model = cut_and_clean
    own = np.concatenate([keys(surface) for surface in model.regions.values()])
    turned = np.concatenate([keys(Surface(each.vertices, each.triangles[:, ::-1])) for each in model.regions.values()])
    assert len(np.unique(own)) == len(own)
    # those without a partner are the outside of all: together they close
    alone = ~np.isin(own, turned)
    assert alone.any() and not alone.all()
    corners = np.concatenate([surface.corners for surface in model.regions.values()])[alone]
    vertices, triangles = np.unique(corners.reshape(-1, 3), axis=0, return_inverse=True)
    assert Surface(vertices, triangles.reshape(-1, 3)).is_watertight()


def sharpest_wedge(surface: Surface) -> float:
    """The smallest angle between two triangles that share an edge, as seen from the edge; degrees."""
    apex = {(row[k - 2], row[k - 1]): row[k] for row in surface.triangles.tolist() for k in range(3)}
    edges_once = [(a, b, apex[a, b], apex[b, a]) for a, b in apex if a < b]
    start, end, one, other = surface.vertices[edges_once].transpose(1, 0, 2)
    away, aside = np.cross(end - start, one - start), np.cross(end - start, other - start)
    size = np.linalg.norm(away, axis=1) * np.linalg.norm(aside, axis=1)
    return float(np.degrees(np.arccos(np.clip(np.einsum("ij,ij->i", away, aside) / size, -1, 1))).min())


def test_cleaning_folds_no_triangle_onto_its_neighbour_where_a_root_grazes_the_wall(sub03: Path):
    annotation = read_annotation(sub03 / "markers", "03")
    annotation.roots = {root: line for root, line in annotation.roots.items() if str(root) in ("L4_R", "L5_R")}
    settings = ModelSettings(csf=False, conforming=True, ends=WallEndSettings("flat", "continued"))
    for surface in build_model(annotation, settings).regions.values():
        assert sharpest_wedge(surface) > 5


def test_the_report_says_the_smallest_angle_and_the_shortest_edge(cut_and_clean, tmp_path: Path):
    _, model = cut_and_clean
    report = json.loads(write_report(model, tmp_path, [], []).read_text())
    for name, region in report["regions"].items():
        assert region["min_angle_deg"] == pytest.approx(angles(model.regions[name]).min(), abs=1e-3)
        assert region["shortest_edge_mm"] == pytest.approx(edges(model.regions[name]).min(), abs=1e-4)


def test_a_set_that_would_fall_apart_is_left_as_it_was_cut(monkeypatch):
    """A step that takes a triangle away and puts none in its place."""

    def broken(self: Cleaning) -> None:
        self.interfaces.replace({0}, [])

    monkeypatch.setattr(Cleaning, "run", broken)
    regions = build_model(straight_spine(), ModelSettings(csf=False, conforming=True)).regions
    assert all(surface.is_watertight() for surface in regions.values())
