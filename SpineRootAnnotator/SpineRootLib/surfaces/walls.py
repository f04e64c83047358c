"""Dura and cord: from contours to walls that do not touch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from SpineRootLib.anatomy import CORD, DURA
from SpineRootLib.annotation import Annotation
from SpineRootLib.errors import GeometryError, MarkupsFileError, SpineRootError
from SpineRootLib.findings import Finding, Severity
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.surfaces.continued_sac import continued, tip_height
from SpineRootLib.surfaces.contours import ContourReader
from SpineRootLib.surfaces.conus import tapered
from SpineRootLib.surfaces.loft import Cap, LoftedWall, loft
from SpineRootLib.surfaces.rings import RingStack, ring_areas
from SpineRootLib.surfaces.settings import CONTINUED, OPEN, ROUND, SAC, ModelSettings, WallEndSettings
from SpineRootLib.surfaces.smoothing import interpolated, smoothed

# Rings whose circles lie farther apart need no closer look: more than half of the distance of a ring's points.
_APART_MM = 0.2


@dataclass
class WallBuilder:
    """Builds the walls of one annotation; `findings` says what was repaired."""

    annotation: Annotation
    settings: ModelSettings
    findings: list[Finding]
    # the slice below which the dura was modelled and not traced
    modelled_from: float | None = None
    # and the cord
    conus_from: float | None = None

    def build(self) -> dict[str, LoftedWall]:
        """The walls that are annotated, by structure.

        Raises
        ------
        MarkupsFileError, GeometryError
            if a contour, or cord and dura together, cannot be what was meant.
        """
        stacks = {structure: self._stack(structure) for structure in (DURA, CORD)}
        dura, cord = stacks[DURA], stacks[CORD]
        if dura is not None and cord is not None:
            dura = self._covering(dura, cord)
            cord = self._trimmed(cord, dura)
            self._check_sizes(dura, cord)
        traced = dura
        dura = self._continued(dura)
        walls: dict[str, LoftedWall] = {}
        fine_dura, fine_cord = (None if stack is None else self._refined(stack) for stack in (dura, cord))
        drawn = None if traced is None else self._refined(traced)
        mesh = self.settings.mesh.within_budget([stack.perimeters() for stack in (drawn, fine_cord) if stack])
        if fine_dura is not None:
            caps = _dura_caps(self.settings.ends)
            if dura is not traced:
                caps = caps[0], Cap(tip_height(fine_dura), wall=True)
            walls[DURA] = loft(fine_dura, self._planes, mesh, *caps)
        if fine_cord is not None and cord is not None:
            caps = self._cord_caps(cord, dura)
            whole = fine_cord
            if fine_dura is not None:
                whole = fine_cord = self._inside_dura(fine_cord, fine_dura)
                if caps[1] is not caps[0]:
                    whole, caps = self._tapered(fine_cord, fine_dura, caps)
            # roots leave the cord where it was traced
            walls[CORD] = replace(loft(whole, self._planes, mesh, *caps), stack=fine_cord)
        return walls

    @property
    def _planes(self) -> SlicePlanes:
        return self.annotation.require_planes()

    def _stack(self, structure: str) -> RingStack | None:
        reader = ContourReader(self.annotation, structure, self.settings.contours)
        drawn = reader.rings()
        self.findings.extend(reader.findings)
        if len(drawn.numbers) < 2:
            if len(drawn.numbers):
                self._say(Severity.WARNING, "a single contour makes no surface", structure, int(drawn.numbers[0]))
            return None
        return smoothed(drawn, self._planes.spacing, self.settings.walls)

    def _refined(self, stack: RingStack) -> RingStack:
        """Rings between the slices as well, so that no step along the wall is longer than asked."""
        steps = max(1, int(np.ceil(self._planes.spacing / self.settings.mesh.step_mm - 1e-6)))
        count = int(round((stack.numbers[-1] - stack.numbers[0]) * steps)) + 1
        return interpolated(stack, stack.numbers[0] + np.arange(count) / steps)

    def _continued(self, dura: RingStack | None) -> RingStack | None:
        """The dura down to the lowest ganglia, if that is asked for and can be; what is modelled of it is said."""
        if dura is None or self.settings.ends.dura_bottom != CONTINUED:
            return dura
        whole = continued(dura, self._planes, self.annotation.ganglia, self.settings.continued)
        if whole is None:
            message = "the dura is not carried on below its last contour: that needs ganglia of two levels further down"
            self._say(Severity.WARNING, message, DURA, int(dura.numbers[-1]))
            return dura
        length = (whole.numbers[-1] - dura.numbers[-1]) * self._planes.spacing
        message = f"the dura below slice {int(dura.numbers[-1])} is modelled, {length:.0f} mm long, and not traced"
        self._say(Severity.INFO, message, DURA, int(dura.numbers[-1]))
        self.modelled_from = float(dura.numbers[-1])
        return whole

    def _covering(self, dura: RingStack, cord: RingStack) -> RingStack:
        """The dura continued over the few slices at either end on which only the cord was drawn."""
        above = int(dura.numbers[0] - cord.numbers[0])
        below = int(cord.numbers[-1] - dura.numbers[-1])
        numbers, rings = [dura.numbers], [dura.rings]
        for missing, end, at in ((above, 0, 0), (below, -1, 2)):
            if 0 < missing <= self.settings.ends.continued_slices:
                first = dura.numbers[0] - missing if end == 0 else dura.numbers[-1] + 1
                numbers.insert(at, first + np.arange(missing))
                rings.insert(at, np.repeat(dura.rings[[end]], missing, axis=0))
                message = f"no dura on {missing} slices where the cord was drawn; the nearest contour was continued"
                self._say(Severity.WARNING, message, DURA, int(first))
        return RingStack(np.concatenate(numbers), np.concatenate(rings))

    def _trimmed(self, cord: RingStack, dura: RingStack) -> RingStack:
        """The cord on the slices of the dura only."""
        shared = (cord.numbers >= dura.numbers[0]) & (cord.numbers <= dura.numbers[-1])
        if shared.sum() < 2:
            raise GeometryError(f"cord and dura of sub-{self.annotation.subject} share no slices")
        if not shared.all():
            message = f"{int((~shared).sum())} slices of the cord lie beyond the dura and were left out"
            self._say(Severity.WARNING, message, CORD, int(cord.numbers[~shared][0]))
        return RingStack(cord.numbers[shared], cord.rings[shared])

    def _check_sizes(self, dura: RingStack, cord: RingStack) -> None:
        shared = np.isin(dura.numbers, cord.numbers)
        larger = ring_areas(cord.rings) > ring_areas(dura.rings[shared])
        if larger.mean() > 0.5:
            message = f"the cord is larger than the dura on {int(larger.sum())} of {len(larger)} slices: files swapped?"
            raise GeometryError(f"sub-{self.annotation.subject}: {message}")

    def _inside_dura(self, cord: RingStack, dura: RingStack) -> RingStack:
        """The cord drawn in where it comes nearer to the dura than the clearance."""
        clearance = self.settings.clearance.clearance_mm + self.settings.clearance.margin_mm
        outer = dura.rings[np.searchsorted(dura.numbers, cord.numbers)]
        drawn = [_drawn_in(ring, around, clearance) for ring, around in zip(cord.rings, outer, strict=True)]
        pushed = np.array([depth for _, depth in drawn])
        worst = int(np.argmax(pushed))
        if pushed[worst] > self.settings.walls.cord_in_dura_mm:
            raise self._beyond_dura(int(round(cord.numbers[worst])), float(pushed[worst]))
        for number, depth in zip(cord.numbers.tolist(), pushed.tolist(), strict=True):
            if depth > 0 and number == round(number):
                message = f"the cord came too near to the dura and was drawn in by {depth:.2f} mm"
                self._say(Severity.WARNING, message, CORD, int(number))
        return RingStack(cord.numbers, np.array([ring for ring, _ in drawn]))

    def _beyond_dura(self, number: int, depth: float) -> SpineRootError:
        """A fault with the file's name, where the slice was drawn and not interpolated."""
        contour = self.annotation.contours_by_slice(CORD).get(number)
        if contour is not None and contour.source:
            return MarkupsFileError(f"reaches {depth:.1f} mm beyond the dura on slice {number}", contour.source)
        return GeometryError(
            f"sub-{self.annotation.subject}: the cord reaches {depth:.1f} mm beyond the dura on slice {number}"
        )

    def _cord_caps(self, cord: RingStack, dura: RingStack | None) -> tuple[Cap, Cap]:
        """A flat cut above; below a rounded conus tip, or a flat cut where the tip was not drawn."""
        ends = self.settings.ends
        flat = Cap(ends.bulge_mm / 3)
        radius = float(np.sqrt(ring_areas(cord.rings[-1:])[0] / np.pi))
        if dura is not None and cord.numbers[-1] >= dura.numbers[-1]:
            return flat, flat
        if radius > ends.widest_tip_mm:
            message = f"the cord ends {2 * radius:.1f} mm wide: its tip was not drawn, and it is closed as cut"
            self._say(Severity.WARNING, message, CORD, int(cord.numbers[-1]))
            return flat, flat
        return flat, Cap(min(radius, 0.8 * self._planes.spacing))

    def _tapered(self, cord: RingStack, dura: RingStack, caps: tuple[Cap, Cap]) -> tuple[RingStack, tuple[Cap, Cap]]:
        """The cord with a cone below, and the filum, if that is asked for; what is modelled of it is said."""
        kind, spacing = self.settings.ends.conus, self._planes.spacing
        if kind == ROUND:
            return cord, caps
        whole = tapered(cord, dura, spacing, kind, self.settings.conus)
        length = float(whole.numbers[-1] - cord.numbers[-1]) * spacing
        if length <= 0.0:
            self._say(
                Severity.WARNING, f"the dura leaves no room for a {kind} below the cord", CORD, int(cord.numbers[-1])
            )
            return cord, caps
        self.conus_from = float(cord.numbers[-1])
        message = f"the cord below slice {int(cord.numbers[-1])} is modelled, {length:.0f} mm long, and not traced"
        self._say(Severity.INFO, message, CORD, int(cord.numbers[-1]))
        return whole, (caps[0], Cap(float(np.sqrt(ring_areas(whole.rings[-1:])[0] / np.pi))))

    def _say(self, severity: Severity, message: str, structure: str, number: int) -> None:
        self.findings.append(Finding(severity, "surface-wall", message, structure, slice=number))


def _dura_caps(ends: WallEndSettings) -> tuple[Cap, Cap]:
    caps = [
        Cap(ends.sac_length_mm, wall=True) if kind == SAC else Cap(ends.bulge_mm, open_end=kind == OPEN)
        for kind in (ends.dura_top, ends.dura_bottom)
    ]
    return caps[0], caps[1]


def _winds(spokes: NDArray[np.float64]) -> bool:
    """Whether the places at the ends of spokes, (m, 2), go round their middle."""
    angle = np.arctan2(spokes[:, 1], spokes[:, 0])
    turned = np.diff(angle, append=angle[:1])
    return bool(abs(np.sum((turned + np.pi) % (2 * np.pi) - np.pi)) > np.pi)


def _drawn_in(
    ring: NDArray[np.float64], outer: NDArray[np.float64], clearance: float
) -> tuple[NDArray[np.float64], float]:
    """A ring, (m, 2), kept `clearance` inside another, and by how much at most it had to be moved."""
    centre = ring.mean(axis=0)
    spokes = outer - centre
    to_wall = float(np.linalg.norm(spokes, axis=1).min()) - float(np.linalg.norm(ring - centre, axis=1).max())
    if to_wall > clearance + _APART_MM and _winds(spokes):
        return ring, 0.0
    nearest = cKDTree(outer).query(ring)[1]
    along = np.roll(outer, -1, axis=0) - np.roll(outer, 1, axis=0)
    inward = np.column_stack([-along[:, 1], along[:, 0]])[nearest]
    inward /= np.linalg.norm(inward, axis=1, keepdims=True)
    depth = np.einsum("md,md->m", ring - outer[nearest], inward)
    pushed = np.maximum(clearance - depth, 0.0)
    return ring + pushed[:, None] * inward, float(pushed.max())
