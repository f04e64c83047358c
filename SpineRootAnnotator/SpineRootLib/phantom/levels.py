"""Where the roots of each level leave the cord, lie in the sac, and leave it: an adult's proportions."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Level:
    """One spinal level.

    Parameters
    ----------
    emerges, leaves : mm below the topmost slice at which the root leaves the cord, and the dural sac.
    emerges_at, lies_at : degrees about the sac's middle, from the back towards the side, where the root leaves the
        cord and where it comes to lie.
    settles : mm over which it gets there.
    ganglion_side, ganglion_front : mm of the ganglion to the side and to the front of the sac's middle.
    """

    emerges: float
    leaves: float
    emerges_at: float
    lies_at: float
    settles: float
    ganglion_side: float
    ganglion_front: float

    def scaled(self, length: float) -> Level:
        """The level of a spine of another length."""
        return replace(self, emerges=self.emerges * length, leaves=self.leaves * length, settles=self.settles * length)


# From cranial to caudal.
LEVELS = {
    "T12": Level(20.0, 70.0, 44.0, 92.0, 36.0, 16.0, 0.0),
    "L1": Level(40.0, 107.0, 45.0, 94.0, 40.0, 16.5, 1.5),
    "L2": Level(58.0, 142.0, 44.0, 80.0, 42.0, 17.5, 2.5),
    "L3": Level(69.0, 182.0, 43.0, 74.0, 40.0, 18.0, 4.0),
    "L4": Level(77.0, 215.0, 41.0, 65.0, 32.0, 18.5, 5.0),
    "L5": Level(84.0, 247.0, 37.0, 53.0, 28.0, 18.5, 5.5),
    "S1": Level(92.0, 268.0, 29.0, 40.0, 26.0, 13.5, 3.0),
    "S2": Level(97.0, 284.0, 19.5, 27.0, 26.0, 12.0, 1.5),
    "S3": Level(100.0, 293.0, 11.0, 14.0, 20.0, 9.0, 0.5),
}
