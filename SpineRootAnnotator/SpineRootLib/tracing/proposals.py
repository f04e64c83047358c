"""What the tracer answers: a proposal with its confidence, or the reason why there is none."""

from __future__ import annotations

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
    confidence : 0..1; of points proposed with 0.9 or more, at most 3 % are wrong by more than 0.7 mm (on phantoms).
    reason : why there is no proposal or why it is doubtful, a sentence; empty where all is clear.
    root, slice : what it is proposed for, where that is known.
    """

    position: NDArray[np.float64] | None
    confidence: float = 0.0
    reason: str = ""
    root: Root | None = None
    slice: int | None = None

    def __bool__(self) -> bool:
        return self.position is not None


@dataclass(frozen=True, eq=False)
class ContourProposal:
    """A proposed contour of dura or cord.

    Parameters
    ----------
    points : (n, 3) RAS mm, control points of a closed curve, or None where nothing is proposed.
    confidence : 0..1, from the share of the outline that lies on a clear edge and agrees with the slices around; one
        with 0.9 or more is off by 0.4 mm in the mean at most (on phantoms).
    reason : why there is no proposal or why it is doubtful, a sentence; empty where all is clear.
    structure, slice : what it is proposed for.
    """

    points: Points | None
    confidence: float = 0.0
    reason: str = ""
    structure: str = ""
    slice: int | None = None

    def __bool__(self) -> bool:
        return self.points is not None
