"""How the roots of a phantom crowd together, as numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CrowdSettings:
    """The crowd of rootlet bundles; all by eye against pictures of sub-03 (Liu et al. 2024) unless said otherwise.

    Parameters
    ----------
    crowding : 0 for single roots that keep apart, 1 for a crowd as measured in sub-03.
    sink_mm : how far behind its course a free root would lie: the subject lies on the back.
    overlap : distance of two touching bundles' axes relative to the sum of their radii; below 1 they press each other.
    apart_mm : that two bundles keep besides where there is no crowd.
    on_wall, on_cord : distance of an axis from dura and cord relative to the bundle's radius.
    joins_mm : over which a bundle comes to lie with the others of its root, shortest and longest.
    rootlet : radius of a bundle where it leaves the cord relative to that below.
    calibre_sd : relative standard deviation of a root's cross section (13-20 % across in cadavers).
    layer_mm : along the body between the layers on which bundles are moved.
    rounds : of moving.
    stiffness : share by which a bundle is made straight between its neighbouring layers in a round.
    pull : share of the way to its course that a bundle goes in a round.
    """

    crowding: float = 1.0
    sink_mm: float = 2.6
    overlap: float = 0.93
    apart_mm: float = 0.5
    on_wall: float = 0.85
    on_cord: float = 0.75
    joins_mm: tuple[float, float] = (12.0, 30.0)
    rootlet: float = 0.75
    calibre_sd: float = 0.2
    layer_mm: float = 2.0
    rounds: int = 120
    stiffness: float = 0.2
    pull: float = 0.12
