"""What of an annotation lies on which slice, kept current edit by edit."""

from __future__ import annotations

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import closed_curve
from SpineRootLib.frames import Points
from SpineRootLib.place import Place


class SliceIndex:
    """What lies on which slice, kept current edit by edit: asked at every step.

    Parameters
    ----------
    confirmed_only : leave out what a program proposed and nobody has confirmed.

    Attributes
    ----------
    hidden : a root's place that is left out as well; whoever sets it has the root read again.
    """

    def __init__(self, annotation: Annotation, confirmed_only: bool = False):
        self.annotation, self._confirmed_only = annotation, confirmed_only
        self.hidden: Place | None = None
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
        self.contours[structure] = {
            number: contour.points
            for number, contour in by_slice.items()
            if self._is_asked(Place(structure, slice=number))
        }

    def refresh_root(self, root: Root) -> None:
        """Read the points of a root again."""
        points = self.annotation.root_by_slice(root)
        self.roots[root] = {
            number: point for number, point in points.items() if self._is_asked(Place(ROOTS, root, number))
        }

    def _is_asked(self, place: Place) -> bool:
        return place != self.hidden and not (self._confirmed_only and self.annotation.provenance.is_proposed(place))

    def root_point(self, root: Root, number: int) -> Points | None:
        """The point, (3,), of a root on a slice."""
        return self.roots.get(root, {}).get(number)

    def contour(self, structure: str, number: int) -> Points | None:
        """The control points, (n, 3), of a contour on a slice."""
        return self.contours.get(structure, {}).get(number)
