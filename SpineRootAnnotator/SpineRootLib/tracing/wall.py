"""The outlines of dura or cord on a run of slices, found together: a smooth wall through the edges that are seen.

On one slice nothing tells the cord from a root that sticks to it, or the fluid's edge in a flow void. The wall beside
it, on other angles and slices, does: an edge that stands off from it is not believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from SpineRootLib.anatomy import DURA
from SpineRootLib.tracing.contour_settings import ContourSettings
from SpineRootLib.tracing.course_smoothing import smooth_course
from SpineRootLib.tracing.outline import PROTRUDES, Outline
from SpineRootLib.tracing.polar import Rays
from SpineRootLib.tracing.views import Views
from SpineRootLib.tracing.wall_smoothing import smooth_wall

Distances = NDArray[np.float64]
# How much farther than usual an edge may stand off from the wall, turn by turn of a fit that begins near it, and of the
# first one, which begins anywhere.
_TURNS = (1.0, 1.0, 1.0)
_FIRST_TURNS = (3.0, 3.0, 2.0, 1.5, *_TURNS)


@dataclass(frozen=True, eq=False)
class Edges:
    """The edge on each ray of each slice: its distance, (n, a) mm, and how far it is believed, (n, a) 0..1."""

    distance: Distances
    belief: Distances


class Wall:
    """The wall of one structure on successive slices.

    Parameters
    ----------
    found : outlines by slice, each found on its own slice; at least one.
    drawn : confirmed outlines by slice. They say where the annotator draws the edge: all others are drawn so, too.
    """

    def __init__(
        self,
        views: Views,
        structure: str,
        settings: ContourSettings,
        found: Mapping[int, Outline],
        drawn: Mapping[int, Outline],
    ):
        self.views, self.structure, self.settings = views, structure, settings
        self.found = found
        self.numbers = range(min(found), max(found) + 1)
        self.rays = self._rays()
        self._outward = settings.dura_mm if structure == DURA else 0.0
        bend = settings.wall_bend_dura if structure == DURA else settings.wall_bend_cord
        self._bend_mm = bend * views.planes.spacing**2
        self._drawn = self._known({number: each for number, each in drawn.items() if number in found})

    def outlines(self) -> dict[int, Outline]:
        """The outline on each slice on which one was found."""
        known = self._known(self.found)
        strength = np.array([self._strengths(number) for number in self.numbers])
        wall = self._fitted(Edges(known.distance, known.belief * self._clear(strength)))
        for _ in range(self.settings.wall_turns):
            distance, strength = self._measured(wall)
            habit = self._habit(wall)
            edges = self._with_drawn(Edges(distance, self._clear(strength)), habit)
            wall = self._fitted(edges, wall)
        agreed = strength * self._believed(distance - wall) / self.settings.wall_step_share
        outside = self._outward + habit
        return {
            number: Outline(rays.points(row + outside), clear)
            for number, rays, row, clear in zip(self.numbers, self.rays, wall, agreed, strict=True)
            if number in self.found
        }

    def _rays(self) -> list[Rays]:
        """Rays from a middle that goes smoothly from slice to slice."""
        numbers = np.array(sorted(self.found))
        centres = np.array([self.found[number].centre for number in numbers])
        between = np.column_stack([np.interp(self.numbers, numbers, centres[:, axis]) for axis in range(2)])
        deviation = np.where(np.isin(self.numbers, numbers), 1.0, np.inf)
        s = self.settings
        middle = smooth_course(between, deviation, s.wall_centre_mm)
        return [Rays.around(each, s.angles, s.step_mm, s.largest_mm) for each in middle]

    def _known(self, outlines: Mapping[int, Outline]) -> Edges:
        """Outlines as distances of the fluid's edge; those that are missing are not believed."""
        distance = np.zeros((len(self.numbers), self.settings.angles))
        belief = np.zeros_like(distance)
        for row, (number, rays) in enumerate(zip(self.numbers, self.rays, strict=True)):
            if number in outlines:
                distance[row] = rays.distances(outlines[number].flat) - self._outward
                belief[row] = 1.0
        return Edges(distance, belief)

    def _strengths(self, number: int) -> Distances:
        outline, count = self.found.get(number), self.settings.angles
        return outline.strength if outline is not None and len(outline.strength) == count else np.ones(count)

    def _measured(self, wall: Distances) -> tuple[Distances, Distances]:
        """The clearest edge near the wall: its distance, (n, a) mm, and how clear it is, part of the fluid's level."""
        s = self.settings
        half = round(s.wall_edge_mm / s.wall_step_mm)
        reach = round(s.wall_reach_mm / s.wall_step_mm)
        shifts = s.wall_step_mm * np.arange(-reach, reach + 1.0)
        offsets = s.wall_step_mm * np.arange(-reach - half, reach + half + 1.0)
        found = np.zeros((2, *wall.shape))
        for row, (number, rays) in enumerate(zip(self.numbers, self.rays, strict=True)):
            if number in self.found:
                view = self.views.view(number, self.found[number].centre)
                places = rays.centre + rays.directions[:, None] * np.maximum(wall[row, :, None] + offsets, 0)[..., None]
                profile = view.patch.sample(view.relative, places).astype(np.float64)
                rise = PROTRUDES[self.structure] * _rise(profile, half, s.wall_along_rays)
                shift, found[1, row] = _best_edge(rise, shifts, s.wall_pull / s.wall_reach_mm**2)
                found[0, row] = wall[row] + shift
        return found[0], found[1]

    def _fitted(self, edges: Edges, wall: Distances | None = None) -> Distances:
        """The wall through the edges, those that stand off from it believed less from turn to turn."""
        fitted = self._smooth(edges, 1.0) if wall is None else wall
        for loose in _FIRST_TURNS if wall is None else _TURNS:
            fitted = self._smooth(edges, self._believed(edges.distance - fitted, loose))
        return fitted

    def _smooth(self, edges: Edges, share: float | Distances) -> Distances:
        s = self.settings
        return smooth_wall(edges.distance, share * edges.belief / s.wall_noise_mm**2, s.wall_harmonics, self._bend_mm)

    def _believed(self, off: Distances, loose: float = 1.0) -> Distances:
        """Tukey's biweight of how far edges stand off from the wall, mm, narrower on the side where roots stick."""
        s = self.settings
        limit = np.where(off * PROTRUDES[self.structure] > 0, s.wall_stuck_mm, s.wall_hollow_mm) * loose
        return np.asarray(np.clip(1.0 - (off / limit) ** 2, 0.0, None) ** 2)

    def _clear(self, strength: Distances) -> Distances:
        s = self.settings
        return np.clip((strength - s.wall_least_edge) / (s.wall_full_edge - s.wall_least_edge), 0.0, 1.0)

    def _habit(self, wall: Distances) -> float:
        """How far outside of the fluid's edge the annotator draws, mm."""
        rows = self._drawn.belief[:, 0] > 0
        if not rows.any():
            return 0.0
        off = np.median(self._drawn.distance[rows] - wall[rows])
        return float(off * rows.sum() / (rows.sum() + 1))

    def _with_drawn(self, edges: Edges, habit: float) -> Edges:
        """The edges, and what was drawn as far as a hand's jitter lets it be believed."""
        share = self.settings.wall_drawn * self._drawn.belief
        belief = edges.belief + share
        distance = edges.distance * edges.belief + (self._drawn.distance - habit) * share
        return Edges(np.where(belief > 0, distance / np.maximum(belief, 1e-9), edges.distance), belief)


def _rise(profile: Distances, half: int, along_rays: float) -> Distances:
    """By how much the brightness rises outwards at each place with `half` samples on both sides, (a, r - 2 half)."""
    even = ndimage.gaussian_filter1d(profile, along_rays, axis=0, mode="wrap", truncate=2.5)
    total = np.cumsum(np.pad(even, ((0, 0), (1, 0))), axis=1)
    middle = np.arange(half, profile.shape[1] - half)
    beyond = total[:, middle + half + 1] - total[:, middle + 1]
    return np.asarray((beyond - total[:, middle] + total[:, middle - half]) / half)


def _best_edge(rise: Distances, shifts: Distances, pull: float) -> tuple[Distances, Distances]:
    """Where the rise is steepest, less `pull` times the squared shift: the shift, (a,) mm, and the rise there."""
    score = rise - pull * shifts**2
    best = np.clip(score.argmax(axis=1), 1, len(shifts) - 2)
    rows = np.arange(len(rise))
    below, here, above = (score[rows, best + step] for step in (-1, 0, 1))
    curve = below + above - 2 * here
    part = np.where(curve < -1e-9, 0.5 * (below - above) / np.minimum(curve, -1e-9), 0.0)
    return shifts[best] + np.clip(part, -1, 1) * (shifts[1] - shifts[0]), np.clip(rise[rows, best], 0.0, None)
