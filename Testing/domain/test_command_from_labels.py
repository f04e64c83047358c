"""`spineroot from-labels`: masks in, proposals out, nothing of a person's touched, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from straight_spine import straight_spine
from test_label_maps import by_level, labelled

from SpineRootLib.anatomy import CORD, DURA, ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import read_annotation, write_annotation
from SpineRootLib.commands import main
from SpineRootLib.images import Image, read_image, sha256, write_image
from SpineRootLib.place import Place
from SpineRootLib.regions import root_region

L1_L = Root("L1", "L")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A CISS image, and on its voxels a label map with our own numbers, one by levels, and a cord alone."""
    image = labelled(straight_spine(), voxel=0.4)
    write_image(tmp_path / "sub-01_CISS.nii.gz", Image(np.zeros_like(image.voxels), image.affine))
    write_image(tmp_path / "sub-01_own.nii.gz", image)
    levels = image.voxels.copy()
    by_level(levels)
    write_image(tmp_path / "sub-01_rootlets.nii.gz", Image(np.where(levels == 21, levels, 0), image.affine))
    write_image(tmp_path / "sub-01_cord.nii.gz", Image((image.voxels == 1).astype(np.uint8), image.affine))
    return tmp_path


def from_labels(folder: Path, *images: str, more: tuple[str, ...] = (), out: str = "markers-A") -> int:
    paths = [str(folder / image) for image in images]
    where = ["--subject", "01", "--ciss", str(folder / "sub-01_CISS.nii.gz"), "--out", str(folder / out)]
    return main(["from-labels", *paths, *where, *more])


def test_a_label_map_becomes_proposals_that_say_where_they_come_from(folder: Path, capsys) -> None:
    assert from_labels(folder, "sub-01_own.nii.gz", more=("--table", "spineroot", "--json")) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["proposed"] == {"dura": 20, "cord": 10, "nerveroots": 34}
    found = read_annotation(folder / "markers-A", "01")
    assert found.annotator == "A"
    for place in (Place(DURA, slice=3), Place(CORD, slice=3), Place(ROOTS, L1_L, 12)):
        assert found.provenance.at(place) == {"Flags": ["proposed"], "LabelMap": "sub-01_own.nii.gz"}
    [record] = found.provenance.document["LabelMaps"]
    assert record["SHA256"] == sha256(folder / "sub-01_own.nii.gz")
    assert (record["Table"], record["Program"]) == ("spineroot", "SpineRoot, spineroot labels")
    assert found.provenance.document["Images"]["CISS"]["File"] == "sub-01_CISS.nii.gz"


def test_what_a_person_marked_stays_and_an_earlier_run_is_replaced(folder: Path, capsys) -> None:
    spine, marked = straight_spine(), Annotation("01", "A", straight_spine().planes)
    mine = spine.contours_by_slice(DURA)[4].points + [0.2, 0.0, 0.0]
    marked.set_contour(DURA, 4, mine)
    marked.set_root_point(L1_L, 9, spine.root_by_slice(L1_L)[9] + [0.3, 0.0, 0.0])
    write_annotation(folder / "markers-A", marked, durable=False)
    for _run in range(2):
        assert from_labels(folder, "sub-01_own.nii.gz", more=("--table", "spineroot", "--json")) == 0
        summary = json.loads(capsys.readouterr().out)
        assert (summary["kept_marks"], summary["proposed"]["dura"]) == (2, 19)
    found = read_annotation(folder / "markers-A", "01")
    np.testing.assert_allclose(found.contours_by_slice(DURA)[4].points, mine, atol=1e-4)
    assert found.provenance.at(Place(ROOTS, L1_L, 9)) == {}
    assert found.provenance.structure("nerveroots_L1_L")["Proposed"] == 16
    assert len(found.provenance.document["LabelMaps"]) == 1


def probabilities(folder: Path) -> Image:
    """0.9 everywhere, but on slice 12 the left root of L1 0.6, and on slice 3 all of the cord 0.7."""
    labels = read_image(folder / "sub-01_own.nii.gz")
    sure = np.full(labels.voxels.shape, 0.9, dtype=np.float32)
    sure[:, :, 11][labels.voxels[:, :, 11] == root_region(L1_L).number] = 0.6
    sure[:, :, 2][labels.voxels[:, :, 2] == 1] = 0.7
    return Image(sure, labels.affine)


def assert_as_sure_as_the_model(markers: Path) -> None:
    found = read_annotation(markers, "01").provenance
    sure = {place: found.at(place)["Confidence"] for place in (Place(ROOTS, L1_L, 12), Place(ROOTS, L1_L, 10))}
    assert list(sure.values()) == [0.6, 0.9]
    assert found.at(Place(CORD, slice=3))["Confidence"] == pytest.approx(0.7, abs=0.01)
    assert found.at(Place(CORD, slice=5))["Confidence"] == 0.9
    assert found.at(Place(ROOTS, L1_L, 12))["LabelMap"] == "sub-01_own.nii.gz"


def test_proposals_are_as_sure_as_the_model_is_by_the_file_beside_its_label_map(folder: Path) -> None:
    write_image(folder / "sub-01_own_confidence.nii.gz", probabilities(folder))
    assert from_labels(folder, "sub-01_own.nii.gz", more=("--table", "spineroot")) == 0
    assert_as_sure_as_the_model(folder / "markers-A")
    [record] = read_annotation(folder / "markers-A", "01").provenance.document["LabelMaps"]
    assert record["Confidence"] == "sub-01_own_confidence.nii.gz"


def test_nnunet_s_probabilities_of_all_labels_make_proposals_as_sure(folder: Path) -> None:
    likeliest = probabilities(folder).voxels
    shares = np.stack([1.0 - likeliest, likeliest]).transpose(0, 3, 2, 1).astype(np.float16)
    np.savez_compressed(folder / "softmax.npz", probabilities=shares)
    more = ("--table", "spineroot", "--confidence", str(folder / "softmax.npz"))
    assert from_labels(folder, "sub-01_own.nii.gz", more=more) == 0
    found = read_annotation(folder / "markers-A", "01").provenance
    assert found.at(Place(ROOTS, L1_L, 12))["Confidence"] == pytest.approx(0.6, abs=0.001)


def test_a_soft_mask_of_one_structure_is_cut_at_one_half_and_tells_how_sure_it_is(folder: Path) -> None:
    cord = read_image(folder / "sub-01_cord.nii.gz")
    soft = np.where(cord.voxels > 0, 0.8, 0.1).astype(np.float32)
    write_image(folder / "sub-01_soft.nii.gz", Image(soft, cord.affine))
    assert from_labels(folder, "sub-01_cord.nii.gz", more=("--label", "1=cord"), out="markers-B") == 0
    assert from_labels(folder, "sub-01_soft.nii.gz", more=("--label", "1=cord")) == 0
    soft_one, whole = (read_annotation(folder / name, "01") for name in ("markers-A", "markers-B"))
    for number, contour in whole.contours_by_slice(CORD).items():
        np.testing.assert_allclose(soft_one.contours_by_slice(CORD)[number].points, contour.points, atol=1e-6)
        assert soft_one.provenance.at(Place(CORD, slice=number))["Confidence"] == pytest.approx(0.8, abs=1e-3)
        assert "Confidence" not in whole.provenance.at(Place(CORD, slice=number))


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (lambda sure: Image(sure.voxels[1:], sure.affine), "and its label map"),
        (lambda sure: Image(sure.voxels, sure.affine @ np.diag([-1, 1, 1, 1])), "does not lie where"),
        (lambda sure: Image(100 * sure.voxels, sure.affine), "holds no probabilities from 0 to 1"),
    ],
    ids=["cropped", "flipped", "percent"],
)
def test_probabilities_that_do_not_belong_to_the_label_map_are_refused(folder: Path, capsys, spoilt, said: str) -> None:
    write_image(folder / "sub-01_own_confidence.nii.gz", spoilt(probabilities(folder)))
    assert from_labels(folder, "sub-01_own.nii.gz", more=("--table", "spineroot")) == 2
    told = capsys.readouterr().err
    assert "sub-01_own_confidence.nii.gz" in told
    assert said in told
    assert not (folder / "markers-A/sub-01").exists()


def test_each_label_map_needs_probabilities_of_its_own(folder: Path, capsys) -> None:
    more = ("--table", "sct-cord", "--table", "sct-rootlets", "--confidence", str(folder / "one.npz"))
    assert from_labels(folder, "sub-01_cord.nii.gz", "sub-01_rootlets.nii.gz", more=more) == 2
    assert "names 1 files for 2 label maps" in capsys.readouterr().err
    more = ("--table", "sct-cord", "--confidence", str(folder / "one.npz"))
    assert from_labels(folder, "sub-01_cord.nii.gz", more=more) == 2
    assert "one.npz: there is no such file" in capsys.readouterr().err


def test_several_label_maps_help_each_other(folder: Path) -> None:
    tables = ("--table", "sct-cord", "--table", "sct-rootlets", "--program", "SCT 7.1")
    assert from_labels(folder, "sub-01_cord.nii.gz", "sub-01_rootlets.nii.gz", more=tables) == 0
    found = read_annotation(folder / "markers-A", "01")
    assert {str(root): len(points) for root, points in found.roots.items()} == {"L1_L": 17, "L1_R": 17}
    assert [each["Program"] for each in found.provenance.document["LabelMaps"]] == ["SCT 7.1", "SCT 7.1"]
    assert found.provenance.at(Place(ROOTS, L1_L, 12))["LabelMap"] == "sub-01_rootlets.nii.gz"


def test_levels_that_are_not_annotated_are_left_out_and_said(folder: Path, capsys) -> None:
    more = ("--label", "21=L3", "--segments", "L1 L2")
    assert from_labels(folder, "sub-01_rootlets.nii.gz", "sub-01_cord.nii.gz", more=("--label", "21=L3", "1=cord")) == 0
    assert from_labels(folder, "sub-01_rootlets.nii.gz", more=more, out="markers-B") == 0
    assert "L3 are not among the levels" in capsys.readouterr().err
    assert sorted(map(str, read_annotation(folder / "markers-A", "01").roots)) == ["L3_L", "L3_R"]


@pytest.mark.parametrize(
    ("images", "more", "said"),
    [
        (("sub-01_cord.nii.gz",), (), "sub-01_cord.nii.gz: holds the labels 1, and nothing tells what they are"),
        (("sub-01_cord.nii.gz",), ("--table", "fsl"), "'fsl' is no table of labels"),
        (("sub-01_cord.nii.gz",), ("--table", "mine.json"), "mine.json: cannot be read"),
        (("sub-01_own.nii.gz",), ("--table", "sct-cord"), "sub-01_own.nii.gz: holds the labels 1, 2, 52, 53"),
        (("sub-01_cord.nii.gz",), ("--label", "1:cord"), "'1:cord' is no label such as 1=cord"),
        (("sub-01_cord.nii.gz",), ("--label", "1=cord", "--table", "sct-cord"), "give one of them"),
        (("sub-01_cord.nii.gz",), ("--table", "sct-cord", "--table", "spineps"), "2 tables for 1 label maps"),
        (("none.nii.gz",), ("--table", "sct-cord"), "none.nii.gz: there is no such image file"),
        (("sub-02_cord.nii.gz",), ("--table", "sct-cord"), "sub-02_cord.nii.gz: is an image of sub-02"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence_and_nothing_is_written(
    folder: Path, monkeypatch, capsys, images, more, said
) -> None:
    monkeypatch.chdir(folder)
    try:
        status = from_labels(folder, *images, more=more)
    except SystemExit as ended:
        status = ended.code
    error = capsys.readouterr().err
    assert status == 2
    assert said in error
    assert len(error.strip().splitlines()) == 1
    assert not (folder / "markers-A").exists()


def test_it_must_be_known_whose_the_proposals_become(folder: Path, capsys) -> None:
    assert from_labels(folder, "sub-01_cord.nii.gz", more=("--table", "sct-cord"), out="masks") == 2
    assert "does not say whose annotation it is" in capsys.readouterr().err
    write_annotation(folder / "markers-B", _by("B"), durable=False)
    more = ("--table", "sct-cord", "--annotator", "A")
    assert from_labels(folder, "sub-01_cord.nii.gz", more=more, out="markers-B") == 2
    assert "is annotator B's work" in capsys.readouterr().err


def _by(annotator: str) -> Annotation:
    spine = straight_spine()
    spine.annotator = annotator
    return spine
