"""Dura or cord on a run of slices, from clicks or contours on some of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import DURA
from SpineRootLib.progress import Progress, report
from SpineRootLib.tracing.contour_settings import ContourSettings
from SpineRootLib.tracing.fluid import FluidView
from SpineRootLib.tracing.outline import Outline, find_centred_outline, find_outline
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.tracing.views import Views
from SpineRootLib.tracing.wall import Wall

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

    def trace(
        self, seeds: ContourSeeds, first: int, last: int, progress: Progress | None = None
    ) -> Iterator[tuple[int, Outline | None]]:
        """Outlines from slice `first` to `last`; None where there is none.

        Those found from clicks come first, then outwards from them; at last one wall is laid through all of them.
        """
        found = dict(seeds.outlines)
        for number, click in seeds.clicks.items():
            if number not in found and (outline := self.at_click(number, click)) is not None:
                found[number] = outline
        steps = list(_outwards(sorted(found), first, last))
        for done, (number, beside) in enumerate(steps):
            report(progress, done / len(steps), f"Tracing {self.structure}")
            if beside in found and (outline := self.beside(number, found[beside])) is not None:
                found[number] = outline
        if found:
            found |= Wall(self.views, self.structure, self.settings, found, seeds.outlines).outlines()
        for number in range(first, last + 1):
            yield number, seeds.outlines.get(number, found.get(number))

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
