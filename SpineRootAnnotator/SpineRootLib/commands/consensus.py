"""`spineroot consensus`: the average annotation, with disagreements listed and settled."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from SpineRootLib.agreement.consensus import (
    AVERAGES,
    Consensus,
    ConsensusSettings,
    make_consensus,
    open_disagreements,
    require_settled,
)
from SpineRootLib.agreement.consensus_files import (
    CONSENSUS_TITLE,
    check_free,
    disagreements_path,
    resolutions_path,
    write_consensus,
    write_disagreements,
)
from SpineRootLib.agreement.disagreements import DisagreementSettings, find_disagreements
from SpineRootLib.agreement.distances import compare
from SpineRootLib.agreement.exchange import Exchange, exchange_lines
from SpineRootLib.agreement.exchange_renaming import settle_names
from SpineRootLib.agreement.outliers import outlier_lines, standings
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.agreement.resolutions import CORRECTED, EXCHANGE_IN, MEAN, NAMES_RIGHT, Resolution, Resolutions
from SpineRootLib.commands.base import Command, Summary, argument, number_above_zero, terminal_progress
from SpineRootLib.commands.raters import add_raters, read_chosen
from SpineRootLib.dataset_description import images_dataset, write_description
from SpineRootLib.errors import SpineRootError


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    limits = DisagreementSettings()
    add_raters(parser)
    parser.add_argument("--out", required=True, type=Path, metavar="MARKERS", help="folder of the consensus")
    parser.add_argument(
        "--resolve",
        action="append",
        default=[],
        type=argument(Resolution.parse),
        metavar="PLACE=TAKE",
        help="settle a disagreement, stored for later runs: nerveroots_S2_L:40=A (nothing, if A marked nothing), "
        "dura:12=mean, ganglions_L1_R=12.5,-40.1,-455 (RAS mm); where names look exchanged: "
        "'nerveroots_L5_L=exchange in B' or '=names are right'",
    )
    parser.add_argument("--by", default="", metavar="NAME", help="who settled it, for the record of --resolve")
    parser.add_argument("--accept", action="store_true", help="average also what is above the limit and unresolved")
    parser.add_argument(
        "--limit",
        type=number_above_zero,
        default=limits.limit_mm,
        metavar="MM",
        help=f"larger disagreements must be resolved (default: {limits.limit_mm:g})",
    )
    parser.add_argument(
        "--discuss",
        type=number_above_zero,
        default=limits.discuss_mm,
        metavar="MM",
        help=f"larger disagreements are listed (default: {limits.discuss_mm:g})",
    )
    parser.add_argument(
        "--average",
        choices=AVERAGES,
        default=MEAN,
        help="the median disregards one of three who is far off; weighted counts each as much as his marks are exact, "
        "less his own bias, and stores how uncertain each place is",
    )
    parser.add_argument("--drop-single", action="store_true", help="leave out what only one annotator marked")


def _run(options: argparse.Namespace) -> Summary:
    if options.discuss > options.limit:
        fault = f"--discuss {options.discuss:g} is above --limit {options.limit:g}: what must be resolved is listed"
        raise SpineRootError(fault)
    raters = read_chosen(options)
    check_free(options.out, raters.subject)
    resolutions = Resolutions.read(resolutions_path(options.out, raters.subject))
    raters, exchanges = _settled(options, raters, resolutions)
    pairs = compare(raters)
    limits = DisagreementSettings(options.discuss, options.limit)
    disagreements = find_disagreements(raters, pairs, limits, resolutions, exchanges)
    images = None if options.ciss is None else images_dataset(options.ciss)
    files = [write_description(options.out, CONSENSUS_TITLE, sources=options.markers, images=images)]
    files += write_disagreements(options.out, raters.subject, disagreements, resolutions)
    pending = open_disagreements(disagreements, resolutions)
    if not options.accept:
        require_settled(raters, disagreements, resolutions, disagreements_path(options.out, raters.subject))
    settings = ConsensusSettings(options.average, not options.drop_single, options.accept)
    consensus = make_consensus(raters, disagreements, resolutions, settings, terminal_progress())
    made = write_consensus(options.out, consensus)
    lines = [
        *exchange_lines(exchanges),
        *_lines(raters, consensus, options.out),
        *made.lines(),
        *outlier_lines(standings(pairs)),
    ]
    counts = {"disagreements": len(disagreements), "open": len(pending), "resolved": len(resolutions.by_place)}
    values = {
        "subject": raters.subject,
        "annotators": list(raters.labels),
        **counts,
        "exchanges": [each.as_json() for each in exchanges],
        "levels": {label: list(raters.levels(label)) for label in raters.labels},
        **made.values(),
    }
    return Summary((*lines, *raters.missing()), values, (*files, *made.files))


def _settled(options: argparse.Namespace, raters: Raters, resolutions: Resolutions) -> tuple[Raters, list[Exchange]]:
    """Settle what is asked: first whose names are exchanged, then what holds at a place under the right names."""
    of_names = [each for each in options.resolve if each.of_names]
    for resolution in of_names:
        resolutions.settle(replace(resolution, by=options.by))
    raters, exchanges = settle_names(raters, resolutions)
    _check_places(options.resolve, raters, exchanges)
    resolutions.review(raters.marks)
    for resolution in options.resolve:
        resolutions.settle(replace(resolution.made_for(raters.marks), by=options.by))
    resolutions.check(raters.labels, raters.planes, raters.marks)
    return raters, exchanges


def _check_places(resolve: Sequence[Resolution], raters: Raters, exchanges: Sequence[Exchange]) -> None:
    """See that each place that is settled now is one that somebody marked, or an exchange, and settled once."""
    places = [each.place for each in resolve]
    for each in resolve:
        if places.count(each.place) > 1:
            raise SpineRootError(f"--resolve settles {each.place} more than once")
        if each.of_names:
            _check_exchange(each, exchanges)
        elif each.take != CORRECTED and not any(each.place in marks for marks in raters.marks.values()):
            raise SpineRootError(f"--resolve {each.place}={each.take}: nobody marked anything there")


def _check_exchange(resolution: Resolution, exchanges: Sequence[Exchange]) -> None:
    """See that names are settled where they look exchanged, and between the two annotators."""
    here = [each for each in exchanges if each.place == resolution.place]
    label = resolution.take.removeprefix(EXCHANGE_IN)
    if not here:
        raise SpineRootError(f"--resolve {resolution.place}={resolution.take}: no names look exchanged there")
    if label != NAMES_RIGHT and not any(label in (each.reference, each.annotator) for each in here):
        both = f"{here[0].reference} and {here[0].annotator}"
        raise SpineRootError(f"--resolve {resolution.place}={resolution.take}: the exchange is between {both}")


def _lines(raters: Raters, consensus: Consensus, out: Path) -> list[str]:
    listed = disagreements_path(out, raters.subject)
    resolved = len(consensus.resolutions.by_place)
    lines = [
        f"The consensus of {', '.join(raters.labels[:-1])} and {raters.labels[-1]} on sub-{raters.subject}: {out}",
        f"{len(consensus.disagreements)} places to discuss, {resolved} resolved: {listed}",
        *consensus.resolutions.outdated_lines(raters.marks),
    ]
    if consensus.single:
        lines.append(f"{len(consensus.single)} places that one annotator only marked are kept and flagged")
    if consensus.dropped:
        lines.append(f"{len(consensus.dropped)} places are left out")
    return lines


COMMAND = Command("consensus", _add_arguments, _run)
