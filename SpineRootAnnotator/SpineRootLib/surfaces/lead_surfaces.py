"""A lead on the back of the dura: its body and contacts as closed surfaces, bent as the dura is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from SpineRootLib.errors import GeometryError
from SpineRootLib.frames import Points
from SpineRootLib.leads import CYLINDER, LeadDescription
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.regions import CONTACT
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.surfaces.rings import RingStack, ring_centroids
from SpineRootLib.surfaces.solids import solid_of, surface_of
from SpineRootLib.surfaces.surroundings_settings import LeadPlacement, LeadSettings

# directions from the middle of a ring, from straight back to the left of the body, in which its reach is told
_DIRECTIONS = 180
_RING = NDArray[np.float64]


class DorsalSheet:
    """Places behind the dura by depth, by length along an outline from straight back, and by height over that.

    The outline is that of the dura, smoothed along and around it, and at least the gap of the settings away from it.

    Parameters
    ----------
    stack : rings of the outside of the dura.
    """

    def __init__(self, stack: RingStack, planes: SlicePlanes, settings: LeadSettings) -> None:
        self.planes, self.settings = planes, settings
        self.depths = (stack.numbers - 1.0) * planes.spacing
        self._angle = np.linspace(-np.pi, np.pi, _DIRECTIONS + 1)
        self._directions = _towards(self._angle)
        steps = settings.along_mm / max(float(np.diff(self.depths).mean()), 1e-9)
        self._middles = gaussian_filter1d(ring_centroids(stack.rings), steps, axis=0, mode="nearest")
        reach = np.array([reach_about(*each, self._angle) for each in zip(stack.rings, self._middles, strict=True)])
        waves = np.fft.rfft(reach[:, :-1], axis=1)
        waves[:, settings.harmonics + 1 :] = 0
        around = np.fft.irfft(waves, _DIRECTIONS, axis=1)
        smooth = gaussian_filter1d(np.column_stack([around, around[:, 0]]), steps, axis=0, mode="nearest")
        behind = np.abs(self._angle) <= np.radians(settings.widest_deg)
        self._reach = smooth + max(0.0, float((reach - smooth)[:, behind].max())) + settings.gap_mm

    def places(self, depth: NDArray[np.float64], aside: NDArray[np.float64], height: NDArray[np.float64]) -> Points:
        """Places, (n, 3) RAS mm; aside, (n,) mm, is positive to the left of the body."""
        row = np.interp(depth, self.depths, np.arange(len(self.depths)))
        low = np.minimum(row.astype(np.int64), len(self.depths) - 2)
        part = (row - low)[:, None]
        middle = (1 - part) * self._middles[low] + part * self._middles[low + 1]
        angle = np.empty(len(depth))
        reach = (1 - part) * self._reach[low] + part * self._reach[low + 1]
        for rank, own in enumerate(reach):
            angle[rank] = np.interp(aside[rank], self._lengths(own), self._angle)
        here, ahead = (self._outline(reach, angle + turn, middle) for turn in (-1e-3, 1e-3))
        along = ahead - here
        along /= np.linalg.norm(along, axis=1)[:, None]
        outward = np.column_stack([along[:, 1], -along[:, 0]])
        outward *= np.sign(np.einsum("ij,ij->i", outward, (here + ahead) / 2 - middle))[:, None]
        flat = (here + ahead) / 2 + height[:, None] * outward
        return self.planes.lift(flat, depth / self.planes.spacing + 1.0)

    def widest(self, depth: float) -> float:
        """How far aside of straight back a lead may reach at a depth, mm."""
        row = int(np.argmin(np.abs(self.depths - depth)))
        return float(np.interp(np.radians(self.settings.widest_deg), self._angle, self._lengths(self._reach[row])))

    def _lengths(self, reach: NDArray[np.float64]) -> NDArray[np.float64]:
        """Length along an outline from straight back to each direction."""
        places = reach[:, None] * self._directions
        length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(places, axis=0), axis=1))])
        return np.asarray(length - np.interp(0.0, self._angle, length))

    def _outline(self, reach: NDArray[np.float64], angle: NDArray[np.float64], middle: NDArray[np.float64]) -> _RING:
        """Where outlines, (n, d), lie in directions, (n,); (n, 2) in the plane."""
        far = np.array([np.interp(one, self._angle, own) for one, own in zip(angle, reach, strict=True)])
        return middle + far[:, None] * _towards(angle)


@dataclass(frozen=True)
class PlacedLead:
    """A lead in a model.

    Parameters
    ----------
    body : closed surface.
    contacts : closed surfaces by region, ``contact_1``; they reach into the body.
    middles : (k, 3) RAS mm, the middle of each contact's face; of a ring that of its side towards the dura.
    description : of what was placed.
    """

    body: Surface
    contacts: dict[str, Surface]
    middles: Points
    description: LeadDescription


def placed_lead(placement: LeadPlacement, depth: float, sheet: DorsalSheet) -> PlacedLead:
    """A lead whose middle lies at a depth, mm.

    Raises
    ------
    GeometryError
        if it would reach beyond the dura's ends, or farther around it than a lead lies.
    """
    lead, settings = placement.lead, sheet.settings
    _check_reach(placement, depth, sheet)
    turn = np.radians(placement.rotate_deg)

    def at(along: NDArray[np.float64], across: NDArray[np.float64], height: NDArray[np.float64]) -> Points:
        down = along * np.cos(turn) + across * np.sin(turn)
        aside = across * np.cos(turn) - along * np.sin(turn)
        return sheet.places(depth + down, placement.lateral_mm + aside, height)

    made = _cylinder if lead.kind == CYLINDER else _paddle
    body, contacts = made(lead, at, settings)
    places = np.array(lead.contacts)
    middles = at(places[:, 0], places[:, 1], np.full(len(places), -settings.above_mm))
    return PlacedLead(body, {f"{CONTACT}_{rank}": each for rank, each in enumerate(contacts, start=1)}, middles, lead)


def _check_reach(placement: LeadPlacement, depth: float, sheet: DorsalSheet) -> None:
    lead, turn = placement.lead, np.radians(placement.rotate_deg)
    down = (lead.length_mm * abs(np.cos(turn)) + lead.width_mm * abs(np.sin(turn))) / 2
    aside = (lead.length_mm * abs(np.sin(turn)) + lead.width_mm * abs(np.cos(turn))) / 2
    top, bottom = float(sheet.depths[0]), float(sheet.depths[-1])
    if 2 * down > bottom - top:
        raise GeometryError(
            f"the lead {lead.name} is {2 * down:.0f} mm long, longer than the model, {bottom - top:.0f} mm"
        )
    over = max(top - (depth - down), depth + down - bottom)
    if over > 0.0:
        raise GeometryError(
            f"the lead {lead.name} at {placement.level} would reach {over:.0f} mm beyond the dura of the model"
        )
    widest = min(sheet.widest(depth + step) for step in np.linspace(-down, down, 9))
    if abs(placement.lateral_mm) + aside > widest:
        raise GeometryError(
            f"the lead {lead.name} would lie outside the sac's reach: its middle may be "
            f"{max(widest - aside, 0.0):.0f} mm aside at {placement.level}"
        )


_Placing = Callable[[_RING, _RING, _RING], Points]


def _paddle(lead: LeadDescription, at: _Placing, settings: LeadSettings) -> tuple[Surface, list[Surface]]:
    """The body, and a plate for each contact."""
    wide = np.linspace(-0.5, 0.5, _pieces(lead.width_mm, settings.grid_mm) + 1)
    outline = _flat(lead.width_mm * wide, 0.0, lead.thickness_mm)
    body = _swept(outline, 0.0, lead.length_mm, settings.grid_mm, at)
    wide = np.linspace(-0.5, 0.5, _pieces(lead.contact_width_mm, settings.contact_grid_mm) + 1)
    contacts = []
    for along, across in lead.contacts:
        outline = _flat(across + lead.contact_width_mm * wide, -settings.above_mm, settings.below_mm)
        contacts.append(_swept(outline, along, lead.contact_length_mm, settings.contact_grid_mm, at))
    return body, contacts


def _cylinder(lead: LeadDescription, at: _Placing, settings: LeadSettings) -> tuple[Surface, list[Surface]]:
    """The body, and a ring for each contact."""
    radius, length, grid = lead.thickness_mm / 2, lead.contact_length_mm, settings.contact_grid_mm
    body = _swept(_round(radius, radius, settings.sides), 0.0, lead.length_mm, settings.grid_mm, at)
    outer = _round(radius + settings.above_mm, radius, settings.sides)
    inner = _round(radius - settings.below_mm, radius, settings.sides)
    contacts = []
    for along, _across in lead.contacts:
        whole, core = _swept(outer, along, length, grid, at), _swept(inner, along, length + 2 * grid, grid, at)
        contacts.append(surface_of(solid_of(whole) - solid_of(core)))
    return body, contacts


def _flat(across: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """Across and height around a plate's cross-section, (m, 2): below from side to side, and back above."""
    below, above = (np.column_stack([across, np.full(len(across), each)]) for each in (low, high))
    return np.concatenate([below, above[::-1]])


def _round(radius: float, middle: float, sides: int) -> NDArray[np.float64]:
    """Across and height around a round cross-section, (sides, 2), in the same order."""
    angle = np.pi + 2 * np.pi * (np.arange(sides) + 0.5) / sides
    return np.column_stack([radius * np.cos(angle), middle + radius * np.sin(angle)])


def _pieces(length: float, grid_mm: float) -> int:
    return max(1, int(np.ceil(length / grid_mm - 1e-9)))


def _swept(outline: NDArray[np.float64], middle: float, length: float, grid_mm: float, at: _Placing) -> Surface:
    """The closed surface of a cross-section, (m, 2) across and height, that goes along; m is even."""
    steps = middle + length * np.linspace(-0.5, 0.5, _pieces(length, grid_mm) + 1)
    count, sides = len(steps), len(outline)
    along = np.repeat(steps, sides)
    vertices = at(along, np.tile(outline[:, 0], count), np.tile(outline[:, 1], count))
    here = np.arange(sides) + sides * np.arange(count - 1)[:, None]
    beside = np.roll(here, -1, axis=1)
    walls = [np.stack([here, beside, beside + sides], axis=-1), np.stack([here, beside + sides, here + sides], axis=-1)]
    low = np.arange(sides // 2 - 1)
    high = sides - 1 - low
    cap = np.concatenate([np.column_stack([low, high, low + 1]), np.column_stack([low + 1, high, high - 1])])
    triangles = np.concatenate([*(each.reshape(-1, 3) for each in walls), cap, cap[:, ::-1] + sides * (count - 1)])
    surface = Surface(vertices, triangles)
    return surface if surface.volume() > 0 else Surface(vertices, triangles[:, ::-1])


def _towards(angle: NDArray[np.float64]) -> _RING:
    """Directions in the plane, (n, 2), by their angles from straight back to the left."""
    return np.column_stack([-np.sin(angle), -np.cos(angle)])


def reach_about(ring: _RING, middle: _RING, angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far a ring, (m, 2), lies from a place within it in directions, (n,), from straight back to the left."""
    about = ring - middle
    own = np.arctan2(-about[:, 0], -about[:, 1])
    order = np.argsort(own)
    return np.interp(angle, own[order], np.linalg.norm(about, axis=1)[order], period=2 * np.pi)
