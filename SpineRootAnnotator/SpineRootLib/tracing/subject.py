"""A whole subject from a sparse annotation: what a person confirmed, completed by proposals."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, ROOTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.errors import GeometryError
from SpineRootLib.frames import Points
from SpineRootLib.naming import MarkupsName
from SpineRootLib.place import Place
from SpineRootLib.progress import Progress, part, report
from SpineRootLib.provenance import Provenance
from SpineRootLib.tracing.proposals import ContourProposal, PointProposal
from SpineRootLib.tracing.tracer import Tracer

# Flags of the sidecar: not confirmed by a person, and not to be trusted.
PROPOSED, UNCERTAIN = "proposed", "uncertain"
_PROGRESS_OF = {"dura": (0.0, 0.3), "cord": (0.3, 0.55), ROOTS: (0.55, 1.0)}


@dataclass
class TracedSubject:
    """A completed annotation.

    Parameters
    ----------
    annotation : confirmed and proposed together; in its provenance proposals are flagged.
    accepted : number of proposals by structure.
    uncertain : how many of them are below the confidence at which a person should look.
    notes : what could not be proposed and why, sentences.
    """

    annotation: Annotation
    accepted: dict[str, int] = field(default_factory=dict)
    uncertain: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def confirmed_part(annotation: Annotation) -> Annotation:
    """The annotation without what an earlier run proposed and nobody has confirmed."""
    planes = annotation.require_planes()
    provenance = annotation.provenance
    kept = replace(annotation, contours={}, roots={}, provenance=provenance.copy())
    for structure in CONTOUR_STRUCTURES:
        kept.contours[structure] = [
            contour
            for number, contour in annotation.contours_by_slice(structure).items()
            if not _is_proposed(provenance, Place(structure, slice=number))
        ]
    for root, points in annotation.roots.items():
        own = [not _is_proposed(provenance, Place(ROOTS, root, int(number))) for number in planes.number(points)]
        if any(own):
            kept.roots[root] = points[np.array(own)]
    _forget_proposed(kept.provenance)
    return kept


def trace_subject(tracer: Tracer, annotation: Annotation, progress: Progress | None = None) -> TracedSubject:
    """Complete a sparse annotation; nothing confirmed is changed.

    Parameters
    ----------
    annotation : points and contours that a person confirmed; proposals of an earlier run are made anew.

    Raises
    ------
    GeometryError
        if the annotation does not belong to the tracer's image.
    Cancelled
        if `progress` asks to stop.
    """
    confirmed = confirmed_part(annotation)
    fault = tracer.misfit(confirmed)
    if fault:
        raise GeometryError(f"nothing is proposed for sub-{annotation.subject}: {fault}")
    result = TracedSubject(replace(confirmed, contours=dict(confirmed.contours), roots=dict(confirmed.roots)))
    result.annotation.provenance = confirmed.provenance.copy()
    found: dict[str, dict[int, ContourProposal]] = {}
    for structure in CONTOUR_STRUCTURES:
        found[structure] = {}
        for proposal in tracer.propose_contours(
            structure, confirmed, progress=part(progress, *_PROGRESS_OF[structure])
        ):
            if proposal.points is not None and proposal.slice is not None:
                found[structure][proposal.slice] = proposal
            elif proposal.slice is None:
                result.notes.append(f"no {structure}: {proposal.reason}")
    proposals = tracer.propose_roots(confirmed, surroundings=found, progress=part(progress, *_PROGRESS_OF[ROOTS]))
    for structure, each in found.items():
        for number, proposal in each.items():
            _add(result, structure, proposal, number)
    for points in proposals.values():
        for point in points:
            _add(result, ROOTS, point, point.slice)
    report(progress, 1.0, "Traced")
    return result


def _add(result: TracedSubject, structure: str, proposal: PointProposal | ContourProposal, number: int | None) -> None:
    annotation = result.annotation
    root = proposal.root if isinstance(proposal, PointProposal) else None
    where: Points | None = proposal.position if isinstance(proposal, PointProposal) else proposal.points
    if where is None or number is None:
        result.notes.append(f"no {root or structure}: {proposal.reason}")
        return
    if root is not None:
        annotation.set_root_point(root, number, where)
    else:
        annotation.set_contour(structure, number, where)
    doubtful = proposal.confidence < 0.5
    result.accepted[structure] = result.accepted.get(structure, 0) + 1
    result.uncertain[structure] = result.uncertain.get(structure, 0) + doubtful
    key = MarkupsName(annotation.subject, structure, None if root else number, root).key
    record = annotation.provenance.structure(key)
    record["Proposed"] = record.get("Proposed", 0) + 1
    record.setdefault("Points", {})[str(number)] = {
        "Flags": [PROPOSED, UNCERTAIN] if doubtful else [PROPOSED],
        "Confidence": round(proposal.confidence, 3),
        **({"Remark": proposal.reason} if proposal.reason else {}),
    }


def _is_proposed(provenance: Provenance, place: Place) -> bool:
    return PROPOSED in provenance.at(place).get("Flags", [])


def _forget_proposed(provenance: Provenance) -> None:
    records = provenance.document.get("Structures", {})
    for key, record in list(records.items()):
        for number, point in _points_of(record):
            if PROPOSED in point.get("Flags", []):
                del record["Points"][number]
        if "Proposed" in record:
            del record["Proposed"]
            if not record.get("Points"):
                record.pop("Points", None)
        if not record:
            del records[key]


def _points_of(record: dict[str, object]) -> Iterator[tuple[str, dict[str, list[str]]]]:
    points = copy.copy(record.get("Points", {}))
    yield from points.items() if isinstance(points, dict) else ()
