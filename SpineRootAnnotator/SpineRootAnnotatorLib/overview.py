"""What is drawn of a whole annotation in 3D, and what lies on which slice."""

from __future__ import annotations

import numpy as np

from SpineRootAnnotatorLib.appearance import Appearance
from SpineRootAnnotatorLib.drawing import LineDrawing
from SpineRootAnnotatorLib.palette import Palette
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import closed_curve
from SpineRootLib.frames import Points


def draw_in_space(index: SliceIndex, palette: Palette, look: Appearance) -> LineDrawing:
    """Contours as rings, roots as lines from slice to slice, ganglia as crosses."""
    drawing, annotation = LineDrawing(), index.annotation
    for structure, contours in index.contours.items():
        for number in contours:
            drawing.line(index.curve(structure, number), palette.of(structure), closed=True)
    for root, points in annotation.roots.items():
        drawing.line(annotation.root_descending(root) if annotation.planes else points, palette.of(root))
    for root, ganglion in annotation.ganglia.items():
        for arm in np.eye(3) * look.ganglion_mm:
            drawing.line(np.stack([ganglion - arm, ganglion + arm]), palette.of(root))
    return drawing


class SliceIndex:
    """What lies on which slice, kept current edit by edit: asked at every step."""

    def __init__(self, annotation: Annotation):
        self.annotation = annotation
        self.contours: dict[str, dict[int, Points]] = {}
        self.roots: dict[Root, dict[int, Points]] = {}
        self._curves: dict[tuple[str, int], tuple[Points, Points]] = {}
        if annotation.planes is not None:
            for structure in CONTOUR_STRUCTURES:
                self.refresh_contours(structure)
            for root in annotation.roots:
                self.refresh_root(root)

    def curve(self, structure: str, number: int) -> Points:
        """The drawn curve, (10 n, 3), of a contour that is on a slice."""
        points = self.contours[structure][number]
        known = self._curves.get((structure, number))
        if known is None or known[0] is not points:
            known = self._curves[structure, number] = (points, closed_curve(points))
        return known[1]

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
