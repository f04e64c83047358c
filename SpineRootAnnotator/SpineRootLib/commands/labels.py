"""`spineroot labels`: an annotation as a label map in CISS space, for learning, or on cubes, for solvers."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.annotation import Annotation
from SpineRootLib.atomic import all_or_none
from SpineRootLib.commands.base import (
    Command,
    Summary,
    add_accept_image,
    add_subject,
    argument,
    number_above_zero,
    read_markers,
    root_radius,
    warn,
)
from SpineRootLib.commands.label_outputs import (
    add_label_outputs,
    asks_for_more,
    check_radii,
    further_numbers,
    label_settings,
    write_outputs,
)
from SpineRootLib.commands.raters import check_apart
from SpineRootLib.dataset_description import describe_results, images_dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.images import read_frame
from SpineRootLib.labels import LABELS_TITLE, LabelSettings, label_map, lookup, write_labels
from SpineRootLib.progress import part, report

# beyond these an edge has another unit or is a slip
_EDGES_MM = (0.05, 5.0)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("markers", type=Path, metavar="MARKERS", help="folder that holds sub-*/ with markups")
    add_subject(parser)
    parser.add_argument("--ciss", type=Path, metavar="IMAGE", help="the CISS image, for its voxels")
    add_accept_image(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the label map")
    radius = LabelSettings.root_radius_mm
    parser.add_argument(
        "--radius", type=argument(root_radius), default=radius, metavar="MM", help=f"of the roots (default: {radius:g})"
    )
    parser.add_argument(
        "--isotropic",
        type=argument(_voxel_edge),
        metavar="MM",
        help="voxels of this edge, filled from the surfaces; needs no image",
    )
    add_label_outputs(parser)


def _voxel_edge(text: str) -> float:
    edge = number_above_zero(text)
    if not _EDGES_MM[0] <= edge <= _EDGES_MM[1]:
        raise SpineRootError(f"voxels of {text} mm make no sense: from {_EDGES_MM[0]:g} to {_EDGES_MM[1]:g}")
    return edge


def _run(options: argparse.Namespace) -> Summary:
    check_radii(options)
    check_apart(options.out, options.markers)
    if options.ciss is None and options.isotropic is None:
        raise SpineRootError("a label map needs voxels: --ciss IMAGE for an image's, or --isotropic 0.25")
    if options.isotropic is not None and (options.measure_radius or asks_for_more(options)):
        raise SpineRootError(
            "--isotropic writes a label map from surfaces and nothing else: ask for the rest without it"
        )
    report(options.progress, 0.0, "reading")
    annotation = read_markers(options, options.markers)
    if options.isotropic is not None:
        return _isotropic(options, annotation)
    image = read_frame(options.ciss)
    settings, numbers = label_settings(options, annotation), further_numbers(options)
    labels = label_map(image, annotation, settings, part(options.progress, 0.1, 0.8))
    report(options.progress, 0.8, "writing")
    with all_or_none(options.out) as half:
        written = write_labels(half, image, labels, annotation, settings)
        written += write_outputs(options, half, numbers, image, labels, annotation, settings)
        files = [options.out / path.name for path in written]
    return _summary(options, annotation, labels, files)


def _isotropic(options: argparse.Namespace, annotation: Annotation) -> Summary:
    """From the surfaces, on voxels of their own."""
    from SpineRootLib.surfaces import ModelSettings, build_model
    from SpineRootLib.surfaces.settings import RootSettings
    from SpineRootLib.volume.voxels import voxel_labels

    progress, settings = options.progress, label_settings(options, annotation)
    radii = RootSettings(options.radius, radius_by_segment=settings.radius_by_root)
    model = build_model(annotation, ModelSettings(roots=radii, csf=False), part(progress, 0.0, 0.5))
    image = voxel_labels(model, options.isotropic, part(progress, 0.5, 1.0))
    files = write_labels(options.out, image, image.voxels, annotation, settings, voxel_mm=options.isotropic)
    warn(options, [finding.message for finding in model.findings])
    return _summary(options, annotation, image.voxels, files)


def _summary(
    options: argparse.Namespace, annotation: Annotation, labels: NDArray[np.uint8], files: list[Path]
) -> Summary:
    images = None if options.ciss is None else images_dataset(options.ciss)
    files.append(describe_results(options.out, annotation.subject, LABELS_TITLE, [options.markers], images))
    report(options.progress, 1.0, "written")
    counts = {row["abbreviation"]: int((labels == row["index"]).sum()) for row in lookup(annotation.segments)}
    lines = [f"{count:>9} voxels of {name}" for name, count in counts.items() if count]
    lines += [*annotation.missing(), f"Written to {files[0]}"]
    return Summary(tuple(lines), {"voxels": counts}, tuple(files))


COMMAND = Command("labels", _add_arguments, _run)
