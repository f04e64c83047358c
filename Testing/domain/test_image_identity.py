"""Whether an image is the annotated one: the same voxels in the same place count as one image, all else is told."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
import SimpleITK as sitk
from straight_subject import PLANES, SLICES, straight_subject

from SpineRootLib.annotation import Annotation
from SpineRootLib.errors import ImageFileError
from SpineRootLib.image_identity import check_image, difference
from SpineRootLib.images import Image, describe_image, position_notes, read_image, write_image

COUNT = 80  # pixels across, of 0.5 mm: the straight subject's dura is 18 mm wide


def affine():
    """The grid of the straight subject's slices, 40 mm across, its first slice the most cranial one."""
    corner = PLANES.lift([[-20.0, -20.0]], 1)[0]
    matrix = np.eye(4)
    matrix[:3] = np.column_stack([PLANES.right * 0.5, PLANES.anterior * 0.5, PLANES.down * PLANES.spacing, corner])
    return matrix


@pytest.fixture
def image():
    voxels = np.random.default_rng(1).integers(0, 400, (COUNT, COUNT, SLICES)).astype(np.int16)
    return Image(voxels, affine())


@pytest.fixture
def path(tmp_path, image):
    return write_image(tmp_path / "sub-01_CISS.nii.gz", image)


@pytest.fixture
def annotation(path):
    """The straight subject, with the record of the image that it was drawn on."""
    found = straight_subject()
    found.provenance.document["Images"] = {"CISS": describe_image(path)}
    return found


def test_the_annotated_image_is_no_other(annotation, path):
    assert check_image(annotation, path).notes == []


def recompressed(path, _image):
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), 9, mtime=1))


def uncompressed(path, _image):
    raw = path.with_name("sub-01_CISS.nii")
    raw.write_bytes(gzip.decompress(path.read_bytes()))
    return raw


def as_floats(path, image):
    write_image(path, Image(image.voxels.astype(np.float32), image.affine))


def stored_the_other_way(path, image):
    turned = np.diag([-1.0, 1.0, 1.0, 1.0])
    turned[0, 3] = COUNT - 1
    write_image(path, Image(image.voxels[::-1], image.affine @ turned))


@pytest.mark.parametrize("how", [recompressed, uncompressed, as_floats, stored_the_other_way])
def test_the_same_voxels_in_the_same_place_are_the_same_image(annotation, path, image, how):
    before = path.read_bytes()
    again = how(path, image) or path
    assert again.read_bytes() != before
    assert check_image(annotation, again).notes == []


def test_a_recompressed_image_that_nobody_recorded_the_voxels_of_is_taken_and_said(annotation, path, image):
    del annotation.provenance.document["Images"]["CISS"]["VoxelSHA256"]
    recompressed(path, image)
    [note] = check_image(annotation, path).notes
    assert "sub-01_CISS.nii.gz" in note
    assert "another file than the one that was annotated (SHA-256), of the same size and position" in note
    assert "compressed again" in note


def other_subject(image):
    return Image(np.roll(image.voxels, 3, axis=0), image.affine)


def mirrored(image):
    return Image(image.voxels[::-1], image.affine)


def one_voxel_changed(image):
    voxels = image.voxels.copy()
    voxels[40, 40, 20] += 1
    return Image(voxels, image.affine)


@pytest.mark.parametrize("how", [other_subject, mirrored, one_voxel_changed])
def test_other_voxels_in_the_same_place_are_another_image(annotation, path, image, how):
    write_image(path, how(image))
    with pytest.raises(ImageFileError, match="other voxels than the annotated one") as caught:
        check_image(annotation, path)
    assert str(caught.value).startswith(f"{path}: ")


def test_an_image_of_another_size_is_another_image(annotation, path, image):
    write_image(path, Image(image.voxels[:, :, :-1], image.affine))
    with pytest.raises(ImageFileError, match=f"has {COUNT} x {COUNT} x {SLICES - 1} voxels"):
        check_image(annotation, path)


def test_an_image_pushed_along_its_slices_is_told_with_the_distance(annotation, path, image):
    matrix = image.affine.copy()
    matrix[:3, 3] += 3.0 * PLANES.right
    write_image(path, Image(image.voxels, matrix))
    with pytest.raises(ImageFileError, match="lies up to 3 mm from where the annotated one lies"):
        check_image(annotation, path)


@pytest.mark.parametrize("by_mm", [0.05, 0.5])
def test_an_image_is_in_the_same_place_to_a_tenth_of_a_millimetre(annotation, path, image, by_mm):
    matrix = image.affine.copy()
    matrix[:3, 3] += by_mm * PLANES.right
    write_image(path, Image(image.voxels, matrix))
    if by_mm < 0.1:
        assert check_image(annotation, path).notes == []
    else:
        with pytest.raises(ImageFileError, match="lies up to 0.5 mm"):
            check_image(annotation, path)


def test_an_image_whose_pixels_are_wider_is_told_with_the_distance_at_its_end(annotation, path, image):
    matrix = image.affine.copy()
    matrix[:3, 0] *= 1.1
    write_image(path, Image(image.voxels, matrix))
    told = 0.1 * 0.5 * (COUNT - 1)
    with pytest.raises(ImageFileError, match=f"lies up to {told:.3g} mm from where the annotated one lies"):
        check_image(annotation, path)


@pytest.mark.parametrize(
    ("push", "told"),
    [
        (0.9 * PLANES.down, "0.9 mm off its slices"),
        # the image reaches 20.25 mm to the left and 19.75 mm to the right of its middle, the dura 9 mm
        (25.0 * PLANES.right, r"lie up to 13.8 mm outside of it \(40 slices, 2 mm apart\)"),
        (-25.35 * PLANES.right, r"lie up to 14.6 mm outside of it"),
    ],
)
def test_without_a_record_the_contours_tell_an_image_of_another_place(path, image, push, told):
    matrix = image.affine.copy()
    matrix[:3, 3] += push
    write_image(path, Image(image.voxels, matrix))
    with pytest.raises(ImageFileError, match=told):
        check_image(straight_subject(), path)


@pytest.mark.parametrize("by_mm", [0.8, 1.6])
def test_without_a_record_contours_may_reach_a_millimetre_beyond_the_image(path, image, by_mm):
    matrix = image.affine.copy()
    # the right border of the image comes so near to the dura's that it lies inside of it by this much
    matrix[:3, 3] -= (19.75 - 9.0 + by_mm) * PLANES.right
    write_image(path, Image(image.voxels, matrix))
    if by_mm < 1.0:
        assert len(check_image(straight_subject(), path).notes) == 1
    else:
        with pytest.raises(ImageFileError, match="lie up to 1.6 mm outside of it"):
            check_image(straight_subject(), path)


def test_how_far_contours_lie_outside_is_told_in_whatever_order_the_axes_are_stored(path, image):
    matrix = image.affine[:, [2, 0, 1, 3]].copy()
    matrix[:3, 3] += 25.0 * PLANES.right
    write_image(path, Image(np.moveaxis(image.voxels, 2, 0), matrix))
    with pytest.raises(ImageFileError, match=r"lie up to 13.8 mm outside of it \(40 slices, 2 mm apart\)"):
        check_image(straight_subject(), path)


def test_points_alone_are_told_to_be_without_a_record_too(path):
    marked = Annotation("01", planes=PLANES, roots=straight_subject().roots)
    (note,) = check_image(marked, path).notes
    assert note.startswith("which image was annotated is not recorded")


@pytest.mark.parametrize(
    "record", [{"Shape": [80, 80]}, {"Shape": [80, 80, 0], "Affine": np.eye(4).tolist()}, "CISS"], ids=str
)
def test_a_record_that_does_not_tell_the_grid_leaves_the_contours_to_tell(path, image, record):
    found = straight_subject()
    found.provenance.document["Images"] = {"CISS": record}
    assert len(check_image(found, path).notes) == 1
    matrix = image.affine.copy()
    matrix[:3, 3] += 0.9 * PLANES.down
    write_image(path, Image(image.voxels, matrix))
    with pytest.raises(ImageFileError, match="off its slices"):
        check_image(found, path)


def test_without_a_record_an_image_that_fits_is_taken_and_said(path):
    (note,) = check_image(straight_subject(), path).notes
    assert note == (
        "which image was annotated is not recorded: sub-01_CISS.nii.gz is taken for it; "
        "only its slices could be compared"
    )


def test_where_nothing_is_marked_yet_nothing_is_missed(path):
    assert check_image(Annotation("01", planes=PLANES), path).notes == []


def test_two_records_of_one_image_are_told_alike(path, image):
    recorded = describe_image(path)
    recompressed(path, image)
    assert difference(recorded, describe_image(path)) == ""


def with_header(path, change):
    """The image with another header, written by an independent program."""
    nibabel = pytest.importorskip("nibabel")
    loaded = nibabel.load(path)
    copy = nibabel.Nifti1Image(np.asarray(loaded.dataobj), loaded.affine, loaded.header)
    change(copy)
    target = path.with_name("sub-01_acq-CISS.nii.gz")
    nibabel.save(copy, target)
    return target


def test_an_image_whose_two_positions_agree_has_no_note(path):
    assert position_notes(path) == []


def test_two_positions_apart_are_told_with_the_distance(path):
    def change(image):
        moved = image.affine.copy()
        moved[2, 3] += 6.0
        image.set_qform(image.affine, 1)
        image.set_sform(moved, 2)

    [note] = position_notes(with_header(path, change))
    assert "two positions, up to 6 mm apart" in note


def test_a_refusal_tells_of_two_positions_which_may_be_why(annotation, path):
    def change(image):
        moved = image.affine.copy()
        moved[2, 3] += 6.0
        image.set_qform(moved, 1)
        image.set_sform(image.affine, 2)

    with pytest.raises(ImageFileError, match="lies up to 6 mm from .*two positions, up to 6 mm apart"):
        check_image(annotation, with_header(path, change))


def test_an_image_without_a_position_is_told(path):
    def change(image):
        image.set_qform(None, 0)
        image.set_sform(None, 0)

    [note] = position_notes(with_header(path, change))
    assert "records no position" in note


@pytest.mark.parametrize(("shear", "notes"), [(0.0001, 0), (0.05, 1)])
def test_axes_that_are_not_at_right_angles_are_read_and_told_where_it_matters(path, shear, notes):
    def change(image):
        sheared = image.affine.copy()
        sheared[:3, 1] += shear * sheared[:3, 2]
        image.set_qform(None, 0)
        image.set_sform(sheared, 1)

    sheared = with_header(path, change)
    found = position_notes(sheared)
    assert len(found) == notes
    assert all("not at right angles" in note for note in found)
    assert read_image(sheared).voxels.shape == (COUNT, COUNT, SLICES)


def test_an_image_of_another_format_has_no_nifti_header_to_doubt(tmp_path):
    volume = sitk.Image([4, 4, 4], sitk.sitkInt16)
    sitk.WriteImage(volume, str(tmp_path / "a.nrrd"))
    assert position_notes(tmp_path / "a.nrrd") == []
