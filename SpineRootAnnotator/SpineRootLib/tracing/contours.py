"""Dura or cord on a run of slices, from clicks or contours on some of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import DURA, contour_title
from SpineRootLib.curves import signed_distance
from SpineRootLib.progress import Progress, part, report
from SpineRootLib.tracing.fluid import FluidView
from SpineRootLib.tracing.outline import PROTRUDES, Outline, find_centred_outline
from SpineRootLib.tracing.sac import sac_about
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.tracing.views import Views
from SpineRootLib.tracing.wall import KnownOutline, Wall
from SpineRootLib.translation import _

# How far work is when the known outlines are learnt from, and when the slices between them are done.
_LEARNT, _FILLED = 0.2, 0.8


@dataclass(frozen=True, eq=False)
class ContourSeeds:
    """What is known of a structure: clicks inside of it and whole outlines, by slice number."""

    clicks: Mapping[int, Flat]
    outlines: Mapping[int, Outline]

    @property
    def numbers(self) -> list[int]:
        """Slices with either, in order."""
        return sorted({*self.clicks, *self.outlines})


class ContourTracer:
    """Finds the outlines of one structure, each with the known ones about it in mind."""

    def __init__(self, views: Views, structure: str, settings: TracingSettings):
        self.views, self.structure, self.settings = views, structure, settings

    def trace(
        self, seeds: ContourSeeds, first: int, last: int, progress: Progress | None = None
    ) -> Iterator[tuple[int, Outline | None]]:
        """Outlines from slice `first` to `last`; None where there is none.

        Between known outlines there is one on every slice. Beyond them the structure is followed until it ends.
        """
        wall = self._wall(seeds, part(progress, 0.0, _LEARNT))
        found: dict[int, Outline] = {}
        known = sorted(wall.known)
        gaps = [range(start + 1, end + (end not in seeds.outlines)) for start, end in pairwise(known)]
        if known and known[0] not in seeds.outlines:
            gaps.insert(0, range(known[0], known[0] + 1))
        filled = [gap for gap in gaps if len(gap) and gap.start <= last and gap.stop > first]
        before, count = 0, sum(map(len, filled))
        for gap in filled:
            start, before = before, before + len(gap)
            share = (_LEARNT + (_FILLED - _LEARNT) * done / count for done in (start, before))
            found |= wall.find(gap, part(progress, *share))
        for numbers in (range(known[0] - 1, first - 1, -1), range(known[-1] + 1, last + 1)) if known else ():
            found |= self._followed(wall, numbers, progress)
        for number in range(first, last + 1):
            yield number, seeds.outlines.get(number, found.get(number))

    def single(self, seeds: ContourSeeds, number: int, progress: Progress | None = None) -> tuple[Outline | None, str]:
        """The outline of one slice and the reason for none: from its click, or else from the known ones about it."""
        if number in seeds.clicks:
            click = seeds.clicks[number]
            return self.at_click(number, click), self.views.view(number, click).fault
        wall = self._wall(seeds, progress)
        if not wall.known:
            text = _("no {structure} was found on slice {number}, where it was clicked")
            return None, text.format(structure=contour_title(self.structure), number=seeds.numbers[0])
        nearest = min(abs(known - number) for known in wall.known)
        inside = min(wall.known) < number < max(wall.known)
        if not inside and nearest > self.settings.contours.farthest_slices:
            text = _("the nearest {structure} known is {count} slices away: click inside of it")
            return None, text.format(structure=contour_title(self.structure), count=nearest)
        outline = wall.find([number])[number]
        view = self.views.view(number, outline.centre)
        if inside or (not view.fault and self._is_there(view, outline)):
            return outline, ""
        return None, view.fault

    def at_click(self, number: int, click: Flat) -> Outline | None:
        """The outline around a click, or None if there is none."""
        view = self.views.view(number, click)
        if view.fault:
            return None
        wall, s = self._empty_wall(), self.settings
        rough = find_centred_outline(view, click, self.structure, s.contours)
        clear = float(np.mean(rough.strength >= s.contours.clear_edge * view.contrast))
        if clear < s.contours.least_clear:
            sac = sac_about(self.views.dots(number, click), click, s.contours) if self.structure == DURA else None
            rough = sac or wall.usual_shape(rough)
        wall.known[number] = KnownOutline(rough.flat, s.wall.rough_far_mm)
        wall.known[number] = KnownOutline(wall.find([number], look=s.wall.wide)[number].flat, s.wall.rough_mm)
        outline = wall.find([number])[number]
        if float(signed_distance(outline.flat, click[None])[0]) > s.contours.click_outside_mm:
            return None
        return outline if self._is_there(view, outline) else None

    def _wall(self, seeds: ContourSeeds, progress: Progress | None = None) -> Wall:
        """The wall with all outlines that are known, drawn or from a click."""
        wall, s = self._empty_wall(), self.settings.wall
        for number, outline in seeds.outlines.items():
            if number in self.views.stack:
                wall.known[number] = KnownOutline(outline.flat, s.drawn_mm)
        wall.learn(progress)
        for number, click in seeds.clicks.items():
            if number not in wall.known and (found := self.at_click(number, click)) is not None:
                wall.known[number] = KnownOutline(found.flat, s.clicked_mm)
        return wall

    def _empty_wall(self) -> Wall:
        s = self.settings
        outward = s.contours.dura_mm if self.structure == DURA else s.wall.cord_mm
        return Wall(self.views, self.structure, s.wall, {}, outward)

    def _followed(self, wall: Wall, numbers: Sequence[int], progress: Progress | None) -> dict[int, Outline]:
        """The outlines of successive slices beyond the known ones, until the structure ends."""
        found: dict[int, Outline] = {}
        for done, number in enumerate(numbers):
            report(progress, _FILLED + (1.0 - _FILLED) * done / len(numbers), f"Tracing {self.structure}")
            outline = wall.find([number])[number]
            view = self.views.view(number, outline.centre)
            if view.fault or not self._is_there(view, outline):
                break
            found[number] = outline
            wall.known[number] = KnownOutline(outline.flat, self.settings.wall.clicked_mm)
        return found

    def _is_there(self, view: FluidView, outline: Outline) -> bool:
        """Whether an outline encloses something like the structure, and enough of its edge is seen."""
        s = self.settings.contours
        away = outline.flat - outline.centre
        size = np.linalg.norm(away, axis=1)
        if size.mean() < s.least_radius_mm:
            return False
        towards = away / size[:, None]
        beside = (view.patch.sample(view.relative, outline.flat + by * towards) for by in (-s.beside_mm, s.beside_mm))
        inside, outside = beside
        rise = PROTRUDES[self.structure] * (outside - inside)
        if float(np.mean(rise > s.clear_edge * view.contrast)) < s.least_seen:
            return False
        within = _brightness(view, outline, s.inside)
        if self.structure == DURA:
            return bool(np.mean(within > s.fluid_from) > s.least_fluid)
        return bool(np.median(within) < s.fluid_from)


def _brightness(view: FluidView, outline: Outline, shares: Sequence[float]) -> NDArray[np.float32]:
    """Brightness on shrunk or swollen copies of an outline, part of the fluid's level."""
    places = outline.centre + (outline.flat - outline.centre) * np.reshape(shares, (-1, 1, 1))
    return view.patch.sample(view.relative, places)
