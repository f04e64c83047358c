"""A subject's folder: what the wild holds is read and said, what is written is strict, nothing else is touched."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from straight_subject import PLANES, SLICES, contour, straight_subject

from links import needs_links
from SpineRootLib.anatomy import CORD, DURA, Root, all_roots
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.annotation_files import read_annotation, subject_folder, write_annotation
from SpineRootLib.errors import DatasetError, MarkupsFileError, SpineRootError
from SpineRootLib.findings import Severity
from SpineRootLib.frames import flip_ras_lps
from SpineRootLib.markups import read_markup

L1_L = Root("L1", "L")


@pytest.fixture
def folder(tmp_path):
    """The strict files of a complete subject."""
    write_annotation(tmp_path, straight_subject(), durable=False)
    return tmp_path / "sub-01"


def edit(path, change):
    """Change the one markup of a file in place."""
    document = json.loads(path.read_text())
    change(document["markups"][0])
    path.write_text(json.dumps(document))


def assert_same(one: Annotation, other: Annotation, tolerance: float = 0.0):
    """Both hold the same points in the same places."""
    for structure in (DURA, CORD):
        first, second = one.contours_by_slice(structure), other.contours_by_slice(structure)
        assert first.keys() == second.keys()
        for number in first:
            assert np.allclose(first[number].points, second[number].points, rtol=0, atol=tolerance)
    assert one.roots.keys() == other.roots.keys()
    for root in one.roots:
        assert np.allclose(one.root_descending(root), other.root_descending(root), rtol=0, atol=tolerance)
    assert one.ganglia.keys() == other.ganglia.keys()
    for root in one.ganglia:
        assert np.allclose(one.ganglia[root], other.ganglia[root], rtol=0, atol=tolerance)


coordinates = st.floats(-60, 60, allow_subnormal=False)
flat_points = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=9)


@st.composite
def annotations(draw):
    """Any annotation: contours and points anywhere on the slices, any part of it missing."""
    annotation = Annotation("x1", planes=PLANES)
    numbers = st.integers(1, SLICES)
    for structure in (DURA, CORD):
        for number in draw(st.sets(numbers, max_size=4)):
            flat = np.array(draw(flat_points))
            if np.ptp(flat, axis=0).max() > 1.0:  # smaller ones are refused as being in metres
                annotation.set_contour(structure, number, PLANES.lift(flat, number))
    for root in draw(st.sets(st.sampled_from(all_roots()), min_size=1, max_size=3)):
        placed = draw(st.dictionaries(numbers, st.tuples(coordinates, coordinates), min_size=1, max_size=5))
        points = [PLANES.lift([place], number)[0] for number, place in placed.items()]
        annotation.roots[root] = np.array(points)
        annotation.set_ganglion(root, points[0])
    return annotation


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(annotations())
def test_an_annotation_survives_the_round_trip_to_the_last_bit(tmp_path, annotation):
    shutil.rmtree(tmp_path / "sub-x1", ignore_errors=True)
    write_annotation(tmp_path, annotation, durable=False)
    back = read_annotation(tmp_path, "x1", planes=PLANES)
    assert back.findings == []
    assert_same(annotation, back)


def test_the_strict_names_and_labels_are_written(folder):
    names = {path.name for path in folder.iterdir()}
    expected = {f"sub-01_dura_{n}.json" for n in range(1, SLICES + 1)} | {f"sub-01_cord_{n}.json" for n in range(1, 21)}
    expected |= {f"sub-01_{structure}_{root}.json" for structure in ("nerveroots", "ganglions") for root in all_roots()}
    assert names == expected | {"sub-01_annotation.json"}
    markup = read_markup(folder / "sub-01_nerveroots_L1_L.json")
    assert (markup.kind, markup.labels[:2]) == ("Fiducial", ("L1_L-1", "L1_L-2"))
    assert read_markup(folder / "sub-01_dura_3.json").kind == "ClosedCurve"


def test_roots_are_written_from_head_to_feet(tmp_path):
    annotation = straight_subject()
    annotation.roots[L1_L] = np.random.default_rng(3).permutation(annotation.roots[L1_L])
    write_annotation(tmp_path, annotation, durable=False)
    depth = PLANES.depth(read_markup(tmp_path / "sub-01" / "sub-01_nerveroots_L1_L.json").points)
    assert (np.diff(depth) > 0).all()


def test_planes_are_found_again_from_the_contours_alone(folder):
    assert read_annotation(folder.parent, "01").require_planes().agrees_with(PLANES, tolerance_mm=1e-6)


@pytest.mark.parametrize("how", ["markers", "the folder itself", "underscore"])
def test_the_subject_is_found_in_each_layout(folder, how):
    markers = folder.parent
    if how == "the folder itself":
        markers = folder
    elif how == "underscore":
        folder.rename(folder.with_name("sub_01"))
    assert_same(read_annotation(markers, "01"), straight_subject())


def test_the_names_of_the_wild_are_read_as_the_strict_ones(folder):
    for number in range(1, SLICES + 1):
        (folder / f"sub-01_dura_{number}.json").rename(folder / f"sub_01_dura_{number}.json")
    (folder / "sub-01_ganglions_L1_L.json").rename(folder / "sub-01_ganglions_L1_L.mrk.json")
    annotation = read_annotation(folder.parent, "01")
    assert_same(annotation, straight_subject())
    assert annotation.findings == []


def test_contours_numbered_in_any_order_lie_on_their_slices(folder):
    for number in range(1, 21):
        (folder / f"sub-01_cord_{number}.json").rename(folder / f"tmp_{number}")
    for number in range(1, 21):
        (folder / f"tmp_{number}").rename(folder / f"sub-01_cord_{(number * 7) % 20 + 1}.json")
    assert_same(read_annotation(folder.parent, "01"), straight_subject())


def test_files_in_ras_and_in_lps_are_read_alike(folder):
    def to_ras(markup):
        markup["coordinateSystem"] = "RAS"
        for entry in markup["controlPoints"]:
            entry["position"] = flip_ras_lps(entry["position"]).tolist()

    for path in list(folder.glob("*_dura_*.json"))[::2] + [folder / "sub-01_ganglions_S2_R.json"]:
        edit(path, to_ras)
    assert_same(read_annotation(folder.parent, "01"), straight_subject())


def test_curves_stored_as_point_lists_and_the_reverse_are_read_alike(folder):
    edit(folder / "sub-01_dura_3.json", lambda markup: markup.update(type="Fiducial"))
    edit(folder / "sub-01_nerveroots_L1_L.json", lambda markup: markup.update(type="Curve"))
    assert_same(read_annotation(folder.parent, "01"), straight_subject())


def test_duplicated_and_swapped_points_are_read_as_they_are(folder):
    def disturb(markup):
        points = markup["controlPoints"]
        points[3], points[4] = points[4], points[3]
        points.append(points[0])

    edit(folder / "sub-01_nerveroots_L1_L.json", disturb)
    annotation = read_annotation(folder.parent, "01")
    assert len(annotation.roots[L1_L]) == len(straight_subject().roots[L1_L]) + 1
    assert annotation.root_by_slice(L1_L).keys() == straight_subject().root_by_slice(L1_L).keys()


@pytest.mark.parametrize(
    ("label", "severity"),
    [("L2_L-1", Severity.ERROR), ("L_L2-1", Severity.ERROR), ("L1_R", Severity.ERROR), ("F-1", Severity.WARNING)],
)
def test_a_label_that_contradicts_the_file_name_is_said_and_the_name_holds(folder, label, severity):
    edit(folder / "sub-01_ganglions_L1_L.json", lambda markup: markup["controlPoints"][0].update(label=label))
    annotation = read_annotation(folder.parent, "01")
    assert_same(annotation, straight_subject())
    assert [(each.rule, each.severity, each.root) for each in annotation.findings] == [("label", severity, L1_L)]


@pytest.mark.parametrize("label", ["L1_L-1", "L1_L", "L1-L-7", "L_L1-1", "l1_l_2"])
def test_labels_that_mean_the_same_are_no_contradiction(folder, label):
    edit(folder / "sub-01_ganglions_L1_L.json", lambda markup: markup["controlPoints"][0].update(label=label))
    assert read_annotation(folder.parent, "01").findings == []


def test_two_files_of_one_structure_are_said_and_the_strict_name_is_read(folder):
    shutil.copy(folder / "sub-01_dura_9.json", folder / "sub_01_dura_7.json")
    annotation = read_annotation(folder.parent, "01")
    assert_same(annotation, straight_subject())
    assert [each.rule for each in annotation.findings] == ["file-name"]
    assert "sub_01_dura_7.json and sub-01_dura_7.json" in annotation.findings[0].message


@pytest.mark.parametrize(
    ("name", "kind"),
    [("sub-01_dura_1", "Curve"), ("sub-01_cord_1", "Fiducial"), ("sub-01_nerveroots_L1_L", "ClosedCurve")],
)
def test_a_markup_of_another_kind_than_the_name_says_is_read_and_said(folder, name, kind):
    edit(folder / f"{name}.json", lambda markup: markup.update(type=kind))
    annotation = read_annotation(folder.parent, "01")
    [finding] = annotation.findings
    assert (finding.rule, finding.severity) == ("kind", Severity.WARNING)
    assert name in finding.message
    assert kind in finding.message
    assert_same(annotation, straight_subject())


@pytest.mark.parametrize(
    "copy",
    [
        "sub-01_nerveroots_L1_L (1).json",
        "sub-01_nerveroots_L1_L (B's conflicted copy 2026-01-03).json",
        "sub-01_dura_1.sync-conflict-20260103-101010-ABCDEFG.json",
        "sub-01_ganglions_L1_L.fcsv",
        "F.mrk.json",
        "Copy of sub-01_nerveroots_L1_L.json",
        "nerveroots_L1_L.json",
    ],
)
def test_what_looks_like_markups_and_is_not_read_is_said(folder, copy):
    shutil.copy(folder / "sub-01_nerveroots_L1_L.json", folder / copy)
    annotation = read_annotation(folder.parent, "01")
    [finding] = annotation.findings
    assert (finding.rule, finding.severity) == ("not-read", Severity.WARNING)
    assert copy in finding.message
    assert_same(annotation, straight_subject())


@pytest.mark.parametrize(
    "other", ["sub-01_annotation.json", "notes.txt", "sub-01_CISS.json", ".sub-01_dura_1x9.json", "scene.mrml"]
)
def test_other_files_beside_the_markups_are_nobodys_concern(folder, other):
    (folder / other).write_text("{}")
    assert read_annotation(folder.parent, "01").findings == []


def test_a_file_that_slicer_does_not_read_is_said(folder):
    path = folder / "sub-01_nerveroots_L1_L.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    edit(folder / "sub-01_ganglions_L1_R.json", lambda markup: markup.pop("type"))
    annotation = read_annotation(folder.parent, "01")
    assert [finding.message for finding in annotation.findings] == [
        "Slicer does not read sub-01_ganglions_L1_R.json: it does not say what kind of markup it is",
        "Slicer does not read sub-01_nerveroots_L1_L.json: it begins with a byte order mark",
    ]
    assert_same(annotation, straight_subject())


def test_a_file_of_another_subject_is_said_and_not_read(folder):
    (folder / "sub-01_ganglions_L1_L.json").rename(folder / "sub-02_ganglions_L1_L.json")
    annotation = read_annotation(folder.parent, "01")
    assert L1_L not in annotation.ganglia
    assert "names sub-02" in annotation.findings[0].message


def test_a_ganglion_of_several_points_is_said_and_its_first_is_read(folder):
    shutil.copy(folder / "sub-01_nerveroots_L1_L.json", folder / "sub-01_ganglions_L1_L.json")
    annotation = read_annotation(folder.parent, "01")
    assert np.array_equal(annotation.ganglia[L1_L], straight_subject().roots[L1_L][0])
    assert [(each.rule, each.value) for each in annotation.findings] == [("one-ganglion", 36)]


def test_a_root_without_points_is_said_and_missing(folder):
    edit(folder / "sub-01_nerveroots_L1_L.json", lambda markup: markup.update(controlPoints=[]))
    annotation = read_annotation(folder.parent, "01")
    assert L1_L not in annotation.roots
    assert [each.rule for each in annotation.findings] == ["empty-file"]


def test_a_partial_subject_is_read_and_says_what_is_missing(folder):
    for path in [*folder.glob("*_cord_*"), *folder.glob("*_ganglions_*"), folder / "sub-01_nerveroots_S2_R.json"]:
        path.unlink()
    annotation = read_annotation(folder.parent, "01")
    missing = list(annotation.missing())
    assert missing[:2] == ["no cord", "no root S2_R"]
    assert missing[2].startswith("no ganglion L1_L, L1_R, L2_L")


def test_ganglia_alone_are_read_without_planes(folder):
    for path in [*folder.glob("*_cord_*"), *folder.glob("*_dura_*"), *folder.glob("*_nerveroots_*")]:
        path.unlink()
    annotation = read_annotation(folder.parent, "01")
    assert annotation.planes is None
    with pytest.raises(SpineRootError, match="give the CISS image"):
        annotation.require_planes()


@needs_links
def test_writing_again_removes_what_is_gone_and_nothing_else(folder):
    (folder / "notes.txt").write_text("mine")
    (folder / "sub-02_dura_1.json").write_text("another subject's")
    (folder / "sub_01_dura_1.json").write_text("{}")
    target = folder.parent / "elsewhere.json"
    target.write_text("{}")
    (folder / "sub-01_cord_99.json").symlink_to(target)
    annotation = straight_subject()
    annotation.set_contour(CORD, 20, None)
    write_annotation(folder.parent, annotation, durable=False)
    names = {path.name for path in folder.iterdir()}
    assert not names & {"sub-01_cord_20.json", "sub_01_dura_1.json"}
    assert names >= {"notes.txt", "sub-02_dura_1.json", "sub-01_cord_99.json", "sub-01_cord_19.json"}
    assert target.read_text() == "{}"


def test_of_two_contours_on_a_slice_the_first_is_written(tmp_path):
    annotation = straight_subject()
    annotation.contours[DURA].append(contour(8.0, 6.0, 7))
    write_annotation(tmp_path, annotation, durable=False)
    assert_same(read_annotation(tmp_path, "01"), straight_subject())


def test_levels_beyond_the_lumbosacral_ones_are_written_found_and_removed_like_any(tmp_path):
    annotation = Annotation("01", planes=PLANES, segments=("T12", "L1"))
    annotation.roots[Root("T12", "L")] = PLANES.lift([[-5.0, 0.0], [-5.0, 0.0]], [3, 4])
    write_annotation(tmp_path, annotation, durable=False)
    # the folder itself holds nothing but this level
    again = read_annotation(tmp_path / "sub-01", "01", PLANES, ("T12", "L1"))
    assert again.roots.keys() == annotation.roots.keys()
    annotation.roots = {L1_L: PLANES.lift([[-5.0, 0.0]], [3])}
    write_annotation(tmp_path, annotation, durable=False)
    assert [path.name for path in (tmp_path / "sub-01").glob("*_nerveroots_*")] == ["sub-01_nerveroots_L1_L.json"]


def test_files_of_levels_that_are_not_asked_for_are_left_alone(tmp_path):
    annotation = Annotation("01", planes=PLANES, segments=("T12",))
    annotation.roots[Root("T12", "L")] = PLANES.lift([[-5.0, 0.0]], [3])
    write_annotation(tmp_path, annotation, durable=False)
    write_annotation(tmp_path, straight_subject(), durable=False)
    assert (tmp_path / "sub-01" / "sub-01_nerveroots_T12_L.json").exists()


@pytest.mark.parametrize("points", [0, 1, 2])
def test_a_contour_of_too_few_points_is_refused(folder, points):
    edit(folder / "sub-01_dura_5.json", lambda markup: markup.update(controlPoints=markup["controlPoints"][:points]))
    with pytest.raises(MarkupsFileError, match=f"sub-01_dura_5.json: holds a contour of {points} points"):
        read_annotation(folder.parent, "01")


def test_points_in_metres_are_refused_with_the_file_named(folder):
    def metres(markup):
        for entry in markup["controlPoints"]:
            entry["position"] = [value / 1000 for value in entry["position"]]

    for path in folder.glob("*_dura_*"):
        edit(path, metres)
    with pytest.raises(MarkupsFileError, match="metres"):
        read_annotation(folder.parent, "01")


def test_a_root_of_another_place_is_refused_with_the_file_named(folder):
    def away(markup):
        for entry in markup["controlPoints"]:
            entry["position"][2] += 900

    edit(folder / "sub-01_nerveroots_L1_L.json", away)
    with pytest.raises(MarkupsFileError, match=r"sub-01_nerveroots_L1_L.json: lies [\d.]+ mm from the rest"):
        read_annotation(folder.parent, "01")


def test_a_folder_that_is_missing_empty_or_a_file_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    for name, fault in (("none", "no such folder"), ("empty", "holds no markups"), ("file", "not a folder")):
        with pytest.raises(DatasetError, match=fault):
            subject_folder(tmp_path / name, "01")


def test_the_annotator_is_told_by_the_sidecar_else_by_the_folder(folder):
    assert read_annotation(folder.parent, "01", annotator="B").annotator == "B"
    markers = folder.parent / "markers-jl01"
    markers.mkdir()
    folder.rename(markers / "sub-01")
    assert read_annotation(markers, "01").annotator == "jl01"
    (markers / "sub-01" / "sub-01_annotation.json").write_text('{"Annotator": "A"}')
    assert read_annotation(markers, "01").annotator == "A"


def test_a_contours_control_points_keep_their_order(tmp_path):
    annotation = Annotation("01", planes=PLANES)
    points = PLANES.lift([[0, 0], [9, 0], [3, 7], [0, 9]], 4)
    annotation.contours[DURA] = [Contour(points)]
    write_annotation(tmp_path, annotation, durable=False)
    assert np.array_equal(read_annotation(tmp_path, "01").dura[0].points, points)
