"""Which way a root takes where several are likely."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from SpineRootLib.anatomy import Root
from SpineRootLib.tracing.hypotheses import Stretch, Way, chosen
from SpineRootLib.tracing.settings import TracingSettings

L3, L4 = Root("L3", "L"), Root("L4", "L")
SLICES = 12


def way(across_mm: float, score: float, parts_after: int = 0) -> Way:
    """A straight way so far across, from slice 1 on; in the middle until it parts."""
    across = np.where(np.arange(SLICES) < parts_after, 0.0, across_mm)
    marginals = SimpleNamespace(mean=np.column_stack([across, np.zeros(SLICES)]))
    posterior = SimpleNamespace(marginals=lambda: marginals)
    belief = SimpleNamespace(numbers=np.arange(1, SLICES + 1), settings=TracingSettings(), posterior=posterior)
    return Way(belief, score)


def across(stretch: Stretch) -> float:
    return float(stretch.ways[0].mean[-1, 0])


def test_of_two_roots_that_want_one_way_the_surer_takes_it():
    doubtful = Stretch(L3, (way(0.0, 0.5), way(2.0, 0.0)))
    sure = Stretch(L4, (way(0.0, 5.0), way(-2.0, 0.0)))
    took = {each.root: across(each) for each in chosen([doubtful, sure])}
    assert took == {L4: 0.0, L3: 2.0}


def test_a_way_beside_no_other_root_costs_nothing():
    alone = Stretch(L3, (way(0.0, 0.5), way(2.0, 0.0)))
    far = Stretch(L4, (way(9.0, 5.0), way(11.0, 0.0)))
    took = {each.root: each.ways[0] for each in chosen([alone, far])}
    assert (took[L3].score, took[L4].score) == pytest.approx((0.5, 5.0), abs=1e-6)
    assert took[L3].mean[-1, 0] == 0.0


def test_odds_are_told_only_where_the_ways_lie_apart():
    odds = Stretch(L3, (way(0.0, 3.0), way(2.0, 1.0, parts_after=5))).odds()
    assert np.isinf(odds[:5]).all()
    assert odds[5:] == pytest.approx(2.0)


def test_the_next_way_that_matters_is_the_likeliest_one_that_lies_elsewhere():
    stretch = Stretch(L3, (way(0.0, 3.0), way(0.05, 2.9), way(2.0, 1.0), way(-2.0, -4.0)))
    assert stretch.lead == pytest.approx(2.0)
    assert Stretch(L3, (way(0.0, 3.0),)).lead == np.inf
