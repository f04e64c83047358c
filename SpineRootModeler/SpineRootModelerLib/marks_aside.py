"""Marks of the module that is not used are taken out of the views, so that they cannot be taken for the other's."""

from __future__ import annotations

from typing import Any

from SpineRootAnnotatorLib.scene_folder import ROLE
from SpineRootModelerLib.folder import OURS


class MarksAside:
    """Hides either the Modeler's nodes or those of the Annotator, and brings back what it hid."""

    def __init__(self, scene: Any):
        self._scene = scene
        self._hidden: list[Any] = []

    def hide(self, ours: bool) -> None:
        """Hide what is visible of the Modeler's nodes, or of the Annotator's."""
        nodes = self._scene.GetNodesByClass("vtkMRMLDisplayableNode")
        for index in range(nodes.GetNumberOfItems()):
            node = nodes.GetItemAsObject(index)
            role = node.GetAttribute(ROLE)
            if role is not None and role.startswith(OURS) is ours:
                self._hide(node)

    def bring_back(self) -> None:
        """Show again what was hidden, as far as it is still on the scene."""
        hidden, self._hidden = self._hidden, []
        for display in hidden:
            if self._scene.IsNodePresent(display):
                display.SetVisibility(True)

    def _hide(self, node: Any) -> None:
        for number in range(node.GetNumberOfDisplayNodes()):
            display = node.GetNthDisplayNode(number)
            if display is not None and display.GetVisibility():
                display.SetVisibility(False)
                self._hidden.append(display)
