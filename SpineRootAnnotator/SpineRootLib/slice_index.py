"""What of an annotation lies on which slice, kept current edit by edit."""

from __future__ import annotations

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import closed_curve
from SpineRootLib.frames import Points


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
