"""Whether a program lies within the annotators' spread: the rule, on tables whose answer is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from straight_spine import straight_spine

from SpineRootLib.agreement.program_spread import (
    BEYOND,
    UNTOLD,
    WITHIN,
    ProgramSpread,
    ProgramSpreads,
    of_one_subject,
    spread_lines,
    spread_sentences,
)
from SpineRootLib.agreement.raters import CONSENSUS, TRUTH, share_planes
from SpineRootLib.agreement.roles import Roles
from SpineRootLib.anatomy import DEFAULT_SEGMENTS
from SpineRootLib.cohort.summary import Summaries

LEVELS = ("L1", "L2", "L3", "L4", "L5")
UNET = Roles(programs=frozenset((f"sub-{subject}", "unet") for subject in range(8)))


def rows(
    times: dict[str, float], subjects: int = 8, lacking: int = 0, scatter: float = 0.1
) -> Iterator[dict[str, Any]]:
    """A cohort of A and B, who are about 0.3 mm apart, and of a program that is so many times as far from them; of 40
    places a level it lacks some, and each person one of the other's."""
    rng = np.random.default_rng(7)
    for subject in range(subjects):
        for segment in LEVELS:
            for a, b in (("A", "B"), ("A", "unet"), ("B", "unet")):
                factor, only = (times[segment], lacking) if b == "unet" else (1.0, 1)
                apart = 0.3 * factor * float(np.exp(rng.normal(0.0, scatter)))
                yield {
                    **{"participant_id": f"sub-{subject}", "annotator_a": a, "annotator_b": b},
                    **{"structure": "nerveroots", "segment": segment, "side": "L"},
                    **{"n_matched": 40 - only, "n_only_a": only, "n_only_b": 1, "mean_mm": apart},
                }


def found(*chosen: Any, **known: Any) -> list[ProgramSpread]:
    spreads = ProgramSpreads(UNET)
    assert len(list(spreads.passed(rows(*chosen, **known)))) > 0
    return spreads.found()


def verdicts(*chosen: Any, **known: Any) -> list[str]:
    return [each.verdict for each in found(*chosen, **known)]


def test_a_program_as_near_to_people_as_they_are_to_each_other_is_within_and_a_far_one_beyond() -> None:
    times = {"L1": 1.0, "L2": 0.7, "L3": 1.05, "L4": 1.0, "L5": 2.0}
    spreads = found(times)
    assert [each.verdict for each in spreads] == [WITHIN, WITHIN, WITHIN, WITHIN, BEYOND]
    for each in spreads:
        assert each.ratio.value == pytest.approx(times[each.name], rel=0.15)
        assert each.between_people_mm == pytest.approx(0.3, rel=0.15)
    assert list(spread_sentences(spreads)) == [
        "unet lies within the annotators' spread for L1-L4 and beyond the annotators' spread for L5"
    ]


def test_who_leaves_out_what_people_mark_is_not_within_however_near_the_rest_lies() -> None:
    same = dict.fromkeys(LEVELS, 0.8)
    assert set(verdicts(same, lacking=2)) == {WITHIN}
    assert set(verdicts(same, lacking=8)) == {BEYOND}


def test_what_few_subjects_or_a_wide_scatter_leave_open_is_not_told() -> None:
    same = dict.fromkeys(LEVELS, 1.0)
    assert set(verdicts(same, subjects=2)) == {UNTOLD}
    assert {each.ratio.why_not for each in found(same, subjects=2)} == {"fewer than 3 subjects"}
    assert UNTOLD in verdicts(same, subjects=4, scatter=0.6)
    [sentence] = spread_sentences(found(same, subjects=2))
    assert sentence == "whether unet lies within the annotators' spread cannot be told for L1-L5"


def test_the_interval_holds_the_true_ratio_about_as_often_as_it_says() -> None:
    rng, times, inside, runs = np.random.default_rng(3), 1.3, 0, 400
    for _run in range(runs):
        spreads = ProgramSpreads(UNET)
        for subject in range(6):
            for a, b, mean in (("A", "B", 0.3), ("A", "unet", 0.3 * times), ("B", "unet", 0.3 * times)):
                place = {"structure": "dura", "segment": None, "side": None, "participant_id": f"sub-{subject}"}
                apart = mean * float(np.exp(rng.normal(0.0, 0.2)))
                counts = {"n_matched": 30, "n_only_a": 0, "n_only_b": 0, "mean_mm": apart}
                spreads.add({"annotator_a": a, "annotator_b": b, **place, **counts})
        [each] = spreads.found()
        inside += each.ratio.low <= times <= each.ratio.high
    assert 0.91 < inside / runs < 0.99


def test_of_one_subject_distances_are_told_without_an_interval() -> None:
    places = {"structure": "nerveroots", "segment": "L1", "side": "L", "n_matched": 38}
    table = [
        {"annotator_a": "A", "annotator_b": "B", **places, "n_only_a": 2, "n_only_b": 0, "mean_mm": 0.5},
        {"annotator_a": "A", "annotator_b": "unet", **places, "n_only_a": 2, "n_only_b": 1, "mean_mm": 0.3},
        {"annotator_a": "unet", "annotator_b": "B", **places, "n_only_a": 1, "n_only_b": 0, "mean_mm": 0.5},
    ]
    spines = {label: straight_spine(roots=False, count=4, cord_slices=2) for label in ("A", "B", "unet")}
    raters = replace(share_planes(spines), programs=("unet",))
    [line] = spread_lines(of_one_subject(table, raters))
    apart = "0.40 mm from people, who are 0.50 mm apart"
    assert line == f"unet, L1: {apart}; marks 97% of their places, people 97% of each other's"


def told_by(every: list[dict[str, Any]], roles: Roles) -> list[ProgramSpread]:
    spreads = ProgramSpreads(roles)
    for row in every:
        spreads.add(row)
    return spreads.found()


def test_one_person_and_a_program_or_no_program_tell_nothing() -> None:
    every = list(rows(dict.fromkeys(LEVELS, 1.0)))
    assert told_by([row for row in every if "B" not in (row["annotator_a"], row["annotator_b"])], UNET) == []
    assert told_by(every, Roles()) == []


def beside(every: list[dict[str, Any]], other: str) -> list[dict[str, Any]]:
    """The rows, and the same of one who is 0.1 mm from everybody."""
    more = [
        {**row, "annotator_a": label, "annotator_b": other, "mean_mm": 0.1}
        for row in every
        if row["annotator_a"] == "A"
        for label in {row["annotator_a"], row["annotator_b"]}
    ]
    return [*every, *more]


@pytest.mark.parametrize("other", [TRUTH, CONSENSUS, "A2"])
def test_a_truth_a_consensus_and_a_repeat_are_no_other_person(other: str) -> None:
    every = list(rows(dict.fromkeys(LEVELS, 1.0)))
    repeats = frozenset((f"sub-{subject}", "A2") for subject in range(8))
    roles = Roles(programs=UNET.programs, repeats=repeats)
    more = beside(every, other)
    assert told_by(more, roles) == told_by(every, roles)
    with_it, without = Summaries(DEFAULT_SEGMENTS, roles), Summaries(DEFAULT_SEGMENTS, roles)
    assert len(list(with_it.passed(more))) > len(list(without.passed(every))) > 0
    assert [each.row() for each in with_it.by_structure()] == [each.row() for each in without.by_structure()]
    # a person who is nobody's repeat is one more person
    assert told_by(beside(every, "C"), roles) != told_by(every, roles)


def test_a_label_is_a_program_s_in_the_subjects_where_it_is() -> None:
    every = list(rows(dict.fromkeys(LEVELS, 1.0)))
    roles = Roles.of_cohort(
        {
            str(subject): [{"Annotator": "A"}, {"Annotator": "B"}, {"Annotator": "unet", "Program": subject < 2}]
            for subject in range(8)
        }
    )
    assert {each.subjects for each in told_by(every, roles)} == {2}
    summaries = Summaries(DEFAULT_SEGMENTS, roles)
    for row in every:
        summaries.add(row)
    # a pair of people in two subjects, and three in the others
    matched = {each.matched for each in summaries.by_structure() if each.subjects}
    assert matched == {(2 + 6) * 39 + 6 * 2 * 40}
    assert (roles.program_labels, roles.left_out("sub-0"), roles.left_out("sub-2")) == (set(), {"unet"}, set())
