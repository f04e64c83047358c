"""Anatomy that differs from the usual, and what goes wrong in a scan, as numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Narrowing:
    """A stenosis: the sac is narrower over a stretch.

    Parameters
    ----------
    depth_mm : of its middle below the topmost slice (scaled with the spine's length).
    share : by which width and depth of the sac are less there.
    length_mm : to where the narrowing is exp(-1) of that.
    """

    depth_mm: float
    share: float
    length_mm: float


@dataclass(frozen=True)
class Cyst:
    """An arachnoid cyst: an oval of fluid in a thin wall, which pushes roots aside.

    Parameters
    ----------
    depth_mm : of its middle below the topmost slice (scaled with the spine's length).
    beside_mm, behind_mm : of its middle to the right of the sac's middle and behind it.
    radius_mm, half_length_mm : across and along the body.
    """

    depth_mm: float
    beside_mm: float
    behind_mm: float
    radius_mm: float
    half_length_mm: float


@dataclass(frozen=True)
class VariantSettings:
    """How a subject's anatomy differs from the usual; nothing by default.

    Parameters
    ----------
    narrowings : of the sac.
    cord_lower_mm : how much lower than usual the cord ends and roots leave it (scaled).
    sixth_lumbar : whether there is a vertebra L6, and its root between L5 and S1.
    conjoined : pairs of neighbouring levels of a side whose roots leave the sac at one place: ``("L5", "S1", "L")``.
    curve_mm : how far the spine swings to either side.
    cysts : in the sac.
    """

    narrowings: tuple[Narrowing, ...] = ()
    cord_lower_mm: float = 0.0
    sixth_lumbar: bool = False
    conjoined: tuple[tuple[str, str, str], ...] = ()
    curve_mm: float = 0.0
    cysts: tuple[Cyst, ...] = ()


@dataclass(frozen=True)
class Metal:
    """A screw beside the canal, about which the signal is lost; sizes by eye.

    Parameters
    ----------
    depth_mm : of its middle below the topmost slice.
    beside_mm : of its middle to the right of the sac's.
    radius_mm : within which nothing is left.
    pile_up : share of signal that is added in a rim about that.
    """

    depth_mm: float
    beside_mm: float
    radius_mm: float
    pile_up: float = 0.8


@dataclass(frozen=True)
class FaultSettings:
    """What goes wrong in a scan; nothing by default. All by eye.

    Parameters
    ----------
    metal : by which signal is lost.
    motion_mm : standard deviation, in each direction, of where a second, weaker image of a slice lies.
    motion_share : of the signal that is in that image.
    ghost_share : of the signal in each of two ghosts of pulsating fluid, before and behind.
    ghost_mm : how far off they lie.
    """

    metal: Metal | None = None
    motion_mm: float = 0.0
    motion_share: float = 0.35
    ghost_share: float = 0.0
    ghost_mm: float = 5.5
