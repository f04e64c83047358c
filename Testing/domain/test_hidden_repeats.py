"""Places that are asked for a second time, and the repeatability that the two marks tell."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import numpy as np
import pytest
from raters_on_disk import put
from straight_spine import straight_spine

from SpineRootLib.agreement.distances import compare
from SpineRootLib.agreement.figure_of_agreement import REPEAT, AgreementFigure
from SpineRootLib.agreement.raters import Raters, share_planes
from SpineRootLib.agreement.reliability_tables import reliability_of, write_reliability
from SpineRootLib.anatomy import DEFAULT_SEGMENTS, ROOTS, all_roots
from SpineRootLib.annotation import Annotation
from SpineRootLib.cohort.reliability import cohort_figures, read_cohort
from SpineRootLib.commands import main
from SpineRootLib.errors import DatasetError
from SpineRootLib.hidden_repeats import (
    HiddenRepeats,
    RepeatSettings,
    draw_repeats,
    repeat_record,
    repeated_marks,
    repeats_of,
)
from SpineRootLib.place import Place
from SpineRootLib.unaided_controls import ControlSettings, draw_controls

ALL_ROOTS = all_roots(DEFAULT_SEGMENTS)


def test_the_asked_share_is_drawn_of_every_root_and_spread_over_its_slices() -> None:
    drawn = [draw_repeats(RepeatSettings(share=0.1, seed=4), f"{subject:03}", ALL_ROOTS, 80) for subject in range(50)]
    places = [list(each.places()) for each in drawn]
    assert np.mean([len(each) for each in places]) == pytest.approx(0.1 * 80 * len(ALL_ROOTS), rel=0.02)
    for root in ALL_ROOTS:
        numbers = [place.slice for place in places[0] if place.root == root]
        # one in every stretch of 10 slices
        assert len(numbers) in (7, 8, 9)
        assert max(np.diff(numbers)) <= 20
    assert all(place in drawn[0] for place in places[0])
    assert draw_repeats(RepeatSettings(share=0.1, seed=4), "000", ALL_ROOTS, 80) == drawn[0] != drawn[1]
    same_seed = draw_controls(ControlSettings(share=0.1, whole_roots=0.0, seed=4), "000", ALL_ROOTS, 80)
    assert any(drawn[0].slices[name] != same_seed.slices[name] for name in drawn[0].slices)


def test_the_sidecar_keeps_what_was_drawn_whatever_is_asked_later(tmp_path: Path) -> None:
    sidecar: dict[str, object] = {}
    asked = (sidecar, tmp_path, "01", ALL_ROOTS, 40)
    assert not list(repeats_of(*asked).places())
    assert sidecar == {}, "nothing was asked for"
    (tmp_path / "spineroot.json").write_text('{"HiddenRepeats": {"Share": 0.2, "Seed": 3, "MarksBetween": 7}}')
    drawn = repeats_of(*asked)
    assert drawn.marks_between == 7
    (tmp_path / "spineroot.json").write_text("{}")
    kept = repeats_of(json.loads(json.dumps(sidecar)), *asked[1:])
    assert set(kept.places()) == set(drawn.places())
    assert HiddenRepeats.from_json({"Slices": {"nobody": [3]}}) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"HiddenRepeats": 3}', "'HiddenRepeats' is no JSON object"),
        ('{"HiddenRepeats": {"Share": 0.9}}', "takes a Share from 0 to 0.5"),
        ('{"HiddenRepeats": {"MarksBetween": 1.5}}', "whole number from 0 up as MarksBetween"),
        ('{"HiddenRepeats": {"Seed": "x"}}', "as Seed"),
    ],
)
def test_damaged_settings_are_said_with_their_file(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "spineroot.json").write_text(text)
    with pytest.raises(DatasetError, match=said) as fault:
        RepeatSettings.read(tmp_path)
    assert "spineroot.json" in str(fault.value)


@pytest.mark.parametrize("damaged", [{}, {"Repeat": 3}, {"Repeat": {"First": [[0, 0, 0]], "Points": [[0, None, 0]]}}])
def test_a_damaged_second_mark_is_none(damaged: dict[str, object]) -> None:
    assert repeated_marks(damaged) is None
    first, second = repeated_marks({"Repeat": repeat_record([[1.0, 2.0, 3.0]], [[1.0, 2.5, 3.0]])})
    np.testing.assert_allclose(second - first, [[0.0, 0.5, 0.0]])


def repeated(seed: int, jitter: float = 0.3, bias: float = 0.0) -> Annotation:
    """A spine of which every third slice of each root was marked twice, the second time with an error to the right."""
    spine, rng = straight_spine(cord_slices=2), np.random.default_rng(seed)
    planes = spine.require_planes()
    for root, points in spine.roots.items():
        for point, number in zip(points, planes.number(points), strict=True):
            if int(number) % 3 == 0:
                again = planes.lift(planes.flatten(point) + [[bias + rng.normal(0, jitter), 0.0]], int(number))
                record = {"Origin": "placed", "Repeat": repeat_record(point[None], again)}
                spine.provenance.set_at(Place(ROOTS, root, int(number)), record)
    return spine


def together(subject: str, **annotations: Annotation) -> Raters:
    own = {label: copy.deepcopy(each) for label, each in annotations.items()}
    for each in own.values():
        each.subject = subject
    return share_planes(own)


def of_repeats(figures: list[AgreementFigure], name: str, axis: str) -> AgreementFigure:
    (found,) = [
        each
        for each in figures
        if (each.annotators, each.segment, each.name, each.axis) == (("A", "A-repeat"), "all levels", name, axis)
    ]
    return found


def test_second_marks_tell_repeatability_over_a_cohort_and_nothing_of_other_annotators(tmp_path: Path) -> None:
    for number in range(10):
        raters = together(f"{number:02}", A=repeated(number), B=straight_spine(cord_slices=2))
        write_reliability(tmp_path / f"sub-{number:02}", raters, [])
    marks = read_cohort(tmp_path)
    marks.compared = {("A", "B"): set(marks.columns.subjects)}
    figures = list(cohort_figures(marks))
    assert {each.comparison for each in figures if each.annotators == ("A", "A-repeat")} == {REPEAT}
    error = of_repeats(figures, "technical_error", "right")
    # of two marks that differ by 0.3 mm: 0.3 / sqrt 2
    assert error.estimate.low < 0.212 < error.estimate.high
    assert error.estimate.value == pytest.approx(0.212, abs=0.02)
    assert of_repeats(figures, "technical_error", "anterior").estimate.value == pytest.approx(0.0, abs=1e-3)
    names = {each.name for each in figures if "A-repeat" in each.annotators}
    assert not names & {"marked_by_both", "exchanged", "pull", "reproducibility"}
    between = [each for each in figures if each.annotators == ("A", "B") and each.name == "mean_distance"]
    assert max(each.estimate.value for each in between if each.estimate.value is not None) == pytest.approx(
        0.0, abs=1e-6
    )


def test_a_first_mark_that_was_moved_later_does_not_change_what_the_two_tell() -> None:
    def bias(spine: Annotation) -> float | None:
        raters = together("01", A=spine, B=straight_spine(cord_slices=2))
        return of_repeats(reliability_of(raters, compare(raters)), "bias", "right").estimate.value

    spine = repeated(1, 0.05, 0.5)
    before = bias(spine)
    for root, points in spine.roots.items():
        spine.roots[root] = points + [1.0, 0.0, 0.0]
    assert before == pytest.approx(0.5, abs=0.05)
    assert bias(spine) == pytest.approx(before, abs=1e-9)


def test_the_report_tells_how_often_and_how_well_an_annotator_repeats_himself(tmp_path: Path) -> None:
    folders = [str(put(tmp_path, repeated(1), "A")), str(put(tmp_path, straight_spine(cord_slices=2), "B"))]
    out = tmp_path / "out"
    assert main(["compare", *folders, "--subject", "01", "--out", str(out), "--margin", "0.4"]) == 0
    statistics = (out / "sub-01_agreement-statistics.tsv").read_text()
    assert "A A-repeat\trepeatability\tnerveroots\tall levels" in statistics
    assert "equivalent_0.4mm" in statistics
    assert "equivalent_10mm" not in statistics
    told = json.loads((out / "sub-01_agreement-statistics.json").read_text())["figure"]["Levels"]
    assert "within 0.4 mm" in told["equivalent_0.4mm"]
    assert "A-repeat" not in (out / "sub-01_agreement.tsv").read_text()
