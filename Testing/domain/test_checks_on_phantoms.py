"""Quality control against a known truth: nothing is found in it, and every planted exchange of roots is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from SpineRootLib.annotation import Annotation
from SpineRootLib.checks import check
from SpineRootLib.phantom import AnnotatorSettings, PhantomSettings, make_truth, simulate_annotator

# the jitter of one annotator from slice to slice in published annotations, and no error beyond it
JITTER_ALONE = AnnotatorSettings(missed=0.0, drift_mm=(0.0, 0.0), jitter_mm=(0.12, 0.12))


@pytest.fixture(scope="module")
def truth() -> Annotation:
    return make_truth(PhantomSettings.small(), 1).annotation


@pytest.mark.parametrize("settings", [PhantomSettings(), PhantomSettings.small(-15.0)], ids=["adult", "tilted"])
def test_the_truth_has_no_finding(settings):
    assert [finding.message for finding in check(make_truth(settings, 2).annotation)] == []


def test_an_annotators_jitter_alone_looks_like_no_exchange_and_no_jump(truth):
    for seed in range(5):
        rules = {finding.rule for finding in check(simulate_annotator(truth, JITTER_ALONE, seed, "A"))}
        assert not rules & {"exchange", "jump", "side", "order", "duplicate", "off-slice"}


def test_two_roots_that_an_annotator_confused_are_found_on_the_slices_where_it_happened(truth):
    for seed in range(10):
        confused = simulate_annotator(truth, replace(JITTER_ALONE, swaps=1), seed, "A")
        honest = simulate_annotator(truth, JITTER_ALONE, seed, "A")
        changed = {
            (root, number)
            for root in honest.roots
            for number, point in honest.root_by_slice(root).items()
            if not np.array_equal(point, confused.root_by_slice(root)[number])
        }
        found = {(each.root, each.slice) for each in check(confused) if each.rule == "exchange"}
        # where the roots come back, the first slice after is named
        assert found & changed or found & {(root, number + 1) for root, number in changed}
