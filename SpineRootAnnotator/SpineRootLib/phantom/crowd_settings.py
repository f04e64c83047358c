"""How the roots of a phantom crowd together, as numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CrowdSettings:
    """The crowd of rootlet bundles, chosen so that images show what was measured on sub-03 (Liu et al. 2024).

    Parameters
    ----------
    crowding : 0 for single roots that keep apart, 1 for a crowd as measured in sub-03.
    sink_mm : how far behind its course a free root would lie: the subject lies on the back.
    to_wall_mm : how much nearer to the dura it would lie: roots lie on it.
    overlap : distance of two touching bundles' axes relative to the sum of their radii; below 1 they press each other.
    apart_mm : that two bundles keep besides where there is no crowd.
    on_wall, on_cord : distance of an axis from dura and cord relative to the bundle's radius.
    clings : how much longer a bundle stays on the cord than a root that is alone.
    parted_mm : how much farther the bundles of a root lie from each other where they leave the sac.
    loose_mm, loose_above_mm : how much farther from each other the bundles of a root lie, of a root that leaves the
        cord 60 mm above this depth or higher; none below it (scaled).
    twist, twist_mm : radians by which bundles turn about the first one, and the shortest period.
    veins : on the back of the cord, on each side.
    joins_mm : over which a bundle comes to lie with the others of its root, shortest and longest.
    rootlet : radius of a bundle where it leaves the cord relative to that below.
    radius_sd : relative standard deviation of a root's calibre from subject to subject (11-20 % in cadavers).
    layer_mm : along the body between the layers on which bundles are moved.
    rounds : of moving.
    stiffness : share by which a bundle is made straight between its neighbouring layers in a round.
    pull : share of the way to its course that a bundle goes in a round.
    """

    crowding: float = 1.0
    sink_mm: float = 2.2
    to_wall_mm: float = 2.0
    overlap: float = 0.92
    apart_mm: float = 0.5
    on_wall: float = 0.95
    on_cord: float = 1.15
    clings: float = 1.6
    parted_mm: float = 0.3
    loose_mm: float = 2.6
    loose_above_mm: float = 36.0
    twist: float = 0.4
    twist_mm: float = 45.0
    veins: int = 3
    joins_mm: tuple[float, float] = (10.0, 22.0)
    rootlet: float = 0.92
    radius_sd: float = 0.10
    layer_mm: float = 2.0
    rounds: int = 120
    stiffness: float = 0.3
    pull: float = 0.12
