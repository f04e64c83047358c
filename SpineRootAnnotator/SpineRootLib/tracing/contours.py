"""Dura or cord on a run of slices, from clicks or contours on some of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import DURA
from SpineRootLib.tracing.contour_settings import ContourSettings
from SpineRootLib.tracing.fluid import FluidView
from SpineRootLib.tracing.outline import Outline, find_centred_outline, find_outline
from SpineRootLib.tracing.polar import Rays
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.tracing.views import Views

# Where the inside and the near outside of an outline are looked at, parts of its radius.
_INSIDE = (0.0, 0.4, 0.7)
_BEYOND = (1.2, 1.3)
# The dura holds at least this share of fluid; the cord and roots fill the rest.
_LEAST_FLUID = 0.15


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
    """Finds the outlines of one structure, slice by slice, each with the ones beside it in mind."""

    def __init__(self, views: Views, structure: str, settings: ContourSettings):
        self.views, self.structure, self.settings = views, structure, settings

    def trace(self, seeds: ContourSeeds, first: int, last: int) -> Iterator[tuple[int, Outline | None]]:
        """Outlines from slice `first` to `last`, in the order in which they become known; None where there is none.

        Those found from clicks come first, then outwards from them; at last each slice is looked at again with both
        neighbours in mind, and drawn towards them.
        """
        found = dict(seeds.outlines)
        for number, click in seeds.clicks.items():
            if number not in found and (outline := self.at_click(number, click)) is not None:
                found[number] = outline
        anchors = sorted(found)
        for number, beside in _outwards(anchors, first, last):
            if beside in found and (outline := self.beside(number, found[beside])) is not None:
                found[number] = outline
        measured: dict[int, Outline] = {}
        for number in range(first, last + 2):
            if number in found and number not in seeds.outlines:
                found[number] = self.between(number, found)
            if number in found:
                measured[number] = found[number]
            before = number - 1
            if before >= first:
                yield before, seeds.outlines.get(before) or self.evened(before, measured)

    def single(self, seeds: ContourSeeds, number: int) -> tuple[Outline | None, str]:
        """The outline of one slice and the reason for none: from its click, or else from the nearest slice known."""
        if number in seeds.clicks:
            click = seeds.clicks[number]
            view = self.views.view(number, click)
            return self.at_click(number, click), view.fault
        nearest = min(seeds.numbers, key=lambda known: (abs(known - number), known))
        start = seeds.outlines.get(nearest) or self.at_click(nearest, seeds.clicks[nearest])
        if start is None:
            return None, f"no {self.structure} was found on slice {nearest}, where it was clicked"
        if abs(nearest - number) > self.settings.farthest_slices:
            return (
                None,
                f"the nearest {self.structure} known is {abs(nearest - number)} slices away: click inside of it",
            )
        return self.beside(number, start), self.views.view(number, start.centre).fault

    def at_click(self, number: int, click: Flat) -> Outline | None:
        """The outline around a click, or None if there is none."""
        view = self.views.view(number, click)
        if view.fault:
            return None
        outline = find_centred_outline(view, click, self.structure, self.settings)
        return outline if self.is_sound(view, outline) else None

    def beside(self, number: int, neighbour: Outline) -> Outline | None:
        """The outline on the slice next to one whose outline is known, or None if it has ended."""
        view = self.views.view(number, neighbour.centre)
        if view.fault:
            return None
        outline = find_outline(view, neighbour.centre, self.structure, self.settings, neighbour)
        return outline if self.is_sound(view, outline) else None

    def between(self, number: int, found: Mapping[int, Outline]) -> Outline:
        """The outline of a slice again, expected half way between its neighbours'."""
        beside = [found[other] for other in (number - 1, number + 1) if other in found]
        if not beside:
            return found[number]
        flat = np.mean([_aligned(each, found[number].centre, self.settings) for each in beside], axis=0)
        sharper = replace(self.settings, prior_mm=self.settings.prior_between_mm)
        view = self.views.view(number, found[number].centre)
        return find_outline(view, found[number].centre, self.structure, sharper, Outline(flat, np.ones(len(flat))))

    def evened(self, number: int, measured: Mapping[int, Outline]) -> Outline | None:
        """The outline of a slice drawn towards the mean of both neighbours', which errs elsewhere."""
        if not all(beside in measured for beside in (number - 1, number, number + 1)):
            return measured.get(number)
        own = measured[number]
        beside = [_aligned(measured[other], own.centre, self.settings) for other in (number - 1, number + 1)]
        here = _aligned(own, own.centre, self.settings)
        share = self.settings.evening_dura if self.structure == DURA else self.settings.evening_cord
        return Outline(here + share * (np.mean(beside, axis=0) - here), own.strength)

    def is_sound(self, view: FluidView, outline: Outline) -> bool:
        """Whether the outline encloses something like the structure: fluid, or for the cord tissue, within an edge."""
        size = np.linalg.norm(outline.flat - outline.centre, axis=1)
        clear = float(np.mean(outline.strength >= self.settings.clear_edge * view.contrast))
        if clear < self.settings.least_clear or size.mean() < self.settings.least_radius_mm:
            return False
        inner, beyond = (np.median(_brightness(view, outline, shares)) for shares in (_INSIDE, _BEYOND))
        if self.structure == DURA:
            return bool(np.mean(_brightness(view, outline, _INSIDE) > self.settings.fluid_from) > _LEAST_FLUID)
        return bool(beyond - inner > self.settings.clear_edge * view.contrast)


def _brightness(view: FluidView, outline: Outline, shares: Sequence[float]) -> NDArray[np.float32]:
    """Brightness on shrunk or swollen copies of an outline, part of the fluid's level."""
    places = outline.centre + (outline.flat - outline.centre) * np.reshape(shares, (-1, 1, 1))
    return view.patch.sample(view.relative, places)


def _outwards(anchors: list[int], first: int, last: int) -> Iterator[tuple[int, int]]:
    """Slices by their distance to the nearest anchor, each with the slice beside it on the way there."""
    steps = []
    for number in range(first, last + 1):
        if anchors and number not in anchors:
            nearest = min(anchors, key=lambda anchor: (abs(anchor - number), anchor))
            steps.append((abs(nearest - number), number, number + (1 if nearest > number else -1)))
    for _, number, beside in sorted(steps):
        yield number, beside


def _aligned(outline: Outline, centre: Flat, settings: ContourSettings) -> Flat:
    """An outline's points at equal angles around another centre."""
    rays = Rays.around(centre, settings.angles, settings.step_mm, settings.largest_mm)
    return rays.points(rays.distances(outline.flat))
