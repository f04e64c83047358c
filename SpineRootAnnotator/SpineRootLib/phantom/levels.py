"""Where the roots of each level leave the cord, lie in the sac, and leave it: an adult's proportions."""

from __future__ import annotations

from dataclasses import dataclass, replace

DORSAL, VENTRAL = "dorsal", "ventral"


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

# Levels beyond those: drawn with the others wherever roots are a crowd. The coccygeal root is the last.
OUTER_LEVELS = {
    "T10": Level(-26.0, 12.0, 44.0, 90.0, 26.0, 15.0, -1.5),
    "T11": Level(-3.0, 36.0, 44.0, 90.0, 30.0, 15.5, -1.0),
    "S4": Level(106.0, 295.0, 9.0, 11.0, 20.0, 7.0, 0.0),
    "S5": Level(112.0, 296.5, 7.0, 8.0, 20.0, 5.0, 0.0),
    "Co1": Level(118.0, 298.0, 4.0, 5.0, 20.0, 3.0, 0.0),
}

# A sixth lumbar root, where there is one.
SIXTH_LUMBAR = {"L6": Level(88.0, 258.0, 33.0, 46.0, 27.0, 16.0, 4.5)}


@dataclass(frozen=True)
class Calibre:
    """The bundles of a level's roots below their joining.

    Parameters
    ----------
    dorsal, ventral : number of bundles.
    dorsal_mm, ventral_mm : mean radius of each.
    dorsal_rootlets, ventral_rootlets : further bundles, which join those soon.
    """

    dorsal: int
    dorsal_mm: float
    ventral: int
    ventral_mm: float
    dorsal_rootlets: int = 0
    ventral_rootlets: int = 0

    def bundles(self, kind: str) -> int:
        """Number of bundles of the dorsal or the ventral root."""
        return self.dorsal if kind == DORSAL else self.ventral

    def rootlets(self, kind: str) -> int:
        """Number of further bundles of the dorsal or the ventral root."""
        return self.dorsal_rootlets if kind == DORSAL else self.ventral_rootlets

    def radius(self, kind: str) -> float:
        """mm of a bundle of the dorsal or the ventral root."""
        return self.dorsal_mm if kind == DORSAL else self.ventral_mm


# Cadavers: S1 dorsal 2.95 mm across, ventral 1.43; L5 dorsal 2.3-7.7 mm2, ventral about half; one to three bundles,
# dorsal more than ventral. The others in proportion, and rootlets as many, so that dots are as large
# and as many, and what is dark as much, as in sub-03.
CALIBRES = {
    "T10": Calibre(2, 0.42, 1, 0.40),
    "T11": Calibre(3, 0.42, 2, 0.40),
    "T12": Calibre(2, 0.42, 1, 0.42),
    "L1": Calibre(2, 0.47, 2, 0.46, 2, 2),
    "L2": Calibre(3, 0.50, 2, 0.52, 4, 3),
    "L3": Calibre(3, 0.57, 2, 0.52, 2, 3),
    "L4": Calibre(3, 0.60, 2, 0.55, 1, 1),
    "L5": Calibre(3, 0.67, 2, 0.58),
    "L6": Calibre(3, 0.62, 2, 0.55),
    "S1": Calibre(3, 0.67, 2, 0.58),
    "S2": Calibre(2, 0.59, 2, 0.53, 1, 1),
    "S3": Calibre(1, 0.64, 1, 0.52, 2, 1),
    "S4": Calibre(1, 0.48, 1, 0.44, 1, 1),
    "S5": Calibre(1, 0.43, 1, 0.40, 1, 0),
    "Co1": Calibre(1, 0.37, 1, 0.35),
}
