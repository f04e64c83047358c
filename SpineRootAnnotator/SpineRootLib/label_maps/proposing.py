"""What label maps show, put into an annotation as proposals: nothing that a person marked is touched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, ROOTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.frames import Points
from SpineRootLib.label_maps.label_map_file import LabelMapFile
from SpineRootLib.label_maps.label_tables import listing
from SpineRootLib.label_maps.reading import ReadMarks
from SpineRootLib.place import Place
from SpineRootLib.provenance import PROPOSED
from SpineRootLib.translation import _

_LABEL_MAPS = "LabelMaps"


@dataclass
class Proposed:
    """What was put into an annotation.

    Parameters
    ----------
    counts : proposals by structure.
    kept : places in which a person's mark was left as it was.
    notes : sentences on what was left out.
    """

    counts: dict[str, int] = field(default_factory=dict)
    kept: int = 0
    notes: list[str] = field(default_factory=list)


def marks_by_place(annotation: Annotation, read: ReadMarks) -> Iterator[tuple[Place, Points]]:
    """Every place that label maps show something in, and the points for it, (n, 3) RAS mm."""
    planes = annotation.require_planes()
    for structure in CONTOUR_STRUCTURES:
        for number, points in read.contours.get(structure, {}).items():
            yield Place(structure, slice=number), points
    for root, points in sorted(read.roots.items()):
        for number, point in zip(planes.number(points).tolist(), points, strict=True):
            yield Place(ROOTS, root, number), point.reshape(1, 3)
    for root, point in sorted(read.ganglia.items()):
        yield Place(GANGLIA, root), point.reshape(1, 3)


def propose(annotation: Annotation, read: ReadMarks, maps: Sequence[LabelMapFile]) -> Proposed:
    """Put what label maps show into an annotation, flagged as proposed, wherever nothing is marked.

    Parameters
    ----------
    annotation : without proposals of an earlier run (`confirmed_part`).
    """
    result = Proposed()
    for place, points in list(unmarked_places(annotation, read, result)):
        _put(annotation, place, points)
        _record(annotation, place, record_of(read, place, points))
    keep_sources(annotation, maps)
    return result


def unmarked_places(annotation: Annotation, read: ReadMarks, result: Proposed) -> Iterator[tuple[Place, Points]]:
    """The places of `marks_by_place` in which nothing is marked; what came of all of them is put into a result.

    Parameters
    ----------
    annotation : what a person confirmed.
    """
    marked = set(_marked(annotation))
    levels = {place.root.segment for place in read.sources if place.root is not None} - set(annotation.segments)
    result.notes += read.notes
    if levels:
        text = _("{levels} are not among the levels that are annotated: they are left out")
        result.notes.append(text.format(levels=listing(sorted(levels))))
    for place, points in marks_by_place(annotation, read):
        if place.root is not None and place.root.segment in levels:
            continue
        if place in marked:
            result.kept += 1
            continue
        result.counts[place.structure] = result.counts.get(place.structure, 0) + 1
        yield place, points


def record_of(read: ReadMarks, place: Place, points: Points) -> dict[str, Any]:
    """What the sidecar says of a place that is proposed by a label map: which, and how sure its model is."""
    sure = read.confidence(place, points)
    told = {} if sure is None else {"Confidence": sure}
    return {"Flags": [PROPOSED], "LabelMap": read.sources[place.without_slice], **told}


def keep_sources(annotation: Annotation, maps: Sequence[LabelMapFile]) -> None:
    """Keep in the sidecar which label maps were read; one that was read before is told once."""
    kept = annotation.provenance.document.get(_LABEL_MAPS)
    records = [each for each in kept if isinstance(each, dict)] if isinstance(kept, list) else []
    names = {each.name for each in maps}
    others = [each for each in records if each.get("File") not in names]
    annotation.provenance.document[_LABEL_MAPS] = [*others, *(each.record for each in maps)]


def _marked(annotation: Annotation) -> Iterator[Place]:
    planes = annotation.require_planes()
    for structure in CONTOUR_STRUCTURES:
        yield from (Place(structure, slice=number) for number in annotation.contours_by_slice(structure))
    for root, points in annotation.roots.items():
        yield from (Place(ROOTS, root, int(number)) for number in np.unique(planes.number(points)))
    yield from (Place(GANGLIA, root) for root in annotation.ganglia)


def _put(annotation: Annotation, place: Place, points: Points) -> None:
    if place.structure == GANGLIA:
        assert place.root is not None
        annotation.set_ganglion(place.root, points)
    elif place.root is not None:
        assert place.slice is not None
        annotation.set_root_point(place.root, place.slice, points)
    else:
        assert place.slice is not None
        annotation.set_contour(place.structure, place.slice, points)


def _record(annotation: Annotation, place: Place, at_place: dict[str, Any]) -> None:
    record = annotation.provenance.structure(place.key)
    record["Proposed"] = record.get("Proposed", 0) + 1
    annotation.provenance.set_at(place, at_place)
