"""The Annotator jumps along a queue, opening subject after subject."""

from __future__ import annotations

import shutil

import pytest

from headless.application import start
from SpineRootLib.anatomy import Root
from SpineRootLib.errors import SpineRootError
from SpineRootLib.place import Place

start()
from SpineRootAnnotatorLib.annotation_queue import AnnotationQueue  # noqa: E402

QUEUE = """subject\tslice\tstructure\tsegment\tside
03\t30\tnerveroots\tL3\tL
03\t12\tcord\tn/a\tn/a
04\t20\tnerveroots\tL2\tn/a
"""


@pytest.fixture
def study(sub03_dataset):
    """Annotator A's dataset with subject 03 and, of the same marks, 04; and a queue."""
    markers = sub03_dataset / "derivatives/markers-A"
    (markers / "sub-04").mkdir()
    for path in (markers / "sub-03").glob("*.json"):
        shutil.copyfile(path, markers / "sub-04" / path.name.replace("sub-03", "sub-04"))
    (sub03_dataset / "next_queue.tsv").write_text(QUEUE)
    return sub03_dataset


def test_each_step_opens_the_subject_and_goes_to_the_place(session, study):
    queue, path = AnnotationQueue(session), study / "next_queue.tsv"
    queue.go(path, study, "A")
    assert (session.opened.subject, session.subject.place) == ("03", Place("nerveroots", Root("L3", "L"), 30))
    assert "1 of 3 in the queue: slice 30" in session.message
    queue.go(path, study, "A")
    assert session.subject.place == Place("cord", slice=12)
    queue.go(path, study, "A")
    assert (session.opened.subject, session.subject.number) == ("04", 20)
    with pytest.raises(SpineRootError, match="The queue ends here"):
        queue.go(path, study, "A")
    queue.go(path, study, "A", by=-1)
    assert (session.opened.subject, session.subject.number, queue.position) == ("03", 12, "2 of 3")


def test_a_file_that_is_no_queue_opens_nothing(session, study):
    with pytest.raises(SpineRootError, match="is no queue"):
        AnnotationQueue(session).go(_written(study / "mine.tsv", "a\tb\n1\t2\n"), study, "A")
    assert not session.is_open


def _written(path, text):
    path.write_text(text)
    return path
