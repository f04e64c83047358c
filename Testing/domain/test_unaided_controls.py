"""Places that are marked without a proposal, and what proposals do to marks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from straight_spine import straight_spine

from SpineRootLib.agreement.aid import aid_figures, contour_aid_figures
from SpineRootLib.agreement.marked_places import MarkColumns, deviations
from SpineRootLib.agreement.pair_reliability import ComparedPair
from SpineRootLib.agreement.raters import share_planes
from SpineRootLib.anatomy import DEFAULT_SEGMENTS, DURA, GANGLIA, ROOTS, Root, all_roots
from SpineRootLib.errors import DatasetError
from SpineRootLib.place import Place
from SpineRootLib.statistics.pull import pull_of
from SpineRootLib.unaided_controls import ControlSettings, UnaidedControls, controls_of, draw_controls

ALL_ROOTS = all_roots(DEFAULT_SEGMENTS)
L1_L = Root("L1", "L")


def test_the_asked_share_is_drawn_and_spread_over_levels_and_slices() -> None:
    settings = ControlSettings(share=0.1, seed=4)
    drawn = [draw_controls(settings, f"{subject:03}", ALL_ROOTS, 80) for subject in range(100)]
    of_roots = [[Place(ROOTS, root, n) in each for root in ALL_ROOTS for n in range(1, 81)] for each in drawn]
    assert np.mean(of_roots) == pytest.approx(0.1, abs=0.01)
    of_dura = [Place(DURA, None, n) in each for each in drawn for n in range(1, 81)]
    assert np.mean(of_dura) == pytest.approx(0.05, abs=0.01)
    many = [draw_controls(settings, f"{subject:03}", ALL_ROOTS, 1) for subject in range(1000)]
    whole = [root.segment for each in many for root in each.roots]
    assert len(whole) == pytest.approx(700, abs=60)
    assert min(whole.count(segment) for segment in DEFAULT_SEGMENTS) > 70
    for each in drawn:
        for numbers in each.slices.values():
            # one in every stretch of 20 slices
            assert len(numbers) in (3, 4, 5)
            assert max(np.diff(sorted(numbers))) <= 40
    assert not any(Place(GANGLIA, L1_L) in each for each in drawn)


def test_annotators_of_a_subject_get_the_same_places_and_subjects_others() -> None:
    settings = ControlSettings(share=0.2, seed=1)
    one, again, other = (draw_controls(settings, subject, ALL_ROOTS, 60) for subject in ("01", "01", "02"))
    assert one == again
    assert one != other
    many = draw_controls(ControlSettings(share=0.5, whole_roots=1.0), "01", ALL_ROOTS, 60)
    assert len({root.segment for root in many.roots}) == len(many.roots) == 7


def test_the_sidecar_keeps_what_was_drawn_whatever_is_asked_later(tmp_path: Path) -> None:
    sidecar: dict[str, object] = {}
    asked = (sidecar, tmp_path, "01", ALL_ROOTS, 40)
    assert not controls_of(*asked).roots
    assert sidecar == {}, "nothing was asked for"
    (tmp_path / "spineroot.json").write_text('{"UnaidedControls": {"Share": 0.5, "Seed": 3}}')
    drawn = controls_of(*asked)
    assert len(drawn.roots) in (3, 4)
    (tmp_path / "spineroot.json").write_text("{}")
    assert controls_of(json.loads(json.dumps(sidecar)), *asked[1:]) == drawn
    assert UnaidedControls.from_json({"Roots": ["nobody"], "Slices": {}}) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "no whole JSON file"),
        ('{"UnaidedControls": 3}', "'UnaidedControls' is no JSON object"),
        ('{"UnaidedControls": {"Share": 0.9}}', "takes a Share from 0 to 0.5"),
        ('{"UnaidedControls": {"Share": true}}', "takes a Share from 0 to 0.5"),
        ('{"UnaidedControls": {"Seed": -1}}', "as Seed"),
    ],
)
def test_damaged_settings_are_said_with_their_file(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "spineroot.json").write_text(text)
    with pytest.raises(DatasetError, match=said) as fault:
        ControlSettings.read(tmp_path)
    assert "spineroot.json" in str(fault.value)


def study(seed: int, pull: float, subjects: int = 14) -> tuple[np.ndarray, ...]:
    """Distances from proposals, 1.0 +- 0.3 mm by stratum and subject, whether aided, strata and subjects."""
    rng, shape = np.random.default_rng(seed), (subjects, 10, 40)
    aided = rng.random(shape) > 0.1
    distances = 1.0 + rng.normal(0, 0.3, (1, 10, 1)) + rng.normal(0, 0.1, (subjects, 1, 1)) + rng.normal(0, 0.3, shape)
    subject, stratum, _slice = np.indices(shape)
    return tuple(each.ravel() for each in (distances - pull * aided, aided, stratum, subject))


def test_a_pull_is_found_with_its_interval_and_none_where_there_is_none() -> None:
    found = [pull_of(*study(seed, 0.2)) for seed in range(40)]
    assert all(each.p is not None and each.p < 0.05 for each in found)
    held = [each.estimate.low <= 0.2 <= each.estimate.high for each in found]
    assert np.mean(held) > 0.85
    assert np.mean([each.estimate.value for each in found]) == pytest.approx(0.2, abs=0.01)
    honest = [pull_of(*study(seed, 0.0)) for seed in range(100)]
    assert np.mean([each.p < 0.05 for each in honest]) <= 0.10, "5 % are due to chance"


def test_what_tells_no_pull_is_said() -> None:
    few = pull_of(*study(1, 0.2, subjects=2))
    assert (few.p, few.estimate.low) == (None, None)
    assert "fewer than 3 subjects" in few.estimate.why_not
    distances, aided, strata, subjects = study(1, 0.2)
    nobody = pull_of(distances, np.zeros_like(aided), strata, subjects)
    assert nobody.estimate.value is None
    same = pull_of(np.where(aided, 1.0, 2.0), aided, strata, subjects)
    assert same.estimate.value == pytest.approx(1.0)
    assert "nothing varies" in same.estimate.why_not


def test_the_records_of_marks_become_figures_with_that_of_unaided_marks_first() -> None:
    columns = MarkColumns()
    for subject in range(6):
        rng = np.random.default_rng(subject)
        spines = {label: straight_spine(cord_slices=2) for label in "AB"}
        for spine in spines.values():
            planes, points = spine.require_planes(), spine.roots[L1_L]
            for row, number in enumerate(planes.number(points)):
                unaided = int(number) % 5 == 0
                proposal = points[row] + 1.0 * planes.right
                points[row] += planes.right * (rng.normal(0, 0.1) + (0.0 if unaided else 0.3))
                record = {
                    "Origin": "corrected",
                    "Proposal": [proposal.tolist()],
                    **({"Unaided": True} if unaided else {}),
                }
                spine.provenance.set_at(Place(ROOTS, L1_L, int(number)), record)
        for mark in deviations(share_planes(spines)):
            columns.put_mark(f"{subject:02}", mark)
    roots = [
        each for structure, each in columns.places().items() if structure.root == L1_L and structure.structure == ROOTS
    ]
    figures = list(aid_figures(ComparedPair(("A", "B"), "reproducibility"), roots))
    assert [each.name for each in figures][:2] == ["unaided_distance", "aided_distance"]
    by_name = {each.name: each for each in figures}
    assert by_name["pull"].estimate.value == pytest.approx(0.3, abs=0.08)
    assert by_name["pull_p"].estimate.value < 0.001
    # both moved alike, and no nearer to each other
    assert abs(by_name["pull_together"].estimate.value) < 0.08
    assert by_name["unaided_distance"].places == 6 * 4
    without = list(aid_figures(ComparedPair(("C", "D"), "reproducibility"), roots))
    assert {each.estimate.why_not for each in without if each.name.startswith("pull")} == {"no unaided controls"}


def test_contours_that_were_proposed_lie_nearer_to_each_other_if_they_do() -> None:
    columns, rows = MarkColumns(), {"pulled": [], "honest": []}
    for subject in range(8):
        rng, number = np.random.default_rng(subject), columns.number_of(f"{subject:02}")
        for at in range(1, 41):
            aided = float(at % 4 != 0)
            for label in "AB":
                nowhere = [np.nan] * 3
                columns.extend(
                    Place(DURA), (number, at, columns.number_of_label(label), 0, 0, 0, *nowhere[:2], aided, np.nan)
                )
            apart = 0.6 + rng.normal(0, 0.1)
            rows["honest"].append((number, at, apart))
            rows["pulled"].append((number, at, apart - 0.2 * aided))
    pair = ComparedPair(("A", "B"), "reproducibility")
    for name, pull in (("pulled", 0.2), ("honest", 0.0)):
        who, slices, apart = np.array(rows[name]).T
        curves = {("A", "B"): (who.astype(np.int64), slices.astype(np.int64), apart)}
        figures = {each.name: each for each in contour_aid_figures(pair, columns.places()[Place(DURA)], curves)}
        assert list(figures) == ["unaided_distance", "aided_distance", "pull_together", "pull_together_p"]
        together = figures["pull_together"].estimate
        assert together.low < pull < together.high
        assert (figures["pull_together_p"].estimate.value < 0.01) == (name == "pulled")
        assert figures["unaided_distance"].places == 8 * 10
