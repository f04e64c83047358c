"""Where nothing is proposed for a root, whatever the image shows there."""

from __future__ import annotations

import numpy as np
import pytest

from SpineRootAnnotatorLib.work.proposal_limits import ProposalLimits
from SpineRootAnnotatorLib.work.proposals import ProposalBook
from SpineRootLib.anatomy import DURA, GANGLIA, ROOTS, Root
from SpineRootLib.place import Place
from SpineRootLib.slice_index import SliceIndex
from SpineRootLib.tracing.proposals import ContourProposal, PointProposal
from SpineRootScene.appearance import Appearance

L3, L4 = Root("L3", "L"), Root("L4", "L")
NUMBER = 10
CIRCLE = 9.0 * np.column_stack([np.cos(np.arange(16) * np.pi / 8), np.sin(np.arange(16) * np.pi / 8)])


@pytest.fixture
def limits(annotation):
    """The limits of an annotation with a dura on the slice."""
    annotation.ganglia.clear()
    annotation.set_contour(DURA, NUMBER, annotation.planes.lift(CIRCLE, NUMBER))
    return ProposalLimits(SliceIndex(annotation))


def fault(limits, flat, number=NUMBER, root=L3):
    """Why nothing can be proposed in a place, (2,) in-plane mm."""
    return limits.fault(Place(ROOTS, root, number), limits.index.annotation.planes.lift([flat], number))


def test_a_root_is_proposed_inside_of_the_dura_up_to_its_edge(limits):
    assert fault(limits, [3.0, 2.0]) == ""
    assert fault(limits, [9.2, 0.0]) == ""


def test_no_root_is_proposed_outside_of_the_dura(limits):
    assert fault(limits, [9.6, 0.0]) == "The only dot that looks like the root lies outside the dura."
    assert fault(limits, [9.6, 0.0], number=NUMBER + 1) == "", "where no dura is drawn nothing is known"


def test_no_root_is_proposed_on_another_roots_mark(limits):
    planes = limits.index.annotation.planes
    limits.index.annotation.set_root_point(L4, NUMBER, planes.lift([[4.0, 1.0]], NUMBER)[0])
    limits.index.refresh_root(L4)
    assert fault(limits, [4.2, 1.0]) == "That dot is already marked as L4_L."
    assert fault(limits, [5.0, 1.0]) == ""
    assert fault(limits, [4.2, 1.0], root=L4) == "", "its own mark is no other's"


def test_no_root_is_proposed_below_where_its_ganglion_lets_it_leave(limits):
    annotation = limits.index.annotation
    annotation.set_root_point(L3, 3, annotation.planes.lift([[4.0, 1.0]], 3)[0])
    limits.index.refresh_root(L3)
    annotation.set_ganglion(L3, annotation.planes.lift([[20.0, 0.0]], NUMBER)[0])  # 8.6 mm below its exit
    last = NUMBER - round(8.6 / annotation.planes.spacing) + 1
    assert fault(limits, [4.0, 1.0], number=last) == ""
    left = fault(limits, [4.0, 1.0], number=last + 2)
    assert left == "Judging by its ganglion, L3_L leaves the dura above this slice."


def leaked(limits, reach_mm, number=NUMBER + 1):
    """The circle of the slice on another one, from which a quarter reaches out so far."""
    away = np.clip(2 * np.cos(np.arange(16) * np.pi / 8) - 1, 0.0, 1.0)[:, None]
    return limits.index.annotation.planes.lift(CIRCLE * (1 + away * reach_mm / 9.0), number)


def test_a_contour_that_leaked_out_beside_a_marked_one_is_doubted(limits):
    doubt = limits.doubt(Place(DURA, slice=NUMBER + 1), leaked(limits, 2.3))
    assert doubt == "It reaches 2.3 mm farther out than the dura on slice 10: has it left its edge?"
    assert limits.doubt(Place(DURA, slice=NUMBER + 1), leaked(limits, 0.9)) == "", (
        "as far apart as careful annotators' are"
    )


def test_how_far_a_contour_may_reach_grows_with_its_distance_from_the_marked_ones(limits):
    limits.index.annotation.contours[DURA] = limits.index.annotation.contours[DURA][-1:]
    limits.index.refresh_contours(DURA)
    assert limits.doubt(Place(DURA, slice=NUMBER - 1), leaked(limits, 2.0, NUMBER - 1))
    assert limits.doubt(Place(DURA, slice=NUMBER - 6), leaked(limits, 2.0, NUMBER - 6)) == ""
    limits.index.annotation.contours[DURA].clear()
    limits.index.refresh_contours(DURA)
    assert limits.doubt(Place(DURA, slice=NUMBER - 1), leaked(limits, 9.0, NUMBER - 1)) == "", (
        "nothing speaks against it"
    )


def test_between_two_marked_contours_one_that_is_as_wide_as_either_is_not_doubted(limits):
    limits.index.annotation.set_contour(DURA, NUMBER + 2, leaked(limits, 2.3, NUMBER + 2))
    limits.index.refresh_contours(DURA)
    assert limits.doubt(Place(DURA, slice=NUMBER + 1), leaked(limits, 2.3)) == ""


def test_what_is_doubted_is_proposed_as_most_likely_wrong(limits):
    book = ProposalBook(lambda: None, fault=limits.fault, doubt=limits.doubt)
    place = Place(DURA, slice=NUMBER + 1)
    assert book.put_traced(place, ContourProposal(leaked(limits, 2.3), 0.98, "", DURA, NUMBER + 1)) == ""
    assert book.get(place).confidence < Appearance.faint_below
    assert "farther out" in book.get(place).doubt
    book.put_traced(place, ContourProposal(leaked(limits, 0.5), 0.98, "", DURA, NUMBER + 1))
    assert (book.get(place).confidence, book.get(place).doubt) == (0.98, "")


def test_contours_and_ganglia_have_no_such_limits(limits):
    far = np.array([[80.0, 0.0, 0.0]])
    assert limits.fault(Place(DURA, slice=NUMBER), far) == ""
    assert limits.fault(Place(GANGLIA, L3), far) == ""


def test_what_is_refused_is_not_proposed_and_the_reason_is_told(limits):
    book = ProposalBook(lambda: None, fault=limits.fault)
    place, planes = Place(ROOTS, L3, NUMBER), limits.index.annotation.planes
    book.put_traced(place, PointProposal(planes.lift([[3.0, 0.0]], NUMBER)[0], 0.9, "", L3, NUMBER))
    outside = PointProposal(planes.lift([[12.0, 0.0]], NUMBER)[0], 0.9, "", L3, NUMBER)
    assert "outside the dura" in book.put_traced(place, outside)
    assert not book.has(place), "what was proposed there before does not stay"
