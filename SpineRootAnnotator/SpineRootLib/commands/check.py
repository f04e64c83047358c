"""`spineroot check`: the fault report of an annotation."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from SpineRootLib.annotation_on_image import told_of_image
from SpineRootLib.checks import check
from SpineRootLib.checks.table import CHECK_TITLE, table_row, write_findings
from SpineRootLib.commands.base import Command, Summary, add_ciss, add_subject, read_markers
from SpineRootLib.dataset_description import describe_results, results_dataset
from SpineRootLib.findings import Finding, Severity
from SpineRootLib.progress import report


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("markers", type=Path, metavar="MARKERS", help="folder that holds sub-*/, or the files directly")
    add_subject(parser)
    add_ciss(parser)
    parser.add_argument("--out", type=Path, metavar="FILE.tsv", help="write the report as a table")


def _run(options: argparse.Namespace) -> Summary:
    report(options.progress, 0.0, "reading")
    annotation = read_markers(options, options.markers, told_of_image)
    report(options.progress, 0.6, "checking")
    found = check(annotation)
    report(options.progress, 1.0, "checked")
    files = [] if options.out is None else write_findings(options.out, found)
    # a table among other files is no dataset; in a subject's folder it is part of one
    if files and results_dataset(options.out.parent, options.subject) != options.out.parent:
        files.append(describe_results(options.out.parent, options.subject, CHECK_TITLE, [options.markers]))
    severities = Counter(str(finding.severity) for finding in found)
    by_severity = {str(severity): severities[str(severity)] for severity in Severity}
    values = {
        "subject": options.subject,
        "count": len(found),
        "findings": [{**table_row(each), "position": _position(each)} for each in found],
        "severity": by_severity,
        "rule": dict(sorted(Counter(finding.rule for finding in found).items())),
    }
    counts = ", ".join(f"{count} {name}" for name, count in by_severity.items())
    noun = "finding" if len(found) == 1 else "findings"
    line = f"sub-{options.subject}: {len(found)} {noun} ({counts})"
    return Summary((*_lines(found), line), values, tuple(files))


def _position(finding: Finding) -> list[float] | None:
    """Where to look, RAS mm."""
    return None if finding.position is None else [float(value) for value in finding.position]


def _lines(found: Sequence[Finding]) -> list[str]:
    width = max((len(finding.rule) for finding in found), default=0)
    return [f"{finding.severity:7} {finding.rule:{width}} {finding.message}" for finding in found]


COMMAND = Command("check", _add_arguments, _run)
