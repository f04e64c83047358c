"""``spineroot phantom``: makes a synthetic subject."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from SpineRootLib.commands.base import Command, Summary, add_subject, terminal_progress
from SpineRootLib.errors import SpineRootError
from SpineRootLib.phantom import AnnotatorSettings, PhantomSettings, write_phantom


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", type=Path, metavar="DATASET", help="folder of the dataset; made if missing")
    add_subject(parser)
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same subject (default: 1)")
    parser.add_argument("--annotators", nargs="*", default=[], metavar="A", help="labels of simulated annotators")
    parser.add_argument("--small", action="store_true", help="half a spine's length, cropped to the dural sac")
    parser.add_argument("--tilt", type=float, default=0.1, metavar="DEGREES", help="of the slices (default: 0.1)")
    parser.add_argument("--swaps", type=int, default=0, help="how often an annotator confuses two neighbouring roots")


def _run(options: argparse.Namespace) -> Summary:
    if options.seed < 0 or options.swaps < 0:
        raise SpineRootError("--seed and --swaps take whole numbers from 0 up")
    if not abs(options.tilt) <= 45:
        raise SpineRootError(f"a tilt of {options.tilt:g} degrees is not between -45 and 45")
    settings = (PhantomSettings.small() if options.small else PhantomSettings()).tilted(options.tilt)
    settings = replace(settings, anatomy=replace(settings.anatomy, segments=options.segments))
    annotators = AnnotatorSettings(swaps=options.swaps)
    progress = terminal_progress()
    files = write_phantom(
        options.dataset, options.subject, settings, options.seed, options.annotators, annotators, progress
    )
    line = f"sub-{options.subject}: three images, the truth and {len(options.annotators)} annotators in"
    values = {"subject": options.subject, "seed": options.seed, "annotators": options.annotators}
    return Summary((f"{line} {options.dataset}",), values, tuple(files))


COMMAND = Command("phantom", _add_arguments, _run)
