"""Label maps read into contours and points: against known shapes, on other grids, and with what masks come with."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from straight_spine import CORD_RADIUS, DURA_RADIUS, circle, straight_spine, tilted_planes
from test_labels import ciss

from SpineRootLib.anatomy import CORD, DURA, Root
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.curves import closed_curve, distance_to_polygon
from SpineRootLib.errors import SpineRootError
from SpineRootLib.images import Image, read_image, write_image
from SpineRootLib.label_maps.label_map_file import LabelMapFile, read_label_map
from SpineRootLib.label_maps.label_tables import LabelTable, choose_table, inline_table, shipped_tables
from SpineRootLib.label_maps.meanings import Meaning
from SpineRootLib.label_maps.reading import ReadMarks, read_marks
from SpineRootLib.labels import label_map
from SpineRootLib.phantom import PhantomSettings, make_truth
from SpineRootLib.regions import root_region

SCANS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "scans"
L1_L, L1_R, L2_L = Root("L1", "L"), Root("L1", "R"), Root("L2", "L")


def own(image: Image, table: LabelTable | None = None) -> LabelMapFile:
    """A label map in memory, by default with the numbers of our own."""
    return LabelMapFile(image, table or shipped_tables()["spineroot"], {"File": "labels.nii.gz"})


def read(image: Image, annotation: Annotation, table: LabelTable | None = None) -> ReadMarks:
    """What a label map shows on the slices of an annotation."""
    return read_marks([own(image, table)], Annotation("01", planes=annotation.planes))


def labelled(spine: Annotation, change: Callable[[np.ndarray], None] = lambda _labels: None, **grid: float) -> Image:
    """The label map of a spine, with something done to its voxels."""
    image = ciss(**grid)
    labels = label_map(image, spine)
    change(labels)
    return Image(labels, image.affine)


def off(found: ReadMarks, spine: Annotation, structure: str) -> list[float]:
    """Mean distance of each contour from the one that was labelled, mm."""
    flatten, true = spine.require_planes().flatten, spine.contours_by_slice(structure)
    return [
        float(distance_to_polygon(flatten(true[number].curve()), closed_curve(flatten(points))).mean())
        for number, points in found.contours[structure].items()
    ]


def off_points(found: ReadMarks, spine: Annotation, root: Root) -> np.ndarray:
    """Distance of a root's points from those that were labelled, (n,) mm, on the slices that have both."""
    number, true = spine.require_planes().number(found.roots[root]), spine.root_by_slice(root)
    pairs = [(true[n], point) for n, point in zip(number.tolist(), found.roots[root], strict=True) if n in true]
    return np.array([np.linalg.norm(marked - point) for marked, point in pairs])


@pytest.mark.parametrize(("degrees", "upside_down"), [(0.0, False), (15.0, True)])
def test_a_label_map_comes_back_as_what_was_labelled(degrees: float, upside_down: bool) -> None:
    spine = straight_spine(degrees=degrees)
    found = read(labelled(spine, degrees=degrees, upside_down=upside_down, voxel=0.3), spine)
    assert (sorted(found.contours[DURA]), sorted(found.contours[CORD])) == (list(range(1, 21)), list(range(1, 11)))
    assert max(off(found, spine, DURA) + off(found, spine, CORD)) < 0.05
    assert sorted(found.roots) == [L1_L, L1_R]
    # the cord hides the uppermost points in part
    assert np.median(off_points(found, spine, L1_L)) < 0.1
    assert found.notes == []


def test_a_crowded_phantom_comes_back_with_every_root_named_and_in_place() -> None:
    truth = make_truth(PhantomSettings.small().with_crowding(1.0), 1, "01").annotation
    planes = truth.require_planes()
    places = np.concatenate([planes.flatten(points) for points in truth.roots.values()])
    low, size = places.min(axis=0) - 8.0, np.ptp(places, axis=0) + 16.0
    affine = np.eye(4)
    affine[:3, :3] = np.column_stack([0.3 * planes.right, 0.3 * planes.anterior, planes.spacing * planes.down])
    affine[:3, 3] = planes.lift([low], 1)[0]
    image = Image(np.zeros((*np.ceil(size / 0.3).astype(int), planes.count), np.uint8), affine)
    found = read(Image(label_map(image, truth), affine), truth)
    away = {root: off_points(found, truth, root) for root in truth.roots}
    assert all(len(away[root]) == len(found.roots[root]) == len(truth.roots[root]) for root in truth.roots)
    together = np.concatenate(list(away.values()))
    assert np.median(together) < 0.1
    assert np.quantile(together, 0.95) < 0.3
    assert np.mean(off(found, truth, DURA)) < 0.05
    assert np.mean(off(found, truth, CORD)) < 0.05
    assert max(len(points) for points in found.contours[DURA].values()) <= 24


@pytest.mark.skipif(not SCANS.is_dir(), reason="the real scans are not here")
@pytest.mark.parametrize("name", ["sub-9418_run-1_T2starw", "sub-9709Ses1_run-1_T2starw"])
def test_a_person_s_cord_keeps_its_edge_and_its_volume(name: str) -> None:
    scan = read_image(SCANS / f"{name}_seg-manual.nii.gz")
    image = Image((scan.voxels > 0).astype(np.uint8), scan.affine)
    annotation = Annotation("01", planes=image.planes())
    found = read(image, annotation, choose_table("sct-cord"))
    annotation.contours[CORD] = [Contour(points) for points in found.contours[CORD].values()]
    again = label_map(image, annotation) > 0
    assert 2 * (again & (image.voxels > 0)).sum() / (again.sum() + (image.voxels > 0).sum()) >= 0.98
    for points in found.contours[CORD].values():
        index = image.index_of(closed_curve(points))
        low, high = index.min(axis=0).astype(int) - 3, index.max(axis=0).astype(int) + 5
        mask = image.voxels[low[0] : high[0], low[1] : high[1], round(index[0, 2])] > 0
        assert off_edge(mask, index[:, :2] - low[:2]) <= 0.5


def off_edge(mask: np.ndarray, pixels: np.ndarray) -> float:
    """How far, in pixels, points lie at most from the nearest edge between a pixel inside and one outside."""
    inner, outer = np.argwhere(mask), np.argwhere(~mask)

    def away(squares: np.ndarray) -> np.ndarray:
        beyond = np.maximum(np.abs(pixels[:, None] - squares) - 0.5, 0.0)
        return np.linalg.norm(beyond, axis=2).min(axis=1)

    return float(np.maximum(away(inner), away(outer)).max())


# -- other grids


def resampled(image: Image, affine: np.ndarray, size: tuple[int, int, int]) -> Image:
    """Labels on another grid, the nearest voxel's."""
    index = np.stack(np.meshgrid(*map(np.arange, size), indexing="ij"), axis=-1).reshape(-1, 3)
    there = np.round(image.index_of(Image(image.voxels, affine).ras_of(index))).astype(int)
    inside = np.all((there >= 0) & (there < image.voxels.shape), axis=1)
    voxels = np.zeros(len(there), image.voxels.dtype)
    voxels[inside] = image.voxels[tuple(there[inside].T)]
    return Image(voxels.reshape(size), affine)


def test_a_flipped_cropped_and_transposed_label_map_gives_the_same() -> None:
    spine = straight_spine()
    image = labelled(spine, voxel=0.3)
    affine = image.affine.copy()
    affine[:3, 3] = image.ras_of([[5, 0, 0]])[0]
    part = Image(image.voxels[5:].transpose(2, 0, 1)[:, :, ::-1], affine)
    turned = affine[:, [2, 0, 1, 3]].copy()
    turned[:3, 3] += (image.voxels.shape[1] - 1) * turned[:3, 2]
    turned[:3, 2] *= -1
    found, straight = read(Image(part.voxels, turned), spine), read(image, spine)
    for root in (L1_L, L1_R):
        np.testing.assert_allclose(found.roots[root], straight.roots[root], atol=1e-6)
    assert max(off(found, spine, DURA) + off(found, spine, CORD)) < 0.05


def test_slices_between_those_of_the_label_map_are_interpolated() -> None:
    spine = straight_spine()
    image = labelled(spine, voxel=0.3)
    affine = image.affine.copy()
    affine[:3, 2] *= 1.5
    affine[:3, 3] = image.ras_of([[0, 0, 0.25]])[0]
    coarse = labelled_at(spine, affine, (*image.voxels.shape[:2], 13))
    found = read(coarse, spine)
    assert len(found.contours[DURA]) >= 19
    assert max(off(found, spine, DURA)) < 0.1
    assert np.median(off_points(found, spine, L1_L)) < 0.1


def labelled_at(spine: Annotation, affine: np.ndarray, size: tuple[int, int, int]) -> Image:
    """Labels of a spine on a grid of its own: of discs that stand on every slice of it."""
    planes, voxels = spine.require_planes(), np.zeros(size, np.uint8)
    grid = np.stack(np.meshgrid(*map(np.arange, size), indexing="ij"), axis=-1).reshape(-1, 3)
    points = Image(voxels, affine).ras_of(grid)
    flat, depth = planes.flatten(points), planes.depth(points)
    values = np.where(np.linalg.norm(flat, axis=1) <= DURA_RADIUS, 2, 0)
    for root, sign in ((L1_L, -1.0), (L1_R, 1.0)):
        x = sign * np.interp(depth, [6.0, 38.0], [4.0, 7.0])
        on_root = (np.hypot(flat[:, 0] - x, flat[:, 1] + 2.0) <= 0.5) & (depth >= 5.9)
        values[on_root] = root_region(root).number
    values[(np.linalg.norm(flat, axis=1) <= CORD_RADIUS) & (depth <= 18.1)] = 1
    return Image(values.reshape(size).astype(np.uint8), affine)


def test_a_label_map_that_stands_oblique_to_the_slices_is_cut_by_them() -> None:
    spine = straight_spine(degrees=12.0)
    affine = np.diag([0.6, 0.6, 0.8, 1.0])
    affine[:3, 3] = [-6.0, -52.0, -388.0]
    fine = labelled_at(spine, affine, (32, 50, 50))
    found = read(fine, spine)
    assert len(found.contours[DURA]) >= 12
    quarter_of_a_voxel = 0.15
    assert np.mean(off(found, spine, DURA)) < quarter_of_a_voxel
    assert np.median(off_points(found, spine, L1_R)) < 0.2


# -- what masks come with


def test_holes_islands_and_bridges_of_one_voxel_do_not_change_the_contour() -> None:
    spine = straight_spine(roots=False)

    def spoil(labels: np.ndarray) -> None:
        middle = [round(float(each)) for each in np.argwhere(labels[:, :, 4] == 1).mean(axis=0)]
        labels[middle[0] : middle[0] + 3, middle[1] : middle[1] + 3, 4] = 0
        labels[:3, :3, 5] = 1
        right = np.argwhere(labels[:, middle[1], 6] == 1).max()
        labels[right : right + 5, middle[1], 6] = 1
        labels[right + 5 : right + 9, middle[1] - 2 : middle[1] + 3, 6] = 1

    found = read(labelled(spine, spoil, voxel=0.3), spine, inline_table(["1=cord", "2=other"]))
    assert max(off(found, spine, CORD)) < 0.06
    assert [note for note in found.notes if "slices 6-7" in note and "left out" in note]


def test_an_island_beyond_the_end_of_the_cord_is_no_cord_and_the_cord_s_tip_is() -> None:
    spine = straight_spine()
    tip = spine.require_planes().lift([3.0, 0.5] + circle(1.2, 16), 11)
    spine.contours[CORD].append(Contour(tip))

    def stray(labels: np.ndarray) -> None:
        labels[3:9, 3:9, 13:16] = 1

    found = read(labelled(spine, stray, voxel=0.3), spine)
    assert sorted(found.contours[CORD]) == list(range(1, 12))
    assert any("cord on slices 14-16: what lies apart from its course" in note for note in found.notes)


def test_an_island_larger_than_the_cord_takes_no_contour_of_it_away() -> None:
    spine = straight_spine(cord_slices=14, roots=False)

    def stray(labels: np.ndarray) -> None:
        labels[2:28, 2:28, 14] = 1

    found = read(labelled(spine, stray, voxel=0.3), spine)
    assert sorted(found.contours[CORD]) == list(range(1, 15))
    assert any("cord on slice 15: what lies apart" in note for note in found.notes), found.notes


def test_slices_that_the_label_map_lacks_are_left_out_and_said() -> None:
    spine = straight_spine()

    def gap(labels: np.ndarray) -> None:
        labels[:, :, 5:8] = 0

    found = read(labelled(spine, gap, voxel=0.3), spine)
    assert not {6, 7, 8} & set(found.contours[CORD])
    assert any("no cord on slices 6-8" in note for note in found.notes)
    assert any("no L1_L on slices 6-8" in note for note in found.notes)


def test_what_the_side_of_the_label_map_cuts_off_is_no_contour() -> None:
    spine = straight_spine(roots=False)
    image = labelled(spine, voxel=0.3)
    middle = int(np.argwhere(image.voxels == 1)[:, 0].mean())
    affine = image.affine.copy()
    affine[:3, 3] = image.ras_of([[middle + 4, 0, 0]])[0]
    found = read_marks(
        [own(Image(image.voxels[middle + 4 :], affine)), own(image)], Annotation("01", planes=spine.planes)
    )
    assert any("side cuts it off" in note for note in found.notes)
    assert max(off(found, spine, CORD)) < 0.05


def test_a_crop_close_around_the_cord_does_not_cut_it_off() -> None:
    spine = straight_spine(roots=False)
    image = labelled(spine, voxel=0.3)
    image.voxels[image.voxels != 1] = 0
    low, high = np.argwhere(image.voxels)[:, :2].min(axis=0), np.argwhere(image.voxels)[:, :2].max(axis=0) + 1
    affine = image.affine.copy()
    affine[:3, 3] = image.ras_of([[*low, 0]])[0]
    found = read(Image(image.voxels[low[0] : high[0], low[1] : high[1]], affine), spine)
    assert len(found.contours[CORD]) == 10
    assert found.notes == []


def test_an_island_of_a_root_is_no_part_of_its_course() -> None:
    spine = straight_spine()

    def stray(labels: np.ndarray) -> None:
        labels[2:6, 2:6, 10] = root_region(L1_L).number

    found = read(labelled(spine, stray, voxel=0.3), spine)
    assert off_points(found, spine, L1_L).max() < 0.4
    assert any("L1_L: 1 patches apart" in note for note in found.notes)


def side_by_side() -> Annotation:
    """L2 beside L1 on the left, 1.1 mm farther to the front: their tubes of 0.5 mm almost touch."""
    spine = straight_spine()
    spine.roots[L2_L] = spine.roots[L1_L] + [0.0, 1.1, 0.0]
    return spine


def test_a_patch_that_holds_a_second_root_is_split_where_their_courses_lead() -> None:
    spine = side_by_side()

    def swallowed(labels: np.ndarray) -> None:
        here = labels[:, :, 10:12]
        here[here == root_region(L2_L).number] = root_region(L1_L).number

    found = read(labelled(spine, swallowed, voxel=0.3), spine)
    for root in (L1_L, L2_L):
        away = off_points(found, spine, root)
        assert len(away) == 17
        assert away.max() < 0.25
    assert any("slices 11-12: the label of L1_L holds L2_L as well" in note for note in found.notes)


def test_a_root_that_its_neighbour_s_label_does_not_hold_stays_left_out_and_is_said() -> None:
    spine = side_by_side()

    def lost(labels: np.ndarray) -> None:
        here = labels[:, :, 10:12]
        here[here == root_region(L2_L).number] = 2

    found = read(labelled(spine, lost, voxel=0.3), spine)
    assert len(off_points(found, spine, L2_L)) == 15
    assert off_points(found, spine, L1_L).max() < 0.25
    [said] = [note for note in found.notes if "L2_L" in note]
    assert said.endswith("no L2_L on slices 11-12: the label map has none there")


# -- labels that name a level only


LEVELS = inline_table(["1=cord", "2=csf", "21=nerveroots_L1"])


def by_level(labels: np.ndarray) -> None:
    """Both sides of L1 bear one number, as in SCT."""
    labels[np.isin(labels, [root_region(root, beyond).number for root in (L1_L, L1_R) for beyond in (False, True)])] = (
        21
    )


@pytest.mark.parametrize("degrees", [0.0, 15.0])
def test_a_root_without_a_side_gets_it_from_where_it_lies(degrees: float) -> None:
    spine = straight_spine(degrees=degrees)
    found = read(labelled(spine, by_level, degrees=degrees, voxel=0.3), spine, LEVELS)
    assert sorted(found.roots) == [L1_L, L1_R]
    for root in (L1_L, L1_R):
        assert np.median(off_points(found, spine, root)) < 0.1


def test_sides_are_told_without_cord_and_sac_as_well() -> None:
    spine = straight_spine()

    def roots_alone(labels: np.ndarray) -> None:
        by_level(labels)
        labels[labels < 21] = 0

    found = read(labelled(spine, roots_alone, voxel=0.3), spine, inline_table(["21=L1"]))
    assert np.median(off_points(found, spine, L1_R)) < 0.1
    alone = labelled(spine, roots_alone, voxel=0.3)
    alone.voxels[alone.voxels.shape[0] // 2 :] = 0
    with pytest.raises(SpineRootError, match="shows nothing"):
        read(alone, spine, inline_table(["21=L1"]))


def test_left_and_right_that_touch_are_split_where_their_courses_lead() -> None:
    spine = straight_spine()
    for root, sign in ((L1_L, -1.0), (L1_R, 1.0)):
        numbers = np.arange(4, 21)
        flat = np.column_stack([sign * np.where(np.abs(numbers - 15) < 2, 0.45, 2.5), np.full(len(numbers), -6.0)])
        spine.roots[root] = spine.require_planes().lift(flat, numbers)
    found = read(labelled(spine, by_level, voxel=0.3), spine, LEVELS)
    for root in (L1_L, L1_R):
        away = off_points(found, spine, root)
        assert len(away) == 17
        assert away.max() < 0.35


def test_a_patch_of_both_sides_that_no_course_leads_to_is_left_out_and_said() -> None:
    spine = straight_spine()
    for root, sign in ((L1_L, -1.0), (L1_R, 1.0)):
        numbers = np.array([4, 5, 6, 14, 15])
        flat = np.column_stack([sign * np.where(numbers > 10, 0.4, 3.0), np.full(len(numbers), -6.0)])
        spine.roots[root] = spine.require_planes().lift(flat, numbers)

    def gap(labels: np.ndarray) -> None:
        by_level(labels)
        labels[:, :, 6:13][labels[:, :, 6:13] == 21] = 2

    found = read(labelled(spine, gap, voxel=0.3), spine, LEVELS)
    assert any("slices 14-15: left and right are one patch" in note for note in found.notes)
    assert spine.require_planes().number(found.roots[L1_L]).tolist() == [4, 5, 6]


def test_ventral_rootlets_are_left_out_of_a_label_that_covers_both() -> None:
    spine = straight_spine()
    image = labelled(spine, by_level, voxel=0.3)
    back = np.argwhere(image.voxels == 21)
    front = back.copy()
    front[:, 1] += round(6.0 / 0.3)
    image.voxels[tuple(front.T)] = 21
    table = LabelTable.from_json("rootlets", {"Ventral": True, "Labels": {"1": "cord", "2": "csf", "21": "L1"}})
    found = read(image, spine, table)
    for root in (L1_L, L1_R):
        assert np.median(off_points(found, spine, root)) < 0.1
    assert any("ventral" in note for note in found.notes)


def test_ganglia_are_the_middle_of_their_largest_piece() -> None:
    spine = straight_spine()
    image = labelled(spine, voxel=0.3)
    places = image.ras_of([[10, 12, 15], [60, 12, 15]])
    for index in ([10, 12, 15], [60, 12, 15]):
        low = np.array(index) - [2, 2, 1]
        image.voxels[low[0] : low[0] + 5, low[1] : low[1] + 5, low[2] : low[2] + 3] = 200
    image.voxels[1, 1, 1] = 200
    meanings = {**shipped_tables()["spineroot"].meanings, 200: Meaning("ganglions", "L1")}
    found = read(image, spine, LabelTable("t", "t", meanings))
    np.testing.assert_allclose([found.ganglia[L1_L], found.ganglia[L1_R]], places, atol=1e-6)


# -- tables


def test_the_tables_that_come_along_say_what_the_programs_say() -> None:
    tables = shipped_tables()
    assert tables["sct-rootlets"].meanings[9] == Meaning("nerveroots", "T1")
    assert tables["sct-rootlets"].meanings[21] == Meaning("nerveroots", "L1")
    assert tables["sct-rootlets"].meanings[26] == Meaning("nerveroots", "S1")
    assert [tables[name].numbers_of("cord") for name in ("totalspineseg", "spineps", "totalsegmentator-mr")] == [
        [1],
        [60],
        [21],
    ]
    assert [tables[name].numbers_of("csf") for name in ("totalspineseg", "spineps")] == [[2], [61]]
    assert tables["sct-canal"].numbers_of("dura") == [1]
    assert tables["spineroot"].meanings[root_region(L1_R, beyond=True).number].root == L1_R


@pytest.mark.parametrize(
    ("text", "structure", "root"),
    [
        ("spinal cord", "cord", None),
        ("Spinal_Canal", "dura", None),
        ("nerveroots_L1_L", "nerveroots", "L1_L"),
        ("nerveroots_S2_R_outside", "nerveroots", "S2_R"),
        ("L5 right", "nerveroots", "L5_R"),
        ("ganglions_T12_L", "ganglions", "T12_L"),
        ("DRG S1 left", "ganglions", "S1_L"),
    ],
)
def test_names_of_segments_are_understood(text: str, structure: str, root: str | None) -> None:
    meaning = Meaning.parse(text)
    assert meaning.structure == structure
    assert (None if meaning.root is None else str(meaning.root)) == root


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "no JSON object"),
        ("{", "no whole JSON"),
        ('{"Labels": {}}', "no object 'Labels'"),
        ('{"Labels": {"1": "liver"}}', "'liver' names nothing"),
        ('{"Labels": {"0": "cord"}}', "no number of a label above zero"),
        ('{"Labels": {"9-3": "cord"}}', "no number of a label above zero"),
        ('{"Labels": {"1-3": "other", "2": "cord"}}', "says label 2 twice"),
        ('{"a": {"Labels": {"1": "cord"}}, "b": {"Labels": {"1": "dura"}}}', "holds 2 tables"),
        ('{"Labels": {"1": "L9"}}', "'L9' names nothing"),
    ],
)
def test_a_table_that_is_none_is_refused_with_the_reason(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mine.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpineRootError, match=re.escape(said)) as refused:
        choose_table(str(path))
    assert "mine.json" in str(refused.value)


def written(folder: Path, voxels: np.ndarray, name: str = "seg.nii.gz") -> Path:
    return write_image(folder / name, Image(voxels, np.diag([1.0, 1.0, 2.0, 1.0])))


def block(value: float, kind: type = np.uint8) -> np.ndarray:
    voxels = np.zeros((8, 8, 4), kind)
    voxels[2:6, 2:6] = value
    return voxels


@pytest.mark.parametrize(
    ("voxels", "table", "said"),
    [
        (block(7), None, "holds the labels 7, and nothing tells what they are"),
        (block(7), "sct-cord", "does not know 7"),
        (block(5), "totalsegmentator-mr", "no cord, sac, root or ganglion"),
        (block(0), "sct-cord", "is empty"),
        (block(0.4, np.float32), "spineroot", "soft segmentation"),
        (block(0.4, np.float32), "sct-cord", "is empty"),
        (block(-1, np.int16), "sct-cord", "range from -1"),
        (np.arange(2000, dtype=np.int16).reshape(20, 10, 10), "sct-cord", "2000 kinds"),
    ],
)
def test_what_is_no_label_map_is_refused_with_what_was_found(tmp_path: Path, voxels, table, said: str) -> None:
    path = written(tmp_path, voxels)
    with pytest.raises(SpineRootError, match=re.escape(said)) as refused:
        read_label_map(path, None if table is None else choose_table(table))
    assert "seg.nii.gz" in str(refused.value)


def test_the_json_beside_a_label_map_tells_its_program(tmp_path: Path) -> None:
    path = written(tmp_path, block(1))
    told = {"GeneratedBy": [{"Name": "spinalcordtoolbox: sct_deepseg canal -i t2.nii.gz", "Version": "7.1"}]}
    (tmp_path / "seg.json").write_text(json.dumps(told), encoding="utf-8")
    found = read_label_map(path)
    assert found.table.name == "sct-canal"
    assert found.record["Program"] == "spinalcordtoolbox: sct_deepseg canal -i t2.nii.gz 7.1"
    (tmp_path / "seg.json").write_text('{"GeneratedBy": []}', encoding="utf-8")
    with pytest.raises(SpineRootError, match="nothing tells what they are"):
        read_label_map(path)


def test_a_segmentation_of_slicer_names_its_own_labels(tmp_path: Path) -> None:
    voxels = block(3)
    image = sitk.GetImageFromArray(voxels.transpose(2, 1, 0))
    for key, value in {
        "Segment0_Name": "spinal cord",
        "Segment0_LabelValue": "3",
        "Segment1_Name": "tumour",
        "Segment1_LabelValue": "4",
    }.items():
        image.SetMetaData(key, value)
    sitk.WriteImage(image, str(tmp_path / "s.seg.nrrd"))
    table = read_label_map(tmp_path / "s.seg.nrrd").table
    assert (table.meanings[3].structure, table.meanings[4].structure) == (CORD, "other")


def test_planes_that_a_label_map_does_not_reach_are_said() -> None:
    spine = straight_spine()
    far = labelled(spine, voxel=0.3)
    far.affine[2, 3] += 500.0
    with pytest.raises(SpineRootError, match="shows nothing on the image's slices"):
        read(far, spine)
    assert tilted_planes(20).count == 20
