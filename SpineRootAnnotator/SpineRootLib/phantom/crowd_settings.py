"""How the roots of a phantom crowd together, as numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CrowdSettings:
    """The crowd of rootlet bundles.

    Where no other reason is given, a number was chosen so that images show what was measured on 20 slices of the CISS
    image of sub-03 (Liu et al. 2024): the measured quantity stands in brackets.

    Parameters
    ----------
    crowding : 0 for single roots that keep apart, 1 for a crowd as measured in sub-03.
    sink_mm : how far behind its course a free root would lie, for the subject lies on the back (dark share behind).
    to_wall_mm : how much nearer to the dura it would lie (share of the dura that is touched).
    rises_mm : before its exit over which a root stops sinking (scaled; by eye).
    overlap : distance of two touching bundles' axes relative to the sum of their radii; below 1 they press each other
        (dots that can be told apart below the conus).
    pressed, pressed_mm : by which the room of a bundle is less at the cord, and mm below its start over which it gets
        all: rootlets leave the cord as a flat band (dots that can be told apart, and dark share, round the conus).
    apart_mm : that two bundles keep besides where there is no crowd.
    on_wall, on_cord : distance of an axis from dura and cord relative to the bundle's radius (touched shares).
    leaves_at : degrees about the cord from its back at which bundles leave it, and their spread to either side, of
        dorsal and of ventral roots (share of the cord that is touched; none at the very front).
    late : share of its segment's length over which bundles leave the cord, from the first to the last (largest dark
        mass at the enlargement).
    together : share of that spread which all rootlets of a root have in common, for they leave the cord on one line
        (dots that stand alone).
    clings, lets_go, lets_go_mm : how long a bundle stays on the cord relative to a root that is alone, of low and of
        high roots, and the depths of emergence between which that changes, mm (scaled): low roots run down along the
        cord, high ones leave the sac soon (touched shares at the enlargement and above).
    parted_mm : how much farther the bundles of a root lie from each other where they leave the sac (dots that stand
        alone round the conus).
    loose_mm, loose_above_mm, loose_over_mm : how much farther from each other the bundles of a root lie above a depth;
        nothing that many mm lower (scaled; distance of dots above and at the enlargement).
    twist, twist_mm : radians by which bundles turn about the first one, and the shortest period, mm (coherence).
    veins : on the back of the cord, on each side (dots above).
    artery_ends_mm : above the tip of the cord; farther down the artery is not told from roots (dots that stand alone
        round the conus).
    joins_mm : over which a bundle comes to lie with the others of its root, shortest and longest (by eye).
    rootlet : radius of a bundle where it leaves the cord relative to that below (diameter of dots).
    radius_sd : relative standard deviation of a root's calibre from subject to subject (11-20 % in cadavers).
    layer_mm : along the body between the layers on which bundles are moved: the distance of slices.
    rounds : of moving; bundles come to rest within it.
    stiffness : share by which a bundle is made straight between its neighbouring layers in a round (straying).
    pull : share of the way to its course that a bundle goes in a round (straying).
    """

    crowding: float = 1.0
    sink_mm: float = 2.5
    to_wall_mm: float = 2.4
    rises_mm: float = 45.0
    overlap: float = 0.92
    pressed: float = 0.75
    pressed_mm: float = 35.0
    apart_mm: float = 0.5
    on_wall: float = 0.95
    on_cord: float = 1.15
    leaves_at: tuple[tuple[float, float], tuple[float, float]] = ((35.0, 35.0), (121.0, 42.0))
    late: tuple[float, float] = (0.1, 0.8)
    together: float = 0.35
    clings: float = 1.6
    lets_go: float = 0.35
    lets_go_mm: tuple[float, float] = (15.0, 55.0)
    parted_mm: float = 0.2
    loose_mm: float = 1.8
    loose_above_mm: float = 38.0
    loose_over_mm: float = 18.0
    twist: float = 0.4
    twist_mm: float = 45.0
    veins: int = 3
    artery_ends_mm: float = 40.0
    joins_mm: tuple[float, float] = (10.0, 22.0)
    rootlet: float = 0.92
    radius_sd: float = 0.10
    layer_mm: float = 2.0
    rounds: int = 120
    stiffness: float = 0.24
    pull: float = 0.12
