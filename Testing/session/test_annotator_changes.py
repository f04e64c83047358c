"""What a session tells of what changed, so that a panel shows anew only what depends on it."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import slicer

from headless.application import start
from links import link_or_copy
from SpineRootLib.anatomy import GANGLIA, ROOTS, Root
from SpineRootLib.errors import SpineRootError
from SpineRootLib.place import Place
from SpineRootLib.provenance import Provenance

start()
from SpineRootAnnotatorLib import scene_memory  # noqa: E402
from SpineRootAnnotatorLib.changes import Change, Changes  # noqa: E402
from SpineRootAnnotatorLib.keys import ACTIONS, MODES  # noqa: E402
from SpineRootAnnotatorLib.scripting import current_annotation, export_annotation, propose_root  # noqa: E402
from SpineRootAnnotatorLib.work.coverage import Cell  # noqa: E402
from SpineRootAnnotatorLib.work.marks import Mark, read_mark  # noqa: E402
from SpineRootLib.annotation_files import read_annotation  # noqa: E402
from SpineRootLib.dataset import Dataset  # noqa: E402

L1 = Root("L1", "L")


@pytest.fixture
def dataset(small_phantom, tmp_path):
    """The phantom's images, its truth as the consensus, and annotator A, to be changed."""
    link_or_copy(tmp_path / "rawdata", small_phantom / "rawdata")
    shutil.copytree(small_phantom / "derivatives", tmp_path / "derivatives")
    return tmp_path


@pytest.fixture
def traced(session, dataset):
    """A session in which A's work is open, without pauses to come."""
    session.open(dataset, "01", "A")
    session.perform("contours")
    for _ in range(3):
        session.tick()
    assert session.subject.work.autosave.flush(5.0)
    session.tick()
    return session


@pytest.fixture
def told(traced):
    """The kinds of change that were told since."""
    seen: list[Change] = []
    for kind in Change:
        traced.changes.connect(lambda kind=kind: seen.append(kind), kind)
    return seen


def test_a_step_tells_of_the_slice_and_of_nothing_that_the_review_shows(traced, told):
    traced.perform("next_slice")
    traced.tick()
    traced.tick()
    assert Change.SLICE in told
    assert not {Change.MARKS, Change.PROPOSALS, Change.FINDINGS, Change.SUBJECT} & set(told)


def test_a_step_by_the_views_own_slider_is_told_as_well(traced, told):
    traced.subject.go_to(traced.subject.number + 2)
    assert told == []
    traced.tick()
    assert told == [Change.SLICE]


def test_an_edit_is_told_as_a_mark_at_once_and_as_findings_and_saving_once_they_are_done(traced, told):
    place = Place(ROOTS, L1, sorted(traced.subject.annotation.root_by_slice(L1))[0])
    traced.subject.put(place, None)
    traced.changes.tell()
    assert told == [Change.MARKS]
    told.clear()
    traced.tick()
    assert {Change.FINDINGS, Change.SAVING} >= set(told) >= {Change.FINDINGS}


def test_another_root_and_another_mode_are_told(traced, told):
    traced.perform("roots")
    assert Change.MODE in told
    told.clear()
    traced.perform("next_structure")
    assert Change.PLACE in told
    assert Change.MODE not in told


def test_a_sentence_is_told_once(traced, told):
    traced.say("Look here.")
    traced.say("Look here.")
    assert told == [Change.MESSAGE]


def test_a_proposal_is_told_and_shows_in_the_matrix(traced, told):
    subject = traced.subject
    place = Place("cord", slice=max(subject.index.contours["cord"]) + 1)
    subject.proposals.put(place, np.zeros((3, 3)))
    traced.tick()
    assert told == [Change.PROPOSALS]
    assert subject.coverage.cells[subject.coverage.rows.index(place.without_slice), place.slice - 1] == Cell.PROPOSED


def test_a_key_that_was_chosen_is_told(traced, told):
    assert traced.choose_key("accept", "Return") == ""
    assert told == [Change.KEYS]


def test_opening_and_closing_are_told(traced, told, dataset):
    traced.close()
    assert Change.SUBJECT in told
    told.clear()
    traced.open(dataset, "01", "A")
    assert Change.SUBJECT in told


def test_who_reacts_to_several_kinds_is_called_once():
    changes, calls = Changes(), []
    changes.connect(lambda: calls.append("both"), Change.MODE, Change.SLICE)
    changes.connect(lambda: calls.append("other"), Change.MESSAGE)
    changes.tell(Change.MODE, Change.SLICE)
    changes.tell()
    assert calls == ["both"]


def test_what_a_reaction_changes_is_told_after_it():
    changes, calls = Changes(), []
    changes.connect(lambda: (calls.append("slice"), changes.tell(Change.MESSAGE), calls.append("done")), Change.SLICE)
    changes.connect(lambda: calls.append("message"), Change.MESSAGE)
    changes.tell(Change.SLICE)
    assert calls == ["slice", "done", "message"]


def test_every_action_of_a_mode_is_one_that_it_can_do(traced):
    for mode in MODES:
        traced.perform(mode)
        in_every_mode = {*MODES, "next_slice", "previous_slice", "next_gap", "undo", "redo"}
        in_every_mode |= {"hide", "strip", "centre", "toggle_placing", "keys", "stop"}
        asked = {action.name for action in ACTIONS if mode in action.modes} - in_every_mode
        assert asked <= set(traced.subject.mode.actions)


@pytest.mark.parametrize("number", ["0", "1"])
def test_a_doubtful_ganglion_shows_flagged_under_whatever_number_it_was_written(session, dataset, number):
    # version 0.1 wrote a consensus' ganglion under 0, and an annotator's under 1
    sidecar = dataset / "derivatives" / "markers-A" / "sub-01" / "sub-01_annotation.json"
    document = json.loads(sidecar.read_text())
    record = document.setdefault("Structures", {}).setdefault("ganglions_L1_L", {})
    record["Points"] = {number: {"Flags": ["uncertain"], "Remark": "the raters differ"}}
    sidecar.write_text(json.dumps(document))
    session.open(dataset, "01", "A")
    place = Place(GANGLIA, L1)
    assert session.subject.mark(place).flags == ("uncertain",)
    session.perform("ganglia")
    session.subject.go_to_place(place)
    session.perform("uncertain")  # takes the flag away, wherever it stood
    assert session.subject.mark(place).flags == ()
    session.tick()
    session.close()
    assert read_mark(read_annotation(sidecar.parents[1], "01"), place).flags == ()


def test_a_scene_that_version_0_1_saved_opens_where_it_was(session, scene, dataset):
    node = slicer.vtkMRMLScriptedModuleNode()
    node.SetSingletonTag("SpineRootAnnotator")
    node.SetName("SpineRootAnnotator")
    node = scene.AddNode(node)  # the one that is there already, if there is one
    old = {"Dataset": str(dataset), "Subject": "01", "Annotator": "A"}
    old["Where"] = json.dumps({"Mode": "roots", "Slice": 15, "Root": "L3_R", "Structure": "cord"})
    for name, value in old.items():
        node.SetParameter(f"SpineRoot.{name}", value)
    assert session.resume_from_scene()
    subject = session.subject
    assert (subject.mode_name, subject.number, str(subject.root), subject.structure) == ("roots", 15, "L3_R", "cord")
    session.tick()
    assert node.GetParameter("SpineRoot.Subject") == "", "it is remembered under the new names alone"
    assert scene_memory.read(scene).subject == "01"


def test_what_a_scene_remembers_is_what_the_parameter_node_wrapper_reads(traced, scene, dataset):
    traced.perform("roots")
    traced.subject.go_to(15)
    traced.tick()
    node = scene.GetSingletonNode("SpineRootAnnotator", "vtkMRMLScriptedModuleNode")
    # the text of a str, a Path and an int, as Slicer's serializers write them
    expected = {"dataset": str(dataset), "subject": "01", "annotator": "A", "mode": "roots", "slice": "15"}
    assert {name: node.GetParameter(name) for name in expected} == expected
    traced.close()
    assert [node.GetParameter(name) for name in ("dataset", "subject", "slice")] == [".", "", "0"]
    assert scene_memory.read(scene) is None


def test_a_script_gets_a_copy_of_what_is_annotated(traced):
    copy = current_annotation(traced)
    copy.roots.clear()
    assert traced.subject.annotation.roots


def test_a_script_exports_what_is_annotated_saved_or_not(traced, tmp_path):
    place = Place(GANGLIA, L1)
    moved = traced.subject.annotation.ganglia[L1] + 1.0
    traced.subject.put(place, Mark.of(moved))
    written = export_annotation(traced, tmp_path / "export")
    assert all(path.is_file() for path in written)
    assert np.allclose(read_annotation(tmp_path / "export", "01").ganglia[L1], moved)


def test_a_script_has_a_root_proposed_from_its_last_point_on(session, dataset):
    session.open(dataset, "01", "C")
    truth = Dataset.open(dataset).read("01").root_by_slice(Root("L3", "L"))
    for number in list(truth)[:5]:
        session.subject.put(Place(ROOTS, Root("L3", "L"), number), Mark.of([truth[number]]))
    count = propose_root(session, "L3_L")
    assert count == sum(place.root == Root("L3", "L") for place in session.subject.proposals._book)
    assert count > 3


@pytest.mark.parametrize("act", [current_annotation, lambda session: propose_root(session, "L3_L")])
def test_without_a_subject_a_script_is_told_so(session, act):
    with pytest.raises(SpineRootError, match="No subject is open"):
        act(session)


def test_a_root_that_the_study_does_not_have_is_refused(traced):
    with pytest.raises(SpineRootError, match="C4_L is not annotated in this study"):
        propose_root(traced, "C4_L")


def test_a_place_is_read_from_the_sidecar_by_its_number():
    provenance = Provenance({"Structures": {"dura_4": {"Points": {"4": {"Origin": "placed"}}}}})
    assert provenance.at(Place("dura", slice=4)) == {"Origin": "placed"}
    assert provenance.at(Place("dura", slice=5)) == {}
