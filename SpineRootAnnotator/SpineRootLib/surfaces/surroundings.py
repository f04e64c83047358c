"""What lies around the dura and within the cord: epidural fat, back, grey matter, a lead; modelled, and not traced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CORD, DURA, Root
from SpineRootLib.errors import GeometryError
from SpineRootLib.findings import Severity
from SpineRootLib.frames import Points
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.surfaces.continued_sac import tip_height
from SpineRootLib.surfaces.cutting import Around
from SpineRootLib.surfaces.lead_surfaces import DorsalSheet, PlacedLead, placed_lead, reach_about
from SpineRootLib.surfaces.loft import Cap, LoftedWall, loft
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.surfaces.rings import RingStack, ring_centroids
from SpineRootLib.surfaces.settings import SAC, MeshSettings, WallEndSettings
from SpineRootLib.surfaces.surroundings_settings import GreySettings, LeadPlacement, LeadSettings, SurroundingsSettings


@dataclass(frozen=True, eq=False)
class SurroundingsBuilder:
    """Builds what lies around the walls of a model.

    Parameters
    ----------
    walls : dura and, where it is annotated, cord.
    ends : how the dura ends; `continued`, whether it was carried on below.
    starts : (3,) by root, where it leaves the cord.
    """

    walls: Mapping[str, LoftedWall]
    planes: SlicePlanes
    ends: WallEndSettings
    continued: bool
    mesh: MeshSettings
    starts: Mapping[Root, Points]
    settings: SurroundingsSettings

    def around(self, lead: PlacedLead | None) -> Around:
        """All of it, with a lead."""
        coarse, stack = self._coarse(), self._every(self.walls[DURA].stack)
        thick, (before, behind) = self.settings.dura_mm, self.settings.fat_mm
        outer = self._beyond_ends(stack.numbers, _offset(stack.rings, thick), thick)
        canal = self._beyond_ends(outer.numbers, _swollen(outer.rings, before, behind), before)
        return Around(
            outer=loft(outer, self.planes, coarse, *self._caps(thick)).closed,
            canal=loft(canal, self.planes, coarse, *self._caps(thick + before)).closed,
            back=self._back(canal),
            grey=self._grey(coarse),
            lead=None if lead is None else lead.body,
            contacts={} if lead is None else lead.contacts,
        )

    def lead(self) -> PlacedLead | None:
        """The lead, if there is one.

        Raises
        ------
        GeometryError
            if it does not fit.
        """
        if self.settings.lead is None:
            return None
        stack = self.walls[DURA].stack
        outside = RingStack(stack.numbers, _offset(stack.rings, self.settings.dura_mm))
        sheet = DorsalSheet(outside, self.planes, LeadSettings())
        return placed_lead(self.settings.lead, self._depth(self.settings.lead), sheet)

    def _depth(self, placement: LeadPlacement) -> float:
        """The depth of the middle of a lead, mm."""
        own = [place for root, place in self.starts.items() if root.segment == placement.level]
        if not own:
            raise GeometryError(f"no root {placement.level} is annotated, beside which the lead would lie")
        return float(self.planes.depth(np.mean(own, axis=0)[None])[0])

    def _coarse(self) -> MeshSettings:
        mesh, detail = self.mesh, self.settings.detail
        return replace(
            mesh,
            edge_mm=mesh.edge_mm / detail,
            shortest_mm=mesh.shortest_mm / detail,
            sagitta_mm=mesh.sagitta_mm / detail**2,
        )

    def _every(self, stack: RingStack) -> RingStack:
        """Every so many of the rings of a stack, the last one always."""
        stride = max(1, round(1 / self.settings.detail))
        kept = np.unique(np.append(np.arange(0, len(stack.numbers), stride), len(stack.numbers) - 1))
        return RingStack(stack.numbers[kept], stack.rings[kept])

    def _open_ends(self) -> tuple[bool, bool]:
        """Whether the dura was cut above and below, and not closed by a dome."""
        return self.ends.dura_top != SAC, not self.continued and self.ends.dura_bottom != SAC

    def _beyond_ends(self, numbers: NDArray[np.float64], rings: NDArray[np.float64], by_mm: float) -> RingStack:
        """A stack, and one more ring beyond each end that was cut."""
        above, below = self._open_ends()
        step = (by_mm + self.ends.bulge_mm) / self.planes.spacing
        if above:
            numbers, rings = np.append(numbers[0] - step, numbers), np.concatenate([rings[:1], rings])
        if below:
            numbers, rings = np.append(numbers, numbers[-1] + step), np.concatenate([rings, rings[-1:]])
        return RingStack(numbers, rings)

    def _caps(self, by_mm: float) -> tuple[Cap, Cap]:
        """The caps of what lies by so much outside of the dura."""
        above, below = self._open_ends()
        flat = Cap(self.ends.bulge_mm)
        tip = tip_height(self.walls[DURA].stack) if self.continued else self.ends.sac_length_mm
        return flat if above else Cap(self.ends.sac_length_mm + by_mm), flat if below else Cap(tip + by_mm)

    def _back(self, canal: RingStack) -> Surface:
        """A cylinder about the middle of all, across the slices."""
        settings, spacing = self.settings, self.planes.spacing
        middle = ring_centroids(canal.rings).mean(axis=0)
        angle = 2 * np.pi * np.arange(10 * settings.back_sides) / (10 * settings.back_sides)
        circle = middle + settings.back_radius_mm * np.column_stack([np.cos(angle), np.sin(angle)])
        dome = self._caps(settings.dura_mm)[1].height_mm
        first = canal.numbers[0] - settings.beyond_mm / spacing
        last = canal.numbers[-1] + (settings.beyond_mm + dome) / spacing
        edge = 2 * np.pi * settings.back_radius_mm / settings.back_sides
        count = max(2, round((last - first) * spacing / edge) + 1)
        stack = RingStack(np.linspace(first, last, count), np.repeat(circle[None], count, axis=0))
        mesh = replace(self.mesh, edge_mm=edge, shortest_mm=edge, sagitta_mm=edge)
        return loft(stack, self.planes, mesh, Cap(self.ends.bulge_mm), Cap(self.ends.bulge_mm)).closed

    def grey_stack(self) -> RingStack | None:
        """The rings of the cord in which grey matter lies: the longest run of thick ones; None where there is none."""
        settings = self.settings.grey
        if settings is None or CORD not in self.walls:
            return None
        stack = self._every(self.walls[CORD].stack)
        within = settings.end_mm / self.planes.spacing
        kept = (stack.numbers >= stack.numbers[0] + within) & (stack.numbers <= stack.numbers[-1] - within)
        kept &= np.ptp(stack.rings, axis=1).min(axis=1) >= settings.least_mm
        # where a run begins, and where the first ring after it lies
        runs = np.flatnonzero(np.diff(kept, prepend=False, append=False)).reshape(-1, 2)
        runs = runs[runs[:, 1] - runs[:, 0] > 1]
        if not len(runs):
            return None
        first, end = runs[np.argmax(stack.numbers[runs[:, 1] - 1] - stack.numbers[runs[:, 0]])]
        return RingStack(stack.numbers[first:end], stack.rings[first:end])

    def _grey(self, mesh: MeshSettings) -> Surface | None:
        """The butterfly in the cord; None where there is none."""
        settings, stack = self.settings.grey, self.grey_stack()
        if settings is None or stack is None:
            return None
        rings = np.array([_butterfly(ring, settings) for ring in stack.rings])
        flat = Cap(self.ends.bulge_mm)
        return loft(RingStack(stack.numbers, rings), self.planes, mesh, flat, flat).closed

    def report(self) -> dict[str, Any]:
        """What a report says of the surroundings: that they are modelled, how, and where grey matter and lead lie."""
        settings, grey = self.settings, self.grey_stack()
        said: dict[str, Any] = {
            "origin": "modelled, and not traced",
            "dura_mm": settings.dura_mm,
            "epidural_fat_mm": {"in_front": settings.fat_mm[0], "behind": settings.fat_mm[1]},
            "back_radius_mm": settings.back_radius_mm,
            "grey_matter": None if grey is None else _slices_of(grey),
        }
        if settings.lead is not None:
            lead = settings.lead
            place = {"at": lead.level, "lateral_mm": lead.lateral_mm, "rotate_deg": lead.rotate_deg}
            said["lead"] = {"name": lead.lead.name, "source": lead.lead.source, **place}
        return said

    def grey_left_out(self) -> tuple[Severity, str] | None:
        """A sentence where grey matter was asked for and lies nowhere in the cord, or not in all of it."""
        settings = self.settings.grey
        if settings is None or CORD not in self.walls:
            return None
        thick = f"of the cord that is at least {settings.least_mm:g} mm across"
        grey = self.grey_stack()
        if grey is None:
            return Severity.WARNING, f"grey matter is left out: there is no length {thick}"
        if (np.ptp(self.walls[CORD].stack.rings, axis=1).min(axis=1) >= settings.least_mm).all():
            return None
        where = "slices {from_slice} to {to_slice}".format(**_slices_of(grey))
        return Severity.INFO, f"grey matter lies on {where} alone, the longest part {thick}"


def _slices_of(stack: RingStack) -> dict[str, int]:
    """The first and the last slice of a stack."""
    first, last = np.rint(stack.numbers[[0, -1]]).astype(int).tolist()
    return {"from_slice": first, "to_slice": last}


def _offset(rings: NDArray[np.float64], by_mm: float) -> NDArray[np.float64]:
    """Rings, (s, m, 2), all of whose points are moved outwards."""
    along = np.roll(rings, -1, axis=1) - np.roll(rings, 1, axis=1)
    outward = np.stack([along[..., 1], -along[..., 0]], axis=-1)
    return np.asarray(rings + by_mm * outward / np.linalg.norm(outward, axis=2, keepdims=True))


def _swollen(rings: NDArray[np.float64], before_mm: float, behind_mm: float) -> NDArray[np.float64]:
    """Rings, (s, m, 2), moved away from their middles, farther behind than before."""
    about = rings - ring_centroids(rings)[:, None]
    about /= np.linalg.norm(about, axis=2, keepdims=True)
    # the second in-plane axis points forward
    by_mm = before_mm + (behind_mm - before_mm) * (1 - about[..., 1:]) / 2
    return np.asarray(rings + by_mm * about)


def _butterfly(ring: NDArray[np.float64], settings: GreySettings) -> NDArray[np.float64]:
    """The outline of the grey matter, (k, 2), in a ring of the cord, (m, 2)."""
    # against the clock, as rings run
    angle = -2 * np.pi * np.arange(settings.points) / settings.points
    degrees = np.abs(np.degrees(np.angle(np.exp(1j * angle))))
    dorsal = np.exp(-(((degrees - settings.dorsal_deg) / settings.dorsal_wide_deg) ** 2) / 2)
    ventral = np.exp(-(((degrees - settings.ventral_deg) / settings.ventral_wide_deg) ** 2) / 2)
    share = settings.waist + settings.dorsal * dorsal + settings.ventral * ventral
    middle = ring_centroids(ring[None])[0]
    reach = share * reach_about(ring, middle, angle)
    return np.asarray(middle + reach[:, None] * np.column_stack([-np.sin(angle), -np.cos(angle)]))
