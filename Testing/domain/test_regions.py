"""The numbers of regions, and what their tissues conduct."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh
from straight_spine import DURA_RADIUS, straight_spine

from SpineRootLib.anatomy import SPINAL_SEGMENTS, Root, all_roots
from SpineRootLib.labels import label_map
from SpineRootLib.regions import region_of, root_region, rows
from SpineRootLib.surfaces import ModelSettings, build_model, write_model
from SpineRootLib.surfaces.files import MODELLED
from SpineRootLib.tables import read_table

L1_L, L1_R = Root("L1", "L"), Root("L1", "R")


@pytest.fixture(scope="module")
def conforming():
    return build_model(straight_spine(), ModelSettings(csf=False, conforming=True))


def test_every_region_that_there_can_be_has_a_number_of_its_own_in_a_byte():
    roots = all_roots(SPINAL_SEGMENTS)
    regions = [
        region_of("cord"),
        region_of("csf"),
        *(root_region(root, out) for root in roots for out in (False, True)),
    ]
    numbers = [region.number for region in regions]
    assert len(set(numbers)) == len(numbers) == 2 + 2 * 2 * len(SPINAL_SEGMENTS)
    assert (min(numbers), max(numbers)) == (1, 173)
    assert [region_of(region.part) for region in regions] == regions


def test_the_numbers_that_others_rely_on_are_these():
    """They stand in people's files and scripts: never change them."""
    known = {"cord": 1, "csf": 2, "nerveroots_L1_L": 52, "nerveroots_S2_R": 67, "nerveroots_L1_L_outside": 152}
    assert {part: region_of(part).number for part in known} == known


def test_deleting_a_root_shifts_no_number(conforming):
    spine = straight_spine()
    del spine.roots[L1_L]
    less = build_model(spine, ModelSettings(csf=False, conforming=True)).report["labels"]
    assert "nerveroots_L1_L" not in less
    assert less.items() <= conforming.report["labels"].items()


def test_label_map_and_conforming_set_number_alike_and_part_roots_at_the_dura(conforming):
    from test_labels import ciss

    labels = set(np.unique(label_map(ciss(), straight_spine())).tolist()) - {0}
    assert labels <= set(conforming.report["labels"].values())
    assert {root_region(root).number for root in (L1_L, L1_R)} <= labels


def test_a_voxel_of_a_root_beyond_the_dura_has_the_number_of_outside():
    from test_labels import ciss

    spine = straight_spine()
    middle = spine.contours["dura"][0].points.mean(axis=0)
    spine.roots[L1_L][:, 0] = middle[0] - DURA_RADIUS - 0.5  # beside the sac
    labels = label_map(ciss(), spine)
    assert np.any(labels == root_region(L1_L, beyond=True).number)
    assert not np.any(labels == root_region(L1_L).number)


def test_the_table_tells_tissue_conductivity_and_what_was_modelled(conforming, tmp_path: Path):
    files = write_model(conforming, tmp_path)
    assert [path.name for path in files[-2:]] == ["sub-01_regions.tsv", "sub-01_regions.json"]
    table = {row["abbreviation"]: row for row in read_table(files[-2])}
    assert [int(row["index"]) for row in table.values()] == sorted(conforming.report["labels"].values())
    assert (table["SC"]["along_S_per_m"], table["SC"]["across_S_per_m"]) == ("0.6", "0.083")
    assert (table["CSF"]["origin"], table["CSF"]["tissue"]) == ("measured", "cerebrospinal fluid")
    assert float(table["L1_L_out"]["modelled_percent"]) > 95, "nobody annotated it beyond the scan"
    assert float(table["L1_L"]["modelled_percent"]) < 5
    for row in table.values():
        for way in ("along", "across"):
            ends = [float(end) for end in row[f"{way}_range"].split("-")]
            assert ends[0] <= float(row[f"{way}_S_per_m"]) <= ends[-1]
        assert row["source"] != "n/a"
        assert row["range_source"] != "n/a"


def test_any_other_name_is_no_region():
    with pytest.raises(KeyError):
        region_of("liver")
    assert rows({}) == []


def test_points_of_a_surface_say_whether_they_were_modelled(conforming, tmp_path: Path):
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkIOXML import vtkXMLPolyDataReader

    write_model(conforming, tmp_path)
    found = {}
    for part in ("dura", "nerveroots_L1_L"):
        reader = vtkXMLPolyDataReader()
        reader.SetFileName(str(tmp_path / f"sub-01_{part}.vtp"))
        reader.Update()
        data = reader.GetOutput()
        found[part] = vtk_to_numpy(data.GetPoints().GetData()), vtk_to_numpy(data.GetPointData().GetArray(MODELLED))
    assert not found["dura"][1].any()
    points, modelled = found["nerveroots_L1_L"]
    last = straight_spine().roots[L1_L][:, 2].min()
    assert np.all(points[modelled == 1, 2] < last + 1.5)
    assert np.all(points[modelled == 0, 2] > last - 1.5)
    assert set(np.unique(modelled)) == {0, 1}


def test_ply_and_obj_say_it_too(conforming, tmp_path: Path):
    """Read by hand and by trimesh: a property of the vertices of PLY, a group of the faces of OBJ."""
    write_model(conforming, tmp_path, ["ply", "obj"])
    surface = conforming.parts["nerveroots_L1_L"]
    last = straight_spine().roots[L1_L][:, 2].min()
    ply = trimesh.load(tmp_path / "sub-01_nerveroots_L1_L.ply", process=False)
    modelled = ply.metadata["_ply_raw"]["vertex"]["data"]["modelled"].astype(bool).ravel()
    assert np.allclose(ply.vertices * [-1, -1, 1], surface.vertices, atol=1e-4)
    assert np.array_equal(ply.faces, surface.triangles)
    assert surface.vertices[modelled, 2].max() < last + 1.5
    assert surface.vertices[~modelled, 2].min() > last - 1.5
    groups: dict[str, list[int]] = {}
    for line in (tmp_path / "sub-01_nerveroots_L1_L.obj").read_text().splitlines():
        if line.startswith("g "):
            corners = groups.setdefault(line[2:], [])
        elif line.startswith("f "):
            corners += [int(word) - 1 for word in line.split()[1:]]
    assert set(groups) == {"traced", "modelled"}
    assert sum(map(len, groups.values())) == surface.triangles.size
    assert modelled[groups["modelled"]].all()
    assert "\ng " not in (tmp_path / "sub-01_dura.obj").read_text(), "all of it was traced"
