"""``spineroot phantom``: makes a synthetic subject."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from SpineRootLib.commands.base import Command, Summary, add_subject
from SpineRootLib.errors import SpineRootError
from SpineRootLib.naming import annotator_label
from SpineRootLib.native_path import native_name
from SpineRootLib.phantom import AnnotatorSettings, ImageSettings, PhantomSettings, write_phantom

_IMAGE = ImageSettings()
# Degrees; slices steeper than this would cut the sac lengthwise.
_STEEPEST = 30.0


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", type=Path, metavar="DATASET", help="folder of the dataset; made if missing")
    add_subject(parser, sessions=False)
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same subject (default: 1)")
    parser.add_argument("--annotators", nargs="*", default=[], metavar="A", help="labels of simulated annotators")
    parser.add_argument(
        "--annotators-like",
        type=Path,
        metavar="AGREEMENT",
        help="annotators who differ as those compared in derivatives/agreement, or by 'compare', do (roots' bias, "
        "jitter and drift, ganglia, contours, what is missed, exchanged names); without --annotators under their names",
    )
    parser.add_argument("--small", action="store_true", help="half a spine's length, cropped to the dural sac")
    parser.add_argument("--tilt", type=float, default=0.1, metavar="DEGREES", help="of the slices (default: 0.1)")
    parser.add_argument(
        "--crowding",
        type=float,
        default=1.0,
        help="from 0, 14 single roots that keep apart in an even image, to 1, as in a person (default: 1)",
    )
    parser.add_argument("--noise", type=float, help=f"relative to the brightest fluid (default: {_IMAGE.noise})")
    parser.add_argument("--contrast", type=float, help=f"of fluid to root on CISS (default: {_IMAGE.csf_to_root})")
    parser.add_argument("--swaps", type=int, default=0, help="how often an annotator confuses two neighbouring roots")


def _check(options: argparse.Namespace) -> None:
    if options.seed < 0 or options.swaps < 0:
        raise SpineRootError("--seed and --swaps take whole numbers from 0 up")
    if options.swaps and options.annotators_like is not None:
        raise SpineRootError("--annotators-like tells how often names are exchanged: leave out --swaps")
    if not abs(options.tilt) <= _STEEPEST:
        raise SpineRootError(f"a tilt of {options.tilt:g} degrees is not between -{_STEEPEST:g} and {_STEEPEST:g}")
    if not 0 <= options.crowding <= 1:
        raise SpineRootError(f"a crowding of {options.crowding:g} is not between 0 and 1")
    if options.noise is not None and not 0 <= options.noise <= 1:
        raise SpineRootError(f"a noise of {options.noise:g} is not between 0 and 1")
    if options.contrast is not None and not 1 < options.contrast <= 100:
        raise SpineRootError(f"a contrast of {options.contrast:g} is not between 1 and 100")


def _run(options: argparse.Namespace) -> Summary:
    _check(options)
    settings = PhantomSettings.small() if options.small else PhantomSettings()
    settings = settings.tilted(options.tilt).with_crowding(options.crowding)
    asked = {"noise": options.noise, "csf_to_root": options.contrast}
    image = replace(settings.image, **{name: value for name, value in asked.items() if value is not None})
    settings = replace(settings, anatomy=replace(settings.anatomy, segments=options.segments), image=image)
    native_name(options.dataset)  # said before the work of a minute, not after its first third
    labels, annotators, told = _annotators(options)
    progress = options.progress
    files, kept = write_phantom(options.dataset, options.subject, settings, options.seed, labels, annotators, progress)
    line = f"sub-{options.subject}: three images, the truth and {len(labels)} annotators in"
    values = {"subject": options.subject, "seed": options.seed, "annotators": labels}
    return Summary((f"{line} {options.dataset}", *told, *kept), values, tuple(files))


def _annotators(
    options: argparse.Namespace,
) -> tuple[list[str], AnnotatorSettings | dict[str, AnnotatorSettings], list[str]]:
    """Labels of the simulated annotators, how they differ from the truth, and what is to be told of that."""
    if options.annotators_like is None:
        return options.annotators, AnnotatorSettings(swaps=options.swaps), []
    # what fits them needs the agreement's statistics
    from SpineRootLib.phantom.fitted_annotators import fit_annotators_like

    fitted = fit_annotators_like(options.annotators_like)
    known = {each.label: each for each in fitted}
    labels = [annotator_label(each) for each in options.annotators] or list(known)
    models = {label: known.get(label, fitted[at % len(fitted)]) for at, label in enumerate(labels)}
    settings = {label: each.of_subject(options.seed) for label, each in models.items()}
    return labels, settings, [f"like {each}" for each in fitted]


COMMAND = Command("phantom", _add_arguments, _run)
