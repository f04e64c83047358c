"""Arrangements of views for comparing and for looking at surfaces; used only when the user wants them."""

from __future__ import annotations

from typing import Any

from SpineRootScene.view_layout import (
    layout_node,
    nested,
    plot_view,
    set_layout,
    side_by_side,
    slice_view,
    stacked,
    three_d_view,
)

COMPARE, SURFACES = "compare", "surfaces"

_BESIDE = side_by_side(slice_view("Red", 600), three_d_view(400))
# numbers of their own; the Annotator has 571 to 574
LAYOUTS = {
    COMPARE: (581, stacked(nested(_BESIDE, 650), plot_view(350))),
    SURFACES: (582, _BESIDE),
}


def arrange(scene: Any, name: str) -> None:
    """Arrange the views; nothing happens where there is no layout, as without a main window."""
    node = layout_node(scene)
    if node is not None:
        set_layout(node, *LAYOUTS[name])
