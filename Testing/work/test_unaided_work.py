"""Where the dataset asks for unaided marks, no proposal is shown, and the mark says so."""

from __future__ import annotations

import json

import numpy as np
import pytest

from SpineRootAnnotatorLib.work.marked_subject import MarkedSubject
from SpineRootAnnotatorLib.work.marks import Mark
from SpineRootAnnotatorLib.work.subject_work import SubjectWork
from SpineRootLib.anatomy import DURA, ROOTS, Root
from SpineRootLib.annotation_files import sidecar_path, write_annotation
from SpineRootLib.dataset import Dataset
from SpineRootLib.place import Place
from SpineRootLib.tracing.proposals import PointProposal

L3 = Root("L3", "L")
UNAIDED, AIDED = Place(ROOTS, L3, 8), Place(ROOTS, L3, 9)


class Tracer:
    """Follows a root to slices 8 and 9."""

    def __init__(self, planes):
        self.planes = planes

    def propose_roots(self, _annotation, roots, onward, progress=None):  # noqa: ARG002
        points = {number: self.planes.lift([[-5.0, -3.0]], number)[0] for number in (8, 9)}
        return {root: [PointProposal(at, 0.9, "", root, n, True, 0.2) for n, at in points.items()] for root in roots}


@pytest.fixture
def subject(annotation, markers):
    """A subject of which L3_L is unaided on slice 8, and L4_L on all."""
    controls = {
        "Share": 0.1,
        "WholeRoots": 0.5,
        "Seed": 1,
        "Roots": ["L4_L"],
        "Slices": {str(UNAIDED.without_slice): [8]},
    }
    annotation.ganglia.clear()  # which would tell that the root has left by then
    annotation.provenance.document["Controls"] = controls
    write_annotation(markers, annotation, durable=False)
    work = SubjectWork(Dataset.open(markers.parents[1]), annotation, markers, {})
    yield MarkedSubject(work, lambda: Tracer(annotation.require_planes()), lambda: None, lambda: None)
    work.close()


def test_nothing_is_shown_in_an_unaided_place_and_its_neighbour_is_as_ever(subject):
    assert subject.proposals.propose_course(subject.annotation, L3) == ([9], "")
    assert not subject.proposals.has(UNAIDED)
    assert [place for place, _proposal in subject.proposals.on_slice(8)] == []
    assert subject.proposals.has(AIDED)


def test_a_root_that_is_unaided_as_a_whole_says_why_nothing_is_proposed(subject):
    numbers, reason = subject.proposals.propose_course(subject.annotation, Root("L4", "L"))
    assert numbers == []
    assert "on purpose" in reason


def test_a_mark_says_that_it_is_unaided_and_what_would_have_been_proposed(subject):
    subject.proposals.propose_course(subject.annotation, L3)
    would = subject.proposals.withheld(UNAIDED).points
    shown = subject.proposals.get(AIDED).points
    for place, origin in ((UNAIDED, "placed"), (AIDED, "corrected")):
        subject.put(place, Mark.of(subject.planes.lift([[-5.5, -3.0]], place.slice), origin))
    subject.put(UNAIDED, subject.mark(UNAIDED).moved(subject.planes.lift([[-5.4, -3.0]], 8), "placed"))
    unaided, aided = (subject.mark(place).record for place in (UNAIDED, AIDED))
    assert unaided["Unaided"] is True
    assert "Unaided" not in aided
    np.testing.assert_allclose(unaided["Proposal"], would, atol=1e-4)
    np.testing.assert_allclose(aided["Proposal"], shown, atol=1e-4)
    subject.undo()
    subject.undo()
    assert subject.mark(UNAIDED) is not None
    subject.undo()
    assert subject.mark(UNAIDED) is None


def test_what_was_drawn_for_the_dataset_is_saved_with_the_first_mark(annotation, markers):
    settings = markers.parent / "spineroot.json"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"UnaidedControls": {"Share": 0.5, "WholeRoots": 0, "Seed": 3}}')
    write_annotation(markers, annotation, durable=False)
    work = SubjectWork(Dataset.open(markers.parents[1]), annotation, markers, {})
    work.begin()
    subject = MarkedSubject(work, lambda: None, lambda: None, lambda: None)
    number = next(n for n in range(8, 13) if Place(DURA, None, n) in subject.controls)
    subject.put(
        Place(DURA, None, number), Mark.of(subject.planes.lift([[5.0, 0.0], [-4.0, 3.0], [-4.0, -3.0]], number))
    )
    work.close()
    saved = json.loads(sidecar_path(work.folder, "01").read_text())
    assert number in saved["Controls"]["Slices"]["dura"]
    assert saved["Structures"][f"dura_{number}"]["Points"][str(number)]["Unaided"] is True
