"""``spineroot mesh``: the regions of a model as one labelled surface and as tetrahedra, for solvers."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from SpineRootLib.anatomy import CORD
from SpineRootLib.annotation_files import subject_folder
from SpineRootLib.atomic import all_or_none
from SpineRootLib.commands.base import (
    Command,
    Summary,
    add_ciss,
    add_formats,
    add_subject,
    argument,
    chosen_formats,
    number_above_zero,
)
from SpineRootLib.commands.model import add_settings, model_settings, read_to_build
from SpineRootLib.commands.surroundings import add_surroundings, surroundings_settings
from SpineRootLib.dataset_description import describe_results, images_dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.progress import part
from SpineRootLib.surfaces import Model, build_model
from SpineRootLib.surfaces.files import write_regions_table
from SpineRootLib.surfaces.made_files import remove_outdated
from SpineRootLib.surfaces.solids import import_manifold
from SpineRootLib.volume.contact_files import write_contacts
from SpineRootLib.volume.labelled_surface import LabelledSurface, welded
from SpineRootLib.volume.mesh_report import KIND, MESH_TITLE, write_mesh_report
from SpineRootLib.volume.netgen_mesher import fill, require_netgen
from SpineRootLib.volume.settings import MeshingSettings
from SpineRootLib.volume.tetrahedra import TetrahedralMesh
from SpineRootLib.volume.volume_files import MESH_FORMATS, check_writers, write_labelled_surface, write_tetrahedra

NETGEN, NONE = "netgen", "none"
# what part of the time building the surfaces takes; by eye
_SURFACES = 0.2


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    default = MeshingSettings()
    parser.add_argument("markers", type=Path, metavar="MARKERS", help="folder that holds sub-*/ with markups")
    add_subject(parser)
    add_ciss(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the mesh")
    parser.add_argument(
        "--mesher", choices=(NETGEN, NONE), default=NETGEN, help="none: the welded surfaces alone (default: netgen)"
    )
    add_formats(parser, MESH_FORMATS, ["vtu", "msh41"], "the tetrahedra")
    parser.add_argument(
        "--longest",
        type=argument(number_above_zero),
        default=default.longest_mm,
        metavar="MM",
        help=f"the longest edge inside of regions (default: {default.longest_mm:g})",
    )
    add_surroundings(parser)
    add_settings(parser)


def _run(options: argparse.Namespace) -> Summary:
    formats, settings = chosen_formats(options, MESH_FORMATS, "mesh"), model_settings(options, conforming=True)
    check_writers(formats)
    settings = replace(settings, surroundings=surroundings_settings(options))
    import_manifold("the conforming set")
    if options.mesher == NETGEN:
        require_netgen()
    annotation, image = read_to_build(options)
    if not annotation.contours[CORD]:
        raise SpineRootError(
            f"sub-{annotation.subject} has no contour of the cord, without which there is no model to solve"
        )
    progress = options.progress
    model = build_model(annotation, settings, part(progress, 0.0, _SURFACES), image)
    surface = welded(model.regions)
    mesh: TetrahedralMesh | None = None
    if options.mesher == NETGEN:
        meshing = replace(MeshingSettings(), longest_mm=options.longest, workers=os.cpu_count() or 1)
        mesh = fill(surface, meshing, progress=part(progress, _SURFACES, 1.0))
    files = _write(options, model, surface, mesh, formats)
    lines = [f"sub-{model.subject}: {len(surface.names)} regions, {len(surface.triangles)} triangles between them"]
    lines += [f"{finding.severity}: {finding.message}" for finding in model.findings]
    lines += [_quality_line(mesh)] if mesh is not None else []
    values = {"subject": model.subject, "mesh": None if mesh is None else mesh.quality()}
    return Summary((*lines, f"written to {options.out}"), values, tuple(files))


def _write(
    options: argparse.Namespace,
    model: Model,
    surface: LabelledSurface,
    mesh: TetrahedralMesh | None,
    formats: tuple[str, ...],
) -> list[Path]:
    """Write all files, or none; what an earlier run made and this one did not is removed."""
    markers, inputs = subject_folder(options.markers, model.subject), [options.ciss] if options.ciss else []
    inputs += [path for path in markers.iterdir() if path.suffix == ".json" and path.is_file()]
    with all_or_none(options.out) as half:
        files = [*write_labelled_surface(surface, half, model.subject), *write_regions_table(model, half)]
        files += write_contacts(model, half)
        if mesh is not None:
            files += write_tetrahedra(mesh, half, model.subject, formats)
        further: dict[str, Any] = {
            key: model.report[key] for key in ("findings", "surroundings") if key in model.report
        }
        files.append(write_mesh_report(surface, mesh, model.subject, half, files, inputs, further))
        files = [options.out / path.name for path in files]
        remove_outdated(options.out, model.subject, files, KIND)
    images = None if options.ciss is None else images_dataset(options.ciss)
    return [*files, describe_results(options.out, model.subject, MESH_TITLE, [options.markers], images)]


def _quality_line(mesh: TetrahedralMesh) -> str:
    quality = mesh.quality()
    count, angle, flat = (quality[key] for key in ("tetrahedra", "min_dihedral_deg", "below_1_deg"))
    warning = f"; warning: {flat} below 1 degree" if flat else ""
    return f"{count} tetrahedra, the smallest angle between faces {angle:.2f} degrees{warning}"


COMMAND = Command("mesh", _add_arguments, _run)
