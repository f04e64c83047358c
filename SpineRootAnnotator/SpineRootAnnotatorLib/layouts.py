"""Arrangements of views made for each mode; used only when the annotator wants them."""

from __future__ import annotations

from typing import Any

from SpineRootAnnotatorLib.keys import GANGLIA_MODE

_SLICE = (
    '<item splitSize="{size}"><view class="vtkMRMLSliceNode" singletontag="{name}">'
    '<property name="orientation" action="default">{orientation}</property>'
    '<property name="viewlabel" action="default">{letter}</property>'
    '<property name="viewcolor" action="default">{color}</property></view></item>'
)
_THREE_D = (
    '<item splitSize="{size}"><view class="vtkMRMLViewNode" singletontag="1">'
    '<property name="viewlabel" action="default">1</property></view></item>'
)


def _slice(name: str, orientation: str, letter: str, color: str, size: int = 500) -> str:
    return _SLICE.format(name=name, orientation=orientation, letter=letter, color=color, size=size)


_RED = _slice("Red", "Axial", "R", "#F34A33", 700)
_YELLOW = _slice("Yellow", "Sagittal", "Y", "#EDD54C")
_GREEN = _slice("Green", "Coronal", "G", "#6EB04B")
# A second sagittal view: DESS in the plane of T2-TSE, so that the two can be linked.
BESIDE = "DESS"
_BESIDE = _slice(BESIDE, "Sagittal", "D", "#4BB0AE")
_SIDE_BY_SIDE = '<layout type="horizontal" split="true">{}</layout>'

# Slicer leaves numbers from 500 to extensions.
_ONE_OVERVIEW = (571, _SIDE_BY_SIDE.format(_GREEN + _YELLOW))
_SLICES = (572, _SIDE_BY_SIDE.format(_RED + _THREE_D.format(size=300)))
_TWO_OVERVIEWS = (573, _SIDE_BY_SIDE.format(_GREEN + _BESIDE + _YELLOW))


class Arrangement:
    """Arranges the views, and gives the user their own layout back; without a main window there is none."""

    def __init__(self, scene: Any):
        self._node = scene.GetFirstNodeByClass("vtkMRMLLayoutNode")
        self._before: int | None = None
        self._ours: int | None = None

    def arrange(self, mode: str, overviews: int) -> None:
        """Arrange the views for a mode.

        Parameters
        ----------
        overviews : how many of DESS and T2-TSE there are.
        """
        if self._node is None:
            return
        number, description = _SLICES
        if mode == GANGLIA_MODE:
            number, description = _TWO_OVERVIEWS if overviews > 1 else _ONE_OVERVIEW
        if not self._node.IsLayoutDescription(number):
            self._node.AddLayoutDescription(number, description)
        if self._node.GetViewArrangement() != self._ours:
            self._before = self._node.GetViewArrangement()
        self._node.SetViewArrangement(number)
        self._ours = number

    def give_back(self) -> None:
        """As the user had it, unless they chose another meanwhile."""
        if self._before is not None and self._node.GetViewArrangement() == self._ours:
            self._node.SetViewArrangement(self._before)
        self._before = self._ours = None
