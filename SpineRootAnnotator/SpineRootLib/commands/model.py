"""``spineroot model``: the surfaces of a subject, and what is to be said of them."""

from __future__ import annotations

import argparse
from pathlib import Path

from SpineRootLib.annotation_files import subject_folder
from SpineRootLib.commands.base import Command, Summary, add_ciss, add_subject, read_markers, terminal_progress
from SpineRootLib.errors import SpineRootError
from SpineRootLib.surfaces import FORMATS, Model, ModelSettings, build_model, write_model
from SpineRootLib.surfaces.report import write_report


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("markers", type=Path, metavar="MARKERS", help="folder that holds sub-*/ with markups")
    add_subject(parser)
    add_ciss(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the surfaces")
    parser.add_argument(
        "--format", default="vtp", metavar="vtp,stl", help=f"file formats, of {', '.join(FORMATS)} (default: vtp)"
    )


def _run(options: argparse.Namespace) -> Summary:
    formats = _formats(options.format)
    annotation = read_markers(options, options.markers)
    model = build_model(annotation, ModelSettings(), terminal_progress())
    files = write_model(model, options.out, formats)
    folder = subject_folder(options.markers, annotation.subject)
    inputs = [path for path in folder.iterdir() if path.suffix == ".json" and path.is_file()]
    report = write_report(model, options.out, files, inputs)
    return Summary(_lines(model, options.out), {"subject": model.subject, **model.report}, (*files, report))


def _formats(text: str) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(text.replace("/", ",").replace(" ", ",").split(",")))
    for name in wanted:
        if name not in FORMATS:
            raise SpineRootError(f"'{name}' is no surface format ({', '.join(FORMATS)})")
    return wanted


def _lines(model: Model, folder: Path) -> tuple[str, ...]:
    triangles = sum(len(surface.triangles) for surface in model.parts.values())
    return (f"sub-{model.subject}: {len(model.parts)} surfaces, {triangles} triangles in {folder}",)


COMMAND = Command("model", _add_arguments, _run)
