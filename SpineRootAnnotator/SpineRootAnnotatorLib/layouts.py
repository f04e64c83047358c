"""Arrangements of views made for each mode; used only when the annotator wants them."""

from __future__ import annotations

from typing import Any

from SpineRootAnnotatorLib.keys import GANGLIA_MODE
from SpineRootScene.view_layout import (
    layout_node,
    nested,
    set_layout,
    side_by_side,
    slice_view,
    stacked,
    three_d_view,
)

# A second sagittal view: DESS in the plane of T2-TSE, so that the two can be linked.
BESIDE = "DESS"
# The view of the root's strip.
STRIP = "Strip"

# numbers of their own; the Modeler has 581 and 582
_ONE_OVERVIEW = (571, side_by_side(slice_view("Green", 500), slice_view("Yellow", 500)))
_SLICES = (572, side_by_side(slice_view("Red", 700), three_d_view(300)))
_TWO_OVERVIEWS = (573, side_by_side(slice_view("Green", 500), slice_view(BESIDE, 500), slice_view("Yellow", 500)))
_TWO_ON_NARROW_SCREEN = (
    574,
    stacked(nested(side_by_side(slice_view(BESIDE, 500), slice_view("Yellow", 500)), 600), slice_view("Green", 400)),
)

_WITH_STRIP = (575, side_by_side(slice_view("Red", 550), slice_view(STRIP, 200), three_d_view(250)))


class Arrangement:
    """Arranges the views, and gives the user their own layout back; without a main window there is none."""

    def __init__(self, scene: Any):
        self._node = layout_node(scene)
        self._before: int | None = None
        self._ours: int | None = None

    def arrange(self, mode: str, overviews: int, is_narrow: bool = False, with_strip: bool = False) -> None:
        """Arrange the views for a mode.

        Parameters
        ----------
        overviews : how many of DESS and T2-TSE there are.
        is_narrow : whether three views beside each other are wider than the screen lets them be.
        with_strip : whether the root's strip is seen.
        """
        if self._node is None:
            return
        number, description = _WITH_STRIP if with_strip else _SLICES
        if mode == GANGLIA_MODE:
            two = _TWO_ON_NARROW_SCREEN if is_narrow else _TWO_OVERVIEWS
            number, description = two if overviews > 1 else _ONE_OVERVIEW
        if self._node.GetViewArrangement() != self._ours:
            self._before = self._node.GetViewArrangement()
        set_layout(self._node, number, description)
        self._ours = number

    def give_back(self) -> None:
        """As the user had it, unless they chose another meanwhile."""
        node, before = self._node, self._before
        if node is not None and before is not None and node.GetViewArrangement() == self._ours:
            node.SetViewArrangement(before)
        self._before = self._ours = None
