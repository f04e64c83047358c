"""`spineroot adopt`: a published dataset becomes a clean one, and every change is told."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from SpineRootLib.adoption.adopting import Adopted, adopt
from SpineRootLib.adoption.changes import WORDS
from SpineRootLib.commands.base import Command, Summary, add_accept_image, add_segments, warn
from SpineRootLib.errors import SpineRootError


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    text = "the published dataset, which stays as it is, or a folder of markups"
    parser.add_argument("tree", type=Path, metavar="PUBLISHED_TREE", help=text)
    parser.add_argument("out", type=Path, metavar="DATASET", help="the clean dataset; made if it is missing")
    add_segments(parser)
    add_accept_image(parser)
    parser.add_argument("--link", action="store_true", help="link the images instead of copying them")


def _run(options: argparse.Namespace) -> Summary:
    found = adopt(options.tree, options.out, options.segments, options.link, options.accept_image, options.progress)
    warn(options, (f"{who}: {why}" for who, why in found.failed.items()))
    if found.failed and not found.subjects:
        raise SpineRootError("no subject could be adopted; the warnings say why", options.tree)
    if found.failed:
        raise SpineRootError(
            f"{', '.join(found.failed)}: not adopted, as the warnings say; the others are", options.tree
        )
    counts = Counter(each.change for each in found.changes)
    values = {
        "subjects": found.subjects,
        "changes": {name: counts[name] for name in WORDS},
        "kept": [str(each) for each in found.kept],
    }
    return Summary(tuple(_lines(options.out, found, counts)), values, tuple(found.files))


def _lines(out: Path, found: Adopted, counts: Counter[str]) -> list[str]:
    lines = [f"{text}: {counts[name]}" for name, text in WORDS.items() if counts[name]]
    lines = lines or ["nothing had to be changed"]
    if found.passed_over:
        lines.append(f"not taken, as it can be made anew: {', '.join(found.passed_over)}")
    lines += [f"what was there before is kept in {each}" for each in found.kept]
    lines.append("no point was moved; each change: sub-*_adopted.tsv beside the markups; what else to look at: check")
    return [*lines, f"subjects: {len(found.subjects)}; written to {out}"]


COMMAND = Command("adopt", _add_arguments, _run)
