"""`spineroot run`: many subjects, and what they say together."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from raters_on_disk import put, shifted
from straight_spine import straight_spine

from SpineRootLib.agreement.tables import AGREEMENT
from SpineRootLib.anatomy import DEFAULT_SEGMENTS, ROOTS, Root
from SpineRootLib.cohort.group import read_models, read_participants, read_runs
from SpineRootLib.cohort.job import SubjectJob
from SpineRootLib.cohort.schedule import run_all
from SpineRootLib.cohort.summary import summarize
from SpineRootLib.commands import main
from SpineRootLib.dataset import Dataset
from SpineRootLib.place import Place
from SpineRootLib.tables import read_table

L1_L = Root("L1", "L")


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two subjects whose annotators are 0.5 and 1 mm apart, and a third with one point in dispute; to be read alone."""
    root = tmp_path_factory.mktemp("cohort") / "dataset"
    for subject, shift in (("01", 0.5), ("02", 1.0), ("03", 0.1)):
        spine = straight_spine(count=12, cord_slices=6)
        spine.subject = subject
        other = shifted(spine, [0.0, shift, 0.0])
        if subject == "03":
            other.roots[L1_L][4] += [7.0, 0.0, 0.0]
        put(root / "derivatives", spine, "A", ciss=None)
        put(root / "derivatives", other, "B", ciss=None)
    return root


@pytest.fixture
def cohort(untouched: Path, tmp_path: Path) -> Path:
    """The same, to be changed at will."""
    return shutil.copytree(untouched, tmp_path / "dataset")


@dataclass(frozen=True)
class Worked:
    """A run over all subjects with every step, its exit code and what it said; not to be changed."""

    out: Path
    code: int
    said: str


@pytest.fixture(scope="module")
def worked(untouched: Path, tmp_path_factory: pytest.TempPathFactory) -> Worked:
    out, said = tmp_path_factory.mktemp("worked") / "out", StringIO()
    with redirect_stderr(said):
        code = main(["run", str(untouched), str(out), "participant", "--quiet"])
    return Worked(out, code, said.getvalue())


def status(out: Path, subject: str) -> dict[str, object]:
    return json.loads((out / "logs" / f"sub-{subject}_run.json").read_text())


def test_a_failing_subject_does_not_stop_the_others(worked: Worked) -> None:
    out = worked.out
    assert worked.code == 2
    assert "1 of 3 subjects failed, the others are done; sub-03: 1 place is in dispute" in worked.said
    assert worked.said.count("\n") == 1
    assert [status(out, subject)["status"] for subject in ("01", "02", "03")] == ["done", "done", "failed"]
    for subject in ("01", "02"):
        derivatives = out / "derivatives"
        assert (derivatives / "agreement" / f"sub-{subject}" / f"sub-{subject}_agreement.tsv").exists()
        assert (derivatives / "markers" / f"sub-{subject}" / f"sub-{subject}_nerveroots_L1_L.json").exists()
        assert (derivatives / "model" / f"sub-{subject}" / f"sub-{subject}_dura.vtp").exists()
    assert (out / "derivatives" / "model" / "dataset_description.json").exists()
    assert not (out / "derivatives" / "markers" / "sub-03").exists()
    assert "in dispute" in (out / "logs" / "sub-03.log").read_text()


def test_a_subject_that_failed_has_a_page_that_says_why_first_and_what_was_found_until_then(worked: Worked) -> None:
    failed, done = (
        (worked.out / "derivatives" / "report" / f"sub-{subject}" / f"sub-{subject}_report.html").read_text()
        for subject in ("03", "01")
    )
    why = "The work on this subject failed: 1 place is in dispute in sub-03"
    assert failed.index(why) < failed.index("Annotators and blinding") < failed.index("How reliable the marks are")
    assert "What the annotators have to discuss" in failed
    assert "<th>size mm</th>" in failed
    assert re.search(r"<td>-?[0-9]+[.][0-9]{3,}</td>", failed) is None
    assert "failed" not in done.replace(".failed {", "")


def test_a_failure_stands_first_in_the_report_with_no_path_of_this_machine(
    worked: Worked, untouched: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(worked.out, tmp_path / "out")
    assert str(untouched.parent) not in str(status(out, "03")["message"])
    assert main(["run", str(untouched), str(out), "group"]) == 0
    page = (out / "derivatives" / "group" / "report.html").read_text()
    assert page.index("1 of 3 subjects failed") < page.index("sub-03: 1 place is in dispute") < page.index("Agreement")
    assert not any(str(folder) in page for folder in (untouched.parent, worked.out, tmp_path))


@pytest.mark.parametrize("asked", [[], ["--not-blind", "--accept"]])
def test_the_cohort_s_report_claims_blinding_and_settlement_only_where_they_were_asked_for(
    untouched: Path, tmp_path: Path, asked: list[str]
) -> None:
    out, steps = tmp_path / "out", ["--participant-label", "01", "02", "--steps", "compare", "consensus"]
    assert main(["run", str(untouched), str(out), "participant", *steps, *asked]) == 0
    assert main(["run", str(untouched), str(out), "group"]) == 0
    page = (out / "derivatives" / "group" / "report.html").read_text()
    blind = "work was compared before every annotator of the subject had signed off"
    assert (blind in page) == (not asked)
    assert ("In 2 of 2 subjects work was compared whether or not" in page) == bool(asked)
    assert ("In 2 of 2 subjects disagreements above the limit were averaged" in page) == bool(asked)


def test_a_page_made_later_by_itself_keeps_what_the_first_had(untouched: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ["run", str(untouched), str(out), "participant", "--participant-label", "01", "--steps"]
    assert main([*command, "compare", "report"]) == 0
    page = out / "derivatives" / "report" / "sub-01" / "sub-01_report.html"
    first = page.read_text()
    assert "How reliable the marks are" in first
    page.unlink()
    assert main([*command, "report"]) == 0
    assert page.read_text() == first


def test_every_annotator_is_checked(untouched: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["run", str(untouched), str(out), "participant", "--steps", "check"]) == 0
    for label in "AB":
        rows = read_table(out / "derivatives" / "check" / "sub-03" / f"sub-03_check-{label}.tsv")
        assert ("jump" in {row["rule"] for row in rows}) == (label == "B")


def test_a_model_made_by_itself_is_of_the_earlier_runs_consensus(untouched: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ["run", str(untouched), str(out), "participant", "--participant-label", "01", "--steps"]
    assert main([*command, "consensus"]) == 0
    assert main([*command, "model", "--skip-existing"]) == 0
    report = out / "derivatives" / "model" / "sub-01" / "sub-01_model.json"
    agreed = out / "derivatives" / "markers" / "sub-01" / "sub-01_nerveroots_L1_L.json"
    taken = {entry["sha256"] for entry in json.loads(report.read_text())["inputs"]}
    assert hashlib.sha256(agreed.read_bytes()).hexdigest() in taken
    agreed.unlink()
    assert main([*command, "model", "--skip-existing"]) == 0
    assert "L1_L" not in json.loads(report.read_text())["roots"]


def test_a_model_of_several_annotators_who_did_not_agree_is_refused(
    untouched: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["run", str(untouched), str(out), "participant", "--participant-label", "01", "--steps", "model"]
    assert main(command) == 2
    assert "A, B annotated it, and there is no consensus of them" in capsys.readouterr().err
    assert not (out / "derivatives" / "model").exists()


def test_a_consensus_of_annotators_who_are_gone_is_told_and_no_model_is_made_of_it(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["run", str(cohort), str(out), "participant", "--participant-label", "01", "--steps", "consensus"]
    assert main(command) == 0
    shutil.rmtree(cohort / "derivatives" / "markers-B" / "sub-01")
    capsys.readouterr()
    assert main([*command, "model"]) == 0
    assert "the consensus in markers is an earlier run's" in capsys.readouterr().err
    assert "from " + str(cohort / "derivatives" / "markers-A") in (out / "logs" / "sub-01.log").read_text()


def test_what_other_bids_apps_take_is_taken(cohort: Path, tmp_path: Path) -> None:
    steps = ["--steps", "check", "--skip-bids-validation"]
    assert main(["run", str(cohort), str(tmp_path / "out"), "participant", "--participant_label", "01", *steps]) == 0
    inside = cohort / "derivatives" / "spineroot"
    assert main(["run", str(cohort), str(inside), "participant", *steps]) == 0
    description = inside / "derivatives" / "check" / "dataset_description.json"
    link = json.loads(description.read_text())["SourceDatasets"][0]["URL"]
    assert (description.parent / link).resolve() == cohort.resolve()


def test_results_do_not_come_among_anybodys_markers(cohort: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for inside in (cohort / "derivatives" / "markers-A" / "out", cohort / "sub-01"):
        assert main(["run", str(cohort), str(inside), "participant"]) == 2
        assert "choose another folder" in capsys.readouterr().err
        assert not inside.exists()


def test_subjects_with_nothing_to_work_on_are_counted_apart_and_alone_are_refused(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (cohort / "sub-04" / "anat").mkdir(parents=True)
    command = [
        "run",
        str(cohort),
        str(tmp_path / "out"),
        "participant",
        "--steps",
        "check",
        "--participant-label",
        "04",
    ]
    assert main(command) == 2
    assert "holds nothing to work on: no annotations or images that can be taken for check" in capsys.readouterr().err
    assert main([*command, "01"]) == 0
    assert "subjects done: 1, skipped: 0, with nothing to work on: 1" in capsys.readouterr().out


def test_processes_give_the_same_as_one_after_the_other_and_what_is_done_is_skipped(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = ["--participant-label", "01", "03", "--steps", "consensus", "check", "--accept"]
    one, two = tmp_path / "one", tmp_path / "two"
    assert main(["run", str(cohort), str(one), "participant", *steps]) == 0
    assert main(["run", str(cohort), str(two), "participant", *steps, "--n-jobs", "2"]) == 0
    made = [path.relative_to(one) for name in ("*_check-*.tsv", "*_nerveroots_*.json") for path in one.rglob(name)]
    assert len(made) == 2 * (2 + 2)
    assert all((one / path).read_bytes() == (two / path).read_bytes() for path in made)
    before = {path: path.stat().st_mtime_ns for path in two.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert main(["run", str(cohort), str(two), "participant", *steps, "--skip-existing"]) == 0
    assert "subjects done: 0, skipped: 2" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in two.rglob("*") if path.is_file()} == before
    next(two.glob("derivatives/markers/sub-01/*dura_1.json")).unlink()
    assert main(["run", str(cohort), str(two), "participant", *steps, "--skip-existing", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["subjects"] == {"01": "done", "03": "skipped"}
    edited = next(cohort.glob("derivatives/markers-B/sub-03/*dura_1.json"))
    edited.write_text(edited.read_text() + "\n")
    assert main(["run", str(cohort), str(two), "participant", *steps, "--skip-existing", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["subjects"] == {"01": "skipped", "03": "done"}


def test_the_group_level_writes_tables_figures_gallery_and_a_page_that_needs_nothing_else(
    worked: Worked, untouched: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(worked.out, tmp_path / "out", ignore=shutil.ignore_patterns("sub-03*"))
    assert main(["run", str(untouched), str(out), "group"]) == 0
    group = out / "derivatives" / "group"
    rows = read_table(group / "group_agreement.tsv")
    assert list(rows[0]) == ["participant_id", *AGREEMENT]
    assert {row["participant_id"] for row in rows} == {"sub-01", "sub-02"}
    summary = read_table(group / "group_agreement-summary.tsv")[0]
    assert (summary["n_subjects"], float(summary["mean_mm"])) == ("2", pytest.approx(0.75))
    assert float(summary["sd_mm"]) == pytest.approx(np.sqrt(0.125))
    page = (group / "report.html").read_text()
    assert page.count("data:image/png;base64,") == 3
    assert "http" not in page
    assert "src='group" not in page
    pictures = {"group_agreement.png", "group_agreement-bland-altman.png", "group_models.png"}
    assert {path.name for path in group.glob("*.png")} == pictures
    # who took part, the agreement on unaided marks before any other, planning, checks of models, and methods
    headings = ["Participants, blinding", "With and without proposals", "From A to B", "Planning", "Checks", "Methods"]
    places = [page.index(f">{name}") for name in headings]
    assert places == sorted(places)
    assert "no unaided controls" in page
    wishes = read_table(group / "group_agreement-planning.tsv")
    assert {row["half_width_mm"] for row in wishes} == {"0.2", "0.3", "0.5"}
    of_one = (out / "derivatives" / "report" / "sub-01" / "sub-01_report.html").read_text()
    assert of_one.count("data:image/png;base64,") == 4
    assert "http" not in of_one
    assert "no work was compared before all had signed off" in of_one.lower()


def test_the_page_of_a_subject_tells_who_repeats_whom_and_what_was_unaided(cohort: Path, tmp_path: Path) -> None:
    derivatives, out = cohort / "derivatives", tmp_path / "out"
    (derivatives / "spineroot.json").write_text('{"RepeatOf": {"C": "A"}}')
    spine = straight_spine(count=12, cord_slices=6)
    for label, shift in (("A", 0.0), ("B", 0.5), ("C", 0.2)):
        other = shifted(spine, [0.0, shift, 0.0])
        for number, point in other.root_by_slice(L1_L).items():
            unaided = {"Unaided": True} if number % 2 else {}
            record = {"Origin": "placed", "Proposal": [(point + 0.3).tolist()], **unaided}
            other.provenance.set_at(Place(ROOTS, L1_L, number), record)
        put(derivatives, other, label, ciss=None)
    command = ["run", str(cohort), str(out), "participant", "--participant-label", "01", "--steps", "compare", "report"]
    assert main(command) == 0
    page = (out / "derivatives" / "report" / "sub-01" / "sub-01_report.html").read_text()
    repeated = page[page.index("<td>C</td>") :].split("</tr>")[0]
    assert "<td>A</td>" in repeated
    # of different people first, with the agreement on unaided marks before any other
    rows = ["<td>A and B</td>", "<td>A and C</td>"]
    order = ["With and without proposals", *rows, ">From A to B", ">Repeatability of A to"]
    places = [page.index(each) for each in order]
    assert places == sorted(places)
    # what cannot be told takes a row, with the reason
    assert page.count("<td>A and B</td><td>dura</td>") == 1
    folder = out / "derivatives" / "agreement" / "sub-01"
    figures = read_table(folder / "sub-01_agreement-statistics.tsv")
    told = {row["figure"]: row for row in figures if row["annotators"] == "A B" and row["structure"] == ROOTS}
    assert float(told["unaided_distance"]["value"]) == pytest.approx(0.5)
    assert told["pull"]["why_missing"] == "fewer than 3 subjects with aided and unaided marks"


def test_what_the_page_of_the_cohort_cannot_read_is_named(tmp_path: Path) -> None:
    texts = {
        "logs/sub-01_run.json": "[]",
        "derivatives/model/sub-01/sub-01_model.json": "{",
        "derivatives/agreement/sub-02/sub-02_agreement.json": "1",
        "derivatives/model/sub-02/sub-02_model.json": "{}",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    unread: list[str] = []
    for read in (read_runs, read_models, read_participants):
        read(Dataset(tmp_path), unread)
    assert unread == ["sub-01_run.json", "sub-01_model.json", "sub-02_agreement.json"]


class Deadly(SubjectJob):
    """A subject on whom the process dies."""

    @property
    def log(self) -> Path:
        os._exit(1)


def test_a_process_that_dies_takes_no_other_subject_with_it(untouched: Path, tmp_path: Path) -> None:
    steps = ("check",)
    jobs = [SubjectJob(untouched, tmp_path / "out", subject, steps) for subject in ("01", "02")]
    outcomes = run_all([Deadly(untouched, tmp_path / "out", "03", steps), *jobs], n_jobs=2)
    assert [(each.subject, each.status) for each in outcomes] == [("03", "failed"), ("01", "done"), ("02", "done")]
    assert "process died" in outcomes[0].message


def test_a_published_consensus_without_annotators_is_modelled(tmp_path: Path) -> None:
    dataset, out = tmp_path / "dataset", tmp_path / "out"
    folder = put(dataset / "derivatives", straight_spine(count=12, cord_slices=6), "A")
    folder.rename(folder.with_name("markers"))
    (folder.with_name("markers") / "sub-01" / "sub-01_annotation.json").unlink()
    assert main(["run", str(dataset), str(out), "participant"]) == 0
    assert (out / "derivatives" / "model" / "sub-01" / "sub-01_nerveroots_L1_R.vtp").exists()
    assert not (out / "derivatives" / "markers").exists()
    assert main(["run", str(dataset), str(out), "group"]) == 0
    assert not (out / "derivatives" / "group" / "group_agreement.png").exists()


def test_a_dask_cluster_gives_the_same_results(worked: Worked, untouched: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    out = tmp_path / "out"
    here = {"host": "tcp://127.0.0.1", "dashboard_address": None, "local_directory": str(tmp_path)}
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, **here) as cluster:
        address = cluster.scheduler_address
        command = ["run", str(untouched), str(out), "participant", "--steps", "compare", "--scheduler", address]
        assert main(command) == 0
    assert [status(out, subject)["status"] for subject in ("01", "02", "03")] == ["done"] * 3
    alone = worked.out / "derivatives" / "agreement"
    files = sorted(path.relative_to(alone) for path in alone.rglob("sub-*_*"))
    assert len(files) == 3 * 17
    there = out / "derivatives" / "agreement"
    assert all((there / path).read_bytes() == (alone / path).read_bytes() for path in files)


def test_a_scheduler_that_does_not_answer_is_said(
    untouched: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("SpineRootLib.cohort.schedule._TIMEOUT_S", 0.5)
    command = ["run", str(untouched), str(tmp_path / "out"), "participant", "--scheduler", "tcp://127.0.0.1:9"]
    assert main(command) == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in capsys.readouterr().err


def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fault(*arguments: str) -> str:
        assert main(["run", *arguments]) == 2
        return capsys.readouterr().err

    out = str(tmp_path / "out")
    assert "holds no sub-99" in fault(str(cohort), out, "participant", "--participant-label", "99")
    assert "lies inside" in fault(str(cohort), str(cohort / "results"), "participant")
    assert "no subject's results" in fault(str(cohort), out, "group")
    assert "no such folder" in fault(str(tmp_path / "nowhere"), out, "participant")
    with pytest.raises(SystemExit):
        main(["run", str(cohort), out, "participant", "--scheduler", "localhost"])
    assert "'localhost' is no address of a Dask scheduler" in capsys.readouterr().err
    assert not Path(out).exists()
    assert not (cohort / "results").exists()


def test_several_pairs_of_one_subject_count_as_one() -> None:
    def row(subject: str, mean: str) -> dict[str, str]:
        names = {"structure": ROOTS, "segment": "L1", "side": "L", "participant_id": subject, "mean_mm": mean}
        return {**names, "annotator_a": "A", "annotator_b": "B", "n_matched": "3", "n_only_a": "1", "n_only_b": "0"}

    rows = [row("sub-01", "1"), row("sub-01", "2"), row("sub-01", "3"), row("sub-02", "5"), row("sub-03", "n/a")]
    found = next(each for each in summarize(rows, DEFAULT_SEGMENTS) if each.place == Place(ROOTS, L1_L))
    assert found.subjects == {"sub-01": 2.0, "sub-02": 5.0}
    assert (found.matched, found.only_one) == (15, 5)
    assert found.row()["sd_mm"] == pytest.approx(np.sqrt(4.5))
