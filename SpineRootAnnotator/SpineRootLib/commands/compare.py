"""`spineroot compare`: the distances between annotators, or from a known truth, as tables and figures."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from SpineRootLib.agreement.agreement_files import AGREEMENT_TITLE, write_agreement
from SpineRootLib.agreement.distances import PairAgreement, compare
from SpineRootLib.agreement.exchange import exchange_lines
from SpineRootLib.agreement.exchange_search import find_exchanges
from SpineRootLib.agreement.outliers import outlier_lines, standings
from SpineRootLib.agreement.program_spread import of_one_subject, spread_lines
from SpineRootLib.agreement.raters import TRUTH, Raters
from SpineRootLib.agreement.score import MISTAKES, SCORE, Score, mistake_rows, score, score_rows
from SpineRootLib.agreement.tables import agreement_rows, printed, write_exactly
from SpineRootLib.commands.base import Command, Summary, add_margins, margins_of
from SpineRootLib.commands.raters import add_raters, read_chosen
from SpineRootLib.dataset_description import describe_results, images_dataset
from SpineRootLib.progress import part, report


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_raters(parser)
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the tables and figures")
    add_margins(parser)
    parser.add_argument(
        "--truth", type=Path, metavar="MARKERS", help="a known truth, such as the phantom's: score each annotator"
    )


def _run(options: argparse.Namespace) -> Summary:
    progress = options.progress
    report(progress, 0.0, "reading")
    raters = read_chosen(options, options.truth)
    every = compare(raters, part(progress, 0.2, 0.5))
    pairs = every if options.truth is None else [pair for pair in every if pair.b == TRUTH]
    found = [] if options.truth is not None else standings(pairs)
    report(progress, 0.5, "looking for exchanged names")
    exchanges = find_exchanges(raters)
    report(progress, 0.7, "tables and figures")
    # what makes figures needs SciPy, which takes longer to import than two annotators to compare
    from SpineRootLib.agreement.reliability_tables import printed_figures, reliability_of

    figures = reliability_of(raters, pairs, margins_of(options))
    lines = [
        *exchange_lines(exchanges),
        *(line for pair in pairs for line in (*printed(pair), "")),
        *printed_figures(figures),
    ]
    files = write_agreement(options.out, raters, pairs, found, exchanges, figures)
    sources = [*options.markers, *([] if options.truth is None else [options.truth])]
    images = None if options.ciss is None else images_dataset(options.ciss)
    files.append(describe_results(options.out, raters.subject, AGREEMENT_TITLE, sources, images))
    values: dict[str, Any] = {
        "subject": raters.subject,
        "annotators": list(raters.labels),
        "exchanges": [each.as_json() for each in exchanges],
        "levels": {label: list(raters.levels(label)) for label in raters.labels},
        "rows": list(agreement_rows(pairs)),
        "figures": [each.row() for each in figures],
    }
    beside = of_one_subject(agreement_rows(every), raters)
    if beside:
        values["programs"], lines = [each.row() for each in beside], [*lines, *spread_lines(beside)]
    if options.truth is not None:
        scored, scores = _score(options.out, raters, pairs)
        values, files, lines = {**values, "score": scores}, [*files, *scored], [*lines, *_score_lines(scores)]
    report(progress, 1.0, "written")
    lines += [*outlier_lines(found), *raters.missing(), f"Written to {options.out}"]
    return Summary(tuple(lines), values, tuple(files))


def _score(folder: Path, raters: Raters, pairs: Sequence[PairAgreement]) -> tuple[list[Path], dict[str, float | None]]:
    """Write each annotator's score and mistakes."""
    found: list[tuple[str, list[Score], Score]] = []
    for pair in pairs:
        found.append((pair.a, *score(pair, raters.marks[pair.a], raters.marks[TRUTH])))
    rows = [row for label, scores, total in found for row in score_rows(label, [*scores, total])]
    mistakes = [row for label, _, total in found for row in mistake_rows(label, total)]
    files = [
        *write_exactly(folder / f"sub-{raters.subject}_score.tsv", SCORE, rows),
        *write_exactly(folder / f"sub-{raters.subject}_mistakes.tsv", MISTAKES, mistakes),
    ]
    return files, {label: total.percent for label, _, total in found}


def _score_lines(scores: dict[str, float | None]) -> list[str]:
    return [f"Score of {label}: {percent:.1f} of 100" for label, percent in scores.items() if percent is not None]


COMMAND = Command("compare", _add_arguments, _run)
