"""What a slice shows of proposals: whether they are seen in the image or follow from the marks about them."""

from __future__ import annotations

import numpy as np
import pytest
from vtkmodules.util.numpy_support import vtk_to_numpy

from SpineRootAnnotatorLib.work.proposals import ProposalBook
from SpineRootLib.anatomy import DURA, ROOTS, Root
from SpineRootLib.place import Place
from SpineRootLib.slice_index import SliceIndex
from SpineRootScene.appearance import Appearance
from SpineRootScene.palette import Palette
from SpineRootScene.slice_drawing import SliceDrawer, small

EMPTY = 10  # a slice on which nothing is marked
ROOT, CONTOUR = Place(ROOTS, Root("L3", "L"), EMPTY), Place(DURA, slice=EMPTY)
LOOK = Appearance()
RADIUS_MM = 9.0
TURNS = np.arange(16) * (2 * np.pi / 16)
CIRCLE = RADIUS_MM * np.column_stack([np.cos(TURNS), np.sin(TURNS)])


@pytest.fixture
def book():
    """Proposals of no tracer."""
    return ProposalBook(lambda: None)


@pytest.fixture
def drawn(annotation, book):
    """The lines, each (n, 3), that are drawn of the proposals on the slice."""

    def lines():
        drawer = SliceDrawer(SliceIndex(annotation), book, Palette(annotation.segments), LOOK, small(LOOK))
        data = drawer.draw(EMPTY, None, ghosts=False).poly_data()
        points = vtk_to_numpy(data.GetPoints().GetData())
        ends = vtk_to_numpy(data.GetLines().GetOffsetsArray())
        index = vtk_to_numpy(data.GetLines().GetConnectivityArray())
        return [points[index[first:last]] for first, last in zip(ends[:-1], ends[1:], strict=True)]

    return lines


def test_a_point_that_is_seen_in_the_image_is_a_whole_ring(annotation, book, drawn):
    book.put(ROOT, annotation.planes.lift([[-5.0, -3.0]], EMPTY))
    (ring,) = drawn()
    assert np.array_equal(ring[0], ring[-1]), "the ring is closed"


def test_a_point_that_follows_from_the_marks_about_it_is_a_broken_ring(annotation, book, drawn):
    middle = annotation.planes.lift([[-5.0, -3.0]], EMPTY)
    book.put(ROOT, middle, by_image=False)
    dashes = drawn()
    assert len(dashes) == 6
    assert len(np.unique(np.concatenate(dashes), axis=0)) == 12, "dashes do not touch"
    assert np.linalg.norm(np.concatenate(dashes) - middle, axis=1) == pytest.approx(LOOK.point_mm)


def test_a_contour_that_is_seen_in_the_image_is_a_whole_line(annotation, book, drawn):
    book.put(CONTOUR, annotation.planes.lift(CIRCLE, EMPTY))
    (line,) = drawn()
    assert np.array_equal(line[0], line[-1]), "the line is closed"


def test_a_contour_that_follows_from_those_about_it_is_a_broken_line(annotation, book, drawn):
    book.put(CONTOUR, annotation.planes.lift(CIRCLE, EMPTY), by_image=False)
    dashes = drawn()
    lengths = [np.linalg.norm(last - first) for first, last in dashes]
    gaps = [np.linalg.norm(after[0] - dash[1]) for dash, after in zip(dashes, dashes[1:] + dashes[:1], strict=True)]
    assert len(dashes) == np.ceil(np.pi * RADIUS_MM / LOOK.dash_mm)
    assert np.concatenate([lengths, gaps]) == pytest.approx(LOOK.dash_mm, rel=0.05)


def test_whole_and_broken_rings_stand_beside_each_other(annotation, book, drawn):
    book.put(ROOT, annotation.planes.lift([[-5.0, -3.0]], EMPTY))
    book.put(Place(ROOTS, Root("L3", "R"), EMPTY), annotation.planes.lift([[5.0, -3.0]], EMPTY), by_image=False)
    assert len(drawn()) == 1 + 6


def test_left_and_right_are_told_by_the_shape_of_a_mark_not_by_its_colour_alone(annotation, drawn):
    middle = annotation.planes.lift([[5.0, -3.0]], EMPTY)[0]
    annotation.set_root_point(Root("L3", "L"), EMPTY, middle)
    (ring,) = drawn()
    assert np.array_equal(ring[0], ring[-1]), "a ring on the left"
    annotation.set_root_point(Root("L3", "L"), EMPTY, None)
    annotation.set_root_point(Root("L3", "R"), EMPTY, middle)
    strokes = drawn()
    assert len(strokes) == 2, "an x on the right"
    assert [stroke.mean(axis=0) for stroke in strokes] == [pytest.approx(middle)] * 2
