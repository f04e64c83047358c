"""Layouts of Slicer's views: the views that both modules arrange, and putting them into the layout node."""

from __future__ import annotations

from typing import Any

# name of a slice view: its orientation, letter and colour; all but the last two are Slicer's own
_SLICE_VIEWS = {
    "Red": ("Axial", "R", "#F34A33"),
    "Yellow": ("Sagittal", "Y", "#EDD54C"),
    "Green": ("Coronal", "G", "#6EB04B"),
    "DESS": ("Sagittal", "D", "#4BB0AE"),
    "Strip": ("Axial", "Z", "#8F7AB8"),
}
_SLICE = (
    '<item splitSize="{size}"><view class="vtkMRMLSliceNode" singletontag="{name}">'
    '<property name="orientation" action="default">{orientation}</property>'
    '<property name="viewlabel" action="default">{letter}</property>'
    '<property name="viewcolor" action="default">{color}</property></view></item>'
)
_OTHER = (
    '<item splitSize="{size}"><view class="{kind}" singletontag="{name}">'
    '<property name="viewlabel" action="default">1</property></view></item>'
)


def slice_view(name: str, size: int) -> str:
    """The layout item of a slice view, such as ``Red``; sizes are in proportion to those beside it."""
    orientation, letter, color = _SLICE_VIEWS[name]
    return _SLICE.format(name=name, size=size, orientation=orientation, letter=letter, color=color)


def three_d_view(size: int) -> str:
    """The layout item of the 3D view."""
    return _OTHER.format(kind="vtkMRMLViewNode", name="1", size=size)


def plot_view(size: int) -> str:
    """The layout item of the plot view."""
    return _OTHER.format(kind="vtkMRMLPlotViewNode", name="PlotView1", size=size)


def side_by_side(*items: str) -> str:
    """A layout with its items in a row."""
    return f'<layout type="horizontal" split="true">{"".join(items)}</layout>'


def stacked(*items: str) -> str:
    """A layout with its items one below the other."""
    return f'<layout type="vertical" split="true">{"".join(items)}</layout>'


def nested(layout: str, size: int) -> str:
    """A layout as the item of another."""
    return f'<item splitSize="{size}">{layout}</item>'


def layout_node(scene: Any) -> Any | None:
    """The scene's layout node; None where there is none, as without a main window."""
    return scene.GetFirstNodeByClass("vtkMRMLLayoutNode")


def set_layout(node: Any, number: int, description: str) -> None:
    """Arrange the views; Slicer leaves the numbers from 500 to extensions."""
    if not node.IsLayoutDescription(number):
        node.AddLayoutDescription(number, description)
    node.SetViewArrangement(number)
