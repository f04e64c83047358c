"""`spineroot check`: the fault report on the terminal, as a table and as JSON."""

from __future__ import annotations

import json

import pytest
from straight_subject import straight_subject

from SpineRootLib.anatomy import CORD, Root
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.commands import main
from SpineRootLib.tables import read_table

COLUMNS = ["severity", "structure", "segment", "side", "slice", "rule", "value", "limit", "message"]


@pytest.fixture
def markers(tmp_path):
    """Markups of a subject without a cord whose root L3_L has no point on slice 25."""
    annotation = straight_subject()
    annotation.contours[CORD] = []
    annotation.set_root_point(Root("L3", "L"), 25, None)
    write_annotation(tmp_path / "markers", annotation)
    return tmp_path / "markers"


def test_findings_are_the_result_and_no_failure(markers, capsys):
    assert main(["check", str(markers), "--subject", "01"]) == 0
    printed = capsys.readouterr().out
    assert "L3_L has no point on slice 25" in printed
    assert printed.splitlines()[-1] == "sub-01: 3 findings (0 error, 2 warning, 1 info)"


def test_the_report_has_the_columns_of_the_contract(markers, tmp_path):
    table = tmp_path / "reports" / "faults.tsv"
    assert main(["check", str(markers), "--subject", "sub-01", "--out", str(table)]) == 0
    rows = read_table(table)
    assert list(rows[0]) == COLUMNS
    gap = next(row for row in rows if row["rule"] == "gap")
    assert [gap[name] for name in COLUMNS[:-1]] == ["warning", "nerveroots", "L3", "L", "25", "gap", "1", "0"]
    missing = next(row for row in rows if row["rule"] == "missing")
    assert [missing[name] for name in COLUMNS[:-1]] == ["warning", "cord", *["n/a"] * 3, "missing", "n/a", "n/a"]


def test_the_json_summary_holds_the_findings_and_counts_them(markers, capsys):
    assert main(["check", str(markers), "--subject", "01", "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    findings = summary.pop("findings")
    assert summary == {
        "subject": "01",
        "count": 3,
        "severity": {"error": 0, "warning": 2, "info": 1},
        "rule": {"gap": 1, "missing": 1, "unchecked": 1},
        "warnings": [],
        "files": [],
    }
    gap = next(each for each in findings if each["rule"] == "gap")
    assert (gap["severity"], gap["segment"], gap["slice"]) == ("warning", "L3", 25)
    assert gap["message"] == "L3_L has no point on slice 25" and len(gap["position"]) == 3


def test_a_faultless_subject_gives_a_table_of_its_header_alone(tmp_path, capsys):
    write_annotation(tmp_path / "markers", straight_subject())
    table = tmp_path / "faults.tsv"
    assert main(["check", str(tmp_path / "markers"), "--subject", "01", "--out", str(table)]) == 0
    assert table.read_text() == "\t".join(COLUMNS) + "\n"
    assert capsys.readouterr().out == "sub-01: 0 findings (0 error, 0 warning, 0 info)\n"
