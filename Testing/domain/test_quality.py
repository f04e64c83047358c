from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from straight_subject import CORD_SLICES, PLANES, SLICES, straight_subject
from striped_image import flat_places, image_on

from SpineRootLib.anatomy import CORD, DURA
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import read_annotation, write_annotation
from SpineRootLib.commands import main
from SpineRootLib.curves import signed_area
from SpineRootLib.errors import DatasetError
from SpineRootLib.images import Image, read_image, write_image
from SpineRootLib.planes import SlicePlanes, slice_axis
from SpineRootLib.quality import (
    QualitySettings,
    look_for_sac,
    low_slices,
    measure_subject,
    read_quality,
    slice_quality,
    write_cohort,
    write_quality,
)
from SpineRootLib.quality.measures import contrast_to_noise, otsu_threshold, signal_to_noise
from SpineRootLib.quality.slices import SliceQuality
from SpineRootLib.quality.tissue import annotated_tissue
from SpineRootLib.tables import read_table

SCANS = Path(__file__).resolve().parents[3] / "shared" / "data" / "scans"
BY_CONTOURS = QualitySettings(classes="contours")
FLUID = [700.0, 720.0, 740.0, 760.0, 780.0, 800.0]
NERVOUS = [200.0, 220.0, 250.0, 290.0]


def checkered(image, low, high):
    """Intensities low and high by turns: mean (low + high) / 2, population deviation (high - low) / 2."""
    return np.where(np.indices(image.voxels.shape).sum(axis=0) % 2, high, low).astype(float)


@pytest.fixture(scope="module")
def bright_sac():
    """Fluid of 900 or 1100 that reaches 0.3 mm beyond the contours, a cord of 300 or 500, everything else 100."""
    image = image_on(PLANES, value=100.0)
    right, front = np.moveaxis(flat_places(image, PLANES), -1, 0)
    sac = (right / 9.3) ** 2 + (front / 7.3) ** 2 < 1
    cord = np.hypot(right, front) < 3
    values = np.where(sac[:, :, None], checkered(image, 900, 1100), image.voxels)
    number = PLANES.count - np.arange(PLANES.count)
    values = np.where(cord[:, :, None] & (number <= CORD_SLICES), checkered(image, 300, 500), values)
    return Image(values, image.affine)


@pytest.fixture
def without_roots():
    annotation = straight_subject()
    annotation.roots.clear()
    return annotation


# expected figures: mriqc 24.0.2, qc.anatomical.snr and cnr on summary_stats of the same ten numbers


def test_snr_is_that_of_mriqc():
    assert signal_to_noise(FLUID + NERVOUS) == pytest.approx(2.0541869918004854, rel=1e-12)


def test_cnr_is_that_of_mriqc_without_air():
    assert contrast_to_noise(FLUID, NERVOUS) == pytest.approx(10.595913424285989, rel=1e-12)


def test_cnr_of_known_moments_has_its_closed_form():
    # means 3 and 13, variances 1 and 9
    assert contrast_to_noise([2.0, 4.0], [10.0, 16.0]) == pytest.approx(10 / math.sqrt(10))


@given(st.lists(st.integers(1, 4000), min_size=3, max_size=30, unique=True), st.floats(0.1, 50))
def test_neither_figure_depends_on_the_scanners_units(values, gain):
    scaled = [value * gain for value in values]
    dark = [value / 2 for value in values]
    assert signal_to_noise(scaled) == pytest.approx(signal_to_noise(values), rel=1e-6)
    expected = contrast_to_noise(values, dark)
    assert contrast_to_noise(scaled, [value * gain for value in dark]) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("values", [[], [5.0], [5.0, 5.0]])
def test_a_foreground_without_spread_has_no_snr(values):
    assert math.isnan(signal_to_noise(values))


def test_a_tissue_that_is_not_there_has_no_contrast():
    assert math.isnan(contrast_to_noise([1.0, 2.0], []))


def test_otsu_parts_two_heaps_in_the_middle_of_the_gap():
    assert otsu_threshold([10] * 30 + [20] * 30 + [110] * 20 + [120] * 20) == pytest.approx(65, abs=0.5)


def test_equal_values_have_no_threshold():
    assert math.isnan(otsu_threshold(np.full(9, 7)))


def test_contours_give_the_closed_form_on_every_slice_of_the_cord(bright_sac, without_roots):
    rows = slice_quality(bright_sac, without_roots, BY_CONTOURS)
    assert [row.slice for row in rows] == list(range(1, SLICES + 1))
    for row in rows[:CORD_SLICES]:
        assert (row.foreground, row.classes) == ("dura", "contours")
        # fluid 1000 +- 100, cord 400 +- 100; as many odd as even voxels but for the rim
        assert row.cnr == pytest.approx(600 / math.sqrt(2e4), rel=0.01)
        share = row.n_nervous / (row.n_csf + row.n_nervous)
        spread = math.sqrt(1e4 + share * (1 - share) * 600**2)
        assert row.snr == pytest.approx((1000 - 600 * share) / spread, rel=0.01)
        # ellipse of 9 x 7 mm, circle of 3 mm, voxels of 0.25 mm2
        assert row.n_nervous == pytest.approx(math.pi * 9 / 0.25, rel=0.03)
        assert row.n_csf + row.n_nervous == pytest.approx(math.pi * 63 / 0.25, rel=0.01)
        assert math.isnan(row.threshold)


def test_below_the_cord_the_roots_are_the_nervous_tissue(bright_sac):
    row = slice_quality(bright_sac, straight_subject(), BY_CONTOURS, slices=[30])[0]
    # fourteen discs of 0.5 mm radius, of which four voxels' centres lie within on average, some shared
    assert row.classes == "contours"
    assert 20 <= row.n_nervous <= 60


def test_where_grey_values_are_of_one_kind_no_voxel_is_said_to_be_fluid(bright_sac, without_roots):
    rng = np.random.default_rng(3)
    grey = Image(rng.normal(500.0, 20.0, bright_sac.voxels.shape).astype(np.int16), bright_sac.affine)
    row = slice_quality(grey, without_roots, slices=[5])[0]
    assert (row.n_csf, row.n_nervous) == (0, 0)
    assert math.isnan(row.threshold) and math.isnan(row.cnr)
    assert row.snr == pytest.approx(25.0, rel=0.05)


def test_where_neither_cord_nor_roots_are_marked_grey_values_decide(bright_sac, without_roots):
    without_roots.contours[CORD].clear()
    row = slice_quality(bright_sac, without_roots, BY_CONTOURS, slices=[5])[0]
    assert row.classes == "otsu"
    assert 500 < row.threshold < 900
    assert row.cnr == pytest.approx(600 / math.sqrt(2e4), rel=0.01)


def test_a_threshold_set_by_hand_goes_before_the_contours(bright_sac, without_roots):
    settings = QualitySettings(thresholds={"CISS": 900.0})
    row = slice_quality(bright_sac, without_roots, settings, slices=[5])[0]
    assert (row.classes, row.threshold) == ("set", 900.0)
    # what is at 1100 is fluid, what is at 900 or darker nervous
    assert row.n_csf < 0.5 * (row.n_csf + row.n_nervous)


@pytest.fixture(scope="module")
def sagittal(bright_sac):
    """The same body on sagittal slices of 3.1 mm, 0.5 mm in plane, the first 12.4 mm left of its middle."""
    affine = np.diag([3.1, 0.5, 0.5, 1.0])
    middle = PLANES.lift([[0.0, 0.0]], (SLICES + 1) / 2)[0]
    affine[:3, 3] = middle - [12.4, 30.0, 60.0]
    shape = (11, 121, 241)
    image = Image(np.zeros(shape), affine)
    index = bright_sac.index_of(image.ras_of(np.indices(shape).reshape(3, -1).T))
    nearest = np.round(index).astype(int)
    seen = np.all((nearest >= 0) & (nearest < bright_sac.voxels.shape), axis=1)
    image.voxels.reshape(-1)[seen] = bright_sac.voxels[tuple(nearest[seen].T)]
    return image


def test_a_sagittal_image_is_measured_inside_the_same_contours(sagittal, without_roots):
    rows = slice_quality(sagittal, without_roots, QualitySettings(thresholds={"T2TSE": 700.0}), name="T2TSE")
    # from the subject's left at -12.4, -9.3, -6.2 ... mm; the sac is 18 mm wide
    assert [row.slice for row in rows if row.n_csf] == [3, 4, 5, 6, 7]
    middle_row = rows[4]
    assert middle_row.image == "T2TSE"
    # half of its length shows the cord, of 6 in 14 mm
    assert middle_row.n_nervous / (middle_row.n_csf + middle_row.n_nervous) == pytest.approx(0.5 * 6 / 14, rel=0.1)


def test_one_slice_by_itself_has_the_figures_that_it_has_among_all(bright_sac):
    annotation = straight_subject()
    annotation.set_contour(CORD, 5, None)
    for settings, classes in ((BY_CONTOURS, ["otsu", "contours", "contours"]), (QualitySettings(), ["otsu"] * 3)):
        every = slice_quality(bright_sac, annotation, settings)
        assert [every[number - 1].classes for number in (5, 12, 30)] == classes
        for number in (5, 12, 30):
            alone = asdict(slice_quality(bright_sac, annotation, settings, slices=[number])[0])
            assert alone == pytest.approx(asdict(every[number - 1]), nan_ok=True)
        assert slice_quality(bright_sac, annotation, settings, slices=[99]) == []


def test_roots_that_nobody_marked_are_nervous_tissue_and_no_noise_of_the_fluid(bright_sac, without_roots):
    right, front = np.moveaxis(flat_places(bright_sac, PLANES), -1, 0)
    crowd = (np.hypot(right, front) > 3.5) & (front < -3) & (np.round(right) % 2 == 0)
    crowded = Image(np.where(crowd[:, :, None], 300.0, bright_sac.voxels), bright_sac.affine)
    by_threshold, by_contours = (
        slice_quality(crowded, without_roots, settings, slices=[5])[0] for settings in (QualitySettings(), BY_CONTOURS)
    )
    assert (by_threshold.classes, by_threshold.foreground) == ("otsu", "dura")
    assert by_threshold.n_nervous > 1.3 * by_contours.n_nervous
    assert by_threshold.cnr > 2 * by_contours.cnr


def test_each_slice_has_the_threshold_of_its_own_brightness(bright_sac, without_roots):
    # as bright at the bottom as measured in a person, and at the top a third of it: darker fluid than the lowest roots
    gain = np.linspace(1.0, 1 / 3, SLICES)
    fading = Image(bright_sac.voxels * gain, bright_sac.affine)
    for plain, faded in zip(
        slice_quality(bright_sac, without_roots)[:CORD_SLICES],
        slice_quality(fading, without_roots)[:CORD_SLICES],
        strict=True,
    ):
        assert (faded.n_csf, faded.n_nervous) == (plain.n_csf, plain.n_nervous)
        assert faded.cnr == pytest.approx(plain.cnr)


def test_fluid_alone_is_not_parted_in_two(without_roots):
    even = image_on(PLANES, value=0.0)
    even.voxels[:] = np.random.default_rng(1).normal(1000, 40, even.voxels.shape)
    row = slice_quality(even, without_roots, slices=[5])[0]
    assert row.snr == pytest.approx(25, rel=0.1)
    assert row.n_nervous == 0 and math.isnan(row.cnr)


def test_the_voxels_of_a_real_annotation_fill_its_contours(sub03):
    annotation = read_annotation(sub03 / "markers", "03")
    planes = annotation.require_planes()
    middle = np.mean([planes.flatten(contour.points).mean(axis=0) for contour in annotation.dura], axis=0)
    origin = planes.lift(middle, 1)[0]
    stack = SlicePlanes.from_normal(origin, planes.down, planes.spacing, planes.count)
    image = image_on(stack, width=151, step=0.3)
    rows = slice_quality(image, annotation, BY_CONTOURS)
    areas = {n: abs(signed_area(planes.flatten(c.curve()))) for n, c in annotation.contours_by_slice(DURA).items()}
    assert len(rows) == len(areas) == 80
    for row in rows:
        assert (row.n_csf + row.n_nervous) * 0.09 == pytest.approx(areas[row.slice], rel=0.02)
        assert row.classes == "contours"


def test_the_first_voxel_along_the_slice_axis_may_be_the_lowest_slice_or_the_highest(bright_sac, without_roots):
    turned = bright_sac.affine.copy()
    turned[:3, 3] += turned[:3, 2] * (SLICES - 1)
    turned[:3, 2] *= -1
    upside_down = Image(bright_sac.voxels[:, :, ::-1], turned)
    assert slice_quality(upside_down, without_roots) == slice_quality(bright_sac, without_roots)


def test_without_an_annotation_the_sac_is_found_in_the_image(bright_sac):
    rows = slice_quality(bright_sac)
    assert {(row.foreground, row.classes) for row in rows} == {("sac", "otsu")}
    upper = rows[:CORD_SLICES]
    assert np.mean([row.n_csf + row.n_nervous for row in upper]) > 0.7 * math.pi * 63 / 0.25
    assert np.mean([row.cnr for row in upper]) == pytest.approx(600 / math.sqrt(2e4), rel=0.1)


def test_the_sac_is_found_around_a_thick_cord_and_beside_fat_as_bright():
    image = image_on(PLANES, width=141, value=100.0)
    right, front = np.moveaxis(flat_places(image, PLANES), -1, 0)
    image.voxels[np.hypot(right, front) < 8.5] = 1000.0
    image.voxels[np.hypot(right, front) < 5.0] = 400.0
    image.voxels[(front < -20) & (front > -28)] = 1000.0
    rows = slice_quality(image)
    for row in rows:
        assert row.foreground == "sac"
        assert row.n_nervous * 0.25 == pytest.approx(math.pi * 25, rel=0.02)
        assert 0.75 * math.pi * 8.5**2 < (row.n_csf + row.n_nervous) * 0.25 < math.pi * 8.5**2


def test_a_sac_full_of_roots_behind_is_found_whole():
    image = image_on(PLANES, width=141, value=200.0)
    right, front = np.moveaxis(flat_places(image, PLANES), -1, 0)
    sac = (right / 9.3) ** 2 + (front / 7.3) ** 2 < 1
    # roots of 0.9 mm, 1.1 mm apart, fill all that lies behind the middle
    root = np.hypot((right + 0.55) % 1.1 - 0.55, (front + 0.55) % 1.1 - 0.55) < 0.45
    image.voxels[sac] = 1000.0
    image.voxels[sac & root & (front < 0)] = 300.0
    found = look_for_sac(image)
    assert not found.doubt
    contours = found.annotation.contours_by_slice(DURA)
    assert len(contours) == SLICES
    for contour in contours.values():
        # less a rim of 0.5 mm
        assert abs(signed_area(PLANES.flatten(contour.curve()))) == pytest.approx(math.pi * 8.8 * 6.8, rel=0.12)
        assert PLANES.flatten(contour.points)[:, 1].min() < -6.0


def test_muscle_is_not_taken_for_the_sac_and_it_is_said(tmp_path, capsys):
    image = image_on(PLANES, width=141, value=100.0)
    right, front = np.moveaxis(flat_places(image, PLANES), -1, 0)
    away = np.hypot(right - 12, front + 8)
    image.voxels[:] += (600.0 * np.exp(-((away / 9.0) ** 2)))[:, :, None]
    found = look_for_sac(image)
    assert found.annotation is None
    assert "is not taken for the dural sac" in found.doubt
    rows = slice_quality(image)
    assert {row.foreground for row in rows} == {"doubtful"}
    assert not any(row.n_csf for row in rows)
    write_image(tmp_path / "rawdata/sub-01/anat/sub-01_CISS.nii.gz", image)
    assert main(["quality", str(tmp_path), "--subject", "01"]) == 0
    assert "is not believed to be the dural sac" in capsys.readouterr().out


@pytest.mark.parametrize(
    "name", ["sub-10062Ses1_run-1_T2starw", "sub-9669_run-1_T2starw", "sub-9709Ses1_run-1_T2starw"]
)
def test_on_scans_of_the_neck_the_sac_holds_the_cord_or_is_doubted(name):
    # in the first two the brightest tube is muscle
    path = SCANS / f"{name}.nii.gz"
    if not path.is_file():
        pytest.skip(f"no scan at {path}")
    image, cord = read_image(path), read_image(path.with_name(f"{name}_seg-manual.nii.gz"))
    found = look_for_sac(image)
    assert (found.annotation is None) == ("9709" not in name) == bool(found.doubt)
    if found.annotation is not None:
        box = annotated_tissue(image, found.annotation, QualitySettings())
        across = slice_axis(image.affine)
        others = tuple(axis for axis in range(3) if axis != across)
        drawn = (cord.voxels[box.part()] > 0.5) & (box.labels > 0).any(axis=others, keepdims=True)
        assert np.count_nonzero(drawn & (box.labels > 0)) > 0.9 * np.count_nonzero(drawn)


def test_the_choice_of_classes_is_recorded(tmp_path, bright_sac):
    settings = QualitySettings(classes="contours")
    files = write_quality(tmp_path, "01", slice_quality(bright_sac, straight_subject(), settings), None, settings)
    assert json.loads(files[1].read_text())["Settings"]["classes"] == "contours"
    assert {row.classes for row in read_quality(files[0])} == {"contours"}


def test_the_sac_that_was_found_on_ciss_serves_a_sagittal_image(tmp_path, bright_sac, sagittal):
    images = {"CISS": write_image(tmp_path / "c.nii", bright_sac), "T2TSE": write_image(tmp_path / "t.nii", sagittal)}
    rows = [row for row in measure_subject(images) if row.image == "T2TSE"]
    assert [row.slice for row in rows if row.n_csf] == [3, 4, 5, 6, 7]
    assert {row.foreground for row in rows if row.n_csf} == {"sac"}
    # by itself an upright image is not searched
    assert not any(row.n_csf for row in measure_subject({"T2TSE": images["T2TSE"]}))


def test_an_image_without_anything_bright_has_rows_without_figures():
    rows = slice_quality(image_on(PLANES, value=5.0))
    assert len(rows) == SLICES
    assert all(math.isnan(row.snr) and row.foreground == "" for row in rows)


def test_an_annotation_elsewhere_gives_no_figures(without_roots):
    image = image_on(PLANES)
    image.affine[:3, 3] += 500.0
    assert not any(row.n_csf for row in slice_quality(image, without_roots))


def test_a_partial_annotation_is_measured_where_there_is_a_dura(bright_sac, without_roots):
    without_roots.contours[DURA] = without_roots.contours[DURA][:6]
    rows = slice_quality(bright_sac, without_roots)
    assert [row.slice for row in rows if not math.isnan(row.snr)] == [1, 2, 3, 4, 5, 6]


def test_only_slices_below_the_limit_are_low():
    rows = [SliceQuality("CISS", 1, 2.0, 1.4), SliceQuality("CISS", 2, 2.0, math.nan), SliceQuality("CISS", 3, 1.5, 9)]
    assert [row.slice for row in low_slices(rows, 1.5)] == [1]


def test_the_table_reads_back_as_it_was_written(tmp_path, bright_sac):
    rows = slice_quality(bright_sac, straight_subject())
    annotation = Annotation("01", "A")
    files = write_quality(tmp_path, "01", rows, annotation)
    assert [path.name for path in files] == ["sub-01_iqm.tsv", "sub-01_iqm.json", "sub-01_iqm.png"]
    for row, read in zip(rows, read_quality(files[0]), strict=True):
        assert (read.slice, read.n_csf, read.foreground, read.classes) == (
            row.slice,
            row.n_csf,
            row.foreground,
            row.classes,
        )
        assert read.snr == pytest.approx(row.snr, abs=1e-6, nan_ok=True)
    assert json.loads(files[1].read_text())["Annotation"] == {"Subject": "01", "Annotator": "A"}


def test_a_foreign_table_is_refused(tmp_path):
    path = tmp_path / "sub-01_iqm.tsv"
    path.write_text("image\tslice\nCISS\t1\n")
    with pytest.raises(DatasetError, match="no table of image quality"):
        read_quality(path)


def test_the_cohort_has_a_row_a_subject_and_image_and_a_figure(tmp_path, bright_sac):
    rows = slice_quality(bright_sac, straight_subject())
    for subject in ("01", "02"):
        write_quality(tmp_path / f"sub-{subject}", subject, rows)
    table, _meanings, figure = write_cohort(tmp_path)
    first, second = read_table(table)
    assert (first["subject"], second["subject"]) == ("01", "02")
    assert float(first["snr_mean"]) == pytest.approx(np.mean([row.snr for row in rows]), abs=1e-5)
    assert figure.read_bytes().startswith(b"\x89PNG")


def test_a_cohort_without_tables_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="no table of image quality"):
        write_cohort(tmp_path)


def test_the_command_measures_a_subject_and_lists_low_slices(tmp_path, capsys, bright_sac):
    write_image(tmp_path / "rawdata/sub-01/anat/sub-01_CISS.nii.gz", bright_sac)
    assert main(["quality", str(tmp_path), "--subject", "01", "--limit", "4.5", "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["slices"] == SLICES
    low = [row["slice"] for row in summary["low"]]
    assert low == [row.slice for row in slice_quality(bright_sac) if row.snr < 4.5 or row.cnr < 4.5]
    assert (tmp_path / "derivatives/anatqc/sub-01/sub-01_iqm.tsv").exists()
    assert (tmp_path / "derivatives/anatqc/dataset_description.json").exists()


@pytest.mark.parametrize("value", ["nan", "inf", "", "x"])
def test_a_threshold_is_a_number(tmp_path, capsys, value):
    with pytest.raises(SystemExit) as ended:
        main(["quality", str(tmp_path), "--subject", "01", "--threshold", f"CISS={value}"])
    assert ended.value.code == 2
    assert f"'CISS={value}' is not like CISS=450" in capsys.readouterr().err


@pytest.mark.parametrize("folder", ["markers", "markers-A"])
def test_the_command_takes_the_annotation_that_is_there(tmp_path, bright_sac, folder):
    write_image(tmp_path / "rawdata/sub-01/anat/sub-01_CISS.nii.gz", bright_sac)
    write_annotation(tmp_path / "derivatives" / folder, straight_subject(), durable=False)
    out = tmp_path / "out"
    arguments = ["quality", str(tmp_path), "--subject", "01", "--out", str(out)]
    assert main(arguments) == 0
    assert {row.foreground for row in read_quality(out / "sub-01_iqm.tsv")} == {"dura"}
    assert main([*arguments, "--threshold", "CISS=700"]) == 0
    assert {(row.classes, row.threshold) for row in read_quality(out / "sub-01_iqm.tsv")} == {("set", 700.0)}


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["quality", "{0}/nowhere", "--subject", "01"], "no such folder"),
        (["quality", "{0}", "--subject", "02"], "holds no CISS or T2TSE image of sub-02"),
        (["quality", "{0}", "--subject", "01", "--markers", "{0}/nowhere"], "no such folder"),
        (
            ["quality", "{0}", "--subject", "01", "--threshold", "CISS=400", "--threshold", "CISS=500"],
            "--threshold gives CISS= more than once",
        ),
    ],
)
def test_bad_input_ends_the_command_with_one_sentence(tmp_path, capsys, arguments, sentence):
    write_image(tmp_path / "rawdata/sub-01/anat/sub-01_CISS.nii.gz", image_on(PLANES))
    assert main([word.format(tmp_path) for word in arguments]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "derivatives").exists()
