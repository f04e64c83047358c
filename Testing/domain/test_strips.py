"""Straightened views: where a strip lies in space, what is seen on it, and the page that the command draws."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from image_of_spine import image_of_spine
from raters_on_disk import put
from small_stack import CORD_CENTRE, CORD_MM, DARK, FLUID, SAC_MM, SmallStack
from straight_spine import straight_spine
from straight_subject import PLANES, straight_subject

from SpineRootLib.anatomy import CORD, DURA, ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.commands import main
from SpineRootLib.dataset_description import describe_raw
from SpineRootLib.errors import GeometryError
from SpineRootLib.images import write_image
from SpineRootLib.place import Place
from SpineRootLib.provenance import PROPOSED
from SpineRootLib.strips.page import page
from SpineRootLib.strips.settings import PageSettings, StripSettings
from SpineRootLib.strips.strip import Across, Strip, strip_along
from SpineRootLib.strips.subject_strips import root_strip, sac_strip, subject_strips

L1, L2 = Root("L1", "L"), Root("L2", "L")
BOTH = pytest.mark.parametrize("across", list(Across))
# on a strip 0.05 mm are asked for; what is left here is rounding
EXACT_MM = 1e-6


def wavy(across: Across = Across.LEFT_RIGHT) -> Strip:
    """A strip along a course that goes to and fro on tilted slices."""
    numbers = np.arange(5, 31)
    flat = np.column_stack([4.0 * np.sin(numbers / 4.0), -0.3 * numbers])
    return strip_along(PLANES, dict(zip(numbers, PLANES.lift(flat, numbers), strict=True)), across)


@BOTH
def test_a_point_in_space_is_found_again_from_its_place_on_the_strip(across: Across) -> None:
    strip, random = wavy(across), np.random.default_rng(1)
    numbers = random.integers(strip.first, strip.last + 1, 200)
    points = PLANES.lift(random.uniform(-9.0, 9.0, (200, 2)), numbers)
    places, in_front = strip.to_strip(points)
    assert places[:, 1] == pytest.approx(numbers)
    assert np.abs(strip.to_ras(places, in_front) - points).max() < EXACT_MM
    anywhere = points + random.normal(0.0, 1.0, points.shape)
    assert np.abs(strip.to_ras(*strip.to_strip(anywhere)) - anywhere).max() < EXACT_MM, "between slices, too"


@BOTH
def test_a_click_on_a_strip_is_a_point_on_the_plane_of_the_nearest_slice(across: Across) -> None:
    strip = wavy(across)
    number, point = strip.on_slice([2.5, 17.4])
    assert number == 17
    assert abs(PLANES.off_plane(point)[0]) < EXACT_MM
    place, in_front = strip.to_strip(point)
    assert place[0] == pytest.approx([2.5, 17.0])
    assert in_front == pytest.approx([0.0], abs=EXACT_MM)
    assert strip.on_slice([0.0, 99.0])[0] == PLANES.count
    assert strip.on_slice([0.0, -3.0])[0] == 1


def test_the_patients_right_or_front_is_on_the_left_as_in_slicers_views() -> None:
    for across, towards in ((Across.LEFT_RIGHT, -PLANES.right), (Across.FRONT_BACK, -PLANES.anterior)):
        strip = wavy(across)
        middle = strip.to_ras([[0.0, 12.0]])[0]
        assert strip.to_strip(middle + 3.0 * towards)[0][0] == pytest.approx([3.0, 12.0])


@BOTH
def test_the_picture_shows_what_the_image_has_at_each_of_its_places(stack: SmallStack, across: Across) -> None:
    points = stack.truth.root_by_slice(L1)
    strip = strip_along(stack.planes, points, across)
    picture, places = strip.picture(stack.image, 0.3), strip.places(0.3)
    assert picture.shape == places.shape[:2]
    for number in (3, 8):
        row = int(np.abs(places[:, 0, 1] - number).argmin())
        at_slice = strip.to_ras(np.column_stack([places[row, :, 0], np.full(picture.shape[1], number)]))
        index = np.round(stack.image.index_of(at_slice)).astype(int)
        near = stack.image.voxels[index[:, 0], index[:, 1], index[:, 2]]
        assert np.median(np.abs(picture[row] - near)) < 0.1 * FLUID


def test_a_root_that_is_marked_well_is_a_dark_band_in_the_middle_of_its_strip(stack: SmallStack) -> None:
    strip = strip_along(stack.planes, stack.truth.root_by_slice(L1))
    picture, middle = strip.picture(stack.image, 0.3), None
    middle = picture.shape[1] // 2
    inner = picture[10:-10, middle]
    beside = picture[10:-10, middle + 5]
    assert np.median(inner) < DARK + 0.2 * (FLUID - DARK)
    assert np.median(beside) > FLUID - 0.2 * (FLUID - DARK)


def test_outside_of_the_image_nothing_is_shown(stack: SmallStack) -> None:
    points = {number: point + 40.0 * stack.planes.right for number, point in stack.truth.root_by_slice(L1).items()}
    assert np.isnan(strip_along(stack.planes, points).picture(stack.image, 0.3)).all()


def exchanged(first: int, last: int) -> Annotation:
    """The straight subject, two neighbours' names exchanged on some slices."""
    annotation = straight_subject()
    one, other = annotation.root_by_slice(L1), annotation.root_by_slice(L2)
    for number in range(first, last + 1):
        annotation.set_root_point(L1, number, other[number])
        annotation.set_root_point(L2, number, one[number])
    return annotation


def test_names_exchanged_over_five_slices_leave_the_middle_and_lie_on_the_neighbours_line() -> None:
    annotation = exchanged(18, 22)
    marked = root_strip(annotation, L1)
    off = {number: abs(place[0]) for number, place in marked.marks.items()}
    apart = 0.7
    assert max(off, key=lambda number: off[number]) in range(17, 24)
    steps = {number: marked.marks[number + 1][0] - place[0] for number, place in marked.marks.items() if number < 40}
    largest = sorted(steps, key=lambda number: -abs(steps[number]))[:2]
    assert sorted(largest) == [17, 22], "the course jumps to the neighbour and back"
    assert min(abs(steps[number]) for number in largest) > 0.7 * apart
    honest = root_strip(straight_subject(), L1)
    assert max(abs(place[0]) for place in honest.marks.values()) < EXACT_MM


def test_other_roots_that_come_near_are_lines_and_those_far_off_are_not() -> None:
    marked = root_strip(straight_subject(), L1)
    assert L2 in marked.others
    assert marked.others[L2][:, 0] == pytest.approx(-0.7), "nearer to the midline, to the patient's right of L1"
    assert Root("L1", "R") not in marked.others
    assert L1 not in marked.others


@pytest.mark.parametrize(
    "across, structure, halves, centre",
    [
        (Across.LEFT_RIGHT, DURA, SAC_MM[0], 0.0),
        (Across.FRONT_BACK, DURA, SAC_MM[1], 0.0),
        (Across.FRONT_BACK, CORD, CORD_MM[1], -CORD_CENTRE[1]),
    ],
)
def test_the_edges_of_dura_and_cord_are_where_the_sheet_cuts_them(stack, across, structure, halves, centre) -> None:
    edges = sac_strip(stack.truth, across).edges[structure]
    for number in range(1, stack.planes.count + 1):
        at = np.sort(edges[edges[:, 1] == number, 0])
        assert at == pytest.approx([centre - halves, centre + halves], abs=0.05)


def test_a_root_that_leaves_the_dura_has_an_exit_and_one_that_stays_has_none() -> None:
    annotation = straight_subject()
    assert root_strip(annotation, L1).exit_slice is None
    for number in range(31, 41):
        annotation.set_root_point(L1, number, PLANES.lift([[-12.0, -3.0]], number)[0])
    assert root_strip(annotation, L1).exit_slice == 30


def test_what_nobody_confirmed_is_told_from_what_a_person_marked() -> None:
    annotation = straight_subject()
    annotation.provenance.set_at(Place(ROOTS, L1, 12), {"Flags": [PROPOSED]})
    marked = root_strip(annotation, L1)
    assert list(marked.proposed) == [12]
    assert 12 not in marked.marks
    assert len(marked.marks) == len(annotation.roots[L1]) - 1


def test_a_root_of_which_nothing_is_marked_has_no_strip() -> None:
    annotation = straight_subject()
    del annotation.roots[L1]
    titles = [each.title for each in subject_strips(annotation)]
    assert "L1_L" not in titles
    assert len(titles) == 2 + 13
    with pytest.raises(GeometryError, match="nothing along which"):
        root_strip(annotation, L1)


def test_slices_of_one_number_stand_at_one_height_on_the_page(stack: SmallStack) -> None:
    """Of two roots the one that begins lower begins lower on the page."""
    annotation = Annotation("00", planes=stack.planes, segments=("L1", "L2"))
    for number, point in stack.truth.root_by_slice(L1).items():
        annotation.set_root_point(L1, number, point)
        if number > 9:
            annotation.set_root_point(L2, number, stack.truth.root_by_slice(L2)[number])
    settings, strips = PageSettings(), subject_strips(annotation)
    sheet = page(stack.image, strips, "sub-00", settings=settings)
    left = settings.gap + settings.ruler
    width = 2 * round(StripSettings().half_width_mm / StripSettings().pixel_mm) + 1
    step = settings.zoom * width + settings.gap + settings.ruler
    inked = [
        np.flatnonzero((sheet[2 * settings.head : -settings.head, at + 30 : at + 60] < 255).all(axis=(1, 2)))[0]
        for at in (left, left + step)
    ]
    below = (strips[1].strip.first - strips[0].strip.first) * stack.planes.spacing
    assert inked[1] - inked[0] == pytest.approx(below / StripSettings().pixel_mm * settings.zoom, abs=settings.zoom)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image, and one annotator's work on it."""
    root = tmp_path_factory.mktemp("strips")
    write_image(root / "rawdata/sub-01/anat/sub-01_CISS.nii.gz", image_of_spine())
    describe_raw(root, root / "rawdata", "strips")
    put(root / "derivatives", straight_spine(), "A", ciss=None)
    return root


def test_the_command_draws_one_page_and_says_what_is_on_it(dataset: Path, tmp_path: Path, capsys) -> None:
    line = ["strips", str(dataset), "--subject", "01", "--out", str(tmp_path), "--json-lines", "--across", "front-back"]
    assert main(line) == 0
    *progress, said = map(json.loads, capsys.readouterr().out.splitlines())
    assert "progress" in {each["event"] for each in progress}
    assert said["across"] == "front-back"
    assert said["strips"][:2] == ["sac, from the front", "sac, from the side"]
    picture = sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "sub-01_strips.png")))
    assert picture.ndim == 3
    assert len(np.unique(picture)) > 50, "an image is seen on it"
    assert (tmp_path / "dataset_description.json").is_file()


@pytest.mark.parametrize(
    "options, sentence",
    [
        (["--subject", "09"], "sub-09"),
        (["--subject", "01", "--across", "up-down"], "up-down"),
        (["--subject", "01", "--out", "{root}/derivatives/markers-A"], "choose another folder"),
        (["--subject", "01", "--markers", "{root}/nowhere"], "nowhere"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_written(dataset: Path, tmp_path: Path, capsys, options, sentence):
    out = [] if "--out" in options else ["--out", str(tmp_path / "out")]
    try:
        status = main(["strips", str(dataset), *[each.format(root=dataset) for each in options], *out])
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    said = capsys.readouterr().err.strip()
    assert sentence in said
    assert "\n" not in said
    assert not (tmp_path / "out").exists()
    assert not list((dataset / "derivatives/markers-A").glob("*.png"))


def test_an_edge_beside_the_sheet_is_not_seen() -> None:
    edges = root_strip(straight_subject(), L1).edges[DURA]
    assert len(edges) > 0
    assert np.abs(edges[:, 0]).max() <= StripSettings().half_width_mm
