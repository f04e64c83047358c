"""`spineroot centrelines`: the traced roots as lines, for tractography, VTK and neuron tools."""

from __future__ import annotations

import argparse
from pathlib import Path

from SpineRootLib.commands.base import (
    Command,
    Summary,
    add_ciss,
    add_formats,
    add_subject,
    argument,
    chosen_formats,
    read_markers,
    root_radius,
)
from SpineRootLib.commands.label_outputs import add_radii, check_radii, label_settings
from SpineRootLib.commands.raters import check_apart
from SpineRootLib.dataset_description import describe_results, images_dataset
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.labels import LabelSettings
from SpineRootLib.learning.centreline_files import FORMATS, write_centrelines
from SpineRootLib.learning.centrelines import root_lines
from SpineRootLib.progress import report

CENTRELINES_TITLE = "Centrelines of nerve roots"


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("markers", type=Path, metavar="MARKERS", help="folder that holds sub-*/ with markups")
    add_subject(parser)
    add_ciss(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the lines")
    add_formats(parser, FORMATS, list(FORMATS), "the lines")
    radius = LabelSettings.root_radius_mm
    parser.add_argument(
        "--radius", type=argument(root_radius), default=radius, metavar="MM", help=f"of the roots (default: {radius:g})"
    )
    add_radii(parser)


def _run(options: argparse.Namespace) -> Summary:
    formats = chosen_formats(options, FORMATS, "centreline")
    check_radii(options)
    check_apart(options.out, options.markers)
    if options.measure_radius and options.ciss is None:
        raise SpineRootError("--measure-radius needs the CISS image: --ciss IMAGE")
    report(options.progress, 0.0, "reading")
    annotation = read_markers(options, options.markers)
    lines = root_lines(annotation, label_settings(options, annotation))
    if not lines:
        raise DatasetError(f"holds no root of sub-{annotation.subject} with two points", options.markers)
    report(options.progress, 0.7, "writing")
    files = write_centrelines(options.out, annotation.subject, lines, formats)
    images = None if options.ciss is None else images_dataset(options.ciss)
    described = describe_results(options.out, annotation.subject, CENTRELINES_TITLE, [options.markers], images)
    report(options.progress, 1.0, "written")
    text = f"sub-{annotation.subject}: {len(lines)} roots: {options.out}"
    return Summary((text,), {"roots": {str(line.root): len(line.points) for line in lines}}, (*files, described))


COMMAND = Command("centrelines", _add_arguments, _run)
