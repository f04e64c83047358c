"""What ``sub-XX_mesh.json`` says of a labelled surface and of the tetrahedra in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from SpineRootLib.atomic import write_text
from SpineRootLib.images import sha256
from SpineRootLib.surfaces.interface_cleaning import quality
from SpineRootLib.surfaces.made_files import checksums, report_path
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.surfaces.report import software
from SpineRootLib.volume.labelled_surface import LabelledSurface
from SpineRootLib.volume.tetrahedra import TetrahedralMesh

KIND, MESH_TITLE = "mesh", "Labelled volume meshes"
_LIBRARIES = ("netgen-mesher", "meshio")


def write_mesh_report(
    surface: LabelledSurface,
    mesh: TetrahedralMesh | None,
    subject: str,
    folder: Path,
    files: Sequence[Path],
    inputs: Iterable[Path],
    further: dict[str, Any],
) -> Path:
    """Write ``sub-XX_mesh.json``; the path.

    Parameters
    ----------
    files : everything that was written.
    further : what else is said, by key.
    """
    document = {
        "subject": subject,
        "software": {**software(), **_versions()},
        "inputs": [{"file": path.name, "sha256": sha256(path)} for path in sorted(inputs)],
        "surface": {
            "vertices": len(surface.vertices),
            "triangles": len(surface.triangles),
            **quality(Surface(surface.vertices, surface.triangles)),
        },
        "mesh": None if mesh is None else mesh.quality(),
        "regions": regions_of(surface, mesh),
        **further,
        "files": checksums(folder, files),
    }
    text = json.dumps(document, indent=2, allow_nan=False) + "\n"
    return write_text(report_path(folder, subject, KIND), text)


def regions_of(surface: LabelledSurface, mesh: TetrahedralMesh | None) -> dict[str, dict[str, Any]]:
    """By name the number of a region, its volume within its surface, and what of that is filled."""
    volumes = None if mesh is None else mesh.volumes()
    found = {}
    for number, name in sorted(surface.names.items()):
        said: dict[str, Any] = {"label": number, "volume_mm3": round(surface.region(number).volume(), 4)}
        if mesh is not None and volumes is not None:
            own = mesh.region == number
            said |= {"tetrahedra": int(own.sum()), "filled_mm3": round(float(volumes[own].sum()), 4)}
        found[name] = said
    return found


def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found
