"""Surfaces as a label map on cubes, against volumes and places that are known."""

from __future__ import annotations

import json

import numpy as np
import pytest
from straight_spine import CORD_RADIUS, DURA_RADIUS, straight_spine

from SpineRootLib.anatomy import CORD, CSF, DURA, Root
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.commands import main
from SpineRootLib.errors import GeometryError
from SpineRootLib.images import read_image
from SpineRootLib.regions import region_of, root_region
from SpineRootLib.surfaces import ModelSettings, build_model
from SpineRootLib.volume.voxels import voxel_labels

EDGE = 0.4
L1_L = Root("L1", "L")
NUMBER = {CORD: region_of(CORD).number, CSF: region_of(CSF).number}
INSIDE, BEYOND = root_region(L1_L).number, root_region(L1_L, beyond=True).number


@pytest.fixture(scope="module")
def spine():
    return straight_spine()


@pytest.fixture(scope="module")
def model(spine):
    return build_model(spine, ModelSettings(csf=False))


@pytest.fixture(scope="module")
def image(model):
    return voxel_labels(model, EDGE)


def labels_at(image, places):
    """The labels of the voxels in which places, (n, 3) RAS mm, lie."""
    return image.voxels[tuple(np.rint(image.index_of(places)).astype(int).T)]


def test_cubes_are_as_large_as_asked_and_stand_along_the_body_s_axes(image):
    assert np.allclose(image.affine[:3, :3], EDGE * np.eye(3))


def test_each_layer_of_voxels_has_the_area_of_what_is_cut(image):
    rows = slice(-25, -15)  # cubes lie with R, A and S; the cord is in the upper half
    layers = image.voxels[:, :, rows]
    cord = EDGE**2 * (layers == NUMBER[CORD]).sum(axis=(0, 1))
    np.testing.assert_allclose(cord, np.pi * CORD_RADIUS**2, rtol=0.02)
    within = EDGE**2 * ((layers > 0) & (layers < BEYOND)).sum(axis=(0, 1))
    np.testing.assert_allclose(within, np.pi * DURA_RADIUS**2, rtol=0.01)


def test_a_root_has_its_volume_inside_and_beyond_together(model, image):
    root = EDGE**3 * np.isin(image.voxels, [INSIDE, BEYOND]).sum()
    # what of it lies in the cord is cord
    assert root == pytest.approx(model.parts["nerveroots_L1_L"].volume(), rel=0.05)


def test_each_structure_lies_where_it_was_drawn(model, spine, image):
    flat = [[0, 0], [0, CORD_RADIUS - 0.5], [0, CORD_RADIUS + 0.5], [0, DURA_RADIUS - 0.5], [0, DURA_RADIUS + 0.5]]
    found = labels_at(image, spine.planes.lift(flat, [5] * len(flat)))
    assert found.tolist() == [NUMBER[CORD], NUMBER[CORD], NUMBER[CSF], NUMBER[CSF], 0]
    assert labels_at(image, spine.roots[L1_L][10:14]).tolist() == [INSIDE] * 4
    assert labels_at(image, model.centrelines[L1_L][-4:-2]).tolist() == [BEYOND] * 2


def test_without_a_dura_nothing_is_inside():
    spine = straight_spine(roots=False)
    spine.contours[DURA] = []
    with pytest.raises(GeometryError, match="no closed dura"):
        voxel_labels(build_model(spine, ModelSettings(csf=False)), EDGE)


def test_more_voxels_than_any_computer_holds_are_refused(model):
    with pytest.raises(GeometryError, match="voxels of 0.001 mm"):
        voxel_labels(model, 0.001)


def test_the_command_needs_no_image_and_tells_the_voxels_size(spine, tmp_path):
    write_annotation(tmp_path / "markers", spine, durable=False)
    line = ["labels", str(tmp_path / "markers"), "--subject", "01", "--out", str(tmp_path / "out")]
    assert main([*line, "--isotropic", "0.5"]) == 0
    path = tmp_path / "out" / "sub-01_space-CISS_res-500um_dseg.nii.gz"
    labels = read_image(path).voxels
    assert set(NUMBER.values()) | {INSIDE, BEYOND} <= set(np.unique(labels).tolist())
    told = json.loads(path.with_name(path.name.replace(".nii.gz", ".json")).read_text())
    assert told["Resolution"] == "voxels of 0.5 mm, filled from surfaces" and told["SpatialReference"] is None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "a label map needs voxels: --ciss IMAGE for an image's, or --isotropic 0.25"),
        (["--isotropic", "25"], "voxels of 25 mm make no sense: from 0.05 to 5"),
    ],
)
def test_voxels_that_cannot_be_are_refused_in_one_sentence(tmp_path, capsys, words, sentence):
    try:
        status = main(["labels", str(tmp_path / "in"), "--subject", "01", "--out", str(tmp_path / "out"), *words])
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
