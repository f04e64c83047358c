"""What `spineroot labels` writes besides its label map, against areas, distances and places that are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from raters_on_disk import put
from straight_spine import CORD_RADIUS, DURA_RADIUS, straight_spine
from test_labels import ciss

from SpineRootLib.anatomy import CORD, DEFAULT_SEGMENTS, DURA, GANGLIA, ROOTS, Root
from SpineRootLib.commands import main
from SpineRootLib.errors import SpineRootError
from SpineRootLib.images import read_image, write_image
from SpineRootLib.label_maps.label_tables import choose_table, inline_table, shipped_tables
from SpineRootLib.labels import LabelSettings, label_map
from SpineRootLib.learning.label_numbers import LabelNumbers
from SpineRootLib.learning.maps import CSF_NAME, MapSettings, distance_maps, heat_maps, soft_maps
from SpineRootLib.place import Place
from SpineRootLib.regions import root_region
from SpineRootLib.tables import read_table

L1_L, L1_R = Root("L1", "L"), Root("L1", "R")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that can be written of the straight spine."""
    root = tmp_path_factory.mktemp("labels")
    image = write_image(root / "sub-01_CISS.nii.gz", ciss(voxel=0.5))
    table = root / "mine.tsv"
    table.write_text("index\tname\n0\tbackground\n7\tspinal cord\n300\tnerveroots_L1_R\n")
    line = ["labels", str(put(root, straight_spine(), "A", ciss=None)), "--subject", "01", "--ciss", str(image)]
    more = ["--table", str(table), "--numbers", "sct", "--each", "--soft", "--distance", "--heat"]
    assert main([*line, "--out", str(root / "out"), *more]) == 0
    return root / "out"


def voxels(folder: Path, name: str) -> np.ndarray:
    return read_image(folder / f"sub-01_space-CISS_{name}.nii.gz").voxels


def test_the_default_label_map_is_as_without_the_others(written: Path) -> None:
    np.testing.assert_array_equal(voxels(written, "dseg"), label_map(ciss(voxel=0.5), straight_spine()))


def test_its_look_up_table_says_what_the_table_of_our_own_numbers_says(written: Path) -> None:
    ours, of_file = choose_table("spineroot"), choose_table(str(written / "sub-01_space-CISS_dseg.tsv"))
    assert len(of_file.meanings) == 2 + 4 * len(DEFAULT_SEGMENTS)
    assert all(ours.meanings[number] == meaning for number, meaning in of_file.meanings.items())


def test_spinal_levels_are_counted_as_sct_counts_them_with_sides_in_another_map(written: Path) -> None:
    ours, levels, sides = (voxels(written, name) for name in ("dseg", "desc-sctlevels_dseg", "desc-side_dseg"))
    left, right = (root_region(root).number for root in (L1_L, L1_R))
    assert set(np.unique(levels)) == {0, 21}
    np.testing.assert_array_equal(levels == 21, ours > 2)
    np.testing.assert_array_equal(sides == 1, ours == left)
    np.testing.assert_array_equal(sides == 2, ours == right)
    rows = {row["index"]: row["name"] for row in read_table(written / "sub-01_space-CISS_desc-sctlevels_dseg.tsv")}
    assert (rows["21"], rows["27"]) == ("nerveroots_L1", "nerveroots_S2")


def test_a_table_of_one_s_own_gives_its_numbers_alone(written: Path) -> None:
    mine, ours = voxels(written, "desc-mine_dseg"), voxels(written, "dseg")
    assert set(np.unique(mine)) == {0, 7, 300}
    np.testing.assert_array_equal(mine == 300, ours == root_region(L1_R).number)


def test_each_structure_has_a_mask(written: Path) -> None:
    masks = sorted(path.name for path in written.glob("*label-*_mask.nii.gz"))
    assert [name.split("label-")[1].split("_")[0] for name in masks] == ["CSF", "cord", "nerverootL1L", "nerverootL1R"]
    np.testing.assert_array_equal(voxels(written, "label-cord_mask") == 1, voxels(written, "dseg") == 1)


@pytest.mark.parametrize("name", ["label-cord_probseg", "label-dura_distance", "label-nerveroots_heatmap", "dseg"])
def test_every_map_says_of_which_image_by_whom_and_when(written: Path, name: str) -> None:
    told = json.loads((written / f"sub-01_space-CISS_{name}.json").read_text())
    assert told["SpatialReference"] == "sub-01_CISS.nii.gz"
    assert told["Annotation"] == {"Subject": "01", "Annotator": "A", "Date": "2026-01-01T00:00:00+00:00"}
    assert told["GeneratedBy"][0]["Name"] == "SpineRoot"
    assert len(told["Description"]) > 20


def test_shares_of_voxels_have_the_area_of_the_contour_and_add_up_to_one() -> None:
    image, spine = ciss(voxel=0.5), straight_spine()
    soft = soft_maps(image, spine)
    area = 0.5**2 * np.stack([soft[CORD], soft[CORD] + soft[ROOTS] + soft[CSF_NAME]])[:, :, :, :10].sum(axis=(1, 2))
    np.testing.assert_allclose(area[0], np.pi * CORD_RADIUS**2, rtol=0.003)
    np.testing.assert_allclose(area[1], np.pi * DURA_RADIUS**2, rtol=0.003)
    total = soft[CORD] + soft[ROOTS] + soft[CSF_NAME]
    assert total.max() <= 1.0 + 1e-6
    fine = soft_maps(ciss(), spine)[ROOTS][:, :, 11:]
    assert 0.25**2 * fine.sum() == pytest.approx(9 * 2 * np.pi * 0.5**2, rel=0.04)


def test_distances_are_those_to_circle_and_line() -> None:
    image, spine = ciss(voxel=0.5), straight_spine()
    found = distance_maps(image, spine, MapSettings(farthest_mm=5.0))
    index = np.stack(np.meshgrid(*map(np.arange, image.voxels.shape), indexing="ij"), axis=-1)
    planes = spine.require_planes()
    flat = planes.flatten(image.ras_of(index.reshape(-1, 3))).reshape(*image.voxels.shape, 2)
    radius = np.linalg.norm(flat, axis=-1)
    for name, true, there in ((DURA, DURA_RADIUS, slice(None)), (CORD, CORD_RADIUS, slice(0, 10))):
        expected = np.minimum(radius - true, 5.0)
        np.testing.assert_allclose(found[name][..., there], expected[..., there], atol=0.03)
    assert np.all(found[CORD][..., 10:] == 5.0)
    point = image.index_of(spine.root_by_slice(L1_L)[12])[0]
    nearest = tuple(np.round(point).astype(int))
    off = np.linalg.norm(image.ras_of([nearest])[0] - image.ras_of([point])[0])
    assert found[ROOTS][nearest] == pytest.approx(off - 0.5, abs=0.03)


def test_heat_is_as_wide_as_the_point_is_uncertain() -> None:
    image, spine = ciss(), straight_spine()
    for number, record in (
        (8, {"Deviation": 0.6}),
        (16, {"Deviation": 0.4, "Uncertainty": 0.8}),
        (12, {"Flags": ["uncertain"]}),
        (14, {"Deviation": "far"}),
    ):
        spine.provenance.set_at(Place(ROOTS, L1_L, number), record)
    heat = heat_maps(image, spine)
    area = {}
    for number in (8, 10, 12, 14, 16):
        on_slice = heat[ROOTS][: image.voxels.shape[0] // 2, :, number - 1]
        assert on_slice.max() > 0.8
        area[number] = 0.25**2 * on_slice.sum()
    for number, spread in ((8, 0.6), (10, 0.3), (12, 0.6), (14, 0.3), (16, 0.8)):
        assert area[number] == pytest.approx(2 * np.pi * spread**2, rel=0.05)
    assert heat[GANGLIA].max() == 0.0, "they lie beyond the image"


def test_a_root_can_be_thicker_than_another_and_surfaces_decide_between_them() -> None:
    image, spine = ciss(), straight_spine()
    labels = label_map(image, spine, LabelSettings(0.5, {"L1": 0.6, "L1_R": 0.9}))
    for root, radius in ((L1_L, 0.6), (L1_R, 0.9)):
        count = (labels[:, :, 11:] == root_region(root).number).sum()
        assert count / 9 * 0.25**2 == pytest.approx(np.pi * radius**2, rel=0.06)
    plain = label_map(image, spine, LabelSettings(0.5, {}))
    np.testing.assert_array_equal(plain, label_map(image, spine))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--radius-of", "0.5"], "--radius-of gives radii by level"),
        (["--radius-of", "L1=9"], "a root of radius 9 mm makes no sense"),
        (["--radius-of", "L1=0.5", "--measure-radius"], "name one of the two"),
        (["--radius-of", "T12=0.5"], "T12 is not among the levels"),
        (["--table", "nothing.tsv"], "nothing.tsv"),
        (["--table", "{useless}"], "no number for anything that is marked"),
        (["--table", "fsl"], "'fsl' is no table of labels"),
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path: Path, capsys, more, said) -> None:
    line = ["labels", str(put(tmp_path, straight_spine(), "A", ciss=None)), "--subject", "01", "--ciss"]
    image = write_image(tmp_path / "sub-01_CISS.nii.gz", ciss(voxel=1.0))
    (tmp_path / "useless.tsv").write_text("index\tname\n1\tganglion L1\n")
    more = [word.format(useless=tmp_path / "useless.tsv") for word in more]
    try:
        status = main([*line, str(image), "--out", str(tmp_path / "out"), *more])
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_table_that_numbers_a_structure_twice_or_not_at_all_is_refused() -> None:
    with pytest.raises(SpineRootError, match="the numbers 1 and 2 for one structure"):
        LabelNumbers.from_table(inline_table(["1=cord", "2=spinal cord"]), ("L1",))
    with pytest.raises(SpineRootError, match="no number for anything that is marked"):
        LabelNumbers.from_table(inline_table(["1=ganglion L1"]), ("L1",))
    numbers = LabelNumbers.from_table(shipped_tables()["spineroot"], ("L1",))
    labels = label_map(ciss(voxel=0.5), straight_spine())
    np.testing.assert_array_equal(numbers.apply(labels), labels)
