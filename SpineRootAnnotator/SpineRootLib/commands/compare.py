"""`spineroot compare`: the distances between annotators, as tables and figures."""

from __future__ import annotations

import argparse
from pathlib import Path

from SpineRootLib.agreement.distances import compare
from SpineRootLib.agreement.tables import printed, write_tables
from SpineRootLib.commands.base import Command, Summary, terminal_progress
from SpineRootLib.commands.raters import add_raters, read_chosen


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_raters(parser)
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the tables and figures")


def _run(options: argparse.Namespace) -> Summary:
    raters = read_chosen(options)
    pairs = compare(raters, terminal_progress())
    files = write_tables(options.out, raters, pairs)
    lines = [line for pair in pairs for line in (*printed(pair), "")]
    lines += list(raters.missing())
    lines.append(f"Tables written to {options.out}")
    return Summary(tuple(lines), {"subject": raters.subject, "annotators": list(raters.labels)}, tuple(files))


COMMAND = Command("compare", _add_arguments, _run)
