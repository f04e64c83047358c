"""``spineroot model``: the surfaces of a subject, and what is to be said of them."""

from __future__ import annotations

import argparse
from pathlib import Path

from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import subject_folder
from SpineRootLib.commands.base import (
    Command,
    Summary,
    add_ciss,
    add_formats,
    add_subject,
    chosen_formats,
    read_markers,
)
from SpineRootLib.commands.raters import check_apart
from SpineRootLib.commands.root_radii import check_levels
from SpineRootLib.commands.root_radii import chosen_radii as _radii
from SpineRootLib.dataset_description import describe_results, images_dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.images import Image, read_image
from SpineRootLib.progress import part, report
from SpineRootLib.surfaces import FORMATS, Model, ModelSettings, build_model, write_model
from SpineRootLib.surfaces.made_files import remove_outdated
from SpineRootLib.surfaces.rendering import write_rendering
from SpineRootLib.surfaces.report import MODEL_TITLE, write_report
from SpineRootLib.surfaces.settings import (
    BOTTOM_ENDS,
    CONUS_ENDS,
    ENDS,
    MeshSettings,
    WallEndSettings,
    WallSmoothingSettings,
)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("markers", type=Path, metavar="MARKERS", help="folder that holds sub-*/ with markups")
    add_subject(parser)
    add_ciss(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the surfaces")
    add_formats(parser, FORMATS, ["vtp"], "the surfaces")
    parser.add_argument("--conforming", action="store_true", help="also write regions that fill space, for meshing")
    parser.add_argument("--picture", type=Path, metavar="FILE.png", help="draw the model from behind and from the left")
    add_settings(parser)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """How surfaces are made: for every command that builds them."""
    default = ModelSettings()
    parser.add_argument(
        "--smoothing", type=float, default=1.0, help="of the walls; 0 keeps to the contours (default: 1)"
    )
    parser.add_argument("--detail", type=float, default=1.0, help="2 halves the triangles' edges (default: 1)")
    parser.add_argument(
        "--radius",
        nargs="+",
        action="extend",
        default=[],
        metavar="MM",
        help=f"of the roots, mm, or by segment: L1=0.6 S2=0.4; literature: whole roots of cadavers, flattened where "
        f"they find no room (default: {default.roots.radius_mm})",
    )
    parser.add_argument("--measure-radius", action="store_true", help="measure the radius of each root in --ciss")
    parser.add_argument("--dura-top", choices=ENDS, default=ENDS[0], help="how the dura ends above (default: flat)")
    parser.add_argument(
        "--dura-bottom",
        choices=BOTTOM_ENDS,
        default=ENDS[0],
        help="how it ends below; continued: carried on to the ganglia with the roots in it (default: flat)",
    )
    parser.add_argument(
        "--conus",
        choices=CONUS_ENDS,
        default=CONUS_ENDS[0],
        help="how the cord ends below, where its tip was drawn: round, as a cone, or as one that goes on as filum "
        "(default: round)",
    )


def _run(options: argparse.Namespace) -> Summary:
    formats, settings = chosen_formats(options, FORMATS, "surface"), model_settings(options)
    report(options.progress, 0.0, "reading")
    annotation, image = read_to_build(options)
    model = build_model(annotation, settings, part(options.progress, 0.05, 0.9), image)
    report(options.progress, 0.9, "writing")
    files = write_model(model, options.out, formats)
    folder = subject_folder(options.markers, annotation.subject)
    inputs = [path for path in folder.iterdir() if path.suffix == ".json" and path.is_file()]
    outdated = remove_outdated(options.out, model.subject, files)
    told = write_report(model, options.out, files, [*inputs, *([options.ciss] if options.ciss else [])])
    images = None if options.ciss is None else images_dataset(options.ciss)
    described = describe_results(options.out, model.subject, MODEL_TITLE, [options.markers], images)
    lines = [*_lines(model), f"written to {options.out}"]
    lines += [f"{len(outdated)} files of an earlier run were removed"] * bool(outdated)
    drawn = () if options.picture is None else (write_rendering(model, options.picture),)
    report(options.progress, 1.0, "written")
    summary = {key: value for key, value in model.report.items() if key != "roots"}
    return Summary(tuple(lines), {"subject": model.subject, **summary}, (*files, told, described, *drawn))


def read_to_build(options: argparse.Namespace) -> tuple[Annotation, Image | None]:
    """The annotation to build surfaces of, and the image if radii are measured in it, once the options are sound.

    Raises
    ------
    SpineRootError
        if options contradict each other, or what is annotated.
    """
    _check(options)
    annotation = read_markers(options, options.markers)
    check_levels(options.radius, annotation)
    return annotation, read_image(options.ciss) if options.measure_radius else None


def _check(options: argparse.Namespace) -> None:
    picture = getattr(options, "picture", None)
    if picture is not None and picture.suffix.lower() != ".png":
        raise SpineRootError("a picture is drawn as PNG: its name must end in .png", picture)
    if options.measure_radius and options.ciss is None:
        raise SpineRootError("--measure-radius needs the CISS image: --ciss IMAGE")
    if options.measure_radius and options.radius:
        raise SpineRootError("--measure-radius measures what --radius gives: name one of the two")
    check_apart(options.out, options.markers)


def model_settings(options: argparse.Namespace, conforming: bool | None = None) -> ModelSettings:
    """The settings that options ask for.

    Parameters
    ----------
    conforming : whether regions that fill space are made; None where it is an option.

    Raises
    ------
    SpineRootError
        for a number that makes no sense.
    """
    if not 0 <= options.smoothing <= 10:
        raise SpineRootError(f"a smoothing of {options.smoothing:g} makes no sense: from 0 (none) to 10")
    return ModelSettings(
        walls=WallSmoothingSettings(smoothing=options.smoothing),
        mesh=MeshSettings().scaled(options.detail),
        roots=_radii(options.radius),
        ends=WallEndSettings(options.dura_top, options.dura_bottom, options.conus),
        conforming=options.conforming if conforming is None else conforming,
    )


def _lines(model: Model) -> list[str]:
    triangles = sum(len(surface.triangles) for surface in model.parts.values())
    lines = [f"sub-{model.subject}: {len(model.parts)} surfaces, {triangles} triangles"]
    lines += [f"{finding.severity}: {finding.message}" for finding in model.findings]
    for conflict in model.report["conflicts"]:
        one, other = conflict["between"]
        lines.append(
            f"conflict: {one} and {other} on slice {conflict['slice']}, {conflict['clearance_mm']:.2f} mm between them"
        )
    return lines


COMMAND = Command("model", _add_arguments, _run)
