"""The slices of an image in units of their fluid, made when asked for and kept for a while."""

from __future__ import annotations

import copy
from collections import OrderedDict

import numpy as np
from numpy.typing import ArrayLike

from SpineRootLib.images import Image
from SpineRootLib.tracing.dots import Dots, find_dots
from SpineRootLib.tracing.fluid import FluidView, fluid_view
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.slices import Pixels, SliceStack
from SpineRootLib.translation import _

_KEPT = 200


class Views:
    """Windows of the slices and the dark spots in them.

    A window lies on a fixed lattice, so that what is proposed does not depend on what was asked before.
    """

    def __init__(self, image: Image, settings: TracingSettings):
        self.stack = SliceStack(image)
        self.planes = self.stack.planes
        self.image_fault = _image_fault(self.stack)
        self._settings = settings
        self._window_mm, self._lattice_mm = settings.fluid.window_mm, settings.fluid.lattice_mm
        self._views: OrderedDict[tuple[int, int, int], FluidView] = OrderedDict()
        self._usual: dict[int, float] = {}
        self._dots: OrderedDict[tuple[int, int, int], Dots] = OrderedDict()

    def nearer(self) -> Views:
        """The same image in smaller windows, for one root at a time."""
        near = copy.copy(self)
        near._window_mm, near._lattice_mm = self._settings.fluid.near_window_mm, self._settings.fluid.near_lattice_mm
        near._views, near._dots = OrderedDict(), OrderedDict()
        return near

    def view(self, number: int, place: ArrayLike) -> FluidView:
        """The window of a slice that holds an in-plane position, (2,), well inside.

        Raises
        ------
        GeometryError
            if there is no slice of that number.
        """
        key = self._key(number, place)
        if key not in self._views:
            patch = self.stack.patch(number, np.array(key[1:]) * self._lattice_mm, self._window_mm)
            self._views[key] = fluid_view(patch, self._settings.fluid, self._usual_level(number))
            _drop_oldest(self._views)
        return self._views[key]

    def dots(self, number: int, place: ArrayLike) -> Dots:
        """The dark dots of that window; none where it is faulty."""
        key = self._key(number, place)
        if key not in self._dots:
            self._dots[key] = find_dots(self.view(number, place), self._settings.dots)
            _drop_oldest(self._dots)
        return self._dots[key]

    def _usual_level(self, number: int) -> float:
        """The level of the fluid on a slice: brightness falls along the body, in sub-03 to a third."""
        fluid = self._settings.fluid
        if number not in self._usual:
            values = _middle(self.stack, number, fluid.middle_share) if fluid.bright_fluid else np.empty(0)
            self._usual[number] = float(np.percentile(values, fluid.bright_percentile)) if len(values) else 0.0
        return self._usual[number]

    def _key(self, number: int, place: ArrayLike) -> tuple[int, int, int]:
        cell = np.round(np.asarray(place, np.float64).reshape(2) / self._lattice_mm).astype(int)
        return int(number), int(cell[0]), int(cell[1])


def _image_fault(stack: SliceStack) -> str:
    """What is wrong with the whole image."""
    picked = [
        _middle(stack, number, 1.0) for number in range(1, stack.planes.count + 1, max(1, stack.planes.count // 12))
    ]
    values = np.concatenate(picked)
    if not len(values):
        return _("the image holds no numbers")
    return _("the image is constant") if float(np.ptp(values)) == 0 else ""


def _middle(stack: SliceStack, number: int, share: float) -> Pixels:
    """Every fourth pixel along both axes of so much of the middle of a slice, (n,), without what is no number."""
    pixels = stack.pixels(number)
    margin = [int(size * (1 - share) / 2) for size in pixels.shape]
    part = pixels[margin[0] : pixels.shape[0] - margin[0] : 4, margin[1] : pixels.shape[1] - margin[1] : 4]
    values = np.asarray(part, np.float32).ravel()
    return values[np.isfinite(values)]


def _drop_oldest(kept: OrderedDict[tuple[int, int, int], FluidView] | OrderedDict[tuple[int, int, int], Dots]) -> None:
    while len(kept) > _KEPT:
        kept.popitem(last=False)
