"""Tetrahedra: their quality, the repair of flat ones, and filling by Netgen where it is installed."""

from __future__ import annotations

import numpy as np
import pytest
from straight_spine import straight_spine
from two_boxes import CORD, filled_boxes, two_boxes

from SpineRootLib.errors import GeometryError, MissingExtraError
from SpineRootLib.surfaces import ModelSettings, build_model
from SpineRootLib.surfaces.settings import MeshSettings, RootSettings
from SpineRootLib.volume import netgen_mesher
from SpineRootLib.volume.labelled_surface import welded
from SpineRootLib.volume.netgen_mesher import fill
from SpineRootLib.volume.settings import MeshingSettings, RepairSettings
from SpineRootLib.volume.sliver_repair import repaired
from SpineRootLib.volume.tetrahedra import signed_volumes, smallest_angles

# the fourth corner lies where the first three turn left
REGULAR = np.array([[1.0, -1, -1], [1, 1, 1], [-1, 1, -1], [-1, -1, 1]])


def faces_of(tetrahedra):
    """All faces, the corners of each in order, and how many tetrahedra have each."""
    faces = np.sort(tetrahedra[:, [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]].reshape(-1, 3), axis=1)
    return np.unique(faces, axis=0, return_counts=True)


def test_angles_and_volume_of_a_regular_tetrahedron():
    between_faces = np.degrees(np.arccos(1 / 3))
    assert smallest_angles(REGULAR) == pytest.approx(between_faces)
    assert signed_volumes(REGULAR) == pytest.approx(8 / 3)


def test_a_tetrahedron_turned_inside_out_has_volume_and_angle_below_zero():
    turned = REGULAR[[1, 0, 2, 3]]
    assert signed_volumes(turned) == pytest.approx(-8 / 3)
    assert smallest_angles(turned) == pytest.approx(-np.degrees(np.arccos(1 / 3)))


def test_a_mesh_counts_what_is_flat_and_what_is_inverted():
    mesh = filled_boxes()
    said = mesh.quality()
    assert said["tetrahedra"] == 24 and said["inverted"] == 0 and said["below_1_deg"] == 0
    assert mesh.volumes().sum() == pytest.approx(2.0)
    points = mesh.points.copy()
    points[-1] = points[-1] + [0, 0, 0.499]
    squeezed = type(mesh)(points, mesh.tetrahedra, mesh.region, mesh.surface)
    assert squeezed.quality()["below_1_deg"] == 2
    points[-1] = points[-1] + [0, 0, 0.1]
    assert type(mesh)(points, mesh.tetrahedra, mesh.region, mesh.surface).quality()["inverted"] == 2


@pytest.mark.parametrize("height", [0.4999, 0.4])
def test_a_flat_tetrahedron_is_replaced_and_the_surface_stays(height):
    mesh = filled_boxes()
    points = mesh.points.copy()
    points[-1] = points[-1] + [0, 0, height]  # the middle of the second box close to its top
    fixed = len(mesh.surface.vertices)
    before = signed_volumes(points[mesh.tetrahedra])
    assert smallest_angles(points[mesh.tetrahedra]).min() < 15
    found, tetrahedra = repaired(points, mesh.tetrahedra, fixed, RepairSettings(least_deg=15.0))
    assert smallest_angles(found[tetrahedra]).min() > 15
    assert signed_volumes(found[tetrahedra]).sum() == pytest.approx(before.sum())
    assert np.array_equal(found[:fixed], points[:fixed])
    (faces, count), (faces_before, count_before) = faces_of(tetrahedra), faces_of(mesh.tetrahedra)
    assert count.max() == 2
    assert np.array_equal(faces[count == 1], faces_before[count_before == 1])


# a square with its two diagonals as opposite edges, nearly in one plane
FLAT = np.array([[1.0, 0, 0], [-1, 0, 0], [0, 1, 0.003], [0, -1, 0.003]])


def around_flat(tips):
    """The flat tetrahedron and one on each of its faces, to the tip that lies farthest out from it; all corners."""
    points = np.concatenate([FLAT, tips])
    core = np.array([1, 0, 2, 3])
    rows = [core]
    for face in ((1, 2, 3), (0, 3, 2), (0, 1, 3), (0, 2, 1)):
        a, b, c = points[core[list(face)]]
        rows.append([*core[list(face)], 4 + int(np.argmax((tips - a) @ np.cross(b - a, c - a)))])
    tetrahedra = np.array(rows)
    assert (signed_volumes(points[tetrahedra]) > 0).all()
    assert smallest_angles(points[tetrahedra]).min() < 1
    return points, tetrahedra


def test_a_flat_tetrahedron_between_vertices_of_the_surface_is_replaced():
    points, tetrahedra = around_flat(np.array([[0.0, 0, 1], [0, 0, -1]]))
    found, replaced = repaired(points, tetrahedra, len(points), RepairSettings())
    assert smallest_angles(found[replaced]).min() > 3
    assert signed_volumes(found[replaced]).sum() == pytest.approx(signed_volumes(points[tetrahedra]).sum())
    assert np.array_equal(found[: len(points)], points)


def test_a_flat_tetrahedron_stays_where_no_vertex_would_help():
    # between two tips on the same side is a gap: only from within the flat one are all faces seen
    points, tetrahedra = around_flat(
        np.array([[0.6, 0.6, 1.2], [-0.6, 0.6, -1.2], [0.6, -0.6, -1.2], [-0.6, -0.6, 1.2]])
    )
    found, kept = repaired(points, tetrahedra, len(points), RepairSettings())
    assert np.array_equal(found, points) and np.array_equal(kept, tetrahedra)


def test_what_is_not_flat_is_left_alone():
    mesh = filled_boxes()
    points, tetrahedra = repaired(mesh.points, mesh.tetrahedra, 12, RepairSettings())
    assert np.array_equal(points, mesh.points) and np.array_equal(tetrahedra, mesh.tetrahedra)


def test_without_netgen_one_sentence_tells_what_to_install(monkeypatch):
    monkeypatch.setattr(netgen_mesher, "find_spec", lambda _name: None)
    with pytest.raises(
        MissingExtraError, match=r"netgen-mesher, which is not installed: pip install 'spineroot\[mesh\]'"
    ):
        fill(welded(two_boxes()))


@pytest.fixture(scope="module")
def filled():
    pytest.importorskip("netgen", reason="netgen-mesher is not installed")
    pytest.importorskip("manifold3d", reason="the conforming set needs manifold3d")
    # short and coarse, so that filling it costs little
    settings = ModelSettings(conforming=True, csf=False, mesh=MeshSettings().scaled(0.5), roots=RootSettings(0.8))
    model = build_model(straight_spine(8, 4), settings)
    return fill(welded(model.regions), MeshingSettings(workers=1))


def test_every_region_is_filled_to_its_surface(filled):
    volumes = filled.volumes()
    assert (volumes > 0).all()
    for number in filled.surface.names:
        own = volumes[filled.region == number].sum()
        assert own == pytest.approx(filled.surface.region(number).volume(), rel=1e-9)


def test_no_tetrahedron_of_a_spine_is_flat(filled):
    said = filled.quality()
    assert said["inverted"] == 0 and said["below_1_deg"] == 0


def test_tetrahedra_meet_face_to_face_and_keep_the_interfaces(filled):
    faces, count = faces_of(filled.tetrahedra)
    assert count.max() == 2
    interfaces = {tuple(each) for each in np.sort(filled.surface.triangles, axis=1).tolist()}
    assert interfaces <= set(map(tuple, faces.tolist()))
    outer = filled.surface.front == 0
    assert (count == 1).sum() == outer.sum()


def test_a_region_that_cannot_be_filled_is_named():
    pytest.importorskip("netgen", reason="netgen-mesher is not installed")
    surface = welded(two_boxes())
    # two of the corners of the first box exchanged: its surface passes through itself
    surface.vertices[[0, 1]] = surface.vertices[[1, 0]]
    with pytest.raises(GeometryError, match=f"region {CORD} cannot be filled"):
        fill(surface, MeshingSettings(workers=1))
