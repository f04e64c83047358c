"""What somebody wrote into a markups file besides its points is there after an edit, or in a copy of the file."""

from __future__ import annotations

import json

import numpy as np
import pytest

from SpineRootAnnotatorLib.work.foreign_fields import ForeignFields, with_foreign_fields
from SpineRootAnnotatorLib.work.history import Edit, Step
from SpineRootAnnotatorLib.work.marks import Mark, read_mark
from SpineRootAnnotatorLib.work.subject_work import SubjectWork
from SpineRootLib.anatomy import DURA, GANGLIA, ROOTS, Root
from SpineRootLib.annotation_files import read_annotation, write_annotation
from SpineRootLib.dataset import Dataset
from SpineRootLib.naming import MarkupsName
from SpineRootLib.place import Place

L3 = Root("L3", "L")
FILE = "sub-01_nerveroots_L3_L.json"


@pytest.fixture
def folder(annotation, markers):
    write_annotation(markers, annotation, durable=False)
    return markers / "sub-01"


@pytest.fixture
def root_file(folder):
    """The file of a root, as an annotator has added to it in Slicer and with another program."""
    path = folder / FILE
    document = json.loads(path.read_text())
    document["Project"] = {"Name": "mine"}
    markup = document["markups"][0]
    markup.update({"locked": True, "name": "the third left", "labelFormat": "%N %d", "Author": "jl"})
    markup["display"]["opacity"] = 0.5
    points = markup["controlPoints"]
    points[1].update({"description": "crosses here", "locked": True})
    points[3].update({"visibility": False, "selected": False, "Confidence": 0.7, "description": "caf\u00e9 \U0001f600"})
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def opened(folder, annotation):
    """Opens the subject as a new session does, on an image with the slices of these tests."""

    def again():
        work = SubjectWork.open(Dataset.open(folder.parents[2]), "01", "A")
        work.annotation.planes = annotation.planes
        work.begin()
        return work

    return again


@pytest.fixture
def edit(opened):
    """Makes one edit in a new session, and closes it."""

    def one(change, *places):
        work = opened()
        edits = [Edit(place, before := read_mark(work.annotation, place), change(before, work)) for place in places]
        work.do(Step(tuple(edits)))
        assert work.close() == []

    return one


def moved(before, _work):
    return before.moved(before.points + [0.4, 0.2, 0.0], "corrected")


def cleared(_before, _work):
    return None


def renamed(path, label):
    document = json.loads(path.read_text())
    for number, point in enumerate(document["markups"][0]["controlPoints"], start=1):
        point["label"] = f"{label}-{number}"
    path.write_text(json.dumps(document))


def said(path):
    document = json.loads(path.read_text())
    markup = document["markups"][0]
    entries = markup["controlPoints"]
    keys = ("description", "locked", "visibility", "selected", "Confidence")
    return document, markup, [{key: entry.get(key) for key in keys} for entry in entries]


def kept(folder):
    """The copies of a session, by name, as bytes."""
    return {path.name: path.read_bytes() for path in folder.glob("as-found-*/*")}


@pytest.mark.parametrize("number", [2, 3, 5])
def test_what_was_written_besides_the_points_stays_when_one_is_moved(root_file, folder, number, edit):
    before = said(root_file)
    edit(moved, Place(ROOTS, L3, number))
    document, markup, points = said(root_file)
    assert document["Project"] == {"Name": "mine"}
    assert (markup["locked"], markup["name"], markup["labelFormat"], markup["Author"]) == (
        True,
        "the third left",
        "%N %d",
        "jl",
    )
    assert markup["display"]["opacity"] == 0.5
    assert points == before[2]
    assert [entry["label"] for entry in markup["controlPoints"]] == [f"L3_L-{n}" for n in range(1, 6)]
    assert kept(folder) == {}


@pytest.mark.usefixtures("root_file")
def test_the_point_is_where_it_was_moved(folder, annotation, edit):
    before = read_annotation(folder.parent, "01", annotation.planes).root_by_slice(L3)[3]
    edit(moved, Place(ROOTS, L3, 3))
    assert np.allclose(
        read_annotation(folder.parent, "01", annotation.planes).root_by_slice(L3)[3], before + [0.4, 0.2, 0.0]
    )


def test_what_was_said_of_a_point_stays_with_it_when_another_is_removed_or_added(root_file, folder, annotation, edit):
    before = said(root_file)[2]
    edit(cleared, Place(ROOTS, L3, 2))
    assert said(root_file)[2] == before[1:]
    edit(lambda *_: Mark.of(annotation.planes.lift([[-5.0, -3.0]], 2)[0]), Place(ROOTS, L3, 2))
    assert said(root_file)[2][1:] == before[1:]
    assert said(root_file)[2][0]["description"] == ""
    assert kept(folder) == {}


def test_a_point_that_is_removed_with_what_was_said_of_it_is_kept_in_a_copy(root_file, folder, edit):
    original = root_file.read_bytes()
    edit(cleared, Place(ROOTS, L3, 3))
    assert kept(folder) == {FILE: original}
    edit(cleared, Place(ROOTS, L3, 4))
    assert len(list(folder.glob("as-found-*"))) == 1, "of what nothing is lost no copy is made"


def test_a_file_that_is_removed_with_what_was_said_in_it_is_kept_in_a_copy(folder, edit):
    path = folder / "sub-01_ganglions_L3_L.json"
    document = json.loads(path.read_text())
    document["markups"][0]["controlPoints"][0]["description"] = "large"
    path.write_text(json.dumps(document))
    original = path.read_bytes()
    edit(cleared, Place(GANGLIA, L3))
    assert not path.exists()
    assert kept(folder) == {path.name: original}


@pytest.mark.parametrize("of", ["file", "markup", "display"])
def test_a_file_that_is_removed_with_what_was_said_of_all_of_it_is_kept_in_a_copy(folder, edit, of):
    path = folder / "sub-01_dura_7.json"
    document = json.loads(path.read_text())
    markup = document["markups"][0]
    {"file": document, "markup": markup, "display": markup["display"]}[of]["Author"] = "jl"
    path.write_text(json.dumps(document))
    original = path.read_bytes()
    edit(cleared, Place(DURA, slice=7))
    assert not path.exists()
    assert kept(folder) == {path.name: original}


def test_a_file_of_ours_that_says_nothing_more_is_made_anew_letter_by_letter(folder):
    found = (folder / FILE).read_text()
    assert with_foreign_fields(found.encode(), found, "L3_L") == (found, True)


def test_points_without_a_name_beside_ours_lose_nothing(folder):
    found = (folder / FILE).read_text()
    document = json.loads(found)
    document["markups"][0]["controlPoints"][0]["label"] = ""
    assert with_foreign_fields(json.dumps(document).encode(), found, "L3_L") == (found, True)


def test_of_a_file_that_loses_something_twice_there_is_one_copy(root_file, folder, annotation):
    original = root_file.read_bytes()
    name, fields = MarkupsName("01", ROOTS, root=L3), ForeignFields(folder)
    for removed in ([3], [1, 3]):
        fields.write(name, np.delete(annotation.roots[L3], removed, axis=0))
        assert [path.read_bytes() for path in folder.glob("as-found-*/*")] == [original]


def test_what_is_removed_may_be_gone_already(tmp_path):
    ForeignFields(tmp_path).write(MarkupsName("01", ROOTS, root=L3), np.empty((0, 3)))
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_ours_leaves_no_copy(folder, edit):
    edit(moved, Place(GANGLIA, L3), Place(ROOTS, L3, 3), Place(DURA, slice=3))
    edit(cleared, Place(GANGLIA, L3), Place(ROOTS, L3, 3), Place(DURA, slice=3))
    assert kept(folder) == {}


@pytest.mark.parametrize("label", ["rootlet", "F", "L3-L"])
def test_points_that_were_named_otherwise_are_kept_in_a_copy(root_file, folder, label, edit):
    renamed(root_file, label)
    original = root_file.read_bytes()
    edit(moved, Place(ROOTS, L3, 3))
    assert kept(folder) == {FILE: original}
    assert said(root_file)[1]["controlPoints"][0]["label"] == "L3_L-1"


def test_points_that_were_not_placed_are_kept_in_a_copy(root_file, folder, edit):
    document = json.loads(root_file.read_text())
    spare = {**document["markups"][0]["controlPoints"][0], "positionStatus": "undefined"}
    document["markups"][0]["controlPoints"].append(spare)
    root_file.write_text(json.dumps(document))
    original = root_file.read_bytes()
    edit(moved, Place(ROOTS, L3, 3))
    assert kept(folder) == {FILE: original}


def test_the_copy_is_of_the_file_as_it_was_when_the_subject_was_opened(root_file, folder, opened):
    original = root_file.read_bytes()
    work = opened()
    for number, change in ((5, moved), (3, cleared), (2, cleared)):
        place = Place(ROOTS, L3, number)
        before = read_mark(work.annotation, place)
        work.do(Step((Edit(place, before, change(before, work)),)))
        assert work.save_now()
    assert work.close() == []
    assert kept(folder) == {FILE: original}


def test_a_file_in_ras_with_a_byte_order_mark_carries_over_too(root_file, edit):
    document = json.loads(root_file.read_text())
    markup = document["markups"][0]
    markup["coordinateSystem"] = "RAS"
    for point in markup["controlPoints"]:
        x, y, z = point["position"]
        point["position"] = [-x, -y, z]
    root_file.write_text(json.dumps(document), encoding="utf-8-sig")
    edit(moved, Place(ROOTS, L3, 5))
    markup, points = said(root_file)[1:]
    assert markup["coordinateSystem"] == "LPS"
    assert [point["description"] for point in points] == ["", "crosses here", "", "caf\u00e9 \U0001f600", ""]


@pytest.fixture
def said_of_one(folder):
    """The file of a contour, with something written of its sixth point."""
    path = folder / "sub-01_dura_3.json"
    document = json.loads(path.read_text())
    document["markups"][0]["controlPoints"][5]["description"] = "thick"
    path.write_text(json.dumps(document))
    return path


def described(path):
    """Which points of a file something is written of."""
    return [number for number, point in enumerate(said(path)[2]) if point["description"]]


def test_what_was_said_of_a_point_stays_with_it_when_its_neighbour_is_dragged_to_it(said_of_one, folder, edit):
    def onto_the_next(before, _work):
        points = before.points.copy()
        points[4] = points[5] + [0.1, 0.0, 0.0]
        return before.moved(points, "corrected")

    edit(onto_the_next, Place(DURA, slice=3))
    assert described(said_of_one) == [5]
    assert kept(folder) == {}


def test_what_was_said_of_a_contours_point_does_not_wander_when_it_is_drawn_anew_with_fewer(said_of_one, folder, edit):
    original = said_of_one.read_bytes()
    edit(lambda before, _work: before.moved(before.points[:-1] + [0.3, 0.0, 0.0], "corrected"), Place(DURA, slice=3))
    assert described(said_of_one) == []
    assert kept(folder) == {said_of_one.name: original}


def test_of_a_file_that_is_made_and_written_into_while_the_subject_is_open_there_is_no_original(tmp_path):
    name, fields = MarkupsName("01", GANGLIA, root=L3), ForeignFields(tmp_path)
    path = tmp_path / name.file_name()
    fields.write(name, np.array([[1.0, 2.0, 3.0]]))
    renamed(path, "F")
    fields.write(name, np.empty((0, 3)))
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_understood_is_kept_in_a_copy(folder, markers):
    name = MarkupsName("01", GANGLIA, root=L3)
    path = folder / name.file_name()
    for text in (
        "{",
        "[]",
        '{"markups": [{"controlPoints": [{}]}]}',
        '{"markups": [{"Sum": NaN, "controlPoints": []}]}',
    ):
        path.write_text(text)
        ForeignFields(folder).write(name, np.array([[1.0, 2.0, 3.0]]))
        assert path.name in kept(folder)
        assert np.allclose(read_annotation(markers, "01").ganglia[L3], [1.0, 2.0, 3.0])
    assert sorted(path.read_text() for path in folder.glob("as-found-*/*"))[0].startswith("[]")
    assert len(list(folder.glob("as-found-*"))) == 4


def test_files_in_the_wild_keep_what_was_written_into_them_under_their_strict_names(root_file, folder, edit):
    root_file.rename(folder / "sub_01_nerveroots_L3_L.mrk.json")
    dura = folder / "sub-01_dura_7.json"
    document = json.loads(dura.read_text())
    document["markups"][0]["controlPoints"][4]["description"] = "thick"
    dura.write_text(json.dumps(document))
    dura.rename(folder / "sub-01_dura_1.json")
    edit(moved, Place(GANGLIA, L3))
    assert said(root_file)[2][1]["description"] == "crosses here"
    assert said(dura)[2][4]["description"] == "thick"
