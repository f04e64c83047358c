"""The label map of an annotation, against volumes and places that are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from raters_on_disk import put, shifted
from straight_spine import CORD_RADIUS, DURA_RADIUS, straight_spine, tilted_planes

from SpineRootLib.anatomy import Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.commands import main
from SpineRootLib.errors import GeometryError
from SpineRootLib.images import Image, describe_image, write_image
from SpineRootLib.labels import CORD_LABEL, CSF_LABEL, LabelSettings, label_map, write_labels
from SpineRootLib.provenance import Provenance
from SpineRootLib.regions import root_region
from SpineRootLib.tables import read_table

L1_L, L1_R, L2_L = (root_region(Root.parse(name)).number for name in ("L1_L", "L1_R", "L2_L"))


def ciss(degrees: float = 0.0, upside_down: bool = False, count: int = 20, voxel: float = 0.25) -> Image:
    """An image on the slices of `straight_spine` that reaches 10 mm around the sac."""
    planes = tilted_planes(count, degrees=degrees)
    corner = planes.lift([[-10.07, -10.03]], 1)[0]
    affine = np.eye(4)
    affine[:3, :3] = np.column_stack([voxel * planes.right, voxel * planes.anterior, planes.spacing * planes.down])
    affine[:3, 3] = corner
    if upside_down:
        affine[:3, 3] += affine[:3, 2] * (count - 1)
        affine[:3, 2] *= -1
    size = round(20 / voxel) + 1
    return Image(np.zeros((size, size, count), dtype=np.uint8), affine)


@pytest.mark.parametrize(("degrees", "upside_down"), [(0.0, False), (15.0, True)])
def test_labels_fill_the_contours_on_their_own_slices(degrees: float, upside_down: bool) -> None:
    image = ciss(degrees, upside_down)
    labels = label_map(image, straight_spine(degrees=degrees, roots=False))
    area = 0.25**2 * np.array([(labels == label).sum(axis=(0, 1)) for label in (CORD_LABEL, CSF_LABEL)])
    if upside_down:
        area = area[:, ::-1]
    np.testing.assert_allclose(area[0, :10], np.pi * CORD_RADIUS**2, rtol=0.01)
    np.testing.assert_array_equal(area[0, 10:], 0)
    np.testing.assert_allclose(area.sum(axis=0), np.pi * DURA_RADIUS**2, rtol=0.005)


def test_a_root_is_a_disc_around_its_line_and_the_cord_hides_it() -> None:
    image, spine = ciss(), straight_spine()
    labels = label_map(image, spine, LabelSettings(root_radius_mm=0.7))
    for number in range(12, 21):
        on_slice = labels[:, :, number - 1]
        for label, root in ((L1_L, Root("L1", "L")), (L1_R, Root("L1", "R"))):
            index = np.argwhere(on_slice == label)
            centre = image.index_of(spine.root_by_slice(root)[number])[0]
            np.testing.assert_allclose(index.mean(axis=0), centre[:2], atol=0.3)
            # nearly square to the slice: 0.18 mm aside over 2 mm
            assert len(index) * 0.25**2 == pytest.approx(np.pi * 0.7**2, rel=0.1)
    bare = label_map(image, straight_spine(roots=False))
    np.testing.assert_array_equal(labels == CORD_LABEL, bare == CORD_LABEL)
    assert not np.any(labels[:, :, :3] > CSF_LABEL)


def test_where_the_dura_is_not_drawn_a_root_is_not_said_to_lie_beyond_it() -> None:
    image, spine = ciss(), straight_spine()
    spine.contours["dura"] = spine.contours["dura"][::4]
    labels = label_map(image, spine)
    beyond = {root_region(root, beyond=True).number for root in spine.roots}
    assert not beyond & set(np.unique(labels).tolist())
    moved = straight_spine()
    moved.roots = {Root("L1", "L"): moved.roots[Root("L1", "L")] + [-6.0, 0.0, 0.0]}
    assert root_region(Root("L1", "L"), beyond=True).number in label_map(image, moved)


def test_a_voxel_between_two_roots_goes_to_the_nearer() -> None:
    image, spine = ciss(), straight_spine()
    spine.roots[Root("L2", "L")] = spine.roots[Root("L1", "L")] + [-0.6, 0.0, 0.0]
    labels = label_map(image, spine, LabelSettings(root_radius_mm=0.7))[:, :, 14]
    found = np.argwhere(labels == L1_L)[:, 0], np.argwhere(labels == L2_L)[:, 0]
    middle = image.index_of(spine.root_by_slice(Root("L1", "L"))[15] - [0.3, 0.0, 0.0])[0, 0]
    assert found[0].min() >= middle - 0.5
    assert found[1].max() <= middle + 0.5


def test_an_annotation_beside_the_image_is_refused() -> None:
    with pytest.raises(GeometryError, match="lies in the image"):
        label_map(ciss(), shifted(straight_spine(), [90.0, 0.0, 0.0]))
    with pytest.raises(GeometryError):
        label_map(ciss(), Annotation("01", planes=tilted_planes(20)))


def test_the_files_open_in_nibabel_on_the_voxels_of_the_image(tmp_path: Path) -> None:
    nibabel = pytest.importorskip("nibabel")
    image = ciss(15.0, upside_down=True)
    write_image(tmp_path / "ciss.nii.gz", image)
    markers = put(tmp_path, straight_spine(degrees=15.0), "A", ciss=None)
    command = ["labels", str(markers), "--subject", "01", "--ciss", str(tmp_path / "ciss.nii.gz"), "--out"]
    assert main([*command, str(tmp_path / "out")]) == 0
    found = nibabel.load(tmp_path / "out" / "sub-01_space-CISS_dseg.nii.gz")
    np.testing.assert_allclose(found.affine, nibabel.load(tmp_path / "ciss.nii.gz").affine, atol=1e-5)
    assert found.get_data_dtype() == np.uint8
    np.testing.assert_array_equal(np.asarray(found.dataobj), label_map(image, straight_spine(degrees=15.0)))
    rows = read_table(tmp_path / "out" / "sub-01_space-CISS_dseg.tsv")
    numbers = [int(row["index"]) for row in rows]
    assert (numbers[:2], numbers[2:]) == ([1, 2], [*range(52, 62), *range(64, 68), *range(152, 162), *range(164, 168)])
    assert (rows[3]["name"], rows[3]["abbreviation"]) == ("nerve root L1 right", "L1_R")
    assert all(row["color"].startswith("#") and len(row["color"]) == 7 for row in rows)


def test_the_label_map_says_of_which_image_and_annotation_it_is(tmp_path: Path) -> None:
    image = write_image(tmp_path / "sub-01_run-2_CISS.nii.gz", ciss())
    markers = put(tmp_path, straight_spine(), "A", ciss=None)
    command = ["labels", str(markers), "--subject", "01", "--ciss", str(image), "--radius", "0.4"]
    assert main([*command, "--out", str(tmp_path / "out")]) == 0
    told = json.loads((tmp_path / "out" / "sub-01_space-CISS_dseg.json").read_text(encoding="utf-8"))
    assert told["SpatialReference"] == "sub-01_run-2_CISS.nii.gz"
    assert told["Images"]["CISS"] == describe_image(image)
    assert told["Annotation"] == {"Subject": "01", "Annotator": "A", "Date": "2026-01-01T00:00:00+00:00"}
    assert told["Settings"] == {"root_radius_mm": 0.4}


@pytest.mark.parametrize(("document", "whose"), [({}, None), ({"Consensus": {}}, "consensus")])
def test_a_label_map_is_called_a_consensus_only_where_one_was_written(tmp_path, document, whose) -> None:
    spine, image = straight_spine(), ciss()
    spine.provenance = Provenance(document)
    files = write_labels(tmp_path, image, label_map(image, spine), spine)
    told = json.loads(next(path for path in files if path.suffix == ".json").read_text(encoding="utf-8"))
    assert told["Annotation"]["Annotator"] == whose


def test_an_image_that_was_not_annotated_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_image(tmp_path / "ciss.nii.gz", ciss(15.0))
    markers = str(put(tmp_path, straight_spine(), "A"))
    command = ["labels", markers, "--subject", "01", "--ciss", str(tmp_path / "ciss.nii.gz")]
    assert main([*command, "--out", str(tmp_path / "out")]) == 2
    assert "is not the image that was annotated" in capsys.readouterr().err
    assert main([*command, "--out", f"{markers}/labels"]) == 2
    assert "lies inside" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
