"""Panel, session and scene name the same subject, whoever opened it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import slicer

from headless.application import start
from two_subjects import add_subject

start()
from SpineRootModelerLib.changes import ModelerChange  # noqa: E402
from SpineRootModelerLib.session import DISCUSSED, ModelSession  # noqa: E402
from SpineRootModelerLib.work.headline import headline  # noqa: E402


@pytest.fixture
def session(scene, two_annotators):
    add_subject(two_annotators, "02")
    opened = ModelSession(scene)
    yield opened
    opened.shut_down()


@pytest.fixture
def saved(session, two_annotators, tmp_path):
    """A scene that was saved while subject 01 was compared; it is closed again."""
    session.open_subject(two_annotators, "01")
    session.compare(["A", "B"])
    path = tmp_path / "first.mrb"
    assert slicer.util.saveScene(str(path))
    session.close()
    return path


def test_a_panel_hears_which_subject_a_loaded_scene_opened(session, scene, saved, two_annotators):
    session.open_subject(two_annotators, "02")
    told = []
    session.on_change.append(lambda change: told.append((change, session.subject)))
    scene.Clear(0)
    slicer.util.loadScene(str(saved))
    session.tick()
    assert (ModelerChange.SUBJECT, "01") in told
    assert session.headline == "sub-01 of dataset; compared: A, B"


def test_a_scene_that_is_added_to_the_open_one_changes_nothing_of_what_is_remembered(
    session, scene, saved, two_annotators, tmp_path
):
    session.open_subject(two_annotators, "02")
    slicer.util.loadScene(str(saved))
    session.tick()
    assert session.subject == "02"
    assert slicer.util.saveScene(str(tmp_path / "second.mrb"))
    scene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "second.mrb"))
    session.tick()
    assert session.subject == "02"


def test_the_subject_that_is_chosen_in_the_panel_takes_the_place_of_the_open_one(session, two_annotators):
    session.open_subject(two_annotators, "01")
    session.follow(two_annotators, "02")
    assert session.subject == "02"


def test_another_dataset_in_the_panel_puts_the_open_subject_away(session, two_annotators, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(two_annotators, other, symlinks=True)
    session.open_subject(two_annotators, "01")
    session.follow(two_annotators)
    assert session.subject == "01", "the same dataset"
    session.follow(other)
    assert not session.is_open


def test_choosing_loads_nothing_while_nothing_is_open(session, scene, two_annotators):
    session.follow(two_annotators, "02")
    assert not session.is_open
    assert scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 0


def test_what_surfaces_are_built_from_is_remembered_with_the_scene(session, scene, two_annotators, tmp_path):
    session.open_subject(two_annotators, "01")
    session.source = "B"
    session.build()
    assert session.headline == "sub-01 of dataset; surfaces of B"
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    scene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    session.tick()
    assert session.source == "B"


def test_a_scene_of_version_0_1_opens_and_is_written_in_the_new_form(session, scene, two_annotators):
    node = slicer.vtkMRMLScriptedModuleNode()
    node.SetSingletonTag("SpineRootModeler")
    for name, value in {
        "Dataset": str(two_annotators),
        "Subject": "01",
        "Source": DISCUSSED,
        "Compared": "A B",
    }.items():
        node.SetParameter(f"SpineRoot.{name}", value)
    node = scene.AddNode(node)
    assert session.resume_from_scene()
    assert (session.subject, session.source) == ("01", DISCUSSED)
    assert session.comparison.comparison.raters.labels == ("A", "B")
    names = {name: node.GetParameter(name) for name in node.GetParameterNames()}
    assert names == {
        "dataset": str(two_annotators),
        "subject": "01",
        "source": DISCUSSED,
        "compared.0": "A",
        "compared.1": "B",
        "compared.len": "2",
    }


def test_a_shorter_list_of_annotators_leaves_no_name_behind(session, scene, two_annotators):
    session.open_subject(two_annotators, "01")
    session.compare(["A", "B"])
    session.open_subject(two_annotators, "02")
    node = scene.GetSingletonNode("SpineRootModeler", "vtkMRMLScriptedModuleNode")
    assert [name for name in node.GetParameterNames() if name.startswith("compared")] == ["compared.len"]


@pytest.mark.parametrize(
    ("known", "line"),
    [
        ({"dataset": None, "subject": ""}, "No subject is open: choose a dataset and a subject."),
        ({"dataset": None, "subject": "", "work": "showing the dataset"}, "showing the dataset"),
        ({"compared": ("A", "B"), "work": "comparing"}, "sub-01 of spines; compared: A, B; comparing"),
        ({"surfaces_of": ""}, "sub-01 of spines; surfaces of the consensus"),
        ({"surfaces_of": DISCUSSED}, "sub-01 of spines; surfaces of what is discussed"),
    ],
)
def test_one_line_says_what_is_open_and_what_is_going_on(known, line):
    assert headline(**{"dataset": Path("/data/spines"), "subject": "01", **known}) == line
