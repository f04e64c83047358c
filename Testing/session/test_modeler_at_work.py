"""While work runs Slicer goes on handling clicks, closing scenes, loading others: none of it reaches into the work."""

from __future__ import annotations

import pytest
import slicer

from headless.application import start
from SpineRootLib.errors import Cancelled, SpineRootError
from two_subjects import add_subject

start()
from SpineRootModelerLib.changes import ModelerChange  # noqa: E402
from SpineRootModelerLib.session import DISCUSSED, ModelSession  # noqa: E402


@pytest.fixture
def session(scene, two_annotators):
    add_subject(two_annotators, "02")
    opened = ModelSession(scene)
    opened.open_subject(two_annotators, "01")
    opened.compare(["A", "B"])
    opened.source = DISCUSSED
    yield opened
    opened.shut_down()


class Meanwhile:
    """A progress callback during which a user does something once, some way into the work.

    Parameters
    ----------
    do : what; its fault is kept.
    """

    def __init__(self, do, after=0.3):
        self._do, self._after, self._done = do, after, False
        self.fault = None

    def __call__(self, fraction, _text):
        if fraction > self._after and not self._done:
            self._done = True
            try:
                self._do()
            except SpineRootError as error:
                self.fault = str(error)
        return True


def surfaces(scene):
    """The subjects of the surfaces on the scene."""
    nodes = scene.GetNodesByClass("vtkMRMLModelNode")
    names = (nodes.GetItemAsObject(index).GetName() for index in range(nodes.GetNumberOfItems()))
    return {name.partition("_")[0] for name in names if name.startswith("sub-")}


def test_no_other_subject_is_opened_while_surfaces_are_built(session, scene, two_annotators):
    other = Meanwhile(lambda: session.open_subject(two_annotators, "02"))
    session.build(progress=other)
    assert "not done yet" in other.fault
    assert session.subject == "01"
    assert surfaces(scene) == {"sub-01"}
    assert session.comparison is not None


def test_a_scene_that_is_closed_ends_the_building_and_leaves_a_session_that_works(session, scene, two_annotators):
    with pytest.raises(SpineRootError, match="The scene was closed; building the surfaces was given up"):
        session.build(progress=Meanwhile(lambda: scene.Clear(0)))
    assert not session.is_open
    assert surfaces(scene) == set()
    session.open(two_annotators, "02", "A")
    session.build()
    assert surfaces(scene) == {"sub-02"}


def test_a_scene_that_is_closed_ends_a_comparison(session, scene, two_annotators):
    with pytest.raises(SpineRootError, match="The scene was closed; comparing was given up"):
        session.compare(["A", "B"], Meanwhile(lambda: scene.Clear(0), after=-1.0))
    assert session.comparison is None
    session.open_subject(two_annotators, "02")
    session.compare(["A", "B"])
    assert session.comparison.comparison.raters.subject == "02"


@pytest.mark.parametrize("again", ["build", "compare", "consensus", "export", "quality", "close", "tables"])
def test_one_thing_at_a_time(session, again):
    doing = {
        "build": session.build,
        "compare": lambda: session.compare(["B", "A"]),
        "consensus": lambda: session.make_consensus(accept=True),
        "export": session.save,
        "quality": session.show_quality,
        "close": session.close,
        "tables": session.write_agreement,
    }
    meanwhile = Meanwhile(doing[again])
    session.build(progress=meanwhile)
    assert meanwhile.fault == "building the surfaces is not done yet: wait for it, or cancel it"
    assert session.comparison.comparison.raters.labels == ("A", "B")
    assert len(session.nodes) >= 16


def test_nothing_is_settled_while_the_consensus_is_made_of_what_is_settled(session):
    session.comparison.discuss(0)
    taking = Meanwhile(lambda: session.comparison.take("A"), after=-1.0)
    session.make_consensus(accept=True, progress=taking)
    assert "not done yet" in taking.fault
    assert session.comparison.discussion.resolution(session.comparison.current.place) is None


def test_a_point_that_is_placed_meanwhile_is_refused_with_a_sentence(session):
    session.comparison.discuss(0)
    place = session.comparison.current.place
    position = session.comparison.comparison.position(place)
    session.build(progress=Meanwhile(lambda: session.comparison.correction.point.node.AddControlPoint(*position)))
    assert session.comparison.discussion.resolution(place) is None
    assert "not done yet" in session.message
    assert session.comparison.correction.point.defined_points() == pytest.approx(
        session.comparison.discussion.agreed(place)
    ), "it goes back"


def test_what_a_loaded_scene_remembers_is_opened_after_the_work(session, scene, two_annotators, tmp_path):
    assert slicer.util.saveScene(str(tmp_path / "first.mrb"))

    def load():
        scene.Clear(0)
        slicer.util.loadScene(str(tmp_path / "first.mrb"))
        session.tick()
        assert not session.is_open

    session.open(two_annotators, "02", "A")
    with pytest.raises(SpineRootError, match="given up"):
        session.build(progress=Meanwhile(load))
    session.tick()
    assert session.subject == "01"
    assert session.comparison.comparison.raters.labels == ("A", "B")


def test_a_fault_that_nobody_foresaw_leaves_a_session_that_works(session):
    told = []
    session.on_change.append(lambda change: told.append((change, session.long_work.is_running)))

    def fail(fraction, _text):
        if fraction > 0.3:
            raise RuntimeError("a fault of another's")
        return True

    with pytest.raises(RuntimeError):
        session.build(progress=fail)
    assert told[0] == (ModelerChange.WORK, True)
    assert told[-1] == (ModelerChange.WORK, False), "the panel is unlocked"
    session.build()
    assert len(session.nodes) >= 16


def test_cancelling_is_told_from_being_given_up(session):
    with pytest.raises(Cancelled):
        session.build(progress=lambda fraction, _text: fraction < 0.5)
    assert not session.long_work.is_running


def test_a_module_that_is_reloaded_ends_the_work_and_its_scene_is_remembered(session, scene):
    with pytest.raises(SpineRootError, match="The module was closed; building the surfaces was given up"):
        session.build(progress=Meanwhile(session.shut_down))
    again = ModelSession(scene)
    assert again.resume_from_scene()
    assert again.subject == "01"
    again.shut_down()


def test_what_the_user_deletes_while_surfaces_are_built_comes_back_and_the_surfaces_stand(session, scene):
    def delete():
        for node in list(scene.GetNodesByClass("vtkMRMLModelNode")):
            scene.RemoveNode(node)

    session.build(progress=Meanwhile(delete))
    session.tick()
    assert len(session.nodes) >= 16
    assert all(scene.IsNodePresent(node) and node.GetDisplayNode() is not None for node in session.nodes)
    session.comparison.discuss(0)
    place = session.comparison.current.place
    session.comparison.take("A")
    assert session.comparison.discussion.resolution(place).take == "A"
