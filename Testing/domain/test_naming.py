"""File names: those of the contract, those of the wild, and those that could lead out of a folder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from SpineRootLib.anatomy import CORD, DEFAULT_SEGMENTS, DURA, GANGLIA, ROOTS, Root, all_roots, parse_segments
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.naming import MarkupsName, annotator_label, parse_markups_name, subject_label

labels = st.text("abcXYZ019", min_size=1, max_size=6)
roots = st.sampled_from(all_roots())
contour_names = st.builds(
    lambda subject, structure, number: MarkupsName(subject, structure, number=number),
    *(labels, st.sampled_from([DURA, CORD]), st.integers(1, 500)),
)
point_names = st.builds(
    lambda subject, structure, root: MarkupsName(subject, structure, root=root),
    *(labels, st.sampled_from([ROOTS, GANGLIA]), roots),
)


@given(contour_names | point_names)
def test_a_strict_name_says_what_it_was_made_of(name):
    assert parse_markups_name(name.file_name()) == name


@given(contour_names | point_names, st.booleans(), st.booleans(), st.booleans())
def test_the_names_of_the_wild_say_the_same(name, underscore, two_endings, capitals):
    text = name.file_name()
    text = text.replace("sub-", "sub_") if underscore else text
    text = text.replace(".json", ".mrk.json") if two_endings else text
    if capitals:
        text = text.replace(name.structure, name.structure.capitalize())
    assert parse_markups_name(text) == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sub_14_dura_7.json", MarkupsName("14", DURA, number=7)),
        ("sub-03_dura_007.json", MarkupsName("03", DURA, number=7)),
        ("sub-03_nerveroot_l1_l.json", MarkupsName("03", ROOTS, root=Root("L1", "L"))),
        ("sub-03_nerve_roots_S2_R.mrk.json", MarkupsName("03", ROOTS, root=Root("S2", "R"))),
        ("sub-03_ganglion_L5_R.json", MarkupsName("03", GANGLIA, root=Root("L5", "R"))),
        ("sub-03_ganglia_L5_R.json", MarkupsName("03", GANGLIA, root=Root("L5", "R"))),
    ],
)
def test_names_seen_in_the_wild(text, expected):
    assert parse_markups_name(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "sub-03_annotation.json",
        "dataset_description.json",
        "sub-03_dura_7.txt",
        "sub-03_csf_7.json",
        "xsub-03_dura_7.json",
        "sub-_dura_7.json",
        "sub-03_dura_.json",
        "sub-03_dura_../../7.json",
        "sub-../03_dura_7.json",
        "",
    ],
)
def test_other_files_are_not_ours(text):
    assert parse_markups_name(text) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("sub-03_dura_0.json", "no slice number"),
        ("sub-03_cord_seven.json", "no slice number"),
        ("sub-03_dura_-3.json", "no slice number"),
        ("sub-03_nerveroots_L9_L.json", "no spinal segment"),
        ("sub-03_nerveroots_L1_X.json", "no side"),
        ("sub-03_nerveroots_L1.json", "no side"),
        ("sub-03_ganglions_T12_L.json", "not among those asked for"),
    ],
)
def test_an_unknown_segment_side_or_slice_is_refused_with_the_file_named(text, fault):
    with pytest.raises(SpineRootError, match=fault) as caught:
        parse_markups_name(text)
    assert text in str(caught.value)


def test_levels_that_are_asked_for_are_known():
    assert parse_markups_name("sub-03_ganglions_T12_L.json", ("T12",)) == MarkupsName(
        "03", GANGLIA, root=Root("T12", "L")
    )


@pytest.mark.parametrize("text", ["..", "../03", "03/..", "", "a b", "sub-", "0_3", "03\n", "é"])
@pytest.mark.parametrize("label", [subject_label, annotator_label])
def test_a_label_that_could_lead_outside_its_folder_is_refused(label, text):
    with pytest.raises(DatasetError, match="letters and digits only"):
        label(text)


def test_labels_are_taken_with_and_without_their_prefix():
    assert subject_label("sub-03") == subject_label("03") == "03"
    assert annotator_label("markers-jl01") == annotator_label("jl01") == "jl01"


def test_segments_are_sorted_from_head_to_feet_without_duplicates():
    assert parse_segments("S1, L2 T12 L2") == ("T12", "L2", "S1")
    assert parse_segments(DEFAULT_SEGMENTS[::-1]) == DEFAULT_SEGMENTS
    assert parse_segments("S1 L6 L1 T13 T12 L5") == ("T12", "T13", "L1", "L5", "L6", "S1")
    for wrong in ("", "L7", "l1", "C9", "Q1"):
        with pytest.raises(SpineRootError):
            parse_segments(wrong)


def test_roots_sort_from_head_to_feet_left_first():
    assert [str(root) for root in sorted([Root("S1", "L"), Root("L5", "R"), Root("L5", "L")])] == [
        "L5_L",
        "L5_R",
        "S1_L",
    ]
    assert Root.parse("L5_R").opposite == Root("L5", "L")
