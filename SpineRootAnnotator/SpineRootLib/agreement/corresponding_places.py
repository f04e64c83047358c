"""What annotators may both have marked, and so can be compared, settled and averaged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, ROOTS, all_roots
from SpineRootLib.annotation import Annotation
from SpineRootLib.frames import Points
from SpineRootLib.place import Place

# Every marked place with its points, (n, 3) RAS mm: one point of a root or a ganglion, a contour's control points.
Marks = dict[Place, Points]


def marks_of(annotation: Annotation) -> Marks:
    """What is marked, place by place; several points of a root on one slice give their mean."""
    return dict(_marks(annotation))


def all_structures(segments: Sequence[str]) -> tuple[Place, ...]:
    """All structures of a complete annotation in the order of the tables."""
    roots = all_roots(segments)
    pointed = [Place(structure, root) for structure in (ROOTS, GANGLIA) for root in roots]
    return (*pointed, *(Place(structure) for structure in CONTOUR_STRUCTURES))


def _marks(annotation: Annotation) -> Iterator[tuple[Place, Points]]:
    for root in annotation.roots:
        for number, point in annotation.root_by_slice(root).items():
            yield Place(ROOTS, root, number), point.reshape(1, 3)
    for root, point in annotation.ganglia.items():
        yield Place(GANGLIA, root), point.reshape(1, 3)
    for structure in CONTOUR_STRUCTURES:
        if annotation.contours[structure]:
            for number, contour in annotation.contours_by_slice(structure).items():
                yield Place(structure, None, number), contour.points
