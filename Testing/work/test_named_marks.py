"""Names in views: where they stand, and that they do not cover each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from SpineRootScene.named_marks import NamedMark, NamingLook, columns, names_in_column, spread
from SpineRootScene.stroke_text import text_strokes, text_width


@given(st.lists(st.floats(-50.0, 50.0), min_size=1, max_size=20), st.floats(0.1, 5.0))
def test_names_in_a_column_keep_apart_and_inside_of_the_view(levels, apart):
    found = spread(sorted(levels), apart, 40.0)
    fits = min(apart, 80.0 / max(len(levels) - 1, 1))
    assert all(after - before >= fits - 1e-9 for before, after in zip(found, found[1:], strict=False))
    assert max(np.abs(found)) <= 40.0 + 1e-9


def test_names_that_are_apart_stay_beside_their_marks():
    assert spread([-8.0, 0.0, 5.0], 2.0, 20.0) == pytest.approx([-8.0, 0.0, 5.0])


def test_names_of_neighbouring_marks_move_apart_by_the_same_way():
    assert spread([1.0, 1.0, 1.0], 2.0, 20.0) == pytest.approx([-1.0, 1.0, 3.0])


@pytest.mark.parametrize("name", ["L1 L", "S2 R?", "T12 L", "C8 R", "L R A P S I", "0123456789"])
def test_every_letter_of_a_name_is_written(name):
    strokes = text_strokes(name, 3.0)
    corners = np.concatenate(strokes)
    assert corners.min() >= 0.0
    assert corners[:, 1].max() == pytest.approx(3.0)
    assert corners[:, 0].max() <= text_width(name, 3.0) + 1e-9
    starts = [text_width(f"{name[:place]}I", 3.0) - 2.0 for place in range(len(name))]  # a letter is 2 wide
    written = {max(place for place, start in enumerate(starts) if start <= each[:, 0].min() + 1e-9) for each in strokes}
    assert written == {place for place, letter in enumerate(name) if letter != " "}


SIZE = np.array([25.0, 37.0])  # of a narrow view, mm


def sac(width, height):
    """An oval about the middle of the view, (100, 2) mm."""
    turn = np.linspace(0.0, 2 * np.pi, 100, endpoint=False)
    return np.column_stack([width / 2 * np.cos(turn), height / 2 * np.sin(turn)])


def marks(*levels):
    """Of roots on the right of the view, at such levels, mm."""
    return [NamedMark(f"L{n} L", np.array([6.0, level]), 1, 2, f"L{n}") for n, level in enumerate(levels, start=1)]


def box(name):
    """Where a name is written: left, right, lower and upper end, mm."""
    height = NamingLook().text * SIZE.mean()
    return name.left, name.left + text_width(name.text, height), name.level - height / 2, name.level + height / 2


def reaches_into(name, outline):
    left, right, low, high = box(name)
    corners = [(x, y) for x in np.linspace(left, right, 9) for y in (low, high)]
    half = np.abs(outline).max(axis=0)
    return any(np.hypot(x / half[0], y / half[1]) < 1.0 for x, y in corners)


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("width", [18.0, 21.5, 22.5, 24.9, 30.0])
@pytest.mark.parametrize("height", [14.0, 24.0])
def test_no_name_reaches_into_the_sac_and_none_leaves_the_view(width, height, sign):
    outline = sac(width, height)
    placed = names_in_column(marks(-4.0, -3.5, -3.0, -1.0, 0.5, 2.0), sign, SIZE, NamingLook(), outline)
    assert len(placed) == 6, "there is room for all of them below and above"
    for name in placed:
        assert not reaches_into(name, outline), name.text
        assert np.abs(box(name)[:2]).max() <= SIZE[0] / 2
        assert np.abs(box(name)[2:]).max() <= SIZE[1] / 2
    levels = [name.level for name in placed]
    assert min(np.diff(levels)) > NamingLook().text * SIZE.mean(), "they keep apart"


def test_names_with_room_beside_the_sac_are_whole_and_where_they_are_without_it():
    beside = names_in_column(marks(-3.0, 0.0, 2.0), 1, SIZE, NamingLook(), sac(15.0, 14.0))
    without = names_in_column(marks(-3.0, 0.0, 2.0), 1, SIZE, NamingLook(), None)
    assert [(name.text, name.left, name.level) for name in beside] == [
        (name.text, name.left, name.level) for name in without
    ]
    assert [name.text for name in beside] == ["L1 L", "L2 L", "L3 L"]


def test_names_for_which_the_sac_leaves_no_room_are_left_out():
    assert names_in_column(marks(-3.0, 2.0), 1, SIZE, NamingLook(), 4 * sac(25.0, 37.0)) == []
    tall = sac(60.0, 32.0)
    few = names_in_column(marks(*np.linspace(-6.0, -5.0, 8)), 1, SIZE, NamingLook(), tall)
    assert 0 < len(few) < 8
    assert not any(reaches_into(name, tall) for name in few)


def test_without_an_outline_such_names_would_reach_into_the_sac():
    placed = names_in_column(marks(-4.0, -1.0, 2.0), 1, SIZE, NamingLook(), None)
    assert all(reaches_into(name, sac(24.9, 14.0)) for name in placed)


@pytest.mark.parametrize(("place", "side"), [(-5.0, 0), (5.0, 1)])
def test_a_mark_that_is_alone_is_named_on_its_side_of_the_sac(place, side):
    """Its line would else lead across the cord."""
    alone = NamedMark("L1 R", np.array([place, -3.0]), 1, 2, "L1")
    assert columns([alone], sac(15.0, 14.0))[side] == [alone]
    assert columns([alone], sac(15.0, 14.0))[1 - side] == []


def test_without_an_outline_names_are_shared_out_by_the_middle_of_the_marks():
    both = [NamedMark(name, np.array([x, 0.0]), 1, 2) for name, x in (("L1 R", 2.0), ("L1 L", 9.0))]
    assert columns(both, None) == ([both[0]], [both[1]])
    assert columns([], None) == ([], [])
