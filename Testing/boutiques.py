"""Writes how other programs call `spineroot run`, after its parser: `python Testing/boutiques.py`.

The file, Packaging/boutiques.json, is a descriptor as Boutiques has it (https://boutiques.github.io, schema 0.5), from
which CBRAIN and others run a BIDS App. A test compares it with the parser.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "SpineRootAnnotator"))

from SpineRootLib import __version__  # noqa: E402
from SpineRootLib.cohort.resources import SUBJECT_MB  # noqa: E402
from SpineRootLib.commands import parser_of  # noqa: E402

DESCRIPTOR = ROOT / "Packaging" / "boutiques.json"
COMMAND = "run"
# what ends at once is no way to call it
_NOT_INPUTS = ("help", "version")
_WHOLE_NUMBERS = ("n_jobs", "mem_mb")
_ENDS = {
    2: "Bad input, or a subject failed: one sentence on stderr, and the log of each subject under OUT/logs.",
    130: "Interrupted: what was done before is kept.",
    143: "Ended from outside, by SIGTERM: what was done before is kept.",
}


def descriptor() -> dict[str, Any]:
    """The descriptor of `spineroot run`."""
    inputs = list(_inputs(parser_of(COMMAND)))
    return {
        "name": "spineroot",
        "description": "From traced spinal nerve roots of many subjects to distances, a consensus and surfaces.",
        "tool-version": __version__,
        "schema-version": "0.5",
        "url": _project()["urls"]["Homepage"],
        "command-line": " ".join([f"spineroot {COMMAND}", *(each["value-key"] for each in inputs)]),
        "inputs": inputs,
        "output-files": [
            {"id": "derivatives", "name": "Derivatives", "path-template": "[OUT]/derivatives"},
            {"id": "logs", "name": "A log of each subject", "path-template": "[OUT]/logs"},
        ],
        "suggested-resources": {"cpu-cores": 1, "ram": SUBJECT_MB / 1000},
        "error-codes": [{"code": code, "description": text} for code, text in _ENDS.items()],
        "tags": {"domain": ["neuroinformatics", "mri", "spine"], "bids": ["app"]},
    }


def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _inputs(parser: argparse.ArgumentParser) -> Iterator[dict[str, Any]]:
    """An input for each argument; what is positional first, as `run` takes several words after an option."""
    for action in sorted(parser._actions, key=lambda each: bool(each.option_strings)):
        if action.dest not in _NOT_INPUTS:
            yield _input(action)


def _input(action: argparse.Action) -> dict[str, Any]:
    many, flag = action.nargs == "+", next(iter(action.option_strings), None)
    name = action.dest.upper()
    found: dict[str, Any] = {
        "id": action.dest,
        "name": action.dest.replace("_", " ").capitalize(),
        "description": action.help or f"{action.metavar}",
        "type": _type(action),
        "value-key": f"[{name}]",
        "optional": flag is not None,
    }
    if flag is not None:
        found["command-line-flag"] = flag
    if many:
        found |= {"list": True, "list-separator": " "}
    if action.choices is not None:
        found["value-choices"] = list(action.choices)
    if found["type"] == "Number":
        found |= {"integer": True, "minimum": 1}
    return found


def _type(action: argparse.Action) -> str:
    if action.nargs == 0:
        return "Flag"
    if action.dest in _WHOLE_NUMBERS:
        return "Number"
    return "File" if action.dest == "dataset" else "String"


def text() -> str:
    """The file as it should be."""
    return json.dumps(descriptor(), indent=2) + "\n"


if __name__ == "__main__":
    DESCRIPTOR.write_text(text(), encoding="utf-8", newline="\n")
