"""Closing saves first, whatever else fails; opening that fails leaves nothing behind."""

from __future__ import annotations

import json
import shutil
import threading

import numpy as np
import pytest

from headless.application import start
from SpineRootLib.anatomy import GANGLIA, Root
from SpineRootLib.annotation_files import read_annotation
from SpineRootLib.errors import SpineRootError

start()
import SpineRootAnnotatorLib.session as session_module  # noqa: E402
from SpineRootAnnotatorLib.display import SubjectDisplay  # noqa: E402
from SpineRootAnnotatorLib.work.marks import Mark, Place  # noqa: E402
from SpineRootScene.active_contour import ActiveContour  # noqa: E402

L1 = Root("L1", "L")
GANGLION = Place(GANGLIA, root=L1)
HERE = np.array([10.0, 5.0, -120.0])
SIDECAR, LOCK = "sub-01_annotation.json", "sub-01_annotation.lock"


@pytest.fixture
def dataset(small_phantom, tmp_path):
    """What annotator A marked in the phantom, without images."""
    shutil.copytree(small_phantom / "derivatives" / "markers-A", tmp_path / "derivatives" / "markers-A")
    return tmp_path


@pytest.fixture
def folder(dataset):
    return dataset / "derivatives" / "markers-A" / "sub-01"


def fail(*_args, **_named):
    raise RuntimeError("a view that is gone")


def autosave_threads(folder):
    return [each for each in threading.enumerate() if each.name == f"autosave:{folder}" and each.is_alive()]


def left_behind(scene, folder):
    """The nodes, lock and threads of a session."""
    nodes = [scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes())]
    ours = [node.GetName() for node in nodes if node.GetAttribute("SpineRoot.Role")]
    for thread in autosave_threads(folder):
        thread.join(2.0)
    return ours, (folder / LOCK).exists(), autosave_threads(folder)


PARTS = ["idle_tasks.go_on", "mode.leave", "point.close", "contour.close", "display.close", "_arrangement.give_back"]


@pytest.mark.parametrize("part", PARTS)
def test_what_fails_while_views_are_torn_down_loses_no_edit_and_no_lock(
    session, scene, dataset, folder, monkeypatch, part
):
    session.open(dataset, "01", "A")
    session.subject.put(GANGLION, Mark.of(HERE))
    owner, name = session.subject, part
    if "." in part:
        attribute, name = part.split(".")
        owner = getattr(session.subject, attribute)
    end = getattr(owner, name)

    def end_and_fail():
        end()
        fail()

    monkeypatch.setattr(owner, name, end_and_fail)
    with pytest.raises(RuntimeError, match="a view that is gone"):
        session.close()
    assert np.allclose(read_annotation(folder.parent, "01").ganglia[L1], HERE)
    assert left_behind(scene, folder) == ([], False, [])
    assert not session.is_open
    session.open(dataset, "01", "A")
    assert np.allclose(session.subject.annotation.ganglia[L1], HERE)


def test_the_edit_is_on_the_disk_before_any_view_is_torn_down(session, dataset, folder, monkeypatch):
    session.open(dataset, "01", "A")
    session.subject.put(GANGLION, Mark.of(HERE))
    seen = []
    leave = session.subject.mode.leave

    def look_then_leave():
        seen.append(read_annotation(folder.parent, "01").ganglia[L1])
        leave()

    monkeypatch.setattr(session.subject.mode, "leave", look_then_leave)
    session.close()
    assert np.allclose(seen, [HERE])


def test_what_cannot_be_handed_over_at_the_end_is_kept_elsewhere(session, dataset, tmp_path, monkeypatch):
    session.open(dataset, "01", "B")
    session.subject.put(GANGLION, Mark.of(HERE))
    monkeypatch.setattr("SpineRootAnnotatorLib.work.subject_work.structure_writer", fail)
    with pytest.raises(RuntimeError):
        session.close()
    (markers,) = (tmp_path / "rescue").glob("markers-B-*")
    assert np.allclose(read_annotation(markers, "01").ganglia[L1], HERE)
    assert str(markers) in session.message


def test_a_session_that_is_shut_down_lets_go_of_the_scene_whatever_fails(session, dataset, monkeypatch):
    session.open(dataset, "01", "A")
    monkeypatch.setattr(session.subject.mode, "leave", fail)
    with pytest.raises(RuntimeError):
        session.shut_down()
    assert session._events._tags == []


BAD_SIDECARS = {
    "a slice that is no number": {"Structures": {"nerveroots_L1_L": {"Points": {"12a": {"Origin": "placed"}}}}},
    "a slice in other digits": {"Structures": {"nerveroots_L1_L": {"Points": {"\u0661\u0662": {}}}}},
    "flags that are a word": {"Structures": {"dura_7": {"Points": {"7": {"Flags": "uncertain"}}}}},
    "flags that are numbers": {"Structures": {"dura_7": {"Points": {"7": {"Flags": [1]}}}}},
    "a remark that is a list": {"Structures": {"dura_7": {"Points": {"7": {"Remark": ["faint"]}}}}},
    "an origin that is a number": {"Structures": {"dura_7": {"Points": {"7": {"Origin": 1}}}}},
    "seconds that are a word": {"Structures": {"dura_7": {"Seconds": "long"}}},
    "a count that is null": {"Structures": {"dura_7": {"Placed": None}}},
}


@pytest.mark.parametrize("document", BAD_SIDECARS.values(), ids=BAD_SIDECARS)
def test_a_sidecar_that_says_something_else_is_refused_by_its_name_and_nothing_stays(
    session, scene, dataset, folder, document
):
    (folder / SIDECAR).write_text(json.dumps(document))
    with pytest.raises(SpineRootError, match=SIDECAR):
        session.open(dataset, "01", "A")
    assert left_behind(scene, folder) == ([], False, [])
    assert not session.is_open
    assert json.loads((folder / SIDECAR).read_text()) == document


@pytest.mark.parametrize(
    ("owner", "name"),
    [(session_module, "resume"), (SubjectDisplay, "draw_slice"), (ActiveContour, "_style")],
    ids=["resume", "draw_slice", "contour"],
)
@pytest.mark.parametrize("how", ["open", "look_at"])
def test_any_exception_while_a_subject_is_shown_leaves_nothing_behind(
    session, scene, dataset, folder, monkeypatch, owner, name, how
):
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, fail)
        with pytest.raises(RuntimeError, match="a view that is gone"):
            getattr(session, how)(dataset, "01", "A")
    assert left_behind(scene, folder) == ([], False, [])
    assert (session.is_open, session.opened) == (False, None)
    session.open(dataset, "01", "A")
    assert session.is_open


def test_a_node_that_is_made_again_is_listened_to_once(session, dataset):
    session.open(dataset, "01", "A")
    for _ in range(3):
        session.subject.restore()
    placed = []
    session.subject.mode.placed = placed.append
    session.subject.point.node.AddControlPoint(*HERE)
    assert len(placed) == 1
