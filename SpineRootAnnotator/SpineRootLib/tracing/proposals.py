"""What the tracer answers: a proposal with its confidence, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import Root
from SpineRootLib.frames import Points


@dataclass(frozen=True, eq=False)
class PointProposal:
    """A proposed point of a root or ganglion.

    Parameters
    ----------
    position : (3,) RAS mm, or None where nothing is proposed.
    confidence : 0..1; for a root the probability that the point is off by 0.7 mm at most (as found on phantoms).
    reason : why there is no proposal or why it is doubtful, a sentence; empty where all is clear.
    root, slice : what it is proposed for, where that is known.
    by_image : whether something is seen at that place; else it follows from the marks about it.
    deviation : mm, root mean square of how far off it may be; NaN where that is not known.
    """

    position: NDArray[np.float64] | None
    confidence: float = 0.0
    reason: str = ""
    root: Root | None = None
    slice: int | None = None
    by_image: bool = True
    deviation: float = float("nan")

    def __bool__(self) -> bool:
        return self.position is not None


@dataclass(frozen=True, eq=False)
class ContourProposal:
    """A proposed contour of dura or cord.

    Parameters
    ----------
    points : (n, 3) RAS mm, control points of a closed curve, or None where nothing is proposed.
    confidence : 0..1, the probability that it is off by 0.4 mm in the mean at most (as found on phantoms).
    reason : why there is no proposal or why it is doubtful, a sentence; empty where all is clear.
    structure, slice : what it is proposed for.
    by_image : whether its edge is seen; else it follows from the contours about it.
    deviation : mm, how far off it may be in the mean; NaN where that is not known.
    """

    points: Points | None
    confidence: float = 0.0
    reason: str = ""
    structure: str = ""
    slice: int | None = None
    by_image: bool = True
    deviation: float = float("nan")

    def __bool__(self) -> bool:
        return self.points is not None


@dataclass(frozen=True)
class HelpfulMark:
    """A place where a mark would help most: a root on a slice, and how far off the proposal there may be, mm."""

    root: Root
    slice: int
    deviation: float


def most_helpful(
    proposals: Mapping[Root, Iterable[PointProposal]], count: int = 10, apart: int = 4
) -> list[HelpfulMark]:
    """Where marks would help most, the first the most: the largest deviations.

    Parameters
    ----------
    proposals : of roots by slice, as `Tracer.propose_roots` returns them.
    count : at most so many places.
    apart : places of one root are more than so many slices apart: a mark tells of the slices about it as well.
    """
    places = [
        HelpfulMark(root, each.slice, each.deviation)
        for root, points in proposals.items()
        for each in points
        if each.slice is not None and np.isfinite(each.deviation)
    ]
    found: list[HelpfulMark] = []
    for place in sorted(places, key=lambda each: (-each.deviation, each.slice, each.root)):
        if len(found) < count and not _beside(place, found, apart):
            found.append(place)
    return found


def _beside(place: HelpfulMark, found: Sequence[HelpfulMark], apart: int) -> bool:
    return any(place.root == each.root and abs(place.slice - each.slice) <= apart for each in found)
