"""What a program proposed and nobody confirmed: no mark; and a model is one more annotator, without a vote."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from raters_on_disk import put, shifted
from straight_spine import straight_spine

from SpineRootLib.agreement.agreement_files import write_agreement
from SpineRootLib.agreement.distances import compare
from SpineRootLib.agreement.planning_table import planning_rows
from SpineRootLib.agreement.raters import share_planes
from SpineRootLib.agreement.reading_raters import read_raters
from SpineRootLib.agreement.reliability_tables import reliability_of
from SpineRootLib.anatomy import DURA, GANGLIA, ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import read_annotation, write_annotation
from SpineRootLib.cohort.group import write_group
from SpineRootLib.cohort.reliability import cohort_figures, read_cohort
from SpineRootLib.cohort.report_sections import statistics_section
from SpineRootLib.commands import main
from SpineRootLib.confirmed_part import confirmed_part
from SpineRootLib.dataset import Dataset
from SpineRootLib.generated_annotation import write_generated
from SpineRootLib.phantom.fitted_annotators import fit_annotators_like
from SpineRootLib.place import Place
from SpineRootLib.tables import read_table

L1_L = Root("L1", "L")
PLACES = (Place(DURA, slice=5), Place(ROOTS, L1_L, 8), Place(GANGLIA, L1_L))


def proposing(annotation: Annotation, places: tuple[Place, ...] = PLACES) -> Annotation:
    """The annotation with some of its places flagged as a label map's proposals."""
    for place in places:
        annotation.provenance.set_at(place, {"Flags": ["proposed"], "LabelMap": "model.nii.gz"})
    return annotation


def everywhere(annotation: Annotation) -> tuple[Place, ...]:
    planes = annotation.require_planes()
    contours = [
        Place(name, slice=number) for name in annotation.contours for number in annotation.contours_by_slice(name)
    ]
    points = [
        Place(ROOTS, root, int(number)) for root, line in annotation.roots.items() for number in planes.number(line)
    ]
    return (*contours, *points, *(Place(GANGLIA, root) for root in annotation.ganglia))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """What a program made of label maps: 0.3 mm beside A everywhere, nothing of it confirmed."""
    spine = shifted(straight_spine(), [0.3, 0.0, 0.0])
    spine.annotator = "M"
    write_generated(tmp_path / "markers-M", proposing(spine, everywhere(spine)), "from-labels", durable=False)
    return tmp_path / "markers-M"


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Annotator B, who left three proposals unconfirmed."""
    return put(tmp_path, proposing(shifted(straight_spine(), [0.0, 0.5, 0.0])), "B")


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """Annotator A, who marked all of it."""
    return put(tmp_path, straight_spine(), "A")


def test_what_is_confirmed_is_all_but_the_proposals() -> None:
    spine = proposing(straight_spine())
    kept = confirmed_part(spine)
    assert (len(spine.dura), len(kept.dura), len(kept.cord)) == (20, 19, 10)
    assert set(spine.root_by_slice(L1_L)) - set(kept.root_by_slice(L1_L)) == {8}
    assert set(spine.ganglia) - set(kept.ganglia) == {L1_L}
    assert (spine.provenance.proposed, kept.provenance.proposed) == (3, 0)


def test_an_annotator_s_unconfirmed_proposals_are_no_marks_and_that_is_said(whole, mixed, tmp_path, capsys) -> None:
    out = tmp_path / "out"
    assert main(["compare", str(whole), str(mixed), "--subject", "01", "--out", str(out)]) == 0
    assert "B: 3 proposals that nobody has confirmed are left out" in capsys.readouterr().err
    rows = {(row["structure"], row["segment"], row["side"]): row for row in read_table(out / "sub-01_agreement.tsv")}
    of_root = rows[ROOTS, "L1", "L"]
    assert (of_root["n_matched"], of_root["n_only_a"]) == ("16", "1")
    assert rows[GANGLIA, "L1", "L"]["n_matched"] == "0"
    assert rows[DURA, "n/a", "n/a"]["n_matched"] == "19"


def test_where_all_is_confirmed_nothing_is_left_out_or_said(whole, tmp_path) -> None:
    raters = read_raters([whole, put(tmp_path, straight_spine(), "B")], "01")
    assert list(raters.warnings()) == []
    assert raters.people() is raters


def test_a_consensus_averages_no_proposal(whole, mixed, tmp_path) -> None:
    line = ["consensus", str(whole), str(mixed), "--subject", "01", "--out", str(tmp_path / "markers")]
    assert main(line) == 0
    agreed, flat = read_annotation(tmp_path / "markers", "01"), straight_spine()
    here, beside = agreed.root_by_slice(L1_L), flat.root_by_slice(L1_L)
    assert here[8][1] == pytest.approx(beside[8][1])
    assert here[9][1] == pytest.approx(beside[9][1] + 0.25)


def test_a_model_is_one_more_annotator_and_needs_no_sign_off(whole, model, tmp_path, capsys) -> None:
    out = tmp_path / "out"
    assert main(["compare", str(whole), str(model), "--subject", "01", "--out", str(out), "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["annotators"] == ["A", "M"]
    assert "M: 66 of the marks are a program's proposals, which nobody has confirmed" in told.err
    [row] = [row for row in read_table(out / "sub-01_agreement.tsv") if (row["segment"], row["side"]) == ("L1", "L")][
        :1
    ]
    assert (row["n_matched"], row["mean_mm"]) == ("17", "0.3")


def test_a_model_has_no_vote_in_a_consensus(whole, model, tmp_path, capsys) -> None:
    line = ["consensus", str(whole), str(model), "--subject", "01", "--out", str(tmp_path / "markers")]
    assert main(line) == 2
    assert "fewer than two people annotated sub-01: M came of label maps" in capsys.readouterr().err
    other = put(tmp_path, straight_spine(), "B")
    assert main(["consensus", str(other), *line[1:]]) == 0
    agreed = read_annotation(tmp_path / "markers", "01")
    np.testing.assert_allclose(agreed.root_by_slice(L1_L)[9], straight_spine().root_by_slice(L1_L)[9], atol=1e-6)


def test_a_person_who_worked_on_a_model_s_proposals_is_a_person_again(whole, model, capsys) -> None:
    work = read_annotation(model, "01")
    work.provenance.set_at(Place(ROOTS, L1_L, 8), {"Origin": "accepted", "LabelMap": "model.nii.gz"})
    write_annotation(model, work, durable=False)
    raters = read_raters([whole, model], "01", blind=False)
    assert raters.programs == ()
    assert list(raters.annotations["M"].root_by_slice(L1_L)) == [8]
    assert main(["compare", str(whole), str(model), "--subject", "01", "--out", str(model.parent / "out")]) == 2
    assert "M's work is not shown" in capsys.readouterr().err


def test_a_run_over_a_cohort_measures_a_model_and_lets_people_alone_agree(tmp_path: Path, model: Path) -> None:
    root = tmp_path / "dataset"
    derivatives = root / "derivatives"
    put(derivatives, straight_spine(), "A")
    put(derivatives, shifted(straight_spine(), [0.0, 0.5, 0.0]), "B")
    model.rename(derivatives / "markers-M")
    line = ["run", str(root), str(root), "participant", "--steps", "compare", "consensus"]
    assert main(line) == 0
    rows = read_table(derivatives / "agreement/sub-01/sub-01_agreement.tsv")
    assert {(row["annotator_a"], row["annotator_b"]) for row in rows} == {("A", "B"), ("A", "M"), ("B", "M")}
    agreed = read_annotation(derivatives / "markers", "01")
    midway = straight_spine().root_by_slice(L1_L)[9] + [0.0, 0.25, 0.0]
    np.testing.assert_allclose(agreed.root_by_slice(L1_L)[9], midway, atol=1e-6)
    assert main(["run", str(root), str(root), "group"]) == 0
    group = read_table(derivatives / "group/group_agreement.tsv")
    assert {row["annotator_b"] for row in group} == {"B", "M"}
    # annotators agree as people do, and the model is told of beside them
    [summary, _other] = [
        row for row in read_table(derivatives / "group/group_agreement-summary.tsv") if row["structure"] == ROOTS
    ][:2]
    assert (summary["n_matched"], summary["mean_mm"]) == ("17", "0.5")
    beside = {row["structure"]: row for row in read_table(derivatives / "group/group_agreement-programs.tsv")}
    assert (beside[ROOTS]["program"], beside[ROOTS]["segment"], beside[ROOTS]["spread"]) == ("M", "L1", "not told")
    assert float(beside[ROOTS]["from_people_mm"]) == pytest.approx((0.3 + np.hypot(0.3, 0.5)) / 2)
    assert float(beside[ROOTS]["between_people_mm"]) == pytest.approx(0.5)
    figures = read_table(derivatives / "group/group_agreement-statistics.tsv")
    assert {row["annotators"] for row in figures if "M" not in row["annotators"]} == {"A B"}
    assert {row["annotators"] for row in figures if "M" in row["annotators"]} == {"A M", "B M"}
    page = (derivatives / "group/report.html").read_text()
    assert "whether M lies within the annotators&#x27; spread cannot be told for L1" in page


def tables_of(folder: Path, people: tuple[str, ...], programs: tuple[str, ...], subject: str = "01") -> Path:
    """The tables of a comparison of annotators, each 0.2 mm beside the one before."""
    spines = {label: shifted(straight_spine(), [0.2 * at, 0.0, 0.0]) for at, label in enumerate(people + programs)}
    for spine in spines.values():
        spine.subject = subject
    together = replace(share_planes(spines), programs=programs)
    pairs = compare(together)
    write_agreement(folder, together, pairs, [], [], reliability_of(together, pairs))
    return folder


def test_figures_of_all_annotators_and_planning_are_of_people_and_pairs_with_a_program_are_named(tmp_path) -> None:
    cohort = read_cohort(tables_of(tmp_path, ("A", "B"), ("M",)))
    figures = list(cohort_figures(cohort))
    kinds = {each.annotators: each.comparison for each in figures}
    assert kinds == {("A", "B"): "reproducibility", ("A", "M"): "program", ("B", "M"): "program"}
    assert {row["annotators"] for row in planning_rows(figures)} == {"A B"}
    assert "With a program, from A to M" in "".join(statistics_section(figures))
    assert [each.label for each in fit_annotators_like(tmp_path)] == ["A", "B"]


def test_where_a_label_is_a_program_s_in_one_subject_its_marks_of_others_are_a_person_s(tmp_path: Path) -> None:
    agreement = tmp_path / "derivatives/agreement"
    tables_of(agreement / "sub-01", ("A", "B"), ("M",), "01")
    tables_of(agreement / "sub-02", ("A", "B", "M"), (), "02")
    cohort = read_cohort(agreement)
    assert (cohort.programs, cohort.compared["A", "M"], cohort.compared["A", "B"]) == (set(), {"02"}, {"01", "02"})
    first, second = next(iter(cohort.columns.places().values())).of(("A", "B", "M")).took_part
    assert (first.tolist(), second.tolist()) == ([True, True, False], [True, True, True])
    _files, lines = write_group(Dataset(tmp_path), ("L1",))
    said = "nobody confirmed anything that M has in sub-01: it counts as a program's there, and only there"
    assert said in lines
    summary = read_table(tmp_path / "derivatives/group/group_agreement-summary.tsv")
    # a pair of people in one subject, and three in the other
    assert [row["n_matched"] for row in summary if row["structure"] == DURA] == [str(20 * (1 + 3))]


def test_a_run_makes_a_lone_annotator_s_model_without_proposals_and_says_so(tmp_path: Path, mixed: Path) -> None:
    derivatives = tmp_path / "dataset/derivatives"
    derivatives.mkdir(parents=True)
    mixed.rename(derivatives / "markers-B")
    root = str(tmp_path / "dataset")
    assert main(["run", root, root, "participant", "--steps", "model", "report"]) == 0
    page = (derivatives / "report/sub-01/sub-01_report.html").read_text()
    assert "B: 3 proposals that nobody has confirmed are left out" in page


@pytest.mark.parametrize("more", [["fibres"], ["labels", "--isotropic", "1"], ["centrelines"]])
def test_what_is_made_of_proposals_says_so_once(tmp_path: Path, mixed: Path, capsys, more: list[str]) -> None:
    assert main([*more[:1], str(mixed), "--subject", "01", "--out", str(tmp_path / "out"), *more[1:]]) == 0
    assert capsys.readouterr().err.count("3 of the marks are a program's proposals") == 1
