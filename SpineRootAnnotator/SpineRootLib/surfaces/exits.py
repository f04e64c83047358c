"""Where roots leave the dura."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.curves import arc_length
from SpineRootLib.frames import Points


@dataclass(frozen=True, eq=False)
class Exit:
    """Where a root leaves the dura.

    Parameters
    ----------
    position : (3,) RAS mm; `length` along the root to there, mm.
    through_side : through the dura's side, or else out of its open end.
    """

    position: NDArray[np.float64]
    length: float
    through_side: bool


def find_exit(nodes: Points, signed: NDArray[np.float64], below: NDArray[np.float64]) -> Exit | None:
    """Where a root last leaves the dura; None if it does not.

    Parameters
    ----------
    nodes : (n, 3) of the root.
    signed : (n,) their distance from the dura's side, negative inside, infinite above and below it.
    below : (n,) how far they lie below the dura's lower end.
    """
    inside = np.flatnonzero(signed < 0)
    if not len(inside) or inside[-1] == len(signed) - 1:
        return None
    last = int(inside[-1])
    through_side = bool(np.isfinite(signed[last + 1]))
    passed = signed if through_side else below
    share = float(np.clip(passed[last] / (passed[last] - passed[last + 1]), 0.0, 1.0))
    position = (1 - share) * nodes[last] + share * nodes[last + 1]
    length = arc_length(nodes)
    return Exit(position, float((1 - share) * length[last] + share * length[last + 1]), through_side)
