"""The sidecar: what it says, what it keeps without knowing it, and what is no sidecar."""

from __future__ import annotations

import json

import pytest
from straight_subject import straight_subject

from SpineRootLib.anatomy import DURA, ROOTS, Root
from SpineRootLib.annotation_files import read_annotation, sidecar_path, write_annotation
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.place import Place
from SpineRootLib.provenance import Provenance

DOCUMENT = {
    "Annotator": "A",
    "Future": {"x": [1, 2.5, None, "é"]},
    "Structures": {"nerveroots_L1_L": {"Seconds": 12.5, "Mood": "good", "Points": {"7": {"Flags": ["uncertain"]}}}},
    "SignOff": {"By": "A", "Date": "2026-01-02"},
}


def test_keys_that_are_not_ours_survive_a_round_trip(tmp_path):
    write_annotation(tmp_path, straight_subject(), durable=False)
    path = sidecar_path(tmp_path / "sub-01", "01")
    path.write_text(json.dumps(DOCUMENT))
    annotation = read_annotation(tmp_path, "01")
    assert (annotation.annotator, annotation.provenance.signed_off) == ("A", True)
    write_annotation(tmp_path, annotation, durable=False)
    assert json.loads(path.read_text()) == DOCUMENT


def test_records_of_structures_and_points(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(DOCUMENT))
    provenance = Provenance.read(path)
    assert provenance.structure("nerveroots_L1_L")["Seconds"] == 12.5
    assert provenance.at(Place(ROOTS, Root("L1", "L"), 7)) == {"Flags": ["uncertain"]}
    assert provenance.at(Place(ROOTS, Root("L1", "L"), 8)) == provenance.at(Place(DURA, slice=1)) == {}
    assert "dura_1" not in provenance.document["Structures"]
    provenance.structure("dura_1")["Placed"] = 3
    assert provenance.document["Structures"]["dura_1"] == {"Placed": 3}


def test_a_copy_is_independent():
    one = Provenance({"Structures": {"dura_1": {"Placed": 1}}})
    one.copy().structure("dura_1")["Placed"] = 2
    assert one.structure("dura_1")["Placed"] == 1


def test_without_a_sidecar_nothing_is_known(tmp_path):
    provenance = Provenance.read(tmp_path / "none.json")
    assert (provenance.document, provenance.annotator, provenance.signed_off) == ({}, None, False)
    assert provenance.planes() is None


def test_the_planes_of_the_recorded_image_are_known():
    affine = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1]]
    planes = Provenance({"Images": {"CISS": {"Affine": affine, "Shape": [5, 5, 9]}}}).planes()
    assert planes is not None
    assert (planes.count, planes.spacing, planes.origin.tolist()) == (9, 2.0, [0, 0, 16])


@pytest.mark.parametrize(
    "image", [{}, {"Affine": 1, "Shape": 2}, {"Affine": [[0] * 4] * 4, "Shape": [1, 1, 1]}, [], None, "x"]
)
def test_a_record_that_tells_no_planes_is_passed_over(image):
    assert Provenance({"Images": {"CISS": image}}).planes() is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '"A"',
        '{"Images": []}',
        '{"Structures": 1}',
        '{"Structures": {"dura_1": 1}}',
        '{"Structures": {"dura_1": {"Points": [1]}}}',
        '{"Images": {"CISS": "x"}}',
        '{"Structures": {"dura_1": {"Seconds": 1%s}}}' % ("0" * 400),
        "{" * 5,
        "[" * 100_000,
        b"\xff",
    ],
)
def test_what_is_no_sidecar_is_refused_with_its_name(tmp_path, content):
    path = tmp_path / "sub-01_annotation.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DatasetError, match="sub-01_annotation.json: "):
        Provenance.read(path)


@pytest.mark.parametrize("annotator", ["../x", ["A"], {"a": 1}, ""])
def test_an_annotator_that_is_no_label_is_refused(tmp_path, annotator):
    path = tmp_path / "sub-01_annotation.json"
    path.write_text(json.dumps({"Annotator": annotator}))
    with pytest.raises(SpineRootError):
        Provenance.read(path)
