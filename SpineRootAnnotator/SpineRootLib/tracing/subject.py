"""A whole subject from a sparse annotation: what a person confirmed, completed by proposals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, ROOTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.confirmed_part import OMITTED, confirmed_part
from SpineRootLib.errors import GeometryError
from SpineRootLib.frames import Points
from SpineRootLib.naming import MarkupsName
from SpineRootLib.progress import Progress, part, report
from SpineRootLib.provenance import PROPOSED
from SpineRootLib.tables import Meaning
from SpineRootLib.tracing.proposals import ContourProposal, PointProposal
from SpineRootLib.tracing.tracer import Tracer

# A flag of the sidecar: not to be trusted.
UNCERTAIN = "uncertain"
_PROGRESS_OF = {"dura": (0.0, 0.3), "cord": (0.3, 0.55), ROOTS: (0.55, 1.0)}


@dataclass(frozen=True)
class Omission:
    """What could not be proposed: a root or structure, the slice (None for all), and why, a sentence."""

    what: str
    slice: int | None
    reason: str


@dataclass
class TracedSubject:
    """A completed annotation.

    Parameters
    ----------
    annotation : confirmed and proposed together; in its provenance proposals are flagged.
    accepted : number of proposals by structure.
    uncertain : how many of them are below the confidence at which a person should look.
    unseen : how many of them rest on what is confirmed about them, for nothing is seen there.
    omitted : slices without a proposal, with the reason.
    notes : the same in sentences.
    rows : the table's rows of what is proposed.
    """

    annotation: Annotation
    accepted: dict[str, int] = field(default_factory=dict)
    uncertain: dict[str, int] = field(default_factory=dict)
    unseen: dict[str, int] = field(default_factory=dict)
    omitted: list[Omission] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rows: list[dict[str, object]] = field(default_factory=list)


# The columns of the table of a run: what is proposed or not on each slice.
COLUMNS: dict[str, Meaning] = {
    "structure": ("dura, cord, or the root as L1_L", None),
    "slice": ("CISS slice from the head down, from 1", None),
    "proposed": ("Whether something is proposed here: yes or no", None),
    "confidence": ("Probability that it is right, 0 to 1", None),
    "deviation_mm": ("Expected distance from the truth", "mm"),
    "seen": ("Whether the image shows it here, or it follows from what is marked about it", None),
    "reason": ("Why nothing is proposed, or why it is to be looked at", None),
}


def table_rows(result: TracedSubject) -> list[dict[str, object]]:
    """A row for every slice of a structure that was proposed, and for every one that was not, with its reason."""
    lacking: list[dict[str, object]] = [
        {"structure": each.what, "slice": each.slice, "proposed": "no", "reason": each.reason}
        for each in result.omitted
    ]
    return [*result.rows, *lacking]


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
        steps = part(progress, *_PROGRESS_OF[structure])
        for proposal in tracer.propose_contours(structure, confirmed, progress=steps):
            _add(result, structure, proposal)
            if proposal.points is not None and proposal.slice is not None:
                found[structure][proposal.slice] = proposal
    steps = part(progress, *_PROGRESS_OF[ROOTS])
    for points in tracer.propose_roots(confirmed, onward=True, surroundings=found, progress=steps).values():
        for point in points:
            _add(result, ROOTS, point)
    result.notes += _notes(result.omitted)
    report(progress, 1.0, "Traced")
    return result


def _add(result: TracedSubject, structure: str, proposal: PointProposal | ContourProposal) -> None:
    annotation, number = result.annotation, proposal.slice
    root = proposal.root if isinstance(proposal, PointProposal) else None
    where: Points | None = proposal.position if isinstance(proposal, PointProposal) else proposal.points
    if where is None or number is None:
        result.omitted.append(Omission(str(root or structure), number, proposal.reason))
        if number is not None:
            key = MarkupsName(annotation.subject, structure, None if root else number, root).key
            annotation.provenance.structure(key).setdefault(OMITTED, {})[str(number)] = proposal.reason
        return
    if root is not None:
        annotation.set_root_point(root, number, where)
    else:
        annotation.set_contour(structure, number, where)
    doubtful = proposal.confidence < 0.5
    result.rows.append(
        {
            "structure": str(root or structure),
            "slice": number,
            "proposed": "yes",
            "confidence": round(proposal.confidence, 3),
            "deviation_mm": round(proposal.deviation, 3),
            "seen": "yes" if proposal.by_image else "no",
            "reason": proposal.reason,
        }
    )
    result.accepted[structure] = result.accepted.get(structure, 0) + 1
    result.uncertain[structure] = result.uncertain.get(structure, 0) + doubtful
    result.unseen[structure] = result.unseen.get(structure, 0) + (not proposal.by_image)
    key = MarkupsName(annotation.subject, structure, None if root else number, root).key
    record = annotation.provenance.structure(key)
    record["Proposed"] = record.get("Proposed", 0) + 1
    record.setdefault("Points", {})[str(number)] = {
        "Flags": [PROPOSED, UNCERTAIN] if doubtful else [PROPOSED],
        "Confidence": round(proposal.confidence, 3),
        **({"Deviation": round(proposal.deviation, 3)} if np.isfinite(proposal.deviation) else {}),
        **({"Remark": proposal.reason} if proposal.reason else {}),
    }


def _notes(omitted: Sequence[Omission]) -> list[str]:
    """One sentence for all slices of a structure that lack for the same reason."""
    slices: dict[tuple[str, str], list[int]] = {}
    for each in omitted:
        slices.setdefault((each.what, each.reason), []).extend([] if each.slice is None else [each.slice])
    return [f"no {what}{_on_slices(numbers)}: {reason}" for (what, reason), numbers in slices.items()]


def _on_slices(numbers: Sequence[int]) -> str:
    """Where, in words, from ascending slice numbers."""
    if not numbers:
        return ""
    first, last = min(numbers), max(numbers)
    if last - first + 1 == len(numbers):
        return f" on slice {first}" if first == last else f" on slices {first}-{last}"
    return f" on slices {', '.join(map(str, sorted(numbers)))}"
