"""Where a ganglion is expected, from those that are marked already."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import SPINAL_SEGMENTS, SUPERNUMERARY, Root
from SpineRootLib.annotation import Annotation

# Neighbouring lumbar foramina are 25-35 mm apart in adults.
FORAMEN_SPACING_MM = 30.0
# Where one ganglion of a side is all that is known, the next may be nearer: 18 mm in a small sample.
_NEARER = (0.6, 0.8, 1.0)


def expected_places(annotation: Annotation, root: Root) -> list[NDArray[np.float64]]:
    """Where to look for the ganglion of a root, each (3,) RAS mm, the last where it is expected; none if unknown.

    From the neighbour alone only the usual spacing of foramina leads on, which varies: the way there is looked
    along from the known one, so that none is passed over.
    """
    expected = expected_ganglion(annotation, root)
    if expected is None:
        return []
    same_side = [(other, point) for other, point in annotation.ganglia.items() if other.side == root.side]
    mirrored = root.opposite in annotation.ganglia and _midline(annotation) is not None
    if mirrored or len(same_side) != 1:
        return [expected]
    (other, known), levels = same_side[0], _levels(annotation, root)
    if abs(levels.index(other.segment) - levels.index(root.segment)) != 1:
        return [expected]  # on the way lie ganglia of the levels between
    return [np.asarray(known + share * (expected - known)) for share in _NEARER]


def expected_ganglion(annotation: Annotation, root: Root) -> NDArray[np.float64] | None:
    """Where the ganglion of a root is expected, (3,) RAS mm; None if nothing is known yet.

    Where the opposite ganglion and the midline are known, it is the opposite one mirrored in the sagittal plane through
    the midline. Else it is extrapolated from the two nearest ganglia of its side, linearly over the levels; from a
    single one straight down or up, by the usual spacing of foramina.
    """
    ganglia = annotation.ganglia
    opposite = ganglia.get(root.opposite)
    midline = _midline(annotation)
    if opposite is not None and midline is not None:
        return opposite * [-1.0, 1.0, 1.0] + [2 * midline, 0.0, 0.0]
    between = _levels(annotation, root)
    level = between.index(root.segment)
    same_side = sorted(
        ((between.index(other.segment), point) for other, point in ganglia.items() if other.side == root.side),
        key=lambda pair: abs(pair[0] - level),
    )
    if not same_side:
        return None
    nearest, point = same_side[0]
    step = np.array([0.0, 0.0, -FORAMEN_SPACING_MM])
    if len(same_side) > 1:
        second, other = same_side[1]
        step = (point - other) / (nearest - second)
    return np.asarray(point + (level - nearest) * step)


def _levels(annotation: Annotation, root: Root) -> list[str]:
    """The levels from the head down; one that most people have not counts only where it is annotated."""
    here = {other.segment for other in (*annotation.ganglia, root)} | set(annotation.segments)
    return [segment for segment in SPINAL_SEGMENTS if segment in here or segment not in SUPERNUMERARY]


def _midline(annotation: Annotation) -> float | None:
    """The R coordinate of the midline, mm: half-way between ganglia of one segment, else the middle of the dura."""
    pairs = [
        (point[0] + annotation.ganglia[root.opposite][0]) / 2
        for root, point in annotation.ganglia.items()
        if root.side == "L" and root.opposite in annotation.ganglia
    ]
    if pairs:
        return float(np.mean(pairs))
    if annotation.dura:
        return float(np.mean([contour.points[:, 0].mean() for contour in annotation.dura]))
    return None
