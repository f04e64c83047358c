"""Figures of agreement with their intervals: what can be said is said, and what cannot, with the reason."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from outcomes import refused
from raters_on_disk import put, shifted
from straight_spine import straight_spine

from SpineRootLib.agreement.bland_altman import draw_bland_altman
from SpineRootLib.agreement.distances import compare
from SpineRootLib.agreement.figure_of_agreement import BETWEEN, REPEAT, AgreementFigure
from SpineRootLib.agreement.marked_places import MarkColumns, deviations, repeats
from SpineRootLib.agreement.pair_reliability import ComparedPair
from SpineRootLib.agreement.planning_table import planning_rows
from SpineRootLib.agreement.raters import Raters, share_planes
from SpineRootLib.agreement.reading_raters import read_raters
from SpineRootLib.agreement.reliability import Reliability, figures_of, first_annotations
from SpineRootLib.agreement.reliability_tables import gathered, read_marks, reliability_of, write_reliability
from SpineRootLib.agreement.tables import write_tables
from SpineRootLib.anatomy import ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.cohort.reliability import cohort_figures, read_cohort
from SpineRootLib.commands import main
from SpineRootLib.errors import DatasetError
from SpineRootLib.hidden_repeats import repeat_record
from SpineRootLib.place import Place
from SpineRootLib.statistics.estimate import Estimate

L1_L, L1_R = Root("L1", "L"), Root("L1", "R")
SHIFT = np.array([0.5, -0.3, 0.0])


def marked(seed: int, shift: Sequence[float] = (0.0, 0.0, 0.0), jitter: float = 0.2) -> Annotation:
    """A spine whose roots are marked with an error."""
    spine = shifted(straight_spine(cord_slices=2), shift)
    rng, planes = np.random.default_rng(seed), spine.require_planes()
    for root, points in spine.roots.items():
        flat = planes.flatten(points) + rng.normal(0, jitter, (len(points), 2))
        spine.roots[root] = planes.lift(flat, planes.number(points))
    return spine


def raters(subject: str = "01", **annotations: Annotation) -> Raters:
    own = {label: copy.deepcopy(each) for label, each in annotations.items()}
    for each in own.values():
        each.subject = subject
    return share_planes(own, straight_spine().planes)


def figure(figures: Sequence[AgreementFigure], name: str, axis: str | None, root: Root = L1_L) -> AgreementFigure:
    """The only figure of a root with a name."""
    (found,) = [
        each
        for each in figures
        if (each.name, each.axis, each.structure, each.segment, each.side) == (name, axis, ROOTS, *str(root).split("_"))
        and len(each.annotators) == 2
    ]
    return found


def test_of_one_subject_the_intervals_are_those_of_its_slices_and_say_so() -> None:
    together = raters(A=marked(1), B=marked(2, SHIFT))
    figures = reliability_of(together, compare(together))
    for axis, shift in (("right", 0.5), ("anterior", -0.3)):
        bias = figure(figures, "bias", axis)
        assert bias.estimate.low < shift < bias.estimate.high
        assert "one subject" in bias.estimate.why_not
        assert 2 < bias.effective <= 17
    over_roots = [each for each in figures if each.segment == "all levels" and each.name == "bias"]
    assert {each.estimate.why_not for each in over_roots} == {
        "one subject, of which too few roots differ for an interval"
    }
    between = figure(figures, "sd_subjects", "right")
    assert (between.estimate.value, between.estimate.why_not) == (None, "one subject")
    assert figure(figures, "equivalent_2mm", "right").estimate.value < 0.001
    # two annotators cannot tell whose bias it is
    common = [each for each in figures if each.name == "sd_annotators" and each.structure == ROOTS]
    assert common
    assert all("two annotators only" in each.estimate.why_not for each in common)


def few_slices(seed: int) -> Annotation:
    """A spine of few slices whose left roots are marked with an error that drifts along them, the right with jitter."""
    spine = straight_spine(count=12, cord_slices=2)
    rng, planes = np.random.default_rng(seed), spine.require_planes()
    for root, points in spine.roots.items():
        error = rng.normal(0, 0.2, (len(points), 2))
        error = error.cumsum(axis=0) if root.side == "L" else error
        spine.roots[root] = planes.lift(planes.flatten(points) + error, planes.number(points))
    return spine


def test_an_ellipse_of_one_subject_is_told_only_where_limits_of_agreement_are() -> None:
    together = raters(A=straight_spine(count=12, cord_slices=2), B=few_slices(1))
    figures = [each for each in reliability_of(together, compare(together)) if each.structure == ROOTS]
    told = set()
    for root in straight_spine().roots:
        limits = [figure(figures, "limit_low", axis, root).estimate for axis in ("right", "anterior")]
        long = figure(figures, "ellipse_long", "slice", root).estimate
        if any(each.value is None for each in limits):
            assert long.value is None
            assert "resemble each other" in long.why_not
        if long.value is not None:
            assert "one subject" in long.why_not
            told.add(root.side)
    assert told == {"R"}


def test_no_interval_of_a_distance_goes_below_nothing_and_none_of_a_share_above_all() -> None:
    together = raters(A=straight_spine(count=12, cord_slices=2), B=few_slices(2))
    distances = [each.estimate for each in reliability_of(together, compare(together)) if each.name == "mean_distance"]
    assert min(each.low for each in distances if each.low is not None) == 0.0
    columns = MarkColumns()
    for number in range(8):
        other = marked(number)
        other.roots[L1_R] = other.roots[L1_R][: 15 + number // 3]
        for mark in deviations(raters(f"{number:02}", A=straight_spine(cord_slices=2), B=other)):
            columns.put_mark(f"{number:02}", mark)
    of_all = list(figures_of(Reliability([ComparedPair(("A", "B"), BETWEEN)], ["A", "B"], columns.places())))
    share = figure(of_all, "marked_by_both", "lower third", L1_R).estimate
    assert 0.0 <= share.low < share.value < share.high <= 1.0


def test_what_rounds_to_nothing_has_no_sign() -> None:
    told = AgreementFigure(("A", "B"), BETWEEN, ROOTS, "L1", "L", "right", "bias", Estimate(-0.001, -0.004, 0.002))
    assert str(told) == "0.00 [0.00, 0.00]"


def test_identical_annotations_and_a_root_that_is_missing_are_told_with_the_reason() -> None:
    one = marked(1)
    other = copy.deepcopy(one)
    del other.roots[L1_R]
    together = raters(A=one, B=other)
    figures = reliability_of(together, compare(together))
    same = figure(figures, "mean_distance", "distance")
    assert (same.estimate.value, same.estimate.low) == (0.0, None)
    assert "nothing varies" in same.estimate.why_not
    missing = figure(figures, "mean_distance", "distance", L1_R)
    assert (missing.estimate.value, missing.estimate.why_not) == (None, "no place that A and B marked")
    # of what only one marked the coverage is still told
    assert figure(figures, "marked_by_both", "all places", L1_R).estimate.value == 0.0
    assert figure(figures, "marked_by_both", "all places").estimate.value == 1.0


def test_repeats_are_linked_in_the_sidecar_and_told_apart_from_other_annotators() -> None:
    again = marked(3, jitter=0.1)
    again.roots[L1_L] = again.roots[L1_L][:9]  # a repeat of another length
    again.provenance.document["RepeatOf"] = "A"
    together = raters(A=marked(1, jitter=0.1), A2=again, B=marked(2, SHIFT))
    figures = reliability_of(together, compare(together))
    kinds = {each.annotators: each.comparison for each in figures}
    assert kinds == {("A", "A2"): REPEAT, ("A", "B"): BETWEEN, ("A2", "B"): BETWEEN} | {("A", "B"): BETWEEN}
    own = [each for each in figures if each.annotators == ("A", "A2")]
    assert figure(own, "bias", "right").places == 9
    assert figure(own, "technical_error", "right").estimate.value < 0.25
    assert figure(own, "marked_by_both", "all places").estimate.value == pytest.approx(9 / 17)
    # a repeat tells of no other annotators, and no number of them is planned from it
    assert {row["annotators"] for row in planning_rows(figures)} == {"A B", "A2 B"}
    unlinked = raters(A=marked(1), A2=marked(3))
    assert {each.comparison for each in reliability_of(unlinked, compare(unlinked))} == {BETWEEN}


def repeating(seed: int, first: str) -> Annotation:
    """A repeat, of which some marks of a root were asked for again."""
    spine = marked(seed)
    spine.provenance.document["RepeatOf"] = first
    for number, point in list(spine.root_by_slice(L1_L).items())[::3]:
        spine.provenance.set_at(Place(ROOTS, L1_L, number), {"Repeat": repeat_record(point, point + 0.1)})
    return spine


def kinds_of(together: Raters) -> dict[tuple[str, ...], str]:
    """How each pair is told of."""
    figures = reliability_of(together, compare(together))
    return {each.annotators: each.comparison for each in figures if len(each.annotators) == 2}


def test_hidden_repeats_of_a_repeat_are_repeats_and_no_study_is_planned_from_them() -> None:
    together = raters(A=marked(1), A2=repeating(2, "A"), B=marked(3, SHIFT))
    kinds = kinds_of(together)
    assert kinds["A2", "A2-repeat"] == kinds["A", "A2"] == REPEAT
    assert kinds["A2", "B"] == BETWEEN
    rows = planning_rows(reliability_of(together, compare(together)))
    assert {row["annotators"] for row in rows} == {"A B", "A2 B"}


def test_two_repeats_of_one_who_is_not_compared_are_of_one_annotator(tmp_path: Path) -> None:
    kinds = kinds_of(raters(A2=repeating(2, "A"), A3=repeating(4, "A"), B=marked(3, SHIFT)))
    assert kinds == {
        **dict.fromkeys([("A2", "A3"), ("A2", "A2-repeat"), ("A3", "A3-repeat")], REPEAT),
        **dict.fromkeys([("A2", "B"), ("A3", "B")], BETWEEN),
    }
    labels = ["A2", "A3", "B"]
    assert first_annotations(labels, {"A2": "A", "A3": "A"}) == ["A2", "B"]
    assert first_annotations(["A3", "A2", "A"], {"A2": "A", "A3": "A2"}) == ["A"]
    # and a link by way of one who is not compared is followed in the dataset's settings
    folders = linked(tmp_path)
    (tmp_path / "spineroot.json").write_text('{"RepeatOf": {"B": "A4", "A4": "A", "A2": "A3", "A3": "A"}}')
    assert repeats(read_raters(folders, "01")) == {"A2": "A", "B": "A"}
    _first, second = read_raters(folders[1:], "01").notes
    assert second == "B is a repeat of A, who is not compared: it is compared with A2 as a repeat"


def linked(folder: Path, **repeat_of: str) -> list[Path]:
    """Folders of annotators whose sidecars say whose annotation theirs repeats."""
    folders = []
    for label in ("A", "A2", "B"):
        spine = straight_spine(count=8, cord_slices=2)
        if label in repeat_of:
            spine.provenance.document["RepeatOf"] = repeat_of[label]
        folders.append(put(folder, spine, label))
    return folders


def test_the_dataset_s_settings_link_repeats_as_a_sidecar_does(tmp_path: Path) -> None:
    folders = linked(tmp_path)
    assert repeats(read_raters(folders, "01")) == {}
    (tmp_path / "spineroot.json").write_text('{"RepeatOf": {"A2": "A"}}')
    assert repeats(read_raters(folders, "01")) == {"A2": "A"}
    assert repeats(read_raters([folders[1], folders[2]], "01")) == {"A2": "A"}
    (note,) = read_raters([folders[1], folders[2]], "01").notes
    assert note == "A2 is a repeat of A, who is not compared: it counts as an annotator's first annotation"


@pytest.mark.parametrize(
    ("links", "settings", "said"),
    [
        ({"A": "A"}, "{}", "is a repeat of itself: RepeatOf leads from A to A"),
        ({"A": "A2", "A2": "A"}, "{}", "is a repeat of itself: RepeatOf leads from A to A2 to A"),
        ({"A2": "B"}, '{"RepeatOf": {"A2": "A"}}', "a repeat of B, says its sidecar, and of A, say the dataset's"),
        ({}, '{"RepeatOf": {"A2": "A 1"}}', "spineroot.json"),
        ({}, '{"RepeatOf": ["A2"]}', "'RepeatOf' is no JSON object"),
    ],
)
def test_links_that_lead_nowhere_are_said_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], links: dict[str, str], settings: str, said: str
) -> None:
    folders = [str(each) for each in linked(tmp_path, **links)]
    (tmp_path / "spineroot.json").write_text(settings)
    assert said in refused(capsys, "compare", *folders, "--subject", "01", "--out", str(tmp_path / "out"))


@pytest.mark.parametrize("margin", ["0", "-1", "wide", "nan"])
def test_a_margin_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], margin: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["compare", "A", "B", "--subject", "01", "--out", "out", f"--margin={margin}"])
    assert stopped.value.code == 2
    assert f"'{margin}' is no number above zero" in capsys.readouterr().err


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The marks of eight subjects by three annotators, of whom C is shifted."""
    folder = tmp_path_factory.mktemp("agreement")
    for number in range(8):
        seeds = (10 * number + k for k in range(3))
        shifts = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), SHIFT)
        spines = {label: marked(seed, shift) for label, seed, shift in zip("ABC", seeds, shifts, strict=True)}
        write_reliability(folder / f"sub-{number:02}", raters(f"{number:02}", **spines), [])
    return folder


def test_a_cohort_s_figures_rest_on_its_subjects(cohort: Path) -> None:
    found = read_cohort(cohort)
    found.compared = {pair: set(found.columns.subjects) for pair in (("A", "B"), ("A", "C"))}
    found.searched = set(found.columns.subjects)
    figures = list(cohort_figures(found))
    shifted_one = [each for each in figures if each.annotators == ("A", "C")]
    bias = figure(shifted_one, "bias", "right")
    assert (bias.subjects, bias.estimate.why_not) == (8, "")
    assert bias.estimate.value == pytest.approx(0.5, abs=0.1)
    assert 0.3 < bias.estimate.low < bias.estimate.high < 0.7
    honest = figure([each for each in figures if each.annotators == ("A", "B")], "bias", "right")
    assert honest.estimate.low < 0.0 < honest.estimate.high
    of_three = [each for each in figures if each.annotators == ("A", "B", "C") and each.axis == "right"]
    together = {each.name: each for each in of_three if each.structure == ROOTS and each.side == "L"}
    assert together["sd_annotators"].estimate.value == pytest.approx(0.29, abs=0.12)
    assert together["sd_residual"].estimate.value == pytest.approx(0.2, abs=0.05)
    assert together["reproducibility"].estimate.low < together["reproducibility"].estimate.value
    exchanged = [each for each in figures if each.name == "exchanged"]
    assert {each.estimate.value for each in exchanged} == {0.0}
    # Wilson's interval of none of 8
    assert exchanged[0].estimate.high == pytest.approx(0.324, abs=0.001)
    assert {each.name for each in figures if each.segment == "all levels"} >= {"mean_distance", "bias", "pull"}


def test_the_lines_of_the_picture_are_those_of_the_table_and_margins_are_one_s_own(
    cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read_cohort(cohort)
    found.compared = {("A", "C"): set(found.columns.subjects)}
    figures = list(cohort_figures(found, (0.4, 1.0)))
    over_all = {each.name: each.estimate for each in figures if (each.segment, each.axis) == ("all levels", "right")}
    drawn: list[tuple[str, float]] = []
    monkeypatch.setattr(
        "matplotlib.axes.Axes.axhline",
        lambda _axis, y=0.0, gid=None, **_look: drawn.append((gid, y)) if gid else None,
    )
    draw_bland_altman(tmp_path / "figure.png", found.pairs(), found.columns.places(), figures)
    lines = ("bias", "limit_low", "limit_high")
    assert drawn[:3] == [(name, over_all[name].value) for name in lines]
    assert all(over_all[name].low < over_all[name].value < over_all[name].high for name in lines)
    # a shift of 0.5 mm is within 1 mm, and not within 0.4 mm
    assert over_all["equivalent_1mm"].value < 0.001
    assert over_all["equivalent_0.4mm"].value > 0.5
    assert "equivalent_2mm" not in over_all


def test_subjects_in_whom_nobody_looked_for_exchanged_names_do_not_count(tmp_path: Path) -> None:
    told = []
    for number in range(4):
        together = raters(f"{number:02}", A=marked(1), B=marked(2))
        write_tables(tmp_path / f"sub-{number:02}", together, compare(together), [])
    for left in (2, 0):
        for number in range(left, 4):
            (tmp_path / f"sub-{number:02}" / f"sub-{number:02}_agreement-exchanges.tsv").unlink(missing_ok=True)
        (exchanged,) = [each for each in cohort_figures(read_cohort(tmp_path)) if each.name == "exchanged"]
        told.append((exchanged.subjects, exchanged.estimate.value, exchanged.estimate.why_not))
    assert told == [(2, 0.0, ""), (0, None, "nobody looked for them")]


def test_a_study_is_planned_from_the_cohort_s_own_figures(cohort: Path) -> None:
    found = read_cohort(cohort)
    found.compared = {("A", "C"): set(found.columns.subjects)}
    rows = [row for row in planning_rows(list(cohort_figures(found))) if row["axis"] == "right" and row["side"] == "L"]
    narrow, wide = rows[0], rows[2]
    assert (narrow["half_width_mm"], wide["half_width_mm"]) == (0.2, 0.5)
    assert narrow["n_subjects"] >= wide["n_subjects"] >= 2
    # a technical error of 0.4 mm, bias and all: 1.96 * 0.4 / 0.2, squared
    assert narrow["n_annotators"] == pytest.approx(16, abs=4)
    together = raters(A=marked(1), B=marked(2))
    alone = next(planning_rows(reliability_of(together, compare(together))))
    assert alone["n_subjects"] is None
    assert "one subject" in alone["why_missing"]


@pytest.mark.parametrize(("places", "told"), [(17, False), (2, True)], ids=["ellipses", "too few places"])
def test_a_picture_without_an_ellipse_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, places: int, told: bool
) -> None:
    other = marked(2)
    other.roots = {root: points[:places] for root, points in other.roots.items()}
    together = raters(A=marked(1), B=other)
    written: list[str] = []
    monkeypatch.setattr("matplotlib.axes.Axes.text", lambda _axes, _x, _y, text, **_look: written.append(text))
    found = gathered(together, compare(together))
    draw_bland_altman(tmp_path / "figure.png", found.pairs, found.places, reliability_of(together, compare(together)))
    assert ("n/a: see the table" in written) == told


def test_one_annotator_has_nothing_to_compare() -> None:
    columns = MarkColumns()
    for mark in deviations(raters(A=marked(1))):
        columns.put_mark("01", mark)
    assert list(figures_of(Reliability([], ["A"], columns.places()))) == []


def test_the_picture_is_left_out_where_nobody_marked_a_root_with_another(tmp_path: Path) -> None:
    bare = straight_spine(roots=False)
    together = raters(A=bare, B=bare)
    found = gathered(together, compare(together))
    assert draw_bland_altman(tmp_path / "none.png", found.pairs, found.places, []) is None
    assert not (tmp_path / "none.png").exists()
    assert [pair for pair in found.pairs] == [ComparedPair(("A", "B"), BETWEEN)]


@pytest.mark.parametrize(
    ("old", "new"),
    [("annotator\t", "who\t"), ("nerveroots", "nerves"), ("\tL1\t", "\tX1\t"), ("\t4\t2\t", "\tfour\t2\t")],
    ids=["header", "structure", "level", "slice"],
)
def test_a_damaged_table_of_marks_is_said_with_its_name(tmp_path: Path, old: str, new: str) -> None:
    write_reliability(tmp_path, raters(A=marked(1), B=marked(2)), [])
    path = tmp_path / "sub-01_agreement-marks.tsv"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DatasetError, match="no table of marks") as fault:
        read_marks(path, "01", MarkColumns(), {})
    assert path.name in str(fault.value)


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    together = raters(A=marked(1), B=marked(2))
    write_reliability(tmp_path, together, [])
    read = MarkColumns()
    read_marks(tmp_path / "sub-01_agreement-marks.tsv", "01", read, {})
    kept = gathered(together, compare(together)).places[Place(ROOTS, L1_L)]
    again = read.places()[Place(ROOTS, L1_L)]
    np.testing.assert_allclose(again.marks, kept.marks, atol=1e-9)
    np.testing.assert_allclose(again.from_dura, kept.from_dura, atol=1e-9)
    np.testing.assert_array_equal(again.slices, kept.slices)
