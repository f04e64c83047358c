"""Arrangements of views for comparing and for looking at surfaces; used only when the user wants them."""

from __future__ import annotations

from typing import Any

COMPARE, SURFACES = "compare", "surfaces"

_RED = (
    '<item splitSize="600"><view class="vtkMRMLSliceNode" singletontag="Red">'
    '<property name="orientation" action="default">Axial</property>'
    '<property name="viewlabel" action="default">R</property>'
    '<property name="viewcolor" action="default">#F34A33</property></view></item>'
)
_THREE_D = (
    '<item splitSize="400"><view class="vtkMRMLViewNode" singletontag="1">'
    '<property name="viewlabel" action="default">1</property></view></item>'
)
_PLOT = (
    '<item splitSize="350"><view class="vtkMRMLPlotViewNode" singletontag="PlotView1">'
    '<property name="viewlabel" action="default">1</property></view></item>'
)
_BESIDE = f'<layout type="horizontal" split="true">{_RED}{_THREE_D}</layout>'

# Slicer leaves numbers from 500 to extensions; the Annotator has 571 and 572.
LAYOUTS = {
    COMPARE: (
        581,
        f'<layout type="vertical" split="true"><item splitSize="650">{_BESIDE}</item>{_PLOT}</layout>',
    ),
    SURFACES: (582, _BESIDE),
}


def arrange(scene: Any, name: str) -> None:
    """Arrange the views; nothing happens where there is no layout, as without a main window."""
    node = scene.GetFirstNodeByClass("vtkMRMLLayoutNode")
    if node is None:
        return
    number, description = LAYOUTS[name]
    if not node.IsLayoutDescription(number):
        node.AddLayoutDescription(number, description)
    node.SetViewArrangement(number)
