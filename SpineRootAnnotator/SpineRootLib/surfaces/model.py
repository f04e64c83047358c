"""From one annotation to the surfaces of a subject."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from SpineRootLib.anatomy import CORD, CSF, DURA, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.errors import GeometryError, MissingExtraError
from SpineRootLib.findings import Finding
from SpineRootLib.frames import Points
from SpineRootLib.progress import Progress, report
from SpineRootLib.surfaces.csf import difference
from SpineRootLib.surfaces.loft import Wall
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.surfaces.roots import conflicts_report, root_part, root_report, root_tubes
from SpineRootLib.surfaces.settings import ModelSettings
from SpineRootLib.surfaces.walls import WallBuilder


@dataclass
class Model:
    """The surfaces of a subject.

    Parameters
    ----------
    parts : by name, ``dura``, ``cord``, ``csf``, ``nerveroots_L1_L`` ..., the surfaces.
    centrelines : by root, (n, 3) RAS mm from the cord to the ganglion.
    report : what ``sub-XX_model.json`` says, but for the files.
    """

    subject: str
    parts: dict[str, Surface] = field(default_factory=dict)
    centrelines: dict[Root, Points] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    walls: dict[str, Wall] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def build_model(
    annotation: Annotation, settings: ModelSettings | None = None, progress: Progress | None = None
) -> Model:
    """Surfaces of what is annotated.

    Raises
    ------
    GeometryError
        if the slices are not known, or the annotation has neither contours nor roots.
    Cancelled
        if the progress callback asks to stop.
    """
    settings = settings or ModelSettings()
    model = Model(annotation.subject)
    seconds: dict[str, float] = {}
    stages = (("walls", _walls), ("roots", _roots), ("csf", _csf))
    for index, (name, stage) in enumerate(stages):
        report(progress, index / len(stages), name)
        start = time.perf_counter()
        stage(model, annotation, settings)
        seconds[name] = time.perf_counter() - start
    if not model.parts:
        raise GeometryError(f"sub-{annotation.subject} has nothing to build a surface from")
    model.report["findings"] = [_told(finding) for finding in model.findings]
    model.report["seconds"] = seconds
    report(progress, 1.0, "model")
    return model


def _told(finding: Finding) -> dict[str, Any]:
    root = None if finding.root is None else str(finding.root)
    return {
        "severity": str(finding.severity),
        "message": finding.message,
        "structure": finding.structure,
        "root": root,
        "slice": finding.slice,
    }


def _walls(model: Model, annotation: Annotation, settings: ModelSettings) -> None:
    model.walls = WallBuilder(annotation, settings, model.findings).build()
    model.parts.update({name: each.surface for name, each in model.walls.items()})


def _roots(model: Model, annotation: Annotation, settings: ModelSettings) -> None:
    tubes, clearing = root_tubes(annotation, model.walls.get(CORD), model.walls.get(DURA), settings)
    for item in tubes:
        model.centrelines[item.root] = item.nodes
        model.parts[root_part(item.root)] = item.surface
    model.report["roots"] = root_report(tubes, annotation.require_planes())
    model.report["conflicts"] = conflicts_report(clearing, tubes, annotation.require_planes())


def _csf(model: Model, _annotation: Annotation, settings: ModelSettings) -> None:
    if not settings.csf or DURA not in model.parts:
        return
    others = [surface for name, surface in model.parts.items() if name != DURA]
    try:
        model.parts[CSF] = difference(model.walls[DURA].closed, others)
    except MissingExtraError as error:
        model.report["missing"] = [str(error)]
