"""`spineroot consensus`: the average annotation, with disagreements listed and settled."""

from __future__ import annotations

import argparse
from pathlib import Path

from SpineRootLib.agreement.consensus import MEDIAN, ConsensusSettings, make_consensus, open_disagreements
from SpineRootLib.agreement.disagreements import DISAGREEMENTS, DisagreementSettings, find_disagreements
from SpineRootLib.agreement.distances import compare
from SpineRootLib.agreement.resolutions import MEAN, Resolution, Resolutions, resolutions_path
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.commands.base import Command, Summary, terminal_progress
from SpineRootLib.commands.raters import add_raters, read_chosen
from SpineRootLib.dataset import write_description
from SpineRootLib.tables import write_table


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    limits = DisagreementSettings()
    add_raters(parser)
    parser.add_argument("--out", required=True, type=Path, metavar="MARKERS", help="folder of the consensus")
    parser.add_argument(
        "--resolve",
        action="append",
        default=[],
        type=Resolution.parse,
        metavar="PLACE=TAKE",
        help="settle a disagreement, stored for later runs: nerveroots_S2_L:40=A, dura:12=mean, "
        "ganglions_L1_R=12.5,-40.1,-455 (RAS mm)",
    )
    parser.add_argument("--accept", action="store_true", help="average also what is above the limit and unresolved")
    parser.add_argument(
        "--limit", type=float, default=limits.limit_mm, metavar="MM", help="larger disagreements must be resolved (5)"
    )
    parser.add_argument(
        "--discuss", type=float, default=limits.discuss_mm, metavar="MM", help="larger disagreements are listed (1.5)"
    )
    parser.add_argument(
        "--average", choices=(MEAN, MEDIAN), default=MEAN, help="the median disregards one of three who is far off"
    )
    parser.add_argument("--drop-single", action="store_true", help="leave out what only one annotator marked")


def _run(options: argparse.Namespace) -> Summary:
    raters = read_chosen(options)
    limits = DisagreementSettings(options.discuss, options.limit)
    disagreements = find_disagreements(raters, compare(raters), limits)
    stored = resolutions_path(options.out, raters.subject)
    resolutions = Resolutions.read(stored)
    for resolution in options.resolve:
        resolutions.settle(resolution)
    settings = ConsensusSettings(options.average, not options.drop_single, options.accept)
    consensus = make_consensus(raters, disagreements, resolutions, settings, terminal_progress())
    files = write_annotation(options.out, consensus.annotation)
    write_description(options.out, "SpineRoot consensus")
    listed = options.out / f"sub-{raters.subject}_disagreements.tsv"
    files.append(write_table(listed, DISAGREEMENTS, consensus.rows()))
    if resolutions.by_place:
        files.append(resolutions.write(stored))
    lines = [
        f"The consensus of {' and '.join(raters.labels)} on sub-{raters.subject}: {options.out}",
        f"{len(disagreements)} places to discuss, {len(resolutions.by_place)} resolved: {listed}",
        f"{len(consensus.single)} places marked by one annotator only are kept and flagged"
        if not options.drop_single
        else f"{len(consensus.dropped)} places are left out",
        *raters.missing(),
    ]
    values = {"disagreements": len(disagreements), "open": len(open_disagreements(disagreements, resolutions))}
    return Summary(tuple(lines), {"subject": raters.subject, "annotators": list(raters.labels), **values}, tuple(files))


COMMAND = Command("consensus", _add_arguments, _run)
