"""What is said of a model: `sub-XX_model.json`."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from SpineRootLib import __version__
from SpineRootLib.anatomy import CSF
from SpineRootLib.atomic import write_text
from SpineRootLib.images import sha256
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.surfaces.model import Model
from SpineRootLib.surfaces.proximity import Proximity, gap

_LIBRARIES = ("numpy", "scipy", "vtk", "manifold3d")
# Farther apart than this, a clearance says nothing about touching: the bound from the boxes is given up.
_FAR_MM = 5.0


def write_report(model: Model, folder: Path, files: Iterable[Path], inputs: Iterable[Path]) -> Path:
    """Write ``sub-XX_model.json``; the path is returned."""
    document = {
        "subject": model.subject,
        "software": software(),
        "inputs": [{"file": path.name, "sha256": sha256(path)} for path in sorted(inputs)],
        "surfaces": surfaces_report(model, list(files)),
        **model.report,
    }
    path = folder / f"sub-{model.subject}_model.json"
    return write_text(path, json.dumps(document, indent=2, allow_nan=False) + "\n")


def software() -> dict[str, str]:
    """Names and versions of what made the model."""
    versions = {"spineroot": __version__, "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return versions


def surfaces_report(model: Model, files: Sequence[Path]) -> dict[str, Any]:
    """Per surface its files, size, topology and clearances."""
    apart = clearances(model)
    return {
        name: {
            "files": [path.name for path in files if path.stem == f"sub-{model.subject}_{name}"],
            "vertices": len(surface.vertices),
            "triangles": len(surface.triangles),
            "volume_mm3": round(surface.volume(), 4),
            "area_mm2": round(surface.area(), 4),
            "watertight": surface.is_watertight(),
            "components": surface.components(),
            "clearance_mm": apart.get(name, {}),
        }
        for name, surface in model.parts.items()
    }


def clearances(model: Model) -> dict[str, dict[str, float]]:
    """Smallest distance between each two surfaces nearer than 5 mm to each other, mm; the CSF touches all of them."""
    parts = {name: surface for name, surface in model.parts.items() if name != CSF}
    near = {name: Proximity(surface) for name, surface in parts.items()}
    found: dict[str, dict[str, float]] = {name: {} for name in parts}
    names = list(parts)
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            if _box_gap(parts[one], parts[other]) <= _FAR_MM:
                found[one][other] = found[other][one] = round(gap(near[one], near[other]), 4)
    return found


def _box_gap(one: Surface, other: Surface) -> float:
    above = one.vertices.min(axis=0) - other.vertices.max(axis=0)
    below = other.vertices.min(axis=0) - one.vertices.max(axis=0)
    return float(np.linalg.norm(np.maximum(np.maximum(above, below), 0)))
