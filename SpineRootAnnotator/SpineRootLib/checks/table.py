"""The fault report as a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from SpineRootLib.findings import Finding
from SpineRootLib.tables import Meaning, write_described

CHECK_TITLE = "Fault reports of the annotations"
COLUMNS: dict[str, Meaning] = {
    "severity": ("error: contradicts itself or cannot be; warning: worth a second look; info: for the record", None),
    "structure": ("nerveroots, ganglions, dura or cord", None),
    "segment": ("Spinal segment of the root or ganglion", None),
    "side": ("The subject's side, L or R", None),
    "slice": ("CISS slice from the head down, from 1", None),
    "rule": ("Name of the rule that is broken", None),
    "value": ("Measured value, in the rule's unit, which the message names", None),
    "limit": ("The limit that it broke, in the same unit", None),
    "message": ("The finding in one sentence", None),
}


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


def write_findings(path: Path, findings: Sequence[Finding]) -> list[Path]:
    """Write the report, and what its columns mean; the two files."""
    return write_described(path, list(COLUMNS), map(table_row, findings), COLUMNS)
