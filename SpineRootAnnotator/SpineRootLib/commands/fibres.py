"""``spineroot fibres``: a fibre in each root, for models of what a field excites."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from SpineRootLib.atomic import all_or_none
from SpineRootLib.commands.base import (
    Command,
    Summary,
    add_ciss,
    add_subject,
    argument,
    number_above_zero,
)
from SpineRootLib.commands.model import add_settings, model_settings, read_to_build
from SpineRootLib.dataset_description import describe_results, images_dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.fibres import FibreSettings, fibres_of
from SpineRootLib.fibres.fibre_files import FIBRES_TITLE, write_fibres
from SpineRootLib.fibres.hdf5_files import import_h5py, write_hdf5
from SpineRootLib.surfaces import build_model

# finer than this files get huge, coarser than this a curve is none: a slip of the unit
_STEPS_MM = (0.01, 5.0)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    default = FibreSettings()
    parser.add_argument("markers", type=Path, metavar="MARKERS", help="folder that holds sub-*/ with markups")
    add_subject(parser)
    add_ciss(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the fibres")
    parser.add_argument(
        "--step",
        type=argument(_step),
        default=default.step_mm,
        metavar="MM",
        help=f"from point to point (default: {default.step_mm:g})",
    )
    parser.add_argument(
        "--intraspinal",
        type=argument(number_above_zero),
        default=default.intraspinal_mm,
        metavar="MM",
        help="carry fibres on into the cord and up in it, modelled (default: not at all)",
    )
    parser.add_argument("--hdf5", action="store_true", help="also as OSS-DBS reads pathways (RAS mm)")
    add_settings(parser)


def _step(text: str) -> float:
    step = number_above_zero(text)
    if not _STEPS_MM[0] <= step <= _STEPS_MM[1]:
        raise SpineRootError(f"steps of {text} mm make no sense: from {_STEPS_MM[0]:g} to {_STEPS_MM[1]:g}")
    return step


def _run(options: argparse.Namespace) -> Summary:
    settings = replace(model_settings(options, conforming=False), csf=False)
    if options.hdf5:
        import_h5py()
    annotation, image = read_to_build(options)
    model = build_model(annotation, settings, options.progress, image)
    fibres = fibres_of(model, FibreSettings(step_mm=options.step, intraspinal_mm=options.intraspinal))
    with all_or_none(options.out) as half:
        written = write_fibres(fibres, half, model.subject)
        if options.hdf5:
            written.append(write_hdf5(fibres, half, model.subject))
        files = [options.out / path.name for path in written]
    images = None if options.ciss is None else images_dataset(options.ciss)
    files.append(describe_results(options.out, model.subject, FIBRES_TITLE, [options.markers], images))
    lines = [f"sub-{model.subject}: a fibre in each of {len(fibres)} roots"]
    lines += [f"{finding.severity}: {finding.message}" for finding in model.findings]
    lengths = {str(fibre.root): round(float(fibre.along[-1]), 2) for fibre in fibres}
    values = {"subject": model.subject, "length_mm": lengths}
    return Summary((*lines, f"written to {options.out}"), values, tuple(files))


COMMAND = Command("fibres", _add_arguments, _run)
