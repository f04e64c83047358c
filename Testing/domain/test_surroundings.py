"""What lies around the dura and within the cord, and a lead: modelled, cut with the rest, and said to be so."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from outcomes import refused
from straight_spine import CORD_RADIUS, DURA_RADIUS, circle, straight_spine

from SpineRootLib.anatomy import CORD
from SpineRootLib.curves import distance_to_line
from SpineRootLib.errors import GeometryError, SpineRootError
from SpineRootLib.findings import Severity
from SpineRootLib.leads import known_leads, read_lead
from SpineRootLib.regions import region_of
from SpineRootLib.surfaces import ModelSettings, build_model
from SpineRootLib.surfaces.files import write_regions_table
from SpineRootLib.surfaces.lead_surfaces import DorsalSheet, placed_lead
from SpineRootLib.surfaces.rings import RingStack
from SpineRootLib.surfaces.settings import MeshSettings, WallEndSettings
from SpineRootLib.surfaces.surroundings import SurroundingsBuilder
from SpineRootLib.surfaces.surroundings_settings import LeadPlacement, LeadSettings, SurroundingsSettings
from SpineRootLib.surfaces.walls import WallBuilder
from SpineRootLib.tables import read_table
from SpineRootLib.volume.contact_files import write_contacts
from SpineRootLib.volume.labelled_surface import welded

THICK_MM = 0.5
SMALL = {
    "name": "small",
    "kind": "paddle",
    "length_mm": 16.0,
    "width_mm": 8.0,
    "thickness_mm": 1.5,
    "contact_length_mm": 3.0,
    "contact_width_mm": 2.0,
    "columns": [{"across_mm": 2.0, "along_mm": [-4.0, 4.0]}],
    "source": "none: made up",
}


def spine():
    """Its root leaves the cord in the middle of the model."""
    annotation = straight_spine(60, 45, 1.0)
    annotation.roots = {root: points[26:] for root, points in annotation.roots.items()}
    return annotation


def file_of(folder, **changes):
    path = folder / "small.json"
    path.write_text(json.dumps({**SMALL, **changes}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    lead = read_lead(str(file_of(tmp_path_factory.mktemp("lead"))))
    around = SurroundingsSettings(dura_mm=THICK_MM, lead=LeadPlacement(lead, "L1", lateral_mm=1.0))
    return build_model(spine(), ModelSettings(csf=False, conforming=True, surroundings=around))


@pytest.fixture(scope="module")
def surface(model):
    return welded(model.regions)


def test_all_of_the_back_is_filled_once(model, surface):
    whole = np.pi * SurroundingsSettings().back_radius_mm ** 2
    outer = surface.triangles[surface.front == 0]
    height = np.ptp(surface.vertices[np.unique(outer)] @ spine().require_planes().down)
    volumes = sum(each.volume() for each in model.regions.values())
    assert volumes == pytest.approx(whole * height, rel=0.01)
    assert all(each.is_watertight() for each in model.regions.values())


def test_the_dura_is_a_shell_as_thick_as_was_asked_for(model):
    planes = spine().require_planes()
    dura = model.regions["dura"].vertices
    from_axis = np.linalg.norm(planes.flatten(dura) - planes.flatten(planes.origin[None]), axis=1)
    depth = planes.depth(dura)
    side = (depth > 2) & (depth < 50)
    inner, outer = from_axis[side & (from_axis < DURA_RADIUS + 0.2)], from_axis[side & (from_axis > DURA_RADIUS + 0.3)]
    assert np.abs(inner - DURA_RADIUS).max() < 0.08
    assert np.abs(outer - DURA_RADIUS - THICK_MM).max() < 0.08


def test_each_interface_has_its_name(surface):
    names = set(surface.interfaces())
    expected = {"csf-dura", "dura-fat", "fat-back", "back-nothing", "cord-grey", "fat-lead", "fat-contact_1"}
    assert expected | {"lead-contact_1", "dura-nerveroots_L1_L_outside"} <= names
    assert not {"csf-nothing", "csf-fat", "dura-lead", "cord-fat", "csf-lead"} & names


def test_a_root_passes_dura_and_fat_as_a_region_of_its_own(surface):
    at_root = {name for name in surface.interfaces() if "nerveroots_L1_L_outside" in name}
    assert {f"{name}-nerveroots_L1_L_outside" for name in ("dura", "fat", "back", "nerveroots_L1_L")} <= at_root


def test_grey_matter_is_a_butterfly_within_the_cord(model):
    planes = spine().require_planes()
    grey = planes.flatten(model.regions["grey"].vertices) - planes.flatten(planes.origin[None])
    assert np.linalg.norm(grey, axis=1).max() < 0.85 * CORD_RADIUS
    assert grey.mean(axis=0) == pytest.approx([0, 0], abs=0.5)
    level = grey[np.abs(grey[:, 0]) < 0.3]  # between the horns
    assert np.abs(level[:, 1]).max() < np.abs(grey[:, 1]).max() - 0.5


def grey_of(radius_on):
    """Builder of what lies around a cord whose radius on each slice is told."""
    annotation = straight_spine(40, 30, 1.0)
    for number, contour in enumerate(annotation.contours[CORD], start=1):
        ring = annotation.require_planes().lift(circle(radius_on(number)), number)
        annotation.contours[CORD][number - 1] = replace(contour, points=ring)
    walls = WallBuilder(annotation, ModelSettings(), []).build()
    around = SurroundingsSettings(detail=1.0)
    return SurroundingsBuilder(walls, annotation.require_planes(), WallEndSettings(), False, MeshSettings(), {}, around)


def test_one_thin_contour_at_the_top_does_not_take_all_grey_matter_away():
    thin_above = grey_of(lambda number: 1.2 if number < 3 else 4.0)
    lies = thin_above.report()["grey_matter"]
    assert 3 <= lies["from_slice"] <= 6 and lies["to_slice"] == 29
    grey = thin_above.around(None).grey
    assert np.ptp(spine().require_planes().depth(grey.vertices)) > 20.0
    assert "grey matter lies on slices" in thin_above.grey_left_out()[1]


def test_grey_matter_lies_in_the_longest_thick_part_of_the_cord():
    lies = grey_of(lambda number: 1.0 if 8 <= number <= 12 else 4.0).report()["grey_matter"]
    assert 12 < lies["from_slice"] <= 15 and lies["to_slice"] == 29


def test_that_grey_matter_is_left_out_is_told_and_that_it_is_whole_is_not():
    thin, thick = grey_of(lambda _number: 1.2), grey_of(lambda _number: 4.0)
    assert thin.around(None).grey is None and thin.report()["grey_matter"] is None
    severity, sentence = thin.grey_left_out()
    assert (severity, "left out" in sentence) == (Severity.WARNING, True)
    assert thick.grey_left_out() is None


def test_a_lead_lies_on_the_back_of_the_dura_bent_as_that_is(model):
    planes, settings = spine().require_planes(), LeadSettings()
    body = model.regions["lead"].vertices
    flat = planes.flatten(body) - planes.flatten(planes.origin[None])
    from_axis = np.linalg.norm(flat, axis=1)
    bottom = DURA_RADIUS + THICK_MM + settings.gap_mm
    assert from_axis.min() == pytest.approx(bottom, abs=0.1)
    assert from_axis.max() == pytest.approx(bottom + SMALL["thickness_mm"], abs=0.15)
    assert (flat[:, 1] < 0).all()
    aside = -np.degrees(np.arctan2(flat[:, 0], -flat[:, 1]))  # to the left
    assert np.radians(np.ptp(aside)) * bottom == pytest.approx(SMALL["width_mm"], abs=0.3)
    assert np.radians((aside.max() + aside.min()) / 2) * bottom == pytest.approx(1.0, abs=0.1)
    start = np.mean([nodes[0] for nodes in model.centrelines.values()], axis=0)
    depth = planes.depth(body)
    assert (depth.max() + depth.min()) / 2 == pytest.approx(planes.depth(start[None])[0], abs=0.05)


def test_contacts_are_told_with_their_place_and_the_area_that_touches_tissue(model, tmp_path):
    rows = read_table(write_contacts(model, tmp_path)[0])
    assert [row["name"] for row in rows] == ["contact_1", "contact_2"]
    assert [int(row["index"]) for row in rows] == [region_of(f"contact_{n}").number for n in (1, 2)]
    planes, above = spine().require_planes(), LeadSettings().above_mm
    places = np.array([[-float(row["x"]), -float(row["y"]), float(row["z"])] for row in rows])
    depth = planes.depth(places)
    assert depth[1] - depth[0] == pytest.approx(8.0)
    for row, place in zip(rows, places, strict=True):
        surface = model.regions[row["name"]]
        assert np.linalg.norm(surface.vertices - place, axis=1).min() < 1.0
        assert float(row["area_mm2"]) == pytest.approx(3 * 2 + above * 10, rel=0.05)
        assert float(row["nominal_area_mm2"]) == pytest.approx(3 * 2)


def test_all_that_was_added_is_said_to_be_modelled(model, tmp_path):
    rows = {row["index"]: row for row in read_table(write_regions_table(model, tmp_path)[0])}
    for part in ("dura", "fat", "back", "grey", "lead", "contact_1"):
        row = rows[str(region_of(part).number)]
        assert (row["origin"], float(row["modelled_percent"])) == ("modelled", 100.0)
    assert rows[str(region_of("cord").number)]["origin"] == "measured"
    assert model.report["surroundings"]["lead"]["name"] == "small"
    lies = model.report["surroundings"]["grey_matter"]
    # 45 slices of cord, without 1 mm at both ends, in steps of two
    assert (lies["from_slice"], lies["to_slice"]) == pytest.approx((2, 44), abs=1)


def test_a_round_lead_has_rings_about_a_core():
    lead = replace(read_lead("cylinder-8"), length_mm=20.0, contacts=((-5.0, 0.0), (5.0, 0.0)))
    around = SurroundingsSettings(grey=None, lead=LeadPlacement(lead, "L1"))
    regions = build_model(spine(), ModelSettings(csf=False, conforming=True, surroundings=around)).regions
    assert regions["lead"].components() == 1
    middle = regions["lead"].vertices.mean(axis=0)
    along = middle + np.outer([-30.0, 30.0], spine().require_planes().down)
    from_core = distance_to_line(regions["contact_1"].vertices, along)
    settings, radius = LeadSettings(), lead.thickness_mm / 2
    assert from_core.max() == pytest.approx(radius + settings.above_mm, abs=0.08)
    assert from_core.min() == pytest.approx(radius - settings.below_mm, abs=0.08)


def test_a_lead_turned_against_the_clock_has_its_upper_end_on_the_left(tmp_path):
    planes = spine().require_planes()
    stack = RingStack(np.arange(1.0, 61.0), np.repeat(circle(8.5, 180)[None], 60, axis=0))
    lead = read_lead(str(file_of(tmp_path, length_mm=12.0, columns=[{"across_mm": 0.0, "along_mm": [-4.0, 4.0]}])))
    middles = {}
    for turn in (0.0, 90.0):
        place = LeadPlacement(lead, "L1", rotate_deg=turn)
        upper, lower = placed_lead(place, 30.0, DorsalSheet(stack, planes, LeadSettings())).middles
        middles[turn] = planes.depth(np.array([upper, lower])), upper[0] - lower[0]
    assert middles[0.0][0] == pytest.approx([26.0, 34.0]) and middles[0.0][1] == pytest.approx(0.0, abs=1e-6)
    assert middles[90.0][0] == pytest.approx([30.0, 30.0])
    assert middles[90.0][1] < -6  # to the left, in RAS


def placed(lead, level="L1", lateral=0.0, rotate=0.0):
    around = SurroundingsSettings(grey=None, lead=LeadPlacement(lead, level, lateral, rotate))
    return build_model(spine(), ModelSettings(csf=False, conforming=True, surroundings=around))


@pytest.mark.parametrize(
    ("changes", "placing", "sentence"),
    [
        ({"length_mm": 100.0}, {}, "longer than the model"),
        ({"length_mm": 58.0}, {}, "beyond the dura of the model"),
        ({}, {"lateral": 20.0}, "outside the sac's reach"),
        ({}, {"level": "L3"}, "no root L3"),
    ],
)
def test_a_lead_that_does_not_fit_is_refused_in_one_sentence(tmp_path, changes, placing, sentence):
    lead = read_lead(str(file_of(tmp_path, **changes)))
    with pytest.raises(GeometryError, match=sentence):
        placed(lead, **placing)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": "cuff"}, "its kind must be"),
        ({"width_mm": -8.0}, "width_mm must be a length"),
        ({"thickness_mm": "thin"}, "thickness_mm must be a length"),
        ({"columns": []}, "0 contacts"),
        ({"columns": [{"across_mm": 2.0}]}, "columns must be a list"),
        ({"columns": [{"across_mm": 3.5, "along_mm": [0.0]}]}, "contact 1 does not lie on its body"),
        ({"columns": [{"across_mm": 0.0, "along_mm": [0.0, 2.0]}]}, "contacts 1 and 2 touch"),
    ],
)
def test_a_file_that_describes_no_lead_is_refused_with_its_name(tmp_path, changes, sentence):
    with pytest.raises(SpineRootError, match=f"{sentence}.*") as caught:
        read_lead(str(file_of(tmp_path, **changes)))
    assert "small.json" in str(caught.value)


def test_a_file_nested_without_end_is_refused_as_any_other_that_is_no_lead(tmp_path):
    (tmp_path / "deep.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(SpineRootError, match="deep.json.*is no JSON"):
        read_lead(str(tmp_path / "deep.json"))


def test_the_nominal_area_of_a_ring_is_that_around_the_lead():
    assert read_lead("specify-5-6-5").contact_area_mm2 == pytest.approx(4.0 * 1.5)
    assert read_lead("cylinder-8").contact_area_mm2 == pytest.approx(np.pi * 1.3 * 3.0)


def test_the_leads_of_the_package_say_where_their_sizes_are_from():
    assert known_leads() == ["cylinder-8", "specify-5-6-5"]
    leads = {name: read_lead(name) for name in known_leads()}
    assert {name: len(lead.contacts) for name, lead in leads.items()} == {"cylinder-8": 8, "specify-5-6-5": 16}
    assert all(lead.name == name and len(lead.source) > 20 for name, lead in leads.items())


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--lead", "cuff", "--at", "L1"], "'cuff' is no lead (cylinder-8, specify-5-6-5, or a file FILE.json)"),
        (["--lead", "specify-5-6-5"], "--lead needs the level"),
        (["--at", "L1"], "--at places a lead: name it with --lead"),
        (["--lead", "nowhere.json", "--at", "L1"], "cannot be read as a lead"),
    ],
)
def test_options_of_a_lead_that_say_too_little_are_refused(tmp_path, capsys, options, sentence):
    (tmp_path / "markers").mkdir()
    command = ["mesh", str(tmp_path / "markers"), "--subject", "01", "--out", str(tmp_path / "out"), *options]
    assert sentence in refused(capsys, *command)
