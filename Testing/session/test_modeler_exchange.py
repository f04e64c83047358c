"""Names that look exchanged are asked for first, and all that came from them goes with the answer."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from headless.application import start
from SpineRootLib.anatomy import Root
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import SpineRootError
from two_annotators import DISPUTED, disputed_slice, put

start()
from SpineRootModelerLib.changes import ModelerChange  # noqa: E402
from SpineRootModelerLib.session import DISCUSSED, ModelSession  # noqa: E402
from SpineRootModelerLib.work.marks_in_words import compared_text  # noqa: E402

ONE, OTHER = Root("L5", "L"), Root("S1", "L")


@pytest.fixture
def exchanged(two_annotators):
    """B gave two neighbouring roots, with their ganglia, each other's names."""
    dataset = Dataset.open(two_annotators)
    theirs = dataset.read("01", "B")
    for marked in (theirs.roots, theirs.ganglia):
        marked[ONE], marked[OTHER] = marked[OTHER], marked[ONE]
    shutil.rmtree(dataset.markers("B") / "sub-01")
    put(two_annotators, "B", theirs, signed_off=True)
    return two_annotators


@pytest.fixture
def session(scene, exchanged):
    opened = ModelSession(scene)
    opened.open_subject(exchanged, "01")
    opened.compare(["A", "B"])
    opened.comparison.discuss(0)
    yield opened
    opened.shut_down()


def stored(dataset):
    text = (dataset / "derivatives" / "markers" / "sub-01_resolutions.json").read_text()
    return {each["Place"]: each["Take"] for each in json.loads(text)["Resolutions"]}


def column(node, name):
    return [node.GetTable().GetValueByName(row, name).ToString() for row in range(node.GetNumberOfRows())]


def roots_listed(session):
    return {each.place.root for each in session.comparison.discussion.disagreements}


def farthest(session, root):
    """The largest distance of a root in the table of distances, mm."""
    node = session.comparison.table.node
    rows = zip(column(node, "structure"), column(node, "segment"), column(node, "side"), strict=True)
    return float(column(node, "max_mm")[list(rows).index(("nerveroots", root.segment, root.side))])


def test_an_exchange_is_one_row_and_the_first_with_a_sentence_that_names_it(session):
    kinds = column(session.comparison.disagreements.node, "kind")
    assert kinds[0] == "exchange"
    assert kinds.count("exchange") == 1
    text = session.comparison.current.exchange.text
    count = len(session.comparison.comparison.raters.annotations["B"].root_by_slice(ONE))
    assert f"B's {ONE} runs on A's {OTHER} on {count} of {count} slices" in text
    assert session.comparison.discussion.answers() == ("exchange in B", "exchange in A", "names are right")


def test_a_new_comparison_says_first_whose_names_look_exchanged(session):
    discussion = session.comparison.discussion
    asked = (
        f"Names look exchanged: {session.comparison.current.exchange.text}. Open Discuss and say whose names are right."
    )
    assert compared_text(discussion).startswith(f"{asked} To discuss: ")
    session.comparison.take("exchange in B")
    assert compared_text(discussion).startswith("To discuss: 2")


def test_all_that_came_from_an_exchange_goes_with_its_answer(session, exchanged):
    assert {ONE, OTHER} <= roots_listed(session)
    assert farthest(session, ONE) > 1.5
    session.comparison.take("exchange in B")
    assert [(each.place.root, each.kind) for each in session.comparison.discussion.disagreements] == [
        (ONE, "exchange"),
        (DISPUTED, "apart"),
    ]
    assert farthest(session, ONE) == pytest.approx(0.5)
    assert farthest(session, OTHER) == pytest.approx(0.5)
    node = session.comparison.table.node
    assert {"dura", "cord"} <= set(column(node, "structure")), "contours stay compared"
    assert stored(exchanged) == {f"nerveroots_{ONE}": "exchange in B"}
    assert column(session.comparison.disagreements.node, "resolution") == ["exchange in B", ""]


@pytest.mark.parametrize("label", ["A", "B"])
def test_the_consensus_has_the_names_of_whoever_was_right(session, exchanged, label):
    session.comparison.take(f"exchange in {label}")
    session.comparison.next()
    assert session.comparison.current.place.slice == disputed_slice(exchanged)
    session.comparison.take("mean")
    session.make_consensus()
    read = Dataset.open(exchanged).read
    right = read("01", "B" if label == "A" else "A")
    away = read("01").roots[ONE] - right.roots[ONE]
    assert np.allclose(np.linalg.norm(away, axis=1), 0.25, atol=1e-6), "midway between the two, 0.5 mm apart"


def test_an_answer_is_undone_with_all_that_came_of_it(session, exchanged):
    before = [str(each.place) for each in session.comparison.discussion.disagreements]
    session.comparison.take("exchange in B")
    assert session.comparison.undo()
    assert [str(each.place) for each in session.comparison.discussion.disagreements] == before
    assert farthest(session, ONE) > 1.5
    assert stored(exchanged) == {}


def test_undo_tells_a_panel_of_the_place_that_it_went_back_to(session):
    session.comparison.take("exchange in B")
    session.comparison.next()
    told = []
    comparison = session.comparison
    session.on_change.append(lambda change: told.append((change, comparison.shown_place)))
    comparison.undo()
    assert told[-1] == (ModelerChange.DISCUSSION, session.comparison.current.place)
    assert session.comparison.current.exchange is not None


def test_a_refusal_is_not_said_any_longer_once_the_answer_is_there(session):
    with pytest.raises(SpineRootError) as refused:
        session.make_consensus()
    session.say(str(refused.value))
    session.comparison.take("exchange in B")
    assert session.message == ""


def test_what_was_settled_under_the_other_names_holds_again_once_the_answer_is_undone(session):
    wrong = next(each for each in session.comparison.discussion.disagreements if each.place.root == OTHER)
    session.comparison.go_to_place(wrong.place)
    session.comparison.take("A")
    session.comparison.discuss(0)
    session.comparison.take("exchange in B")
    assert session.comparison.discussion.resolution(wrong.place) is None
    session.comparison.undo()
    assert session.comparison.discussion.resolution(wrong.place).take == "A"


def test_an_answer_is_read_again_when_the_annotators_are_compared_again(session):
    session.comparison.take("exchange in A")
    session.compare(["A", "B"])
    assert roots_listed(session) == {ONE, DISPUTED}
    assert farthest(session, ONE) == pytest.approx(0.5)


def test_names_that_are_right_leave_the_places_to_be_discussed(session, exchanged):
    listed = len(session.comparison.discussion.disagreements)
    session.comparison.take("names are right")
    assert len(session.comparison.discussion.disagreements) == listed
    assert stored(exchanged) == {f"nerveroots_{ONE}": "names are right"}
    assert not [each for each in session.comparison.discussion.pending() if each.exchange is not None]


def test_marks_are_picked_under_the_names_that_hold(session, scene):
    annotation = session.comparison.comparison.raters.annotations["B"]
    number, theirs = next(iter(annotation.root_by_slice(ONE).items()))
    known = session.comparison.subject.view  # there is one where tests of views ran before
    view = scene.AddNewNodeByClass("vtkMRMLSliceNode") if known is None else known.node
    view.JumpSliceByCentering(*theirs)
    middle = np.array(view.GetDimensions()[:2]) / 2

    def picked():
        session.comparison.display.draw_slice(number)
        return session.comparison.display.picker_on_slice(view.GetID()).in_slice(view, middle).place.root

    assert picked() == ONE
    session.comparison.take("exchange in B")
    assert picked() == OTHER


def test_an_answer_about_a_place_is_refused_for_names_and_nothing_settled(session, exchanged):
    with pytest.raises(SpineRootError, match="'mean' is no answer here: exchange in B, exchange in A, names are right"):
        session.comparison.take("mean")
    assert not (exchanged / "derivatives" / "markers" / "sub-01_resolutions.json").exists()


def test_surfaces_of_what_is_discussed_are_not_built_before_names_are_answered(session):
    session.source = DISCUSSED
    with pytest.raises(SpineRootError, match=f"names look exchanged: B's {ONE} runs on A's {OTHER} on"):
        session.build()
    assert session.nodes == []
    session.comparison.take("exchange in B")
    session.build()
    assert f"nerveroots_{ONE}" in session.work.surfaces.by_part()
