"""The strip of a root of which files propose points, and what is left of it on the scene."""

from __future__ import annotations

import pytest

from SpineRootLib.anatomy import ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.place import Place
from SpineRootLib.provenance import PROPOSED

L3 = Root("L3", "L")
FIRST, LAST = 20, 32
UNAIDED = 25
NODES = (("vtkMRMLScalarVolumeNode", "Strip"), ("vtkMRMLModelNode", "Marks, Strip"))


@pytest.fixture
def proposed(dataset, truth):
    """A dataset in which files propose L3_L of annotator C, and nothing shall be proposed on one slice."""
    course = truth.root_by_slice(L3)
    own = Annotation("01", "C", truth.require_planes())
    for number in range(FIRST, LAST + 1):
        own.set_root_point(L3, number, course[number])
        own.provenance.set_at(Place(ROOTS, L3, number), {"Flags": [PROPOSED]})
    own.provenance.document["Controls"] = {
        "Share": 0.1, "WholeRoots": 0.5, "Seed": 1, "Roots": [], "Slices": {"nerveroots_L3_L": [UNAIDED]},
    }  # fmt: skip
    write_annotation(dataset / "derivatives" / "markers-C", own, durable=False)
    return dataset


def test_what_files_propose_is_seen_but_where_nothing_shall_be_proposed_and_closing_leaves_no_node(
    annotator, proposed, _slice_views, scene
):
    view = _slice_views("Strip", "Axial")
    annotator.open(proposed)
    annotator.session.perform("roots")
    annotator.subject.root = L3
    annotator.press("Z")
    view.render()
    shown = annotator.subject.strip.marked
    assert sorted({*shown.marks, *shown.proposed}) == [n for n in range(FIRST, LAST + 1) if n != UNAIDED]
    assert all(count(scene, *each) for each in NODES)
    annotator.session.close()
    assert not any(count(scene, *each) for each in NODES)


def count(scene, kind, name):
    return scene.GetNodesByClassByName(kind, name).GetNumberOfItems()
