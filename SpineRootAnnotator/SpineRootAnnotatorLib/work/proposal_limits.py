"""What speaks against a proposal, whatever the image shows there.

Of a root: that it lies outside of the dura, below where it leaves, or on another root's mark. Of a contour: that it
reaches much farther out than those marked beside it, as one does that leaked into fat.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from SpineRootLib.anatomy import DURA, ROOTS, contour_title
from SpineRootLib.curves import closed_curve, signed_distance
from SpineRootLib.frames import Points
from SpineRootLib.place import Place
from SpineRootLib.slice_index import SliceIndex
from SpineRootLib.tracing.root_ends import expected_ends
from SpineRootLib.tracing.root_settings import ClickSettings, EndSettings
from SpineRootLib.translation import _


@dataclass(frozen=True)
class ProposalLimits:
    """Judges what is traced by what is marked.

    Parameters
    ----------
    outside_mm : a root lies at most so far outside of the dura that is drawn: the jitter of careful annotators is 0.1.
    bulge_mm, bulge_share : so far a contour reaches beyond one that is marked beside it, and so much more for each mm
        between their slices. In the published subject 03 it is 1.1 mm at most at 2 mm, 1.4 at 4, 2.4 at 10.
    clicks, ends : what the tracer takes for another root's place, and for where a root leaves.
    """

    index: SliceIndex
    outside_mm: float = 0.3
    bulge_mm: float = 1.0
    bulge_share: float = 0.18
    clicks: ClickSettings = field(default_factory=ClickSettings)
    ends: EndSettings = field(default_factory=EndSettings)

    def fault(self, place: Place, points: Points) -> str:
        """Why points, (n, 3) RAS mm, cannot be proposed in a place, a sentence; empty if they can."""
        if place.structure != ROOTS or place.slice is None:
            return ""
        return self._outside(place.slice, points) or self._taken(place, points) or self._left(place)

    def contradicts(self, place: Place, points: Points) -> bool:
        """Whether what is marked on the slice speaks against points, (n, 3) RAS mm, of a root: quicker than `fault`."""
        is_of_root = place.structure == ROOTS and place.slice is not None
        return is_of_root and bool(self._outside(place.slice or 0, points) or self._taken(place, points))

    def doubt(self, place: Place, points: Points) -> str:
        """Why control points of a contour, (n, 3) RAS mm, are most likely wrong in a place, a sentence; else empty."""
        contours = self.index.contours.get(place.structure, {})
        number = place.slice
        if not place.is_contour or number is None or len(points) < 3:
            return ""
        above = max((marked for marked in contours if marked < number), default=None)
        below = min((marked for marked in contours if marked > number), default=None)
        beside = [marked for marked in (above, below) if marked is not None]
        if not beside:
            return ""
        planes = self.index.annotation.require_planes()
        outline = planes.flatten(closed_curve(points))
        beyond = [signed_distance(planes.flatten(self.index.curve(place.structure, each)), outline) for each in beside]
        allowed = [self.bulge_mm + self.bulge_share * planes.spacing * abs(each - number) for each in beside]
        farther = np.min([reach - most for reach, most in zip(beyond, allowed, strict=True)], axis=0)
        row = int(np.argmax(farther))
        if farther[row] <= 0.0:
            return ""
        nearest = min(range(len(beside)), key=lambda index: abs(beside[index] - number))
        text = _("It reaches {beyond:.1f} mm farther out than the {structure} on slice {slice}: has it left its edge?")
        return text.format(beyond=beyond[nearest][row], structure=contour_title(place.structure), slice=beside[nearest])

    def _outside(self, number: int, points: Points) -> str:
        if self.index.contour(DURA, number) is None:
            return ""
        flatten = self.index.annotation.require_planes().flatten
        beyond = signed_distance(flatten(self.index.curve(DURA, number)), flatten(points)[:1])
        if beyond[0] <= self.outside_mm:
            return ""
        return _("The only dot that looks like the root lies outside the dura.")

    def _taken(self, place: Place, points: Points) -> str:
        for other in self.index.roots:
            marked = None if other == place.root else self.index.root_point(other, place.slice or 0)
            if marked is not None and np.linalg.norm(marked - points[0]) < self.clicks.own_mm:
                return _("That dot is already marked as {root}.").format(root=other)
        return ""

    def _left(self, place: Place) -> str:
        annotation = self.index.annotation
        assert place.root is not None and place.slice is not None
        last = expected_ends(annotation, annotation.require_planes(), self.ends).get(place.root)
        marked = max(self.index.roots.get(place.root, {}), default=0)
        if last is None or place.slice <= max(marked, last + self.ends.tolerance_slices):
            return ""
        return _("Judging by its ganglion, {root} leaves the dura above this slice.").format(root=place.root)
