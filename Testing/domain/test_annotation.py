"""The annotation as an object: by slice, edited in place, and what it lacks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from straight_subject import PLANES, SLICES, ellipse, straight_subject

from SpineRootLib.anatomy import CORD, CSF, DURA, Root, all_roots, color
from SpineRootLib.annotation import Annotation
from SpineRootLib.errors import GeometryError

L3_L = Root("L3", "L")


@given(st.permutations(range(34)))
def test_a_root_is_the_same_in_whatever_order_its_points_are_listed(order):
    listed, shuffled = straight_subject(), straight_subject()
    shuffled.roots[L3_L] = listed.roots[L3_L][list(order)]
    assert np.array_equal(shuffled.root_descending(L3_L), listed.root_descending(L3_L))


def test_several_points_of_a_root_on_a_slice_give_their_mean():
    annotation = straight_subject()
    point = annotation.root_by_slice(L3_L)[20]
    annotation.roots[L3_L] = np.vstack([annotation.roots[L3_L], point + 0.4 * PLANES.right])
    assert np.allclose(annotation.root_by_slice(L3_L)[20], point + 0.2 * PLANES.right)


def test_a_point_takes_the_place_of_the_one_on_its_slice_and_can_be_taken_away():
    annotation = straight_subject()
    other = PLANES.lift([[-3.0, -2.0]], 20)
    annotation.set_root_point(L3_L, 20, other)
    assert np.allclose(annotation.root_by_slice(L3_L)[20], other)
    assert len(annotation.roots[L3_L]) == SLICES - 6
    annotation.set_root_point(L3_L, 20, None)
    assert 20 not in annotation.root_by_slice(L3_L)
    for number in list(annotation.root_by_slice(L3_L)):
        annotation.set_root_point(L3_L, number, None)
    assert L3_L not in annotation.roots
    assert annotation.root_descending(L3_L).shape == (0, 3)


def test_a_contour_takes_the_place_of_the_one_on_its_slice_and_can_be_taken_away():
    annotation = straight_subject()
    annotation.set_contour(CORD, 7, PLANES.lift(ellipse(2, 2), 7))
    assert np.allclose(annotation.contours_by_slice(CORD)[7].points, PLANES.lift(ellipse(2, 2), 7))
    annotation.set_contour(CORD, 7, None)
    assert sorted(annotation.contours_by_slice(CORD)) == [number for number in range(1, 21) if number != 7]


def test_what_is_set_is_a_copy():
    annotation = Annotation("01", planes=PLANES)
    points, ganglion = PLANES.lift(ellipse(2, 2), 7), np.array([1.0, 2.0, 3.0])
    annotation.set_contour(DURA, 7, points)
    annotation.set_ganglion(L3_L, ganglion)
    points[:], ganglion[:] = 0.0, 0.0
    assert annotation.dura[0].points.any()
    assert annotation.ganglia[L3_L].tolist() == [1.0, 2.0, 3.0]
    annotation.set_ganglion(L3_L, None)
    annotation.set_ganglion(L3_L, None)
    assert annotation.ganglia == {}


def test_an_empty_annotation_lacks_everything():
    annotation = Annotation("01", segments=("L1",))
    assert annotation.is_empty
    assert list(annotation.missing()) == ["no dura", "no cord", "no root L1_L, L1_R", "no ganglion L1_L, L1_R"]
    assert annotation.guess_planes() is None
    with pytest.raises(GeometryError, match="sub-01 are not known: give the CISS image"):
        annotation.require_planes()


def test_every_root_and_structure_has_a_colour_of_its_own():
    roots = {color("nerveroots", root) for root in all_roots()}
    assert len(roots) == len(all_roots())
    colours = roots | {color(structure) for structure in (DURA, CORD, CSF)}
    assert len(colours) == len(all_roots()) + 3
    assert all(0 <= channel <= 1 for each in colours for channel in each)


def test_levels_beyond_the_lumbosacral_ones_have_colours_too():
    assert color("nerveroots", Root("T12", "L")) == color("nerveroots", Root("S2", "L"))
    usual = {color("nerveroots", root) for root in all_roots()}
    assert color("nerveroots", Root("L6", "L")) not in usual
