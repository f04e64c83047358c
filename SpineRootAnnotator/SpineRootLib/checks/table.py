"""The fault report as a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from SpineRootLib.findings import Finding
from SpineRootLib.tables import write_table

COLUMNS = ("severity", "structure", "segment", "side", "slice", "rule", "value", "limit", "message")


def table_row(finding: Finding) -> dict[str, Any]:
    """The row of a finding in the report."""
    return {
        "severity": str(finding.severity),
        "structure": finding.structure or None,
        "segment": finding.root.segment if finding.root else None,
        "side": finding.root.side if finding.root else None,
        "slice": finding.slice,
        "rule": finding.rule,
        "value": None if finding.value is None else float(finding.value),
        "limit": None if finding.limit is None else float(finding.limit),
        "message": finding.message,
    }


def write_findings(path: Path, findings: Sequence[Finding]) -> Path:
    """Write the report."""
    return write_table(path, COLUMNS, map(table_row, findings))
