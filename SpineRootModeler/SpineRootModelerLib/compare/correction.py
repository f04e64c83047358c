"""Placing anew what annotators disagree on: a click for a point, dragging for a contour."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import ROOTS
from SpineRootLib.frames import Points
from SpineRootLib.place import Place
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.translation import _
from SpineRootModelerLib.compare.rater_palette import CONSENSUS_COLOR
from SpineRootModelerLib.scene.folder import ModelerFolder
from SpineRootScene.active_contour import ActiveContour
from SpineRootScene.active_point import ActivePoint

# a settled point is a filled diamond, an open one a cross that leaves the image to be seen
_SETTLED_GLYPH, _OPEN_GLYPH = "Diamond2D", "CrossDot2D"


class Correction:
    """The white point or contour that holds at the current place, and can be placed or dragged.

    Parameters
    ----------
    on_corrected : called with the points, (n, 3) RAS mm, whenever the user placed or dragged something.
    on_astray : called with the number of the slice on which something has to be placed, if it was on another.
    say : shows a sentence to the user.
    """

    def __init__(
        self,
        folder: ModelerFolder,
        planes: SlicePlanes | None,
        on_corrected: Callable[[Points], None],
        on_astray: Callable[[int], None],
        say: Callable[[str], None],
        view_id: str | None,
    ):
        self._folder, self._planes, self._on_corrected, self._say = folder, planes, on_corrected, say
        self._on_astray = on_astray
        self._view_id = view_id
        self._point: ActivePoint | None = None
        self._contour: ActiveContour | None = None
        self._place: Place | None = None
        self._agreed: Points | None = None
        self._settled = False

    @property
    def point(self) -> ActivePoint:
        """The point; its node is made when it is first needed, since that takes Slicer tens of milliseconds."""
        if self._point is None:
            self._point = ActivePoint(self._folder, self._placed, self._placed, lambda: None)
        return self._point

    @property
    def contour(self) -> ActiveContour:
        """The contour; its node is made when it is first needed."""
        if self._contour is None:
            self._contour = ActiveContour(self._folder, self._changed, self._say)
            if self._view_id is not None:
                self._contour.limit_to(self._view_id)
        return self._contour

    def show(self, place: Place | None, agreed: Points | None, settled: bool = False) -> None:
        """Show what holds at a place, settled or as long as nobody settled it; clicks do what they do in Slicer."""
        self.stop()
        self._place, self._agreed, self._settled = place, agreed, settled
        contour = agreed if place is not None and place.is_contour else None
        point = agreed[0] if place is not None and agreed is not None and not place.is_contour else None
        if self._contour is not None or contour is not None:
            self.contour.show(CONSENSUS_COLOR, contour)
        if self._point is not None or point is not None:
            words = _("{root}, settled") if settled else _("{root}, open")
            label = "" if place is None or point is None else words.format(root=place.root)
            self.point.display.SetGlyphTypeFromString(_SETTLED_GLYPH if settled else _OPEN_GLYPH)
            self.point.show(label, CONSENSUS_COLOR, point)

    def start(self) -> None:
        """The next click places the point; a contour is dragged as it is. What is to be done is said."""
        if self._place is None:
            return
        if self._place.is_contour:
            what = _("Drag a point of the white contour of {place}; the contour is settled as you leave it.")
        elif self._place.root is not None and self._place.slice is None and self._place.structure == ROOTS:
            what = _("{place}: names are not placed by a click. Press the button that says whose names are right.")
        else:
            self.point.arm()
            what = _("Click where {place} is.")
        self._say(what.format(place=self._place.title))

    def stop(self) -> None:
        """Clicks place no more."""
        if self._point is not None:
            self._point.disarm()

    def close(self) -> None:
        """Stop listening."""
        for node in (self._point, self._contour):
            if node is not None:
                node.close()

    def restore(self) -> None:
        """Make nodes again that the user deleted."""
        for node in (self._point, self._contour):
            if node is not None:
                node.restore()

    def _placed(self, position: NDArray[np.float64]) -> None:
        point = position.reshape(1, 3)
        if self._place is not None and not self._place.is_contour and self._lies_on_its_slice(point):
            self.stop()
            self._on_corrected(self._on_slice(point))

    def _changed(self, points: Points) -> None:
        if self._place is not None and self._place.is_contour and len(points) >= 3 and self._lies_on_its_slice(points):
            self._on_corrected(self._on_slice(points))

    def _lies_on_its_slice(self, points: Points) -> bool:
        """Whether something was placed on the slice that is settled; else it goes back, and that is said."""
        place = self._place
        if self._planes is None or place is None or place.slice is None:
            return True
        number = int(self._planes.number(points.mean(axis=0))[0])
        if number == place.slice:
            return True
        awaited = self._point is not None and self._point.armed
        self.show(place, self._agreed, self._settled)
        if awaited:
            self.start()
        self._on_astray(place.slice)
        refused = _("Nothing was placed: that was slice {number}, and {place} is to be settled. The view shows it now.")
        self._say(refused.format(number=number, place=place.title))
        return False

    def _on_slice(self, points: Points) -> Points:
        if self._planes is None or self._place is None or self._place.slice is None:
            return points
        return self._planes.lift(self._planes.flatten(points), self._place.slice)
