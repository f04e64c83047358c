"""What the commands share that work on several annotators of one subject."""

from __future__ import annotations

import argparse
from pathlib import Path

from SpineRootLib.agreement.raters import Raters, read_raters
from SpineRootLib.commands.base import add_ciss, add_subject
from SpineRootLib.errors import DatasetError
from SpineRootLib.images import read_planes


def add_raters(parser: argparse.ArgumentParser) -> None:
    """The annotators' folders, the subject and ``--not-blind``."""
    parser.add_argument("markers", nargs="+", type=Path, metavar="MARKERS", help="folder of an annotator's markups")
    add_subject(parser)
    add_ciss(parser)
    parser.add_argument("--not-blind", action="store_true", help="work also on what has not been signed off")


def read_chosen(options: argparse.Namespace) -> Raters:
    """The annotators that were named.

    Raises
    ------
    SpineRootError
        if fewer than two are named, the results would lie inside an annotator's folder, or they do not fit together.
    """
    if len(options.markers) < 2:
        raise DatasetError("is the only annotator: name two or more folders of markups", options.markers[0])
    for folder in options.markers:
        if options.out.resolve().is_relative_to(folder.resolve()):
            fault = f"lies inside {folder}, with whose contents it would be mixed: choose another --out"
            raise DatasetError(fault, options.out)
    planes = None if options.ciss is None else read_planes(options.ciss)
    return read_raters(options.markers, options.subject, planes, options.segments, not options.not_blind)
