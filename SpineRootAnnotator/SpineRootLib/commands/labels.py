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
    terminal_progress,
)
from SpineRootLib.commands.label_outputs import add_label_outputs, check_radii, label_settings, write_outputs
from SpineRootLib.commands.raters import check_apart
from SpineRootLib.dataset_description import describe_results, images_dataset
from SpineRootLib.images import read_frame
from SpineRootLib.labels import LABELS_TITLE, LabelSettings, label_map, lookup, write_labels


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

    add_label_outputs(parser)


def _run(options: argparse.Namespace) -> Summary:
    check_radii(options)
    check_apart(options.out, options.markers)
    annotation = read_markers(options, options.markers)
    image = read_frame(options.ciss)
    settings = label_settings(options, annotation)
    labels = label_map(image, annotation, settings, terminal_progress())
    files = write_labels(options.out, image, labels, annotation, settings)
    files += write_outputs(options, image, labels, annotation, settings)
    images = images_dataset(options.ciss)
    files.append(describe_results(options.out, annotation.subject, LABELS_TITLE, [options.markers], images))
    counts = {row["abbreviation"]: int((labels == row["index"]).sum()) for row in lookup(annotation.segments)}
    lines = [f"{count:>9} voxels of {name}" for name, count in counts.items() if count]
    lines += [*annotation.missing(), f"Written to {files[0]}"]
    return Summary(tuple(lines), {"voxels": counts}, tuple(files))


COMMAND = Command("labels", _add_arguments, _run)
