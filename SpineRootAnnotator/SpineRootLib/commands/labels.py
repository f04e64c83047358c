"""`spineroot labels`: an annotation as a label map in CISS space, for learning."""

from __future__ import annotations

import argparse
from pathlib import Path

from SpineRootLib.commands.base import (
    Command,
    Summary,
    add_accept_image,
    add_subject,
    argument,
    read_markers,
    root_radius,
)
from SpineRootLib.commands.raters import check_apart
from SpineRootLib.dataset_description import describe_results, images_dataset
from SpineRootLib.images import read_frame
from SpineRootLib.labels import LABELS_TITLE, LabelSettings, label_map, lookup, write_labels
from SpineRootLib.progress import part, report


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("markers", type=Path, metavar="MARKERS", help="folder that holds sub-*/ with markups")
    add_subject(parser)
    parser.add_argument("--ciss", type=Path, required=True, metavar="IMAGE", help="the CISS image, for its voxels")
    add_accept_image(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the label map")
    radius = LabelSettings.root_radius_mm
    parser.add_argument(
        "--radius", type=argument(root_radius), default=radius, metavar="MM", help=f"of the roots (default: {radius:g})"
    )


def _run(options: argparse.Namespace) -> Summary:
    check_apart(options.out, options.markers)
    report(options.progress, 0.0, "reading")
    annotation = read_markers(options, options.markers)
    image = read_frame(options.ciss)
    settings = LabelSettings(options.radius)
    labels = label_map(image, annotation, settings, part(options.progress, 0.1, 0.8))
    report(options.progress, 0.8, "writing")
    files = write_labels(options.out, image, labels, annotation, settings)
    images = images_dataset(options.ciss)
    files.append(describe_results(options.out, annotation.subject, LABELS_TITLE, [options.markers], images))
    report(options.progress, 1.0, "written")
    counts = {row["abbreviation"]: int((labels == row["index"]).sum()) for row in lookup(annotation.segments)}
    lines = [f"{count:>9} voxels of {name}" for name, count in counts.items() if count]
    lines += [*annotation.missing(), f"Written to {files[0]}"]
    return Summary(tuple(lines), {"voxels": counts}, tuple(files))


COMMAND = Command("labels", _add_arguments, _run)
