"""A loaded scene opens for writing only under the label of whoever sits here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from headless.application import start

start()
from SpineRootAnnotatorLib import scene_memory  # noqa: E402
from SpineRootAnnotatorLib.changes import Change  # noqa: E402
from SpineRootAnnotatorLib.session import AnnotationSession  # noqa: E402
from SpineRootAnnotatorLib.settings import Pace  # noqa: E402

WHERE = {"Mode": "roots", "Slice": 15, "Root": "L3_R", "Structure": "dura"}


@pytest.fixture
def dataset(small_phantom, tmp_path):
    shutil.copytree(small_phantom / "derivatives" / "markers-A", tmp_path / "derivatives" / "markers-A")
    return tmp_path


@pytest.fixture
def lock(dataset):
    return dataset / "derivatives" / "markers-A" / "sub-01" / "sub-01_annotation.lock"


@pytest.fixture
def session_of(scene, tmp_path):
    """Makes the session of a Slicer in which somebody annotates."""
    made = []

    def make(label):
        session = AnnotationSession(
            scene, rescue_folder=tmp_path / "rescue", pace=Pace(0.0, 0.0, 0.0), annotator_here=lambda: label
        )
        made.append(session)
        return session

    yield make
    for session in made:
        session.shut_down()


@pytest.fixture(autouse=True)
def saved_by_a(scene, dataset):
    """A scene as annotator A saved it."""
    scene_memory.write(scene, scene_memory.OpenedSubject(Path(dataset), "01", "A", WHERE))


@pytest.mark.parametrize("label", ["B", ""])
def test_a_scene_of_somebody_else_is_asked_about_and_not_opened(session_of, lock, label):
    session, asked = session_of(label), []
    session.changes.connect(lambda: asked.append(session.question), Change.QUESTION)
    assert not session.resume_from_scene()
    assert not session.is_open
    assert not lock.exists()
    assert (session.needs_confirmation.annotator, session.needs_confirmation.subject) == ("A", "01")
    (question,) = asked
    assert "annotator A" in question
    assert "sub-01" in question


def test_it_opens_where_it_was_once_that_is_confirmed(session_of, lock):
    session = session_of("B")
    session.resume_from_scene()
    assert session.confirm()
    assert (session.opened.annotator, lock.exists(), session.question) == ("A", True, "")
    assert (session.subject.number, str(session.subject.root)) == (15, "L3_R")


def test_nothing_is_opened_once_it_is_declined(session_of, lock):
    session = session_of("B")
    session.resume_from_scene()
    session.decline()
    assert not session.confirm()
    assert (session.is_open, lock.exists(), session.question) == (False, False, "")


def test_a_scene_of_ones_own_opens_unasked(session_of):
    session = session_of("A")
    assert session.resume_from_scene()
    assert session.question == ""


def test_what_is_opened_by_hand_meanwhile_answers_the_question(session_of, dataset):
    session = session_of("B")
    session.resume_from_scene()
    session.open(dataset, "01", "B")
    assert session.question == ""
    assert not session.confirm()
    assert session.opened.annotator == "B"


def test_a_scene_that_is_closed_is_not_asked_about_any_more(session_of, scene):
    session = session_of("B")
    session.resume_from_scene()
    scene.Clear(0)
    assert session.question == ""


def test_an_imported_scene_of_somebody_else_is_asked_about_too(session_of, scene):
    session = session_of("B")
    scene.StartState(scene.ImportState)
    scene.EndState(scene.ImportState)
    assert session.question
    assert not session.is_open
