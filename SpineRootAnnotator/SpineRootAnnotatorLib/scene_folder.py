"""The nodes of a session: found again by the role they play, all in one folder of the subject hierarchy."""

from __future__ import annotations

from typing import Any

import slicer

ROLE = "SpineRoot.Role"


class SceneFolder:
    """Makes and finds the nodes of a session.

    A node is ours by its role, an attribute, whatever the user names it.

    Parameters
    ----------
    scene : the MRML scene.
    title : name of the folder in the Data module.
    """

    def __init__(self, scene: Any, title: str):
        self.scene = scene
        self.title = title
        self._nodes: dict[str, Any] = {}

    def node(self, role: str, class_name: str, name: str) -> Any:
        """The node of a role; made when there is none. It is not saved with the scene: the files hold what it shows."""
        node = self.find(role)
        if node is None:
            node = self.scene.AddNewNodeByClass(class_name, name)
            node.SetAttribute(ROLE, role)
            node.SaveWithSceneOff()
            node.UndoEnabledOff()
            if node.IsA("vtkMRMLDisplayableNode"):
                node.CreateDefaultDisplayNodes()
        self.adopt(node)
        self._nodes[role] = node
        return node

    def find(self, role: str) -> Any | None:
        """The node of a role, or None."""
        known = self._nodes.get(role)
        if known is not None and self.scene.IsNodePresent(known):
            return known
        nodes = self.scene.GetNodesByClass("vtkMRMLNode")
        for index in range(nodes.GetNumberOfItems()):
            node = nodes.GetItemAsObject(index)
            if node.GetAttribute(ROLE) == role:
                return node
        return None

    def adopt(self, node: Any) -> None:
        """Put a node into the folder."""
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self.scene)
        item = hierarchy.GetItemByDataNode(node) or hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)
        hierarchy.SetItemParent(item, self._folder(hierarchy))

    def remove(self) -> None:
        """Take our nodes and the folder out of the scene; what the user put into the folder stays."""
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self.scene)
        for node in list(self._nodes.values()):
            if self.scene.IsNodePresent(node):
                self.scene.RemoveNode(node)
        self._nodes.clear()
        folder = hierarchy.GetItemChildWithName(hierarchy.GetSceneItemID(), self.title)
        if folder and not hierarchy.GetNumberOfItemChildren(folder):
            hierarchy.RemoveItem(folder)

    def _folder(self, hierarchy: Any) -> int:
        top = hierarchy.GetSceneItemID()
        return hierarchy.GetItemChildWithName(top, self.title) or hierarchy.CreateFolderItem(top, self.title)
