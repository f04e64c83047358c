"""Where roots begin, from courses beside a round cord of 4 mm radius."""

from __future__ import annotations

import numpy as np
import pytest

from SpineRootLib.anatomy import Root
from SpineRootLib.tracing.confirmed import ConfirmedWalls
from SpineRootLib.tracing.courses import Course
from SpineRootLib.tracing.outline import Outline
from SpineRootLib.tracing.root_ends import find_starts
from SpineRootLib.tracing.root_settings import EndSettings

L3_L, L3_R = Root("L3", "L"), Root("L3", "R")
_TURN = 2 * np.pi * np.arange(96) / 96
CORD = Outline(4.0 * np.column_stack([np.cos(_TURN), np.sin(_TURN)]), np.ones(96))
AROUND = ConfirmedWalls({}, dict.fromkeys(range(1, 41), CORD))


def course(first: int, off_cord: list[float], confidence: list[float] | None = None) -> Course:
    """A root to the left of the cord, so far from its edge on successive slices, mm."""
    count = len(off_cord)
    flat = np.column_stack([-4.0 - np.array(off_cord), np.zeros(count)])
    return Course(
        np.arange(first, first + count),
        flat,
        np.full(count, 0.1),
        np.array(confidence or [0.95] * count),
        np.ones(count, dtype=bool),
    )


def start_of(traced: dict[Root, Course], known: int, root: Root = L3_L) -> int:
    """The slice on which the root begins when every root is confirmed on one slice."""
    confirmed = {each: {known: np.zeros(2)} for each in traced}
    return find_starts(traced, confirmed, AROUND, EndSettings())[root].number


@pytest.mark.parametrize(
    ("why", "above"),
    [
        ("leads away from the cord again", [2.4, 2.0, 1.5, 1.0]),
        ("runs through the cord", [-3.0, -2.2, -1.2, -0.5]),
        ("runs along the cord", [0.3, 0.35, 0.3, 0.35, 0.3, 0.3]),
    ],
)
def test_what_goes_on_above_the_cord_is_not_the_root(why: str, above: list[float]) -> None:
    traced = {L3_L: course(20 - len(above), [*above, 0.38, 0.6, 0.9, 1.3, 1.7])}
    assert 17 <= start_of(traced, known=23) <= 20, why


def test_a_root_is_not_followed_up_through_a_stretch_of_doubt() -> None:
    confidence = [0.95] * 6 + [0.4, 0.4] + [0.95] * 4
    traced = {L3_L: course(10, [0.5, 0.6, 0.8, 1.1, 1.4, 1.6, 1.7, 1.8, 1.6, 1.9, 2.2, 2.5], confidence)}
    assert start_of(traced, known=20) > 10
    assert start_of({L3_L: course(10, [0.5, 0.6, 0.8, 1.1, 1.4, 1.6, 1.7, 1.8, 2.0, 2.2, 2.4, 2.5])}, known=20) == 10


def test_a_root_that_is_lost_beside_the_cord_begins_with_the_one_of_the_other_side() -> None:
    lost, seen = course(24, [1.6, 1.7, 1.9, 2.1]), course(20, [0.5, 0.8, 1.1, 1.4, 1.8, 2.1])
    assert start_of({L3_L: lost, L3_R: seen}, known=24) == 20
    assert start_of({L3_L: lost, L3_R: seen}, known=24, root=L3_R) == 20


def test_a_root_is_traced_to_its_start_where_no_cord_is_known() -> None:
    traced = {L3_L: course(12, [0.5, 0.9, 1.3, 1.7])}
    confirmed = {L3_L: {14: np.zeros(2)}}
    assert find_starts(traced, confirmed, ConfirmedWalls({}, {}), EndSettings())[L3_L].number == 12
