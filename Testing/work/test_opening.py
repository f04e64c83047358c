"""What the Annotator opens: the annotated image and no other, of a session as of a subject."""

from __future__ import annotations

import numpy as np
import pytest

from SpineRootAnnotatorLib.work.history import Edit, Step
from SpineRootAnnotatorLib.work.marks import read_mark
from SpineRootAnnotatorLib.work.subject_progress import Progress, progress
from SpineRootAnnotatorLib.work.subject_work import SubjectWork
from SpineRootLib.anatomy import GANGLIA, Root
from SpineRootLib.annotation_files import read_annotation, sidecar_path, write_annotation
from SpineRootLib.annotation_on_image import told_of_image
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import ImageFileError
from SpineRootLib.images import Image, describe_image, read_image, write_image
from SpineRootLib.place import Place
from SpineRootLib.provenance import Provenance

GANGLION = Place(GANGLIA, Root("L3", "L"))


@pytest.fixture
def dataset(annotation, markers):
    """The annotation on an image of grain that its sidecar records, in rawdata."""
    planes = annotation.require_planes()
    affine = np.eye(4)
    affine[:3] = np.column_stack(
        [planes.right, planes.anterior, planes.spacing * planes.down, planes.lift([[-60.0, -60.0]], 1)[0]]
    )
    voxels = np.random.default_rng(1).integers(0, 400, (120, 120, planes.count)).astype(np.int16)
    root = markers.parents[1]
    path = write_image(root / "rawdata" / "sub-01" / "anat" / "sub-01_CISS.nii.gz", Image(voxels, affine))
    annotation.provenance.document["Images"] = {"CISS": describe_image(path)}
    write_annotation(markers, annotation, durable=False)
    return Dataset.open(root)


def moved_session(dataset, annotation, markers):
    """The same as session 02."""
    own = dataset.rawdata / "sub-01"
    image = own / "ses-02" / "anat" / "sub-01_ses-02_CISS.nii.gz"
    image.parent.mkdir(parents=True)
    (own / "anat" / "sub-01_CISS.nii.gz").rename(image)
    (own / "anat").rmdir()
    annotation.subject = "01_ses-02"
    for path in (markers / "sub-01").iterdir():
        path.unlink()
    write_annotation(markers, annotation, durable=False)


@pytest.mark.parametrize("begun", [True, False])
def test_another_image_than_the_annotated_one_is_not_opened(dataset, markers, begun):
    path = dataset.image("01", "CISS")
    image = read_image(path)
    write_image(path, Image(image.voxels[::-1], image.affine))
    if not begun:  # the sidecar alone is there
        for each in (markers / "sub-01").iterdir():
            if each != sidecar_path(markers / "sub-01", "01"):
                each.unlink()
    with pytest.raises(ImageFileError, match="is not the image that was annotated: it has other voxels"):
        SubjectWork.open(dataset, "01", "A")


def test_what_cannot_be_told_of_the_image_is_there_to_be_said(dataset, markers):
    path = sidecar_path(markers / "sub-01", "01")
    sidecar = Provenance.read(path)
    sidecar.document["Images"]["CISS"].update(SHA256="0" * 64, VoxelSHA256=None)
    path.write_text(sidecar.text())
    [note] = told_of_image(SubjectWork.open(dataset, "01", "A").annotation)
    assert "compressed again" in note


def test_a_session_is_opened_edited_and_saved_in_its_own_folder(dataset, annotation, markers):
    moved_session(dataset, annotation, markers)
    assert progress(dataset, "A") == {"01_ses-02": Progress.BEGUN}
    work = SubjectWork.open(dataset, "01_ses-02", "A")
    work.begin()
    before = read_mark(work.annotation, GANGLION)
    work.do(Step((Edit(GANGLION, before, before.moved(before.points + 1.0, "corrected")),)))
    assert work.close() == []
    assert np.allclose(read_annotation(markers, "01_ses-02").ganglia[GANGLION.root], before.points[0] + 1.0)
    assert sorted(path.name for path in markers.iterdir()) == [".bidsignore", "dataset_description.json", "sub-01"]
    assert [path.name for path in (markers / "sub-01").iterdir()] == ["ses-02"]


def test_files_of_a_session_in_the_wild_get_their_strict_names_where_they_are(dataset, annotation, markers):
    moved_session(dataset, annotation, markers)
    folder = markers / "sub-01" / "ses-02"
    (folder / "sub-01_ses-02_dura_2.json").rename(folder / "sub_01_ses_02_dura_2.mrk.json")
    work = SubjectWork.open(dataset, "01_ses-02", "A")
    work.begin()
    before = read_mark(work.annotation, GANGLION)
    work.do(Step((Edit(GANGLION, before, before.moved(before.points + 1.0, "corrected")),)))
    assert work.close() == []
    assert (folder / "sub-01_ses-02_dura_2.json").is_file()
    assert [path.name for path in (markers / "sub-01").iterdir()] == ["ses-02"]
