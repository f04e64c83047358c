"""What holds at a place of a discussion as things stand."""

from __future__ import annotations

import numpy as np

from SpineRootLib.agreement.contour_mean import mean_contour
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.agreement.resolutions import CORRECTED, MEAN, Resolution
from SpineRootLib.frames import Points
from SpineRootLib.place import Place


def agreed_points(raters: Raters, place: Place, settled: Resolution | None) -> Points | None:
    """The points, (n, 3) RAS mm, that hold at a place: as it was settled, else the mean; None for nothing."""
    if settled is None or settled.of_names or settled.take == MEAN:
        return _mean(raters, place)
    return settled.points if settled.take == CORRECTED else raters.marks[settled.take].get(place)


def _mean(raters: Raters, place: Place) -> Points | None:
    marked = [marks[place] for marks in raters.marks.values() if place in marks]
    if not marked:
        return None
    if not place.is_contour:
        return np.asarray(np.mean(np.stack(marked), axis=0))
    assert raters.planes is not None
    return mean_contour(marked, raters.planes, lambda stacked: stacked.mean(axis=0))
