"""One markups file: what the wild holds is read, what is no markups file is refused, what is written is strict."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from SpineRootLib.errors import MarkupsFileError
from SpineRootLib.markups import CLOSED_CURVE, FIDUCIAL, Markup, markup_text, read_markup, write_markup

TRIANGLE = [[0.0, 0.0, 0.0], [10.0, 0.0, 0.0], [0.0, 10.0, 0.0]]


def document(points=TRIANGLE, **markup) -> dict:
    """A markups document with control points and whatever else is to be in the markup."""
    entries = [{"id": str(n), "label": f"P-{n}", "position": point} for n, point in enumerate(points, start=1)]
    return {
        "@schema": "x/markups-schema-v1.0.3.json#",
        "markups": [{"type": "ClosedCurve", "controlPoints": entries, **markup}],
    }


@pytest.fixture
def file(tmp_path):
    """Writes a text, bytes or a document as a file and returns its path."""

    def write(content):
        path = tmp_path / "sub-01_dura_1.json"
        content = content if isinstance(content, (str, bytes)) else json.dumps(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    arrays(np.float64, st.tuples(st.integers(0, 8), st.just(3)), elements=st.floats(-1000, 1000)),
    st.sampled_from([FIDUCIAL]),
    st.text(max_size=8),
)
def test_what_is_written_is_read_back_to_the_last_bit(tmp_path, points, kind, label):
    markup = Markup(kind, points, tuple(f"{label}{n}" for n in range(len(points))))
    back = read_markup(write_markup(tmp_path / "a.json", markup, durable=False))
    assert (back.kind, back.labels) == (markup.kind, markup.labels)
    assert np.array_equal(back.points, markup.points)


def test_a_file_is_written_as_slicer_writes_it():
    written = json.loads(markup_text(Markup(CLOSED_CURVE, np.array(TRIANGLE) + 1.0, ("a-1", "a-2", "a-3"))))
    assert "markups-schema-v1.0" in written["@schema"]
    (markup,) = written["markups"]
    assert (markup["type"], markup["coordinateSystem"], markup["coordinateUnits"]) == ("ClosedCurve", "LPS", "mm")
    assert (markup["locked"], markup["fixedNumberOfControlPoints"]) == (False, False)
    assert (markup["labelFormat"], markup["lastUsedControlPointNumber"], markup["measurements"]) == ("%N-%d", 3, [])
    assert markup["controlPoints"][0] == {
        **{"id": "1", "label": "a-1", "description": "", "associatedNodeID": "", "position": [-1.0, -1.0, 1.0]},
        # LPS: its axes to the right and to the front are turned against those of RAS
        "orientation": [-1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0],
        **{"selected": True, "locked": False, "visibility": True, "positionStatus": "defined"},
    }


@pytest.mark.parametrize(("kind", "glyph"), [(CLOSED_CURVE, 0.5), (FIDUCIAL, 1.0)])
def test_a_file_is_shown_with_small_marks_of_its_color_and_no_words(kind, glyph):
    markup = Markup(kind, np.array(TRIANGLE) + 1.0, ("a-1", "a-2", "a-3"))
    display = json.loads(markup_text(markup, (0.25, 0.5, 1.0)))["markups"][0]["display"]
    assert display["color"] == display["selectedColor"] == [0.25, 0.5, 1.0]
    assert (display["visibility"], display["opacity"], display["glyphType"]) == (True, 1.0, "Sphere3D")
    assert (display["useGlyphScale"], display["glyphScale"], display["glyphSize"]) == (True, glyph, 1.0)
    assert (display["textScale"], display["lineThickness"]) == (3.0, 0.2)
    assert (display["pointLabelsVisibility"], display["propertiesLabelVisibility"]) == (False, False)


def test_without_a_color_it_is_shown_in_one_that_slicer_can_show():
    display = json.loads(markup_text(Markup(FIDUCIAL, np.array(TRIANGLE), ("a", "b", "c"))))["markups"][0]["display"]
    assert all(0.0 <= channel <= 1.0 for channel in display["color"])
    assert len(set(display["color"])) > 1, "no grey, which the image is"


@pytest.mark.parametrize("system", ["LPS", 1, "1"])
def test_coordinates_in_lps_are_turned(file, system):
    assert read_markup(file(document(coordinateSystem=system))).points[1].tolist() == [-10.0, 0.0, 0.0]


@pytest.mark.parametrize("system", ["RAS", "0"])
def test_coordinates_in_ras_are_kept(file, system):
    assert read_markup(file(document(coordinateSystem=system))).points[1].tolist() == [10.0, 0.0, 0.0]


def test_without_a_frame_lps_holds_as_in_slicer(file):
    assert read_markup(file(document())).points[2].tolist() == [0.0, -10.0, 0.0]


@pytest.mark.parametrize("version", ["1.0.0", "1.0.3", "1.0.4", "1.7.2"])
def test_every_schema_1_is_read(file, version):
    content = document()
    content["@schema"] = f"https://example.org/markups-schema-v{version}.json#"
    assert len(read_markup(file(content)).points) == 3


def test_a_file_with_a_byte_order_mark_is_read(file):
    assert len(read_markup(file(b"\xef\xbb\xbf" + json.dumps(document()).encode())).points) == 3


@pytest.mark.parametrize("kind", ["Fiducial", "Curve", "ClosedCurve"])
def test_point_lists_and_curves_are_read_alike(file, kind):
    markup = read_markup(file(document(type=kind)))
    assert (markup.kind, len(markup.points), markup.labels) == (kind, 3, ("P-1", "P-2", "P-3"))


@pytest.mark.parametrize("units", ["mm", "", None, ["mm", "UCUM", "millimeter"]])
def test_millimetres_are_read_however_they_are_named(file, units):
    assert len(read_markup(file(document(coordinateUnits=units))).points) == 3


@pytest.mark.parametrize("schema", [None, "", "https://example.org/some-schema.json", 7])
def test_a_file_without_a_schema_of_slicers_is_read(file, schema):
    content = document()
    content["@schema"] = schema
    assert len(read_markup(file(content)).points) == 3
    del content["@schema"]
    assert len(read_markup(file(content)).points) == 3


@pytest.mark.parametrize(
    ("points", "kind"),
    [
        ((np.array(TRIANGLE) / 10).tolist(), "ClosedCurve"),  # of 1 mm
        ([[0, 0, 0], [0.2, 0, 0]], "Curve"),  # two points are no curve yet
        ((np.array(TRIANGLE) / 1000).tolist(), "Fiducial"),  # points may lie close together
    ],
)
def test_small_markups_are_read(file, points, kind):
    assert len(read_markup(file(document(points, type=kind))).points) == len(points)


def test_the_point_that_has_no_finite_place_is_told_by_its_number(file):
    with pytest.raises(MarkupsFileError, match=r"not finite \(point 2\)"):
        read_markup(file(BAD["NaN"]))


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path):
    (tmp_path / "sub-01_dura_1.json").mkdir()
    with pytest.raises(MarkupsFileError, match="is no file"):
        read_markup(tmp_path / "sub-01_dura_1.json")


def test_points_that_were_never_placed_are_left_out(file):
    content = document()
    content["markups"][0]["controlPoints"][1]["positionStatus"] = "undefined"
    content["markups"][0]["controlPoints"][1]["position"] = [0, 0, 0]
    assert read_markup(file(content)).labels == ("P-1", "P-3")


def test_a_markup_without_points_is_empty(file):
    for empty in ({"controlPoints": []}, {"controlPoints": None}):
        content = document()
        content["markups"][0].update(empty)
        assert read_markup(file(content)).points.shape == (0, 3)


BAD = {
    "nothing": "",
    "truncated": json.dumps(document())[:200],
    "no text": b"\xff\xfe\x00\x01",
    "no markups file": json.dumps({"subject": "03"}),
    "a list": "[]",
    "a number": "7",
    "markups no list": json.dumps({"markups": {}}),
    "two markups": json.dumps({"markups": document()["markups"] * 2}),
    "no markup": json.dumps({"markups": []}),
    "a markup that is none": json.dumps({"markups": ["dura"]}),
    "schema 2": json.dumps({**document(), "@schema": "markups-schema-v2.0.0.json"}),
    "NaN": json.dumps(document([[0, 0, 0], [1, float("nan"), 0], [0, 1, 0]])),
    "infinity": json.dumps(document([[0, 0, 0], [1, float("inf"), 0], [0, 1, 0]])),
    "a number beyond double": json.dumps(document()).replace("10.0", "1e999"),
    "a whole number beyond double": json.dumps(document([[10**400, 0, 0], [1, 0, 0], [0, 1, 0]])),
    "two coordinates": json.dumps(document([[0, 0], [1, 0], [0, 1]])),
    "a ragged position": json.dumps(document([[0, 0, 0], [1, 0], [0, 1, 0]])),
    "words": json.dumps(document([["a", "b", "c"]])),
    "a number in a text, which Slicer drops": json.dumps(document([["1.5", 0, 0]])),
    "a truth value, which Slicer drops": json.dumps(document([[True, 0, 0]])),
    "null": json.dumps(document([[None, 0, 0]])),
    "no position": json.dumps({"markups": [{"controlPoints": [{"label": "a"}]}]}),
    "a position of objects": json.dumps(document([[{}, {}, {}]])),
    "points no list": json.dumps({"markups": [{"controlPoints": {"a": 1}}]}),
    "points no objects": json.dumps({"markups": [{"controlPoints": [1, 2]}]}),
    "metres by their unit": json.dumps(document(coordinateUnits="m")),
    "metres by a coded unit": json.dumps(document(coordinateUnits=["m", "UCUM", "metre"])),
    "metres by their size": json.dumps(document((np.array(TRIANGLE) / 1000).tolist())),
    "an unknown frame": json.dumps(document(coordinateSystem="XYZ")),
    "a frame that Slicer reads as the other one": json.dumps(document(coordinateSystem="lps")),
    "a plane": json.dumps(document(type="Plane")),
    "an angle": json.dumps(document(type="Angle")),
    "a region of interest": json.dumps(document(type="ROI")),
    "a line of two points": json.dumps(document([[0, 0, 0], [10, 0, 0]], type="Line")),
    "a point of a status that Slicer refuses": json.dumps(document()).replace(
        '"controlPoints": [{', '"controlPoints": [{"positionStatus": "perhaps", '
    ),
    "nested without end": "[" * 100_000,
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_what_is_no_markups_file_is_refused_in_one_sentence_with_its_name(file, content):
    path = file(content)
    with pytest.raises(MarkupsFileError) as caught:
        read_markup(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(MarkupsFileError, match="cannot be read"):
        read_markup(tmp_path / "none.json")


@pytest.mark.parametrize("key", ["coordinateSystem", "position"])
def test_a_file_that_says_one_thing_twice_is_refused_as_slicer_takes_the_other_one(file, key):
    text = json.dumps(document(coordinateSystem="LPS"))
    twice = text.replace(f'"{key}"', f'"{key}": "RAS", "{key}"', 1)
    with pytest.raises(MarkupsFileError, match=f"says '{key}' twice"):
        read_markup(file(twice))
