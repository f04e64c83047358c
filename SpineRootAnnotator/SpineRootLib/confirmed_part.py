"""What a person confirmed of an annotation: all of it but what a program put into its files as proposals."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from SpineRootLib.anatomy import GANGLIA, ROOTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.place import Place
from SpineRootLib.provenance import PROPOSED, Provenance

# The sidecar's record of why nothing is proposed on a slice, by slice.
OMITTED = "Omitted"


def confirmed_part(annotation: Annotation) -> Annotation:
    """The annotation without what a program proposed and nobody has confirmed.

    Raises
    ------
    GeometryError
        if contours or roots are marked, and nothing tells the slices.
    """
    provenance = annotation.provenance
    kept = replace(annotation, contours={}, roots={}, ganglia={}, provenance=provenance.copy())
    for structure, contours in annotation.contours.items():
        kept.contours[structure] = [
            contour
            for number, contour in (annotation.contours_by_slice(structure) if contours else {}).items()
            if not provenance.is_proposed(Place(structure, slice=number))
        ]
    for root, points in annotation.roots.items():
        numbers = annotation.require_planes().number(points)
        own = [not provenance.is_proposed(Place(ROOTS, root, int(number))) for number in numbers]
        if any(own):
            kept.roots[root] = points[np.array(own)]
    for root, point in annotation.ganglia.items():
        if not provenance.is_proposed(Place(GANGLIA, root)):
            kept.ganglia[root] = point
    _forget_proposed(kept.provenance)
    return kept


def _forget_proposed(provenance: Provenance) -> None:
    records = provenance.document.get("Structures", {})
    for key, record in list(records.items()):
        for number, point in _points_of(record):
            if PROPOSED in point.get("Flags", []):
                del record["Points"][number]
        record.pop(OMITTED, None)
        if "Proposed" in record:
            del record["Proposed"]
            if not record.get("Points"):
                record.pop("Points", None)
        if not record:
            del records[key]


def _points_of(record: dict[str, object]) -> Iterator[tuple[str, dict[str, list[str]]]]:
    points = copy.copy(record.get("Points", {}))
    yield from points.items() if isinstance(points, dict) else ()
