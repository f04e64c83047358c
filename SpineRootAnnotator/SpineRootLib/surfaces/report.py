"""What is said of a model: `sub-XX_model.json`."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from SpineRootLib import __version__
from SpineRootLib.anatomy import CORD, CSF, DURA, ROOTS
from SpineRootLib.atomic import write_text
from SpineRootLib.frames import Points
from SpineRootLib.images import sha256
from SpineRootLib.surfaces.interface_cleaning import quality
from SpineRootLib.surfaces.made_files import checksums, made_earlier, remove_outdated, report_path
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.surfaces.model import Model
from SpineRootLib.surfaces.modelled import modelled_percent
from SpineRootLib.surfaces.proximity import Proximity, gap

MODEL_TITLE = "Surfaces of dura, cord and nerve roots"
_LIBRARIES = ("numpy", "scipy", "vtk", "manifold3d")
# Farther apart than this, a clearance says nothing about touching.
_FAR_MM = 5.0


def write_report(
    model: Model, folder: Path, files: Sequence[Path], inputs: Iterable[Path], partial: bool = False
) -> Path:
    """Write ``sub-XX_model.json``, and remove what an earlier run made and this one did not; the path is returned.

    Parameters
    ----------
    files : everything that was written of the model.
    partial : whether it is only some of the model, so that what was made earlier stays.
    """
    kept = made_earlier(folder, model.subject) if partial else {}
    if not partial:
        remove_outdated(folder, model.subject, files)
    document = {
        "subject": model.subject,
        "software": software(),
        "inputs": [{"file": path.name, "sha256": sha256(path)} for path in sorted(inputs)],
        "surfaces": surfaces_report(model, files),
        "regions": regions_report(model, files),
        "files": {**kept, **checksums(folder, files)},
        **{key: value for key, value in model.report.items() if key != "labels"},
    }
    return write_text(report_path(folder, model.subject), json.dumps(document, indent=2, allow_nan=False) + "\n")


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
    written = _Written(model.subject, files)
    return {
        name: {**written.describe(name, surface), "min_clearance_mm": apart.get(name, {})}
        for name, surface in model.parts.items()
    }


def regions_report(model: Model, files: Sequence[Path]) -> dict[str, Any]:
    """Per region of a conforming set its label, files, size and topology."""
    written = _Written(model.subject, files)
    return {
        name: {
            "label": model.report["labels"][name],
            "modelled_percent": round(modelled_percent(model, name), 1),
            **written.describe(f"region-{name}", surface),
        }
        for name, surface in model.regions.items()
    }


@dataclass(frozen=True)
class _Written:
    """The files of a model."""

    subject: str
    files: Sequence[Path]

    def describe(self, name: str, surface: Surface) -> dict[str, Any]:
        """What is said of every surface."""
        files = [path.name for path in self.files if path.stem == f"sub-{self.subject}_{name}"]
        return {
            "file": files[0] if files else None,
            "files": files,
            "vertices": len(surface.vertices),
            "triangles": len(surface.triangles),
            "volume_mm3": round(surface.volume(), 4),
            "area_mm2": round(surface.area(), 4),
            "watertight": surface.is_watertight(),
            "components": surface.components(),
            **quality(surface),
        }


def clearances(model: Model) -> dict[str, dict[str, float]]:
    """Smallest distance between each two surfaces nearer than 5 mm to each other, mm; 0 where they meet.

    Of a root against the cord and the dura, what lies within 4 mm of its emergence and of its exit does not count. The
    fluid touches everything and is left out.
    """
    parts = {name: surface for name, surface in model.parts.items() if name != CSF}
    near = {name: Proximity(surface) for name, surface in parts.items()}
    found: dict[str, dict[str, float]] = {name: {} for name in parts}
    for one, other in combinations(parts, 2):
        if _box_gap(parts[one], parts[other]) <= _FAR_MM:
            apart = gap(near[one], near[other], _declared(model, one, other))
            if apart <= _FAR_MM:
                found[one][other] = found[other][one] = round(apart, 4)
    return found


def _declared(model: Model, wall: str, root: str) -> Points | None:
    """Where a root may touch a wall: its emergence from the cord, its exit from the dura."""
    kind = {CORD: "emergence", DURA: "exit"}.get(wall)
    place = model.report.get("roots", {}).get(root.removeprefix(f"{ROOTS}_"), {}).get(kind)
    return None if place is None else np.array([place["position_ras"]])


def _box_gap(one: Surface, other: Surface) -> float:
    above = one.vertices.min(axis=0) - other.vertices.max(axis=0)
    below = other.vertices.min(axis=0) - one.vertices.max(axis=0)
    return float(np.linalg.norm(np.maximum(np.maximum(above, below), 0)))
