"""Nodes that are hidden for a while, such as those of a module that is not used, and shown again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class HiddenNodes:
    """Hides displayable nodes and brings back what it hid.

    Parameters
    ----------
    in_3d_only : slice views show the nodes all the same.
    """

    def __init__(self, scene: Any, in_3d_only: bool = False):
        self._scene, self._in_3d_only = scene, in_3d_only
        self._hidden: list[Any] = []

    def hide(self, chosen: Callable[[Any], bool]) -> None:
        """Hide what is visible of the nodes that are chosen."""
        nodes = self._scene.GetNodesByClass("vtkMRMLDisplayableNode")
        for index in range(nodes.GetNumberOfItems()):
            node = nodes.GetItemAsObject(index)
            if chosen(node):
                self._hide(node)

    def bring_back(self) -> None:
        """Show again what was hidden, as far as it is still on the scene."""
        hidden, self._hidden = self._hidden, []
        for display in hidden:
            if self._scene.IsNodePresent(display):
                self._set_visible(display, True)

    def _hide(self, node: Any) -> None:
        for number in range(node.GetNumberOfDisplayNodes()):
            display = node.GetNthDisplayNode(number)
            if display is not None and self._is_visible(display):
                self._set_visible(display, False)
                self._hidden.append(display)

    def _is_visible(self, display: Any) -> bool:
        return bool(display.GetVisibility3D() if self._in_3d_only else display.GetVisibility())

    def _set_visible(self, display: Any, visible: bool) -> None:
        if self._in_3d_only:
            display.SetVisibility3D(visible)
        else:
            display.SetVisibility(visible)
