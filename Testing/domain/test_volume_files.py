"""Mesh files as other programs read them, and the command that writes them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from straight_spine import straight_spine
from two_boxes import CORD, CSF, filled_boxes

from SpineRootLib.annotation_files import read_annotation, write_annotation
from SpineRootLib.commands import main
from SpineRootLib.errors import DatasetError
from SpineRootLib.regions import region_of
from SpineRootLib.volume import netgen_mesher, volume_files
from SpineRootLib.volume.tetrahedra import signed_volumes
from SpineRootLib.volume.volume_files import MESH_FORMATS, write_labelled_surface, write_tetrahedra

NUMBERS = {CORD: region_of(CORD).number, CSF: region_of(CSF).number}
LPS = np.array([-1.0, -1.0, 1.0])


@pytest.fixture(scope="module")
def mesh():
    return filled_boxes()


@pytest.mark.parametrize("name", ["msh22", "msh41", "vtu", "inp", "xdmf", "med"])
def test_another_program_reads_points_regions_and_their_volumes(mesh, tmp_path, name):
    meshio = pytest.importorskip("meshio", reason="meshio is not installed")
    if name == "med":
        pytest.importorskip("h5py", reason="h5py is not installed")
    (path,) = write_tetrahedra(mesh, tmp_path, "01", [name])
    found = meshio.read(path)
    volumes, middles = {}, {}
    for rank, cells in enumerate(found.cells):
        if cells.type == "tetra":
            for region, corners in zip(_regions(found, rank), found.points[cells.data], strict=True):
                volume = float(signed_volumes(corners))
                assert volume > 0
                volumes[region] = volumes.get(region, 0.0) + volume
                middles[region] = middles.get(region, 0.0) + volume * corners.mean(axis=0)
    assert volumes == pytest.approx({CORD: 1.0, CSF: 1.0})
    # R is counted from 0 to 1 in the first box and from 1 to 2 in the second; files are in LPS
    assert middles[CORD] == pytest.approx([-0.5, -0.5, 0.5]) and middles[CSF] == pytest.approx([-1.5, -0.5, 0.5])


def _regions(found, block):
    """The name of the region of each tetrahedron of a block, as a format tells it."""
    names = {number: name for name, number in NUMBERS.items()}
    if "cell_tags" in found.cell_data:
        tags = {tag: said[0] for tag, said in found.cell_tags.items()}
        return [tags[tag] for tag in found.cell_data["cell_tags"][block].tolist()]
    for key in ("gmsh:physical", "region"):
        if key in found.cell_data:
            return [names[number] for number in found.cell_data[key][block].ravel().tolist()]
    rows = range(len(found.cells[block].data))
    return [next(name for name, sets in found.cell_sets.items() if row in sets[block]) for row in rows]


@pytest.mark.parametrize("name", ["msh22", "msh41"])
def test_gmsh_files_name_regions_and_interfaces(mesh, tmp_path, name):
    meshio = pytest.importorskip("meshio", reason="meshio is not installed")
    (path,) = write_tetrahedra(mesh, tmp_path, "01", [name])
    groups = {key: tuple(value.tolist()) for key, value in meshio.read(path).field_data.items()}
    assert {key: number for key, (number, dimension) in groups.items() if dimension == 3} == NUMBERS
    assert {key for key, (_, dimension) in groups.items() if dimension == 2} == {
        *("cord-csf", "cord-nothing", "csf-nothing")
    }


def test_the_surface_tells_front_and_back_and_seeds_lie_in_lps(mesh, tmp_path):
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkIOXML import vtkXMLPolyDataReader

    path, seeds, _meanings = write_labelled_surface(mesh.surface, tmp_path, "01")
    reader = vtkXMLPolyDataReader()
    reader.SetFileName(str(path))
    reader.Update()
    data = reader.GetOutput()
    assert data.GetFieldData().GetAbstractArray("SPACE").GetValue(0) == "LPS"
    assert np.allclose(vtk_to_numpy(data.GetPoints().GetData()), mesh.surface.vertices * LPS)
    arrays = data.GetCellData()
    assert np.array_equal(vtk_to_numpy(arrays.GetArray("front")), mesh.surface.front)
    assert np.array_equal(vtk_to_numpy(arrays.GetArray("back")), mesh.surface.back)
    rows = [line.split("\t") for line in seeds.read_text().splitlines()]
    assert rows[0] == ["index", "name", "x", "y", "z"] and [row[1] for row in rows[1:]] == [CORD, CSF]
    # the first box lies between 0 and 1 along R, hence between -1 and 0 along L
    assert -1 < float(rows[1][2]) < 0 and -2 < float(rows[2][2]) < -1


@pytest.fixture(scope="module")
def markers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("solve") / "markers"
    # short and coarse, so that filling it costs little
    write_annotation(folder, straight_spine(8, 4), durable=False)
    return folder


def call(markers, out, *words):
    coarse = ["--radius", "0.8", "--detail", "0.5"]
    return main(["mesh", str(markers), "--subject", "01", "--out", str(out), *coarse, *words])


def test_the_surface_alone_needs_no_mesher(markers, tmp_path, monkeypatch):
    pytest.importorskip("manifold3d", reason="the conforming set needs manifold3d")
    monkeypatch.setattr(netgen_mesher, "find_spec", lambda _name: None)
    assert call(markers, tmp_path / "out", "--mesher", "none") == 0
    names = {path.name for path in (tmp_path / "out").glob("*_*") if path.name.startswith("sub-")}
    tables = {f"sub-01_{name}.{ending}" for name in ("seeds", "regions") for ending in ("tsv", "json")}
    assert names == {"sub-01_interfaces.vtp", "sub-01_mesh.json", *tables}
    said = json.loads((tmp_path / "out" / "sub-01_mesh.json").read_text())
    assert said["mesh"] is None and said["regions"]["csf"]["label"] == NUMBERS[CSF]


def test_without_a_mesher_nothing_is_written_and_one_sentence_tells_what_to_install(
    markers, tmp_path, monkeypatch, capsys
):
    pytest.importorskip("manifold3d", reason="the conforming set needs manifold3d")
    monkeypatch.setattr(netgen_mesher, "find_spec", lambda _name: None)
    assert call(markers, tmp_path / "out") == 2
    assert "pip install 'spineroot[mesh]'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_unknown_format_is_refused_before_anything_is_built(markers, tmp_path, capsys):
    assert call(markers, tmp_path / "out", "--format", "vtu,stp") == 2
    assert f"'stp' is no mesh format ({', '.join(MESH_FORMATS)})" in capsys.readouterr().err


def test_a_mesh_is_written_whole_and_the_next_run_leaves_nothing_of_it(markers, tmp_path, monkeypatch):
    pytest.importorskip("netgen", reason="netgen-mesher is not installed")
    pytest.importorskip("manifold3d", reason="the conforming set needs manifold3d")
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert call(markers, tmp_path, "--format", "vtu,msh22") == 0
    said = json.loads((tmp_path / "sub-01_mesh.json").read_text())
    assert said["mesh"]["below_1_deg"] == 0 and said["mesh"]["inverted"] == 0
    for region in said["regions"].values():
        assert region["filled_mm3"] == pytest.approx(region["volume_mm3"], rel=1e-3)
    assert {"sub-01_mesh.vtu", "sub-01_mesh22.msh"} <= set(said["files"])
    assert call(markers, tmp_path, "--mesher", "none") == 0
    assert not list(tmp_path.glob("*.msh")) and not list(tmp_path.glob("*.vtu"))


def test_a_disk_that_gets_full_in_the_middle_leaves_what_was_there(markers, tmp_path, monkeypatch, capsys):
    pytest.importorskip("manifold3d", reason="the conforming set needs manifold3d")
    out, empty = tmp_path / "out", tmp_path / "empty"
    assert call(markers, out, "--mesher", "none") == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    monkeypatch.setattr("SpineRootLib.volume.mesh_report.write_text", _full)
    capsys.readouterr()
    for folder in (out, empty):
        assert call(markers, folder, "--mesher", "none", "--smoothing", "0", "--quiet") == 2
        assert capsys.readouterr().err == f"spineroot mesh: {folder}: cannot be written (No space left on device)\n"
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert not empty.exists()


def _full(*_arguments):
    raise OSError(28, "No space left on device")


def test_a_mesh_that_does_not_fit_on_the_disk_is_not_there_by_half(mesh, tmp_path, monkeypatch):
    monkeypatch.setattr("SpineRootLib.volume.volume_files.gmsh_41", _full)
    monkeypatch.setitem(MESH_FORMATS, "msh41", (".msh", volume_files._write_gmsh(_full)))
    with pytest.raises(DatasetError, match=r"sub-01_mesh.msh: cannot be written \(No space left on device\)"):
        write_tetrahedra(mesh, tmp_path, "01", ["msh41"])
    assert not list(tmp_path.iterdir())


def test_without_a_cord_no_mesh_is_made(markers, tmp_path, capsys):
    annotation = read_annotation(markers, "01")
    annotation.contours[CORD] = []
    write_annotation(tmp_path / "no-cord", annotation, durable=False)
    assert call(tmp_path / "no-cord", tmp_path / "out", "--mesher", "none") == 2
    sentence = "sub-01 has no contour of the cord, without which there is no model to solve"
    assert capsys.readouterr().err == f"spineroot mesh: {sentence}\n"
    assert not (tmp_path / "out").exists()


def test_half_of_the_roots_and_a_missing_ganglion_are_named_and_the_rest_is_filled(markers, tmp_path, capsys):
    pytest.importorskip("manifold3d", reason="the conforming set needs manifold3d")
    annotation = read_annotation(markers, "01")
    annotation.roots = {root: line for root, line in annotation.roots.items() if root.side == "L"}
    annotation.ganglia = {}
    write_annotation(tmp_path / "left", annotation, durable=False)
    assert call(tmp_path / "left", tmp_path / "out", "--mesher", "none") == 0
    said = capsys.readouterr().out
    assert "no root L1_R" in said and "no ganglion L1_L" in said
    regions = json.loads((tmp_path / "out" / "sub-01_mesh.json").read_text())["regions"]
    assert {"cord", "csf", "nerveroots_L1_L"} <= set(regions) and "nerveroots_L1_R" not in regions
