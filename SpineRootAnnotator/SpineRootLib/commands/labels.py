"""`spineroot labels`: an annotation as a label map in CISS space, for learning."""

from __future__ import annotations

import argparse
from pathlib import Path

from SpineRootLib.annotation_files import read_annotation
from SpineRootLib.commands.base import Command, Summary, add_subject, argument, root_radius, terminal_progress
from SpineRootLib.commands.raters import check_apart
from SpineRootLib.errors import GeometryError
from SpineRootLib.images import read_frame
from SpineRootLib.labels import LabelSettings, label_map, lookup, write_labels
from SpineRootLib.naming import check_own


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("markers", type=Path, metavar="MARKERS", help="folder that holds sub-*/ with markups")
    add_subject(parser)
    parser.add_argument("--ciss", type=Path, required=True, metavar="IMAGE", help="the CISS image, for its voxels")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the label map")
    radius = LabelSettings.root_radius_mm
    parser.add_argument(
        "--radius", type=argument(root_radius), default=radius, metavar="MM", help=f"of the roots (default: {radius:g})"
    )


def _run(options: argparse.Namespace) -> Summary:
    check_apart(options.out, options.markers)
    check_own(options.ciss, options.subject)
    image = read_frame(options.ciss)
    annotation = read_annotation(options.markers, options.subject, image.planes(), options.segments)
    recorded = annotation.provenance.planes()
    if recorded is not None and not recorded.agrees_with(image.planes()):
        fault = f"has other slices than the image that sub-{annotation.subject} was annotated on"
        raise GeometryError(fault, options.ciss)
    labels = label_map(image, annotation, LabelSettings(options.radius), terminal_progress())
    files = write_labels(options.out, image, labels, annotation)
    counts = {row["abbreviation"]: int((labels == row["index"]).sum()) for row in lookup(annotation.segments)}
    lines = [f"{count:>9} voxels of {name}" for name, count in counts.items() if count]
    return Summary((*lines, *annotation.missing(), f"Written to {files[0]}"), {"voxels": counts}, tuple(files))


COMMAND = Command("labels", _add_arguments, _run)
