"""Images: written, read and described in RAS; what is no image is refused."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from SpineRootLib.errors import ImageFileError, SpineRootError
from SpineRootLib.images import Image, describe_image, read_frame, read_image, read_planes, sha256, write_image
from SpineRootLib.planes import SlicePlanes


@st.composite
def affines(draw):
    """Any orthogonal voxel grid, also a left-handed one."""
    turn = Rotation.from_euler("xyz", [draw(st.floats(-180, 180)) for _ in range(3)], degrees=True).as_matrix()
    steps = np.array([draw(st.floats(0.2, 4)) for _ in range(3)]) * draw(st.sampled_from([[1, 1, 1], [1, 1, -1]]))
    affine = np.eye(4)
    affine[:3, :3] = turn * steps
    affine[:3, 3] = [draw(st.floats(-500, 500)) for _ in range(3)]
    return affine


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(affines())
def test_voxels_lie_in_the_same_place_after_a_round_trip(tmp_path, affine):
    voxels = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    image = Image(voxels, affine)
    back = read_image(write_image(tmp_path / "a.nii.gz", image))
    index = np.argwhere(voxels >= 0)
    place = image.ras_of(index)
    found = np.rint(back.index_of(place)).astype(int)  # NIfTI readers may flip an axis: compare in RAS
    assert np.allclose(back.ras_of(found), place, atol=1e-3)
    assert (back.voxels[tuple(found.T)] == voxels[tuple(index.T)]).all()


@given(affines())
def test_index_and_place_are_each_others_inverse(affine):
    image = Image(np.zeros((2, 2, 2)), affine)
    index = np.array([[0.0, 0.0, 0.0], [1.5, -2.0, 3.25]])
    assert np.allclose(image.index_of(image.ras_of(index)), index, atol=1e-6)


@pytest.fixture
def path(tmp_path):
    """A small CISS-like volume."""
    affine = np.diag([0.3, 0.3, 2.0, 1.0])
    return write_image(tmp_path / "sub-01_CISS.nii.gz", Image(np.ones((5, 6, 7), np.int16), affine))


def test_planes_are_read_from_the_header(path):
    planes = read_planes(path)
    assert (planes.count, planes.spacing) == (7, pytest.approx(2.0))
    assert planes.agrees_with(read_image(path).planes(), 1e-6)


def test_the_description_tells_the_same_image(path):
    described = json.loads(json.dumps(describe_image(path)))
    assert (described["File"], described["Shape"]) == ("sub-01_CISS.nii.gz", [5, 6, 7])
    assert described["SHA256"] == sha256(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert SlicePlanes.from_json(described).agrees_with(read_planes(path), 1e-6)


@pytest.mark.parametrize("read", [read_frame, read_planes, describe_image, read_image])
@pytest.mark.parametrize("name", ["half.nii.gz", "half of the gzip file.nii.gz", "half.nii"])
def test_an_image_that_ends_early_is_refused_also_where_its_header_would_do(path, tmp_path, read, name):
    packed = path.read_bytes()
    whole = gzip.decompress(packed)
    noise = np.random.default_rng(1).bytes(4000)  # so that half of the gzip file holds the header
    (tmp_path / "half.nii.gz").write_bytes(gzip.compress(whole[:600]))
    (tmp_path / "half.nii").write_bytes(whole[:600])
    (tmp_path / "half of the gzip file.nii.gz").write_bytes(gzip.compress(whole[:400] + noise)[:2000])
    with pytest.raises(ImageFileError, match="is damaged"):
        read(tmp_path / name)


def test_an_image_in_several_gzip_members_is_whole(path):
    whole = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(whole[:500]) + gzip.compress(whole[500:]))
    assert read_planes(path).count == 7


def test_an_image_that_only_its_name_says_to_be_compressed_is_read(path):
    path.write_bytes(gzip.decompress(path.read_bytes()))
    assert read_planes(path).count == read_image(path).voxels.shape[2] == 7


def test_an_image_beside_another_one_that_itk_reads_in_its_place_is_refused_and_beside_its_own_copy_read(path):
    unpacked = path.with_suffix("")
    unpacked.write_bytes(gzip.decompress(path.read_bytes()))
    assert read_image(path).voxels.mean() == read_image(unpacked).voxels.mean() == 1.0
    write_image(unpacked, Image(np.full((5, 6, 7), 3, np.int16), np.diag([0.3, 0.3, 2.0, 1.0])))
    for read in (read_image, read_planes):
        with pytest.raises(ImageFileError, match="lies beside sub-01_CISS.nii, another image, which Slicer reads in"):
            read(path)
    assert read_image(unpacked).voxels.mean() == 3.0


def test_a_name_that_is_no_text_is_refused_and_ends_nothing(path, tmp_path):
    folder = tmp_path / "Z\udcfcrich"  # what Python makes of a name in Latin-1
    try:
        folder.mkdir()
    except (OSError, UnicodeError):
        pytest.skip("this disk takes names in UTF-8 alone")
    shutil.copy(path, folder / path.name)
    image = read_image(path)
    for work in (lambda: read_image(folder / path.name), lambda: write_image(folder / "new.nii.gz", image)):
        with pytest.raises(SpineRootError, match="no UTF-8: rename it") as caught:
            work()
        assert "Z\\udcfcrich" in str(caught.value)
    assert [each.name for each in folder.iterdir()] == [path.name]


def test_what_is_no_image_is_refused_with_its_name(path, tmp_path):
    packed = path.read_bytes()
    four = tmp_path / "four.nii.gz"
    sitk.WriteImage(sitk.Image([3, 3, 3, 2], sitk.sitkInt16), str(four))
    colour = tmp_path / "colour.nii.gz"
    sitk.WriteImage(sitk.Image([3, 3, 3], sitk.sitkVectorUInt8), str(colour))
    bad = {
        "empty.nii.gz": b"",
        "text.nii.gz": b"no image",
        "truncated.nii.gz": packed[: len(packed) // 2],
        "half.nii.gz": gzip.compress(gzip.decompress(packed)[:600]),
        "half.nii": gzip.decompress(packed)[:600],
        "corrupt.nii.gz": packed[:-8] + b"\0" * 8,
    }
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
    for name in [*bad, "four.nii.gz", "colour.nii.gz", "none.nii.gz", "."]:
        with pytest.raises(ImageFileError) as caught:
            read_image(tmp_path / name)
        assert str(caught.value).startswith(str(tmp_path / name))
