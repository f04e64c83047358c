"""Levels beside L1 to S2, in both modules: those that were marked are there without being asked for."""

from __future__ import annotations

import json
import shutil

import pytest

from headless.application import start
from SpineRootLib.anatomy import DEFAULT_SEGMENTS, ROOTS, Root
from SpineRootLib.dataset import Dataset
from SpineRootLib.place import Place

start()
from SpineRootModelerLib.work.comparison import Comparison  # noqa: E402
from SpineRootModelerLib.work.sources import read_seen  # noqa: E402

L6 = Root("L6", "L")


@pytest.fixture
def six_lumbar(two_annotators):
    """Both annotators marked a sixth lumbar root on the left; it lies where L5 does, 1 mm farther back."""
    for label in "AB":
        folder = two_annotators / "derivatives" / f"markers-{label}" / "sub-01"
        document = json.loads((folder / "sub-01_nerveroots_L5_L.json").read_text())
        for point in document["markups"][0]["controlPoints"]:
            point["position"][1] += 1.0
            point["label"] = point["label"].replace("L5", "L6")
        (folder / "sub-01_nerveroots_L6_L.json").write_text(json.dumps(document))
    return two_annotators


def test_an_annotator_goes_on_with_a_level_that_was_marked_before(six_lumbar, session):
    session.open(six_lumbar, "01", "A")
    assert L6 in session.subject.annotation.roots
    assert session.subject.annotation.segments == ("L1", "L2", "L3", "L4", "L5", "L6", "S1", "S2")


def test_what_another_annotator_counted_is_not_given_away(six_lumbar, session):
    shutil.rmtree(six_lumbar / "derivatives" / "markers-A")
    session.open(six_lumbar, "01", "A")
    assert session.subject.annotation.segments == DEFAULT_SEGMENTS


def test_an_annotator_marks_the_levels_that_were_chosen(two_annotators, session):
    session.settings.segments = ("L5", "L6", "S1")
    session.open(two_annotators, "01", "C")
    assert session.subject.annotation.expected_roots()[2:4] == (L6, Root("L6", "R"))


def test_annotators_are_compared_and_seen_on_all_levels_that_they_marked(six_lumbar):
    dataset = Dataset.open(six_lumbar)
    (pair,) = Comparison.of(dataset, "01", ["A", "B"]).pairs
    assert Place(ROOTS, L6) in {each.place for each in pair.structures}
    assert L6 in read_seen(dataset, "01", "A").roots
