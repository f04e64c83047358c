"""Nodes taken out of the views for a while, such as those of a module that is not used, and brought back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Aside:
    """Hides displayable nodes and brings back what it hid.

    Parameters
    ----------
    in_3d_only : slice views show the nodes all the same.
    """

    def __init__(self, scene: Any, in_3d_only: bool = False):
        self._scene = scene
        self._of = "Visibility3D" if in_3d_only else "Visibility"
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
                getattr(display, f"Set{self._of}")(True)

    def _hide(self, node: Any) -> None:
        for number in range(node.GetNumberOfDisplayNodes()):
            display = node.GetNthDisplayNode(number)
            if display is not None and getattr(display, f"Get{self._of}")():
                getattr(display, f"Set{self._of}")(False)
                self._hidden.append(display)
