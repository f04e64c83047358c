"""Placing anew what annotators disagree on: a click for a point, dragging for a contour."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from SpineRootAnnotatorLib.active_contour import ActiveContour
from SpineRootAnnotatorLib.active_point import ActivePoint
from SpineRootLib.agreement.places import Place
from SpineRootLib.frames import Points
from SpineRootLib.planes import SlicePlanes
from SpineRootModelerLib.folder import ModelerFolder
from SpineRootModelerLib.rater_palette import CONSENSUS_COLOR


class Correction:
    """The white point or contour that holds at the current place, and can be placed or dragged.

    Parameters
    ----------
    on_corrected : called with the points, (n, 3) RAS mm, whenever the user placed or dragged something.
    say : shows a sentence to the user.
    """

    def __init__(
        self,
        folder: ModelerFolder,
        planes: SlicePlanes | None,
        on_corrected: Callable[[Points], None],
        say: Callable[[str], None],
        view_id: str | None,
    ):
        self._planes, self._on_corrected = planes, on_corrected
        self.point = ActivePoint(folder, self._placed, self._placed, lambda: None)
        self.contour = ActiveContour(folder, self._changed, say)
        self._place: Place | None = None
        if view_id is not None:
            self.contour.limit_to(view_id)

    def show(self, place: Place | None, agreed: Points | None) -> None:
        """Show what holds at a place; clicks do what they do in Slicer."""
        self.stop()
        self._place = place
        if place is None or not place.is_contour:
            self.contour.show(CONSENSUS_COLOR, None)
            label = "" if place is None else f"{place.root}"
            self.point.show(label, CONSENSUS_COLOR, None if agreed is None else agreed[0])
        else:
            self.point.show("", CONSENSUS_COLOR, None)
            self.contour.show(CONSENSUS_COLOR, agreed)

    def start(self) -> None:
        """The next click places the point; a contour is dragged as it is."""
        if self._place is not None and not self._place.is_contour:
            self.point.arm()

    def stop(self) -> None:
        """Clicks place no more."""
        self.point.disarm()

    def close(self) -> None:
        """Stop listening."""
        self.point.close()
        self.contour.close()

    def restore(self) -> None:
        """Make nodes again that the user deleted."""
        self.point.restore()
        self.contour.restore()

    def _placed(self, position: NDArray[np.float64]) -> None:
        if self._place is not None and not self._place.is_contour:
            self.stop()
            self._on_corrected(self._on_slice(position.reshape(1, 3)))

    def _changed(self, points: Points) -> None:
        if self._place is not None and self._place.is_contour and len(points) >= 3:
            self._on_corrected(self._on_slice(points))

    def _on_slice(self, points: Points) -> Points:
        if self._planes is None or self._place is None or self._place.slice is None:
            return points
        return self._planes.lift(self._planes.flatten(points), self._place.slice)
