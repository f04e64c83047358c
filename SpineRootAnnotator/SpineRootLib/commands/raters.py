"""What the commands share that work on several annotators of one subject."""

from __future__ import annotations

import argparse
from pathlib import Path

from SpineRootLib.agreement.raters import Raters
from SpineRootLib.agreement.reading_raters import read_raters
from SpineRootLib.annotation_on_image import require_own_image
from SpineRootLib.commands.base import add_ciss, add_subject, settle_session, warn
from SpineRootLib.errors import DatasetError


def add_raters(parser: argparse.ArgumentParser) -> None:
    """The annotators' folders, the subject and ``--not-blind``."""
    parser.add_argument("markers", nargs="+", type=Path, metavar="MARKERS", help="folder of an annotator's markups")
    add_subject(parser)
    add_ciss(parser)
    parser.add_argument("--not-blind", action="store_true", help="work also on what has not been signed off")


def read_chosen(options: argparse.Namespace, truth: Path | None = None) -> Raters:
    """The annotators that were named, and the truth.

    Raises
    ------
    SpineRootError
        if fewer than two are named, the results would lie inside an annotator's folder, or they do not fit together.
    """
    folders = [*options.markers, *([] if truth is None else [truth])]
    if len(folders) < 2:
        raise DatasetError("is the only annotator: name two or more folders of markups", folders[0])
    for folder in folders:
        check_apart(options.out, folder)
    settle_session(options, folders)
    blind = not options.not_blind
    raters = read_raters(options.markers, options.subject, options.ciss, options.segments, blind, truth)
    for annotation in raters.annotations.values():
        require_own_image(annotation, options.accept_image)
    warn(options, raters.warnings())
    return raters


def check_apart(out: Path, folder: Path) -> None:
    """See that results do not lie inside an input folder.

    Raises
    ------
    DatasetError
        if they do.
    """
    if out.resolve().is_relative_to(folder.resolve()):
        raise DatasetError(f"lies inside {folder}, with whose contents it would be mixed: choose another folder", out)
