"""What is tuned in what a model has around the dura and within the cord: modelled, and not traced."""

from __future__ import annotations

from dataclasses import dataclass, field

from SpineRootLib.leads import LeadDescription


@dataclass(frozen=True)
class LeadPlacement:
    """A lead in the epidural space behind the dura.

    Parameters
    ----------
    level : its middle lies where the roots of this segment leave the cord.
    lateral_mm : by how much it is moved aside along the dura, to the left of the body.
    rotate_deg : by how much it is turned about its middle, counter-clockwise as seen from behind.
    """

    lead: LeadDescription
    level: str
    lateral_mm: float = 0.0
    rotate_deg: float = 0.0


@dataclass(frozen=True)
class GreySettings:
    """The butterfly of grey matter, in a cross-section of the cord that is scaled to 1 from its middle to its surface.

    All by eye, after cross-sections of the lumbar enlargement.

    Parameters
    ----------
    waist : from the middle to the surface between the horns.
    dorsal, ventral : by how much each pair of horns reaches farther.
    dorsal_deg, ventral_deg : directions of the horns from straight back; `dorsal_wide_deg`, `ventral_wide_deg`, their
        half widths.
    points : of the outline.
    end_mm : so far from the ends of the cord it ends; it lies in the longest part of the cord that is nowhere thinner
        than `least_mm` across.
    """

    waist: float = 0.2
    dorsal: float = 0.5
    ventral: float = 0.42
    dorsal_deg: float = 32.0
    ventral_deg: float = 138.0
    dorsal_wide_deg: float = 15.0
    ventral_wide_deg: float = 24.0
    points: int = 120
    end_mm: float = 1.0
    least_mm: float = 3.0


@dataclass(frozen=True)
class SurroundingsSettings:
    """Dura, epidural fat and back.

    Parameters
    ----------
    dura_mm : thickness of the dura.
    fat_mm : thickness of the epidural fat in front of the dura and behind it; by eye, so that a paddle fits.
    back_radius_mm : of the cylinder about all; `beyond_mm`, how far it goes on above and below; by eye.
    back_sides : corners of its cross-section.
    detail : of the outside of dura and fat, of that of the other walls.
    grey : of the grey matter; None for none.
    lead : where a lead lies; None for none.
    """

    dura_mm: float = 0.3
    fat_mm: tuple[float, float] = (1.2, 4.5)
    back_radius_mm: float = 60.0
    beyond_mm: float = 20.0
    back_sides: int = 36
    detail: float = 0.6
    grey: GreySettings | None = field(default_factory=GreySettings)
    lead: LeadPlacement | None = None


@dataclass(frozen=True)
class LeadSettings:
    """How a lead lies on the dura; all by eye.

    Parameters
    ----------
    gap_mm : between its body and the outside of the dura.
    above_mm, below_mm : contacts stand out of the body by the one and reach into it by the other, so that no two
        surfaces are the same.
    grid_mm, contact_grid_mm : longest edges of body and contacts.
    sides : corners of a round lead's cross-section.
    harmonics, along_mm : what is finer in the dura's outline than so many waves around it, or shorter than this along
        it, a lead does not follow.
    widest_deg : so far around the sac from straight back a lead may reach.
    """

    gap_mm: float = 0.4
    above_mm: float = 0.2
    below_mm: float = 0.2
    grid_mm: float = 1.0
    contact_grid_mm: float = 0.75
    sides: int = 14
    harmonics: int = 3
    along_mm: float = 6.0
    widest_deg: float = 100.0
