"""Names in views: where they stand, and that they do not cover each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from SpineRootScene.named_marks import spread
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
