"""What is drawn of an annotation: all of it in 3D, and on a slice what lies there and beside it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from SpineRootAnnotatorLib.appearance import Appearance
from SpineRootAnnotatorLib.drawing import LineDrawing
from SpineRootAnnotatorLib.palette import Palette
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import closed_curve
from SpineRootLib.frames import Points
from SpineRootLib.planes import SlicePlanes


def draw_in_space(annotation: Annotation, palette: Palette, look: Appearance) -> LineDrawing:
    """Contours as rings, roots as lines from slice to slice on to their ganglion, ganglia as crosses."""
    drawing = LineDrawing()
    for structure in CONTOUR_STRUCTURES:
        for contour in annotation.contours[structure]:
            drawing.line(contour.curve(), palette.of(structure), closed=True)
    for root in annotation.roots:
        line = annotation.root_descending(root) if annotation.planes else annotation.roots[root]
        drawing.line(line, palette.of(root))
    for root, ganglion in annotation.ganglia.items():
        for arm in np.eye(3) * look.ganglion_mm:
            drawing.line(np.stack([ganglion - arm, ganglion + arm]), palette.of(root))
    return drawing


def ring(planes: SlicePlanes, point: Points, number: int, radius_mm: float) -> Points:
    """A circle around a RAS point, (3,), on a slice; (12, 3)."""
    turns = np.arange(12) * (2 * np.pi / 12)
    circle = radius_mm * np.column_stack([np.cos(turns), np.sin(turns)])
    return planes.lift(planes.flatten(point) + circle, number)


def cross(planes: SlicePlanes, point: Points, number: int, radius_mm: float) -> Iterator[Points]:
    """The two strokes of an x around a RAS point on a slice; each (2, 3)."""
    middle = planes.flatten(point)
    for arm in (np.array([radius_mm, radius_mm]), np.array([radius_mm, -radius_mm])):
        yield planes.lift(np.vstack([middle - arm, middle + arm]), number)


def draw_on_slice(index: SliceIndex, palette: Palette, look: Appearance, number: int) -> LineDrawing:
    """The contours and the roots of a slice."""
    drawing = LineDrawing()
    planes = index.annotation.require_planes()
    for structure in CONTOUR_STRUCTURES:
        points = index.contour(structure, number)
        if points is not None:
            drawing.line(closed_curve(points), palette.of(structure), closed=True)
    for root in index.roots:
        point = index.root_point(root, number)
        if point is not None:
            drawing.line(ring(planes, point, number, look.point_mm), palette.of(root), closed=True)
    return drawing


class SliceIndex:
    """What lies on which slice, kept current edit by edit: asked at every step."""

    def __init__(self, annotation: Annotation):
        self.annotation = annotation
        self.contours: dict[str, dict[int, Points]] = {}
        self.roots: dict[Root, dict[int, Points]] = {}
        if annotation.planes is not None:
            for structure in CONTOUR_STRUCTURES:
                self.refresh_contours(structure)
            for root in annotation.roots:
                self.refresh_root(root)

    def refresh_contours(self, structure: str) -> None:
        """Read the contours of a structure again."""
        by_slice = self.annotation.contours_by_slice(structure)
        self.contours[structure] = {number: contour.points for number, contour in by_slice.items()}

    def refresh_root(self, root: Root) -> None:
        """Read the points of a root again."""
        self.roots[root] = self.annotation.root_by_slice(root)

    def root_point(self, root: Root, number: int) -> Points | None:
        """The point, (3,), of a root on a slice."""
        return self.roots.get(root, {}).get(number)

    def contour(self, structure: str, number: int) -> Points | None:
        """The control points, (n, 3), of a contour on a slice."""
        return self.contours.get(structure, {}).get(number)
